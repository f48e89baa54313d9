"""What the tests of the figures share: the words of a sheet, and whether they can be read. No test.

    words = placed(sheet);  flaw_of(sheet, words)     is     None
"""
import argparse
import functools
import unittest
from typing import NamedTuple
from unittest import mock

import numpy
from matplotlib.text import Text

from contend.figures.drawing import NothingToShow, figure, names
from contend.figures.sheet import Sheet

OPTIONS = argparse.Namespace(connections=64)

# Boxes have room for letters that go below the line: 3 pixels of it may be shared.
ACROSS, ALONG = 1, 3


class Words(NamedTuple):
    """A piece of text, and where it is in pixels: left, bottom, right, top."""

    text: str
    box: tuple[float, float, float, float]


def placed(sheet: Sheet) -> list[Words]:
    """Places a sheet, which is done once only, and returns every piece of text that is really drawn. It
    makes no picture."""
    sheet.place()
    return words_of(sheet.figure)


def words_of(figure) -> list[Words]:
    found = []

    def record(one, renderer, *_, **__):
        if one.get_visible() and one.get_text().strip():
            found.append(Words(one.get_text(), one.get_window_extent(renderer).extents))

    with mock.patch.object(Text, "draw", record):
        figure.draw_without_rendering()
    return found


def flaw_of(sheet: Sheet, words: list[Words]) -> str | None:
    """What is cut off at the page's edge, or lies over something else."""
    page = sheet.figure.bbox
    for text, (left, bottom, right, top) in words:
        if left < 0 or bottom < 0 or right > page.x1 or top > page.y1:
            return f"cut off: {text!r}"
    left, bottom, right, top = numpy.array([box for _, box in words]).T
    across = numpy.minimum.outer(right, right) - numpy.maximum.outer(left, left)
    along = numpy.minimum.outer(top, top) - numpy.maximum.outer(bottom, bottom)
    first, second = numpy.nonzero(numpy.triu((across > ACROSS) & (along > ALONG), 1))
    return f"{words[first[0]].text!r} lies over {words[second[0]].text!r}" if len(first) else None


def drawn(name, result):
    """The figure of that name alone."""
    return dict(figure(name).draw(result, OPTIONS))[name]


def draw_all(result, chosen=None):
    """Every figure by its name, or some of them."""
    sheets = {}
    for name in chosen or names():
        try:
            sheets |= figure(name).draw(result, OPTIONS)
        except NothingToShow as nothing:
            assert str(nothing), name
    return sheets


@functools.cache
def placed_figures(of_result):
    """Every figure of the result that a function returns, with its words. Drawn once for all tests: not to
    be changed, and not to be placed again."""
    return {name: (sheet, placed(sheet)) for name, sheet in draw_all(of_result()).items()}


class FigureTest(unittest.TestCase):
    def assert_legible(self, name, sheet, words=None):
        """Places the sheet, unless its `words` are known, and returns all that it says: nothing is cut off
        at the page's edge, no two texts lie over each other."""
        words = words or placed(sheet)
        self.assertGreater(len(words), 10)
        self.assertFalse([one.text for one in words if "\\math" in one.text], name)
        self.assertIsNone(flaw_of(sheet, words), name)
        return [one.text for one in words]
