"""How the sections of the page say a ratio, an interval, and that there is nothing."""
from __future__ import annotations

from contend.results.marks import marks_of
from contend.results.result import Cell

NOTHING = "·"


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
