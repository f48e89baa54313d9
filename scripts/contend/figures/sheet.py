"""The look that all figures share: colours, panels, legends, footers, files.

Lengths are inches at a width of 10, so that a figure reads well 1000 pixels wide.
"""
from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import (FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter,
                               NullLocator)

from contend.colours import ENGINES
from contend.results import text
from contend.results.marks import MEANINGS, explain, marks_of
from contend.results.ranking import rank
from contend.results.result import Cell, Engine, Interval, Result, Scenario

COLOURS = [light for light, _ in ENGINES]
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<", ">", "h", "p"]
# An outside engine's bars are outlined, its lines dashed, its name is in italics; it shares its
# colour with one of ours, and no marker with that one.
OUTSIDE_LINE, OUTSIDE_MARKERS_FROM, OUTSIDE_FILL = (0, (3.5, 1.3)), 7, 0.2
INK, QUIET, GRID = "#1A1A1A", "#5A5A5A", "#DDDDDD"
WIDTH = 10.0

# A matplotlibrc in the current folder is read by the import, and may be anyone's.
matplotlib.rcdefaults()
matplotlib.rcParams.update({
    "font.family": "DejaVu Sans", "font.size": 9, "axes.edgecolor": QUIET, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "xtick.color": QUIET,
    "ytick.color": QUIET, "text.color": INK, "axes.labelcolor": INK, "xtick.labelsize": 8,
    "ytick.labelsize": 8.5, "hatch.linewidth": 0.6, "svg.hashsalt": "contend",
    # Where it is not told, matplotlib lays out all ticks once more to find what a title could touch.
    "axes.titley": 1.0,
    # What a host says of itself may have dollar signs in it and is no formula.
    "text.parse_math": False})


def colour(engine: Engine) -> str:
    return COLOURS[engine.position % len(COLOURS)]


def line_style(engine: Engine) -> dict:
    """Colour, marker and dashes: in grey the last two still tell engines apart."""
    marker = engine.position + (OUTSIDE_MARKERS_FROM if engine.outside else 0)
    return {"color": colour(engine), "marker": MARKERS[marker % len(MARKERS)],
            "linestyle": OUTSIDE_LINE if engine.outside else "-", "linewidth": 1.6,
            "markersize": 5}


def bar_style(engine: Engine, alpha: float = 1) -> dict:
    """A bar full of the engine's colour, or outlined in it where the engine is an outside one."""
    return _outlined(colour(engine)) if engine.outside else {
        "color": colour(engine), "alpha": alpha, "linewidth": 0}


def _outlined(colour_: str) -> dict:
    # Mixed with white, and no alpha: a grid's lines would show through.
    pale = tuple(1 - OUTSIDE_FILL * (1 - part) for part in to_rgb(colour_))
    return {"facecolor": pale, "edgecolor": colour_, "linewidth": 1}


def name_style(engine: Engine) -> str:
    return "italic" if engine.outside else "normal"


def room_for_names(result: Result) -> float:
    """Inches at the left of a panel that has an engine a row."""
    return max([0.85] + [0.15 + 0.068 * len(engine.name) for engine in result.engines])


def height_of_rows(result: Result) -> float:
    """Inches of a panel that has an engine a row."""
    return 0.215 * len(result.engines) + 0.1


class Sheet:
    """A page of equal panels, placed by `save`, when all that needs room is known."""

    def __init__(self, result: Result, title: str, subtitle: str, panels: int, *, columns: int,
                 panel_height: float, left: float, gap: float, share_y: bool = False,
                 below: float = 0.5, above: float = 0.0):
        """`left`, `gap`, `below` and `above` are the room for the panels' labels; `share_y`: only
        the first panel of a row has its own."""
        self.result, self.columns, self.below = result, min(columns, panels), below
        self.above = above
        self.panel_height, self.left, self.gap = panel_height, left, gap
        self.title, self.subtitle = title, subtitle
        self.figure = Figure(figsize=(WIDTH, 5))
        rows = -(-panels // self.columns)
        self.axes = [self.figure.add_subplot(rows, self.columns, 1 + index)
                     for index in range(panels)]
        for index, axes in enumerate(self.axes):
            axes.tick_params(length=3)
            axes.set_axisbelow(True)
            if share_y and index % self.columns:
                axes.tick_params(labelleft=False)
        self.used_marks = ""
        self.roles: set[str] = set()  # of the cells that are shown
        self.notes: list[str] = []
        self._handles: list = []
        self._headings: list = []

    @classmethod
    def of_rows(cls, result: Result, title: str, subtitle: str, panels: int) -> Sheet:
        """Of panels that have an engine a row, named at the left of the first ones."""
        return cls(result, title, subtitle, panels, columns=3, panel_height=height_of_rows(result),
                   left=room_for_names(result), gap=0.22, share_y=True)

    def heading(self, axes, title: str, *below: str, style: str = "normal") -> None:
        """A panel's title and the quiet lines under it: two at most of each paragraph."""
        lines = [line for paragraph in below for line in self._lines(paragraph, 2)]
        self._headings.append((axes, title, lines, style))

    def scenario_heading(self, axes, scenario: Scenario) -> None:
        """What was computed and who is ahead, with as many names as there is room for."""
        ranking = rank(self.result, scenario)
        sentences = (ranking.sentence(most) for most in (4, 2, 1, 0))
        fitting = [one for one in sentences if len(self._lines(one, 9)) <= 2]
        # No line ends between a parameter and its value.
        computed = text.setting(self.result.of(scenario)).replace(" = ", "\u00a0=\u00a0")
        self.heading(axes, scenario.label, computed, *fitting[:1])

    def legend(self, handles: list, outside: str = "outlined") -> None:
        """`outside`: how this sheet draws outside engines, beside their names in italics: outlined,
        dashed or plain. Said where there are any."""
        self._handles = list(handles)
        if not any(engine.outside for engine in self.result.engines):
            return
        label = f"outside engines: {outside}, names in italics"
        if outside.startswith("outlined"):
            self._handles.append(Patch(label=label, **_outlined(QUIET)))
        elif outside == "dashed":
            self._handles.append(Line2D([], [], color=QUIET, label=label, linestyle=OUTSIDE_LINE,
                                        linewidth=1.6))
        else:
            self.notes.append("Names in italics: outside engines.")

    def engine_legend(self) -> None:
        self.legend([Line2D([], [], label=engine.name, **line_style(engine))
                     for engine in self.result.engines], outside="dashed")

    def mark(self, cell: Cell | None) -> str:
        """The marks of a cell that is shown, to be explained below the panels."""
        marks = marks_of(cell)
        self.used_marks += marks
        if cell:
            self.roles.add(cell.role)
        return marks

    def remark(self, cells: list[Cell]) -> str:
        """Of one engine's cells, `engine ‡ 64, 256`: marks and the connection counts they are at."""
        at: dict[str, list[str]] = {}
        for cell in cells:
            if marks := self.mark(cell):
                at.setdefault(marks, []).append(str(cell.scenario.connections))
        return "; ".join(f"{cells[0].engine} {marks} {', '.join(counts)}"
                         for marks, counts in at.items())

    def _lines(self, paragraph: str, most: int) -> list[str]:
        return textwrap.wrap(paragraph, self._letters(), max_lines=most, placeholder=" …")

    def _letters(self) -> int:
        """How many of a panel heading's letters fit beside each other."""
        return int(self._panel_width() * 17.5)

    def _panel_width(self) -> float:
        return (WIDTH - self.left - 0.2 - self.gap * (self.columns - 1)) / self.columns

    def save(self, directory: Path, name: str) -> list[Path]:
        """Places everything and writes NAME.png and NAME.svg."""
        self.place()
        directory.mkdir(parents=True, exist_ok=True)
        paths = [directory / f"{name}.png", directory / f"{name}.svg"]
        self.figure.savefig(paths[0], dpi=160, metadata={"Software": "contend"})
        self.figure.savefig(paths[1], metadata={"Date": None, "Title": self.title})
        return paths

    def place(self) -> None:
        heading_height = self._place_headings() + self.above
        below = [line for note in self.notes + explain(self.used_marks)
                 for line in textwrap.wrap(note, 140, subsequent_indent="   ")]
        foot = self.foot()
        subtitle = textwrap.wrap(self.subtitle, 145)
        rows = -(-len(self.axes) // self.columns)
        legend_columns = self._legend_columns()
        legend_rows = -(-len(self._handles) // legend_columns)
        head = 0.5 + 0.18 * len(subtitle) + 0.08 + 0.22 * legend_rows
        row_height = heading_height + self.panel_height + self.below
        bottom = 0.2 + 0.17 * len(below) + 0.15 * len(foot)
        height = head + rows * row_height + bottom
        self.figure.set_size_inches(WIDTH, height)
        width = self._panel_width()
        for index, axes in enumerate(self.axes):
            row, column = divmod(index, self.columns)
            top = height - head - row * row_height - heading_height
            axes.set_position([(self.left + column * (width + self.gap)) / WIDTH,
                               (top - self.panel_height) / height, width / WIDTH,
                               self.panel_height / height])
        self._line(height, 0.14, self.title, fontsize=13, fontweight="bold")
        for index, line in enumerate(subtitle):
            self._line(height, 0.42 + 0.18 * index, line, fontsize=9, color=QUIET)
        if self._handles:
            top = 1 - (0.5 + 0.18 * len(subtitle)) / height
            legend = self.figure.legend(
                handles=self._handles, loc="upper left", frameon=False, fontsize=9,
                bbox_to_anchor=(0.1 / WIDTH, top), borderaxespad=0, ncol=legend_columns,
                handlelength=3, columnspacing=1.6)
            outside = {engine.name for engine in self.result.engines if engine.outside}
            for words in legend.get_texts():
                words.set_style("italic" if words.get_text() in outside else "normal")
        for index, line in enumerate(below):
            self._line(height, height - bottom + 0.04 + 0.17 * index, line, fontsize=8)
        for index, line in enumerate(foot):
            self._line(height, height - 0.1 - 0.15 * (len(foot) - index), line, fontsize=7.5,
                       color=QUIET)

    def foot(self) -> list[str]:
        """The last lines: what the figure is of."""
        return [text.machine(self.result, self.roles), text.origin(self.result)]

    def _legend_columns(self) -> int:
        """For as few rows as there is room for."""
        lengths = [0.72 + 0.07 * len(handle.get_label()) for handle in self._handles]
        for rows in range(1, len(lengths)):
            columns = -(-len(lengths) // rows)
            # matplotlib fills one column after the other, the first ones with one more.
            if sum(max(column) for column in numpy.array_split(lengths, columns)) < WIDTH:
                return columns
        return 1

    def _place_headings(self) -> float:
        lines = max((len(below) for _, _, below, _ in self._headings), default=0)
        for axes, title, below, style in self._headings:
            # Beside a longer one a short heading still starts at the same height.
            axes.set_title(title, loc="left", fontsize=10, fontweight="bold", fontstyle=style,
                           pad=8 + 11 * lines)
            axes.annotate("\n".join(below), (0, 1), xycoords="axes fraction",
                          xytext=(0, 5 + 11 * lines), textcoords="offset points", fontsize=8,
                          color=QUIET, va="top")
        return 0.33 + 0.155 * lines

    def _line(self, height: float, from_top: float, words: str, **style) -> None:
        self.figure.text(0.15 / WIDTH, 1 - from_top / height, words, va="top", **style)


def engine_rows(sheet: Sheet, axes) -> None:
    """Engines from top to bottom, named at the left."""
    axes.set_yticks(range(len(sheet.result.engines)))
    for label, engine in zip(axes.set_yticklabels(
            [engine.name for engine in sheet.result.engines], color=INK), sheet.result.engines):
        label.set_style(name_style(engine))
    axes.set_ylim(len(sheet.result.engines) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.7)


def filled_rows(sheet: Sheet, axes, scenario: Scenario, metric: str, x: float = 0
                ) -> Iterator[tuple[int, Engine, Cell, Interval]]:
    """Yields the rows that have the metric; in the others it says at x why they are empty."""
    for row, engine in enumerate(sheet.result.engines):
        cell = sheet.result.cell(engine.name, scenario)
        if cell and (one := cell.interval(metric)):
            yield row, engine, cell, one
        else:
            missing(sheet, axes, row, cell, x)


def missing(sheet: Sheet, axes, row: float, cell: Cell | None, x: float = 0) -> None:
    """Says in a row why it is empty."""
    mark = sheet.mark(cell)
    if cell is None:
        words = "not measured"
    else:
        words = f"{mark} {MEANINGS[mark].partition(':')[0].partition(' ')[0]}"
    axes.annotate(words, (x, row), xytext=(3, 0), textcoords="offset points", va="center",
                  fontsize=8, color=QUIET, style="italic")


def value_label(axes, x: float, row: float, words: str, away: float = 4) -> None:
    """A number to the right of what ends at x, on white where a line of the grid passes."""
    axes.annotate(words, (x, row), xytext=(away, 0), textcoords="offset points", va="center",
                  fontsize=8, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5})


def bar_axis(axes, largest: float, words, label: str) -> None:
    """From zero, with room for the numbers at the ends of the bars."""
    axes.set_xlim(0, (largest or 1) * 1.42)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: text.short(words(value))))
    axes.set_xlabel(label, fontsize=8.5, labelpad=2)


def log_axis(axis, words=text.time_ns) -> None:
    """Decades in words, with 2 and 5 between them where there is room. Call it after drawing."""
    low, high = axis.get_view_interval()
    few = high / max(low, 1e-9) < 300
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if few else (1,), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text.short(words(value))))
    axis.set_minor_formatter(NullFormatter())


def connection_axis(axes, counts: list[int], label: str) -> None:
    """By doublings, with the measured counts as ticks."""
    axes.set_xscale("log", base=2)
    axes.set_xlim(min(counts) / 1.25, max(counts) * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(counts))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(label, fontsize=8.5, labelpad=2)
    axes.grid(color=GRID, linewidth=0.7)


def lines_with_bands(axes, engine: Engine, points: list[tuple], flagged: list[bool]) -> None:
    """Points of (x, Interval) as a line in a band; flagged ones get a hollow marker."""
    xs, ys = [x for x, _ in points], [one.median for _, one in points]
    axes.plot(xs, ys, **line_style(engine), zorder=3)
    banded = [(x, one.low, one.high) for x, one in points if one.low is not None]
    if banded:
        axes.fill_between(*zip(*banded), color=colour(engine), alpha=0.18, linewidth=0)
    hollow = [(x, y) for x, y, flag in zip(xs, ys, flagged) if flag]
    if hollow:
        axes.plot(*zip(*hollow), **line_style(engine) | {
            "linestyle": "none", "markerfacecolor": "white", "zorder": 4})


def error_bar(axes, x, y, low, high, horizontal=True, colour_=INK, width=1.2, cap=2.5,
              **style) -> None:
    """An interval around a median, with caps `cap` points to either side of the line; nothing where there
    is none."""
    if low is None:
        return
    # One line with markers at its ends: axes.errorbar() makes three artists, and takes several times as long.
    ends = ([min(x, low), max(x, high)], [y, y]) if horizontal else (
        [x, x], [min(y, low), max(y, high)])
    axes.plot(*ends, **{
        "color": colour_, "linewidth": width, "solid_capstyle": "butt", "markeredgewidth": 1.2,
        "marker": "|" if horizontal else "_", "markersize": 2 * cap, **style})
