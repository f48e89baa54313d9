"""HTML and SVG as text in which everything that comes from outside is escaped. No template, and
nothing that would parse markup.

    element("p", "a < b", class_="note")     is     <p class="note">a &lt; b</p>
"""
from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable

# HTML's elements without content, and SVG's, which close themselves.
VOID = {"br", "col", "hr", "input", "link", "meta"}
CLOSING_THEMSELVES = {"circle", "line", "path", "rect", "use"}
# What no XML and no terminal should be given: control characters but tab and line ends. Halves of
# surrogate pairs, which JSON can hold, have no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """Text that is markup already. Only this module makes it from anything but constants."""


def escape(words: object) -> Markup:
    """Fit for an element's content and for a quoted attribute."""
    if isinstance(words, Markup):
        return words
    return Markup(html.escape(_UNPRINTABLE.sub("\ufffd", str(words))))


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element. Content is escaped where it is no Markup; lists are taken apart and None is left
    out. An attribute's `_` is a `-` (but `class_` is `class`); True is an attribute without a
    value, None and False is none."""
    opened = "".join([name, *map(_attribute, attributes.items())])
    if name in VOID:
        return Markup(f"<{opened}>")
    if name in CLOSING_THEMSELVES and not content:
        return Markup(f"<{opened}/>")
    return Markup(f"<{opened}>{join(content)}</{name}>")


def join(content: Iterable[object], between: str = "") -> Markup:
    """Parts one after the other."""
    return Markup(between.join(escape(part) for part in _flat(content)))


def _flat(content: Iterable[object]) -> Iterable[object]:
    for part in content:
        if isinstance(part, (list, tuple)):
            yield from _flat(part)
        elif part is not None:
            yield part


def _attribute(item: tuple[str, object]) -> str:
    name, value = item[0].rstrip("_").replace("_", "-"), item[1]
    if value is None or value is False:
        return ""
    if isinstance(value, float):
        value = number(value)
    return f" {name}" if value is True else f' {name}="{escape(value)}"'


def number(value: float, digits: int = 1) -> str:
    """A coordinate, to a tenth: of a pixel, or of a percent."""
    words = f"{value:.{digits}f}"
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return "0" if words == "-0" else words


def data_script(identity: str, value: object) -> Markup:
    """JSON that the page's script, or a reader, can take from the page. `<` and what else could end
    the element or a line of script is written as an escape, which is the same JSON."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(f'<script type="application/json" id="{escape(identity)}">{text}</script>')
