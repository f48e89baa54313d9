"""What a metric is called, how its numbers read, and which way is better. It knows the names of
results/README.md and computes nothing of a sample.

    metrics.of("latency_p99_ns").words(1234567)     is     1.23 ms
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from contend.results import text


def _share(value: float) -> str:
    return f"{value * 100:.1f} %"


@dataclass(frozen=True)
class Metric:
    name: str
    title: str
    words: Callable[[float], str]
    more_is_better: bool = False

    def cost(self, value: float | None) -> float | None:
        """What grows where things get worse, as comparisons of `contend ab` take it; None where a
        ratio of it would have no meaning."""
        if value is None or value <= 0:
            return None
        return 1 / value if self.more_is_better else value


_TITLES = {
    "throughput_per_s": ("Throughput", lambda value: f"{text.count(value)}/s"),
    "wall_ns": ("Time from start to end", text.time_ns),
    "latency_p50_ns": ("Latency p50", text.time_ns),
    "latency_p90_ns": ("Latency p90", text.time_ns),
    "latency_p99_ns": ("Latency p99", text.time_ns),
    "latency_p999_ns": ("Latency p99.9", text.time_ns),
    "latency_max_ns": ("Latency, greatest", text.time_ns),
    "cpu_ns_per_operation": ("CPU per operation", text.time_ns),
    "cpu_user_ns_per_operation": ("CPU per operation, user", text.time_ns),
    "cpu_system_ns_per_operation": ("CPU per operation, system", text.time_ns),
    "instructions": ("Instructions", text.count),
    "voluntary_switches_per_operation": ("Waits per operation", text.count),
    "involuntary_switches_per_operation": ("Preemptions per operation", text.count),
    "memory_bytes": ("Memory", text.size_bytes),
    "memory_per_connection_bytes": ("Memory per connection", text.size_bytes),
    "peak_rss_bytes": ("Peak memory", text.size_bytes),
    "fairness_jain": ("Fairness", "{:.2f}".format),
    "starved_connections": ("Starved connections", text.count),
    "load_cpu_share": ("CPU of the load", _share),
    "engine_cpu_share": ("CPU of the engine", _share),
    "steal_share": ("Steal", _share),
    "foreign_cpu_share": ("Foreign CPU", _share),
}
_MORE_IS_BETTER = {"throughput_per_s", "fairness_jain"}
ORDER = list(_TITLES)


def of(name: str) -> Metric:
    """Any name: one that is not known is called by itself, and its numbers are plain."""
    kind, _, bare = name.rpartition(".")
    title, words = _TITLES.get(bare, (bare, text.count))
    return Metric(name, f"{title}, {kind} requests" if kind else title, words,
                  bare in _MORE_IS_BETTER)


def in_order(names: set[str]) -> list[str]:
    """As a reader looks for them; those of a kind after those of all, unknown ones last."""
    def place(name: str):
        kind, _, bare = name.rpartition(".")
        return (ORDER.index(bare) if bare in _TITLES else len(ORDER), kind, bare)
    return sorted(names, key=place)
