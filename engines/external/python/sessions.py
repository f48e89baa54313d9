"""The server's side of one connection, by workload: bytes in, and out of them the steps to take. No
I/O here, so that every engine holds the same conversation in its own idiom (workloads/session.hpp is
the same in C++).

A session has `receive(data)`, which gives steps (wait_s, answer), in order and one at a time: wait so
long, then send that; the engine receives no more before all are done. Once `is_closing` is true, the
connection is to be closed, with a half-close first.
"""

from http_session import HttpSession

# How long, and for how many bytes, a connection that is being closed goes on discarding what comes:
# what is unread at the close makes the system send a reset, and that destroys the last answer.
LINGER_S = 0.5
LINGER_BYTES = 1 << 20

RECEIVE_BYTES = 64 << 10


class EchoSession:
    is_closing = False

    def receive(self, data):
        return ((0, data),)


SERVED = {"echo": EchoSession, "http": HttpSession, "mixed": HttpSession}
