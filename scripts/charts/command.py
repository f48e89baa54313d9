"""What every plot script is as a command: arguments, errors in one line, files written.

A script gives its `draw(result, options)`, which yields sheets with their names, or raises
NothingToShow.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Callable, Iterable

from charts.figure import Sheet
from contend.results.result import Result, ResultError, load

Draw = Callable[[Result, argparse.Namespace], Iterable[tuple[str, Sheet]]]


class NothingToShow(Exception):
    """The result has nothing that this figure is about; the message says what is lacking."""


def parser(description: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    made.add_argument("result", type=Path, metavar="RESULT_DIR", help="folder with result.json")
    made.add_argument("--connections", type=_at_least_one, default=64, metavar="N",
                      help="of several connection counts, show the one nearest to this (64)")
    return made


def _at_least_one(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def draw_into(directory: Path, name: str, draw: Draw, result: Result,
              options: argparse.Namespace) -> list[str]:
    """Writes the figure's files and returns a line for each sheet: its PNG, or why there is
    none."""
    try:
        return [str(sheet.save(directory, sheet_name)[0])
                for sheet_name, sheet in draw(result, options)]
    except NothingToShow as nothing:
        return [f"{name}: not drawn: {nothing}"]


def main(description: str, draw: Draw) -> None:
    """Runs a plot script: `__doc__` and its draw. Exits with 2 when something is wrong."""
    options = parser(description).parse_args()
    name = Path(sys.argv[0]).stem.removeprefix("plot_")
    with errors_in_a_line():
        result = load(options.result)
        for line in draw_into(options.result / "charts", name, draw, result, options):
            print(line)


class errors_in_a_line:
    """Turns what a user can mend into one line on standard error and exit code 2."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        if isinstance(error, (ResultError, OSError)):
            print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
            sys.exit(2)
