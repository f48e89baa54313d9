"""The whole page: its sections, its style and script, and that it stays below a megabyte.

    page.write(source.read(Path("results/latest")), Path("results/latest"))

No request can leave it: a Content-Security-Policy allows nothing but the page's own style and
script, by their hashes.
"""
from __future__ import annotations

import base64
import functools
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contend.report import (bars, forest, heatmap, latency, provenance, raw, theme, timeline,
                            trace, verdict)
from contend.report.figure import definitions
from contend.report.markup import Markup, element, join
from contend.report.parts import paragraph, section
from contend.report.source import Source

LIMIT = 1_000_000  # bytes


@dataclass(frozen=True)
class Detail:
    """How much is drawn: dots a bar, traces, and scenarios at other numbers of connections."""

    dots: int
    traces: str
    others: bool = True


# The first that fits is taken.
DETAILS = [Detail(120, "all"), Detail(50, "all"), Detail(50, "noteworthy"),
           Detail(20, "noteworthy"), Detail(20, "noteworthy", False), Detail(0, "none", False)]
HERE = Path(__file__).resolve().parent


class TooLarge(Exception):
    """Even without single samples the page would be larger than LIMIT."""


def style() -> str:
    return theme.variables() + (HERE / "page.css").read_text(encoding="utf-8") + theme.classes()


def script() -> str:
    return (HERE / "page.js").read_text(encoding="utf-8")


def digest(content: str) -> str:
    """As a Content-Security-Policy names what it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def compose(source: Source, connections: int = 64, limit: int = LIMIT) -> str:
    """The page's text: with as much of single samples drawn as leaves room for all of them as data.
    Raises TooLarge."""
    wanted = raw.size_wanted(source)
    # Most sections are the same in all details, and are drawn once.
    drawn = functools.cache(lambda build, *how: build(source, *how))
    for detail in DETAILS:
        parts = sections(drawn, source.comparison is not None, connections, detail)
        room = limit - len(_document(source, parts, Markup(""), "").encode()) - 1000
        if room >= wanted:
            break
    if room > 0:
        data, said = raw.embed(source, room)
        return _document(source, parts, data, said)
    raise TooLarge(f"there is too much to show in {limit:,} bytes: "
                   f"{len(source.cells)} cells; measure fewer at a time")


def sections(drawn: Callable[..., Markup | None], compared: bool, connections: int,
             detail: Detail) -> list[Markup]:
    """`drawn(build, ...)` is what `build(source, ...)` returns."""
    made = [drawn(verdict.build, connections),
            drawn(forest.build) if compared else None, drawn(heatmap.build),
            drawn(bars.build, connections, detail.dots, detail.others),
            drawn(latency.build, connections, detail.others), drawn(latency.build_connections),
            drawn(trace.build, detail.traces) if compared else None,
            drawn(timeline.build), drawn(provenance.build)]
    return [one for one in made if one is not None]


CONTENTS = {"verdict": "Verdict", "ratios": "Ratios", "map": "Heat map",
            "bars": "Throughput and CPU", "latency": "Latency",
            "connections": "Connections", "trace": "Slices",
            "history": "History", "provenance": "Where and how", "raw": "Raw data"}


def _contents(source: Source, parts: list[Markup]) -> Markup:
    names = CONTENTS | ({} if source.comparison else {"verdict": "Who leads"})
    there = [name for name in CONTENTS if name == "raw" or any(
        f'aria-labelledby="{name}"' in part[:80] for part in parts)]
    return element("nav", element("ul", [
        element("li", element("a", names[name], href=f"#{name}")) for name in there]),
        aria_label="contents")


def title_of(source: Source) -> str:
    if source.comparison is None:
        return f"contend: suite {source.run['suite']}"
    return (f"contend: {source.comparison['verdict']}, {source.comparison['head']['name']} beside "
            f"{source.comparison['base']['name']}")


def _head(source: Source) -> Markup:
    own_style, own_script = style(), script()
    policy = (f"default-src 'none'; style-src {digest(own_style)}; script-src "
              f"{digest(own_script)}; img-src data:; base-uri 'none'; form-action 'none'")
    return element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        # An empty one: a browser would ask the server for an icon.
        element("link", rel="icon", href="data:,"),
        element("title", title_of(source)), Markup(f"<style>{own_style}</style>"))


def _header(source: Source) -> Markup:
    run = source.run
    what = "Comparison" if source.comparison else "Benchmark"
    return element(
        "header", element("h1", f"{what}, suite {run['suite']}"),
        paragraph(f"contend · run {run['id']} · {run['started_at'][:16].replace('T', ' ')} UTC · "
                  f"{source.main.result.machine['cpu_model']}", class_="quiet"),
        # The script fills this with what works only with it: theme, engines to hide.
        element("div", class_="tools", id="tools", hidden=True))


def _raw_section(source: Source, data: Markup, said: str) -> Markup:
    folders = "base/ and head/" if source.comparison else "this folder"
    return section(
        "raw", "Raw data",
        paragraph("This page has its data in it, as JSON in the element ",
                  element("code", f"script#{raw.IDENTITY}"), f": columns with {raw.DIGITS} "
                  f"significant digits, a row a sample. {said} The histograms and all digits are "
                  f"in result.json and samples.jsonl of {folders}."),
        data)


def _document(source: Source, parts: list[Markup], data: Markup, said: str) -> str:
    body = element(
        "body", element("a", "To the verdict", href="#verdict", class_="skip"), definitions(),
        _header(source), _contents(source, parts),
        element("main", *parts, _raw_section(source, data, said)),
        element("footer", paragraph("Made by contend's scripts/report.py. This page is one file: "
                                    "it loads nothing and sends nothing.", class_="quiet")),
        Markup(f"<script>{script()}</script>"))
    return join([Markup("<!doctype html>\n"),
                 element("html", _head(source), "\n", body, lang="en"), "\n"])


def write(source: Source, directory: Path, connections: int = 64) -> Path:
    """Writes report.html, replacing an older one at once; returns it."""
    path = Path(directory) / "report.html"
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(compose(source, connections), encoding="utf-8")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
