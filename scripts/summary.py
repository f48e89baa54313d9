#!/usr/bin/python3
"""Writes summary.md: a run in words and tables, for a terminal and for a pull request.

    scripts/summary.py results/latest && less results/latest/summary.md
"""
from contend.command import errors_in_a_line, result_parser
from contend.report import summary
from contend.results.result import load

if __name__ == "__main__":
    options = result_parser(__doc__).parse_args()
    with errors_in_a_line():
        print(summary.write(load(options.result), options.result, options.connections))
