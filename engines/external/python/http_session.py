"""The server's side of an HTTP/1.1 connection, as bytes in, bytes out: the answers of
workloads/http/server.cpp, to the byte. It is not called http.py, which would hide Python's own package.

    GET /           Hello, world! (POST: the number of bytes that the body had)
    GET /bytes/N    the first N bytes of '!' to 'y', over and over
    GET /delay/MS   Hello, world!, MS later
    GET /fib/N      that number, computed

What can't be read, or isn't allowed, gets its status and the end of the connection.
"""

import re
import typing

from jobs import fib

# Beyond these a request is refused with the status named here.
LINE_LIMIT = 8 << 10  # 414
HEAD_LIMIT = 16 << 10  # 431; request line and fields
TRAILERS_LIMIT = 16 << 10  # 431
CHUNK_LINE_LIMIT = 256  # 400
BODY_LIMIT = 1 << 20  # 413
# So much that is small goes out in one send.
SEND_BYTES = 64 << 10

TEXT = b"Hello, world!"
# Of a prime period, so that a block that is lost or moved shows; just under 64 KiB.
PATTERN = bytes(33 + i % 89 for i in range(89 * 736))

STATUS = {
    400: b"400 Bad Request", 404: b"404 Not Found", 405: b"405 Method Not Allowed",
    413: b"413 Content Too Large", 414: b"414 URI Too Long", 417: b"417 Expectation Failed",
    431: b"431 Request Header Fields Too Large", 501: b"501 Not Implemented",
    505: b"505 HTTP Version Not Supported",
}

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110, section 5.6.2
REQUEST_LINE = re.compile(rb"(%s) ([\x21-\x7e]+) HTTP/([0-9])\.([0-9])" % TOKEN)
FIELD = re.compile(rb"(%s):[ \t]*([\t\x20-\x7e\x80-\xff]*)" % TOKEN)
METHOD = re.compile(rb"(%s) " % TOKEN)
# What no line has that can still become a good one.
CONTROL = re.compile(rb"[^\t\r\n\x20-\x7e\x80-\xff]|\r[^\n]")
HOST = re.compile(rb"[0-9A-Za-z\-._~%!$&'()*+,;=:\[\]]*")
ABSOLUTE = re.compile(rb"(?i:http)://[^/?@]+(/[^?]*)?(\?.*)?")  # RFC 9112, section 3.2.2
LENGTH = re.compile(rb"0*([0-9]{1,20})")
CHUNK_LINE = re.compile(rb"0*([0-9A-Fa-f]{1,16})(;[\t\x20-\x7e\x80-\xff]*)?")
METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH"}
HEEDED = {b"host", b"connection", b"content-length", b"transfer-encoding", b"expect"}
NUMBERED = re.compile(rb"/(bytes|delay|fib)/([0-9]{1,10})")
NUMBERS = {b"bytes": (0, 1 << 30), b"delay": (0, 60_000), b"fib": (1, 45)}


class Refusal(Exception):
    def __init__(self, status, allowed=None):
        super().__init__(status)
        self.status = status
        self.allowed = allowed


class Head(typing.NamedTuple):
    method: bytes
    path: bytes  # without the query
    is_1_0: bool
    keeps_alive: bool
    length: int  # of the body
    is_chunked: bool
    expects_continue: bool


class HttpSession:
    def __init__(self):
        self.is_closing = False
        self._input = bytearray()
        self._is_head = False  # of the request in hand
        self._keeps_1_0 = False
        self._talk = self._converse()

    def receive(self, data):
        """Gives steps (wait_s, answer); small answers that need not wait are one step."""
        if self.is_closing:
            return
        self._input += data
        answer, size = [], 0
        for wait_s, piece in self._talk:
            if piece is None:
                break
            if wait_s and answer:
                yield 0, b"".join(answer)
                answer, size = [], 0
            answer.append(piece)
            size += len(piece)
            if wait_s or size >= SEND_BYTES:
                yield wait_s, b"".join(answer)
                answer, size = [], 0
        if answer:
            yield 0, b"".join(answer)

    def _converse(self):
        """A coroutine by hand: it yields steps, or MORE where it can't go on without more bytes."""
        try:
            while not self.is_closing:
                yield from self._exchange()
        except Refusal as refusal:
            self.is_closing = True
            yield 0, self._answer(STATUS[refusal.status], STATUS[refusal.status], refusal.allowed)

    def _exchange(self):
        """One request and its answer."""
        self._is_head = self._keeps_1_0 = False
        head = yield from self._read_head()
        route, number = find_route(head)
        if head.expects_continue and (head.is_chunked or head.length > 0):
            yield 0, b"HTTP/1.1 100 Continue\r\n\r\n"
        read = self._skip_chunks() if head.is_chunked else self._skip(head.length)
        body_bytes = yield from read
        self.is_closing = not head.keeps_alive
        self._keeps_1_0 = head.is_1_0 and head.keeps_alive
        if route == "text":
            yield 0, self._answer(b"200 OK", TEXT)
        elif route == "length":
            yield 0, self._answer(b"200 OK", b"%d" % body_bytes)
        elif route == "fib":
            yield 0, self._answer(b"200 OK", b"%d" % fib(number))
        elif route == "delay":
            yield number / 1000, self._answer(b"200 OK", TEXT)
        elif route == "options":
            yield 0, self._answer_head(b"200 OK", 0, b"GET, HEAD, POST, OPTIONS")
        elif route == "bytes":
            yield 0, self._answer_head(b"200 OK", number)
            if not self._is_head:
                for offset in range(0, number, len(PATTERN)):
                    yield 0, PATTERN[:number - offset]

    def _answer(self, status, body, allowed=None):
        head = self._answer_head(status, len(body), allowed)
        return head if self._is_head else head + body

    def _answer_head(self, status, length, allowed=None):
        fields = b"" if allowed is None else b"Allow: %s\r\n" % allowed
        if self.is_closing:
            fields += b"Connection: close\r\n"
        elif self._keeps_1_0:
            fields += b"Connection: keep-alive\r\n"
        return (b"HTTP/1.1 %s\r\nContent-Length: %d\r\nContent-Type: text/plain\r\n%s\r\n"
                % (status, length, fields))

    def _read_head(self):
        line = yield from self._read_line(LINE_LIMIT, 414)
        if not line:  # one empty line is ignored, left behind by a body (RFC 9112, section 2.2)
            line = yield from self._read_line(LINE_LIMIT, 414)
        size = len(line)
        request = parse_request_line(line)
        self._is_head = request[0] == b"HEAD"
        fields = {}
        while True:
            field = yield from self._read_line(HEAD_LIMIT - size, 431)
            if not field:
                return judge_head(*request, fields)
            size += len(field) + 2
            name, value = parse_field(field)
            if name in HEEDED:
                fields.setdefault(name, []).append(value)

    def _read_line(self, limit, status_beyond):
        """The next line, without its CRLF."""
        limit = max(limit, 0)
        while (end := self._input.find(b"\n", 0, limit)) < 0:
            if CONTROL.search(self._input, 0, limit):
                raise Refusal(400)
            if len(self._input) >= limit:
                raise Refusal(status_beyond)
            yield MORE
        line = bytes(self._input[:end + 1])
        del self._input[:end + 1]
        if not line.endswith(b"\r\n"):
            raise Refusal(400)
        return line[:-2]

    def _skip(self, count):
        left = count
        while left > 0:
            if not self._input:
                yield MORE
            taken = min(left, len(self._input))
            del self._input[:taken]
            left -= taken
        return count

    def _skip_chunks(self):
        """RFC 9112, section 7.1. Returns the body's length, without the framing."""
        total = 0
        while True:
            line = CHUNK_LINE.fullmatch((yield from self._read_line(CHUNK_LINE_LIMIT, 400)))
            if not line:
                raise Refusal(400)
            size = int(line[1], 16)
            if size == 0:
                break
            if size > BODY_LIMIT - total:
                raise Refusal(413)
            total += yield from self._skip(size)
            if (yield from self._read_line(2, 400)):
                raise Refusal(400)
        left = TRAILERS_LIMIT
        while trailer := (yield from self._read_line(left, 431)):
            parse_field(trailer)
            left -= len(trailer) + 2
        return total


MORE = (0, None)


def parse_request_line(line):
    """Method, target, and the two digits of the version."""
    request = REQUEST_LINE.fullmatch(line)
    if request:
        return request.groups()
    method = None if CONTROL.search(line) else METHOD.match(line)
    raise Refusal(501 if method and method[1] not in METHODS and method[1] != b"PRI" else 400)


def parse_field(line):
    """Name in small letters, and value. A line that begins with white space, the obsolete folding
    that requests are smuggled with (RFC 9112, section 5.2), is none."""
    field = FIELD.fullmatch(line)
    if not field:
        raise Refusal(400)
    return field[1].lower(), field[2].rstrip(b" \t")


def judge_head(method, target, major, minor, fields):
    if major != b"1":
        raise Refusal(505)
    if method not in METHODS:
        raise Refusal(501)
    is_1_0 = minor == b"0"
    hosts = fields.get(b"host", ())
    if len(hosts) > 1 or not all(map(HOST.fullmatch, hosts)) or not (hosts or is_1_0):
        raise Refusal(400)
    is_chunked = judge_codings(fields, is_1_0)
    path = parse_target(method, target)
    lengths = fields.get(b"content-length", (b"0",))
    length = LENGTH.fullmatch(lengths[0])
    if len(lengths) > 1 or not length or int(length[1]) >= 1 << 64:
        raise Refusal(400)
    if (length := int(length[1])) > BODY_LIMIT:
        raise Refusal(413)
    expected = [] if is_1_0 else [value.lower() for value in fields.get(b"expect", ())]
    if any(value != b"100-continue" for value in expected):
        raise Refusal(417)
    options = [option.strip(b" \t").lower()
               for value in fields.get(b"connection", ()) for option in value.split(b",")]
    keeps_alive = b"close" not in options and (not is_1_0 or b"keep-alive" in options)
    return Head(method, path, is_1_0, keeps_alive, length, is_chunked, bool(expected))


def judge_codings(fields, is_1_0):
    """Whether the body is chunked; RFC 9112, section 6."""
    if b"transfer-encoding" not in fields:
        return False
    codings = [coding.strip(b" \t").lower()
               for value in fields[b"transfer-encoding"] for coding in value.split(b",")]
    if (is_1_0 or b"content-length" in fields or b"" in fields[b"transfer-encoding"]
            or b"chunked" in codings[:-1]):
        raise Refusal(400)
    if codings != [b"chunked"]:
        raise Refusal(501)
    return True


def parse_target(method, target):
    """The path, without the query; RFC 9112, section 3.2."""
    if b"#" in target:
        raise Refusal(400)  # a fragment is never sent
    if target.startswith(b"/"):
        return target.partition(b"?")[0]
    if method == b"CONNECT" or (method == b"OPTIONS" and target == b"*"):
        return target
    absolute = ABSOLUTE.fullmatch(target)
    if not absolute:
        raise Refusal(400)
    return absolute[1] or b"/"


def find_route(head):
    """What to do, and the number of the path where it has one."""
    route, number, allowed = None, 0, b"GET, HEAD"
    if head.path == b"*":
        return "options", 0
    if head.path == b"/":
        route = "length" if head.method == b"POST" else "text"
        allowed = b"GET, HEAD, POST"
    elif numbered := NUMBERED.fullmatch(head.path):
        number = int(numbered[2])
        minimum, maximum = NUMBERS[numbered[1]]
        if minimum <= number <= maximum:
            route = numbered[1].decode()
    if route is None and head.method != b"CONNECT":  # whose target is no path
        raise Refusal(404)
    if head.method not in (b"GET", b"HEAD") and route != "length":
        raise Refusal(405, allowed)
    return route, number
