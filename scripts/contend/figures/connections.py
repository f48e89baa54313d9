"""Throughput and p99 latency against the number of connections, with 95 % bands.

    scripts/plot_connections.py results/latest
"""
from matplotlib.ticker import FuncFormatter

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import QUIET, Sheet, connection_axis, lines_with_bands, log_axis
from contend.results import text
from contend.results.marks import STARVED, STARVED_NOTE
from contend.results.result import Result, Scenario

METRIC = "throughput_per_s"


def row(sheet: Sheet, left, right, result: Result, scenarios: list[Scenario], kind: str) -> None:
    remarks = []
    for engine in result.engines:
        cells = [cell for one in scenarios if (cell := result.cell(engine.name, one))]
        remarks.append(sheet.remark(cells))
        for axes, value in ((left, lambda cell: cell.interval(METRIC)),
                            (right, lambda cell: cell.percentile(99, kind, result.run["seed"]))):
            points = [(cell, one) for cell in cells if (one := value(cell))]
            if points:
                lines_with_bands(axes, engine,
                                 [(cell.scenario.connections, one) for cell, one in points],
                                 [bool(sheet.mark(cell)) for cell, _ in points])
    counts = [one.connections for one in scenarios]
    of_kind = "" if kind == "all" else f", {kind} requests"
    samples = [len(cell.values(METRIC)) for cell in result.cells
               if cell.scenario in scenarios and cell.measured]
    noted = "; ".join(filter(None, remarks))
    sheet.heading(left, f"{scenarios[0].group}: throughput, {text.sample_counts(samples)}", noted)
    sheet.heading(right, f"{scenarios[0].group}: 99th percentile of latency{of_kind}",
                  "merged from all samples' histograms")
    for axes in (left, right):
        connection_axis(axes, counts, "connections")
    left.set_ylim(bottom=0)
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text.short(text.count(value))))
    left.set_ylabel(f"{text.operations(scenarios[0].role)}/s", fontsize=8.5)
    if right.lines:
        right.set_yscale("log")
        log_axis(right.yaxis)
    else:
        right.set_yticks([])
        right.text(0.5, 0.5, "too few replies for a 99th percentile", transform=right.transAxes,
                   ha="center", fontsize=8.5, fontstyle="italic", color=QUIET)
    right.set_ylabel(f"p99, {result.loop(scenarios[0])}", fontsize=8.5)


def draw(result, _):
    rows = [(scenarios, kind) for scenarios in result.groups("serve", METRIC) if len(scenarios) > 1
            for kind in result.kinds(scenarios[0])]
    if not rows:
        raise NothingToShow("no workload was measured at two connection counts")
    sheet = Sheet(result, "Throughput and tail latency as connections grow",
                  "Lines are medians over samples (left) and merged percentiles (right), bands "
                  "95 % intervals. A hollow marker has a mark, named under the left title with "
                  "its engine and connections.",
                  2 * len(rows), columns=2, panel_height=2.3, left=0.75, gap=0.75)
    sheet.engine_legend()
    for index, (scenarios, kind) in enumerate(rows):
        row(sheet, *sheet.axes[2 * index:2 * index + 2], result, scenarios, kind)
    if STARVED in sheet.used_marks:
        sheet.notes.append(STARVED_NOTE)
    yield "connections", sheet
