#!/usr/bin/python3
"""Checks the files of a run against results/schema.json. It judges their form, not their numbers.

    scripts/validate.py results/latest
    contend ab --base old/contend-engine --head contend-engine; scripts/validate.py results/latest
    contend load http://127.0.0.1:8080/ --json > load.json; scripts/validate.py load.json
    contend history export > history.json; scripts/validate.py history.json

A torn last line of samples.jsonl, as a killed run may leave, is allowed with --torn.
"""

import argparse
import json
import pathlib
import sys

import jsonschema

COMPARISON = "ab.json"
SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "results" / "schema.json"


def refuse_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(text):
    return json.loads(text, parse_constant=refuse_constant)


def complaints(validator, value, where):
    for error in validator.iter_errors(value):
        path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}"
                       for part in error.absolute_path)
        yield f"{where}{path}: {error.message[:300]}"


def errors_of(path, torn):
    """Yields a line for each thing that is wrong with the files of the folder `path`, which is of a run
    or of a comparison, or with the file `path`, which is of a load, a comparison or a history."""
    schema = load(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    def part(name):
        return jsonschema.Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})

    if path.is_file():
        value = load(path.read_text())
        # The first that is there tells what the file is.
        known = {"points": "load_points", "added": "history_added", "comparisons": "ab", "series": "history",
                 "judged_series": "history_check", "selftest_comparisons": "selftest"}
        names = [name for field, name in known.items() if isinstance(value, dict) and field in value]
        yield from complaints(part(names[0] if names else "load"), value, path.name)
        return
    runs = [path]
    if (path / COMPARISON).exists():
        yield from complaints(part("ab"), load((path / COMPARISON).read_text()), COMPARISON)
        runs = [path / "base", path / "head"]
    for run in runs:
        yield from errors_of_run(run, torn, jsonschema.Draft202012Validator(schema), part("sample"))


def errors_of_run(folder, torn, whole, sample):
    result = load((folder / "result.json").read_text())
    yield from complaints(whole, result, "result.json")

    text = (folder / "samples.jsonl").read_text()
    lines = text.split("\n")
    last = lines.pop()
    if last and not torn:
        yield "samples.jsonl: the last line has no end"
    samples = [load(line) for line in lines]
    for number, value in enumerate(samples, 1):
        yield from complaints(sample, value, f"samples.jsonl:{number}")
    if result["run"]["complete"] and result["samples"] != samples:
        yield "result.json: samples differ from those in samples.jsonl"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=pathlib.Path, help="a folder of a run or of a comparison, or a file of a load, a comparison or a history")
    parser.add_argument("--torn", action="store_true", help="allow a torn last line in samples.jsonl")
    arguments = parser.parse_args()
    try:
        errors = list(errors_of(arguments.path, arguments.torn))
    except (OSError, ValueError) as error:
        errors = [str(error)]
    except RecursionError:
        errors = [f"{arguments.path}: a file is nested too deep"]
    for error in errors[:20]:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
