"""What commands have in common: the types of their arguments, and one line for an error.

    with errors_in_a_line(): load(result_parser(__doc__).parse_args().result)
"""
from __future__ import annotations

import argparse
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Callable

from contend.results import ResultError


def result_parser(description: str) -> argparse.ArgumentParser:
    """Returns the parser of a command that shows a result; the first line describes it."""
    made = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    made.add_argument("result", type=Path, metavar="RESULT_DIR", help="folder with result.json")
    made.add_argument("--connections", type=at_least(1), default=64, metavar="N",
                      help="of several connection counts, show the one nearest to this (64)")
    return made


def at_least(least: int) -> Callable[[str], int]:
    """Returns the type of an argument that is a whole number."""
    def number(word: str) -> int:
        if int(word) < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return int(word)
    return number


def share(word: str) -> float:
    """The type of an argument that is a share: above 0, and up to 1. A NaN is none."""
    if not 0 < float(word) <= 1:
        raise argparse.ArgumentTypeError(f"must be above 0 and up to 1, not {word}")
    return float(word)


def one_of(known: Callable) -> Callable[[str], str]:
    """Returns the type of an argument that is a name; `known()` lists the names when one is given."""
    def name(word: str) -> str:
        names = known()
        if word not in names:
            raise argparse.ArgumentTypeError(f"'{word}' is none of {', '.join(names)}")
        return word
    return name


def list_of(item: Callable) -> Callable[[str], list]:
    """Returns the type of an argument that is several of a type, with commas between them."""
    return lambda word: [item(one) for one in word.split(",")]


def say(words: object) -> None:
    """Writes a line to standard error, after the command's name."""
    print(f"{Path(sys.argv[0]).name}: {words}", file=sys.stderr)


@contextmanager
def errors_in_a_line():
    """Turns what a user can repair into one line on standard error and exit code 2."""
    try:
        yield
    except (ResultError, OSError) as error:
        say(error)
        sys.exit(2)
