#!/usr/bin/python3
"""Draws a load: of one run its seconds and percentiles, of several rates latency against the rate.

    contend load http://127.0.0.1:8080/ --find-max 'p99<20ms' --json > max.json
    scripts/plot_load.py max.json

Writes OUT.png and OUT.svg; OUT is the file without .json where it is not given.
"""
import argparse
from pathlib import Path

from contend.command import errors_in_a_line
from contend.figures.load import sheet_of
from contend.results.load import read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("file", type=Path, help="what contend load --json printed")
    parser.add_argument("out", type=Path, nargs="?", help="what the figures' names begin with")
    options = parser.parse_args()
    with errors_in_a_line():
        sheet = sheet_of(read(options.file))
        if sheet is None:
            print("not drawn: there is no window")
            return
        out = options.out or options.file.with_suffix("")
        print(sheet.save(out.parent, out.name)[0])


if __name__ == "__main__":
    main()
