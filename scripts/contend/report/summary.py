"""Writes summary.md: a run in words and tables, for a terminal and for a pull request.

    scripts/summary.py results/latest && less results/latest/summary.md
"""
from __future__ import annotations

import textwrap
from pathlib import Path

from contend.results import text
from contend.results.findings import RULES, TROUBLE, leaders, troubles
from contend.results.marks import MEANINGS, is_starved, marks_of
from contend.results.result import Cell, Result, Scenario

NOTHING = "·"
MEMORY = "memory_per_connection_bytes"
PERCENTILES = [50, 90, 99, 99.9, 100]


def plus_minus(cell: Cell | None, metric: str, words) -> str:
    """`143 k ±7 %` with the cell's marks: the farther end of the 95 % interval."""
    one = cell.interval(metric) if cell else None
    if one is None:
        return marks_of(cell) or NOTHING
    spread = ""
    if one.low is not None and one.median:
        reach = max(one.high - one.median, one.median - one.low) / abs(one.median)
        spread = f" ±{reach * 100:.0f} %"
    return f"{words(one.median)}{spread} {marks_of(cell)}".strip()


def median(cell: Cell, metric: str, words) -> str:
    one = cell.interval(metric)
    return NOTHING if one is None else words(one.median)


def name_of(result: Result, engine: str) -> str:
    """In italics where it is an outside engine."""
    name = text.markdown(engine)
    return f"*{name}*" if result.is_outside(engine) else name


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Columns in which no row has anything are left out; numbers align at the right."""
    keep = [0] + [column for column in range(1, len(header))
                  if any(row[column] != NOTHING for row in rows)]
    cells = [[row[column] for column in keep] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(keep))]
    lines = ["| " + " | ".join(word.ljust(width) if column == 0 else word.rjust(width)
                               for column, (word, width) in enumerate(zip(row, widths))) + " |"
             for row in cells]
    rule = ["-" * (width + 2) if column == 0 else "-" * (width + 1) + ":"
            for column, width in enumerate(widths)]
    return [lines[0], "|" + "|".join(rule) + "|", *lines[1:], ""]


def throughput_table(result: Result, scenarios: list[Scenario]) -> list[str]:
    role = scenarios[0].role
    metric, words, what = ("throughput_per_s", text.count, f"{text.operations(role)}/s")
    if role != "serve":
        metric, words, what = "wall_ns", text.time_ns, "time from start to end"
    columns = [what] if scenarios[0].connections is None else [
        f"{one.connections:,}" for one in scenarios]
    lines = []
    if scenarios[0].connections is not None:
        noun = "connections" if role == "serve" else "requests at once"
        lines = [f"{what[0].upper()}{what[1:]}, by {noun}:", ""]
    return lines + table(["engine", *columns], [
        [name_of(result, engine.name)] + [plus_minus(result.cell(engine.name, one), metric, words)
                         for one in scenarios] for engine in result.engines
        if any(result.cell(engine.name, one) for one in scenarios)])


def user_share(cell: Cell) -> str:
    share = cell.user_share()
    return NOTHING if share is None else f"{share * 100:.0f} %"


def memory_per_connection(cell: Cell) -> str:
    """Starved connections may have nothing in the engine yet, those that end soon hold nothing."""
    words = NOTHING if cell.reconnects else median(cell, MEMORY, text.size_bytes)
    return f"≥ {words}" if is_starved(cell) and words != NOTHING else words


def latency_table(result: Result, scenario: Scenario, kind: str) -> list[str]:
    rows = []
    for engine in result.engines:
        cell = result.cell(engine.name, scenario)
        whole = cell.merged(kind) if cell else None
        if whole and whole.count:
            rows.append([f"{name_of(result, engine.name)} {marks_of(cell)}".strip()] + [
                text.time_ns(whole.value_at(one)) if one == 100 or whole.carries(one) else NOTHING
                for one in PERCENTILES] + [f"{whole.count:,}"])
    if not rows:
        return []
    of_kind = "" if kind == "all" else f" of {kind} requests"
    at = "" if scenario.connections is None else f" at {scenario.connections:,}"
    role = scenario.role
    title = (f"Length of a job{of_kind}, all samples merged:" if role == "run" else
             f"Latency{of_kind}{at}, {result.loop(scenario)}, all samples merged:")
    return [text.markdown(title), ""] + table(["engine", "p50", "p90", "p99", "p99.9", "greatest",
                                text.operations(role)], rows)


def cost_table(result: Result, scenario: Scenario) -> list[str]:
    rows = []
    for engine in result.engines:
        cell = result.cell(engine.name, scenario)
        if cell is None or not cell.measured:
            continue
        rows.append([f"{name_of(result, engine.name)} {marks_of(cell)}".strip(),
                     median(cell, "cpu_ns_per_operation", text.time_ns), user_share(cell),
                     median(cell, "voluntary_switches_per_operation", text.count),
                     median(cell, "involuntary_switches_per_operation", text.count),
                     memory_per_connection(cell),
                     median(cell, "peak_rss_bytes", text.size_bytes),
                     median(cell, "fairness_jain", "{:.2f}".format), str(cell.sample_count)])
    if not rows:
        return []
    at = "" if scenario.connections is None else f" at {scenario.connections:,}"
    operation = text.operations(scenario.role)[:-1]
    return [f"Cost of a {operation}{at}, medians:", ""] + table(
        ["engine", "CPU", "of it user", "waits", "preempted", "memory/conn.", "peak memory",
         "fairness", "samples"], rows)


def section(result: Result, scenario: Scenario) -> list[str]:
    scenarios = [one for one in result.scenarios if one.group == scenario.group]
    lines = [f"## {text.markdown(scenario.group)}", "",
             text.markdown(result.workloads[scenario.workload]["summary"]), ""]
    cells = [cell for one in scenarios for cell in result.of(one)]
    if computed := "; ".join(filter(None, [text.setting(cells), text.windows(cells)])):
        lines += [text.markdown(computed), ""]
    lines += throughput_table(result, scenarios)
    for kind in result.kinds(scenario):
        lines += latency_table(result, scenario, kind)
    return lines + cost_table(result, scenario)


def trouble(result: Result) -> list[str]:
    """Everything that has a mark."""
    lines = [f"- {name_of(result, one.engine)} {one.marks} {text.markdown(one.note)} "
             f"({text.markdown(one.places)})" for one in troubles(result)]
    return [f"## {TROUBLE}", "", *lines, ""] if lines else []


def compose(result: Result, connections: int) -> str:
    """The whole text."""
    chosen = result.chosen(connections)
    lines = [f"# contend, suite {text.markdown(result.run['suite'])}: which engine is ahead", ""]
    if text.is_noisy(result):
        lines += ["**The machine was busy with other things: don't trust these times.**", ""]
    lines += [f"- **{text.markdown(label)}**: {text.markdown(sentence)}"
              for label, sentence in leaders(result, chosen)]
    lines += ["", *(line for rule in RULES for line in textwrap.wrap(rule, 92)), ""]
    if any(engine.outside for engine in result.engines):
        lines += ["Names in *italics* are outside engines: programs of other runtimes "
                  "(docs/engines.md).", ""]
    roles = {cell.role for cell in result.cells}
    lines += [f"{text.markdown(line)}  "
              for line in (text.machine(result, roles), text.origin(result))] + [""]
    for scenario in chosen:
        lines += section(result, scenario)
    lines += trouble(result)
    lines += ["## Marks", ""] + [f"- {mark} {meaning}" for mark, meaning in MEANINGS.items()]
    lines += ["- ± the farther end of the 95 % interval of the median over samples (none: fewer "
              "than three)", f"- {NOTHING} not measured, or too few replies for "
              "that percentile"]
    return "\n".join(lines) + "\n"


def write(result: Result, directory: Path, connections: int) -> Path:
    """Returns the file written."""
    path = directory / "summary.md"
    path.write_text(compose(result, connections), encoding="utf-8")
    return path
