"""SVG: marks, strips (a bar or an interval along the axis of a table) and panels (two axes). Not
what they say: that is the sections'.

They take their colours from the page's style (page.css) by class, and have a title in words.

    bar_strip(Scale(0, 100), "grid-name", 80, 75, 85, [79, 81], "engine-3", "epoll: 80")
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable

from markupsafe import Markup

from contend.report.scale import Scale
from contend.report.svg import element, join, number

# Around 0,0. A verdict's shape says the same as its colour: what costs more points up.
SHAPES = {
    "regressed": "M0-6L6 5H-6Z", "improved": "M0 6L6-5H-6Z", "unchanged": "M-4.5-4.5H4.5V4.5H-4.5Z",
    "inconclusive": "M0-6L6 0L0 6L-6 0Z", "invalid": "M-5-5L5 5M5-5L-5 5"}
# An engine's, by its place.
MARKERS = ["M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z", "M-3.6-3.6H3.6V3.6H-3.6Z", "M0-4.6L4.4 3.6H-4.4Z",
           "M0-5L5 0L0 5L-5 0Z", "M0 4.6L4.4-3.6H-4.4Z", "M-1.6-4.6H1.6V-1.6H4.6V1.6H1.6V4.6H-1.6"
           "V1.6H-4.6V-1.6H-1.6Z", "M-4.6 0L3.6-4.4V4.4Z", "M4.6 0L-3.6-4.4V4.4Z"]


def definitions() -> Markup:
    """The shapes, once a page; all else refers to them."""
    shapes = [element("path", id=f"shape-{name}", d=path) for name, path in SHAPES.items()]
    markers = [element("path", id=f"marker-{place}", d=path)
               for place, path in enumerate(MARKERS)]
    ends = [element("path", id="end", d="M0-4V4"),
            element("path", id="beyond-left", d="M7-5L1 0L7 5"),
            element("path", id="beyond-right", d="M-7-5L-1 0L-7 5")]
    return element("svg", element("defs", *shapes, *markers, *ends), width="0", height="0",
                   aria_hidden="true", class_="definitions")


def image(title: str, description: str | None, *content: object, **attributes: object) -> Markup:
    """An <svg> that a screen reader meets as one picture with a name, and no more."""
    names = [element("title", title)]
    if description:
        names.append(element("desc", description))
    return element("svg", *names, *content, role="img", **attributes)


def verdict_icon(verdict: str) -> Markup:
    """Beside the word, which says it all: hidden from screen readers."""
    return element("svg", element("use", href=f"#shape-{verdict}"), class_=f"icon {verdict}",
                   viewBox="-8 -8 16 16", width="16", height="16", aria_hidden="true",
                   focusable="false")


def key(classes: str, marker: int | None = None) -> Markup:
    """A piece of a line with its marker, or a swatch, for a legend."""
    inside = [element("line", x1="0", x2="28", y1="8", y2="8", class_="line")]
    if marker is not None:
        inside.append(element("use", href=f"#marker-{marker % len(MARKERS)}", x="14", y="8",
                              class_="marker"))
    return element("svg", *inside, class_=f"key {classes}", viewBox="0 0 28 16", width="28",
                   height="16", aria_hidden="true", focusable="false")


def percent(scale: Scale, value: float) -> str:
    return f"{number(scale.at(value) * 100)}%"


def axis_strip(scale: Scale, ticks: list[float], words: Callable[[float], str], title: str,
               grid: str) -> Markup:
    """The numbers of an axis, above the strips of its rows; with its lines, which the strips refer
    to by the name `grid`."""
    labels = [element("defs", element("g", *_grid(scale, ticks), id=grid))]
    for tick in ticks:
        at = scale.at(tick)
        anchor = "start" if at < 0.06 else "end" if at > 0.94 else "middle"
        labels.append(element("text", words(tick), x=percent(scale, tick), y="12",
                              text_anchor=anchor))
    return image(title, None, *labels, class_="strip axis", height="16")


def _grid(scale: Scale, ticks: list[float]) -> list[Markup]:
    # Longer than a strip is high, as its row may be higher; page.css cuts what is over.
    return [element("line", x1=percent(scale, tick), x2=percent(scale, tick), y1="-200%",
                    y2="300%", class_="one" if scale.log and tick == 1 else "grid")
            for tick in ticks]


def interval_strip(scale: Scale, grid: str, ratio: float, low: float | None,
                   high: float | None, band: tuple[float, float], verdict: str,
                   title: str) -> Markup:
    """A ratio with its interval over the band of what does not matter. What lies beyond the axis is
    at its edge, with an arrow's head."""
    width = number((scale.at(band[1]) - scale.at(band[0])) * 100)
    parts = [element("rect", x=percent(scale, band[0]), width=f"{width}%", y="-200%",
                     height="500%", class_="band"), element("use", href=f"#{grid}")]
    if low is not None and high is not None:
        parts.append(element("line", x1=percent(scale, low), x2=percent(scale, high), y1="14",
                             y2="14", class_="reach"))
        for end in (low, high):
            if scale.holds(end):
                parts.append(element("use", href="#end", x=percent(scale, end), y="14",
                                     class_="end"))
    if not scale.holds(ratio):
        # Inwards by its own width, beside the arrow that says that it is farther.
        beyond, inwards = ("left", "12") if ratio < 1 else ("right", "-12")
        parts += [element("use", href=f"#beyond-{beyond}", x=percent(scale, ratio), y="14",
                          class_="end"),
                  element("svg", element("use", href=f"#shape-{verdict}", x=inwards, y="14",
                                         class_="shape"), x=percent(scale, ratio), class_="free")]
        return image(title, None, *parts, class_=f"strip {verdict}", height="28")
    for end, name in ((low, "left"), (high, "right")):
        if end is not None and not scale.holds(end):
            parts.append(element("use", href=f"#beyond-{name}", x=percent(scale, end), y="14",
                                 class_="end"))
    parts.append(element("use", href=f"#shape-{verdict}", x=percent(scale, ratio), y="14",
                         class_="shape"))
    return image(title, None, *parts, class_=f"strip {verdict}", height="28")


def bar_strip(scale: Scale, grid: str, value: float, low: float | None,
              high: float | None, dots: list[float], classes: str, title: str) -> Markup:
    """A bar from zero, its interval, and single samples as dots with the first one uppermost."""
    parts = [element("use", href=f"#{grid}"),
             element("rect", x="0", y="5", height="16", width=percent(scale, value),
                     class_="bar")]
    if dots:
        # In a box of its own that is stretched; strokes, and so the dots, are not.
        step = 78 / max(len(dots) - 1, 1)
        first = 11 if len(dots) > 1 else 50
        path = _steps([(round(scale.at(one) * 500), round(first + step * place))
                       for place, one in enumerate(dots)])
        parts.append(element("svg", element("path", d=path, class_="dots"), x="0", y="0",
                             width="100%", height="100%", viewBox="0 0 500 100",
                             preserveAspectRatio="none", class_="free"))
    if low is not None and high is not None:
        parts.append(element("line", x1=percent(scale, low), x2=percent(scale, high), y1="13",
                             y2="13", class_="whisker"))
        parts += [element("use", href="#end", x=percent(scale, end), y="13", class_="whisker")
                  for end in (low, high)]
    return image(title, None, *parts, class_=f"strip {classes}", height="26")


def _steps(points: list[tuple[int, int]]) -> str:
    """A path of points that are steps of no length, each from the one before: each as an element,
    or as two whole coordinates, would be much text."""
    path, at = [], (0, 0)
    for x, y in points:
        path.append(f"m{x - at[0]}{' ' if y >= at[1] else ''}{y - at[1]}h0")
        at = (x, y)
    return "".join(path)


@dataclass
class Panel:
    """A figure with two axes, about 460 pixels wide, which a narrow screen may shrink."""

    title: str
    description: str
    x: Scale
    y: Scale
    width: int = 460
    height: int = 250
    left: int = 62
    parts: list[Markup] = field(default_factory=list)

    TOP, RIGHT, BOTTOM = 24, 14, 40

    def across(self, value: float) -> float:
        return self.left + self.x.at(value) * (self.width - self.left - self.RIGHT)

    def up(self, value: float) -> float:
        return self.height - self.BOTTOM - self.y.at(value) * (
            self.height - self.BOTTOM - self.TOP)

    def axes(self, x_ticks: list[tuple[float, str]], y_ticks: list[tuple[float, str]],
             x_label: str, y_label: str) -> None:
        bottom, right = self.height - self.BOTTOM, self.width - self.RIGHT
        for value, words in self._apart(y_ticks):
            self.parts += [
                element("line", x1=self.left, x2=right, y1=self.up(value), y2=self.up(value),
                        class_="grid"),
                element("text", words, x=self.left - 7, y=self.up(value) + 4, text_anchor="end")]
        for value, words in x_ticks:
            self.parts += [
                element("line", x1=self.across(value), x2=self.across(value), y1=self.TOP,
                        y2=bottom, class_="grid"),
                self._label(words, self.across(value), bottom + 17)]
        self.parts += [
            element("line", x1=self.left, x2=right, y1=bottom, y2=bottom, class_="edge"),
            element("text", x_label, x=(self.left + right) / 2, y=self.height - 5,
                    text_anchor="middle", class_="label"),
            element("text", y_label, x=4, y=13, class_="label")]

    def _apart(self, ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Those whose words don't run into each other; 1, which ratios are about, goes first."""
        kept: list[tuple[float, str]] = []
        for tick in sorted(ticks, key=lambda one: one[0] != 1):
            if all(abs(self.up(tick[0]) - self.up(one)) >= 14 for one, _ in kept):
                kept.append(tick)
        return kept

    def _label(self, words: str, x: float, y: float) -> Markup:
        """In the middle below x, or as near to that as the edges let it."""
        half = 3.8 * len(words)
        if x + half > self.width:
            return element("text", words, x=self.width - 1, y=y, text_anchor="end")
        return element("text", words, x=max(x, half), y=y, text_anchor="middle")

    def level(self, value: float, classes: str) -> None:
        self.parts.append(element("line", x1=self.left, x2=self.width - self.RIGHT,
                                  y1=self.up(value), y2=self.up(value), class_=classes))

    def upright(self, value: float, classes: str) -> None:
        self.parts.append(element("line", x1=self.across(value), x2=self.across(value),
                                  y1=self.TOP, y2=self.height - self.BOTTOM, class_=classes))

    def shade(self, low: float, high: float) -> None:
        """Between two heights, from edge to edge."""
        self.parts.append(element(
            "rect", x=self.left, width=self.width - self.RIGHT - self.left, y=self.up(high),
            height=self.up(low) - self.up(high), class_="band"))

    def line(self, points: list[tuple[float, float]], classes: str, marker: int | None = None,
             marked: list[bool] | None = None, hollow: list[bool] | None = None,
             limits: list[tuple[float, float, float]] | None = None,
             engine: str | None = None) -> None:
        """Points joined; `marked`: which of them get the marker (all), `hollow`: which an empty
        one; `limits`: x, low and high of a band behind the line."""
        parts = []
        if limits:
            there = [f"{number(self.across(x))} {number(self.up(high))}" for x, _, high in limits]
            back = [f"{number(self.across(x))} {number(self.up(low))}" for x, low, _ in limits]
            parts.append(element("path", d="M" + "L".join(there + back[::-1]) + "Z",
                                 class_="spread"))
        if len(points) > 1:
            parts.append(element("path", class_="line", d="M" + "L".join(
                f"{number(self.across(x))} {number(self.up(y))}" for x, y in points)))
        for place, (x, y) in enumerate(points):
            if marker is not None and (marked is None or marked[place]):
                empty = hollow is not None and hollow[place]
                parts.append(element("use", href=f"#marker-{marker % len(MARKERS)}",
                                     x=self.across(x), y=self.up(y),
                                     class_="marker hollow" if empty else "marker"))
        self.parts.append(element("g", *parts, class_=classes, data_engine=engine))

    def dots(self, points: list[tuple[float, float]], classes: str) -> None:
        """Small ones, to the pixel."""
        if points:
            self.parts.append(element("path", class_=classes, d=_steps(
                [(round(self.across(x)), round(self.up(y))) for x, y in points])))

    def crosses(self, points: list[tuple[float, float]], classes: str) -> None:
        if points:
            self.parts.append(element("path", class_=classes, d="".join(
                f"M{self.across(x) - 3:.0f} {self.up(y) - 3:.0f}l6 6m0-6l-6 6"
                for x, y in points)))

    def words(self, words: str, x: float, up_from_top: float, anchor: str = "middle",
              classes: str | None = None) -> None:
        self.parts.append(element("text", words, x=self.across(x), y=up_from_top,
                                  text_anchor=anchor, class_=classes))

    def drawn(self) -> Markup:
        return image(self.title, self.description, join(self.parts), class_="panel",
                     viewBox=f"0 0 {self.width} {self.height}")
