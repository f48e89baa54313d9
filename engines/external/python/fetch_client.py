"""The client of the fetch workload: one GET that the origin answers a while later, and whether the
answer is right. No I/O here: the engine connects, sends what `begin` gives and hands over what comes.
workloads/http/client.cpp is the same in C++, and more.
"""

import re
import time

SLOT_SIZE = 3  # start and finish in CLOCK_MONOTONIC's nanoseconds, and the outcome
OUTCOMES = ("nothing", "right", "refused", "reset", "timed_out", "closed_early", "wrong_status",
            "wrong_body", "malformed")
NOTHING, RIGHT = 0, 1

TEXT = b"Hello, world!"
HEAD_LIMIT_BYTES = 16 << 10
STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([1-5][0-9][0-9])( [^\r\n]*)?\r\n")
NO_BODY = (101, 204, 304)  # whatever the fields say (RFC 9112, section 6.3)
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)


class Client:
    """`slot` lies in memory shared with child processes, so any thread or process may play it."""

    def __init__(self, parameters, slot):
        self.slot = slot
        self._delay_ms = parameters["delay_ms"]
        self._timeout_s = (self._delay_ms + parameters["timeout_ms"]) / 1000
        self._received = bytearray()

    def begin(self):
        """The connection is there: the request, to be sent at once."""
        self.slot[0] = time.monotonic_ns()
        return b"GET /delay/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % self._delay_ms

    def seconds_left(self):
        """Until it gives up. Connecting may take as long as the answer."""
        if not self.start_ns:
            return self._timeout_s
        passed_s = (time.monotonic_ns() - self.start_ns) / 1e9
        return max(self._timeout_s - passed_s, 1e-6)  # a timeout of 0 means something else

    def receive(self, data):
        """Some bytes came; none: the server has closed. True when that was all."""
        if data:
            self._received += data
            outcome = self._judge()
        else:
            outcome = "closed_early"
        return outcome is not None and self._finish(outcome)

    def fail(self, error):
        """Takes an OSError; nothing comes after it."""
        if not self.start_ns:
            self._finish("refused")
        else:
            self._finish("timed_out" if isinstance(error, TimeoutError) else "reset")

    def _judge(self):
        """What is wrong or right with what came; None if more is needed. Only answers of a known
        length are read, since contend's origin gives no others."""
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            return None if len(self._received) <= HEAD_LIMIT_BYTES else "malformed"
        status = STATUS_LINE.match(self._received)
        if status and int(status[1]) in NO_BODY:
            return "wrong_status"
        length = CONTENT_LENGTH.search(self._received, 0, head_end + 2)
        if not status or not length:
            return "malformed"
        body = self._received[head_end + 4:]
        if len(body) < int(length[1]):
            return None
        if len(body) > int(length[1]):
            return "malformed"
        if int(status[1]) != 200:
            return "wrong_status"
        return "right" if body == TEXT else "wrong_body"

    def _finish(self, outcome):
        self.slot[1] = time.monotonic_ns()
        self.slot[2] = OUTCOMES.index(outcome)
        return True

    # A time of 0: it never came to that.
    start_ns = property(lambda self: self.slot[0])
    finish_ns = property(lambda self: self.slot[1])

    @property
    def error(self):
        return None if self.slot[2] in (NOTHING, RIGHT) else OUTCOMES[self.slot[2]]
