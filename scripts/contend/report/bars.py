"""Bars from zero: throughput, or time, and CPU per operation, with intervals and single samples.

A table per scenario and metric with a bar a row, so that rows can be sorted and engines hidden.
"""
from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from contend.report import metrics, scale
from contend.report.drawing import axis_strip, bar_strip
from contend.report.source import Side, Source
from contend.report.template import render
from contend.report.words import NOTHING, trouble_of
from contend.results import text
from contend.results.marks import marks_of
from contend.results.result import Cell, Scenario

CPU = "cpu_ns_per_operation"


@dataclass
class Row:
    side: Side
    engine: str
    cell: Cell


def thinned(values: list, most: int) -> list:
    """Evenly, the first one among them."""
    return values if len(values) <= most else [
        values[place * len(values) // most] for place in range(most)]


def between(low: str, high: str) -> str:
    """`1.20 to 1.30 ms`: the unit once where it is the same."""
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.endswith(f' {unit}') else low} to {high}"


def build(source: Source, connections: int, max_dots: int, with_others: bool) -> Markup:
    """`max_dots`: samples that a bar shows; more are thinned out. `with_others`: also what is
    folded away, the other numbers of connections."""
    shown, others = source.chosen(connections)
    longest = max((len(one.values(metric)) for side in source.sides for one in side.result.cells
                   for metric in (CPU, "throughput_per_s")), default=0)
    return render("bars.html", source, thinned=max_dots if longest > max_dots else None,
                  shown=[_panels(source, one, max_dots) for one in shown],
                  others=[_panels(source, one, max_dots) for one in others]
                  if with_others or not others else None)


def _panels(source: Source, scenario: Scenario, max_dots: int) -> dict:
    rows = [Row(side, engine, cell) for engine in source.engines for side in source.sides
            if (cell := side.result.cell(engine, scenario))]
    first = "throughput_per_s" if scenario.role == "serve" else "wall_ns"
    tables = [_table(source, scenario, metric, rows, max_dots) for metric in (first, CPU)]
    cells = [row.cell for row in rows]
    return {"label": scenario.label,
            "setting": "; ".join(filter(None, [text.setting(cells), text.windows(cells)])),
            "tables": [one for one in tables if one]}


def _table(source: Source, scenario: Scenario, name: str, rows: list[Row],
           max_dots: int) -> dict | None:
    metric = metrics.of(name)
    intervals = [one for row in rows if (one := row.cell.interval(name))]
    if not intervals:
        return None
    dots = [[value for _, value in row.cell.values(name)] if row.cell.interval(name) else []
            for row in rows]
    largest = max(max(one.median, one.high or 0) for one in intervals)
    grid_name = f"grid-{source.scenarios.index(scenario)}-{name}"
    # A single outlier does not squeeze the bars: it is drawn at the edge.
    furthest = max((value for values in dots for value in values), default=largest)
    axis = scale.from_zero(min(furthest, largest * 1.25))
    title = metric.title if name != "wall_ns" else "Time from start to end"
    better = "more is better" if metric.more_is_better else "less is better"
    return {"caption": f"{title}, {scenario.label}: {better}",
            "axis": axis_strip(axis, axis.ticks(4), lambda value: text.short(metric.words(value)),
                               f"axis: {title}, from zero", grid_name),
            "rows": [_row(source, row, metric, axis, grid_name, thinned(its, max_dots))
                     for row, its in zip(rows, dots)]}


def _row(source: Source, row: Row, metric: metrics.Metric, axis: scale.Scale,
         grid_name: str, dots: list[float]) -> dict:
    side = row.side.label if source.comparison else ""
    classes = f"side-{side}" if side else source.classes(row.engine)
    one, marks = row.cell.interval(metric.name), marks_of(row.cell)
    made = {"engine": row.engine, "side": side, "value": None, "median": NOTHING,
            "interval": NOTHING, "drawn": trouble_of(row.cell) or "no such figure"}
    if one is None:
        return made
    if one.low is not None:
        made["interval"] = between(metric.words(one.low), metric.words(one.high))
    drawn = bar_strip(axis, grid_name, one.median, one.low, one.high, dots, classes,
                      f"{row.engine} {side}: {metric.words(one.median)}, {len(dots)} samples shown")
    return made | {"value": one.median, "drawn": drawn,
                   "median": f"{metric.words(one.median)} {marks}".strip()}
