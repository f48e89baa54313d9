"""All that was measured, as JSON for the page: columns, with five significant digits. Not the
histograms, which would be the greater part; result.json has them.

    embed(source, room=500_000)     is     the element, and what had to be left out, in words
"""
from __future__ import annotations

import math
from datetime import datetime

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from contend.report import metrics
from contend.report.source import Side, Source

IDENTITY = "raw-data"
DIGITS = 5
OPERATIONS = "operations"  # no metric, but a column like them
# Of metrics that are not compared, these go last: others tell the same.
LATE = ["latency_max_ns", "latency_p999_ns", "cpu_user_ns_per_operation", "memory_bytes",
        "load_cpu_share", "engine_cpu_share", "starved_connections"]


def rounded(value: float | None) -> float | int | None:
    """To DIGITS significant digits, whole where that is shorter."""
    if value is None or value == 0 or not math.isfinite(value):
        return None if value is None or value else 0
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short == int(short) and abs(short) < 1e15 else short


def short(value: object) -> object:
    """The same JSON with its fractions rounded; whole numbers may be seeds, and stay."""
    if isinstance(value, dict):
        return {name: short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [short(one) for one in value]
    return rounded(value) if isinstance(value, float) else value


def data_script(value: object) -> Markup:
    """JSON that the page's script, or a reader, can take from the page: nothing in it ends the
    element."""
    return Markup('<script type="application/json" id="{}">{}</script>').format(
        IDENTITY, htmlsafe_json_dumps(value, separators=(",", ":"), allow_nan=False))


def by_importance(source: Source) -> list[str]:
    """Metrics: what is compared, what tells of noise, the rest."""
    present = {name for side in source.sides for sample in side.fields["samples"]
               for name in sample["metrics"]}
    first = {one["metric"] for one in source.comparison["comparisons"]} if (
        source.comparison) else set()
    noise = {"steal_share", "foreign_cpu_share"}
    rest = [one for one in metrics.in_order(present - first - noise) if one not in LATE]
    late = [one for one in reversed(LATE) if one in present - first]
    return [*metrics.in_order(first & present), *sorted(noise & present), *rest, OPERATIONS, *late]


def moment_ms(at: str) -> int | None:
    try:
        return round(datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        return None


def _side(side: Side, names: list[str], every: int) -> dict:
    """By cell: columns of equal length, a row each sample; `every`: one of so many rounds."""
    begin = moment_ms(side.fields["run"]["started_at"])
    cells = {}
    for identity, samples in side.samples.items():
        kept = [one for one in samples if one["round"] % every == 0]
        its = [name for name in names if any(one["metrics"].get(name) is not None for one in kept)]
        moments = [moment_ms(one["at"]) for one in kept]
        cells[identity] = {
            "round": [one["round"] for one in kept], "order": [one["order"] for one in kept],
            "at_ms": [None if None in (one, begin) else one - begin for one in moments],
            "not_ok": {str(place): [one["status"], one["reason"]]
                       for place, one in enumerate(kept) if one["status"] != "ok"},
            "errors": {str(place): one["errors"] for place, one in enumerate(kept)
                       if one["errors"]},
            "client_limited": [place for place, one in enumerate(kept) if one["client_limited"]],
            "metrics": {name: [rounded(one["metrics"].get(name)) for one in kept]
                        for name in its}}
        if OPERATIONS in names:
            cells[identity][OPERATIONS] = [one["operations"] for one in kept]
    return cells


def _whole(source: Source, names: list[str], every: int) -> dict:
    fields = {"form": "contend report 1", "digits": DIGITS, "rounds_kept": f"1 of {every}",
              "metrics_kept": names}
    if source.comparison:
        fields["ab"] = short(source.comparison)
    else:
        whole = source.main.fields
        fields["result"] = {name: short(whole[name]) for name in (
            "schema_version", "run", "machine", "build", "placement", "noise", "engines",
            "workloads")}
        # Without their metrics: medians and intervals are of the samples.
        fields["result"]["cells"] = [
            {name: value for name, value in cell.items() if name != "metrics"}
            for cell in whole["cells"]]
    fields["samples"] = {side.label: _side(side, names, every) for side in source.sides}
    if source.history:
        fields["history"] = short(source.history)
    return fields


def fewest(source: Source) -> int:
    """How many of the metrics, the first ones, are not to go before samples do."""
    if source.comparison is None:
        return min(4, len(by_importance(source)))
    compared = {one["metric"] for one in source.comparison["comparisons"]}
    return sum(name in compared for name in by_importance(source))


def size_wanted(source: Source) -> int:
    """Bytes that all samples take with those metrics alone."""
    names = by_importance(source)[:fewest(source)]
    return len(data_script(_whole(source, names, 1)).encode())


def embed(source: Source, room: int) -> tuple[Markup, str]:
    """The element, of at most so many bytes, and a sentence on what it holds. What is compared is
    kept longest: first other metrics go, then rounds; where there is no room even for one in a
    thousand, it says so and is empty."""
    ranked, least = by_importance(source), fewest(source)

    def attempt(count: int, every: int) -> Markup | None:
        made = data_script(_whole(source, ranked[:count], every))
        return made if len(made.encode()) <= room else None
    if made := attempt(len(ranked), 1):
        return made, "All samples with all their metrics."
    low, high = least, len(ranked)
    best = attempt(least, 1)
    while best is not None and high - low > 1:
        middle = (low + high) // 2
        if made := attempt(middle, 1):
            best, low = made, middle
        else:
            high = middle
    if best is not None:
        return best, (f"All samples, with {low} of {len(ranked)} metrics: there is no room for "
                      f"{', '.join(ranked[low:])}.")
    for every in (2, 3, 5, 10, 20, 50, 100, 1000):
        if made := attempt(least, every):
            return made, (f"Thinned for the size of the page: one of {every} rounds, with {least} "
                          f"of {len(ranked)} metrics.")
    return data_script({"form": "contend report 1", "samples": None}), (
        "None: there are too many samples for the size of the page.")
