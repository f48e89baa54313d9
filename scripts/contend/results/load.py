"""Reads and checks what `contend load --json` prints: of one run, or of windows at several rates.
Draws nothing.

    one = read(Path("load.json")); one["points"] if is_several(one) else one["seconds"]
"""
from __future__ import annotations

from pathlib import Path

from contend.results import ResultError
from contend.results.histogram import Histogram
from contend.results.result import read_json
from contend.results.schema import Schema, SchemaError


def read(path: Path) -> dict:
    """Raises ResultError that says what is wrong with the file."""
    fields = read_json(path)
    if not isinstance(fields, dict):
        raise ResultError(f"{path} is no result of a load")
    if fields.get("schema_version") != 1:
        raise ResultError(f"{path}: schema version {fields.get('schema_version')}, 1 is known here")
    kind = "load_points" if is_several(fields) else "load"
    try:
        Schema().check(fields, {"$ref": f"#/$defs/{kind}"})
    except SchemaError as error:
        raise ResultError(f"{path}: {error}") from None
    return fields


def is_several(fields: dict) -> bool:
    return "points" in fields


def times_of(load: dict) -> Histogram | None:
    """Response times of an open loop, service times of a closed one; None where nothing was
    answered."""
    times = load["response_time" if load["loop"] == "open" else "service_time"]
    return Histogram.from_json(times) if times else None


def time_limits_ns(objective: dict | None) -> dict[str, int]:
    """Returns the limits of an objective's terms about times, by their text: {"p99<5ms": 5000000}.
    Loads of older versions have none."""
    terms = objective["terms"] if objective else []
    return {one["text"]: one["limit_ns"] for one in terms if "limit_ns" in one}
