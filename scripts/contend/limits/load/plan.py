"""How long and how often each figure of bench_load.py is measured, and in what order."""
import dataclasses
import sys


@dataclasses.dataclass(frozen=True)
class Plan:
    repetitions: int
    seconds: int  # of one run
    connections: tuple  # of figure 1
    rate_per_s: int  # of figure 3
    freeze_ms: int  # in a period of ten times as much
    verdict_cases: int
    few: int  # connections of figure 7
    many: int
    search_seconds: int  # of figure 8
    search_repetitions: int


FULL = Plan(repetitions=7, seconds=3, connections=(64, 256, 1024), rate_per_s=20_000, freeze_ms=1000,
            verdict_cases=40, few=1_000, many=10_000, search_seconds=60,
            search_repetitions=3)
# To see that everything runs.
QUICK = Plan(repetitions=1, seconds=1, connections=(64,), rate_per_s=2_000, freeze_ms=100,
             verdict_cases=4, few=100, many=1_000, search_seconds=5,
             search_repetitions=1)


def interleaved(runs, repetitions, progress):
    """{name: [what it returned, one a repetition]} of {name: function}. Each repetition has every one
    once, forwards and backwards in turn, so that a drift of the machine meets all alike."""
    results = {name: [] for name in runs}
    for repetition in range(repetitions):
        names = list(runs)
        for name in names if repetition % 2 == 0 else reversed(names):
            progress(f"{name}, {repetition + 1} of {repetitions}")
            results[name].append(runs[name]())
    return results


class Progress:
    """A line on standard error that says what is measured now; it rewrites itself on a terminal."""

    def __init__(self, figure=""):
        self._figure = figure

    def of(self, figure):
        return Progress(figure)

    def __call__(self, words):
        line = f"{self._figure}: {words}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def clear(self):
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
