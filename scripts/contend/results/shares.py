"""How good an engine is beside the best of its row: the share that heat maps show.

    words(0.5), shade(0.5)     is     "0.50", 0.75
"""
import math

FARTHEST = 1 / 16  # of the best, or less, is the full colour of the worst
# What a legend names.
STEPS = {1: "the best", 1 / 2: "1/2 of it", 1 / 4: "1/4", 1 / 8: "1/8", FARTHEST: "1/16 or less"}


def shade(share: float) -> float:
    """Returns 0 at FARTHEST of the best or less and 1 at the best, by ratio."""
    return 1 - math.log(min(max(share, FARTHEST), 1)) / math.log(FARTHEST)


def words(share: float) -> str:
    return f"{share:.2f}" if share >= 0.095 else f"{share:.3f}"
