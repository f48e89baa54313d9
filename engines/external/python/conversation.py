"""One conversation over a blocking socket, either side of it: what blocking.py, threads.py and
processes.py share. Not a loop over many connections: whoever calls `converse` is busy until it is
over, and the three engines differ in nothing but who that is. loop.py has the same with `await`.
"""

import socket
import time

from sessions import LINGER_BYTES, LINGER_S, RECEIVE_BYTES

ACCEPT_PAUSE_S = 0.05


def converse(connection, session):
    """A server's side, until either side closes."""
    with connection:
        try:
            while data := connection.recv(RECEIVE_BYTES):
                for wait_s, answer in session.receive(data):
                    if wait_s:
                        time.sleep(wait_s)
                    connection.sendall(answer)
                if session.is_closing:
                    linger(connection)
                    break
        except OSError:
            pass  # the peer broke it


def linger(connection):
    """Half-closes and discards what comes, until the peer closes or has had its time."""
    connection.shutdown(socket.SHUT_WR)
    deadline, left = time.monotonic() + LINGER_S, LINGER_BYTES
    while left > 0 and (seconds := deadline - time.monotonic()) > 0:
        connection.settimeout(seconds)
        left -= len(connection.recv(RECEIVE_BYTES)) or left


def fetch(address, client):
    """A client's side, to its end."""
    try:
        with socket.create_connection(address, client.seconds_left()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(client.begin())
            done = False
            while not done:
                connection.settimeout(client.seconds_left())
                done = client.receive(connection.recv(RECEIVE_BYTES))
    except OSError as error:
        client.fail(error)


def perform(job):
    job.start()
    if job.wait_s:
        time.sleep(job.wait_s)
    job.perform()


def accept(listener, serving):
    """The next connection. It pauses while there is no descriptor for it."""
    while True:
        try:
            connection, _ = listener.accept()
            serving.accepted += 1
            return connection
        except OSError:
            serving.accept_pauses += 1
            time.sleep(ACCEPT_PAUSE_S)
