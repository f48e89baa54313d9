"""One thread, an asyncio.Protocol a connection: callbacks, without the coroutine, the buffer and the
task that streams (loop.py) put on top of them. What `await` remembers by itself is spelt out here:
the step in hand, and why it does not go on. With --uvloop before the role, the loop is libuv's. Try
it:
    python3 engines/external/python/loop_protocol.py --uvloop serve python-uvloop-protocol echo
"""

import asyncio
import collections

import event_loop
import protocol
from sessions import LINGER_BYTES, LINGER_S

LOOP, NAME = event_loop.make()
TIMER_ERROR_S = 0.001  # libuv's timers end up to so much early


class Room:
    """Connections beyond the limit wait, unanswered, until one of the others ends."""

    def __init__(self, serving):
        self._serving = serving
        self._left = serving.max_connections
        self._waiting = collections.deque()

    def enter(self, connection):
        self._serving.accepted += 1
        self._waiting.append(connection)
        self._admit()

    def leave(self, connection):
        if connection.is_admitted:
            self._left += 1
        else:
            self._waiting.remove(connection)
        self._admit()

    def _admit(self):
        while self._left > 0 and self._waiting:
            self._left -= 1
            self._waiting.popleft().admit()


class Connection(asyncio.Protocol):
    def __init__(self, session, room):
        self._session = session
        self._room = room
        self._early = b""  # what came before it was admitted
        self._steps = iter(())
        self._held = None  # an answer that waits for its time
        self._is_full = False  # the transport asked us to write no more for now
        self._is_stuck = False  # steps are left; until they are done nothing is read
        self._discarded = 0
        self._transport = None
        self.is_admitted = False

    def connection_made(self, transport):
        self._transport = transport
        self._room.enter(self)

    def admit(self):
        self.is_admitted = True
        if self._early:
            self._transport.resume_reading()
            self.data_received(self._early)

    def connection_lost(self, error):
        self._steps, self._held = iter(()), None
        self._room.leave(self)

    def data_received(self, data):
        if not self.is_admitted:
            self._early = data
            self._transport.pause_reading()
            return
        if self._session.is_closing:
            self._discard(len(data))
            return
        self._steps = iter(self._session.receive(data))
        self._go_on()

    def pause_writing(self):
        self._is_full = True

    def resume_writing(self):
        self._is_full = False
        if self._is_stuck and self._held is None:
            self._go_on()

    def _go_on(self):
        """Takes steps, as many as can be taken now."""
        for wait_s, answer in self._steps:
            if wait_s:
                self._held = answer
                LOOP.call_later(wait_s + TIMER_ERROR_S, self._release)
                return self._get_stuck()
            self._transport.write(answer)
            if self._is_full:
                return self._get_stuck()
        if self._is_stuck:
            self._is_stuck = False
            self._transport.resume_reading()
        if self._session.is_closing:
            self._linger()

    def _release(self):
        if self._held is not None:
            self._transport.write(self._held)
            self._held = None
            if not self._is_full:
                self._go_on()

    def _get_stuck(self):
        if not self._is_stuck:
            self._is_stuck = True
            self._transport.pause_reading()

    def _linger(self):
        """Half-closes and discards what comes, until the peer closes or has had its time."""
        self._transport.write_eof()
        LOOP.call_later(LINGER_S, self._transport.abort)

    def _discard(self, size):
        self._discarded += size
        if self._discarded >= LINGER_BYTES:
            self._transport.abort()


def serve(listener, open_session, serving):
    event_loop.count_pauses(LOOP, serving)
    event_loop.play(LOOP, serve_all(listener, open_session, serving))


async def serve_all(listener, open_session, serving):
    room = Room(serving)
    server = await LOOP.create_server(lambda: Connection(open_session(), room), sock=listener,
                                      backlog=protocol.BACKLOG)
    await server.serve_forever()


if __name__ == "__main__":
    protocol.play(f"{NAME}, protocols", serve=serve)
