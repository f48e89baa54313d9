"""An HTTP server that stops answering in the middle of a load, for the tests of load. It answers a number of
requests, and then
    kill     it is gone at once, as after a crash;
    stop     it stands still, as after SIGSTOP: its connections stay, and nobody is answered;
    refuse   it closes its connections and refuses new ones;
    return   it does the same for 300 ms, and then answers again.
It prints {"listening": PORT} and serves until it is ended. Try it:
    python3 harness/load/server/mortal_server.py kill 1000
"""

import json
import os
import selectors
import signal
import socket
import sys
import time

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
AWAY_S = 0.3


class Server:
    def __init__(self, way: str, requests: int):
        self.way, self.left = way, requests
        self.selector = selectors.DefaultSelector()
        self.peers: dict[socket.socket, bytes] = {}
        self.listen(0)
        self.port = self.listener.getsockname()[1]

    def listen(self, port: int):
        self.listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.selector.register(self.listener, selectors.EVENT_READ)

    def serve(self):
        print(json.dumps({"listening": self.port}), flush=True)
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    peer = self.listener.accept()[0]
                    self.peers[peer] = b""
                    self.selector.register(peer, selectors.EVENT_READ)
                elif key.fileobj in self.peers:
                    self.hear(key.fileobj)

    def hear(self, peer: socket.socket):
        try:
            got = peer.recv(4096)
            requests = (self.peers[peer] + got).split(b"\r\n\r\n")
            self.peers[peer] = requests.pop()
            for _ in requests:
                if self.left == 0:
                    return self.fail()
                self.left -= 1
                peer.sendall(ANSWER)
        except ConnectionError:
            got = b""
        if not got:
            self.forget(peer)

    def forget(self, peer: socket.socket):
        self.selector.unregister(peer)
        del self.peers[peer]
        peer.close()

    def fail(self):
        if self.way == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.way == "stop":
            signal.pause()
        self.left = -1
        self.selector.unregister(self.listener)
        self.listener.close()
        for peer in list(self.peers):
            self.forget(peer)
        if self.way == "refuse":
            signal.pause()
        time.sleep(AWAY_S)
        self.listen(self.port)


if __name__ == "__main__":
    Server(sys.argv[1], int(sys.argv[2])).serve()
