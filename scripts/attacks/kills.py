"""kill -9 at each call that writes: what contend bench had finished can be read, --resume completes the run,
and the history is the old one or the new one; nothing is left behind."""

import functools
import json
import pathlib
import signal
import tempfile
import time

import validate
from attacks import process, strace
from attacks.case import Case, Unavailable
from contend.limits import servers
from testdata import make_comparison

SECONDS = 60
CALLS = ["write", "writev", "pwrite64", "rename", "renameat2", "fsync", "fdatasync", "mkdir", "symlink", "unlink",
         "openat", "ftruncate"]
SUITE = {"name": "tiny", "rounds": 2, "cells": [
    {"workload": "echo", "engines": ["epoll"], "connections": [1], "window_ms": 5, "warmup_ms": 1},
    {"workload": "sleep", "engines": ["epoll"], "parameters": {"jobs": 2, "wait_ms": 1}}]}
RUN_FILES = {"result.json", "samples.jsonl"}


def killed_run(before, command, name):
    """What is wrong with a program that may be killed meanwhile, and whether it was."""
    ended = process.run([*before, *command], SECONDS)
    killed = ended.code == -signal.SIGKILL and ended.in_time
    return process.complaints(ended, name, killed), killed


def bench(folder, before):
    """A run that is killed, is read, and is resumed."""
    out, suite = folder / "out", folder / "suite.json"
    suite.write_text(json.dumps(SUITE))
    contend = [servers.program("contend"), "bench"]
    found, killed = killed_run(before, [*contend, "--suite", str(suite), "--out", str(out)], "contend")
    runs = [path for path in out.glob("*") if path.is_dir() and not path.is_symlink()] if out.exists() else []
    for run in runs:
        # Before the first result there is nothing to go on with.
        if not (run / "result.json").exists():
            found += [f"{run.name} has samples and no result"] * ((run / "samples.jsonl").exists() and
                                                                (run / "samples.jsonl").stat().st_size > 0)
            continue
        found += [f"killed: {line}" for line in validate.errors_of(run, True)]
        resumed = process.run([*contend, "--resume", str(run)], SECONDS)
        found += [f"resumed: {line}" for line in process.complaints(resumed, "contend")]
        found += [f"resumed: {line}" for line in validate.errors_of(run, False)]
        result = json.loads((run / "result.json").read_text())
        if resumed.code != 0 or not result["run"]["complete"]:
            found.append(f"it did not complete: {resumed.err[-200:]!r}")
        found += [f"{path.name} stays" for path in run.iterdir() if path.name not in RUN_FILES]
    if out.exists():
        found += [f"{path.name} stays" for path in out.iterdir() if path not in runs and path.name != "latest"]
    return found, killed


def history(folder, before):
    """A comparison that is added, while it is killed, and added again."""
    comparison, file = folder / "comparison", folder / "history.sqlite"
    make_comparison.write(comparison, make_comparison.make(slices_a_side=4, cells=make_comparison.CELLS[:1], large=0))
    contend = [servers.program("contend"), "history"]
    add = [*contend, "add", str(comparison), "--file", str(file), "--commit", "one", "--json"]
    found, killed = killed_run(before, add, "contend")
    for command in (add, [*contend, "export", "--file", str(file)]):
        ended = process.run(command, SECONDS)
        found += [f"afterwards: {line}" for line in process.complaints(ended, "contend")]
        if ended.code != 0:
            found.append(f"{command[2]} failed afterwards: {ended.err[-200:]!r}")
            return found, killed
    for series in json.loads(ended.out)["series"]:
        if len(series["points"]) != 1:
            found.append(f"a series has {len(series['points'])} points of one commit")
    found += [f"{path.name} stays" for path in folder.iterdir() if path not in (comparison, file)]
    return found, killed


def check(attack, before):
    with tempfile.TemporaryDirectory() as folder:
        return attack(pathlib.Path(folder), before)[0]


def cases(_rng):
    if reason := strace.why_unavailable():
        raise Unavailable(reason)
    for name, attack in (("bench", bench), ("history", history)):
        with tempfile.TemporaryDirectory() as folder:
            calls, log = pathlib.Path(folder) / "in", pathlib.Path(folder) / "calls"
            calls.mkdir()
            if found := attack(calls, strace.tracing(str(log), CALLS, follow=False))[0]:
                yield Case(f"{name} without a kill", lambda found=found: found)
                continue
            time.sleep(0.2)  # strace may still be writing
            counts = strace.counts(log)
        for call, count in counts.items():
            for when in range(1, count + 1):
                yield Case(f"{name} {call} when={when}", functools.partial(
                    check, attack, strace.injecting(call, "signal=KILL", when, follow=False)))
