"""Where a value lies on an axis, and where an axis has its lines. Draws nothing.

    Scale(1e3, 1e6, log=True).at(1e4)     is     0.333...
"""
from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """From `low` at 0 to `high` at 1; both above 0 where it is logarithmic."""

    low: float
    high: float
    log: bool = False

    def at(self, value: float) -> float:
        """Between 0 and 1; what lies outside is at the nearer end."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(max(value, 1e-300))
        return min(max((value - low) / (high - low), 0), 1) if high > low else 0.5

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high

    def ticks(self, most: int = 5) -> list[float]:
        """Round values, from two to about so many."""
        return _log_ticks(self.low, self.high, most) if self.log else _linear_ticks(
            self.low, self.high, most)


def from_zero(largest: float) -> Scale:
    """With a little room above the largest."""
    return Scale(0, largest * 1.06 if largest > 0 else 1)


def around(values: list[float]) -> Scale:
    """Logarithmic, with a little room on both sides; values that are not above 0 don't count."""
    positive = [value for value in values if value > 0] or [1]
    low, high = min(positive), max(positive)
    room = max((high / low) ** 0.06, 1.04)
    return Scale(low / room, high * room, log=True)


LARGEST_REACH = math.log(8)


def of_ratios(ratios: list[float], effect: float) -> Scale:
    """Logarithmic around 1, as far to either side: nine of ten ratios (a single wide interval or a
    great change would leave no room for the rest), at least twice the smallest effect, and no
    farther than LARGEST_REACH. What is beyond has to be drawn at the edge and marked."""
    reaches = sorted(abs(math.log(one)) for one in ratios)
    reach = max(reaches[int(len(reaches) * 0.9):][:1] + [2 * math.log1p(effect), 0.01])
    reach = min(reach * 1.08, LARGEST_REACH)
    return Scale(math.exp(-reach), math.exp(reach), log=True)


def covering(ratios: list[float], always: list[float]) -> Scale:
    """Logarithmic: all of `always` and all ratios but the outermost fiftieth on either side."""
    ordered = sorted(ratios)
    out = len(ordered) // 50
    inner = ordered[out:len(ordered) - out]
    low, high = min([*inner, *always]), max([*inner, *always])
    room = (high / low) ** 0.05
    return Scale(max(low / room, math.exp(-2 * LARGEST_REACH)),
                 min(high * room, math.exp(2 * LARGEST_REACH)), log=True)


def ratio_ticks(scale: Scale, most: int = 5) -> list[float]:
    """1, and steps of so many percent to either side of it as there is room for."""
    reach = max(scale.high, 1 / scale.low)
    wide = math.log(scale.high / scale.low)
    step = next((one for one in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3)
                 if wide <= (most + 0.2) * math.log1p(one)), 7)
    steps = [1 + step * number for number in range(1, most + 2) if 1 + step * number <= reach]
    found = [one for one in [*(1 / each for each in reversed(steps)), 1, *steps]
             if scale.holds(one)]
    return found if len(found) <= most + 1 else [one for one in found
                                                 if one in (found[0], 1, found[-1])]


def _linear_ticks(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / max(most, 1)
    if not rough > 0:
        return [low]
    power = 10 ** math.floor(math.log10(rough))
    step = power * next(one for one in (1, 2, 2.5, 5, 10) if one * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [step * number for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _log_ticks(low: float, high: float, most: int) -> list[float]:
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0 ** power for power in
                 range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
                 for step in steps if low <= step * 10.0 ** power <= high]
        if 2 <= len(found) <= most + 1:
            return found
    if len(found) > most + 1:
        return found[::-(-len(found) // most)]
    return [one for one in _linear_ticks(low, high, 3) if one > 0] or [low, high]
