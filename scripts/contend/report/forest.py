"""The forest plot: the ratio of every comparison with its interval, over the band of what does not
matter. A table whose rows have a strip each, so that numbers can be selected and rows sorted.
"""
from __future__ import annotations

from contend.report import metrics
from contend.report.figure import axis_strip, interval_strip
from contend.report.markup import Markup, element
from contend.report.parts import (NOTHING, cell, head_cell, interval_words, paragraph, ratio_words,
                                  row_head, section, table, verdict_words)
from contend.report.scale import Scale, of_ratios, ratio_ticks
from contend.report.source import VERDICTS, Source
from contend.report.verdict import before_and_after, by_effect, effect

GRID = "grid-ratios"
AXIS = "ratio of the costs, head by base; right of 1 the head is worse"


def scale_of(comparisons: list[dict]) -> Scale:
    known = [one for one in comparisons if one["ratio"] is not None]
    ends = [one[name] for one in known for name in ("ratio_low", "ratio_high")
            if one[name] is not None]
    return of_ratios([one["ratio"] for one in known] + ends, max(
        (one["smallest_effect"] for one in comparisons), default=0.02))


def build(source: Source) -> Markup:
    comparisons = source.comparison["comparisons"]
    scale = scale_of(comparisons)
    ticks = ratio_ticks(scale, 7)
    axis = axis_strip(scale, ticks, lambda value: f"{value:.3g}", f"axis: {AXIS}", GRID)
    head = [head_cell("cell", "text", "flat-only"), head_cell("metric", "text"),
            head_cell("verdict", "number"), head_cell(axis, class_="drawing"),
            head_cell("ratio", "number"), head_cell("interval"),
            head_cell("base → head"), head_cell("pairs (left out)", "number")]
    bodies = [_body(source, name, its, scale) for name, its in grouped(comparisons)]
    return section(
        "ratios", "Ratios",
        paragraph("Each row is one metric of one cell: ", AXIS, ". The shaded band is the smallest "
                  "effect that matters; the axis is logarithmic, and what lies beyond it is at its "
                  "edge with an arrow. Cells are in the order of their "
                  "worst verdict and its size."),
        table(f"Ratios of {len(comparisons)} comparisons with their intervals", head, bodies,
              "forest sortable", wide=True))


def grouped(comparisons: list[dict]) -> list[tuple[str, list[dict]]]:
    """By cell; the cell with the worst verdict and the largest effect in it first."""
    cells: dict[str, list[dict]] = {}
    for one in by_effect(comparisons):
        cells.setdefault(one["cell"], []).append(one)
    return list(cells.items())


def _body(source: Source, name: str, comparisons: list[dict], scale: Scale) -> Markup:
    engine = source.cells[name]["engine"]
    title = element("tr", element("th", name, colspan="8", scope="rowgroup"), class_="group")
    return element("tbody", title, [_row(one, engine, scale) for one in comparisons],
                   data_engine=engine)


def _row(one: dict, engine: str, scale: Scale) -> Markup:
    metric = metrics.of(one["metric"])
    ratio, low, high = one["ratio"], one["ratio_low"], one["ratio_high"]
    if ratio is None:
        drawn, said = element("span", one["reason"] or "no ratio", class_="quiet"), NOTHING
    else:
        said = ratio_words(ratio)
        drawn = interval_strip(scale, GRID, ratio, low, high, band_of(one), one["verdict"],
                               f"{metric.title}: {said}, {interval_words(low, high)}")
    rank = VERDICTS.index(one["verdict"]) - min(effect(one), 0.99)
    pairs = str(one["pairs"]) + (f" ({one['excluded_pairs']})" if one["excluded_pairs"] else "")
    small = [element("small", " on fresh slices")] if one["confirmed"] else []
    if one["reason"] and ratio is not None:
        small.append(element("small", " ", one["reason"], class_="reason"))
    return element(
        "tr", cell(one["cell"], class_="flat-only"), row_head(metric.title),
        cell([verdict_words(one["verdict"]), small], round(rank, 4)),
        cell(drawn, class_="drawing"), cell(said, ratio, "number", "ratio"),
        cell(NOTHING if ratio is None else interval_words(low, high), class_="number",
             label="interval"),
        cell(before_and_after(one) or NOTHING, class_="number", label="base → head"),
        cell(pairs, one["pairs"], "number", "pairs"), data_engine=engine)


def band_of(comparison: dict) -> tuple[float, float]:
    """From a smallest effect better to one worse, as far to either side on a logarithmic axis."""
    edge = 1 + comparison["smallest_effect"]
    return 1 / edge, edge
