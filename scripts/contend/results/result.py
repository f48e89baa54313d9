"""Reads and checks result.json, and offers its cells as charts need them. Draws nothing.

    result = load(Path("results/latest"))
    for cell in result.cells: print(cell.engine, cell.scenario.label, cell.status)

A field that is missing or unknown is an error that names it: a chart of half a result would be
believed as if it were whole.
"""
from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from contend.results import ResultError
from contend.results.histogram import Histogram, intervals_at, merge
from contend.results.schema import Schema

CPU_TICKS_NS = 100_000_000  # of CPU time at least, for the kernel's ticks of 10 ms to split it


@dataclass(frozen=True)
class Interval:
    """A median with its 95 % interval; low and high are None where there were too few samples."""

    median: float
    low: float | None
    high: float | None

    @property
    def top(self) -> float:
        """The upper end, or the median where there is none."""
        return self.high or self.median

    def over(self, unit: float) -> Interval:
        """The same in another unit."""
        return Interval(self.median / unit, None if self.low is None else self.low / unit,
                        None if self.high is None else self.high / unit)


@dataclass(frozen=True)
class Scenario:
    """What engines are compared on: cells that differ in nothing but the engine."""

    workload: str
    variant: str
    connections: int | None
    role: str = field(default="serve", compare=False)  # the workload's

    @property
    def group(self) -> str:
        return f"{self.workload}, {self.variant}" if self.variant else self.workload

    def title(self, kind: str) -> str:
        """The label, and the kind of requests if there are several."""
        return self.label if kind == "all" else f"{self.label} · {kind} requests"

    @property
    def label(self) -> str:
        if self.connections is None:
            return self.group
        noun = "connection" if self.connections == 1 else "connections"
        if self.role == "drive":
            noun = "at once"
        return f"{self.group} · {self.connections:,} {noun}"


@dataclass(frozen=True)
class Engine:
    name: str
    summary: str
    outside: bool  # described by a manifest, and no engine of contend's own
    position: int  # among the charted ones of its kind: decides colour and marker
    unavailable: str | None


class Cell:
    """One engine in one scenario, with its samples."""

    def __init__(self, fields: dict, samples: list[dict], schema: Schema):
        self.engine, self.role = fields["engine"], fields["role"]
        self.scenario = Scenario(fields["workload"], fields["variant"], fields["connections"],
                                 self.role)
        self.parameters, self.window_ns = fields["parameters"], fields["window_ns"]
        self.status, self.reason, self.errors = fields["status"], fields["reason"], fields["errors"]
        self.sample_count, self.failed_samples = fields["samples"], fields["failed_samples"]
        self.client_limited_samples = fields["client_limited_samples"]
        self._metrics = fields["metrics"]
        self.samples = [one for one in samples if one["status"] == "ok"]
        self._histograms: dict[str, list[Histogram]] = {}
        for one in self.samples:
            for kind, json_ in one["histograms"].items():
                self._histograms.setdefault(kind, []).append(Histogram.from_json(json_))
        self._schema = schema

    @property
    def measured(self) -> bool:
        return self.status in ("ok", "partial")

    @property
    def reconnects(self) -> bool:
        """Whether its clients open a new connection every few requests."""
        return self.parameters.get("requests_per_connection", 0) > 0

    @property
    def mostly_client_limited(self) -> bool:
        """Whether at least half of its samples say more of the load than of the engine."""
        return 2 * self.client_limited_samples >= max(self.sample_count, 1)

    def interval(self, metric: str) -> Interval | None:
        """None where the cell has no such metric."""
        if not self._schema.is_metric(metric):
            raise ResultError(f"there is no metric '{metric}'")
        found = self._metrics.get(metric) if self.measured else None
        return None if found is None else Interval(**found)

    def values(self, metric: str) -> list[tuple[int, float]]:
        """Round and value of each good sample that has the metric."""
        return [(one["round"], one["metrics"][metric]) for one in self.samples
                if one["metrics"].get(metric) is not None]

    def user_share(self) -> float | None:
        """Of the CPU time, from all samples together: the kernel tells the two apart by ticks of
        10 ms, so that one sample's split is coarse. None where most samples have no split, or
        where all of them ran too short a time for the ticks to tell."""
        def total_ns(part: str) -> float:
            return sum(one["metrics"][f"cpu_{part}ns_per_operation"] * one["operations"]
                       for one in split)
        split = [one for one in self.samples
                 if one["metrics"].get("cpu_user_ns_per_operation") is not None]
        if 2 * len(split) <= len(self.samples) or total_ns("") < CPU_TICKS_NS:
            return None
        return total_ns("user_") / (total_ns("user_") + total_ns("system_"))

    def histograms(self, kind: str) -> list[Histogram]:
        """Each good sample's, for merging."""
        return self._histograms.get(kind, [])

    def merged(self, kind: str) -> Histogram | None:
        """The good samples' histograms as one; None where they have none."""
        histograms = self.histograms(kind)
        return merge(histograms) if histograms else None

    def percentile(self, percentile: float, kind: str, seed: int) -> Interval | None:
        """Of the good samples' histograms merged; None where too few replies lie beyond it."""
        whole = self.merged(kind)
        if whole is None or not whole.carries(percentile):
            return None
        low, high = intervals_at(self.histograms(kind), [percentile], seed)[0] or (None, None)
        return Interval(whole.value_at(percentile), low, high)


class Result:
    def __init__(self, fields: dict, schema: Schema, charted_only: bool = True):
        """`charted_only`: without the engines that exist to test the harness."""
        self.fields = fields
        self.run, self.machine, self.build = fields["run"], fields["machine"], fields["build"]
        self.placement, self.noise = fields["placement"], fields["noise"]
        self.workloads = {one["name"]: one for one in fields["workloads"]}
        samples: dict[str, list[dict]] = {one["id"]: [] for one in fields["cells"]}
        for sample in fields["samples"]:
            samples[sample["cell"]].append(sample)
        charted = [one for one in fields["engines"] if one["charted"] or not charted_only]
        present = {one["engine"] for one in fields["cells"]}
        self.engines = [
            Engine(one["name"], one["summary"], outside, position, one["unavailable"])
            for outside in (False, True) for position, one in enumerate(
                one for one in charted if one.get("outside", False) == outside)
            if one["name"] in present]
        drawn = {one.name for one in self.engines}
        self._cells: dict[tuple[str, Scenario], Cell] = {}
        for one in fields["cells"]:
            if one["engine"] in drawn:
                try:
                    cell = Cell(one, samples[one["id"]], schema)
                except ValueError as error:
                    raise ResultError(f"a histogram of cell {one['id']}: {error}") from error
                self._cells[cell.engine, cell.scenario] = cell

    def is_outside(self, engine: str) -> bool:
        return any(one.outside for one in self.engines if one.name == engine)

    def cell(self, engine: str, scenario: Scenario) -> Cell | None:
        return self._cells.get((engine, scenario))

    @property
    def cells(self) -> list[Cell]:
        return list(self._cells.values())

    @cached_property
    def scenarios(self) -> list[Scenario]:
        """In the order of the workloads, then as the suite names variants, then connections."""
        variants = list(dict.fromkeys(cell.scenario.variant for cell in self.cells))
        names = list(self.workloads)
        return sorted({cell.scenario for cell in self.cells}, key=lambda one: (
            names.index(one.workload), variants.index(one.variant), one.connections or 0))

    def of(self, scenario: Scenario) -> list[Cell]:
        """Its cells, in the order of the engines."""
        return [cell for engine in self.engines if (cell := self.cell(engine.name, scenario))]

    def has(self, scenario: Scenario, metric: str) -> bool:
        """Whether any engine has the metric there."""
        return any(cell.interval(metric) for cell in self.of(scenario))

    def groups(self, role: str, metric: str) -> list[list[Scenario]]:
        """The scenarios of a role that have the metric: those that differ in connections alone
        together, by their number."""
        found: dict[str, list[Scenario]] = {}
        for one in self.scenarios:
            if one.role == role and self.has(one, metric):
                found.setdefault(one.group, []).append(one)
        return list(found.values())

    def loop(self, scenario: Scenario) -> str:
        """`closed loop`, or whatever its samples' latencies are of."""
        found = {one["latency"] for cell in self.cells if cell.scenario == scenario
                 for one in cell.samples}
        return " and ".join(sorted(found)).replace("_", " ")

    def kinds(self, scenario: Scenario) -> list[str]:
        return self.workloads[scenario.workload]["kinds"] or ["all"]

    def chosen(self, connections: float, roles=("serve", "drive", "run")) -> list[Scenario]:
        """One scenario a workload and variant: the one nearest to so many connections."""
        nearest: dict[str, Scenario] = {}
        for one in self.scenarios:
            if one.role not in roles:
                continue
            best = nearest.setdefault(one.group, one)
            if _distance(one, connections) < _distance(best, connections):
                nearest[one.group] = one
        return list(nearest.values())


def _distance(scenario: Scenario, connections: float) -> float:
    return abs(math.log((scenario.connections or 1) / connections))


def check(fields: dict, schema: Schema) -> None:
    """Raises ResultError or SchemaError that names the first thing which does not belong."""
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version not in (None, schema.version):
        raise ResultError(f"schema version {version}, but these scripts read {schema.version}")
    schema.check(fields)
    engines = {one["name"] for one in fields["engines"]}
    kinds = {one["name"]: one["kinds"] for one in fields["workloads"]}
    for cell in fields["cells"]:
        if cell["engine"] not in engines or cell["workload"] not in kinds:
            raise ResultError(f"cell {cell['id']}: its engine or its workload is not listed")
        for name, found in cell["metrics"].items():
            if (found["low"] is None) != (found["high"] is None):
                raise ResultError(f"cell {cell['id']}: metric '{name}' has half an interval")
            kind, dot, _ = name.rpartition(".")
            if dot and kind not in kinds[cell["workload"]]:
                raise ResultError(f"cell {cell['id']}: metric '{name}' is of an unknown kind")
    known = {one["id"] for one in fields["cells"]}
    for sample in fields["samples"]:
        if sample["cell"] not in known:
            raise ResultError(f"there are samples of '{sample['cell']}', which is no cell")


def read_json(path: Path) -> object:
    """Returns the JSON of a file. Raises ResultError that starts with the file's name for text that
    is no JSON (a NaN is none), for numbers larger than those that contend writes, and for values
    that are nested too deep for Python to read."""
    def refuse(name: str):
        raise ValueError(f"{name[:40]} is no number that belongs here")

    def fraction(word: str) -> float:
        value = float(word)
        return value if math.isfinite(value) else refuse(word)

    def whole(word: str) -> int:
        return int(word) if len(word) <= 20 else refuse(word)
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse,
                          parse_float=fraction, parse_int=whole)
    except OSError as error:
        raise ResultError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise ResultError(f"{path}: is not JSON: {error}") from error
    except RecursionError as error:
        raise ResultError(f"{path}: is nested too deep") from error


def load(directory: Path, schema: Schema | None = None, charted_only: bool = True) -> Result:
    """Raises ResultError whose message starts with the file's name."""
    path = directory / "result.json"
    fields = read_json(path)
    schema = schema or Schema()
    try:
        check(fields, schema)
        return Result(fields, schema, charted_only)
    except (ResultError, ValueError) as error:
        raise ResultError(f"{path}: {error}") from error
