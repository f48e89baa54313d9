#!/usr/bin/python3
"""Writes report.html: a run, or a comparison of two sides, as one page that needs no network.

    scripts/report.py results/latest && xdg-open results/latest/report.html

What each part shows, and its traps: docs/report.md.
"""
import argparse
from pathlib import Path

from contend.command import errors_in_a_line, result_parser
from contend.report import page, source
from contend.results.result import ResultError


def arguments() -> argparse.Namespace:
    made = result_parser(__doc__)
    made.add_argument("--history", type=Path, metavar="FILE",
                      help="what `contend history export --format json` has printed")
    return made.parse_args()


def main() -> None:
    options = arguments()
    with errors_in_a_line():
        try:
            print(page.write(source.read(options.result, options.history), options.result,
                             options.connections))
        except page.TooLarge as error:
            raise ResultError(f"{options.result}: {error}") from error


if __name__ == "__main__":
    main()
