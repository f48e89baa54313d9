"""Latency histograms of result.json, merged; percentiles are read from the merged one only.

The layout is the harness's (harness/stats/histogram.hpp), which is HdrHistogram's with three significant
digits. An average of the percentiles of samples is not a percentile of anything, so there is no
function here that would make one.

    merge([Histogram.from_json(one) for one in ...]).value_at(99.9)
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy

HALF = 1024  # counters an octave
LAST = 64 * HALF  # more than any number of 63 bits has
BEYOND = 10  # values that must lie beyond a percentile for it to be shown
MARKED = [50, 90, 99, 99.9]  # the percentiles that a line of them has a marker at
FIELDS = {"unit", "significant_digits", "count", "sum_ns", "min_ns", "max_ns", "saturated",
          "index_deltas", "counts"}


@dataclass(frozen=True)
class Histogram:
    """Counters that aren't 0, in the order of their values, and the exact least and greatest."""

    indices: numpy.ndarray
    counts: numpy.ndarray
    min_ns: int
    max_ns: int

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    @staticmethod
    def from_json(json: dict) -> Histogram:
        """Raises ValueError that names the field that is missing, unknown or wrong."""
        for field in FIELDS - json.keys():
            raise ValueError(f"field '{field}' is missing")
        for field in json.keys() - FIELDS:
            raise ValueError(f"field '{field}' is unknown")
        if json["unit"] != "ns" or json["significant_digits"] != 3:
            raise ValueError("field 'unit' must be \"ns\" and 'significant_digits' 3")
        if len(json["index_deltas"]) != len(json["counts"]):
            raise ValueError("field 'counts' must be as long as 'index_deltas'")
        counts, deltas = _whole(json, "counts"), _whole(json, "index_deltas")
        if counts.sum() != json["count"]:
            raise ValueError("field 'count' is not the sum of 'counts'")
        indices = numpy.cumsum(deltas)
        if len(indices) and indices[-1] > LAST:
            raise ValueError("field 'index_deltas' goes beyond the last counter")
        return Histogram(indices, counts, json["min_ns"] or 0, json["max_ns"] or 0)

    def carries(self, percentile: float) -> bool:
        """Whether so high a percentile rests on enough values to say anything."""
        return self.count * (100 - percentile) / 100 >= BEYOND * (1 - 1e-9)

    def value_at(self, percentile: float) -> int:
        """Nearest-rank percentile in ns, rounded up to its counter's upper bound (by less than
        0.1 %) but never above the maximum. 0 while empty."""
        if self.count == 0:
            return 0
        if percentile <= 0:
            return self.min_ns
        return int(self.values_at([percentile])[0])

    def values_at(self, percentiles: list[float]) -> numpy.ndarray:
        """The same at several percentiles, none of them 0, unless it is empty."""
        return values_at(self.indices, self.counts[None, :], percentiles, self.max_ns)[0]


def _whole(json: dict, field: str) -> numpy.ndarray:
    """An array of whole numbers, none below 0 and none beyond what a counter holds."""
    try:
        values = numpy.array(json[field])
        if values.size == 0:
            return numpy.zeros(0, dtype=numpy.int64)
        if values.ndim == 1 and values.dtype.kind == "i" and 0 <= values.min():
            return values
    except (ValueError, OverflowError):  # numbers among lists, or far too large
        pass
    raise ValueError(f"field '{field}' must be an array of whole numbers from 0 on")


def highest_at(indices: numpy.ndarray) -> numpy.ndarray:
    """The greatest value that shares a counter, in ns."""
    following = indices + 1
    octave = numpy.maximum(following // HALF - 1, 0)
    return ((following - octave * HALF) << octave) - 1


def values_at(indices, counts, percentiles, max_ns) -> numpy.ndarray:
    """Percentiles of several histograms over the same counters: `counts` has a row each, none of them
    empty."""
    # Summed on from row to row, the ranks of all rows are looked for at once.
    seen = numpy.cumsum(counts)
    ends = seen[counts.shape[1] - 1::counts.shape[1]]
    totals = numpy.diff(ends, prepend=0)
    # The allowance keeps 99.9 % of 1000 at rank 999, which floating point would miss.
    ranks = numpy.ceil(numpy.outer(totals, numpy.divide(percentiles, 100)) * (1 - 1e-14))
    ranks = numpy.maximum(ranks.astype(numpy.int64), 1) + (ends - totals)[:, None]
    places = numpy.searchsorted(seen, ranks) % counts.shape[1]
    return numpy.minimum(highest_at(indices), max_ns)[places].astype(float)


def rarity(percentile: float) -> float:
    """Returns how many values there are for one beyond the percentile: 1000 for 99.9."""
    return 100 / (100 - percentile)


def percentiles_of(merged: Histogram) -> list[float]:
    """From the median on, evenly by rarity, with the marked ones among them, as far as the counts
    carry."""
    even = [100 - 100 / 2 ** (step / 16) for step in range(16, 160)]
    return [one for one in sorted({*even, *MARKED})
            if one <= MARKED[-1] and merged.carries(one)]


def _aligned(histograms: list[Histogram]) -> tuple[numpy.ndarray, numpy.ndarray]:
    indices = numpy.unique(numpy.concatenate([one.indices for one in histograms]))
    counts = numpy.zeros((len(histograms), len(indices)), dtype=numpy.int64)
    for row, one in zip(counts, histograms):
        row[numpy.searchsorted(indices, one.indices)] = one.counts
    return indices, counts


def merge(histograms: list[Histogram]) -> Histogram:
    """What recording all into one would have made. At least one must be given."""
    filled = [one for one in histograms if one.count] or histograms[:1]
    indices, counts = _aligned(filled)
    return Histogram(indices, counts.sum(axis=0), min(one.min_ns for one in filled),
                     max(one.max_ns for one in filled))


def intervals_at(histograms, percentiles, seed, resamples=300) -> list[tuple[float, float] | None]:
    """95 % bootstrap intervals of the merged histogram's percentiles: whole samples are drawn with
    replacement and merged anew. None where there are fewer than 3 samples."""
    filled = [one for one in histograms if one.count]
    if len(filled) < 3:
        return [None] * len(percentiles)
    indices, counts = _aligned(filled)
    draws = numpy.random.default_rng(seed).multinomial(
        len(filled), [1 / len(filled)] * len(filled), size=resamples)
    # Products of floats are exact here, and many times faster than those of whole numbers.
    merged = (draws.astype(float) @ counts.astype(float)).astype(numpy.int64)
    values = values_at(indices, merged, percentiles, max(one.max_ns for one in filled))
    return [tuple(numpy.percentile(column, [2.5, 97.5])) for column in values.T]
