"""SVG as markup, in which everything that comes from outside is escaped.

    element("text", "a < b", x=1.26, text_anchor="end")
    is     <text x="1.3" text-anchor="end">a &lt; b</text>
"""
from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

CLOSING_THEMSELVES = {"circle", "line", "path", "rect", "use"}


def element(name: str, /, *content: object, **attributes: object) -> Markup:
    """An element. Content is escaped where it is no Markup; lists are taken apart and None is left
    out. An attribute's `_` is a `-` (but `class_` is `class`), one that is None is left out."""
    opened = "".join([name, *map(_attribute, attributes.items())])
    if name in CLOSING_THEMSELVES and not content:
        return Markup(f"<{opened}/>")
    return Markup(f"<{opened}>{join(content)}</{name}>")


def join(content: Iterable[object]) -> Markup:
    """Parts one after the other."""
    return Markup("".join(escape(part) for part in content if part is not None))


def _attribute(item: tuple[str, object]) -> str:
    name, value = item[0].rstrip("_").replace("_", "-"), item[1]
    if value is None:
        return ""
    return f' {name}="{number(value) if isinstance(value, float) else escape(value)}"'


def number(value: float, digits: int = 1) -> str:
    """A coordinate, to a tenth: of a pixel, or of a percent."""
    words = f"{value:.{digits}f}"
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return "0" if words == "-0" else words
