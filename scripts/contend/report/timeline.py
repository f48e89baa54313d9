"""History: the ratio to a pinned reference, commit by commit, with the change points that
`contend history` found in it. It looks for none itself.
"""
from __future__ import annotations

from markupsafe import Markup

from contend.report import metrics
from contend.report.drawing import Panel
from contend.report.scale import Scale, covering, ratio_ticks
from contend.report.source import Source
from contend.report.template import render
from contend.report.words import ratio_words
from contend.results import text

LEAST_COMMITS = 10
LETTERS = 9  # of a commit that the axis shows


def build(source: Source) -> Markup | None:
    """Those series with changes first. None where no history was given."""
    if not source.history:
        return None
    enough = [one for one in source.history if len(one["points"]) >= LEAST_COMMITS]
    enough.sort(key=lambda one: -len(one["changes"]))
    return render("timeline.html", source, least=LEAST_COMMITS,
                  changed=[_panel(one) for one in enough if one["changes"]],
                  steady=[_panel(one) for one in enough if not one["changes"]],
                  short=len(source.history) - len(enough))


def _panel(series: dict) -> dict:
    points = series["points"]
    metric = metrics.of(series["metric"])
    ends = [one[name] for one in points for name in ("low", "high") if one[name] is not None]
    axis = covering([one["ratio"] for one in points] + ends, [0.98, 1.02])
    title = f"{series['cell']} · {metric.title}"
    panel = Panel(f"History of {title}", _described(series), Scale(-0.6, len(points) - 0.4), axis)
    places = [0, len(points) // 2, len(points) - 1]
    panel.axes([(place, points[place]["commit"][:LETTERS]) for place in places],
               [(tick, f"{tick:.3g}") for tick in ratio_ticks(axis)], "commit",
               "ratio to reference")
    panel.level(1, "one")
    limits = [(place, one["low"], one["high"]) for place, one in enumerate(points)
              if one["low"] is not None and one["high"] is not None]
    panel.line([(place, one["ratio"]) for place, one in enumerate(points)], "side-head", 0,
               marked=[len(points) <= 120] * len(points), limits=limits)
    for change in series["changes"]:
        worse = "regressed" if change["after"] > change["before"] else "improved"
        panel.upright(change["index"] - 0.5, f"change {worse}")
        panel.words(f"{change['after'] / change['before'] * 100 - 100:+.1f} %",
                    change["index"] - 0.5, panel.TOP - 4, classes=worse)
    changes = [(change["commit"][:40],
                f"{ratio_words(change['before'])} → {ratio_words(change['after'])}" +
                ("" if change["p"] is None else f", p {change['p']:.1g}"))
               for change in series["changes"]]
    return {"title": title, "series": series, "changes": changes, "drawing": panel.drawn()}


def _described(series: dict) -> str:
    newest = series["points"][-1]
    return (f"{text.count(len(series['points']))} commits, the newest at "
            f"{ratio_words(newest['ratio'])}; change points: " + (", ".join(
                f"{one['commit'][:40]} from {ratio_words(one['before'])} to "
                f"{ratio_words(one['after'])}" for one in series["changes"]) or "none"))
