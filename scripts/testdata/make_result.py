#!/usr/bin/python3
"""Makes up a result.json that looks like a real one, for the tests of the charts and for drawing
without measuring. Its numbers are invented: they say nothing about any engine.

    scripts/testdata/make_result.py /tmp/made-up [--smoke] [--outside] && scripts/plot_all.py /tmp/made-up
"""
import argparse
import json
import statistics
from pathlib import Path

import numpy

# Name, idiom, CPU us an operation (user, system), KiB a connection.
ENGINES = [("blocking", "in turn", 0.4, 9.0, 1), ("threads", "parallel", 0.5, 12.0, 11),
           ("fork", "parallel", 0.6, 14.0, 160), ("poll", "loop", 0.6, 8.5, 0.4),
           ("epoll", "loop", 0.2, 6.1, 0.3), ("io_uring", "loop", 0.1, 5.1, 3.7),
           ("asio", "loop", 0.8, 6.0, 5.2), ("delay", "loop", 0.1, 5000.0, 1)]
# What `--outside` adds to them.
OUTSIDE = [("script-in-turn", "in turn", 9.0, 14.0, 2), ("script-loop", "loop", 30.0, 12.0, 9),
           ("script-fast-loop", "loop", 11.0, 9.0, 6),
           ("script-fast-loop-bare", "loop", 8.0, 9.0, 4),
           ("script-threads", "parallel", 34.0, 20.0, 28),
           ("script-processes", "parallel", 36.0, 30.0, 900),
           ("other-loop", "loop", 9.0, 11.0, 12), ("other-server", "loop", 1.1, 9.0, 1.5)]
# Name, role, kinds, factor of the CPU cost, (variant, connections) ...
WORKLOADS = [
    ("echo", "serve", [], 1.0, [("", 1), ("", 16), ("", 64), ("", 256), ("churn", 64),
                                ("idle", 1024)]),
    ("http", "serve", [], 1.4, [("", 1), ("", 16), ("", 64), ("", 256), ("churn", 64)]),
    ("mixed", "serve", ["light", "heavy"], 9.0, [("", 64)]),
    ("fetch", "drive", [], 8.0, [("", 1), ("", 16), ("", 64), ("", 256)]),
    ("fib", "run", [], 60000.0, [("", None)]),
    ("counter", "run", [], 20000.0, [("", None)]),
    ("sleep", "run", [], 2.0, [("", None)])]
PARAMETERS = {
    "echo": {"idle_connections": 0, "pipeline": 1, "requests": 1, "requests_per_connection": 0,
             "size_bytes": 64, "timeout_ms": 5000},
    "http": {"bytes": 0, "idle_connections": 0, "pipeline": 1, "requests": 1,
             "requests_per_connection": 0, "timeout_ms": 5000},
    "mixed": {"heavy_percent": 10, "fib_n": 27, "requests": 1, "timeout_ms": 5000},
    "fetch": {"delay_ms": 10, "timeout_ms": 5000}, "fib": {"jobs": 12, "n": 30, "wait_ms": 0},
    "counter": {"jobs": 12, "limit": 5_000_000}, "sleep": {"jobs": 12, "wait_ms": 10}}
VARIANTS = {"": {}, "churn": {"requests_per_connection": 1}, "idle": {"idle_connections": 256}}
# What went wrong, by cell.
TROUBLE = {
    "http/fork/256": ("failed", "the host ended by signal 11 before its report"),
    "http/poll/64/churn": ("skipped", "poll is not available here: no descriptors left"),
    "fetch/asio/256": ("failed", "no report within 10 s"), "sleep/fork": ("failed", "hung"),
    "mixed/threads/64": ("partial", None), "counter/io_uring": ("skipped", "io_uring is disabled"),
    "mixed/asio/64": ("failed", "wrong answer to the first request")}
ERRORS = {"http/threads/256": {"reset": 12, "wrong_body": 3}}


def histogram(values):
    """Of nanoseconds, in the harness's layout."""
    values = numpy.sort(numpy.asarray(values, dtype=numpy.int64))
    octaves = numpy.maximum(numpy.frexp(values)[1] - 11, 0)
    placed = octaves * 1024 + (values >> octaves)
    # They are in order, as the values are: numpy.unique would sort again.
    first = numpy.flatnonzero(numpy.diff(placed, prepend=-1))
    indices, counts = placed[first], numpy.diff(first, append=len(placed))
    return {"unit": "ns", "significant_digits": 3, "count": len(values),
            "sum_ns": int(values.sum()), "min_ns": int(values[0]) if len(values) else None,
            "max_ns": int(values[-1]) if len(values) else None, "saturated": 0,
            "index_deltas": numpy.diff(indices, prepend=0).tolist(), "counts": counts.tolist()}


def spans(rng, idiom, role, lanes):
    wait = 10_000_000 if role == "drive" else 20_000_000
    compute = 60_000 if role == "drive" else 9_000_000
    if idiom == "in turn":
        starts = numpy.arange(lanes) * (wait + compute)
        computing = starts + wait
    else:
        starts = numpy.arange(lanes) * (25_000 if idiom == "loop" else 90_000)
        computing = starts + wait + rng.integers(0, 400_000, lanes)
        if idiom == "loop":
            computing = numpy.maximum(computing, computing[0] + numpy.arange(lanes) * compute)
        else:
            compute *= 1 if role == "drive" else lanes / 2
    finish = computing + compute
    columns = zip(starts.tolist(), computing.tolist(), finish.tolist())
    made = [{"lane": lane, "start_ns": int(start), "compute_ns": int(middle),
             "finish_ns": int(end), "ok": True}
            for lane, (start, middle, end) in enumerate(columns)]
    if role == "drive":
        for span in made:
            span["compute_ns"] = None
    return made


def serve_sample(rng, engine, factor, connections, kinds, noise, large):
    _, idiom, user, system, memory = engine
    cost_us = (user + system) * factor * (1 + 0.05 * numpy.log2(connections)) * noise
    starving = idiom == "in turn" and connections > 1
    active = 1 if starving else connections
    rate = min(1e6 / cost_us, 11_500 * active * 1.2)
    middle = max(1e9 * active / rate, 30_000)
    histograms = {}
    for kind in kinds or ["all"]:
        slow = 6 if kind == "heavy" else 1
        values = rng.lognormal(numpy.log(middle * slow), 0.35, large)
        values[: large // 150] *= 12
        histograms[kind] = histogram(values)
    metrics = {"throughput_per_s": rate, "cpu_user_ns_per_operation": user * factor * noise * 1e3,
               "cpu_system_ns_per_operation": system * factor * noise * 1e3,
               "cpu_ns_per_operation": (user + system) * factor * noise * 1e3,
               "voluntary_switches_per_operation": 0.4 / active,
               "involuntary_switches_per_operation": 0.002,
               "memory_bytes": 4e6 + memory * 1024 * connections,
               "memory_per_connection_bytes": memory * 1024 * noise if connections > 1 else None,
               "fairness_jain": 1 / connections if starving else 0.98,
               "starved_connections": connections - active, "engine_cpu_share": 0.99,
               "load_cpu_share": 0.97 if cost_us < 8 and connections >= 64 else 0.8}
    for kind in kinds or ["all"]:
        prefix = f"{kind}." if kinds else ""
        metrics[f"{prefix}latency_p99_ns"] = middle * 2.1
    return metrics, {"histograms": histograms}


def jobs_sample(rng, engine, role, connections, noise):
    made = spans(rng, engine[1], role, connections or 12)
    wall = max(span["finish_ns"] for span in made) * noise
    metrics = {"throughput_per_s": len(made) / wall * 1e9, "wall_ns": wall, "peak_rss_bytes": 5e6}
    user, system = engine[2] * 20, engine[3]
    for part, cost in (("user_", user), ("system_", system), ("", user + system)):
        metrics[f"cpu_{part}ns_per_operation"] = cost * 8e3 * noise
    return metrics, {"spans": made}


def interval(values, rng):
    ordered = numpy.sort(rng.choice(values, (500, len(values))), axis=1)
    medians = (ordered[:, (len(values) - 1) // 2] + ordered[:, len(values) // 2]) / 2
    low, high = numpy.percentile(medians, [2.5, 97.5]) if len(values) >= 3 else (None, None)
    return {"median": float(statistics.median(values)), "low": low, "high": high}


def make_cell(rng, engine, workload, variant, connections, rounds, large):
    name, role, kinds, factor, _ = workload
    identity = "/".join(str(part) for part in (name, engine[0], connections, variant) if part)
    status, reason = TROUBLE.get(identity, ("ok", None))
    samples = []
    for round_ in range(rounds):
        noise = float(rng.normal(1.12 - 0.02 * round_, 0.04))
        sample = {"cell": identity, "round": round_, "order": 0, "at": "2026-11-23T08:15:00Z",
                  "status": status, "reason": reason, "client_limited": False,
                  "window_ns": 150_000_000, "operations": 0, "errors": {}, "metrics": {},
                  "latency": "closed_loop", "histograms": {}, "spans": []}
        if status == "partial":
            failing = round_ % 4 == 1
            sample["status"] = "failed" if failing else "ok"
            sample["reason"] = "no report within 5 s" if failing else None
        if sample["status"] == "ok":
            metrics, more = (serve_sample(rng, engine, factor, connections, kinds, noise, large)
                             if role == "serve" else
                             jobs_sample(rng, engine, role, connections, noise))
            sample |= {"operations": 12345, "metrics": metrics,
                       "errors": ERRORS.get(identity, {}), **more}
            sample["client_limited"] = metrics.get("load_cpu_share", 0) > 0.95
        samples.append(sample)
    good = [sample for sample in samples if sample["status"] == "ok"]
    columns = {metric: [one["metrics"][metric] for one in good] for metric in
               (good[0]["metrics"] if good else {})}
    return {"id": identity, "engine": engine[0], "workload": name, "role": role,
            "connections": connections, "variant": variant,
            "parameters": PARAMETERS[name] | VARIANTS[variant],
            "window_ns": 150_000_000, "warmup_ns": 50_000_000, "workers": 1, "spin_ns": 0,
            "delay_ns": 0, "status": status,
            "reason": "no report within 5 s" if status == "partial" else reason,
            "samples": len(good), "failed_samples": len(samples) - len(good),
            "client_limited_samples": sum(one["client_limited"] for one in samples),
            "errors": ERRORS.get(identity, {}),
            "metrics": {metric: interval(values, rng) for metric, values in columns.items()
                        if values[0] is not None}}, samples


def make(smoke: bool = False, seed: int = 7, outside: bool = False, rounds: int = 10,
         large: int = 4000) -> dict:
    """The whole result; the same for the same seed. `large`: values in a histogram."""
    rng = numpy.random.default_rng(seed)
    if smoke:
        rounds, large = 1, 200
    cells, samples = [], []
    for workload in WORKLOADS:
        for variant, connections in workload[4][:1] if smoke else workload[4]:
            engines = ENGINES if workload[0] == "echo" else ENGINES[:-1]
            for engine in engines + (OUTSIDE if outside else []):
                cell, its = make_cell(rng, engine, workload, variant, connections, rounds, large)
                cells.append(cell)
                samples += its
    return {
        "schema_version": 1,
        "run": {"id": "20261123T081500-bench", "suite": "smoke" if smoke else "bench",
                "seed": 123, "rounds": rounds, "rounds_finished": rounds, "complete": True,
                "started_at": "2026-11-23T08:15:00Z", "finished_at": "2026-11-23T08:20:41Z",
                "command": ["contend", "bench"]},
        "machine": {"kernel": "Linux 6.1.0-26-amd64 x86_64", "cpu_model": "Made-up CPU @ 2.60GHz", "cores": 2,
                    "memory_bytes": 4 << 30, "hypervisor": "kvm", "io_uring": "available",
                    "descriptor_limit": 1048576, "fingerprint": "c0ffee"},
        "build": {"version": "0.1.0", "revision": "0123456789ab", "compiler": "g++ 12.2.0",
                  "flags": "-O3", "build_type": "Release", "sanitizers": "",
                  "engine_binary_sha256": "0" * 64},
        "placement": {"engine_cpus": [0], "load_cpus": [1], "pinned": True, "note": None},
        "noise": {"steal_share": 0.011, "foreign_cpu_share": 0.02},
        "engines": [{"name": one[0], "summary": f"{one[1]}, made up", "charted": one[0] != "delay",
                     "outside": one in OUTSIDE, "unavailable": None}
                    for one in ENGINES + (OUTSIDE if outside else [])],
        "workloads": [{"name": one[0], "summary": "made up", "role": one[1], "kinds": one[2]}
                      for one in WORKLOADS],
        "cells": cells, "samples": samples}


def write(directory: Path, **how) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "result.json").write_text(
        json.dumps(make(**how), allow_nan=False))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--smoke", action="store_true", help="one sample a cell")
    parser.add_argument("--outside", action="store_true", help="with outside engines")
    arguments = parser.parse_args()
    write(arguments.directory, smoke=arguments.smoke, outside=arguments.outside)
