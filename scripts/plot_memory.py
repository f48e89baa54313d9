#!/usr/bin/python3
"""Memory an engine takes for each open connection, at the most connections measured.

    scripts/plot_memory.py results/latest
"""
from matplotlib.ticker import LogLocator, NullLocator

from charts import text
from charts.command import NothingToShow, main
from charts.figure import (Sheet, engine_rows, error_bar, line_style, log_axis, missing,
                           value_label)
from charts.result import Result, Scenario

METRIC = "memory_per_connection_bytes"
LEAST = 32.0  # bytes; less than this is noise of the pages that the kernel counts in


def panel(sheet: Sheet, axes, result: Result, scenario: Scenario, limits: tuple) -> None:
    cells = [result.cell(engine.name, scenario) for engine in result.engines]
    counts = [len(cell.values(METRIC)) for cell in cells if cell and cell.interval(METRIC)]
    sheet.heading(axes, scenario.label, text.sample_counts(counts))
    engine_rows(sheet, axes)
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    for row, (engine, cell) in enumerate(zip(result.engines, cells)):
        one = cell.interval(METRIC) if cell else None
        if one is None:
            missing(sheet, axes, row, cell, x=limits[0])
            continue
        at = max(one.median, LEAST)
        if one.median >= LEAST:
            axes.plot([at], [row], **line_style(engine) | {"markersize": 8})
            if one.low is not None:
                error_bar(axes, at, row, max(one.low, limits[0]), max(one.high, at),
                          zorder=1)
        end = max(at, one.high or at)
        words = text.size_bytes(one.median) if one.median >= LEAST else f"under {LEAST:.0f} B"
        value_label(axes, end, row, f"{words} {sheet.mark(cell)}", away=8)
    log_axis(axes.xaxis, text.size_bytes)
    axes.xaxis.set_major_locator(LogLocator(base=16, numticks=9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("memory per connection, logarithmic", fontsize=8.5, labelpad=2)


def draw(result, _):
    scenarios = [one for one in result.chosen(float("1e9"), ("serve",)) if any(
        cell.interval(METRIC) for cell in result.cells if cell.scenario == one)]
    if not scenarios:
        raise NothingToShow("no cell has a memory per connection")
    values = [one for cell in result.cells if cell.scenario in scenarios
              if (one := cell.interval(METRIC))]
    limits = (20.0, max([1024.0] + [one.high or one.median for one in values]) * 16)
    sheet = Sheet(result, "Memory per connection: further left is better",
                  "What the engine's process tree grew by, shared pages counted once, divided by "
                  "its connections. Medians with 95 % intervals. The axis is logarithmic: a step "
                  "is a factor, not a sum.",
                  len(scenarios), columns=3, panel_height=0.215 * len(result.engines) + 0.1,
                  left=0.85, gap=0.22, share_y=True)
    for axes, scenario in zip(sheet.axes, scenarios):
        panel(sheet, axes, result, scenario, limits)
    yield "memory", sheet


if __name__ == "__main__":
    main(__doc__, draw)
