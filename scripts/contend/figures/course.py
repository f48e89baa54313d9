"""The course's comparisons: how long each engine took, and who ran when, ours beside Python.

    scripts/plot_course.py results/latest

Two figures an item: `course-NAME`, all engines, and `course-NAME-timeline`, drawn from the starts and
finishes that were measured. What an item compares is in workloads/course.json.
"""
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator

from contend import ROOT
from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (GRID, QUIET, Sheet, colour, engine_rows, error_bar,
                                   height_of_rows, line_style, log_axis, missing, name_style,
                                   room_for_names, value_label)
from contend.figures.timeline import WAITING, end_of, panel, time_axis, typical
from contend.results import text
from contend.results.result import Engine, Result, Scenario, read_json

COURSE = ROOT / "workloads" / "course.json"
MOST_LANES = 12  # a time line of more is nothing but a wall


def metric_of(scenario: Scenario) -> str:
    return "throughput_per_s" if scenario.role == "serve" else "wall_ns"


def name_of(scenario: Scenario) -> str:
    """As course.json calls it: WORKLOAD[/CONNECTIONS][/VARIANT]."""
    parts = [scenario.workload, scenario.connections, scenario.variant]
    return "/".join(str(part) for part in parts if part)


def dots(sheet: Sheet, axes, result: Result, scenario: Scenario) -> None:
    """An engine a row, on a logarithmic axis, since the languages are far apart."""
    metric = metric_of(scenario)
    words = text.count if scenario.role == "serve" else text.time_ns
    engine_rows(sheet, axes)
    cells = [result.cell(engine.name, scenario) for engine in result.engines]
    shown = [one for cell in cells if cell and (one := cell.interval(metric))]
    axes.set_xscale("log")
    axes.set_xlim(min(one.low or one.median for one in shown) / 1.5,
                  max(one.top for one in shown) * 6)
    for row, (engine, cell) in enumerate(zip(result.engines, cells)):
        one = cell.interval(metric) if cell else None
        if one is None:
            if cell:
                missing(sheet, axes, row, cell, axes.get_xlim()[0])
            else:
                axes.annotate("not measured", (axes.get_xlim()[0], row), xytext=(3, 0),
                              textcoords="offset points", va="center", fontsize=8, color=QUIET)
            continue
        axes.plot([one.median], [row], **line_style(engine) | {"linestyle": "none"})
        error_bar(axes, one.median, row, one.low, one.high, colour_=colour(engine))
        value_label(axes, one.top, row,
                    f"{words(one.median)}{'/s' if scenario.role == 'serve' else ''} "
                    f"{sheet.mark(cell)}", away=7)
    log_axis(axes.xaxis, words)
    axes.grid(axis="x", color=GRID, linewidth=0.7)
    computed = text.setting(result.of(scenario)).replace(" = ", "\u00a0=\u00a0")
    better = "more is better" if scenario.role == "serve" else "less is better"
    sheet.heading(axes, scenario.label, f"{better}; {computed}")


def lanes(axes, sample: dict, role: str) -> None:
    """Names at the left, where the lanes have some."""
    names = {span["lane"]: span["name"] for span in sample["spans"] if "name" in span}
    if not names:
        axes.set_ylabel(text.operations(role)[:-1], fontsize=8.5)
        return
    axes.yaxis.set_major_locator(FixedLocator(sorted(names)))
    axes.set_yticklabels([names[lane] for lane in sorted(names)], fontsize=7.5)


def timelines(result: Result, title: str, subtitle: str, scenarios: list[Scenario],
              engines: list[Engine]) -> Sheet | None:
    drawn = [(scenario, engine, sample) for scenario in scenarios for engine in engines
             if (sample := typical(result.cell(engine.name, scenario)))
             and len(sample["spans"]) <= MOST_LANES]
    if not drawn:
        return None
    sheet = Sheet(result, f"{title}: who ran when", subtitle, len(drawn), columns=2,
                  panel_height=1.15, left=1.0, gap=1.0)
    for axes, (scenario, engine, sample) in zip(sheet.axes, drawn):
        mark = sheet.mark(result.cell(engine.name, scenario))
        panel(axes, engine, sample)
        lanes(axes, sample, scenario.role)
        sheet.heading(axes, f"{engine.name} · {scenario.label}",
                      f"{text.time_ns(end_of(sample))} {mark}", style=name_style(engine))
        time_axis(axes, end_of(sample) * 1.02, len(engines))
    sheet.legend([Patch(facecolor=QUIET, label="waiting", **WAITING),
                  Patch(facecolor=QUIET, label="computing, or keeping the thread")],
                 outside="plain")
    return sheet


def paired(result: Result, pairs: list[dict]) -> list[Engine]:
    """Ours and Python's in turn, so that each pair is a row, then the others."""
    by_name = {engine.name: engine for engine in result.engines}
    names = [name for pair in pairs for name in (pair["ours"], pair["python"])]
    return [by_name[name] for name in names if name in by_name]


def draw(result, _):
    if result.run["suite"] != "course":
        raise NothingToShow("this is no run of the course")
    course = read_json(COURSE)
    by_name = {name_of(one): one for one in result.scenarios}
    for number, item in enumerate(course["items"], 1):
        scenarios = [by_name[name] for name in item["scenarios"] if name in by_name]
        measured = [one for one in scenarios if result.has(one, metric_of(one))]
        if not measured:
            continue
        title = f"{number}. {item['title']}"
        sheet = Sheet(result, title, item["expected"], len(measured), columns=2,
                      panel_height=height_of_rows(result),
                      left=room_for_names(result), gap=room_for_names(result))
        for axes, scenario in zip(sheet.axes, measured):
            dots(sheet, axes, result, scenario)
        sheet.legend([], outside="plain")
        yield f"course-{item['name']}", sheet
        if line := timelines(result, title, item["expected"], measured,
                             paired(result, course["pairs"])):
            yield f"course-{item['name']}-timeline", line
