"""What an operation costs the engine in CPU time, user and system stacked, a panel a workload.

    scripts/plot_cpu.py results/latest
"""
from matplotlib.patches import Patch

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (QUIET, Sheet, bar_axis, bar_style, engine_rows, error_bar,
                                   filled_rows, value_label)
from contend.results import text
from contend.results.ranking import can_lead
from contend.results.result import Engine, Result, Scenario

TOTAL = "cpu_ns_per_operation"
SYSTEM_STYLE = {"alpha": 0.4, "hatch": "////", "edgecolor": "white"}
UNKNOWN_STYLE = {"alpha": 0.65}


def panel(sheet: Sheet, axes, result: Result, scenario: Scenario) -> None:
    sheet.heading(axes, scenario.label, cheapest(result, scenario))
    engine_rows(sheet, axes)
    cells = result.of(scenario)
    largest = max(one.top for cell in cells if (one := cell.interval(TOTAL)))
    factor, unit = text.time_unit(largest)
    bar_axis(axes, largest / factor, text.count,
             f"CPU {unit}/{text.operations(scenario.role)[:-1]}, "
             f"{text.samples_of(cells, TOTAL)}")
    for row, engine, cell, total in filled_rows(sheet, axes, scenario, TOTAL):
        drawn = total.over(factor)
        bar(axes, row, drawn.median, cell.user_share(), engine)
        error_bar(axes, drawn.median, row, drawn.low, drawn.high)
        value_label(axes, drawn.top, row, f"{text.time_ns(total.median)} {sheet.mark(cell)}")


def bar(axes, row: int, total: float, user_share: float | None, engine: Engine) -> None:
    if user_share is None:
        style = {"linestyle": ":"} if engine.outside else UNKNOWN_STYLE
        axes.barh(row, total, height=0.72, **bar_style(engine) | style)
        return
    user = total * user_share
    style = {"facecolor": "white", "hatch": SYSTEM_STYLE["hatch"]} if engine.outside else \
        SYSTEM_STYLE
    axes.barh(row, user, height=0.72, **bar_style(engine))
    axes.barh(row, total - user, left=user, height=0.72, **bar_style(engine) | style)


def cheapest(result: Result, scenario: Scenario) -> str:
    """Least of those that did all of the work, most of all."""
    costs = {cell: cell.interval(TOTAL).median for cell in result.of(scenario)
             if cell.interval(TOTAL)}
    able = [cell for cell in costs if can_lead(cell) and costs[cell] > 0]
    if not able or len(costs) < 2:
        return ""
    least, most = min(able, key=costs.get), max(costs, key=costs.get)
    return f"least: {least.engine}, most: {most.engine} with {costs[most] / costs[least]:.1f} ×"


def draw(result, options):
    scenarios = [one for one in result.chosen(options.connections) if result.has(one, TOTAL)]
    if not scenarios:
        raise NothingToShow("no cell has a CPU time")
    sheet = Sheet.of_rows(
        result, "CPU time per operation: shorter is better",
        "The engine's whole process tree, kernel included, without the load's. Bars are medians, "
        "whiskers the 95 % intervals of user and system together.", len(scenarios))
    handles = [Patch(facecolor=QUIET, label="user: the engine's own code"),
               Patch(facecolor=QUIET, label="system: the kernel on its behalf", linewidth=0,
                     **SYSTEM_STYLE)]
    if any(cell.interval(TOTAL) and cell.user_share() is None for cell in result.cells
           if cell.scenario in scenarios):
        handles.append(Patch(facecolor=QUIET, label="not told apart in so short a time",
                             **UNKNOWN_STYLE))
    sheet.legend(handles)
    for axes, scenario in zip(sheet.axes, scenarios):
        panel(sheet, axes, result, scenario)
    yield "cpu", sheet
