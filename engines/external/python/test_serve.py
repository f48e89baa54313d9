"""Every outside engine that serves,
against contend's own engine on the other side, which the environment variable CONTEND_ENGINE names,
and against plain sockets. Try it:
    cd engines/external/python && CONTEND_ENGINE=$PWD/../../../build/release/contend-engine \
        /usr/bin/python3 -m unittest test_serve
"""

import concurrent.futures
import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

import testing
from http_session import HttpSession
from testing import CLIENTS, EngineTest, Host, contend, eventually, is_sequential, plays, settings

GET = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
TEXT = b"Hello, world!"
MANY = 1024
AT_ONCE = {"python-blocking": 1, "python-processes": 256}  # fewer than that


def receive(client, size):
    received = b""
    while len(received) < size and (more := client.recv(size - len(received))):
        received += more
    return received


def read_response(client):
    """Status and body; a status of 0 where there is none."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            return 0, b""
        head += byte
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
    if b"content-length" not in fields:
        return int(head[9:12]), b"".join(iter(lambda: client.recv(65536), b""))
    return int(head[9:12]), receive(client, int(fields[b"content-length"]))


def greeting_of(engine):
    """What to say to a server of it, what it answers, and the workload."""
    if "echo" in testing.MANIFESTS[engine]["plays"]["serve"]:
        return "echo", b"hello", b"hello"
    return "http", GET, TEXT


def greet(client, said, answer):
    """Whether the answer comes; an HTTP one ends with its body."""
    client.sendall(said)
    received = b""
    while not received.endswith(answer) and (more := client.recv(4096)):
        received += more
    return received.endswith(answer)


class Serve(EngineTest):
    VARIANTS = {
        "echo": [dict(requests=50), dict(requests=5, size_bytes=65536),
                 dict(requests=64, pipeline=16), dict(requests=4, requests_per_connection=1)],
        "http": [dict(requests=50), dict(requests=64, pipeline=16),
                 dict(requests=4, requests_per_connection=1)],
        "mixed": [dict(requests=20, heavy_percent=50, fib_n=12)],
    }

    def check(self, engine, workload, server, variants):
        with Host(engine, "serve", workload, *settings(**server)) as host:
            connections = 0
            for variant in variants:
                report = contend("drive", "epoll", workload, "--connect", f"127.0.0.1:{host.port}",
                                 "--clients", CLIENTS, *settings(**(server | variant)))
                self.assertEqual(report["errors"], {}, variant)
                self.assertEqual(report["expected"], CLIENTS * variant["requests"])
                self.assertEqual(sum(span["ok"] for span in report["spans"]), report["expected"])
                connections += CLIENTS * (variant["requests"] if "requests_per_connection" in variant
                                          else 1)
            report = self.assert_clean(host.stop())
            self.assertEqual(report["accepted"], connections)
            self.assertEqual(report["accept_pauses"], 0)
            self.assertTrue(report["detail"])
            self.assertFalse(testing.is_open(host.port))

    @plays("serve")
    def serves_all_that_it_says(self, engine):
        for workload in testing.MANIFESTS[engine]["plays"]["serve"]:
            self.check(engine, workload, {}, self.VARIANTS[workload])

    @plays("serve", "http")
    def serves_bodies_of_any_length(self, engine):
        for size in (16384, 3_000_000):
            self.check(engine, "http", {"bytes": size}, [dict(requests=2)])

    def answers_the_corpus_whole_and_byte_by_byte(self, engine):
        with Host(engine, "serve", "http") as host:
            for request, _, closes in testing.read_http_corpus():
                session = HttpSession()
                right = b"".join(answer for _, answer in session.receive(request))
                for piece in (len(request), 1) if len(request) < 1000 else (len(request),):
                    with host.connect() as client:
                        for begin in range(0, len(request), piece):
                            client.sendall(request[begin:begin + piece])
                        self.assertEqual(receive(client, len(right)), right, (request, piece))
                        if closes:
                            self.assertEqual(client.recv(1), b"", (request, piece))
                        else:
                            self.assertTrue(greet(client, GET, TEXT), (request, piece))

    # Others read HTTP by themselves, and answer in their own way.
    answers_the_corpus_whole_and_byte_by_byte.engines = [
        engine for engine in testing.MANIFESTS if engine.startswith("python-")]

    @plays("serve")
    def ends_with_many_connections_open(self, engine):
        workload, said, answer = greeting_of(engine)
        with Host(engine, "serve", workload) as host, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(host.connect()) for _ in range(MANY)]
            at_once = AT_ONCE.get(engine, MANY)
            for client in clients[:at_once]:
                self.assertTrue(greet(client, said, answer))
            end = host.stop()
            report = self.assert_clean(end)
            self.assertLess(end[2], 1)
            self.assertEqual(report["accepted"], at_once)
            self.assertFalse(testing.is_open(host.port))

    @plays("serve")
    def ends_by_an_interrupt_too(self, engine):
        workload, said, answer = greeting_of(engine)
        with tempfile.TemporaryDirectory() as folder, \
                Host(engine, "serve", workload, environment={"TMPDIR": folder}) as host, \
                host.connect() as client:
            self.assertTrue(greet(client, said, answer))
            self.assert_clean(host.stop(signal.SIGINT))
            self.assertEqual(os.listdir(folder), [])

    @plays("serve")
    def leaves_no_process_when_it_is_killed(self, engine):
        workload, said, answer = greeting_of(engine)
        # Nobody is left to remove a temporary folder, either.
        with tempfile.TemporaryDirectory() as folder, \
                Host(engine, "serve", workload, environment={"TMPDIR": folder}) as host, \
                host.connect() as client:
            self.assertTrue(greet(client, said, answer))
            tree = testing.process_tree(host.process.pid)
            host.stop(signal.SIGKILL)
            self.assertTrue(eventually(lambda: not any(map(testing.lives, tree))))
            self.assertFalse(testing.is_open(host.port))

    @plays("serve")
    def does_not_share_its_port(self, engine):
        workload = greeting_of(engine)[0]
        with Host(engine, "serve", workload) as host, \
                Host(engine, "serve", workload, "--listen", f"127.0.0.1:{host.port}") as second:
            self.assertEqual(second.wait()[0], 1)
            self.assert_clean(host.stop())

    @plays("serve", "echo")
    def lets_connections_beyond_the_limit_wait(self, engine):
        for workload, said, answer in (("echo", b"hello", b"hello"), ("http", GET, TEXT)):
            with Host(engine, "serve", workload, "--max-connections", "2") as host, \
                    host.connect() as first, host.connect() as second, host.connect() as third:
                self.assertTrue(greet(first, said, answer))
                if not is_sequential(engine):
                    self.assertTrue(greet(second, said, answer))
                third.sendall(said)
                third.settimeout(0.1)
                self.assertRaises(TimeoutError, third.recv, 1)
                third.settimeout(testing.PATIENCE_S)
                first.close()
                second.close()
                received = receive(third, len(answer)) if workload == "echo" else \
                    read_response(third)[1]
                self.assertEqual(received, answer)
                self.assert_clean(host.stop())


class ServeEcho(EngineTest):
    @plays("serve", "echo")
    def returns_every_byte(self, engine):
        message = bytes(os.urandom(1 << 20))
        with Host(engine, "serve", "echo") as host, host.connect() as client:
            for i in range(100):
                client.sendall(message[i:i + 1])
            self.assertEqual(receive(client, 100), message[:100])
            with concurrent.futures.ThreadPoolExecutor() as sender:
                sending = sender.submit(client.sendall, message)
                self.assertTrue(receive(client, len(message)) == message)
                sending.result()

    @plays("serve", "echo")
    def returns_all_after_a_half_close(self, engine):
        with Host(engine, "serve", "echo") as host:
            for size in (0, 1, 100_000):
                with host.connect() as client:
                    client.sendall(b"x" * size)
                    client.shutdown(socket.SHUT_WR)
                    self.assertEqual(len(receive(client, size)), size)
                    self.assertEqual(client.recv(1), b"")

    @plays("serve", "echo")
    def goes_on_after_resets(self, engine):
        with Host(engine, "serve", "echo") as host:
            for _ in range(20):
                with host.connect() as client:
                    client.settimeout(0.05)
                    with contextlib.suppress(OSError):
                        client.sendall(b"x" * (256 << 10))
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))  # the close is a reset
            with host.connect() as client:
                self.assertTrue(greet(client, b"still there?", b"still there?"))
            self.assert_clean(host.stop())
            self.assertEqual(host.complaints, "")

    @plays("serve", "echo")
    def holds_little_for_a_peer_that_does_not_read(self, engine):
        with Host(engine, "serve", "echo") as host, host.connect() as client:
            self.assertTrue(greet(client, b"hello", b"hello"))
            before = self.rss_bytes(host)
            client.settimeout(0.3)  # nothing moves for so long: it is stuck
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < 64 << 20:
                    sent += client.send(b"x" * 65536)
            self.assertLess(self.rss_bytes(host) - before, 8 << 20)
            end = host.stop()
            self.assert_clean(end)
            self.assertLess(end[2], 1)

    @staticmethod
    def rss_bytes(host):
        return sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
                   for pid in testing.process_tree(host.process.pid))


class ServeHttp(EngineTest):
    @plays("serve", "http")
    def takes_requests_cut_anywhere(self, engine):
        with Host(engine, "serve", "http") as host, host.connect() as client:
            for split in range(1, len(GET)):
                client.sendall(GET[:split])
                client.sendall(GET[split:])
                self.assertEqual(read_response(client), (200, TEXT))
            for i in range(len(GET)):
                client.sendall(GET[i:i + 1])
            self.assertEqual(read_response(client), (200, TEXT))

    @plays("serve", "http")
    def refuses_what_it_cannot_read_and_closes(self, engine):
        with Host(engine, "serve", "http") as host:
            for request, status in ((b"GET / HTTP/1.1\r\n\r\n", 400),
                                    (b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
                                    (b"\x16\x03\x01\x02\r\n\r\n", 400),
                                    (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                                     400)):
                if b"\r\nX\r\n" in request and engine == "nginx":
                    continue  # nginx ignores a line without a colon
                with host.connect() as client:
                    client.sendall(request)
                    self.assertEqual(read_response(client)[0], status, request)
                    self.assertEqual(client.recv(1), b"", request)
            self.assert_clean(host.stop())

    @plays("serve", "http")
    def knows_no_other_path(self, engine):
        with Host(engine, "serve", "http") as host, host.connect() as client:
            client.sendall(GET.replace(b"/ ", b"/nope ", 1))
            self.assertEqual(read_response(client)[0], 404)

    @plays("serve", "http")
    def closes_when_asked_to(self, engine):
        with Host(engine, "serve", "http") as host, host.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertEqual(read_response(client), (200, TEXT))
            self.assertEqual(client.recv(1), b"")

    # The rest is asked of those that play mixed, which is all of contend's HTTP service.

    @plays("serve", "mixed")
    def answers_in_order_and_late_where_asked_to(self, engine):
        paths = [b"/bytes/5", b"/fib/20", b"/delay/50", b"/bytes/200000", b"/delay/0", b"/fib/3"]
        with Host(engine, "serve", "mixed") as host, host.connect() as client:
            client.sendall(b"".join(GET.replace(b"/ ", path + b" ", 1) for path in paths) + GET)
            bodies = [read_response(client)[1] for _ in range(len(paths) + 1)]
            self.assertEqual(bodies[:3] + bodies[4:],
                             [b"!\"#$%", b"4181", TEXT, TEXT, b"1", TEXT])
            self.assertEqual(bodies[3], bytes(33 + i % 89 for i in range(200_000)))

    @plays("serve", "mixed")
    def answers_others_while_one_is_delayed_and_ends_meanwhile(self, engine):
        with Host(engine, "serve", "mixed") as host, host.connect() as delayed:
            delayed.sendall(GET + GET.replace(b"/ ", b"/delay/30000 ", 1))
            self.assertEqual(read_response(delayed), (200, TEXT))
            if not is_sequential(engine):
                with host.connect() as other:
                    other.sendall(GET)
                    self.assertEqual(read_response(other), (200, TEXT))
            end = host.stop()
            self.assert_clean(end)
            self.assertLess(end[2], 1)

    @plays("serve", "mixed")
    def ends_in_time_while_it_computes(self, engine):
        with Host(engine, "serve", "mixed") as host, contextlib.ExitStack() as stack:
            for _ in range(5):
                client = stack.enter_context(host.connect())
                client.sendall(GET.replace(b"/ ", b"/fib/32 ", 1))
            end = host.stop()
            self.assert_clean(end)
            self.assertLess(end[2], 1)

    @plays("serve", "mixed")
    def gets_a_refusal_through_to_a_client_that_goes_on_sending(self, engine):
        with Host(engine, "serve", "mixed") as host, host.connect() as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000000\r\n\r\n")
            for _ in range(8):
                client.sendall(b"x" * 65536)
            if engine == "node":  # which counts what comes, and does not linger
                client.sendall(b"x" * (8 * 65536 + 1))
            self.assertEqual(read_response(client)[0], 413)

    @plays("serve", "mixed")
    def takes_bodies_of_both_kinds(self, engine):
        with Host(engine, "serve", "mixed") as host, host.connect() as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                           b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           b"3\r\nabc\r\n9\r\n123456789\r\n0\r\n\r\n" + GET)
            self.assertEqual([read_response(client)[1] for _ in range(3)], [b"5", b"12", TEXT])


class WrongUse(EngineTest):
    @plays()
    def gets_a_line_and_exit_code_2(self, engine):
        workload = testing.MANIFESTS[engine]["plays"]["serve"][0]
        commands = [("juggle", workload), ("serve", "juggling"), ("serve", workload, "--listen", "x"),
                    ("serve", workload, "--set", "mystery=1"),
                    ("serve", workload, "--set", "requests=1x")]
        for command in commands:
            done = subprocess.run(testing.command_of(engine, *command), capture_output=True,
                                  text=True, timeout=testing.PATIENCE_S, env=testing.ENVIRONMENT)
            self.assertEqual(done.returncode, 2, command)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(done.stdout, "", command)

    @plays("run", "fib")
    def what_does_not_fit_together_is_one(self, engine):
        with Host(engine, "run", "fib", *settings(n=45, n_step=1, jobs=2)) as host:
            self.assertEqual(host.wait()[0], 2)


if __name__ == "__main__":
    unittest.main()
