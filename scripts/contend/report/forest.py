"""The forest plot: the ratio of every comparison with its interval, over the band of what does not
matter. A table whose rows have a strip each, so that numbers can be selected and rows sorted.
"""
from __future__ import annotations

from markupsafe import Markup

from contend.report import metrics
from contend.report.drawing import axis_strip, interval_strip
from contend.report.scale import Scale, of_ratios, ratio_ticks
from contend.report.source import VERDICTS, Source
from contend.report.template import render
from contend.report.verdict import before_and_after, by_effect, effect
from contend.report.words import NOTHING, interval_words, ratio_words

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
    axis = axis_strip(scale, ratio_ticks(scale, 7), lambda value: f"{value:.3g}", f"axis: {AXIS}",
                      GRID)
    return render("forest.html", source, axis=axis, axis_words=AXIS, count=len(comparisons),
                  cells=[(name, source.cells[name]["engine"], [_row(one, scale) for one in its])
                         for name, its in grouped(comparisons)])


def grouped(comparisons: list[dict]) -> list[tuple[str, list[dict]]]:
    """By cell; the cell with the worst verdict and the largest effect in it first."""
    cells: dict[str, list[dict]] = {}
    for one in by_effect(comparisons):
        cells.setdefault(one["cell"], []).append(one)
    return list(cells.items())


def _row(one: dict, scale: Scale) -> dict:
    metric = metrics.of(one["metric"])
    ratio, low, high = one["ratio"], one["ratio_low"], one["ratio_high"]
    row = {"cell": one["cell"], "title": metric.title, "verdict": one["verdict"],
           "rank": round(VERDICTS.index(one["verdict"]) - min(effect(one), 0.99), 4),
           "confirmed": one["confirmed"], "reason": one["reason"], "ratio": ratio, "drawn": None,
           "words": NOTHING, "interval": NOTHING, "moved": before_and_after(one) or NOTHING,
           "pairs": one["pairs"], "left_out": one["excluded_pairs"]}
    if ratio is None:
        return row
    words, interval = ratio_words(ratio), interval_words(low, high)
    return row | {"words": words, "interval": interval, "drawn": interval_strip(
        scale, GRID, ratio, low, high, band_of(one), one["verdict"],
        f"{metric.title}: {words}, {interval}")}


def band_of(comparison: dict) -> tuple[float, float]:
    """From a smallest effect better to one worse, as far to either side on a logarithmic axis."""
    edge = 1 + comparison["smallest_effect"]
    return 1 / edge, edge
