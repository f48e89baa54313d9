"""The heat map: engines beside scenarios in colours, with the number in each cell. One table a
metric; which of them is shown is chosen by radio buttons and style alone.
"""
from __future__ import annotations

import math

from contend.report import metrics, theme
from contend.report.figure import verdict_icon
from contend.report.markup import Markup, element
from contend.report.parts import (NOTHING, engine_name, head_cell, paragraph, ratio_words,
                                  row_head, section, table)
from contend.report.source import Source, scenario_of
from contend.results import shares
from contend.results.marks import marks_of
from contend.results.ranking import can_lead
from contend.results.result import Cell, Scenario

OF_A_RUN = ["throughput_per_s", "wall_ns", "latency_p50_ns", "latency_p99_ns",
            "cpu_ns_per_operation", "memory_per_connection_bytes", "peak_rss_bytes"]
STEPS = (1, 2.5, 6, 15)  # smallest effects from 1 at which a ratio's colour changes


def build(source: Source) -> Markup:
    if source.comparison is None:
        names = [one for one in OF_A_RUN if any(
            cell.interval(one) for cell in source.main.result.cells)]
        words = ("Each row's best engine is 1.00, and 0.50 is half as good: half the throughput, "
                 "or twice the time, CPU or memory. An engine with errors or starved connections "
                 "can't be the best, and may exceed 1. 0.97 beside 1.00 is seldom a difference: "
                 "the "
                 "intervals are below.")
        make, key = _share_cells, _key_of_shares()
    else:
        names = metrics.in_order({one["metric"] for one in source.comparison["comparisons"]})
        words = ("What the head costs, by what the base costs: orange is worse, blue better, and "
                 "pale within the smallest effect that matters.")
        make, key = _ratio_cells, _key_of_ratios()
    if not names:
        return section("map", "Heat map", paragraph("Nothing was measured that it could show."))
    shown, rest = names[:theme.MOST_SHEETS], names[theme.MOST_SHEETS:]
    left_out = paragraph("Not in the map: ", ", ".join(rest), class_="quiet") if rest else None
    return section("map", "Heat map", paragraph(words), key, _choice(source, shown, make),
                   left_out)


def _choice(source: Source, names: list[str], make) -> Markup:
    buttons = [[element("input", type="radio", name="map-metric", id=f"map-{index}",
                        checked=index == 0),
                element("label", metrics.of(name).title, for_=f"map-{index}")]
               for index, name in enumerate(names)]
    sheets = [element("div", _table(source, name, make), class_=f"sheet sheet-{index}")
              for index, name in enumerate(names)]
    return element("fieldset", element("legend", "Metric"), buttons,
                   element("div", sheets, class_="sheets"), class_="choice")


def _table(source: Source, name: str, make) -> Markup:
    metric = metrics.of(name)
    head = [head_cell("scenario")] + [
        element("th", engine_name(source, engine), scope="col", data_engine=engine)
        for engine in source.engines]
    rows = []
    for scenario in source.scenarios:
        cells = make(source, scenario, name)
        if any(cells):
            rows.append(element("tr", row_head(scenario.label), [
                one or element("td", NOTHING, class_="none", data_engine=engine)
                for one, engine in zip(cells, source.engines)]))
    return table(f"{metric.title}: engines beside scenarios", head, [element("tbody", rows)],
                 "heat", wide=True)


def _heat(content: object, classes: str, engine: str) -> Markup:
    return element("td", content, class_=classes, data_engine=engine)


def hidden(words: str) -> Markup:
    return element("span", f" {words}", class_="only-heard")


def step_of_ratio(ratio: float, effect: float) -> int:
    """MIDDLE within the smallest effect, up to as many steps away as STEPS has."""
    away = abs(math.log(ratio)) / math.log1p(max(effect, 1e-6))
    steps = sum(away > one * (1 + 1e-9) for one in STEPS)
    return theme.MIDDLE + (-steps if ratio > 1 else steps)


def _ratio_cells(source: Source, scenario: Scenario, name: str) -> list[Markup | None]:
    return [_ratio_cell(source, scenario, engine, name) for engine in source.engines]


def _ratio_cell(source: Source, scenario: Scenario, engine: str, name: str) -> Markup | None:
    found = next((one for one in source.comparison["comparisons"] if one["metric"] == name and
                  source.cells[one["cell"]]["engine"] == engine and
                  scenario_of(source.cells[one["cell"]]) == scenario), None)
    if found is None:
        return None
    verdict, ratio = found["verdict"], found["ratio"]
    words = NOTHING if ratio is None else ratio_words(ratio)
    content = [element("span", verdict_icon(verdict), " ", words, class_="on"), hidden(verdict)]
    if verdict in ("inconclusive", "invalid"):
        return _heat(content, "hatched" if verdict == "inconclusive" else "crossed", engine)
    return _heat(content, f"heat-{step_of_ratio(ratio or 1, found['smallest_effect'])}", engine)


def _best(source: Source, scenario: Scenario, name: str) -> float | None:
    """The least cost of an engine that did all of the work."""
    costs = [cost for one in source.main.result.of(scenario) if can_lead(one)
             and (cost := _cost(one, name))]
    return min(costs, default=None)


def _cost(cell, name: str) -> float | None:
    found = cell.interval(name)
    return metrics.of(name).cost(found.median) if found else None


def step_of_share(share: float) -> int:
    return round(shares.shade(share) * (len(theme.HEAT) - 1))


def _share_cells(source: Source, scenario: Scenario, name: str) -> list[Markup | None]:
    best = _best(source, scenario, name)
    cells = [source.main.result.cell(engine, scenario) for engine in source.engines]
    return [None if best is None or cell is None else _share_cell(cell, engine, name, best)
            for cell, engine in zip(cells, source.engines)]


def _share_cell(cell: Cell, engine: str, name: str, best: float) -> Markup:
    marks, cost = marks_of(cell), _cost(cell, name)
    if not cell.measured:
        return _heat([element("span", marks, class_="on"), hidden(cell.status)], "crossed", engine)
    if cost is None:
        return _heat(element("span", NOTHING, class_="on"), "hatched", engine)
    share = best / cost
    value = metrics.of(name).words(cell.interval(name).median)
    return _heat([element("b" if share == 1 else "span", shares.words(share)),
                  " " + marks if marks else None,
                  element("small", value)], f"heat-{step_of_share(share)}", engine)


def _key(items: list[tuple[str, str]]) -> Markup:
    return element("ul", [element("li", element("span", class_=f"swatch {classes}",
                                                aria_hidden="true"), " ", words)
                          for classes, words in items], class_="legend", aria_label="colours")


def _key_of_ratios() -> Markup:
    last = len(theme.HEAT) - 1
    slight = f"up to {STEPS[1]} × the smallest effect"
    return _key([("heat-0", f"worse, more than {STEPS[-1]} ×"),
                 (f"heat-{theme.MIDDLE - 1}", f"worse, {slight}"),
                 (f"heat-{theme.MIDDLE}", "within it"),
                 (f"heat-{theme.MIDDLE + 1}", f"better, {slight}"),
                 (f"heat-{last}", f"better, more than {STEPS[-1]} ×"),
                 ("hatched", "inconclusive"), ("crossed", "invalid")])


def _key_of_shares() -> Markup:
    return _key([(f"heat-{step_of_share(share)}", words)
                 for share, words in shares.STEPS.items()] + [("hatched", "no such figure"),
                                        ("crossed", "failed or skipped")])
