"""Starts servers for the scripts that measure one by hand, and ends them. Not the harness: no
rounds, no results, only a process on a core and its port.
"""

import ctypes
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys

from contend import ROOT

BUILD, EXTERNAL = ROOT / "build" / "release", ROOT / "engines" / "external"
RAW = ["epoll", "io_uring", "asio"]  # the engines beside which there is a hand-written program
LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1
STOP_SECONDS = 3
SERVER_CPU, LOAD_CPU = 0, 1


def program(name):
    """The path of a program of the release build; raises FileNotFoundError that says how to make it."""
    path = BUILD / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there; make build makes it")
    return str(path)


def engine_command(engine, workload):
    return [program("contend-engine"), "serve", engine, workload]


def raw_command(engine, workload):
    """The hand-written program that does the same as an engine."""
    return [program(f"raw_{engine}")] + (["--http"] if workload == "http" else [])


def known_command(*behaviour):
    """The server of known behaviour, as known_server --help lists them."""
    return [program("known_server"), *behaviour]


def nginx_command():
    return ["/usr/bin/python3", str(EXTERNAL / "nginx" / "host.py"), "serve", "nginx", "http"]


def echo_command(name):
    """Of an engine, or of a hand-written program by its name."""
    return [program(name)] if name.startswith("raw_") else engine_command(name, "echo")


def known():
    """The names of all that can be told to serve, available here or not."""
    engines, unavailable = available_engines()
    return [*engines, *unavailable, *(f"raw_{name}" for name in RAW)]


def listed():
    """What contend-engine can play (docs/host-protocol.md)."""
    return json.loads(subprocess.run([program("contend-engine"), "list"], check=True,
                                     capture_output=True, text=True).stdout)


def available_engines():
    """The names of the engines that can serve here, and {name: reason} of those that can't."""
    serving = [engine for engine in listed()["engines"] if "serve" in engine["roles"] and engine["charted"]]
    return ([engine["name"] for engine in serving if engine["unavailable"] is None],
            {engine["name"]: engine["unavailable"] for engine in serving if engine["unavailable"]})


def those_available(names, unavailable):
    """Yields the names of engines and hand-written programs that can serve here, and says on standard
    error why the others can't; `unavailable` is as available_engines() returns it."""
    for name in names:
        reason = unavailable.get(name.removeprefix("raw_"))
        if reason is None:
            yield name
        else:
            print(f"{name}: {reason}", file=sys.stderr)


def pinned(cpu):
    """For Popen's preexec_fn: on this core alone, with all the descriptors that are allowed."""
    parent = os.getpid()

    def prepare():
        # Whatever kills the script kills this too (prctl(2)); it may have been killed already.
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        os.sched_setaffinity(0, {cpu})
        raise_descriptor_limit()
    return prepare


def raise_descriptor_limit():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


class Server:
    """A server process for the length of a with block: `port`, and `pid` of the server itself."""

    def __init__(self, command, cpu=SERVER_CPU, under=()):
        self.process = subprocess.Popen([*under, *command], stdout=subprocess.PIPE, text=True,
                                        preexec_fn=pinned(cpu))
        try:
            self.port = self._read_port(command)
            self.pid = self._children()[0] if under else self.process.pid
        except BaseException:  # nobody else will end it: there is no with block yet
            if self.process.poll() is None:
                for pid in [self.process.pid, *self._children()]:
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
            self.process.stdout.close()
            raise

    def _read_port(self, command):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise RuntimeError(f"{' '.join(command)} did not start (exit {self.process.returncode})")
        try:
            return json.loads(line)["listening"]
        except (ValueError, TypeError, KeyError):
            raise RuntimeError(f"{' '.join(command)} names no port: {line.strip()}") from None

    def _children(self):
        pid = self.process.pid
        return [int(one) for one in
                pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
        self.process.stdout.close()


def drive(port, workload, clients, engine=None, **parameters):
    """Plays client sessions against a server from the load's core, and returns the report."""
    if engine is None:
        engine = "io_uring" if "io_uring" in available_engines()[0] else "epoll"
    command = [program("contend-engine"), "drive", engine, workload,
               "--connect", f"127.0.0.1:{port}", "--clients", str(clients)]
    for name, value in parameters.items():
        command += ["--set", f"{name}={value}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True,
                          preexec_fn=pinned(LOAD_CPU))
    report = json.loads(done.stdout)["report"]
    if report["errors"]:
        raise RuntimeError(f"wrong replies from {workload} on port {port}: {report['errors']}")
    return report
