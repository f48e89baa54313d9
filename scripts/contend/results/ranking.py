"""Which engine is ahead in a scenario, by how much, and how sure that is.

Ratios are of medians, with a 95 % bootstrap interval that draws whole rounds, since a round's
cells lie close together in time. Intervals are not corrected for their number: this is a summary
of one run, not the verdict on a change.
"""
from __future__ import annotations

import itertools
import random
from dataclasses import dataclass

import numpy

from contend.results.marks import is_starved
from contend.results.result import Cell, Interval, Result, Scenario

RESAMPLES = 2000
WORTH_TELLING = 1.01  # a lead that may be less than this is none
CLIENT_LIMITED = "client-limited: no order"


def ratio(leader: Cell, other: Cell, seed: int, metric="throughput_per_s") -> Interval:
    """Leader's median over the other's. The interval needs 3 rounds that both have."""
    ours, theirs = dict(leader.values(metric)), dict(other.values(metric))
    middle = leader.interval(metric).median / other.interval(metric).median
    rounds = sorted(ours.keys() & theirs.keys())
    if len(rounds) < 3:
        return Interval(middle, None, None)
    pairs = numpy.array([(ours[one], theirs[one]) for one in rounds])
    # Seeded by what is compared: a pair's interval doesn't depend on what else was drawn.
    rng = numpy.random.default_rng(random.Random(f"{seed}{leader.engine}").getrandbits(32))
    draws = rng.integers(0, len(rounds), (RESAMPLES, len(rounds)))
    medians = numpy.median(pairs[draws], axis=1)
    low, high = numpy.percentile(medians[:, 0] / medians[:, 1], [2.5, 97.5])
    return Interval(middle, min(low, middle), max(high, middle))


@dataclass(frozen=True)
class Ranking:
    """`level` is the first and those right behind it, in order, that can't be told from it, or by
    so little that it tells nobody anything (WORTH_TELLING); `ahead` is the first's ratio to the
    best engine that is not level, or to the last level one if all are."""

    level: list[str]
    against: str | None
    ahead: Interval | None
    reason: str | None = None  # why there is none

    def sentence(self, most: int = 99) -> str:
        """A line for a reader, naming at most so many level engines."""
        if self.reason:
            return self.reason
        if self.ahead is None:
            return f"{self.level[0]} alone was measured"
        factor = f"{self.ahead.median:.2f} × {self.against}"
        if self.ahead.low is None:
            return f"{self.level[0]} first, {factor} (too few samples)"
        factor += f" ({self.ahead.low:.2f} to {self.ahead.high:.2f})"
        if self.against == self.level[-1]:
            return f"level: {_names(self.level, most)}"
        leads = f"{self.level[0]} leads: {factor}"
        others = self.level[1:]
        return f"{leads}; {_names(others, most)} level with it" if others else leads


def _names(engines: list[str], most: int) -> str:
    if len(engines) <= most:
        return ", ".join(engines)
    if most == 0:
        return f"{len(engines)} engine" + ("s" if len(engines) > 1 else "")
    return f"{', '.join(engines[:most])} and {len(engines) - most} more"


def can_lead(cell: Cell | None) -> bool:
    """A cell with errors or with starved connections can't: it did not do all of the work."""
    return (cell is not None and cell.interval("throughput_per_s") is not None
            and cell.interval("throughput_per_s").median > 0
            and not cell.errors and not is_starved(cell))


def rank(result: Result, scenario: Scenario) -> Ranking:
    cells = [result.cell(engine.name, scenario) for engine in result.engines]
    able = [cell for cell in cells if can_lead(cell)]
    if not able:
        return Ranking([], None, None, "no engine did all of the work")
    able.sort(key=lambda cell: -cell.interval("throughput_per_s").median)
    first, others = able[0], able[1:]
    if not others:
        return Ranking([first.engine], None, None)
    ratios = [(cell.engine, ratio(first, cell, result.run["seed"])) for cell in others]
    if ratios[0][1].low is None:
        found = Ranking([first.engine], *ratios[0])
    else:
        level = [first.engine] + [name for name, _ in itertools.takewhile(
            lambda pair: pair[1].low is None or pair[1].low < WORTH_TELLING, ratios)]
        behind = ratios[len(level) - 1:]
        found = Ranking(level, *(behind[0] if behind else ratios[-1]))
    named = {*found.level, found.against}
    if any(cell.mostly_client_limited for cell in able if cell.engine in named):
        return Ranking([], None, None, CLIENT_LIMITED)
    return found
