"""Bars from zero: throughput, or time, and CPU per operation, with intervals and single samples.

A table per scenario and metric with a bar a row, so that rows can be sorted and engines hidden.
"""
from __future__ import annotations

from dataclasses import dataclass

from contend.report import metrics, scale
from contend.report.figure import axis_strip, bar_strip
from contend.report.markup import Markup, element
from contend.report.parts import (NOTHING, cell, chosen, engine_classes, engine_name, fold, grid,
                                  head_cell, paragraph, row_head, section, table, trouble_of)
from contend.report.source import Side, Source
from contend.results import text
from contend.results.marks import marks_of
from contend.results.result import Cell, Scenario

CPU = "cpu_ns_per_operation"


@dataclass
class Row:
    side: Side
    engine: str
    cell: Cell | None


def thinned(values: list, most: int) -> list:
    """Evenly, the first one among them."""
    return values if len(values) <= most else [
        values[place * len(values) // most] for place in range(most)]


def between(low: str, high: str) -> str:
    """`1.20 to 1.30 ms`: the unit once where it is the same."""
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.endswith(f' {unit}') else low} to {high}"


def build(source: Source, connections: int, most_dots: int, with_others: bool) -> Markup:
    """`most_dots`: samples that a bar shows; more are thinned out. `with_others`: also what is
    folded away, the other numbers of connections."""
    shown, others = chosen(source, connections)
    longest = max((len(one.values(metric)) for side in source.sides for one in side.result.cells
                   for metric in (CPU, "throughput_per_s")), default=0)
    thin = (f" Of more than {most_dots} samples so many are shown, evenly thinned out."
            if longest > most_dots else "")
    words = ("Bars are medians from zero, whiskers their 95 % intervals, dots the single samples, "
             "the first one uppermost, so that a drift of the machine shows as a slope." + thin)
    rest = fold(others, with_others, lambda some: [_panels(source, one, most_dots)
                                                   for one in some])
    return section("bars", "Throughput and CPU", paragraph(words),
                   [_panels(source, one, most_dots) for one in shown], rest)


def _panels(source: Source, scenario: Scenario, most_dots: int) -> Markup:
    rows = [Row(side, engine, side.result.cell(engine, scenario))
            for engine in source.engines for side in source.sides
            if side.result.cell(engine, scenario)]
    first = "throughput_per_s" if scenario.role == "serve" else "wall_ns"
    tables = [_table(source, scenario, metric, rows, most_dots) for metric in (first, CPU)]
    cells = [row.cell for row in rows]
    setting = "; ".join(filter(None, [text.setting(cells), text.windows(cells)]))
    return element("div", element("h3", scenario.label), paragraph(setting, class_="quiet"),
                   grid(*tables), class_="scenario")


def _table(source: Source, scenario: Scenario, name: str, rows: list[Row],
           most_dots: int) -> Markup | None:
    metric = metrics.of(name)
    with_metric = [row for row in rows if row.cell.interval(name)]
    if not with_metric:
        return None
    dots = {id(row): [value for _, value in row.cell.values(name)] for row in with_metric}
    intervals = [row.cell.interval(name) for row in with_metric]
    largest = max(max(one.median, one.high or 0) for one in intervals)
    grid_name = f"grid-{source.scenarios.index(scenario)}-{name}"
    # A single outlier does not squeeze the bars: it is drawn at the edge.
    furthest = max((value for values in dots.values() for value in values), default=largest)
    axis = scale.from_zero(min(furthest, largest * 1.25))
    ticks = axis.ticks(4)
    title = metric.title if name != "wall_ns" else "Time from start to end"
    better = "more is better" if metric.more_is_better else "less is better"
    head = [head_cell("engine", "text"),
            head_cell(axis_strip(axis, ticks, lambda value: text.short(metric.words(value)),
                                 f"axis: {title}, from zero", grid_name), class_="drawing"),
            head_cell("median", "number"), head_cell("interval", class_="number")]
    body = [_row(source, row, metric, axis, grid_name, thinned(dots.get(id(row), []), most_dots))
            for row in rows]
    return table(f"{title}, {scenario.label}: {better}", head, [element("tbody", body)],
                 "bars sortable")


def _row(source: Source, row: Row, metric: metrics.Metric, axis: scale.Scale,
         grid_name: str, dots: list[float]) -> Markup:
    compared = source.comparison is not None
    name = [engine_name(source, row.engine), f" {row.side.label}" if compared else None]
    classes = f"side-{row.side.label}" if compared else engine_classes(source, row.engine)
    one, marks = row.cell.interval(metric.name), marks_of(row.cell)
    if one is None:
        return element("tr", row_head(name), cell(trouble_of(row.cell) or "no such figure",
                                                  class_="drawing quiet"),
                       cell(NOTHING, class_="number", label="median"),
                       cell(NOTHING, class_="number", label="interval"), data_engine=row.engine)
    reach = NOTHING if one.low is None else between(metric.words(one.low), metric.words(one.high))
    drawn = bar_strip(axis, grid_name, one.median, one.low, one.high, dots, classes,
                      f"{row.engine} {row.side.label if compared else ''}: "
                      f"{metric.words(one.median)}, {len(dots)} samples shown")
    return element("tr", row_head(name), cell(drawn, class_="drawing"),
                   cell(f"{metric.words(one.median)} {marks}".strip(), one.median, "number",
                        "median"),
                   cell(reach, class_="number", label="interval"), data_engine=row.engine)
