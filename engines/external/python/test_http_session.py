"""Tests of the HTTP session: the same answers whatever the cuts, the same as contend's own server
gives, and no end to what it survives."""

import json
import random
import socket
import subprocess
import unittest

import testing
from http_session import BODY_LIMIT, HEAD_LIMIT, LINE_LIMIT, PATTERN, HttpSession

LINE = b"GET / HTTP/1.1\r\n"


def get(path, fields=b""):
    return b"GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (path, fields)


def post(fields, body=b""):
    return b"POST / HTTP/1.1\r\nHost: a\r\n%s\r\n%s" % (fields, body)


def chunked(body):
    return post(b"Transfer-Encoding: chunked\r\n", body)


GOOD = [
    get(b"/"), get(b"/", b"User-Agent: x\r\nX:\r\nY: \xe4\xf6 \"z\" \t\r\n"), get(b"/?a=/fib/3&b=?"),
    b"GET / HTTP/1.1\r\nhOST: a\r\ncONNECTION: Keep-Alive\r\n\r\n", get(b"/bytes/3?x"),
    b"GET http://a.b:80/bytes/2 HTTP/1.1\r\nHost: c\r\n\r\n", b"GET HTTP://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://a.b HTTP/1.1\r\nHost: a\r\n\r\n", b"GET http://a.b?c HTTP/1.1\r\nHost: a\r\n\r\n",
    LINE + b"Host:\r\n\r\n", LINE + b"Host: \t a:1 \t\r\n\r\n", LINE + b"Host: [::1]:80\r\n\r\n",
    b"GET / HTTP/1.7\r\nHost: a\r\n\r\n", b"\r\n" + get(b"/"),
    get(b"/", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"), get(b"/bytes/0"), get(b"/bytes/90"),
    get(b"/delay/0"), get(b"/delay/10"), get(b"/fib/1"), get(b"/fib/20"),
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /bytes/1000000000 HTTP/1.1\r\nHost: a\r\n\r\n", b"HEAD /fib/20 HTTP/1.1\r\nHost: a\r\n\r\n",
    post(b"Content-Length: 5\r\n", b"hello"), post(b"Content-Length: 0\r\n"), post(b""),
    post(b"Content-Length: %d\r\n" % len(get(b"/")), get(b"/")),
    get(b"/", b"Content-Length: 3\r\n") + b"abc",
    chunked(b"5\r\nhello\r\n1;a;b=\"c d\";e=f\r\n!\r\n000\r\n\r\n"),
    chunked(b"0A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n"), chunked(b"0\r\n\r\n"),
    post(b"TRANSFER-encoding: CHUNKED \r\n", b"0\r\n\r\n"),
    chunked(b"1\r\na\r\n0\r\nHost: b\r\nConnection: close\r\nExpect: x\r\n\r\n"),
    post(b"Expect: 100-continue\r\nContent-Length: 2\r\n", b"ab"),
    post(b"Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", b"1\r\na\r\n0\r\n\r\n"),
    post(b"Expect: 100-continue\r\nContent-Length: 0\r\n"),
    b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", get(b"/bytes/200000"),
]
LAST = [
    get(b"/", b"Connection: close\r\n"), get(b"/", b"Connection: x, CLOSE\r\n"),
    post(b"Connection: close\r\nContent-Length: 1\r\n", b"a"),
    get(b"/delay/1", b"Connection: close\r\n"), b"GET / HTTP/1.0\r\n\r\n",
    b"POST / HTTP/1.0\r\nExpect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\na",
]
REFUSED = [
    *map(get, (b"/nope", b"/%62ytes/1", b"//", b"/bytes/", b"/bytes/-1", b"/bytes/1x",
               b"/bytes/1073741825", b"/bytes/" + b"0" * 40 + b"1", b"/fib/0", b"/fib/46",
               b"/delay/60001", b"/#a", b"/?a#b", b"bytes", b"*", b"ftp://a/", b"http:///a",
               b"http://a@b/", b"/\xc3\xa4", b"")),
    *(b"%s HTTP/1.1\r\nHost: a\r\n\r\n" % line for line in (
        b"HEAD /nope", b"POST /fib/1", b"DELETE /", b"OPTIONS /", b"TRACE /", b"CONNECT a.b:443",
        b"FOO /", b"get /", b"GETS /", b"HEADS /", b"MKCOL /", b"SETUP /", b"OPTIONS *x", b"GET  /",
        b"GET / ", b"GET\t/", b"GE{T /", b"GET")),
    b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
    *(b"GET / %s\r\nHost: a\r\n\r\n" % version for version in (
        b"HTTP/2.0", b"HTTP/3.0", b"HTTP/0.9", b"HTTP/1.1 ", b"RTSP/1.0", b"http/1.1", b"HTTP/1.10",
        b"HTTP/x.y")),
    *map(post, (b"Transfer-Encoding: gzip\r\n", b"Transfer-Encoding: gzip, chunked\r\n",
                b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                b"Content-Length: 1048577\r\n", b"Expect: 100-continue\r\nContent-Length: 1048577\r\n",
                b"Expect: tea\r\nContent-Length: 1\r\n",
                b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                b"Content-Length: 3\r\nContent-Length: 4\r\n",
                b"Content-Length: 3\r\nContent-Length: 3\r\n", b"Content-Length: 3, 3\r\n",
                b"Content-Length: +3\r\n", b"Content-Length: -3\r\n", b"Content-Length: 0x3\r\n",
                b"Content-Length:\r\n", b"Content-Length: 18446744073709551617\r\n",
                b"Transfer-Encoding:\r\n", b"Transfer-Encoding: chunked, chunked\r\n",
                b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                b"Transfer-Encoding: chunked, gzip\r\n", b"Transfer-Encoding:\r\n chunked\r\n")),
    get(b"/", b"Expect: 100-continue\r\nExpect: x\r\n"),
    *map(chunked, (b"100001\r\n", b"FFFFFFFFFFFFFFFF\r\n", b"1\r\na\r\n100000\r\n", b"\r\n", b"x\r\n",
                   b"0x1\r\n", b"-1\r\n", b" 1\r\n", b"1 \r\n", b"10000000000000000\r\n",
                   b"1\na\r\n0\r\n\r\n", b"1\r\nab\r\n", b"1\r\na\n0\r\n\r\n", b"1;a\rb\r\n",
                   b"0\r\nX: a\r\n b\r\n\r\n", b"0\r\n X: a\r\n\r\n", b"0\r\n: a\r\n\r\n",
                   b"0\r\nX: a\r\n\n")),
    b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
    *(LINE + fields + b"\r\n" for fields in (
        b"", b"Host: a\r\nHost: a\r\n", b"Host: a/b\r\n", b"Host: a@b\r\n", b"Host: a b\r\n",
        b"Host: a, b\r\n", b"Host: a\r\nX: b\r\n c\r\n", b"Host: a\r\nX: b\r\n\tc\r\n",
        b"Host: a\r\nX:\r\n \r\n", b" Host: a\r\n", b"Host: a\r\nX: a\rb\r\n", b"Host: a\n",
        b"Host: a\r\nX: \0\r\n", b"Host: a\r\nX: \x7f\r\n", b"Host : a\r\n",
        b"Host: a\r\nA B: c\r\n", b"Host: a\r\n: b\r\n", b"Host: a\r\nX\r\n")),
    b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\nHost: a\r\n\r\n",
    LINE + b"Host: a\r\n\n", b"GET / HTTP/1.1\rHost: a\r\n\r\n", LINE + b"Host: a\r\n\rx",
    b"\r\n\r\n" + get(b"/"), b"\n" + get(b"/"), b"\r" + get(b"/"),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /" + b"x" * LINE_LIMIT, LINE + b"Host: a\r\nX: " + b"x" * HEAD_LIMIT,
    chunked(b"1;" + b"x" * 300), chunked(b"0\r\nX: " + b"x" * HEAD_LIMIT),
]


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
        for request in GOOD + LAST + REFUSED:
            whole = play(request)
            self.assertEqual(whole[2], request not in GOOD, request)
            self.assertEqual(whole[0].startswith(b"HTTP/1.1 4") or whole[0].startswith(b"HTTP/1.1 5"),
                             request in REFUSED, (request, whole))
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
        for request in (b"A" * (LINE_LIMIT + 1), LINE + b"Host: a\r\n" + b"X: y\r\n" * HEAD_LIMIT,
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
