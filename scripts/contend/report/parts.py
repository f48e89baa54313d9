"""What several sections of the page are made of: tables, legends, disclosures, words about cells.

    table("Slices", ["cell", "good"], [[row_head("echo/epoll/64"), 80]])
"""
from __future__ import annotations

import shlex

from contend.report.figure import key, verdict_icon
from contend.report.markup import Markup, element, join
from contend.report.source import Source
from contend.results.marks import marks_of
from contend.results.result import Cell, Scenario

NOTHING = "·"


def section(identity: str, title: str, *content: object) -> Markup:
    """A part of the page that the contents list leads to."""
    return element("section", element("h2", title, id=identity), *content,
                   aria_labelledby=identity)


def paragraph(*words: object, class_: str | None = None) -> Markup:
    return element("p", *words, class_=class_)


def details(summary: object, *content: object, open_: bool = False, **attributes) -> Markup:
    return element("details", element("summary", summary), *content, open=open_, **attributes)


def head_cell(words: object, sort: str | None = None, class_: str | None = None) -> Markup:
    """A column's; `sort`: `text` or `number` where rows may be put in its order."""
    return element("th", words, scope="col", data_sort=sort, class_=class_)


def row_head(words: object, **attributes: object) -> Markup:
    return element("th", words, scope="row", **attributes)


def cell(words: object, value: float | str | None = None, class_: str | None = None,
         label: str | None = None) -> Markup:
    """`value`: what it is sorted by; `label`: the column's name, for narrow screens, on which a row
    is a block."""
    return element("td", words, data_value=value, class_=class_, data_label=label)


def table(caption: str, head: list[Markup], bodies: list[Markup],
          class_: str = "", wide: bool = False) -> Markup:
    """In a frame of its own that scrolls where it is too wide; where it may be, by the keyboard
    too."""
    made = element("table", element("caption", caption),
                   element("thead", element("tr", *head)), *bodies, class_=class_ or None)
    reach = {"tabindex": "0", "role": "group", "aria_label": f"table: {caption}"} if wide else {}
    return element("div", made, class_="frame", **reach)


def verdict_words(verdict: str) -> Markup:
    return element("span", verdict_icon(verdict), " ", verdict, class_=f"verdict {verdict}")


def engine_name(source: Source, engine: str) -> Markup | str:
    """In italics where it is an outside engine."""
    return element("i", engine) if source.is_outside(engine) else engine


def engine_classes(source: Source, engine: str) -> str:
    outside = " outside" if source.is_outside(engine) else ""
    return f"engine-{source.place(engine) % 8}{outside}"


def engine_marker(source: Source, engine: str) -> int:
    return source.place(engine) + (4 if source.is_outside(engine) else 0)


def engine_legend(source: Source) -> Markup:
    return element("ul", [
        element("li", key(engine_classes(source, one), engine_marker(source, one)), " ",
                engine_name(source, one), data_engine=one) for one in source.engines],
        class_="legend", aria_label="engines")


def side_legend() -> Markup:
    return element("ul", element("li", key("side-base", 1), " base"),
                   element("li", key("side-head", 0), " head"), class_="legend",
                   aria_label="sides")


def grid(*panels: object) -> Markup:
    return element("div", *panels, class_="panels")


def figure(caption: object, drawing: Markup, **attributes: object) -> Markup:
    return element("figure", element("figcaption", caption), drawing, **attributes)


def ratio_words(ratio: float) -> str:
    """As many digits as tell it from 1: 1.053, 12.3."""
    return f"{ratio:.3f}" if 0.1 <= ratio < 10 else f"{ratio:.3g}"


def interval_words(low: float | None, high: float | None) -> str:
    return "no interval" if low is None or high is None else (
        f"{ratio_words(low)} to {ratio_words(high)}")


def trouble_of(one: Cell | None) -> str:
    """The marks of a cell, with a word where it has nothing else to show."""
    if one is None:
        return "not measured"
    return {"✗": "✗ failed", "–": "– skipped"}.get(marks_of(one), marks_of(one))


def chosen(source: Source, connections: int) -> tuple[list[Scenario], list[Scenario]]:
    """The scenarios to show at once, one for each workload and variant, and the others. Of a
    comparison all: what is compared is what matters."""
    if source.comparison is not None:
        return source.scenarios, []
    first = source.main.result.chosen(connections)
    return first, [one for one in source.scenarios if one not in first]


def fold(others: list, wanted: bool, draw) -> Markup | None:
    """The scenarios that are not shown at once, on demand; or that there was no room for them."""
    if not others:
        return None
    if not wanted:
        return paragraph("Other numbers of connections are left out, for the size of the page; "
                         "the heat map has them.", class_="quiet")
    return details("Other numbers of connections", draw(others))


def listed(items: list[object], class_: str | None = None) -> Markup | None:
    return element("ul", [element("li", one) for one in items], class_=class_) if items else None


def code(words: object) -> Markup:
    return element("code", words)


def command(words: list[str]) -> Markup:
    """As it could be typed."""
    return code(join([shlex.join(words)])) if words else Markup(NOTHING)
