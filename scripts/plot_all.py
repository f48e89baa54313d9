#!/usr/bin/python3
"""Draws every figure of a result and writes its summary and report: what `make bench` ends with.

    scripts/plot_all.py results/latest

A figure is a file plot_*.py beside this one that draws a result; nothing lists them.
"""
import gc
import importlib
import multiprocessing
from pathlib import Path

import summary
from charts.command import draw_into, errors_in_a_line, parser
from contend.results.result import load
from report import page, source

HERE = Path(__file__).resolve()


def figures() -> list[str]:
    """Their modules' names; those that draw something else, such as a load, define no draw()."""
    return sorted(path.stem for path in HERE.parent.glob("plot_*.py")
                  if path != HERE and "\ndef draw(" in path.read_text(encoding="utf-8"))


class Drawing:
    """A worker process's share: forked, it has the loaded result without copying it."""

    result = options = None

    @classmethod
    def begin(cls, result, options) -> None:
        cls.result, cls.options = result, options

    @classmethod
    def draw(cls, name: str) -> list[str]:
        return draw_into(cls.options.result / "charts", name.removeprefix("plot_"),
                         importlib.import_module(name).draw, cls.result, cls.options)


def main() -> None:
    options = parser(__doc__).parse_args()
    with errors_in_a_line():
        result = load(options.result)
        gc.freeze()  # nothing of it is garbage, and the processes would copy what the collector touches
        processes = multiprocessing.get_context("fork").Pool(
            multiprocessing.cpu_count(), Drawing.begin, (result, options))
        with processes:
            for lines in processes.imap(Drawing.draw, figures()):
                print("\n".join(lines), flush=True)
        print(summary.write(result, options))
        try:
            print(page.write(source.read(options.result), options.result, options.connections))
        except page.TooLarge as error:
            print(f"report: not written: {error}")


if __name__ == "__main__":
    main()
