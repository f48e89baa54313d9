"""The page's HTML: templates/*.html, in which everything from outside is escaped. Drawings are no
templates but made by drawing.py, as markup.

    render("verdict.html", source, warnings=["a < b"])     has     a &lt; b
"""
from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from contend.report import drawing
from contend.report.source import Source
from contend.report.words import NOTHING

FOLDER = Path(__file__).resolve().parent / "templates"
# What no XML and no terminal should be given: control characters but tab and line ends. Halves of
# surrogate pairs, which JSON can hold, have no UTF-8.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def render(name: str, source: Source | None, **values: object) -> Markup:
    """Returns a part of the page."""
    text = _templates.get_template(name).render(source=source, **values)
    return Markup(_UNPRINTABLE.sub("\ufffd", text))


def digest(content: str) -> str:
    """As a Content-Security-Policy names what it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def sortable(value: float | str | None) -> float | str | None:
    """What rows are sorted by, as an attribute: with more digits than are shown."""
    return f"{value:.6g}" if isinstance(value, float) else value


class _Loader(FileSystemLoader):
    def get_source(self, environment, template):
        """Without the indentation and the lines that are there for who reads the template."""
        text, *rest = super().get_source(environment, template)
        return re.sub(r"^[ \t]+|\n(?=\n)", "", text, flags=re.MULTILINE), *rest


_templates = Environment(loader=_Loader(FOLDER), autoescape=True, undefined=StrictUndefined,
                         trim_blocks=True, lstrip_blocks=True)
_templates.filters |= {"digest": digest, "sortable": sortable}
_templates.globals |= {"icon": drawing.verdict_icon, "key": drawing.key,
                       "definitions": drawing.definitions, "nothing": NOTHING}
