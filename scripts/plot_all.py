#!/usr/bin/python3
"""Draws every figure of a result and writes its summary and report: what `make bench` ends with.

    scripts/plot_all.py results/latest
"""
from contend.command import errors_in_a_line, result_parser
from contend.figures.drawing import draw_all
from contend.report import page, source, summary
from contend.results.result import load


def main() -> None:
    options = result_parser(__doc__).parse_args()
    with errors_in_a_line():
        result = load(options.result)
        for line in draw_all(result, options):
            print(line, flush=True)
        print(summary.write(result, options.result, options.connections))
        try:
            print(page.write(source.read(options.result), options.result, options.connections))
        except page.TooLarge as error:
            print(f"report: not written: {error}")


if __name__ == "__main__":
    main()
