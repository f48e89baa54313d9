"""Memory an engine takes for each open connection, at the most connections measured.

    scripts/plot_memory.py results/latest
"""
from matplotlib.ticker import LogLocator, NullLocator

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (Sheet, bar_style, colour, engine_rows, error_bar, filled_rows,
                                   line_style, log_axis, value_label)
from contend.results import text
from contend.results.marks import STARVED, is_starved
from contend.results.result import Cell, Result, Scenario

METRIC = "memory_per_connection_bytes"
PALE = 0.4
LEAST = 32.0  # bytes; less than this is noise of the pages that the kernel counts in


def panel(sheet: Sheet, axes, result: Result, scenario: Scenario, limits: tuple) -> None:
    sheet.heading(axes, scenario.label, text.samples_of(result.of(scenario), METRIC))
    engine_rows(sheet, axes)
    axes.set_xscale("log")
    axes.set_xlim(*limits)
    for row, engine, cell, one in filled_rows(sheet, axes, scenario, METRIC, limits[0]):
        at = max(one.median, LEAST)
        pale = PALE if is_starved(cell) else 1
        if one.median >= LEAST:
            axes.plot([at], [row], **line_style(engine) | {"markersize": 8}, alpha=pale,
                      markerfacecolor=bar_style(engine).get("facecolor", colour(engine)))
            if one.low is not None:
                error_bar(axes, at, row, max(one.low, limits[0]), max(one.high, at),
                          zorder=1, alpha=pale)
        end = max(at, one.high or at)
        value_label(axes, end, row, f"{words_of(cell)} {sheet.mark(cell)}", away=8)
    log_axis(axes.xaxis, text.size_bytes)
    axes.xaxis.set_major_locator(LogLocator(base=16, numticks=9))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("memory per connection, logarithmic", fontsize=8.5, labelpad=2)


def words_of(cell: Cell) -> str:
    value = cell.interval(METRIC).median
    if is_starved(cell):
        return f"≥ {text.size_bytes(value)}" if value >= LEAST else "not told"
    return text.size_bytes(value) if value >= LEAST else f"under {LEAST:.0f} B"


def is_shown(cell: Cell) -> bool:
    """Connections that end after a few requests are seldom all there when the memory is read."""
    return cell.interval(METRIC) is not None and not cell.reconnects


def draw(result, _):
    scenarios = [one for one in result.chosen(float("1e9"), ("serve",))
                 if any(map(is_shown, result.of(one)))]
    if not scenarios:
        raise NothingToShow("no cell has a memory per connection that stays open")
    values = [one for scenario in scenarios for cell in result.of(scenario)
              if (one := cell.interval(METRIC))]
    limits = (20.0, max([1024.0] + [one.top for one in values]) * 16)
    sheet = Sheet.of_rows(
        result, "Memory per connection: further left is better",
        "What the engine's process tree grew by, shared pages counted once, divided by its "
        "connections. Medians with 95 % intervals. The axis is logarithmic: a step is a factor, "
        "not a sum.", len(scenarios))
    sheet.legend([])
    for axes, scenario in zip(sheet.axes, scenarios):
        panel(sheet, axes, result, scenario, limits)
    if STARVED in sheet.used_marks:
        sheet.notes.append("Pale, ≥: some connections starved and may have nothing in the engine yet; "
                           "one that has takes this or more.")
        sheet.notes.append("Not told: too few of the connections had anything in the engine.")
    yield "memory", sheet
