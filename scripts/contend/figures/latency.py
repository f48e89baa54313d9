"""Latency percentiles by engine up to the 99.9th, from the merged histograms of all samples.

    scripts/plot_latency.py results/latest --connections 256
"""
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import GRID, Sheet, error_bar, line_style, log_axis
from contend.results.histogram import BEYOND, MARKED, intervals_at, percentiles_of, rarity
from contend.results.marks import STARVED, STARVED_NOTE
from contend.results.result import Result, Scenario


def panel(sheet: Sheet, axes, result: Result, scenario: Scenario, kind: str) -> None:
    remarks, counts = [], []
    for index, engine in enumerate(result.engines):
        cell = result.cell(engine.name, scenario)
        marks = sheet.mark(cell)
        if marks:
            remarks.append(f"{engine.name} {marks}")
        merged = cell.merged(kind) if cell else None
        levels = percentiles_of(merged) if merged else []
        if not levels:
            continue
        counts.append(merged.count)
        values = merged.values_at(levels)
        where = [levels.index(one) for one in MARKED if one in levels]
        axes.plot([rarity(one) for one in levels], values, markevery=where, **line_style(engine),
                  alpha=0.5 if STARVED in marks else 1)
        shown = [levels[one] for one in where]
        intervals = intervals_at(cell.histograms(kind), shown, result.run["seed"])
        for at, percentile, interval in zip(where, shown, intervals):
            if interval:
                # Beside each other, evenly around the percentile, so that none hides another.
                beside = 0.012 * (index - (len(result.engines) - 1) / 2)
                error_bar(axes, rarity(percentile) * (1 + beside), values[at], *interval,
                          horizontal=False, colour_=line_style(engine)["color"], width=1, cap=1.5)
    replies = f"at least {min(counts):,} replies a line" if counts else "too few replies for a line"
    sheet.heading(axes, scenario.title(kind), "; ".join([replies, *remarks]))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(1.9, 1100)
    axes.xaxis.set_major_locator(FixedLocator([rarity(one) for one in MARKED]))
    axes.xaxis.set_major_formatter(FixedFormatter([f"p{one:g}" for one in MARKED]))
    axes.xaxis.set_minor_locator(NullLocator())
    log_axis(axes.yaxis)
    axes.grid(color=GRID, linewidth=0.7)
    axes.set_ylabel(f"latency, {result.loop(scenario)}", fontsize=8.5)


def draw(result, options):
    panels = [(scenario, kind) for scenario in result.chosen(options.connections, ("serve",))
              for kind in result.kinds(scenario)
              if any(cell.histograms(kind) for cell in result.of(scenario))]
    if not panels:
        raise NothingToShow("no sample of a serving engine has a histogram")
    sheet = Sheet(result, "Latency percentiles by engine: lower is better",
                  "All samples' histograms merged; whiskers are 95 % intervals over samples. "
                  "In a closed loop a client waits for each reply before it asks again, so a stall "
                  "delays questions that are never counted. A line ends where fewer than "
                  f"{BEYOND} replies lie beyond it.",
                  len(panels), columns=2, panel_height=2.15, left=0.75, gap=0.75)
    sheet.engine_legend()
    for axes, (scenario, kind) in zip(sheet.axes, panels):
        panel(sheet, axes, result, scenario, kind)
    if STARVED in sheet.used_marks:
        sheet.notes.append(f"{STARVED_NOTE} Its line is pale.")
    yield "latency", sheet
