"""Runs a program for an attack: bounded in time, and what it leaves behind is found and ended. Not a judge
of what it did: see complaints() for what holds of every program."""

import contextlib
import dataclasses
import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
import uuid

MARK = "CONTEND_ATTACK"  # in the environment of what an attack starts, whoever started it in turn
SESSION = uuid.uuid4().hex  # how the marks of this script begin
START_SECONDS = 10
GRACE_SECONDS = 5  # for the processes of a killed program to be ended by its guard
CODES = (0, 1, 2, 3, 77, 130)  # CONTRIBUTING.md: what a program may end with
LONGEST_COMPLAINT = 400


@dataclasses.dataclass
class Ended:
    code: int  # as of subprocess: below 0, ended by that signal
    out: str
    err: str
    in_time: bool
    left: list  # the command lines of the processes that it left behind
    peak_bytes: int  # of it, or of the largest process that it waited for


class Program:
    """A program of ours that runs, with files for what it says. End it by `end()`, in any case."""

    def __init__(self, command, environment=None):
        self.mark = f"{SESSION}-{uuid.uuid4().hex}"
        self._files = [tempfile.TemporaryFile() for _ in range(2)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._files[0], stderr=self._files[1],
            start_new_session=True, env={**os.environ, **(environment or {}), MARK: self.mark})
        self.pid = self._process.pid
        self._fd = os.pidfd_open(self.pid)

    def wait(self, seconds):
        """Whether it has ended by then."""
        return bool(select.select([self._fd], [], [], max(seconds, 0))[0])

    def said(self, which=0):
        """The first MiB of standard output, or of standard error."""
        return os.pread(self._files[which].fileno(), 1 << 20, 0).decode(errors="replace")

    def listening(self, seconds):
        """The port that it says it listens on, or None where it ends or says nothing in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            line, end, _ = self.said().partition("\n")
            if end:
                return json.loads(line).get("listening")
            if self.wait(0.01):
                return None
        return None

    def signal(self, number):
        if not self.wait(0):
            os.kill(self.pid, number)

    def end(self, seconds):
        """Waits so long for its end, then ends it and all that it has started."""
        in_time = self.wait(seconds)
        self.signal(signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        self._process.returncode = code = os.waitstatus_to_exitcode(status)
        os.close(self._fd)
        ended = Ended(code, self.said(), self.said(1), in_time, left_behind(self.mark),
                      usage.ru_maxrss * 1024)
        for file in self._files:
            file.close()
        return ended


def marked(mark):
    """{pid: command line} of the processes that have the mark in their environment."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (folder / "environ").read_bytes():
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # it has ended, or is not ours
            continue
    return {pid: line for pid, line in found.items() if not line.startswith("strace ")}


def left_behind(mark, grace=None):
    """What is still there after the grace; ends it."""
    deadline = time.monotonic() + (GRACE_SECONDS if grace is None else grace)
    while (left := marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return list(left.values())


def run(command, seconds, environment=None):
    return Program(command, environment).end(seconds)


@contextlib.contextmanager
def serving(command):
    """The port of a server, for the length of a with block."""
    server = Program(command)
    try:
        yield server.listening(START_SECONDS)
    finally:
        server.signal(signal.SIGTERM)
        server.end(START_SECONDS)


def complaints(ended, name, killed=False):
    """What no program may do: hang, crash, fail without a word, leave a process behind."""
    found = []
    if not ended.in_time:
        found.append("it hung and was killed")
    elif not killed and ended.code not in CODES:
        found.append(f"it ended with {ended.code}: {ended.err[-LONGEST_COMPLAINT:]!r}")
    elif ended.code > 0 and f"{name}: " not in ended.err:
        found.append(f"it ended with {ended.code} and did not say why: {ended.err[-LONGEST_COMPLAINT:]!r}")
    if "terminate called" in ended.err or "Sanitizer" in ended.err:
        found.append(f"it crashed: {ended.err[-LONGEST_COMPLAINT:]!r}")
    found += [f"it left behind: {line[:LONGEST_COMPLAINT]}" for line in ended.left]
    return found
