"""What the tests of the charts share: made-up results, read as the charts read them. No test.

    made(lambda fields: fields["run"].update(suite="x")).run["suite"]     is     "x"
"""
import functools
import gc
import json
import tempfile
from pathlib import Path

from contend.results.result import Result, check, load
from contend.results.schema import Schema
from testdata import make_result


# Of the workloads that are drawn alike, one each.
DIFFERENT = ("echo", "mixed", "fetch", "fib")


@functools.cache
def _original(**how) -> dict:
    return make_result.make(**how)


def fields_of(*workloads: str, **how) -> dict:
    """What make_result.make() makes, free to be changed, but for the numbers of the histograms: those are
    shared, since they are most of it. Of these workloads alone, if any are named."""
    fields = _original(**how)
    return _copy(only(fields, *workloads) if workloads else fields)


def only(fields: dict, *workloads: str) -> dict:
    """Without the cells of other workloads, and without the samples of other cells."""
    cells = [one for one in fields["cells"] if one["workload"] in workloads]
    kept = {one["id"] for one in cells}
    return fields | {"cells": cells, "samples": [one for one in fields["samples"] if one["cell"] in kept]}


def _copy(value):
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return [_copy(one) for one in value]
    return value


def keep_workloads(fields: dict, *names: str) -> None:
    """Leaves the cells of the others out, and the samples that are of no cell any more."""
    fields["cells"] = [one for one in fields["cells"] if one["workload"] in names]
    kept = {one["id"] for one in fields["cells"]}
    fields["samples"] = [one for one in fields["samples"] if one["cell"] in kept]


def made(change=None, *workloads: str) -> Result:
    """A small made-up result, changed in its JSON before it is loaded, by way of a file."""
    fields = fields_of(*workloads, smoke=True)
    if change:
        change(fields)
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "result.json").write_text(json.dumps(fields))
        return load(Path(directory))


@functools.cache
def full() -> Result:
    """A large one, with all that can go wrong; not to be changed."""
    return _kept(_read(_original()))


def changed(change, *workloads: str) -> Result:
    """The large one, changed in its JSON; of these workloads alone, if any are named."""
    fields = fields_of(*workloads)
    change(fields)
    return _read(fields)


@functools.cache
def with_outside() -> Result:
    """The large one with eight outside engines more, not to be changed. Figures of so many engines would take
    most of the tests' time: it has three rounds, the fewest that give intervals, and of workloads that are
    drawn alike, and of their variants, one."""
    fields = only(make_result.make(outside=True, rounds=3), *DIFFERENT)
    fields["cells"] = [one for one in fields["cells"] if not one["variant"]]
    return _kept(_read(only(fields, *DIFFERENT)))


def _read(fields: dict) -> Result:
    """As load() does, but for the file: JSON of so many numbers takes long."""
    schema = Schema()
    check(fields, schema)
    return Result(fields, schema)


def _kept(result: Result) -> Result:
    # The collector would look through its millions of objects again and again while figures are drawn.
    gc.freeze()
    return result
