"""What the course shows of tasks, in asyncio: the same programs as in engines/coro/lessons.cpp. Not a
host: loop.py plays them. Try it:
    python3 engines/external/python/loop.py lesson python-asyncio shield
"""

import asyncio
import http.server
import logging
import multiprocessing
import threading
import time
import urllib.request
from concurrent.futures import ProcessPoolExecutor


class Report:
    """Spans with a beginning and an end, and notes, as docs/host-protocol.md has them."""

    def __init__(self):
        self.began = time.monotonic_ns()
        self.spans = []
        self.notes = []

    def begin(self, name, computes=False):
        now = time.monotonic_ns() - self.began
        span = {"lane": len(self.spans), "name": name, "start_ns": now,
                "compute_ns": now if computes else None, "finish_ns": None, "ok": False}
        self.spans.append(span)
        return span

    def end(self, span, ok):
        span["finish_ns"] = time.monotonic_ns() - self.began
        span["ok"] = ok


def seconds(given, name):
    return given[name] / 1000


async def delay(report, name, how_long):
    span = report.begin(name)
    await asyncio.sleep(how_long)
    report.end(span, True)


async def work(report, how_long, to_be_cancelled):
    span = report.begin("work")
    try:
        await asyncio.sleep(how_long)
    except asyncio.CancelledError:
        report.end(span, to_be_cancelled)
        report.notes.append("work was cancelled")
        raise
    report.end(span, not to_be_cancelled)
    report.notes.append("work finished")
    return "done"


def count_to(limit):
    counted = 0
    while counted < limit:
        counted += 1
    return counted


async def count_elsewhere(report, pool, limit, name):
    span = report.begin(name, computes=True)
    counted = await asyncio.get_running_loop().run_in_executor(pool, count_to, limit)
    report.end(span, counted == limit)


async def executor(given, report):
    jobs = given["jobs"]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        await loop.run_in_executor(pool, count_to, 0)  # it starts its processes when first asked
        report.began = time.monotonic_ns()
        await asyncio.gather(
            *(count_elsewhere(report, pool, given["limit"], f"count {job}")
              for job in range(1, jobs + 1)),
            delay(report, "delay", seconds(given, "wait_ms")))


class Origin(http.server.BaseHTTPRequestHandler):
    """Answers GET /delay/MS after as long as that."""

    def do_GET(self):
        time.sleep(int(self.path.rpartition("/")[2]) / 1000)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


async def get_blocking(report, url, name):
    """A coroutine by its looks: nothing in it is awaited, so nobody else has a turn meanwhile."""
    span = report.begin(name, computes=True)
    with urllib.request.urlopen(url) as answer:
        report.end(span, answer.read() == b"ok")


async def blocking_client(given, report):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin) as server:
        serving = threading.Thread(target=server.serve_forever, args=[0.01])
        serving.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/delay/{given['delay_ms']}"
        report.began = time.monotonic_ns()
        await asyncio.gather(*(get_blocking(report, url, f"GET {client}")
                               for client in range(1, given["clients"] + 1)))
        server.shutdown()
        serving.join()


async def cancel(given, report):
    task = asyncio.create_task(work(report, seconds(given, "work_ms"), True))
    for tick in range(1, given["ticks"] + 1):
        await delay(report, f"tick {tick}", seconds(given, "tick_ms"))
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        report.notes.append("awaiting it threw CancelledError")


async def wait_a_while(report, awaitable, timeout):
    span = report.begin("wait")
    in_time = True
    try:
        await asyncio.wait_for(awaitable, timeout)
    except asyncio.TimeoutError:
        in_time = False
        report.notes.append("the wait ended with TimeoutError")
    report.end(span, not in_time)


async def timeout(given, report):
    await wait_a_while(report, work(report, seconds(given, "work_ms"), True),
                       seconds(given, "timeout_ms"))


async def shield(given, report):
    task = asyncio.create_task(work(report, seconds(given, "work_ms"), False))
    await wait_a_while(report, asyncio.shield(task), seconds(given, "timeout_ms"))
    report.notes.append("awaited once more, it gave: " + await task)


async def blocking_task(report, how_long):
    span = report.begin("blocking task", computes=True)
    time.sleep(how_long)
    report.end(span, True)


class Notes(logging.Handler):
    """What debug mode says, which asyncio writes to its log."""

    def __init__(self, report):
        super().__init__()
        self.report = report

    def emit(self, record):
        self.report.notes.append("debug mode: " + record.getMessage())


async def debug(given, report):
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    block = seconds(given, "block_ms")
    loop.slow_callback_duration = block / 2
    notes = Notes(report)
    logging.getLogger("asyncio").addHandler(notes)
    task = asyncio.create_task(blocking_task(report, block))
    await delay(report, "delay", block / 4)
    await task
    logging.getLogger("asyncio").removeHandler(notes)
    if not any("blocking_task" in note for note in report.notes):
        raise RuntimeError("debug mode did not name the task that blocked")


LESSONS = {lesson.__name__: lesson for lesson in
           (executor, blocking_client, cancel, timeout, shield, debug)}


def teach(loop, name, given):
    """Plays the lesson on that loop, and gives its report."""
    report = Report()
    loop.run_until_complete(LESSONS[name](given, report))
    return report
