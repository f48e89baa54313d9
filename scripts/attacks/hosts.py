"""Hosts that lie, flood, stay silent, or die at each stage: contend bench records a failed cell with a reason,
measures the others, and takes bounded time and memory."""

import functools
import importlib.util
import json
import pathlib
import tempfile

import validate
from attacks import process
from attacks.case import Case
from contend import ROOT
from contend.limits import servers

HOST = ROOT / "harness" / "bench" / "misbehaving_host.py"
SECONDS = 90  # the longest patience of a cell is 60 s
MOST_BYTES = 512 << 20
GOOD = "good"
# A cell of these has samples: what is wrong is counted in them, or is none of the harness's business.
HARMLESS = {("serve", "turns_wrong"), ("serve", "listens_twice"), ("run", "complains_without_end")}


def load_host():
    spec = importlib.util.spec_from_file_location("misbehaving_host", HOST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def bench(folder, engines, role, environment=None):
    """contend bench of one round of the engines in that role, and result.json where it was written."""
    workload = {"serve": {"workload": "echo", "connections": [2], "window_ms": 50, "warmup_ms": 5},
                "run": {"workload": "sleep"}}[role]
    suite = pathlib.Path(folder) / "suite.json"
    suite.write_text(json.dumps({"name": "wicked", "rounds": 1, "cells": [{**workload, "engines": engines}]}))
    out = pathlib.Path(folder) / "out"
    ended = process.run([servers.program("contend"), "bench", "--suite", str(suite), "--out", str(out),
                         "--host", str(HOST)], SECONDS, environment)
    found = process.complaints(ended, "contend")
    if ended.peak_bytes > MOST_BYTES:
        found.append(f"it took {ended.peak_bytes >> 20} MiB")
    latest = out / "latest"
    return ended, found, list(validate.errors_of(latest, False)) if latest.exists() else None, latest


def play(engine, role):
    with tempfile.TemporaryDirectory() as folder:
        ended, found, invalid, latest = bench(folder, [engine, GOOD], role)
        if invalid is None:
            return [*found, f"there is no result: {ended.err[-200:]!r}"]
        found += invalid
        cells = {cell["engine"]: cell for cell in json.loads((latest / "result.json").read_text())["cells"]}
        if cells[GOOD]["status"] != "ok":
            found.append(f"the good engine's cell is {cells[GOOD]['status']}: {cells[GOOD]['reason']}")
        status, reason = cells[engine]["status"], cells[engine]["reason"]
        if status == "ok" and (role, engine) not in HARMLESS:
            found.append("the cell is ok")
        if status != "ok" and not reason:
            found.append(f"the cell is {status} without a reason")
        return found


def mislist(how):
    with tempfile.TemporaryDirectory() as folder:
        ended, found, _, _ = bench(folder, [GOOD], "serve", {"CONTEND_MISLISTS": how})
        if ended.code == 0:
            found.append("it took the listing")
        if len(ended.err) > 1000 or not ended.err.isprintable() and ended.err.count("\n") != 1:
            found.append(f"it did not say why in a line: {ended.err[:300]!r}")
        return found


def cases(_rng):
    host = load_host()
    for engine, roles in host.ROLES.items():
        for role in roles if engine != GOOD else []:
            yield Case(f"{engine} {role}", functools.partial(play, engine, role))
    for how in [*host.LISTINGS, "crashes", "hangs", "without_end"]:
        yield Case(f"lists {how}", functools.partial(mislist, how))
