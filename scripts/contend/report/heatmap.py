"""The heat map: engines beside scenarios in colours, with the number in each cell. One table a
metric; which of them is shown is chosen by radio buttons and style alone.
"""
from __future__ import annotations

import math

from markupsafe import Markup

from contend.report import metrics, theme
from contend.report.source import Source, scenario_of
from contend.report.template import render
from contend.report.words import NOTHING, ratio_words
from contend.results import shares
from contend.results.marks import marks_of
from contend.results.ranking import can_lead
from contend.results.result import Cell, Scenario

OF_A_RUN = ["throughput_per_s", "wall_ns", "latency_p50_ns", "latency_p99_ns",
            "cpu_ns_per_operation", "memory_per_connection_bytes", "peak_rss_bytes"]
STEPS = (1, 2.5, 6, 15)  # smallest effects from 1 at which a ratio's colour changes


def build(source: Source) -> Markup:
    if source.comparison is None:
        names = [one for one in OF_A_RUN if any(
            cell.interval(one) for cell in source.main.result.cells)]
        words = ("Each row's best engine is 1.00, and 0.50 is half as good: half the throughput, "
                 "or twice the time, CPU or memory. An engine with errors or starved connections "
                 "can't be the best, and may exceed 1. 0.97 beside 1.00 is seldom a difference: "
                 "the intervals are below.")
        make, legend = _share_cells, _legend_of_shares()
    else:
        names = metrics.in_order({one["metric"] for one in source.comparison["comparisons"]})
        words = ("What the head costs, by what the base costs: orange is worse, blue better, and "
                 "pale within the smallest effect that matters.")
        make, legend = _ratio_cells, _legend_of_ratios()
    shown, rest = names[:theme.MOST_SHEETS], names[theme.MOST_SHEETS:]
    return render("heatmap.html", source, words=words, legend=legend, left_out=rest,
                  sheets=[_sheet(source, name, make) for name in shown])


def _sheet(source: Source, name: str, make) -> dict:
    rows = [(scenario.label, make(source, scenario, name)) for scenario in source.scenarios]
    return {"title": metrics.of(name).title, "rows": [row for row in rows if any(row[1])]}


def _cell(look: str, on: str, icon: str | None = None, heard: str | None = None) -> dict:
    """`heard`: what only a screen reader says."""
    return {"look": look, "share": None, "on": on, "icon": icon, "heard": heard}


def step_of_ratio(ratio: float, effect: float) -> int:
    """MIDDLE within the smallest effect, up to as many steps away as STEPS has."""
    away = abs(math.log(ratio)) / math.log1p(max(effect, 1e-6))
    steps = sum(away > one * (1 + 1e-9) for one in STEPS)
    return theme.MIDDLE + (-steps if ratio > 1 else steps)


def _ratio_cells(source: Source, scenario: Scenario, name: str) -> list[dict | None]:
    return [_ratio_cell(source, scenario, engine, name) for engine in source.engines]


def _ratio_cell(source: Source, scenario: Scenario, engine: str, name: str) -> dict | None:
    found = next((one for one in source.comparison["comparisons"] if one["metric"] == name and
                  source.cells[one["cell"]]["engine"] == engine and
                  scenario_of(source.cells[one["cell"]]) == scenario), None)
    if found is None:
        return None
    verdict, ratio = found["verdict"], found["ratio"]
    words = NOTHING if ratio is None else ratio_words(ratio)
    look = {"inconclusive": "hatched", "invalid": "crossed"}.get(
        verdict, f"heat-{step_of_ratio(ratio or 1, found['smallest_effect'])}")
    return _cell(look, words, verdict, verdict)


def _best(source: Source, scenario: Scenario, name: str) -> float | None:
    """The least cost of an engine that did all of the work."""
    costs = [cost for one in source.main.result.of(scenario) if can_lead(one)
             and (cost := _cost(one, name))]
    return min(costs, default=None)


def _cost(cell, name: str) -> float | None:
    found = cell.interval(name)
    return metrics.of(name).cost(found.median) if found else None


def step_of_share(share: float) -> int:
    return round(shares.shade(share) * (len(theme.HEAT) - 1))


def _share_cells(source: Source, scenario: Scenario, name: str) -> list[dict | None]:
    best = _best(source, scenario, name)
    cells = [source.main.result.cell(engine, scenario) for engine in source.engines]
    return [None if best is None or cell is None else _share_cell(cell, name, best)
            for cell in cells]


def _share_cell(cell: Cell, name: str, best: float) -> dict:
    marks, cost = marks_of(cell), _cost(cell, name)
    if not cell.measured:
        return _cell("crossed", marks, heard=cell.status)
    if cost is None:
        return _cell("hatched", NOTHING)
    share = best / cost
    return {"look": f"heat-{step_of_share(share)}", "share": shares.words(share),
            "best": share == 1, "marks": marks,
            "value": metrics.of(name).words(cell.interval(name).median)}


def _legend_of_ratios() -> list[tuple[str, str]]:
    last = len(theme.HEAT) - 1
    slight = f"up to {STEPS[1]} × the smallest effect"
    return [("heat-0", f"worse, more than {STEPS[-1]} ×"),
            (f"heat-{theme.MIDDLE - 1}", f"worse, {slight}"), (f"heat-{theme.MIDDLE}", "within it"),
            (f"heat-{theme.MIDDLE + 1}", f"better, {slight}"),
            (f"heat-{last}", f"better, more than {STEPS[-1]} ×"),
            ("hatched", "inconclusive"), ("crossed", "invalid")]


def _legend_of_shares() -> list[tuple[str, str]]:
    return [(f"heat-{step_of_share(share)}", words) for share, words in shares.STEPS.items()] + [
        ("hatched", "no such figure"), ("crossed", "failed or skipped")]
