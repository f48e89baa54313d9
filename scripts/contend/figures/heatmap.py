"""Throughput of every engine in every scenario relative to the best, as a table in colours.

    scripts/plot_heatmap.py results/latest
"""
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Patch, Rectangle

from contend.figures.drawing import NothingToShow
from contend.figures.sheet import INK, WIDTH, Sheet, name_style
from contend.results import shares, text
from contend.results.marks import FAILED, SKIPPED
from contend.results.ranking import can_lead, rank
from contend.results.result import Engine

METRIC = "throughput_per_s"
# Orange to blue stays apart under every colour blindness, and is dark at both ends in grey, so the
# numbers say which end it is.
COLOURS = LinearSegmentedColormap.from_list("behind", ["#B35806", "#F1A340", "#FEE8C8", "#D1E5F0",
                                                       "#67A9CF", "#2166AC"])
ROW = 0.27  # inches
LEFT, LETTER = 2.35, 0.068  # inches
WIDTH_OF_COLUMNS = WIDTH - LEFT - 0.2


def best(result, scenario) -> float | None:
    cells = [result.cell(engine.name, scenario) for engine in result.engines]
    able = [cell.interval(METRIC).median for cell in cells if can_lead(cell)]
    return max(able, default=None)


def fill(sheet: Sheet, axes, column: int, row: int, cell, top: float, ordered: bool,
         room: float) -> None:
    """`room` is a column's width in inches, which the letters have to fit into."""
    one = cell.interval(METRIC) if cell else None
    marks = sheet.mark(cell)
    if one is None:
        words = marks if marks in (FAILED, SKIPPED) else ""
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor="#F2F2F2", edgecolor="#AAAAAA",
                                 hatch="////" if words else "..", linewidth=0))
        if words:
            axes.text(column + 0.5, row + 0.5, words, ha="center", va="center", fontsize=9,
                      bbox={"facecolor": "#F2F2F2", "edgecolor": "none", "pad": 1.5})
        return
    share = one.median / top
    colour = COLOURS(shares.shade(share))
    luminance = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, linewidth=0))
    words = f"{shares.words(share)} {marks}".rstrip()
    size = min(8.5, 8.5 * room / (LETTER * len(words)))
    axes.text(column + 0.5, row + 0.5, words, ha="center", va="center", fontsize=size,
              fontweight="bold" if share == 1 and ordered else "normal",
              color="white" if luminance < 0.55 else INK)


def room_above(engines: list[Engine]) -> float:
    """Inches for names that stand upright, as they do where their columns are too narrow; or 0."""
    longest = max(len(engine.name) for engine in engines) * LETTER
    return longest if longest > WIDTH_OF_COLUMNS / len(engines) else 0


def name_engines(axes, engines: list[Engine]) -> None:
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set_xticks([column + 0.5 for column in range(len(engines))],
                    [engine.name for engine in engines], color=INK, fontsize=9)
    for label, engine in zip(axes.get_xticklabels(), engines):
        label.set(style=name_style(engine), rotation=90 if room_above(engines) else 0)


def draw(result, _):
    scenarios = [(one, top) for one in result.scenarios if (top := best(result, one))]
    if not scenarios:
        raise NothingToShow("no cell without errors or starved connections has a throughput")
    sheet = Sheet(result, "Every engine beside the best of its row",
                  "Median throughput as a share of the row's best: 1.00 is the best, 0.50 half as "
                  "much. An engine with errors or starved connections can't be the best, and may "
                  f"exceed 1. Samples a cell: {text.samples_of(result.cells, METRIC)}.",
                  1, columns=1, panel_height=ROW * len(scenarios), left=LEFT, gap=0, below=0.2,
                  above=room_above(result.engines))
    axes = sheet.axes[0]
    room = WIDTH_OF_COLUMNS / len(result.engines) - 0.08
    for row, (scenario, top) in enumerate(scenarios):
        ordered = rank(result, scenario).reason is None
        for column, engine in enumerate(result.engines):
            fill(sheet, axes, column, row, result.cell(engine.name, scenario), top, ordered,
                 room)
    axes.set_xlim(0, len(result.engines))
    axes.set_ylim(len(scenarios), 0)
    name_engines(axes, result.engines)
    axes.set_yticks([row + 0.5 for row in range(len(scenarios))],
                    [scenario.label for scenario, _ in scenarios], color=INK)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # White lines between cells, a wider one where the workload changes.
    for column in range(1, len(result.engines)):
        differ = result.engines[column].outside != result.engines[column - 1].outside
        axes.axvline(column, color="white", linewidth=6 if differ else 1.5)
    for row in range(1, len(scenarios)):
        new_group = scenarios[row][0].workload != scenarios[row - 1][0].workload
        axes.axhline(row, color="white", linewidth=4 if new_group else 1.5)
    empty = {"facecolor": "#F2F2F2", "edgecolor": "#AAAAAA", "linewidth": 0}
    sheet.legend([Patch(facecolor=COLOURS(shares.shade(share)), label=label)
                  for share, label in shares.STEPS.items()] +
                 [Patch(hatch="////", label="no result", **empty),
                  Patch(hatch="..", label="not measured", **empty)], outside="plain")
    yield "heatmap", sheet
