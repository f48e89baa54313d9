"""A server made of Python's standard library, for the tests of load: nothing of contend is in it. It
prints {"listening": PORT} and serves until it is ended. Over HTTP it answers /echo with the request's
body, /status/N with that status, /slow after a second, and all else with "ok"; each request is a line of
JSON in the file LOG. As echo, it sends back what comes. Try it:
    python3 harness/load/server/foreign_server.py http /dev/stderr
"""

import http.server
import json
import socketserver
import sys
import threading
import time


class Http(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body in one segment
    writing = threading.Lock()
    log = None

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = {"connection": self.client_address[1], "method": self.command, "path": self.path,
                "fields": dict(self.headers), "body": body.decode()}
        with self.writing:
            print(json.dumps(line), file=self.log, flush=True)
        if self.path == "/slow":
            time.sleep(1)
        status = int(self.path.rpartition("/")[2]) if self.path.startswith("/status/") else 200
        answer = body if self.path == "/echo" else b"ok"
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

    def log_message(self, *_):
        pass


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while got := self.request.recv(65536):
            self.request.sendall(got)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, *_):
        """Who is loaded meets clients that go away."""


def main():
    protocol, log, port = sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0
    with open(log, "a", encoding="utf-8") as Http.log, \
            Server(("127.0.0.1", port), {"http": Http, "echo": Echo}[protocol]) as server:
        print(json.dumps({"listening": server.server_address[1]}), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
