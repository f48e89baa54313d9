"""A process a connection, a client, a job, forked by Python's multiprocessing. The code of
blocking.py, unchanged, in a child with an interpreter and a lock of its own, so that all cores
compute; the dearest of the models to start. Not a pool of workers. Try it:
    python3 engines/external/python/processes.py serve python-processes echo --listen 127.0.0.1:7777
"""

import ctypes
import multiprocessing
import multiprocessing.connection
import os
import signal
import time

import conversation
import protocol

# At once; the others wait. A child costs 2 MiB and some milliseconds, and all of them have to be gone
# within the second that a host has for its end.
MOST_CONNECTIONS = 256
MOST_AT_ONCE = 64  # clients or jobs

LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1


class Children:
    """Child processes that each do one thing, at most so many at once. None is left when a `with` of
    it ends."""

    def __init__(self, most):
        self._most = most
        # Only a fork hands over what is open and what is in memory as it stands.
        self._context = multiprocessing.get_context("fork")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in multiprocessing.active_children():
            child.kill()
        self.wait_for_all()

    def wait_for_room(self):
        """Until one more may be started; reaps those that have ended."""
        while len(running := multiprocessing.active_children()) >= self._most:
            multiprocessing.connection.wait([child.sentinel for child in running])

    def start(self, work, *arguments):
        """Returns how often the system had no process to give."""
        child = self._context.Process(target=do, args=(os.getpid(), work, arguments))
        pauses = 0
        while True:
            try:
                with protocol.stopping.held():  # or a child could be left that nobody knows
                    child.start()
                return pauses
            except OSError:
                pauses += 1
                time.sleep(conversation.ACCEPT_PAUSE_S)

    def wait_for_all(self):
        for child in multiprocessing.active_children():
            child.join()


def do(parent, work, arguments):
    """In the child."""
    # Whatever kills the parent kills the child; a parent that died before we asked is noticed by its
    # no longer being ours (prctl(2)).
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    # The parent decides when to stop, a Ctrl-C for both of them included.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    protocol.stopping.heed()
    work(*arguments)
    os._exit(0)  # what else was inherited is the parent's to tidy up


def serve(listener, open_session, serving):
    def converse(connection):
        listener.close()
        conversation.converse(connection, open_session())

    with Children(min(serving.max_connections, MOST_CONNECTIONS)) as children:
        while True:
            children.wait_for_room()
            with conversation.accept(listener, serving) as connection:
                serving.accept_pauses += children.start(converse, connection)


def drive(address, clients):
    with Children(MOST_AT_ONCE) as children:
        for client in clients:
            children.wait_for_room()
            children.start(conversation.fetch, address, client)
        children.wait_for_all()


def run(jobs):
    with Children(MOST_AT_ONCE) as children:
        for job in jobs:
            children.wait_for_room()
            children.start(conversation.perform, job)
        children.wait_for_all()


if __name__ == "__main__":
    protocol.play("a process a connection", serve=serve, drive=drive, run=run)
