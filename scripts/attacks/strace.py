"""Faults by strace: which system calls a program makes once it is loaded, and one of them failing or ending it."""

import collections
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

RELEASE_SECONDS = 5
LOADED = "prlimit64"  # what every program of contend calls first of its own
CALL = re.compile(r"^(\d+) +(\w+)\(")


def why_unavailable():
    """Why no fault can be made here; None where one can."""
    if shutil.which("strace") is None:
        return "there is no strace: scripts/bootstrap --all installs it"
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=chdir:error=EPERM:when=1", "true"],
                           capture_output=True, text=True)
    return None if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()[-100:]}"


def tracing(log, calls, follow=True):
    """What to put before a command so that its calls are listed in a file. The command stays our own child."""
    return ["strace", "-D", *(["-f"] if follow else []), "-qq", "-o", log, "-s", "0", "-e", f"trace={','.join(('?' + c for c in calls))}"]


def injecting(call, what, when, follow=True):
    """The same, so that its call of that name and number is tampered with."""
    return ["strace", "-D", "-I2", *(["-f"] if follow else []), "-qq", "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:{what}:when={when}"]


def release(pid):
    """Ends the strace that traces the process, which goes on."""
    status = pathlib.Path(f"/proc/{pid}/status")
    tracer = int(re.search(r"^TracerPid:\s*(\d+)", status.read_text(), re.MULTILINE).group(1))
    if tracer:
        os.kill(tracer, signal.SIGTERM)
        deadline = time.monotonic() + RELEASE_SECONDS
        while f"TracerPid:\t{tracer}\n" in status.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)


def places(log, marker=LOADED):
    """{call: numbers of calls to tamper with}: strace counts by thread and from its start. Of the main
    thread what comes before `marker` is the loader's; of the later ones the first, the last and some
    between are taken."""
    main, loaded = None, False
    before, after = collections.Counter(), collections.Counter()
    for line in log.read_text(errors="replace").splitlines():
        if not (found := CALL.match(line)):
            continue
        thread, call = found.groups()
        main = main or thread
        loaded |= call == marker
        if loaded:
            after[call, thread] += 1
        else:
            before[call] += 1
    most = collections.Counter()
    for (call, _), count in after.items():
        most[call] = max(most[call], count)
    return {call: sorted({before[call] + n for n in (1, 2, 3, 4, (count + 1) // 2, count - 1, count) if 0 < n <= count})
            for call, count in most.items()}


def counts(log):
    """{call: how often} of a program that was traced without what it started."""
    return collections.Counter(re.findall(r"^(\w+)\(", log.read_text(errors="replace"), re.MULTILINE))
