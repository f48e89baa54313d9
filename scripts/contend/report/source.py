"""Reads what a report is of: the folder of a run, or of a comparison with its two sides. It checks,
and draws nothing.

    source = read(Path("results/latest"));  source.comparison and source.comparison["verdict"]
"""
from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from contend.results.result import Cell, Result, ResultError, Scenario, load, read_json
from contend.results.schema import Schema, SchemaError

# In the order in which they are shown: what asks for attention comes first (harness/ab).
VERDICTS = ("regressed", "invalid", "inconclusive", "improved", "unchanged")


@dataclass
class Side:
    """A result; `label` is `base`, `head` or `run`."""

    label: str
    result: Result

    @property
    def fields(self) -> dict:
        return self.result.fields

    @cached_property
    def samples(self) -> dict[str, list[dict]]:
        """By cell, in the order of time."""
        found: dict[str, list[dict]] = {one["id"]: [] for one in self.fields["cells"]}
        for sample in self.fields["samples"]:
            found[sample["cell"]].append(sample)
        return {cell: sorted(its, key=lambda one: (one["round"], one["order"]))
                for cell, its in found.items()}


@dataclass
class Source:
    """Of a run: `sides` has one, and `comparison` is None. Of a comparison: base and head."""

    name: str
    sides: list[Side]
    comparison: dict | None = None
    history: list[dict] = field(default_factory=list)

    @property
    def main(self) -> Side:
        """The run, or the head."""
        return self.sides[-1]

    @property
    def run(self) -> dict:
        return (self.comparison or self.main.fields)["run"]

    @cached_property
    def cells(self) -> dict[str, dict]:
        """By id: ab.json's where there is one, else the result's."""
        return {one["id"]: one for one in (self.comparison or self.main.fields)["cells"]}

    @cached_property
    def engines(self) -> list[str]:
        """Those that any cell is of, in the result's order."""
        present = {one["engine"] for one in self.cells.values()}
        listed = [one["name"] for one in self.main.fields["engines"]]
        drawn = {one.name for one in self.main.result.engines}
        return [one for one in listed if one in present & drawn] + (
            sorted(present - set(listed)) if self.comparison else [])

    @cached_property
    def scenarios(self) -> list[Scenario]:
        if self.comparison is None:
            return self.main.result.scenarios
        return list(dict.fromkeys(scenario_of(one) for one in self.cells.values()))

    def place(self, engine: str) -> int:
        """The engine's position among its kind, which decides its colour and its marker."""
        return next((one.position for one in self.main.result.engines if one.name == engine), 0)

    def classes(self, engine: str) -> str:
        """What gives a drawing the engine's look."""
        return f"engine-{self.place(engine) % 8}{' outside' if self.is_outside(engine) else ''}"

    def marker(self, engine: str) -> int:
        return self.place(engine) + (4 if self.is_outside(engine) else 0)

    def chosen(self, connections: int) -> tuple[list[Scenario], list[Scenario]]:
        """The scenarios to show at once, one for each workload and variant, and the others. Of a
        comparison all: what is compared is what matters."""
        if self.comparison is not None:
            return self.scenarios, []
        first = self.main.result.chosen(connections)
        return first, [one for one in self.scenarios if one not in first]

    def is_outside(self, engine: str) -> bool:
        return self.main.result.is_outside(engine)


def scenario_of(cell: dict) -> Scenario:
    return Scenario(cell["workload"], cell["variant"], cell["connections"], cell["role"])


def cell_on(side: Side, fields: dict) -> Cell | None:
    """The cell of a comparison as one side measured it."""
    return side.result.cell(fields["engine"], scenario_of(fields))


def read(directory: Path, history: Path | None = None) -> Source:
    """Raises ResultError whose message starts with the name of the file that is wrong."""
    directory = Path(directory)
    schema = Schema()
    series = read_history(history) if history else []
    if not (directory / "ab.json").exists():
        side = _side("run", directory, schema)
        return Source(side.fields["run"]["id"], [side], None, series)
    comparison = _read_comparison(directory / "ab.json", schema)
    sides = [_side(label, directory / label, schema) for label in ("base", "head")]
    for one in comparison["cells"]:
        for side in sides:
            if one["workload"] not in side.result.workloads:
                raise ResultError(f"{directory / 'ab.json'}: cell {one['id']}: its workload is "
                                  f"not in {side.label}/result.json")
    return Source(comparison["run"]["id"], sides, comparison, series)


def _side(label: str, directory: Path, schema: Schema) -> Side:
    # A comparison is of its cells, be their engines in the charts or not.
    return Side(label, load(directory, schema, charted_only=label == "run"))


def _read_comparison(path: Path, schema: Schema) -> dict:
    fields = read_json(path)
    version = fields.get("schema_version") if isinstance(fields, dict) else None
    if version not in (None, 1):
        raise ResultError(f"{path}: schema version {version}, but these scripts read 1")
    try:
        schema.check(fields, {"$ref": "#/$defs/ab"})
    except SchemaError as error:
        raise ResultError(f"{path}: {error}") from error
    known = {one["id"] for one in fields["cells"]}
    for index, one in enumerate(fields["comparisons"]):
        where = f"{path}: comparisons[{index}]"
        if one["cell"] not in known:
            raise ResultError(f"{where}.cell: '{one['cell']}' is none of the cells")
        _check_ratio(one, where, ("ratio", "ratio_low", "ratio_high"))
        if not _is_number(one["smallest_effect"]) or not 0 <= one["smallest_effect"] < 1:
            raise ResultError(f"{where}.smallest_effect: must be a share")
    return fields


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _check_ratio(fields: dict, where: str, names: tuple[str, ...]) -> None:
    for name in names:
        value = fields[name]
        if value is not None and not (_is_number(value) and 1e-300 < value < 1e300):
            raise ResultError(f"{where}.{name}: must be a number above 0, or null")
    if fields[names[0]] is None and any(fields[name] is not None for name in names[1:]):
        raise ResultError(f"{where}.{names[0]}: must not be null where it has an interval")


_SERIES = {"machine": str, "reference": str, "suite": str, "cell": str, "metric": str,
           "points": list, "changes": list}
_POINT = {"commit": str, "at": str, "ratio": (int, float), "low": (int, float, type(None)),
          "high": (int, float, type(None)), "verdict": str}
_CHANGE = {"index": int, "commit": str, "before": (int, float), "after": (int, float),
           "p": (int, float, type(None))}


def read_history(path: Path) -> list[dict]:
    """The series of `contend history export --format json`. Raises ResultError that names the
    field."""
    fields = read_json(path)
    if not isinstance(fields, dict) or not isinstance(fields.get("series"), list):
        raise ResultError(f"{path}: field 'series' is missing, or no array")
    for index, series in enumerate(fields["series"]):
        where = f"{path}: series[{index}]"
        _check_fields(series, _SERIES, where)
        for number, point in enumerate(series["points"]):
            _check_fields(point, _POINT, f"{where}.points[{number}]")
            _check_ratio(point, f"{where}.points[{number}]", ("ratio", "low", "high"))
        for number, change in enumerate(series["changes"]):
            at = f"{where}.changes[{number}]"
            _check_fields(change, _CHANGE, at)
            _check_ratio(change, at, ("before", "after"))
            if not 0 <= change["index"] < len(series["points"]):
                raise ResultError(f"{at}.index: is none of the points")
    return fields["series"]


def _check_fields(value: object, known: dict, where: str) -> None:
    """Fields that are not known are allowed: what is stored may grow."""
    if not isinstance(value, dict):
        raise ResultError(f"{where}: must be an object")
    for name, kind in known.items():
        if name not in value:
            raise ResultError(f"{where}: field '{name}' is missing")
        if not isinstance(value[name], kind) or isinstance(value[name], bool):
            raise ResultError(f"{where}.{name}: is of the wrong kind")
