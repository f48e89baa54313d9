"""Ratios of paired costs, with an interval. It measures nothing.

    ratio_of([(105, 100), (98, 100), (103, 100)])["ratio"]     is     1.029...
"""

import math
import statistics


def hodges_lehmann(values, z=1.959964):
    """The median of all pairwise means of `values` and its confidence interval (95 % by default).

    The interval comes from the normal approximation of the signed-rank distribution: Hollander,
    Wolfe and Chicken, Nonparametric Statistical Methods, 3.3. Returns (estimate, low, high).
    """
    count = len(values)
    means = sorted((values[i] + values[j]) / 2 for i in range(count) for j in range(i, count))
    middle = len(means) / 2
    deviation = math.sqrt(count * (count + 1) * (2 * count + 1) / 24)
    outside = max(0, math.floor(middle - z * deviation))
    return statistics.median(means), means[outside], means[len(means) - 1 - outside]


def ratio_of(pairs):
    """The ratio of each pair's first cost to its second, estimated from the logarithms, and its
    interval: {"ratio", "low", "high"}."""
    estimates = hodges_lehmann([math.log(ours / theirs) for ours, theirs in pairs])
    return dict(zip(("ratio", "low", "high"), map(math.exp, estimates)))
