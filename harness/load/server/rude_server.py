"""A server that misbehaves, for the tests of load: the first answer is right, and then each is wrong, late,
cut off or odd in another way, in turns. It prints {"listening": PORT} and serves until it is ended. Over
HTTP, or as echo. Try it:
    python3 harness/load/server/rude_server.py http 8080
"""

import itertools
import json
import socket
import struct
import sys
import threading
import time

import foreign_server

RIGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FREEZE_S = 0.05
CLOSE, STAY = False, True  # after an answer


def right(peer, answer):
    peer.sendall(answer)
    return STAY


def frozen(peer, answer):
    time.sleep(FREEZE_S)
    return right(peer, answer)


def in_bytes(peer, answer):
    for byte in answer:
        peer.sendall(bytes([byte]))
    return STAY


def cut_off(peer, answer):
    """Not always at the same byte."""
    peer.sendall(answer[:cut_off.at % len(answer)])
    cut_off.at += 7
    return CLOSE


cut_off.at = 1


def half(peer, answer):
    peer.sendall(answer[:len(answer) // 2])
    return never(peer, answer)


def never(peer, _):
    while peer.recv(65536):  # until the other side gives up
        pass
    return CLOSE


def reset(peer, _):
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return CLOSE


def instead(text, then=STAY):
    """Sends this whatever was asked."""
    def answer(peer, _):
        peer.sendall(text)
        return then
    return answer


def twice(peer, answer):
    return right(peer, answer + answer)


HTTP = [right, frozen, in_bytes, cut_off, half, never, reset, twice,
        instead(RIGHT.replace(b": 2", b": 9"), CLOSE),  # too short
        instead(RIGHT.replace(b": 2", b": 1")),  # too long
        instead(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSum: 7\r\n\r\n"),
        instead(b"HTTP/1.1 100 Continue\r\n\r\n" + RIGHT),
        instead(b"\x00rubbish\r\n\r\n" * 9)]
ECHO = [right, frozen, in_bytes, cut_off, half, never, reset, instead(b"not what was sent" * 9, CLOSE)]


class Rude:
    """Answers in turns, whoever asks."""

    def __init__(self, protocol):
        self._answers = itertools.cycle(HTTP if protocol == "http" else ECHO)
        self._is_whole = ((lambda got: b"\r\n\r\n" in got) if protocol == "http" else bool)
        self._answer = (lambda got: RIGHT) if protocol == "http" else (lambda got: got)
        self._taking = threading.Lock()

    def talk(self, peer):
        """To one connection, until either side ends it."""
        got = b""
        while more := peer.recv(65536):
            got += more
            if not self._is_whole(got):
                continue
            with self._taking:
                answer = next(self._answers)
            if not answer(peer, self._answer(got)):
                return
            got = b""


def main():
    rude = Rude(sys.argv[1])
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with foreign_server.Server(("127.0.0.1", port), lambda peer, *_: rude.talk(peer)) as server:
        print(json.dumps({"listening": server.server_address[1]}), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
