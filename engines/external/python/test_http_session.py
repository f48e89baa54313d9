"""Tests of the HTTP session: the same answers whatever the cuts, the same as contend's own server
gives, and no end to what it survives."""

import json
import random
import re
import socket
import subprocess
import unittest

import testing
from http_session import BODY_LIMIT, HEAD_LIMIT, LINE_LIMIT, PATTERN, HttpSession

ENTRIES = testing.read_http_corpus()
GOOD = [request for request, _, closes in ENTRIES if not closes]
LAST = [request for request, statuses, closes in ENTRIES if closes and statuses[-1] == b"200"]
REFUSED = [request for request, statuses, _ in ENTRIES if statuses[-1] != b"200"]


def get(path):
    return b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % path


def post(fields, body=b""):
    return b"POST / HTTP/1.1\r\nHost: a\r\n%s\r\n%s" % (fields, body)


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


def play(request, cuts=()):
    """All that a session answers to bytes that come cut there, its waits, and whether it closes."""
    session, answers, waits = HttpSession(), b"", []
    for begin, end in zip([0, *cuts], [*cuts, len(request)]):
        for wait_s, answer in session.receive(request[begin:end]):
            answers += answer
            if wait_s:
                waits.append(wait_s)
    return answers, waits, session.is_closing


def cut_at_random(request, generator):
    return sorted(generator.sample(range(1, len(request)), min(len(request) - 1,
                                                               generator.randrange(1, 6))))


class Answers(unittest.TestCase):
    def test_are_as_they_should_be(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nContent-Type: text/plain\r\n\r\n"
        hello = head % 13 + b"Hello, world!"
        self.assertEqual(play(get(b"/")), (hello, [], False))
        self.assertEqual(play(get(b"/delay/50")), (hello, [0.05], False))
        self.assertEqual(play(get(b"/fib/20")), (head % 4 + b"4181", [], False))
        self.assertEqual(play(get(b"/bytes/5")), (head % 5 + b"!\"#$%", [], False))
        self.assertEqual(play(post(b"Content-Length: 5\r\n", b"hello")), (head % 1 + b"5", [], False))
        self.assertEqual(play(b"nonsense\r\n\r\n"),
                         (b"HTTP/1.1 400 Bad Request\r\nContent-Length: 15\r\nContent-Type: text/plain\r\n"
                          b"Connection: close\r\n\r\n400 Bad Request", [], True))

    def test_are_the_same_whatever_the_cuts(self):
        generator = random.Random(1)
        self.assertGreater(len(ENTRIES), 250)
        for request, statuses, closes in ENTRIES:
            whole = play(request)
            self.assertEqual(whole[2], closes, request)
            self.assertEqual(re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", whole[0]), statuses, request)
            if len(request) < 500:
                for cut in range(1, len(request)):
                    self.assertEqual(play(request, [cut]), whole, (request, cut))
                self.assertEqual(play(request, range(1, len(request))), whole, request)
            for _ in range(20):
                cuts = cut_at_random(request, generator)
                self.assertEqual(play(request, cuts), whole, (request, cuts))

    def test_come_in_order_for_a_pipeline(self):
        generator = random.Random(2)
        for _ in range(200):
            requests = [*generator.choices(GOOD, k=4), generator.choice(GOOD + LAST + REFUSED)]
            whole = b"".join(requests)
            expected = [play(request) for request in requests]
            answers = (b"".join(one[0] for one in expected), [wait for one in expected for wait in one[1]],
                       expected[-1][2])
            self.assertEqual(play(whole), answers)
            self.assertEqual(play(whole, cut_at_random(whole, generator)), answers)

    def test_to_many_small_requests_are_one_send(self):
        steps = list(HttpSession().receive(get(b"/") * 16))
        self.assertEqual(len(steps), 1)

    def test_that_are_long_come_in_parts(self):
        size = 0
        for _, answer in HttpSession().receive(get(b"/bytes/100000000")):
            self.assertLess(len(answer), 3 * len(PATTERN))
            size += len(answer)
        self.assertGreater(size, 100_000_000)

    def test_there_are_none_after_the_end(self):
        for request in LAST + REFUSED:
            session = HttpSession()
            list(session.receive(request))
            self.assertEqual(list(session.receive(get(b"/"))), [])
            if request in LAST:
                self.assertEqual(play(request + get(b"/")), play(request))


class Garbage(unittest.TestCase):
    def test_neither_hangs_it_nor_gets_an_exception(self):
        generator = random.Random(3)
        pieces = [b"GET", b"POST", b" ", b"/", b"HTTP/1.1", b"\r\n", b"\r\n\r\n", b"Host: a", b"\0",
                  b"Content-Length: ", b"Transfer-Encoding: chunked", b"5", b"\xff", b"\n", b"\r", b":",
                  b"0\r\n\r\n", get(b"/"), b"Expect: 100-continue", b"/fib/5", b"A" * 50]
        for _ in range(3000):
            garbage = b"".join(generator.choices(pieces, k=generator.randrange(1, 30)))
            self.assertEqual(play(garbage, cut_at_random(garbage + b"xx", generator))[0],
                             play(garbage)[0], garbage)
        for _ in range(2000):  # good requests with a byte changed, lost or doubled
            request = bytearray(generator.choice(GOOD))
            at = generator.randrange(len(request))
            request[at:at + 1] = generator.choice((bytes([generator.randrange(256)]), b"",
                                                   bytes(request[at:at + 1]) * 2))
            request = bytes(request)
            self.assertEqual(play(request, cut_at_random(request, generator)), play(request), request)
        for _ in range(300):
            play(generator.randbytes(generator.randrange(1, 2000)))

    def test_without_end_gets_its_refusal(self):
        for request in (b"A" * (LINE_LIMIT + 1), get(b"/")[:-2] + b"X: y\r\n" * HEAD_LIMIT,
                        chunked(b"1000\r\n" + b"x" * 0x1000 + b"\r\n") + b"1000\r\n",
                        chunked(b"%x\r\n%s\r\n" % (BODY_LIMIT, b"x" * BODY_LIMIT) + b"1\r\n")):
            session = HttpSession()
            answers = b"".join(answer for _, answer in session.receive(request))
            self.assertEqual(session.is_closing, b" 4" in answers)
        self.assertIn(b"413 Content Too Large", answers)


@unittest.skipUnless(testing.CONTEND_ENGINE, "CONTEND_ENGINE does not name contend's engine")
class BesideContend(unittest.TestCase):
    """The same bytes to contend's own server, and the same bytes back."""

    def test_answers_are_the_same(self):
        command = [testing.CONTEND_ENGINE, "serve", "epoll", "http"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              preexec_fn=testing.prepare_child) as server:
            try:
                port = json.loads(server.stdout.readline())["listening"]
                for request in GOOD + LAST + REFUSED:
                    self.assertEqual(play(request)[0], self.ask(port, request), request[:200])
            finally:
                server.terminate()

    @staticmethod
    def ask(port, request):
        with socket.create_connection(("127.0.0.1", port), testing.PATIENCE_S) as client:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))


if __name__ == "__main__":
    unittest.main()
