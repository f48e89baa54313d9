"""Tests of the figures of loads, on made-up ones: all are drawn, legible and say what was found; what
is wrong with a file is said in a line.

    cd scripts && /usr/bin/python3 -m unittest test_plot_load
"""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy

from contend.figures import load
from contend.figures.drawing import names
from contend.results.load import read, time_limits_ns, times_of
from contend.results.result import ResultError
from testdata import make_result, programs
from testdata.sheets import FigureTest

SCRIPTS = Path(__file__).resolve().parent
SCHEMA = SCRIPTS.parent / "results" / "schema.json"
S = 1_000_000_000


def completed(fields: dict, kind: str) -> dict:
    """With the least of whatever else the schema asks for, which no figure reads."""
    schema = json.loads(SCHEMA.read_text())

    def resolved(rule):
        return schema["$defs"][rule["$ref"].rpartition("/")[2]] if "$ref" in rule else rule

    def least(rule):
        rule = resolved(rule)
        types = rule.get("type", [])
        if "anyOf" in rule or "null" in types and isinstance(types, list):
            return None
        if "const" in rule or "enum" in rule:
            return rule.get("const", rule.get("enum", [None])[0])
        return {"integer": rule.get("minimum"), "number": rule.get("minimum"), "string": "x",
                "boolean": False, "array": [], "object": {}}[types]

    def complete(value, rule):
        rule = next((resolved(one) for one in rule.get("anyOf", [])), resolved(rule))
        if isinstance(value, dict):
            for name in rule.get("required", []):
                value.setdefault(name, least(rule["properties"][name]))
            for name, one in value.items():
                complete(one, rule.get("properties", {}).get(name, {}))
        for one in value if isinstance(value, list) else []:
            complete(one, rule.get("items", {}))

    complete(fields, schema["$defs"][kind])
    return fields


def made_load(rate=None, seconds=5, median_ns=2_000_000, answered_per_s=1000, **more) -> dict:
    """What a run prints; an open loop where a rate is given."""
    count = int(answered_per_s * seconds)
    values = numpy.random.default_rng(1).lognormal(numpy.log(median_ns), 0.5, count).astype(int)
    times = make_result.histogram(values) if count else None
    row = {"offered": int(rate or answered_per_s), "answered": int(answered_per_s),
           "in_flight": 7, "errors": {}, "p50_ns": median_ns if count else None,
           "p99_ns": median_ns * 3 if count else None, "max_ns": median_ns * 9 if count else None}
    return completed({
        "target": "http://127.0.0.1:8080/a/path", "connections": 64,
        "loop": "open" if rate else "closed",
        "arrivals": rate and {"rate_per_s": rate, "law": "poisson", "stages": [
            {"duration_ns": seconds * S, "from_per_s": rate, "to_per_s": rate}]},
        "warm_up_ns": S, "duration_ns": seconds * S, "answered": count,
        "answered_per_s": float(answered_per_s), "errors": {},
        "verdict": {"limit": "none", "trusted": True, "reasons": [
            "the schedule was kept: 99 of 100 requests went out within 80 us"]},
        "objective": None, "gaps": [],
        "seconds": [row | {"end_ns": (1 + at) * S} for at in range(seconds)],
        "response_time": times if rate else None, "service_time": times} | more, "load")


def made_search(finding="found", held=1955.4, broke=2010.7, confirmed=True) -> dict:
    def point(rate, outcome):
        late = 40 if outcome == "broken" else 1
        objective = {"text": "p99<20ms,errors<0.1%", "held": outcome == "held", "terms": [
            {"text": "p99<20ms", "held": outcome == "held", "limit_ns": 20_000_000,
             "measured_ns": 3_000_000 * late},
            {"text": "errors<0.1%", "held": True, "limit_share": 0.001, "measured_share": 0}]}
        return {"rate_per_s": rate, "outcome": outcome, "kept_up": outcome == "held",
                "load": made_load(rate, 3, 1_000_000 * late, min(rate, 2000),
                                  objective=objective)}
    points = [point(*one) for one in ((1800., "held"), (2250., "broken"), (2010.7, "disturbed"),
                                      (1955.4, "held"), (2010.7, "broken"))]
    return {"schema_version": 1, "search": "find_max", "target": "http://127.0.0.1:8080/",
            "objective": "p99<20ms,errors<0.1%", "budget_ns": 60 * S, "took_ns": 43 * S,
            "interrupted": False, "estimate_per_s": 1999.5, "points": points,
            "result": {"finding": finding, "held_per_s": held, "broke_per_s": broke,
                       "confirmed": confirmed}}


def made_sweep() -> dict:
    points = [{"rate_per_s": rate, "outcome": None, "kept_up": True,
               "load": made_load(rate, 2, 1_000_000, rate)} for rate in (100., 1000., 5000.)]
    return made_search() | {"search": "sweep", "objective": None, "result": None,
                            "estimate_per_s": None, "points": points}


class Loads(FigureTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "load.json"

    def written(self, fields) -> Path:
        self.file.write_text(json.dumps(fields))
        return self.file

    def words_of(self, fields) -> str:
        """All that the figure says, once it is placed and found legible."""
        sheet = load.sheet_of(read(self.written(fields)))
        return "\n".join(self.assert_legible("load", sheet))

    def test_the_made_up_loads_follow_the_schema(self):
        for fields in (made_load(), made_load(500.), made_search(), made_sweep()):
            self.assertEqual(programs.run("validate.py", self.written(fields)), (0, "", ""))

    def test_a_run_is_legible_and_says_how_it_was(self):
        words = self.words_of(made_load(1000.))
        for part in ("Trusted, limit: none", "open loop of 1,000/s, poisson", "p99.9", "in flight",
                     "after 1.00 s of warm-up"):
            self.assertIn(part, words)
        self.assertIn("closed loop", self.words_of(made_load()))

    def test_a_run_with_all_that_can_be_wrong_is_legible(self):
        objective = {"text": "p99<5ms,errors=0", "held": False, "terms": [
            {"text": "p99<5ms", "held": False, "limit_ns": 5_000_000, "measured_ns": 6_000_000},
            {"text": "errors=0", "held": True, "limit": 0, "measured": 0}]}
        fields = made_load(2000., objective=objective, errors={"reset": 9},
                           gaps=[{"from_ns": S, "length_ns": 2 * S}])
        fields["seconds"][1]["errors"] = {"reset": 9}
        words = self.words_of(fields)
        for part in ("p99<5ms BROKEN; errors=0 held", "nobody was answered for 2.00 s", "errors",
                     "9 errors"):
            self.assertIn(part, words)

    def test_a_run_without_any_answer_is_drawn(self):
        self.assertIn("too few answers", self.words_of(made_load(100., 1, answered_per_s=0)))
        several = made_search("never_held", None, 3.333)
        for point in several["points"]:
            point["load"] = made_load(point["rate_per_s"], 1, answered_per_s=0)
        self.assertIn("was never held", self.words_of(several))

    def test_a_search_says_what_it_found(self):
        self.assertIn("The highest rate with p99<20ms,errors<0.1%: 1,955/s; no more at 2,011/s.",
                      self.words_of(made_search()))
        self.assertIn("Not sure", self.words_of(made_search(confirmed=False)))
        self.assertIn("was never held, not at 3.33/s either",
                      self.words_of(made_search("never_held", None, 3.333)))
        self.assertIn("At 2,250/s the load or the machine was the limit",
                      self.words_of(made_search("client_was_limit", 2000., 2250.)))
        self.assertIn("had stopped answering", self.words_of(made_search("server_gone", 2000., None)))
        self.assertIn("Interrupted", self.words_of(made_search("interrupted", None, None)))

    def test_a_disturbed_window_has_no_latency_and_another_mark(self):
        sheet = load.sheet_of(made_search())
        points = made_search()["points"]
        self.assertEqual({rate: len(one) for rate, one in load.times_by_rate(points).items()},
                         {1800.: 1, 1955.4: 1, 2010.7: 1, 2250.: 1})
        marks = [line.get_marker() for line in sheet.axes[1].lines]
        self.assertEqual(marks.count("x"), 1)

    def test_lines_are_of_all_windows_at_a_rate_together(self):
        points = [{"rate_per_s": 9., "outcome": "held",
                   "load": made_load(9., 1, median_ns, 600)} for median_ns in (10_000, 10_000_000)]
        (rate, median), = load.carried(points, 50)
        self.assertEqual(rate, 9)
        self.assertLess(median, 1_000_000, "half of all answers came quickly")
        self.assertEqual(len(load.carried(points, 99)), 1)
        self.assertEqual(load.carried(points[:1], 99), [], "six answers beyond")

    def test_a_sweep_is_legible_and_says_where_the_server_kept_up(self):
        fields = made_sweep()
        self.assertIn("The server kept up to 5,000/s.", self.words_of(fields))
        fields["points"][2]["kept_up"] = False
        self.assertIn("kept up to 1,000/s; at 5,000/s its backlog grew.", self.words_of(fields))
        for point in fields["points"]:
            point["kept_up"] = False
        self.assertIn("At 100/s its backlog grew.", self.words_of(fields))

    def test_times_that_are_asked_for(self):
        objective = {"text": "max<=1.5us,errors=0", "held": True, "terms": [
            {"text": "max<=1.5us", "held": True, "limit_ns": 1500, "measured_ns": 1200},
            {"text": "errors=0", "held": True, "limit": 0, "measured": 0}]}
        self.assertEqual(time_limits_ns(objective), {"max<=1.5us": 1500})
        self.assertEqual(time_limits_ns(None), {})

    def test_times_are_those_of_the_loop(self):
        closed = made_load() | {"service_time": make_result.histogram([5])}
        self.assertEqual(times_of(closed).count, 1)
        self.assertIsNone(times_of(closed | {"loop": "open"}))

    def test_what_is_wrong_is_named(self):
        for text, message in (("{", "is not JSON"), ("[]", "no result of a load"),
                              ('{"schema_version": 9}', "schema version 9"),
                              (json.dumps(made_load() | {"more": 1}), "unknown field 'more'"),
                              (json.dumps(made_search() | {"search": "x"}), "none of")):
            self.file.write_text(text)
            with self.assertRaisesRegex(ResultError, message) as caught:
                read(self.file)
            self.assertNotIn("\n", str(caught.exception))

    def test_the_command_writes_beside_the_file_or_where_it_is_told(self):
        file = self.written(made_sweep())
        done = subprocess.run([sys.executable, "plot_load.py", file], cwd=SCRIPTS, capture_output=True,
                              text=True, timeout=100)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"{file.with_suffix('.png')}\n", ""))
        self.assertIn("<svg", file.with_suffix(".svg").read_text())
        programs.run("plot_load.py", file, file.parent / "other")
        self.assertEqual((file.parent / "other.png").read_bytes()[:4], b"\x89PNG")
        windowless = self.written(made_search() | {"points": []})
        self.assertIn("no window", programs.run("plot_load.py", windowless)[1])
        code, _, stderr_text = programs.run("plot_load.py", "/nonexistent.json")
        self.assertEqual((code, stderr_text.count("\n")), (2, 1))

    def test_it_is_no_figure_of_a_result(self):
        self.assertNotIn("load", names())
        self.assertIn("latency", names())


if __name__ == "__main__":
    unittest.main()
