"""The slice-by-slice trace of each comparison: the ratio of every pair of adjacent slices, in the
order of time. It computes the ratios anew from the slices' own figures, and judges nothing.
"""
from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from contend.report import metrics
from contend.report.drawing import Panel
from contend.report.forest import band_of, grouped
from contend.report.scale import Scale, covering, ratio_ticks
from contend.report.source import Source
from contend.report.template import render
from contend.report.words import interval_words, ratio_words

LEVELS = ("all", "noteworthy", "none")
TICK_NS = 10_000_000


@dataclass(frozen=True)
class Pair:
    """Two adjacent slices; `ratio` is None where either of them failed, had errors or has no such
    figure; `disturbed` is the larger of steal and foreign CPU, of the worse slice, less what a tick
    of /proc/stat may make of it (harness/ab/judge.cpp)."""

    block: int
    place: int  # 0 or 1: the first or the second pair of the block
    ratio: float | None
    disturbed: float


def is_good(sample: dict) -> bool:
    return sample["status"] == "ok" and not sample["errors"]


def pairs_of(base: list[dict], head: list[dict], metric: metrics.Metric) -> list[Pair]:
    """Of one cell's slices on both sides, in the order of time: those of a block (`round`) with the
    orders 0 and 1, or 2 and 3, are a pair. Stored results, which have no blocks of four, have pairs
    by round."""
    theirs = {(one["round"], one["order"] // 2): one for one in base}
    found = []
    for one in head:
        where = (one["round"], one["order"] // 2)
        other = theirs.get(where)
        if other is None:
            continue
        costs = [metric.cost(each["metrics"].get(metric.name)) if is_good(each) else None
                 for each in (other, one)]
        disturbed = max(_disturbed(each) for each in (other, one))
        found.append(Pair(*where, costs[1] / costs[0] if None not in costs else None, disturbed))
    return sorted(found, key=lambda pair: (pair.block, pair.place))


def _disturbed(sample: dict) -> float:
    share = max(sample["metrics"].get(name) or 0 for name in ("steal_share", "foreign_cpu_share"))
    return share - TICK_NS / sample["window_ns"] if share and sample["window_ns"] else share


@dataclass
class Sorted:
    """The pairs by what became of them; each with its place in time."""

    used: list[tuple[int, Pair]]
    excluded: list[tuple[int, Pair]]
    failed: list[tuple[int, Pair]]
    screen: list[tuple[int, Pair]]


def sort_out(pairs: list[Pair], comparison: dict) -> Sorted:
    """A confirmed comparison is of the latest pairs, those before are the screen's. ab.json says
    how many pairs were left out: those without a ratio, and of the rest those in which steal or
    foreign CPU was beyond a limit, which is the same for both, so that they are the greatest."""
    numbered = list(enumerate(pairs))
    count = comparison["pairs"] + comparison["excluded_pairs"]
    first = len(numbered) - count if comparison["confirmed"] and count < len(numbered) else 0
    screen, judged = numbered[:first], numbered[first:]
    failed = [one for one in judged if one[1].ratio is None]
    good = [one for one in judged if one[1].ratio is not None]
    left_out = min(max(comparison["excluded_pairs"] - len(failed), 0), len(good))
    by_noise = sorted(good, key=lambda one: -one[1].disturbed)
    out = {place for place, _ in by_noise[:left_out]}
    return Sorted([one for one in good if one[0] not in out],
                  [one for one in good if one[0] in out], failed,
                  [one for one in screen if one[1].ratio is not None])


def build(source: Source, level: str) -> Markup | None:
    """`level`: all traces, those of comparisons that are not unchanged, or none; which is said."""
    comparisons = source.comparison["comparisons"]
    if not comparisons:
        return None
    if level == "none":
        return render("trace.html", source, groups=None)
    wanted = [one for one in comparisons if level == "all" or one["verdict"] != "unchanged"]
    groups = []
    for name, its in grouped(wanted):
        figures = [made for one in its if (made := _panel(source, one))]
        if figures:
            groups.append((name, its[0]["verdict"], figures))
    return render("trace.html", source, groups=groups, left_out=len(comparisons) - len(wanted))


def _panel(source: Source, comparison: dict) -> dict | None:
    metric = metrics.of(comparison["metric"])
    cell = comparison["cell"]
    sides = [side.samples.get(cell, []) for side in source.sides]
    pairs = pairs_of(*sides, metric)
    if not pairs:
        return None
    sorted_ = sort_out(pairs, comparison)
    ratios = [pair.ratio for pair in pairs if pair.ratio is not None]
    estimates = [comparison["ratio"]] if comparison["ratio"] else []
    axis = covering(ratios, [*estimates, *band_of(comparison)])
    panel = Panel(f"{cell}, {metric.title}: ratio of each pair in the order of time",
                  f"{len(sorted_.used)} pairs used, {len(sorted_.excluded)} left out, "
                  f"{len(sorted_.failed)} failed, {len(sorted_.screen)} of the screen",
                  Scale(-1, max(len(pairs), 2)), axis, height=170)
    panel.shade(*band_of(comparison))
    panel.axes([(0, "1"), (len(pairs) - 1, str(len(pairs)))],
               [(tick, f"{tick:.3g}") for tick in ratio_ticks(axis)], "pair", "ratio of costs")
    panel.level(1, "one")
    if comparison["ratio"]:
        panel.level(comparison["ratio"], f"estimate {comparison['verdict']}")

    def at(some: list[tuple[int, Pair]]) -> list[tuple[float, float]]:
        return [(place, pair.ratio or axis.low) for place, pair in some]
    panel.dots(at(sorted_.screen), "dots screen")
    panel.dots(at(sorted_.used), "dots used")
    panel.crosses(at(sorted_.excluded), "crosses")
    panel.crosses(at(sorted_.failed), "crosses failed")
    said = "" if comparison["ratio"] is None else (
        f": {ratio_words(comparison['ratio'])} "
        f"({interval_words(comparison['ratio_low'], comparison['ratio_high'])})")
    return {"caption": f"{metric.title}{said}, {comparison['verdict']}",
            "drawing": panel.drawn(), "engine": None}
