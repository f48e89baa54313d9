"""The page's first section: the verdict in words, or of a plain run who leads; and how to read it.

What it says of a comparison is ab.json's; it judges nothing itself.
"""
from __future__ import annotations

import math

from markupsafe import Markup

from contend.report import metrics
from contend.report.source import VERDICTS, Source
from contend.report.template import render
from contend.report.words import interval_words, ratio_words
from contend.results import text
from contend.results.findings import RULES, TROUBLE, leaders, troubles
from contend.results.marks import MEANINGS

_MEANINGS = {
    "regressed": "the head costs more, by more than the smallest effect that matters, and so "
                 "clearly that a false alarm in the whole suite is unlikely",
    "invalid": "could not be judged: slices failed, or others used the machine meanwhile",
    "inconclusive": "the interval reaches into what matters and into what does not",
    "improved": "the head costs less, by more than the smallest effect, as clearly",
    "unchanged": "the whole interval lies within the smallest effect",
}


def build(source: Source, connections: int) -> Markup:
    more = _of_run(source, connections) if source.comparison is None else _of_comparison(source)
    return render("verdict.html", source, warnings=warnings(source), **more)


def warnings(source: Source) -> list[str]:
    """What makes the whole less than it should be."""
    said = []
    run, noise = source.run, (source.comparison or source.main.fields)["noise"]
    if not run["complete"]:
        done = f": {run['rounds_finished']} of {run['rounds']} rounds" if "rounds" in run else ""
        said.append(f"Incomplete: the measurement ended before its time{done}.")
    if not run.get("interleaved", True):
        said.append("Two stored results, measured at different times: what the machine did "
                    "meanwhile is in the ratios, and no interval can tell it from the change.")
    taken = {name: noise[name] or 0 for name in ("steal_share", "foreign_cpu_share")}
    if sum(taken.values()) > text.NOISY:
        trust = "Don't trust these times." if source.comparison is None else (
            "Slices beyond a limit are left out of the ratios; don't trust the absolute figures.")
        said.append(f"The machine was busy with other things: {taken['steal_share'] * 100:.1f} % "
                    f"of the CPU time was stolen, {taken['foreign_cpu_share'] * 100:.1f} % went to "
                    f"other processes. {trust}")
    sanitizers = {one.result.build["sanitizers"] for one in source.sides} - {""}
    if sanitizers:
        said.append(f"Built with sanitizers ({', '.join(sorted(sanitizers))}): times mean nothing.")
    return said


def headline(source: Source) -> str:
    """The verdict as a sentence."""
    fields = source.comparison
    counts, total = fields["counts"], len(fields["comparisons"])
    of = f"{total} comparison" + ("s" if total != 1 else "")
    undecided = [f"{counts[one]} {one}" for one in ("invalid", "inconclusive") if counts[one]]
    beside = f" ({', '.join(undecided)})" if undecided else ""
    return {
        "regressed": f"Regressed: {counts['regressed']} of {of} cost more{beside}",
        "invalid": (f"Invalid: {counts['invalid']} of {of} could not be judged, and none regressed"
                    if total else "Invalid: nothing was compared"),
        "inconclusive": f"Inconclusive: nothing regressed as far as can be told, but "
                        f"{counts['inconclusive']} of {of} are undecided",
        "improved": f"Improved: {counts['improved']} of {of} cost less, and none more",
        "unchanged": f"Unchanged: no difference that matters in {of}",
    }[fields["verdict"]]


def _of_comparison(source: Source) -> dict:
    comparisons = by_effect(source.comparison["comparisons"])
    found = {verdict: [one for one in comparisons if one["verdict"] == verdict]
             for verdict in VERDICTS[:-1]}
    effects = sorted({one["smallest_effect"] for one in comparisons})
    return {"headline": headline(source), "verdicts": VERDICTS, "meanings": _MEANINGS,
            "lists": [(verdict, len(its), _lines(its)) for verdict, its in found.items() if its],
            "smallest": " to ".join(f"{one * 100:g} %" for one in effects[:1] + effects[1:][-1:])}


def by_effect(comparisons: list[dict]) -> list[dict]:
    """By verdict, and the largest effect first."""
    return sorted(comparisons, key=lambda one: (VERDICTS.index(one["verdict"]), -effect(one)))


def effect(comparison: dict) -> float:
    return abs(math.log(comparison["ratio"])) if comparison["ratio"] else 0.0


def before_and_after(comparison: dict) -> str | None:
    words = metrics.of(comparison["metric"]).words
    if comparison["base"] is None or comparison["head"] is None:
        return None
    return f"{words(comparison['base'])} → {words(comparison['head'])}"


def _lines(comparisons: list[dict]) -> list[dict]:
    """A line each; those of a cell that have no ratio, for the same reason, share one."""
    shared: dict[tuple, list[dict]] = {}
    for one in comparisons:
        alone = one["metric"] if one["ratio"] is not None else None
        shared.setdefault((one["cell"], one["reason"], alone), []).append(one)
    return [{"cell": cell, "reason": reason,
             "titles": ", ".join(metrics.of(one["metric"]).title for one in its),
             "ratio": ratio_words(its[0]["ratio"]) if its[0]["ratio"] is not None else None,
             "interval": interval_words(its[0]["ratio_low"], its[0]["ratio_high"]),
             "moved": before_and_after(its[0]) if len(its) == 1 else None}
            for (cell, reason, _), its in shared.items()]


def _of_run(source: Source, connections: int) -> dict:
    result = source.main.result
    return {"leaders": leaders(result, source.chosen(connections)[0]), "rules": RULES,
            "trouble_title": TROUBLE, "troubles": troubles(result), "marks": MEANINGS}
