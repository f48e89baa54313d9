"""Every outside engine that is a client,
against contend's own engine on the other side, which the environment variable CONTEND_ENGINE names,
and against plain sockets. Try it:
    cd engines/external/python && CONTEND_ENGINE=$PWD/../../../build/release/contend-engine \
        /usr/bin/python3 -m unittest test_drive
"""

import contextlib
import socket
import struct
import threading
import unittest

import testing
from testing import CLIENTS, EngineTest, Host, is_sequential, plays, settings

TEXT = b"Hello, world!"


class Drive(EngineTest):
    def drive(self, engine, port, **parameters):
        with Host(engine, "drive", "fetch", "--connect", f"127.0.0.1:{port}", "--clients", CLIENTS,
                  *settings(**parameters)) as host:
            report = self.assert_clean(host.wait())
        self.assertEqual(report["expected"], CLIENTS)
        self.assertEqual(sorted(span["lane"] for span in report["spans"]), list(range(CLIENTS)))
        self.assertEqual(sum(report["errors"].values()),
                         sum(not span["ok"] for span in report["spans"]))
        for name in ("wall_ns", "peak_rss_bytes"):
            self.assertGreater(report[name], 0)
        for name in ("user_ns", "system_ns", "voluntary_switches", "involuntary_switches"):
            self.assertGreaterEqual(report[name], 0)
        for span in report["spans"]:
            self.assertLessEqual(span["finish_ns"], report["wall_ns"])
        return report

    @plays("drive", "fetch")
    def fetches(self, engine):
        with Host(None, testing.CONTEND_ENGINE, "serve", "epoll", "fetch") as origin:
            report = self.drive(engine, origin.port, delay_ms=50)
            self.assertEqual(report["errors"], {})
            for span in report["spans"]:
                self.assertTrue(span["ok"])
                self.assertGreaterEqual(span["finish_ns"] - span["start_ns"], 50_000_000)
            at_once = report["wall_ns"] < CLIENTS * 50_000_000
            self.assertEqual(at_once, not is_sequential(engine), report["wall_ns"])

    @plays("drive", "fetch")
    def says_what_was_wrong(self, engine):
        head = b"HTTP/1.1 %s\r\nContent-Length: 13\r\n\r\n"
        good = head % b"200 OK" + TEXT
        cases = [("wrong_status", head % b"503 No" + TEXT), ("malformed", b"220 mail\r\n\r\n"),
                 ("malformed", head % b"20 OK" + TEXT), ("wrong_status", head % b"304 Not Modified"),
                 ("wrong_status", b"HTTP/1.1 204 No Content\r\n\r\n"),
                 ("wrong_status",
                  b"HTTP/1.1 101 Yes\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
                 ("wrong_body", head % b"200 OK" + TEXT.upper()), ("closed_early", good[:-3]),
                 ("closed_early", b""), ("timed_out", None)]
        for error, answer in cases:
            with Scripted(answer) as origin:
                patience = {"timeout_ms": 60} if error == "timed_out" else {}
                report = self.drive(engine, origin.port, delay_ms=1, **patience)
                self.assertEqual(report["errors"], {error: CLIENTS}, answer)

    @plays("drive", "fetch")
    def says_that_it_was_refused_or_reset(self, engine):
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))  # and nobody listens there
            report = self.drive(engine, nobody.getsockname()[1])
            self.assertEqual(report["errors"], {"refused": CLIENTS})
        with Scripted(b"HTTP/1.1 200", resets=True) as origin:
            self.assertEqual(self.drive(engine, origin.port)["errors"], {"reset": CLIENTS})

    @plays("drive", "fetch")
    def ends_when_told_to(self, engine):
        with Scripted(None) as origin, \
                Host(engine, "drive", "fetch", "--connect", f"127.0.0.1:{origin.port}",
                     "--clients", "3") as host:
            self.assertTrue(origin.asked.wait(testing.PATIENCE_S))
            end = host.stop()
            self.assertEqual(self.assert_clean(end)["spans"], [])
            self.assertLess(end[2], 1)


class Scripted:
    """A server that answers every request with the same, None for nothing, and closes."""

    def __init__(self, answer, resets=False):
        self._answer, self._resets = answer, resets
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self._listener.getsockname()[1]
        self.asked = threading.Event()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection):
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            self.asked.set()
            if self._answer is None:
                connection.recv(1)  # until the client gives up
            elif self._resets:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                connection.sendall(self._answer)


if __name__ == "__main__":
    unittest.main()
