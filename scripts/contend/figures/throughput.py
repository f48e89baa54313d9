"""Throughput by engine, a panel a workload: medians from zero, intervals, every sample.

    scripts/plot_throughput.py results/latest
"""
from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (INK, Sheet, bar_axis, bar_style, engine_rows, error_bar,
                                   filled_rows, value_label)
from contend.results import text
from contend.results.result import Result, Scenario

METRIC = "throughput_per_s"


def panel(sheet: Sheet, axes, result: Result, scenario: Scenario) -> None:
    sheet.scenario_heading(axes, scenario)
    engine_rows(sheet, axes)
    cells = result.of(scenario)
    ends = {cell.engine: max([one.top] + [value for _, value in cell.values(METRIC)])
            for cell in cells if (one := cell.interval(METRIC))}
    bar_axis(axes, max(ends.values(), default=0), text.count,
             f"{text.operations(scenario.role)}/s, {text.samples_of(cells, METRIC)}")
    for row, engine, cell, one in filled_rows(sheet, axes, scenario, METRIC):
        axes.barh(row, one.median, height=0.72, **bar_style(engine, alpha=0.75))
        values = cell.values(METRIC)
        # From top to bottom in the order of the rounds, so that a drift shows as a slope.
        heights = [row + 0.5 * (index / max(len(values) - 1, 1) - 0.5) * (len(values) > 1)
                   for index in range(len(values))]
        axes.scatter([value for _, value in values], heights, s=5, color=INK, linewidths=0.3,
                     edgecolors="white", zorder=3)
        error_bar(axes, one.median, row, one.low, one.high)
        value_label(axes, ends[engine.name], row, f"{text.count(one.median)} {sheet.mark(cell)}")


def draw(result, options):
    scenarios = [one for one in result.chosen(options.connections) if result.has(one, METRIC)]
    if not scenarios:
        raise NothingToShow("no cell has a throughput")
    sheet = Sheet.of_rows(
        result, "Throughput by engine: longer is better",
        "Bars are medians of samples, whiskers their 95 % intervals, dots the single samples, the "
        "first round uppermost. Under each title: what was computed and who is ahead, with the "
        "ratio's 95 % interval.", len(scenarios))
    sheet.legend([])
    for axes, scenario in zip(sheet.axes, scenarios):
        panel(sheet, axes, result, scenario)
    yield "throughput", sheet
