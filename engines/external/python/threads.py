"""A thread a connection, a client, a job. The code of blocking.py, unchanged, on as many threads as
are needed; but the interpreter's lock lets only one of them compute at a time. Not a pool: a thread is
made for each and ends with it. Try it:
    python3 engines/external/python/threads.py serve python-threads echo --listen 127.0.0.1:7777
"""

import threading
import time

import conversation
import protocol

STACK_BYTES = 256 << 10
MOST_AT_ONCE = 4096  # clients or jobs; the others wait


class Crew:
    """Threads that each do one thing, at most so many at once. They are daemons: at the end nobody
    waits for one that is blocked in receiving."""

    def __init__(self, most):
        threading.stack_size(STACK_BYTES)
        self._room = threading.Semaphore(most)
        self._most = most

    def wait_for_room(self):
        """Until one more thread may be started, which is then to be done."""
        self._room.acquire()

    def start(self, work, *arguments):
        """Returns how often the system had no thread to give."""
        pauses = 0
        while True:
            try:
                with protocol.stopping.held():
                    threading.Thread(target=self._do, args=(work, arguments), daemon=True).start()
                return pauses
            except RuntimeError:
                pauses += 1
                time.sleep(conversation.ACCEPT_PAUSE_S)

    def wait_for_all(self):
        for _ in range(self._most):
            self._room.acquire()

    def _do(self, work, arguments):
        try:
            work(*arguments)
        finally:
            self._room.release()


def serve(listener, open_session, serving):
    crew = Crew(serving.max_connections)
    while True:
        crew.wait_for_room()
        connection = conversation.accept(listener, serving)
        serving.accept_pauses += crew.start(conversation.converse, connection, open_session())


def drive(address, clients):
    crew = Crew(MOST_AT_ONCE)
    for client in clients:
        crew.wait_for_room()
        crew.start(conversation.fetch, address, client)
    crew.wait_for_all()


def run(jobs):
    crew = Crew(MOST_AT_ONCE)
    for job in jobs:
        crew.wait_for_room()
        crew.start(conversation.perform, job)
    crew.wait_for_all()


if __name__ == "__main__":
    protocol.play("a thread a connection", serve=serve, drive=drive, run=run)
