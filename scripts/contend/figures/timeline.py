"""Who ran when: the jobs or fetches of one sample as a time line, a panel an engine.

    scripts/plot_timeline.py results/latest
"""
import statistics

from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import (GRID, QUIET, Sheet, bar_style, colour, name_style,
                                   room_for_names, value_label)
from contend.results import text
from contend.results.marks import MEANINGS
from contend.results.result import Cell, Engine, Result, Scenario

WAITING = {"alpha": 0.35, "linewidth": 0}
MANY = 10  # engines, from which on panels are narrower and the overview's names smaller
SLIVER = 0.004  # of the axis: what is shorter is a line, or it would not be seen
OWN_AXES = 4  # times the fastest: beyond it one axis for all would make slivers of the quick ones


def typical(cell: Cell | None) -> dict | None:
    """The sample whose spans end at the median time, the earlier one of two."""
    samples = [one for one in cell.samples if one["spans"]] if cell and cell.measured else []
    if not samples:
        return None
    ends = {id(one): end_of(one) for one in samples}
    middle = statistics.median_low(ends.values())
    return next(one for one in samples if ends[id(one)] == middle)


def end_of(sample: dict) -> int:
    return max(one["finish_ns"] or one["start_ns"] or 0 for one in sample["spans"])


def panel(axes, engine: Engine, sample: dict) -> None:
    waiting, computing, unfinished, shortest = [], [], [], SLIVER * end_of(sample)
    for span in sample["spans"]:
        start, finish = span["start_ns"], span["finish_ns"]
        if finish is None or not span["ok"]:
            unfinished.append((finish or start or 0, span["lane"]))
        if finish is None or start is None:
            continue
        middle = finish if span["compute_ns"] is None else span["compute_ns"]
        waiting.append((span["lane"], start, middle - start))
        computing.append((span["lane"], middle, finish - middle))
        if finish - start < shortest:
            axes.vlines(start, span["lane"] - 0.4, span["lane"] + 0.4, color=colour(engine),
                        linewidth=1, zorder=3, clip_on=False)
    for bars, style in ((waiting, WAITING), (computing, {"linewidth": 0})):
        if bars:
            # Drawn at once, since a patch each, as of barh(), would take most of a figure's time.
            axes.add_collection(PolyCollection([
                [(start, lane - 0.4), (start + length, lane - 0.4), (start + length, lane + 0.4),
                 (start, lane + 0.4)] for lane, start, length in bars],
                facecolor=colour(engine), zorder=1, **style), autolim=False)
    if unfinished:
        axes.plot(*zip(*unfinished), "x", color="black", markersize=5)
    lanes = 1 + max(one["lane"] for one in sample["spans"])
    axes.set_ylim(lanes - 0.4, -0.6)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    axes.grid(axis="x", color=GRID, linewidth=0.7)


def overview(sheet: Sheet, axes, engines: list[Engine], ends: dict[str, int]) -> None:
    """All engines' whole times on one axis: what the panels' own axes can't show."""
    for row, engine in enumerate(engines):
        if engine.name in ends:
            axes.barh(row, ends[engine.name], height=0.72, **bar_style(engine))
            value_label(axes, ends[engine.name], row, text.time_ns(ends[engine.name]))
    axes.set_yticks(range(len(engines)), [one.name for one in engines],
                    fontsize=8 if len(engines) < MANY else 7)
    for label, engine in zip(axes.get_yticklabels(), engines):
        label.set_style(name_style(engine))
    axes.set_ylim(len(engines) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    sheet.heading(axes, "all engines, from start to end", "one axis for all: shorter is better")
    time_axis(axes, max(ends.values()) * (1.2 if len(engines) < MANY else 1.3), len(engines))


def time_axis(axes, end: float, engines: int) -> None:
    axes.set_xlim(0, end)
    axes.xaxis.set_major_locator(MaxNLocator(5 if engines < MANY else 3, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text.short(text.time_ns(value))))


def sheet_of(result: Result, scenario: Scenario) -> Sheet | None:
    # An engine that can't play it has no cell; one that could not be measured has, and a panel.
    engines = [one for one in result.engines if result.cell(one.name, scenario)]
    cells = {engine.name: result.cell(engine.name, scenario) for engine in engines}
    samples = {name: one for name, cell in cells.items() if (one := typical(cell))}
    if not samples:
        return None
    ends = {name: end_of(one) for name, one in samples.items()}
    own = max(ends.values()) > OWN_AXES * min(ends.values())
    what, setting = text.operations(scenario.role), text.setting(result.of(scenario))
    subtitle = [f"{setting}."] if setting else []
    subtitle.append(f"The {what} of the sample of median length, a line each, from the first at the "
                    "top to the last.")
    if scenario.role == "drive":
        subtitle.append("White before a line: not asked yet, as it was not its turn or the "
                        "connection was being made.")
    subtitle.append("Each panel has its own time axis, as long as its engine took; the first panel "
                    "has one for all." if own else "All panels have the same time axis.")
    count = len(engines)
    sheet = Sheet(result, f"Who ran when: {scenario.label}", " ".join(subtitle), count + 1,
                  columns=2 if count < MANY else 3, panel_height=max(1.35, 0.125 * count),
                  left=room_for_names(result), gap=0.85)
    overview(sheet, sheet.axes[0], engines, ends)
    for axes, engine in zip(sheet.axes[1:], engines):
        mark = sheet.mark(cells[engine.name])
        if engine.name not in samples:
            why = MEANINGS[mark].partition(":")[0] if mark in MEANINGS else "without a time line"
            sheet.heading(axes, engine.name, f"{mark} {why}".strip(), style=name_style(engine))
            axes.set_axis_off()
            continue
        panel(axes, engine, samples[engine.name])
        good = [one["ok"] for one in samples[engine.name]["spans"]]
        done = f"{len(good)} {what if len(good) > 1 else what[:-1]}"
        if not all(good):
            done = f"{sum(good)} of {done}"
        sheet.heading(axes, engine.name, f"{done} in {text.time_ns(ends[engine.name])} {mark}",
                      style=name_style(engine))
        axes.set_ylabel(what[:-1], fontsize=8.5)
        time_axis(axes, (ends[engine.name] if own else max(ends.values())) * 1.02,
                  count)
    spans = [span for one in samples.values() for span in one["spans"]]
    has_computing = any(span["compute_ns"] is not None for span in spans)
    handles = [Patch(facecolor=QUIET, label="waiting, or ready and not yet running"
                     if has_computing else "waiting for the answer", **WAITING)]
    if has_computing:
        handles.append(Patch(facecolor=QUIET, label="computing"))
    sheet.legend(handles, outside="outlined in the first panel")
    if not all(span["ok"] for span in spans):
        sheet.notes.append("× did not finish, or finished wrong")
    return sheet


def draw(result, options):
    sheets = [(scenario, sheet) for scenario in
              result.chosen(options.connections, ("drive", "run"))
              if (sheet := sheet_of(result, scenario))]
    if not sheets:
        raise NothingToShow("no sample has spans")
    for scenario, sheet in sheets:
        yield "-".join(["timeline", scenario.workload] + scenario.variant.split()), sheet
