"""Wall time of many requests at once against how many there are: the engine as a client.

    scripts/plot_fetch.py results/latest
"""
from matplotlib.ticker import FuncFormatter

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (Sheet, bar_axis, bar_style, connection_axis, engine_rows,
                                   error_bar, filled_rows, height_of_rows, lines_with_bands,
                                   log_axis, room_for_names, value_label)
from contend.results import text
from contend.results.result import Result, Scenario

METRIC = "wall_ns"
NEAR = 5  # times the fastest: what lies beyond is left out of the closer look


def lines(sheet: Sheet, axes, result: Result, scenarios: list[Scenario]) -> list[str]:
    """Draws an engine a line and returns the marks in words."""
    remarks = []
    for engine in result.engines:
        cells = [cell for one in scenarios if (cell := result.cell(engine.name, one))]
        remarks.append(sheet.remark(cells))
        points = [(cell, one) for cell in cells if (one := cell.interval(METRIC))]
        if points:
            lines_with_bands(axes, engine,
                             [(cell.scenario.connections, one) for cell, one in points],
                             [bool(sheet.mark(cell)) for cell, _ in points])
    connection_axis(axes, [one.connections for one in scenarios], "requests at once")
    return remarks


def row_of_lines(sheet: Sheet, left, right, result: Result, scenarios: list[Scenario]) -> None:
    group = scenarios[0].group
    samples = [len(cell.values(METRIC)) for cell in result.cells
               if cell.scenario in scenarios and cell.measured]
    remarks = lines(sheet, left, result, scenarios)
    sheet.heading(left, group, "; ".join(filter(None, [text.sample_counts(samples), *remarks])))
    left.set_yscale("log")
    log_axis(left.yaxis)
    left.set_ylabel("time until the last is answered", fontsize=8.5)

    lines(sheet, right, result, scenarios)
    walls = [one for cell in result.of(scenarios[-1]) if (one := cell.interval(METRIC))]
    fastest = min((one.median for one in walls), default=1)
    right.set_ylim(0, 1.2 * max((one.top for one in walls
                                 if one.median <= NEAR * fastest), default=1))
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: text.short(text.time_ns(value))))
    sheet.heading(right, f"{group}, a closer look", f"linear, from zero; what takes over {NEAR} × "
                  "the fastest leaves at the top")


def bars(sheet: Sheet, axes, result: Result, scenario: Scenario) -> None:
    engine_rows(sheet, axes)
    cells = result.of(scenario)
    sheet.heading(axes, scenario.label, text.samples_of(cells, METRIC))
    largest = max(one.top for cell in cells if (one := cell.interval(METRIC)))
    factor, unit = text.time_unit(largest)
    bar_axis(axes, largest / factor, text.count, f"{unit} until the last is answered")
    for row, engine, cell, one in filled_rows(sheet, axes, scenario, METRIC):
        drawn = one.over(factor)
        axes.barh(row, drawn.median, height=0.72, **bar_style(engine))
        error_bar(axes, drawn.median, row, drawn.low, drawn.high)
        value_label(axes, drawn.top, row, f"{text.time_ns(one.median)} {sheet.mark(cell)}")


def draw(result, _):
    groups = result.groups("drive", METRIC)
    if not groups:
        raise NothingToShow("no engine was measured as a client")
    several = any(len(scenarios) > 1 for scenarios in groups)
    sheet = Sheet(result, "Wall time of requests at once: lower is better",
                  "Every answer takes the origin a while: a flat line waits for all at once, "
                  "a rising one for one after the other. Medians with 95 % intervals.",
                  len(groups) * (2 if several else 1), columns=2,
                  panel_height=2.6 if several else height_of_rows(result),
                  left=0.85 if several else room_for_names(result), gap=0.85)
    if several:
        sheet.engine_legend()
    else:
        sheet.legend([])
    panels = iter(sheet.axes)
    for scenarios in groups:
        if len(scenarios) > 1:
            row_of_lines(sheet, next(panels), next(panels), result, scenarios)
        else:
            bars(sheet, next(panels), result, scenarios[0])
    for axes in panels:
        axes.set_axis_off()
    yield "fetch", sheet
