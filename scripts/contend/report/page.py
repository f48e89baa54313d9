"""The whole page: its sections, its style and script, and that it stays below a megabyte.

    page.write(source.read(Path("results/latest")), Path("results/latest"))

No request can leave it: a Content-Security-Policy allows nothing but the page's own style and
script, by their hashes.
"""
from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from contend.report import (bars, forest, heatmap, latency, provenance, raw, theme, timeline,
                            trace, verdict)
from contend.report.source import Source
from contend.report.template import FOLDER, render

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


class TooLarge(Exception):
    """Even without single samples the page would be larger than LIMIT."""


def style() -> str:
    return theme.variables() + (FOLDER / "page.css").read_text(encoding="utf-8") + theme.classes()


def script() -> str:
    return (FOLDER / "page.js").read_text(encoding="utf-8")


def compose(source: Source, connections: int = 64, limit: int = LIMIT) -> str:
    """The page's text: with as much of single samples drawn as leaves room for all of them as data.
    Raises TooLarge."""
    wanted = raw.size_wanted(source)
    # Most sections are the same in all details, and are drawn once.
    drawn = functools.cache(lambda build, *how: build(source, *how))
    for detail in DETAILS:
        parts = sections(drawn, source.comparison is not None, connections, detail)
        room = limit - len(_document(source, parts, "", "").encode()) - 1000
        if room >= wanted:
            break
    if room > 0:
        data, said = raw.embed(source, room)
        return _document(source, parts, data, said)
    raise TooLarge(f"there is too much to show in {limit:,} bytes: "
                   f"{len(source.cells)} cells; measure fewer at a time")


def sections(drawn: Callable[..., Markup | None], compared: bool, connections: int,
             detail: Detail) -> dict[str, Markup]:
    """`drawn(build, ...)` is what `build(source, ...)` returns."""
    made = {"verdict": drawn(verdict.build, connections),
            "ratios": drawn(forest.build) if compared else None, "map": drawn(heatmap.build),
            "bars": drawn(bars.build, connections, detail.dots, detail.others),
            "latency": drawn(latency.build, connections, detail.others),
            "connections": drawn(latency.build_connections),
            "trace": drawn(trace.build, detail.traces) if compared else None,
            "history": drawn(timeline.build), "provenance": drawn(provenance.build)}
    return {name: one for name, one in made.items() if one is not None}


CONTENTS = {"verdict": "Verdict", "ratios": "Ratios", "map": "Heat map",
            "bars": "Throughput and CPU", "latency": "Latency",
            "connections": "Connections", "trace": "Slices",
            "history": "History", "provenance": "Where and how", "raw": "Raw data"}


def _document(source: Source, parts: dict[str, Markup], data: str, said: str) -> str:
    names = CONTENTS | ({} if source.comparison else {"verdict": "Who leads"})
    return render("page.html", source, style=Markup(style()), script=Markup(script()),
                  contents=[(name, names[name]) for name in (*parts, "raw")],
                  parts_of_page=parts.values(), identity=raw.IDENTITY, digits=raw.DIGITS,
                  said=said, data=data)


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
