"""The page's first section: the verdict in words, or of a plain run who leads; and how to read it.

What it says of a comparison is ab.json's; it judges nothing itself.
"""
from __future__ import annotations

import math

from contend.report import metrics
from contend.report.figure import verdict_icon
from contend.report.markup import Markup, element
from contend.report.parts import (chosen, details, engine_name, interval_words, listed, paragraph,
                                  ratio_words, section)
from contend.report.source import VERDICTS, Source
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
    if source.comparison is None:
        return section("verdict", "Who leads", *warnings(source), *_of_run(source, connections))
    return section("verdict", "Verdict", *_of_comparison(source), *warnings(source),
                   _lists(source), _how_to_read(source))


def warnings(source: Source) -> list[Markup]:
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
    return [paragraph(element("strong", "Note. "), one, class_="warning") for one in said]


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


def _of_comparison(source: Source) -> list[Markup]:
    fields = source.comparison
    verdict = fields["verdict"]
    sides = paragraph("head ", element("strong", fields["head"]["name"]), " beside base ",
                      element("strong", fields["base"]["name"]), f", suite {source.run['suite']}")
    counts = element("ul", [
        element("li", verdict_icon(one), " ", element("b", str(fields["counts"][one])), f" {one}",
                class_=f"count {one}") for one in VERDICTS], class_="counts",
        aria_label="comparisons by verdict")
    return [element("div", paragraph(verdict_icon(verdict), " ", headline(source),
                                     class_="headline"), sides, class_=f"banner {verdict}"), counts]


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


def _line(comparison: dict) -> list[object]:
    parts: list[object] = [element("b", comparison["cell"]), " · ",
                           metrics.of(comparison["metric"]).title]
    if comparison["ratio"] is not None:
        parts += [": ", element("span", f"{ratio_words(comparison['ratio'])} ", class_="ratio"),
                  f"({interval_words(comparison['ratio_low'], comparison['ratio_high'])})"]
    if moved := before_and_after(comparison):
        parts.append(f", {moved}")
    if comparison["reason"]:
        parts.append(f" – {comparison['reason']}")
    return parts


def _lines(comparisons: list[dict]) -> list[list[object]]:
    """A line each; those of a cell that have no ratio, for the same reason, share one."""
    shared: dict[tuple, list[dict]] = {}
    for one in comparisons:
        alone = one["metric"] if one["ratio"] is not None else None
        shared.setdefault((one["cell"], one["reason"], alone), []).append(one)
    return [_line(its[0]) if len(its) == 1 else [
        element("b", cell), " · ", ", ".join(metrics.of(one["metric"]).title for one in its),
        f" – {reason}" if reason else ""] for (cell, reason, _), its in shared.items()]


def _lists(source: Source) -> list[Markup]:
    """What regressed is open, the rest is there on demand."""
    made = []
    for verdict in VERDICTS[:-1]:
        found = [one for one in by_effect(source.comparison["comparisons"])
                 if one["verdict"] == verdict]
        if found:
            made.append(details(
                f"What {'is ' if verdict in ('invalid', 'inconclusive') else ''}{verdict} "
                f"({len(found)})", listed(_lines(found), "findings"),
                open_=verdict == "regressed"))
    return made


def _how_to_read(source: Source) -> Markup:
    run = source.run
    effects = sorted({one["smallest_effect"] for one in source.comparison["comparisons"]})
    smallest = " to ".join(f"{one * 100:g} %" for one in effects[:1] + effects[1:][-1:])
    sure = (f"Intervals hold the true ratio with a confidence of {run['confidence'] * 100:g} % "
            f"each. A difference counts where it passes Holm's correction at {run['alpha'] * 100:g}"
            " % over all comparisons, and its estimate is beyond the smallest effect that matters"
            + (f" ({smallest})." if smallest else "."))
    return details(
        "How to read this",
        paragraph("A ratio is what the head costs, by what the base costs: 1.050 is 5 % worse, "
                  "0.950 is 5 % better, whatever the metric. Cost is one by the throughput, or the "
                  "latency, CPU time or memory itself. The figures of base and head beside it are "
                  "medians of each side; ratios are of neighbours in time, so that the two may "
                  "disagree where the machine drifted."),
        paragraph(sure),
        element("dl", [[element("dt", verdict_icon(one), " ", one), element("dd", meaning)]
                       for one, meaning in _MEANINGS.items()], class_="meanings"))


def _of_run(source: Source, connections: int) -> list[Markup]:
    result = source.main.result
    lines = [[element("b", label), ": ", sentence]
             for label, sentence in leaders(result, chosen(source, connections)[0])]
    return [
        listed(lines, "findings") or paragraph("Nothing was measured."),
        _trouble(source),
        details("How to read this", paragraph(" ".join(RULES)),
            paragraph("This is one run of one machine. Whether a commit made something slower is "
                      "another question, which contend ab answers."),
            element("dl", [[element("dt", mark), element("dd", meaning)]
                           for mark, meaning in MEANINGS.items()], class_="meanings"))]


def _trouble(source: Source) -> Markup | None:
    """Everything that has a mark."""
    lines = [[engine_name(source, one.engine), f" {one.marks} {one.note} ({one.places})"]
             for one in troubles(source.main.result)]
    return details(f"{TROUBLE} ({len(lines)})", listed(lines, "findings")) if lines else None
