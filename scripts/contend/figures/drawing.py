"""Draws the figures of a result: one by its name, or all that there are.

A figure is a file of this folder whose `draw(result, options)` yields sheets with their names, or
raises NothingToShow; nothing lists them.
"""
from __future__ import annotations

import argparse
import gc
import importlib
import multiprocessing
from collections.abc import Iterator
from pathlib import Path

from contend.command import errors_in_a_line, result_parser
from contend.results.result import Result, load


class NothingToShow(Exception):
    """The result has nothing that this figure is about; the message says what is lacking."""


def main(name: str) -> None:
    """Is the command that draws a figure. Exits with 2 if something is wrong."""
    options = result_parser(figure(name).__doc__).parse_args()
    with errors_in_a_line():
        result = load(options.result)
        for line in draw_into(options.result / "charts", name, result, options):
            print(line)


def figure(name: str):
    """Returns the module of a figure."""
    return importlib.import_module(f"contend.figures.{name}")


def names() -> list[str]:
    """Returns the figures' names; a file without draw(result, ...) draws something else."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py")
                  if "\ndef draw(result, " in path.read_text(encoding="utf-8"))


def draw_into(directory: Path, name: str, result: Result,
              options: argparse.Namespace) -> list[str]:
    """Writes the figure's files and returns a line for each sheet: its PNG, or why there is
    none."""
    try:
        return [str(sheet.save(directory, sheet_name)[0])
                for sheet_name, sheet in figure(name).draw(result, options)]
    except NothingToShow as nothing:
        return [f"{name}: not drawn: {nothing}"]


class Worker:
    """A process's share: forked, it has the loaded result without copying it."""

    result = options = None

    @classmethod
    def begin(cls, result, options) -> None:
        cls.result, cls.options = result, options

    @classmethod
    def draw(cls, name: str) -> list[str]:
        return draw_into(cls.options.result / "charts", name, cls.result, cls.options)


def draw_all(result: Result, options: argparse.Namespace) -> Iterator[str]:
    """Draws every figure, in as many processes as there are CPUs, and yields the lines in order."""
    for name in names():
        figure(name)  # imported here, it is not imported by each process
    gc.freeze()  # nothing of it is garbage, and the processes would copy what the collector touches
    with multiprocessing.get_context("fork").Pool(
            multiprocessing.cpu_count(), Worker.begin, (result, options)) as processes:
        for lines in processes.imap(Worker.draw, names()):
            yield from lines
