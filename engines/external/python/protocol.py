"""The host protocol (docs/host-protocol.md) for engines in Python: arguments, the line that says
where it listens, the end, and the report. Not an engine: those call `play` with the roles that they
can play. Standard library only. Try one:
    python3 engines/external/python/blocking.py serve python-blocking echo --listen 127.0.0.1:7777
"""

import argparse
import contextlib
import dataclasses
import json
import mmap
import os
import pathlib
import re
import resource
import signal
import socket
import sys
import time

import fetch_client
import jobs as job_lists
import sessions

BACKLOG = 4096
MAX_CONNECTIONS = 16384
MOST_LOGGED_CLIENTS = 1 << 20
DONE, FAILED, WRONG_USE, UNAVAILABLE = 0, 1, 2, 77
STOP_PATIENCE_S = 0.4
STOP_TICK_S = 0.1
WORKLOADS = json.loads((pathlib.Path(__file__).parent.parent / "common/workloads.json").read_text())


class WrongUse(Exception):
    """Ends the host with exit code 2."""


class Unavailable(Exception):
    """Ends the host with exit code 77: it can't run on this machine, and the message says why."""


class Stop(BaseException):
    """A signal asked for the end."""


@dataclasses.dataclass
class Serving:
    """What the report of a server says; the engine counts in it."""
    max_connections: int
    accepted: int = 0
    accept_pauses: int = 0


def play(engine, *, serve=None, drive=None, run=None, lesson=None):
    """Plays the role that the command line asks for, prints its report and ends the process.

    `engine` says in a word what this is, for the report's `detail`.
    `serve(listener, open_session, serving)` serves until it is stopped; `open_session()` makes the
    server's side of one connection (sessions.py), `serving` is a Serving.
    `drive(address, clients)` plays every client (fetch_client.py) to its end; `address` is
    (host, port).
    `run(jobs)` performs every job (jobs.py).
    `lesson(name, parameters)` plays a lesson and returns its report (lessons.py).
    """
    def report():
        arguments = parse(sys.argv[1:], serve=serve, drive=drive, run=run, lesson=lesson)
        makers = {"serve": report_serving, "drive": report_driving, "run": report_running,
                  "lesson": report_lesson}
        return makers[arguments.role](arguments, engine)
    end_with(report)


def end_with(make_report):
    """Prints what `make_report()` returns and ends the process, whatever happens."""
    stopping.install()
    try:
        raise_descriptor_limit()
        finish(make_report())
    except WrongUse as error:
        end(f"{pathlib.Path(sys.argv[0]).name}: {error}", WRONG_USE)
    except Unavailable as error:
        end(str(error), UNAVAILABLE)
    except OSError as error:
        end(f"{pathlib.Path(sys.argv[0]).name}: {error}", FAILED)


def finish(report):
    stopping.forget()
    say({"report": report})
    end("", DONE)


def say(line):
    print(json.dumps(line, separators=(",", ":")), flush=True)


def end(message, code):
    """Nothing is unwound: daemon threads may hold what that would wait for, and thousands of
    connections are closed faster by the kernel."""
    if message:
        print(message, file=sys.stderr)
    sys.stderr.flush()
    os._exit(code)


SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGALRM}


class Stopping:
    """What SIGTERM and SIGINT do, once. A Python handler runs in the main thread, between two of its
    instructions or when a blocking call of it was interrupted; but a signal that comes just before
    such a call, after the last look for one, interrupts nothing. So a timer interrupts the main
    thread at every tick, and what was missed then is seen."""

    def __init__(self):
        self._requested_at = None
        self._act = None
        self._make_report = None

    def install(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGALRM, self._on_tick)
        signal.setitimer(signal.ITIMER_REAL, STOP_TICK_S, STOP_TICK_S)

    def begin(self, make_report):
        """From now on a signal raises Stop, and at once if one came already. What is in hand then and
        takes too long, such as a large fib, is left as it is: `make_report()` is reported."""
        self._make_report = make_report
        self.call(raise_stop)

    def call(self, act):
        """Instead of raising Stop; None for nothing."""
        self._act = act
        if self._requested_at is not None and act is not None:
            act()

    @contextlib.contextmanager
    def held(self):
        """Nothing of this happens in the meantime; and threads or processes that are started get no
        such signals, until they let them in by `heed`. The kernel gives a signal to any thread that
        takes it, but only the main one acts, and would not learn of it in a blocking call."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            yield
        finally:
            self.heed()

    @staticmethod
    def heed():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)

    def forget(self):
        """The end is near in any case."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def _on_stop(self, *_):
        if self._requested_at is not None:
            return
        self._requested_at = time.monotonic()
        if self._act is not None:
            self._act()

    def _on_tick(self, *_):
        if self._requested_at is None or time.monotonic() < self._requested_at + STOP_PATIENCE_S:
            return
        if self._make_report is None:
            end("stopped before it had begun", FAILED)
        finish(self._make_report())


stopping = Stopping()


def raise_stop():
    raise Stop


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise WrongUse(message)


def integer(text):
    if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
        raise argparse.ArgumentTypeError(f"not an integer: {text!r}")
    return int(text)


def at_least_one(text):
    if (number := integer(text)) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


def endpoint(text):
    """HOST:PORT with a numeric host, or localhost. contend's own hosts take unix sockets, too."""
    host, colon, port = text.rpartition(":")
    if not colon or not re.fullmatch("[0-9]{1,5}", port, re.ASCII) or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"not HOST:PORT: {text!r}")
    host = "127.0.0.1" if host in ("", "localhost") else host.removeprefix("[").removesuffix("]")
    try:
        socket.inet_pton(family_of(host), host)
    except OSError:
        raise argparse.ArgumentTypeError(f"no numeric host: {host!r}") from None
    return host, int(port)


def family_of(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def parse(argv, **playable):
    parser = Parser(description="An engine that speaks docs/host-protocol.md.", allow_abbrev=False)
    roles = parser.add_subparsers(dest="role", required=True, metavar="ROLE")
    for role, function in playable.items():
        if function is None:
            continue
        command = roles.add_parser(role, allow_abbrev=False)
        command.set_defaults(play=function)
        command.add_argument("engine", metavar="NAME")
        command.add_argument("workload", metavar="WORKLOAD")
        command.add_argument("--set", action="append", default=[], metavar="NAME=INTEGER")
        if role == "serve":
            command.add_argument("--listen", type=endpoint, default=("127.0.0.1", 0))
            command.add_argument("--max-connections", type=at_least_one, default=MAX_CONNECTIONS)
        if role == "drive":
            command.add_argument("--connect", type=endpoint, required=True)
            command.add_argument("--clients", type=at_least_one, default=1)
    arguments = parser.parse_args(argv)
    arguments.parameters = parameters_of(arguments.workload, arguments.role, arguments.set)
    return arguments


def parameters_of(workload, role, settings):
    """A workload's parameters, complete and within their ranges."""
    known = [name for name, one in WORKLOADS.items() if one["role"] == role]
    if workload not in known:
        raise WrongUse(f"no workload {workload!r} to {role}; there are {', '.join(known)}")
    ranges = WORKLOADS[workload]["parameters"]
    values = {name: default for name, (default, _, _) in ranges.items()}
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not re.fullmatch("-?[0-9]{1,19}", text, re.ASCII):
            raise WrongUse(f"a parameter is NAME=INTEGER, not {setting!r}")
        if name not in ranges:
            raise WrongUse(f"no parameter {name!r} here; there are {', '.join(ranges)}")
        _, minimum, maximum = ranges[name]
        if not minimum <= int(text) <= maximum:
            raise WrongUse(f"parameter {name} is {text}, outside {minimum} to {maximum}")
        values[name] = int(text)
    return values


def raise_descriptor_limit():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def listen_on(address):
    listener = socket.create_server(address, family=family_of(address[0]), backlog=BACKLOG)
    # Accepted sockets inherit it on Linux, which saves a call a connection.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def report_serving(arguments, engine):
    serving = Serving(arguments.max_connections)
    listener = listen_on(arguments.listen)

    def report():
        return {"accepted": serving.accepted, "accept_pauses": serving.accept_pauses,
                "detail": f"CPython {sys.version.split()[0]}, {engine}"}

    say({"listening": listener.getsockname()[1]})
    play_until_stopped(report, arguments.play, listener, sessions.SERVED[arguments.workload], serving)
    return report()


def report_driving(arguments, _):
    if arguments.clients > MOST_LOGGED_CLIENTS:
        raise WrongUse(f"no more than {MOST_LOGGED_CLIENTS} clients")
    slots = shared_slots(arguments.clients, fetch_client.SLOT_SIZE)
    clients = [fetch_client.Client(arguments.parameters, slot) for slot in slots]
    cost = Cost()

    def report():
        costs = cost.report()
        done = [(lane, client) for lane, client in enumerate(clients) if client.finish_ns]
        spans = [{"lane": lane, "start_ns": cost.offset(client.start_ns),
                  "finish_ns": cost.offset(client.finish_ns), "ok": client.error is None}
                 for lane, client in done]
        errors = [client.error for _, client in done if client.error is not None]
        return costs | {"expected": len(clients), "spans": spans,
                        "errors": {kind: errors.count(kind) for kind in dict.fromkeys(errors)}}

    play_until_stopped(report, arguments.play, arguments.connect, clients)
    return report()


def report_running(arguments, _):
    try:
        jobs = job_lists.jobs_of(arguments.workload, arguments.parameters)
    except ValueError as error:
        raise WrongUse(error) from None
    for job, slot in zip(jobs, shared_slots(len(jobs), job_lists.SLOT_SIZE)):
        job.slot = slot
    cost = Cost()

    def report():
        costs = cost.report()
        spans = [{"lane": lane, "start_ns": cost.offset(job.start_ns),
                  "compute_ns": cost.offset(job.compute_ns), "finish_ns": cost.offset(job.finish_ns),
                  "ok": job.is_right(), "result": job.result}
                 for lane, job in enumerate(jobs)]
        return costs | {"expected": len(jobs), "spans": spans, "errors": {}}

    play_until_stopped(report, arguments.play, jobs)
    return report()


def play_until_stopped(make_report, role, *arguments):
    try:
        stopping.begin(make_report)
        role(*arguments)
        stopping.call(None)
    except Stop:
        pass


def report_lesson(arguments, _):
    cost = Cost()
    taught = arguments.play(arguments.workload, arguments.parameters)
    return cost.report() | {"expected": len(taught.spans), "errors": {}, "spans": taught.spans,
                            "notes": taught.notes}


def shared_slots(count, size):
    """`count` rows of `size` integers of 64 bits, all 0, in memory shared with child processes, so
    that a process reports like a thread."""
    everything = memoryview(mmap.mmap(-1, count * size * 8)).cast("q")
    return [everything[i * size:(i + 1) * size] for i in range(count)]


class Cost:
    """What a call cost: wall clock, and the CPU and switches of this process and its reaped
    children."""

    FIELDS = {"user_ns": ("ru_utime", 1e9), "system_ns": ("ru_stime", 1e9),
              "voluntary_switches": ("ru_nvcsw", 1), "involuntary_switches": ("ru_nivcsw", 1)}

    def __init__(self):
        self._before = self._used()
        self._began = time.monotonic_ns()

    def report(self):
        wall_ns = time.monotonic_ns() - self._began
        used = self._used()
        largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        return {"wall_ns": wall_ns,
                **{name: used[name] - self._before[name] for name in self.FIELDS},
                "peak_rss_bytes": self._peak_rss_bytes() + largest_child}

    def offset(self, time_ns):
        """Of a time since this began; None for one that never came, which is 0."""
        return time_ns - self._began if time_ns else None

    def _used(self):
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return {name: sum(round(getattr(usage, field) * unit) for usage in usages)
                for name, (field, unit) in self.FIELDS.items()}

    @staticmethod
    def _peak_rss_bytes():
        """Not ru_maxrss, which execve(2) passes on from whoever started this process."""
        status = pathlib.Path("/proc/self/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024
