"""One thread, and one connection, client or job at a time; the others wait. What the other engines
are to be seen beside. Try it:
    python3 engines/external/python/blocking.py serve python-blocking echo --listen 127.0.0.1:7777
"""

import conversation
import protocol


def serve(listener, open_session, serving):
    while True:
        conversation.converse(conversation.accept(listener, serving), open_session())


def drive(address, clients):
    for client in clients:
        conversation.fetch(address, client)


def run(jobs):
    for job in jobs:
        conversation.perform(job)


if __name__ == "__main__":
    protocol.play("one connection at a time", serve=serve, drive=drive, run=run)
