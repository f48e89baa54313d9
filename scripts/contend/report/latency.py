"""Latency percentiles on logarithmic axes, from all samples' histograms merged; and throughput and
the 99th percentile against the number of connections.
"""
from __future__ import annotations

from markupsafe import Markup

from contend.report import scale
from contend.report.drawing import Panel
from contend.report.scale import Scale
from contend.report.source import Source
from contend.report.template import render
from contend.results import text
from contend.results.histogram import BEYOND, MARKED, percentiles_of, rarity
from contend.results.marks import marks_of
from contend.results.result import Cell, Scenario

RARITY = Scale(1.9, 1100, log=True)  # 2 is the median, 1000 the 99.9th percentile


class Line:
    """One cell's, with how it is drawn."""

    def __init__(self, cell: Cell, label: str, classes: str, marker: int, engine: str | None):
        self.cell, self.label, self.classes = cell, label, classes
        self.marker, self.engine = marker, engine


def lines_of(source: Source, scenario: Scenario, engine: str | None = None) -> list[Line]:
    """Of a run a line an engine; of a comparison base and head of one engine."""
    if engine is None:
        return [Line(one, one.engine, source.classes(one.engine),
                     source.marker(one.engine), one.engine)
                for one in source.main.result.of(scenario)]
    return [Line(one, side.label, f"side-{side.label}", 1 - place, None)
            for place, side in enumerate(source.sides)
            if (one := side.result.cell(engine, scenario))]


def engines_of(source: Source, scenarios: list[Scenario]) -> list[str | None]:
    """A panel each; a run has all of them in one."""
    if source.comparison is None:
        return [None]
    return [engine for engine in source.engines if any(
        side.result.cell(engine, one) for side in source.sides for one in scenarios)]


def build(source: Source, connections: int, with_others: bool) -> Markup | None:
    """None where nothing has a histogram. `with_others`: as for the bars."""
    def panels(scenarios: list[Scenario]) -> list[dict]:
        return [made for one in scenarios for kind in source.main.result.kinds(one)
                for engine in engines_of(source, [one])
                if (made := _percentiles(source, one, kind, engine))]
    shown, others = (panels([one for one in some if one.role != "run"])
                     for some in source.chosen(connections))
    if not shown and not others:
        return None
    loops = sorted({source.main.result.loop(one) for one in source.scenarios} - {""})
    closed = (" In a closed loop a client waits for each reply before it asks again, so that a "
              "stall delays questions that are never counted." if "closed loop" in loops else "")
    return render("figures.html", source, id="latency", title="Latency percentiles", words=(
        f"Of all samples' histograms merged ({' and '.join(loops)}), on logarithmic axes; a line "
        f"ends where fewer than {BEYOND} replies lie beyond it.{closed}"),
        shown=shown, others=others if with_others or not others else None)


def _percentiles(source: Source, scenario: Scenario, kind: str,
                 engine: str | None) -> dict | None:
    drawn, said = [], []
    for line in lines_of(source, scenario, engine):
        merged = line.cell.merged(kind)
        levels = percentiles_of(merged) if merged else []
        # A third of the points are as good a line, and much less text.
        levels = [one for place, one in enumerate(levels)
                  if place % 3 == 0 or one in MARKED or one == levels[-1]]
        if levels:
            values = merged.values_at(levels)
            drawn.append((line, levels, [max(float(one), 1) for one in values]))
            said.append(f"{line.label} {marks_of(line.cell)}".strip() + ": " + ", ".join(
                f"p{one:g} {text.time_ns(merged.value_at(one))}" for one in MARKED
                if one in levels))
    if not drawn:
        return None
    title = scenario.title(kind)
    if engine is not None:
        title = f"{engine} · {title}"
    across = scale.around([value for _, _, values in drawn for value in values])
    panel = Panel(f"Latency percentiles, {title}", "; ".join(said), RARITY, across)
    panel.axes([(rarity(one), f"p{one:g}") for one in MARKED],
               [(tick, text.short(text.time_ns(tick))) for tick in across.ticks()],
               "percentile", "latency")
    for line, levels, values in drawn:
        panel.line([(rarity(level), value) for level, value in zip(levels, values)], line.classes,
                   line.marker, marked=[level in MARKED for level in levels], engine=line.engine)
    marks = [f"{line.label} {marks_of(line.cell)}" for line, _, _ in drawn if marks_of(line.cell)]
    return {"caption": f"{title}{' – ' + '; '.join(marks) if marks else ''}",
            "drawing": panel.drawn(), "engine": engine}


def build_connections(source: Source) -> Markup | None:
    """None where no workload has several numbers of connections."""
    groups: dict[str, list[Scenario]] = {}
    for one in source.scenarios:
        if one.connections is not None:
            groups.setdefault(one.group, []).append(one)
    panels = [made for scenarios in groups.values() if len(scenarios) > 1
              for engine in engines_of(source, scenarios)
              for made in _against_connections(source, scenarios, engine)]
    if not panels:
        return None
    return render("figures.html", source, id="connections", title="Against connections", words=(
        "Throughput (medians over samples) and the 99th percentile of latency (of merged "
        "histograms) as connections grow, with bands of 95 %. A hollow marker has a mark in the "
        "tables above. In a closed loop, connections by throughput is the mean latency: the second "
        "figure tells something new only of the tail."), shown=panels, others=[])


def _against_connections(source: Source, scenarios: list[Scenario],
                         engine: str | None) -> list[dict]:
    scenarios = sorted(scenarios, key=lambda one: one.connections)
    lines: dict[str, list[Line]] = {}
    for scenario in scenarios:
        for line in lines_of(source, scenario, engine):
            lines.setdefault(line.label, []).append(line)
    made = []
    seed = source.main.result.run["seed"]
    kinds = source.main.result.kinds(scenarios[0])
    values = [("Throughput", text.count, f"{text.operations(scenarios[0].role)}/s",
               lambda cell: cell.interval("throughput_per_s"))]
    for kind in kinds:
        of = "" if kind == "all" else f", {kind} requests"
        values.append((f"99th percentile{of}", text.time_ns, "p99",
                       lambda cell, kind=kind: cell.percentile(99, kind, seed)))
    for title, words, label, value in values:
        points = [(its[0], [(line.cell, found) for line in its if (found := value(line.cell))])
                  for its in lines.values()]
        points = [(line, its) for line, its in points if its]
        if points:
            name = f"{scenarios[0].group} · {title}" if engine is None else (
                f"{engine} · {scenarios[0].group} · {title}")
            made.append(_growth(name, [one.connections for one in scenarios], points, words, label,
                                engine))
    return made


def _growth(title: str, counts: list[int], lines: list, words, label: str,
            engine: str | None) -> dict:
    tops = [one.top for _, its in lines for _, one in its]
    lows = [one.low or one.median for _, its in lines for _, one in its]
    across = scale.from_zero(max(tops)) if words is text.count else scale.around(lows + tops)
    said = "; ".join(f"{line.label}: " + ", ".join(
        f"{cell.scenario.connections}: {words(one.median)}" for cell, one in its)
        for line, its in lines)
    panel = Panel(title, said, Scale(min(counts) / 1.25, max(counts) * 1.25, log=True), across)
    panel.axes([(one, f"{one:,}") for one in counts],
               [(tick, text.short(words(tick))) for tick in across.ticks()], "connections", label)
    for line, its in lines:
        limits = [(cell.scenario.connections, one.low, one.high) for cell, one in its
                  if one.low is not None]
        panel.line([(cell.scenario.connections, one.median) for cell, one in its], line.classes,
                   line.marker, hollow=[bool(marks_of(cell)) for cell, _ in its], limits=limits,
                   engine=line.engine)
    return {"caption": title, "drawing": panel.drawn(), "engine": engine}
