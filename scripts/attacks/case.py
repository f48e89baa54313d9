"""One thing to try, and why some can't be tried here."""

import dataclasses
import typing


@dataclasses.dataclass
class Case:
    name: str
    check: typing.Callable[[], list]  # what is wrong, a line each


class Unavailable(Exception):
    """A part can't be run on this machine, for the reason given."""
