"""A program on the load's core, with what it cost and what it said. Not for servers, which have
servers.py.
"""
import dataclasses
import os
import select
import subprocess
import tempfile

from contend.limits import servers

GRACE_S = 30  # beyond the time that a program says it takes


@dataclasses.dataclass(frozen=True)
class Ended:
    """`cpu_s` is user and system time of the process from its start, and of what it has reaped."""

    output: str
    stderr_text: str
    code: int
    cpu_s: float


class Running:
    """A program for the length of a with block; whoever leaves it early ends it. `seconds`: what it
    takes, about; it is killed when it takes much longer."""

    def __init__(self, command, seconds, cpu=servers.LOAD_CPU):
        self._command, self._deadline_s = command, seconds + GRACE_S
        self._output, self._complaint = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._output,
                                         stderr=self._complaint, preexec_fn=servers.pinned(cpu))
        self._descriptor = os.pidfd_open(self._process.pid)
        self._end = select.poll()
        self._end.register(self._descriptor, select.POLLIN)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process.returncode is None:
            self._process.kill()
            self._process.wait()
        os.close(self._descriptor)
        self._output.close()
        self._complaint.close()

    def ends_within(self, seconds):
        """Whether it ends in so many seconds; waits for that, and not longer."""
        return bool(self._end.poll(seconds * 1000))

    def signal(self, number):
        """Unlike Popen's, it never reaps: `end` has to know what the process cost."""
        os.kill(self._process.pid, number)

    def status_bytes(self, name):
        """A size of proc(5)'s status, as VmHWM."""
        with open(f"/proc/{self._process.pid}/status") as status:
            for line in status:
                if line.startswith(f"{name}:"):
                    return int(line.split()[1]) * 1024
        raise RuntimeError(f"{self._command[0]} ended before its {name} could be read")

    def end(self):
        """Waits. Raises RuntimeError where it does not end in time."""
        if not self.ends_within(self._deadline_s):
            raise RuntimeError(f"{' '.join(self._command)} does not end")
        _, status, usage = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        return Ended(_text_of(self._output), _text_of(self._complaint), self._process.returncode,
                     usage.ru_utime + usage.ru_stime)


def run(command, seconds):
    with Running(command, seconds) as running:
        return running.end()


def _text_of(file):
    file.seek(0)
    return file.read()
