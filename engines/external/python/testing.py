"""For tests: outside engines by their manifests, a host on a leash, and what /proc says of it."""

import ctypes
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

EXTERNAL = pathlib.Path(__file__).resolve().parent.parent
CONTEND_ENGINE = os.environ.get("CONTEND_ENGINE")
LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1
# How long to wait for what must happen before it is said not to. It costs time only in a test that
# fails.
PATIENCE_S = 20
STOP_S = 3
CLIENTS = 8
# Hosts in Python keep their bytecode here: to compile an engine anew takes as long as to start it. The
# source tree stays as it is.
BYTECODE = tempfile.TemporaryDirectory(prefix="contend-bytecode-")
ENVIRONMENT = os.environ | {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": BYTECODE.name}


def load_manifests():
    """{engine: manifest}, in the order of their names."""
    return {path.parent.name: json.loads(path.read_text())
            for path in sorted(EXTERNAL.glob("*/manifest.json"))}


MANIFESTS = load_manifests()


def command_of(engine, *arguments):
    """As the harness makes it of a manifest."""
    folder = EXTERNAL / engine
    command = [str(folder / word) if (folder / word).is_file() else word
               for word in MANIFESTS[engine]["command"]]
    return [*command, arguments[0], engine, *map(str, arguments[1:])]


def settings(**parameters):
    return [word for name, value in parameters.items() for word in ("--set", f"{name}={value}")]


def unavailable(engine):
    """Why an engine can't run here, or None."""
    manifest = MANIFESTS[engine]
    if shutil.which(manifest["command"][0]) is None:
        return f"no {manifest['command'][0]}; install the package {manifest['needs']}"
    role = next(iter(manifest["plays"]))
    with Host(engine, role, manifest["plays"][role][0]) as host:
        if host.line() is None and host.wait()[0] == 77:
            return host.complaints.strip()
    return None


def read_http_corpus():
    """Of each entry of workloads/http/corpus.json (see corpus_testing.hpp): what a client sends, the
    statuses of the answers, and whether the server closes."""
    def bytes_of(request):
        parts = [request] if isinstance(request, str) else request
        return "".join(part if isinstance(part, str) else part[0] * part[1]
                       for part in parts).encode("latin-1")

    corpus = json.loads((EXTERNAL.parent.parent / "workloads" / "http" / "corpus.json").read_text())
    return [(bytes_of(entry["request"]),
             [answer.removeprefix("HEAD ")[:3].encode() for answer in entry["answers"]],
             entry.get("closes", False)) for entry in corpus]


def eventually(condition, patience_s=PATIENCE_S):
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def lives(pid):
    """A process that is gone, or ended and not reaped yet, does not live."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def catches_sigterm(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def is_idle(pid, during_s=0.05):
    """Whether it has not run for so long, and waits for something."""
    def cpu_ns():
        return pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]
    before = cpu_ns()
    time.sleep(during_s)
    state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "S" and cpu_ns() == before


def process_tree(root):
    tree = [root]
    for pid in tree:
        for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                tree += map(int, children.read_text().split())
            except OSError:
                pass  # a thread that ended meanwhile
    return tree


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), 5).close()
    except OSError:
        return False
    return True


def prepare_child():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Host:
    """A host process for the length of a `with`."""

    def __init__(self, engine, *arguments, environment=None):
        command = arguments if engine is None else command_of(engine, *arguments)
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            preexec_fn=prepare_child, env=ENVIRONMENT | (environment or {}))
        self._port = None
        self.complaints = None  # on standard error, once it has ended

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def line(self):
        """The next one, parsed; None at the end of the output."""
        if not select.select([self.process.stdout], [], [], PATIENCE_S)[0]:
            raise TimeoutError("the host says nothing")
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    @property
    def port(self):
        if self._port is None:
            line = self.line()
            if line is None:
                raise RuntimeError(self.process.stderr.read())
            self._port = line["listening"]
        return self._port

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def stop(self, number=signal.SIGTERM):
        """Exit code, report or None, seconds that it took, and what is left of its processes."""
        tree = process_tree(self.process.pid)
        began = time.monotonic()
        self.process.send_signal(number)
        return self.wait(tree, began)

    def wait(self, tree=(), began=0):
        output, self.complaints = self.process.communicate(timeout=PATIENCE_S)
        code = self.process.returncode
        took = time.monotonic() - began
        left = [pid for pid in tree if lives(pid)]
        lines = [json.loads(line) for line in output.splitlines()]
        return code, lines[-1].get("report") if lines else None, took, left


def contend(*arguments):
    """A report of contend's own engine, on the other side."""
    done = subprocess.run([CONTEND_ENGINE, *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE_S, preexec_fn=prepare_child)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)["report"]


def is_sequential(engine):
    return engine == "python-blocking"


def plays(role=None, workload=None):
    """For a method of an EngineTest that takes an engine: a test for each that plays this."""
    def mark(method):
        method.engines = [
            engine for engine, manifest in MANIFESTS.items()
            if role is None or (role in manifest["plays"] and
                                workload in (None, *manifest["plays"][role]))]
        return method
    return mark


class EngineTest(unittest.TestCase):
    """Makes a test for each engine of a method marked with `plays`."""

    reasons = {}

    def __init_subclass__(cls):
        for name, method in list(vars(cls).items()):
            for engine in getattr(method, "engines", ()):
                def test(self, method=method, engine=engine):
                    self.skip_if_unavailable(engine)
                    method(self, engine)
                setattr(cls, f"test_{name}__{engine.replace('-', '_')}", test)

    def skip_if_unavailable(self, engine):
        if not CONTEND_ENGINE:
            self.skipTest("CONTEND_ENGINE does not name contend's engine, the other side")
        if engine not in self.reasons:
            self.reasons[engine] = unavailable(engine)
        if self.reasons[engine]:
            self.skipTest(self.reasons[engine])

    def assert_clean(self, end):
        """The end that a host must have, by SIGTERM or by itself; returns its report."""
        code, report, took, left = end
        self.assertEqual(code, 0)
        self.assertIsNotNone(report)
        self.assertEqual(left, [], "processes are left")
        return report
