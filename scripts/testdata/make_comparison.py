#!/usr/bin/python3
"""Makes up the folder of a comparison, ab.json with base/ and head/, for the tests of the report
and for looking at it. Its numbers are invented, and its intervals are no statistics: they say
nothing of any engine.

    scripts/testdata/make_comparison.py /tmp/made-up --slices 150; scripts/report.py /tmp/made-up
"""
import argparse
import json
from pathlib import Path

import numpy

try:
    from testdata import make_result
except ImportError:  # run as a program, from its own folder
    import make_result

METRICS = ["throughput_per_s", "latency_p50_ns", "latency_p90_ns", "latency_p99_ns",
           "cpu_ns_per_operation", "memory_bytes"]
MORE_IS_BETTER = {"throughput_per_s"}
SMALLEST = {"latency_p99_ns": 0.15, "memory_bytes": 0.05}
CELLS = [("echo", connections, engine) for connections in (1, 16, 64)
         for engine in ("blocking", "threads", "poll", "epoll", "io_uring", "asio")]
# What the head costs more or less, by cell and metric; the rest is as it was.
EFFECTS = {("echo/epoll/64", "latency_p50_ns"): 1.06, ("echo/epoll/64", "latency_p90_ns"): 1.08,
           ("echo/epoll/64", "throughput_per_s"): 1.05,
           ("echo/asio/64", "cpu_ns_per_operation"): 1.31,
           ("echo/io_uring/16", "cpu_ns_per_operation"): 0.93,
           ("echo/poll/1", "memory_bytes"): 0.62}
FAILING = "echo/threads/16"  # half of the head's slices
NAMES = ("5c1d2e3 (v0.4.0)", "9f8e7d6 (poll: wait for less)")


def name_of(cell):
    workload, connections, engine = cell
    return f"{workload}/{engine}/{connections}"


def engine_of(cell):
    return next(one for one in make_result.ENGINES if one[0] == cell[2])


def slices(rng, cell, side, blocks, large):
    """Of one side of a cell: two each block, at the orders that ABBA or BAAB gives it."""
    name, made = name_of(cell), []
    workload = next(one for one in make_result.WORKLOADS if one[0] == cell[0])
    drift = numpy.cumsum(numpy.random.default_rng(cell[1]).normal(0, 0.004, blocks))
    for block in range(blocks):
        first_is_base = block % 3 != 1
        for order in ((0, 3) if (side == 0) == first_is_base else (1, 2)):
            foreign = 0.3 if block % 37 == 5 else 0.01
            noise = float(numpy.exp(drift[block] + rng.normal(0, 0.012) + (foreign > 0.1) * 0.2))
            metrics, more = make_result.serve_sample(rng, engine_of(cell), workload[3], cell[1], [],
                                                     noise, large)
            middle = metrics["latency_p99_ns"] / 2.1
            metrics |= {"latency_p50_ns": middle, "latency_p90_ns": middle * 1.5,
                        "latency_p99_ns": middle * 2.1 * float(numpy.exp(rng.normal(0, 0.12))),
                        "latency_p999_ns": middle * 4, "latency_max_ns": middle * 9,
                        "steal_share": 0.002, "foreign_cpu_share": foreign}
            for metric in METRICS:
                factor = EFFECTS.get((name, metric), 1) if side else 1
                metrics[metric] *= 1 / factor if metric in MORE_IS_BETTER else factor
                metrics[metric] *= float(numpy.exp(rng.normal(0, 0.008)))
            failed = side == 1 and name == FAILING and block % 2 == 1
            made.append({
                "cell": name, "round": block, "order": order,
                "at": f"2026-11-26T08:{15 + block // 60:02}:{block % 60:02}.{order * 200:03}Z",
                "status": "failed" if failed else "ok",
                "reason": "the host ended by signal 11 before its report" if failed else None,
                "window_ns": 200_000_000, "operations": 0 if failed else int(
                    metrics["throughput_per_s"] / 5), "errors": {},
                "metrics": {} if failed else metrics, "client_limited": False,
                "latency": "closed_loop", "histograms": {} if failed else more["histograms"],
                "spans": []})
    return made


def side_result(base, cells, samples, rng):
    """A result of these samples, in the circumstances of another."""
    made = []
    for cell in cells:
        its = [one for one in samples if one["cell"] == name_of(cell)]
        good = [one for one in its if one["status"] == "ok"]
        made.append({
            "id": name_of(cell), "engine": cell[2], "workload": cell[0], "role": "serve",
            "connections": cell[1], "variant": "", "parameters": make_result.PARAMETERS[cell[0]],
            "window_ns": 200_000_000, "warmup_ns": 50_000_000, "workers": 1, "spin_ns": 0,
            "delay_ns": 0, "status": "ok" if len(good) == len(its) else "partial",
            "reason": None if len(good) == len(its) else "the host ended by signal 11",
            "samples": len(good), "failed_samples": len(its) - len(good),
            "client_limited_samples": 0, "errors": {},
            "metrics": {metric: make_result.interval([one["metrics"][metric] for one in good], rng)
                        for metric in good[0]["metrics"]
                        if good[0]["metrics"][metric] is not None}})
    return base | {"cells": made, "samples": samples,
                   "run": base["run"] | {"id": "20261126T081500-ab", "suite": "ab"}}


def compare(cell, metric, base, head):
    """Invented from the slices: a median and a normal interval, and a verdict by the interval."""
    smallest = SMALLEST.get(metric, 0.02)
    theirs = {(one["round"], one["order"] // 2): one for one in base}
    sign, logs, excluded = -1 if metric in MORE_IS_BETTER else 1, [], 0
    for one in head:
        other = theirs[one["round"], one["order"] // 2]
        failed = "failed" in (one["status"], other["status"])
        if failed or one["metrics"]["foreign_cpu_share"] > 0.1:
            excluded += 1
        else:
            logs.append(sign * numpy.log(one["metrics"][metric] / other["metrics"][metric]))
    middle, reach = float(numpy.median(logs)), 2.5 * float(numpy.std(logs)) / len(logs) ** 0.5
    low, high, edge = middle - reach, middle + reach, float(numpy.log1p(smallest))
    verdict = ("regressed" if low > 0 and middle > edge else
               "improved" if high < 0 and middle < -edge else
               "unchanged" if -edge < low and high < edge else "inconclusive")
    reason = "the interval is wider than what matters" if verdict == "inconclusive" else None
    if excluded > len(head) / 3:
        verdict, reason = "invalid", f"{excluded} of {len(head)} pairs were left out"
    return {"cell": name_of(cell), "metric": metric, "verdict": verdict, "reason": reason,
            "confirmed": verdict == "regressed", "pairs": len(logs), "excluded_pairs": excluded,
            "ratio": float(numpy.exp(middle)), "ratio_low": float(numpy.exp(low)),
            "ratio_high": float(numpy.exp(high)),
            "p_regressed": 1e-9 if verdict == "regressed" else 0.5,
            "p_improved": 1e-9 if verdict == "improved" else 0.5, "smallest_effect": smallest,
            "base": float(numpy.median([one["metrics"][metric] for one in base if one["metrics"]])),
            "head": float(numpy.median([one["metrics"][metric] for one in head if one["metrics"]]))}


def summed_up(comparisons):
    names = ("regressed", "invalid", "inconclusive", "improved", "unchanged")
    counts = {name: sum(one["verdict"] == name for one in comparisons) for name in names}
    return {"counts": counts,
            "verdict": next((name for name in names if counts[name]), "invalid")}


def make(slices_a_side=40, cells=None, seed=7, large=60):
    """The three files' fields: ab.json, base's and head's result.json."""
    rng = numpy.random.default_rng(seed)
    cells = CELLS if cells is None else cells
    base = make_result.make(smoke=True)
    by_side = [[one for cell in cells for one in slices(rng, cell, side, slices_a_side // 2, large)]
               for side in (0, 1)]
    results = [side_result(base, cells, samples, rng) for samples in by_side]
    comparisons, compared = [], []
    for cell in cells:
        its = [[one for one in samples if one["cell"] == name_of(cell)] for samples in by_side]
        comparisons += [compare(cell, metric, *its) for metric in METRICS]
        counts = [{"good": sum(one["status"] == "ok" for one in side),
                   "failed": sum(one["status"] != "ok" for one in side), "client_limited": 0,
                   "noisy": sum(one["metrics"].get("foreign_cpu_share", 0) > 0.1 for one in side)}
                  for side in its]
        compared.append({"id": name_of(cell), "engine": cell[2], "workload": cell[0], "variant": "",
                         "role": "serve", "connections": cell[1], "base": counts[0],
                         "head": counts[1], "reason": "head: the host ended by signal 11" if
                         counts[1]["failed"] else None})
    ab = {"schema_version": 1,
          "run": {"id": "20261126T081500-ab", "suite": "ab", "seed": 7, "interleaved": True,
                  "complete": True, "slice_ns": 200_000_000, "budget_ns": 600_000_000_000,
                  "alpha": 0.01, "confidence": 0.95, "started_at": "2026-11-26T08:15:00.000Z",
                  "finished_at": "2026-11-26T08:24:00.000Z",
                  "command": ["contend", "ab", "--base", "old/contend-engine", "--head",
                              "contend-engine"]},
          "machine": base["machine"], "harness": base["build"], "placement": base["placement"],
          "noise": base["noise"],
          "base": {"name": NAMES[0], "command": ["old/contend-engine"], "sha256": "b" * 64},
          "head": {"name": NAMES[1], "command": ["contend-engine"], "sha256": "a" * 64},
          "cells": compared, "comparisons": comparisons, **summed_up(comparisons)}
    return ab, *results


def make_history(commits=60, seed=3):
    """What `contend history export --format json` prints of three series: one with a step, one
    without, one that is too short."""
    rng = numpy.random.default_rng(seed)

    def series(cell, metric, length, step):
        ratios = numpy.exp(rng.normal(0, 0.008, length) +
                           (numpy.arange(length) >= length * 2 // 3) * numpy.log(step))
        points = [{"commit": f"{rng.integers(1 << 40):010x}", "at": "2026-11-26T08:15:00.000Z",
                   "ratio": float(one), "low": float(one * 0.985), "high": float(one * 1.015),
                   "verdict": "unchanged"} for one in ratios]
        at = length * 2 // 3
        changes = [] if step == 1 else [{"index": at, "commit": points[at]["commit"],
                                         "before": 1.0, "after": step, "p": 3e-9}]
        return {"machine": "c0ffee", "reference": "b" * 64, "suite": "ab", "cell": cell,
                "metric": metric, "points": points, "changes": changes}
    return {"series": [series("echo/epoll/64", "latency_p50_ns", commits, 1.08),
                       series("echo/epoll/64", "throughput_per_s", commits, 1),
                       series("echo/asio/64", "wall_ns", 4, 1)]}


def write(directory: Path, made) -> None:
    for folder, name, fields in zip((directory, directory / "base", directory / "head"),
                                    ("ab.json", "result.json", "result.json"), made):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(fields, allow_nan=False))
        if name == "result.json":
            (folder / "samples.jsonl").write_text("".join(
                json.dumps(one) + "\n" for one in fields["samples"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--slices", type=int, default=40, help="of each cell and side")
    arguments = parser.parse_args()
    write(arguments.directory, make(arguments.slices))
    (arguments.directory / "history.json").write_text(json.dumps(make_history()))
