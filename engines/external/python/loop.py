"""One thread, a coroutine a connection, a client, a job: asyncio with its streams, as its tutorial
has them. Beside conversation.py this is the same with `await`; where the others wait in a system
call, here the loop goes on with someone else. Computing stops them all. With --uvloop before the
role, the loop is libuv's. Try it:
    python3 engines/external/python/loop.py serve python-asyncio echo --listen 127.0.0.1:7777
"""

import asyncio
import time

import event_loop
import protocol
from sessions import LINGER_BYTES, LINGER_S, RECEIVE_BYTES

LOOP, NAME = event_loop.make()


def serve(listener, open_session, serving):
    event_loop.count_pauses(LOOP, serving)
    event_loop.play(LOOP, serve_all(listener, open_session, serving))


async def serve_all(listener, open_session, serving):
    room = asyncio.Semaphore(serving.max_connections)

    async def connected(reader, writer):
        serving.accepted += 1
        async with room:
            await converse(reader, writer, open_session())

    server = await asyncio.start_server(connected, sock=listener, backlog=protocol.BACKLOG)
    await server.serve_forever()


async def converse(reader, writer, session):
    """A server's side, until either side closes."""
    try:
        while data := await reader.read(RECEIVE_BYTES):
            for wait_s, answer in session.receive(data):
                if wait_s:
                    await sleep(wait_s)
                writer.write(answer)
                await writer.drain()
            if session.is_closing:
                await linger(reader, writer)
                break
    except OSError:
        pass  # the peer broke it
    finally:
        writer.close()


async def linger(reader, writer):
    """Half-closes and discards what comes, until the peer closes or has had its time."""
    writer.write_eof()
    left = LINGER_BYTES
    async with asyncio.timeout(LINGER_S):  # its TimeoutError is an OSError
        while left > 0:
            left -= len(await reader.read(RECEIVE_BYTES)) or left


def drive(address, clients):
    event_loop.play(LOOP, drive_all(address, clients))


async def drive_all(address, clients):
    await asyncio.gather(*(fetch(address, client) for client in clients))


async def fetch(address, client):
    """A client's side, to its end."""
    writer = None
    try:
        async with asyncio.timeout(client.seconds_left()):
            reader, writer = await asyncio.open_connection(*address)
        async with asyncio.timeout(client.seconds_left()):
            writer.write(client.begin())
            while not client.receive(await reader.read(RECEIVE_BYTES)):
                pass
    except OSError as error:
        client.fail(error)
    finally:
        if writer is not None:
            writer.close()


def run(jobs):
    event_loop.play(LOOP, run_all(jobs))


async def run_all(jobs):
    await asyncio.gather(*(perform(job) for job in jobs))


async def perform(job):
    job.start()
    if job.wait_s:
        await sleep(job.wait_s)
    job.perform()


async def sleep(seconds):
    """At least so long. The timers of libuv count whole ms of a clock that is cut to ms, so that they
    end up to 1 ms early."""
    due = time.monotonic() + seconds
    await asyncio.sleep(seconds)
    while time.monotonic() < due:
        await asyncio.sleep(0.001)


def lesson(name, parameters):
    import lessons  # what it imports would be a fifth of the time that any host takes to start
    return lessons.teach(LOOP, name, parameters)


if __name__ == "__main__":
    protocol.play(f"{NAME}, streams", serve=serve, drive=drive, run=run, lesson=lesson)
