"""Checks a result against results/schema.json, as far as charts must know: which fields there are.

Debian's python3-jsonschema judges everything, but is a package for the tests only and slow on a
large result; this follows the keywords that say what may be where, and is no general validator.
python3-fastjsonschema takes 20 times as long on a large result, as it looks at each number of the
histograms. It knows no draft after 7, takes 3.0 for an integer, and does not name the missing field.
"""
import functools
import json
import re

from contend import ROOT

PATH = ROOT / "results" / "schema.json"


class SchemaError(ValueError):
    """The message names the place and what is wrong there."""


_KINDS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,),
          "null": (type(None),), "array": (list,), "object": (dict,)}


@functools.cache
def _python_types(*names: str) -> tuple[type, ...]:
    return tuple(one for name in names for one in _KINDS[name])


def _is_of(value, rule: dict) -> bool:
    """Whether the value is of one of the rule's types; any is where the rule has none."""
    names = rule.get("type", _KINDS)
    names = (names,) if isinstance(names, str) else names
    # A boolean is a number to Python, and to nobody else.
    return "boolean" in names if isinstance(value, bool) else isinstance(value, _python_types(*names))


def _types(rule: dict) -> str:
    names = rule.get("type", "something else")
    return names if isinstance(names, str) else " or ".join(names)


def _shown(value) -> str:
    """The value in an error; of what may be large or nested deep, its kind."""
    kind = {list: "an array", dict: "an object"}.get(type(value))
    return kind or json.dumps(value)


class Schema:
    def __init__(self):
        self.root = json.loads(PATH.read_text(encoding="utf-8"))
        self.version = self.root["properties"]["schema_version"]["const"]
        self._metric_name = re.compile(self.root["$defs"]["metric_name"]["pattern"])

    def is_metric(self, name: str) -> bool:
        return self._metric_name.search(name) is not None

    def check(self, value, rule: dict | None = None, where: str = "") -> None:
        """Raises SchemaError for the first thing that does not belong."""
        rule = self._resolve(self.root if rule is None else rule)
        if "anyOf" in rule:
            rule = self._alternative(value, rule["anyOf"], where)
        if rule.get("type") == "object":
            self._check_object(value, rule, where)
        elif rule.get("type") == "array":
            self._check_array(value, rule, where)
        elif value not in rule.get("enum", [value]):
            raise SchemaError(f"{where}: {_shown(value)} is none of {rule['enum']}")
        elif not _is_of(value, rule):
            raise SchemaError(f"{where}: must be {_types(rule)}")
        elif "pattern" in rule and not (isinstance(value, str) and
                                        re.search(rule["pattern"], value)):
            raise SchemaError(f"{where}: {_shown(value)} is none that belongs there")
        elif "minimum" in rule and _is_of(value, {"type": "number"}) and value < rule["minimum"]:
            raise SchemaError(f"{where}: must be at least {rule['minimum']}")

    def _alternative(self, value, rules: list[dict], where: str) -> dict:
        """The first that the value can be meant as, by its type."""
        resolved = [self._resolve(rule) for rule in rules]
        for rule in resolved:
            if _is_of(value, rule):
                return rule
        raise SchemaError(f"{where}: must be {' or '.join(map(_types, resolved))}")

    def _resolve(self, rule: dict) -> dict:
        while "$ref" in rule:
            rule = self.root["$defs"][rule["$ref"].removeprefix("#/$defs/")]
        return rule

    def _check_array(self, value, rule: dict, where: str) -> None:
        if not isinstance(value, list):
            raise SchemaError(f"{where}: must be an array")
        # An array of numbers is what it is; looking at each would cost seconds.
        if self._resolve(rule["items"]).get("type") in ("object", "string"):
            for index, one in enumerate(value):
                self.check(one, rule["items"], f"{where}[{index}]")

    def _check_object(self, value, rule: dict, where: str) -> None:
        if not isinstance(value, dict):
            raise SchemaError(f"{where or 'the file'}: must be an object")
        known = rule.get("properties", {})
        dot = f"{where}." if where else ""
        for name in rule.get("required", []):
            if name not in value:
                raise SchemaError(f"field '{dot}{name}' is missing")
        names, others = self._resolve(rule.get("propertyNames", {})), rule.get(
            "additionalProperties", True)
        pattern = names.get("pattern")
        for name, one in value.items():
            unknown = (others is False and name not in known) or (
                pattern is not None and not re.search(pattern, name)) or (
                name not in names.get("enum", [name]))
            if unknown:
                raise SchemaError(f"unknown field '{dot}{name}'")
            if name in known:
                self.check(one, known[name], f"{dot}{name}")
            elif isinstance(others, dict):
                self.check(one, others, f"{dot}{name}")
