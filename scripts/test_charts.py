"""Tests of what charts and summary are made of, on made-up results: loading, histograms, marks,
ranking, words. The figures are test_figures.py's.

    cd scripts && /usr/bin/python3 -m unittest test_charts
"""
import functools
import json
import math
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy

import summary
from charts import text
from charts.figure import colour
from charts.histogram import Histogram, intervals_at, merge
from charts.marks import marks_of
from charts.ranking import rank
from charts.result import Interval, Result, ResultError, Scenario, load
from charts.schema import Schema
from testdata import make_result


def made(change=None) -> Result:
    """A small made-up result, changed in its JSON before it is loaded."""
    fields = make_result.make(smoke=True)
    if change:
        change(fields)
    return loaded(fields)


@functools.cache
def full() -> Result:
    """A large one, with all that can go wrong; not to be changed."""
    return loaded(make_result.make())


def loaded(fields: dict) -> Result:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "result.json").write_text(json.dumps(fields))
        return load(Path(directory))


def from_values(values) -> Histogram:
    return Histogram.from_json(make_result.histogram(values))


class Histograms(unittest.TestCase):
    def test_percentiles_are_those_of_the_sorted_values(self):
        rng = numpy.random.default_rng(1)
        for values in (rng.integers(0, 3000, 997), rng.lognormal(11, 2, 5000).astype(int),
                       numpy.array([7]), numpy.full(10, 123456789)):
            ordered = numpy.sort(values)
            histogram = from_values(values)
            self.assertEqual(histogram.count, len(values))
            for percentile in (0, 1, 25, 50, 90, 99, 99.9, 100):
                rank_ = max(1, math.ceil(round(percentile * len(values), 6) / 100))
                true = int(ordered[rank_ - 1])
                read = histogram.value_at(percentile)
                self.assertGreaterEqual(read, true)
                self.assertLessEqual(read, true * 1.001)

    def test_nearest_rank_of_a_round_number_of_values(self):
        self.assertEqual(from_values(range(1, 1001)).value_at(99.9), 999)

    def test_merging_equals_recording_into_one(self):
        rng = numpy.random.default_rng(2)
        parts = [rng.lognormal(10 + shift, 1, 1000).astype(int) for shift in range(3)]
        merged, whole = merge([from_values(one) for one in parts]), from_values(
            numpy.concatenate(parts))
        self.assertTrue((merged.indices == whole.indices).all())
        self.assertTrue((merged.counts == whole.counts).all())
        self.assertEqual((merged.min_ns, merged.max_ns), (whole.min_ns, whole.max_ns))
        averaged = sum(from_values(one).value_at(99) for one in parts) / 3
        self.assertGreater(merged.value_at(99), 1.3 * averaged, "no average of percentiles")

    def test_an_empty_histogram_changes_nothing(self):
        some = from_values([5, 6, 7])
        self.assertEqual(merge([from_values([]), some]).value_at(50), 6)
        self.assertEqual(merge([from_values([])]).value_at(50), 0)

    def test_an_interval_holds_the_percentile_and_needs_three_samples(self):
        rng = numpy.random.default_rng(3)
        samples = [from_values(rng.lognormal(10, 1, 500)) for _ in range(10)]
        (low, high), = intervals_at(samples, [90], seed=1)
        self.assertLess(low, high)
        self.assertLessEqual(low, merge(samples).value_at(90))
        self.assertGreaterEqual(high, merge(samples).value_at(90))
        self.assertEqual(intervals_at(samples[:2], [90], seed=1), [None])

    def test_what_is_wrong_is_named(self):
        for field, value, message in (("count", 4, "'count' is not the sum"),
                                      ("unit", "us", "'unit'"), ("more", 1, "'more' is unknown"),
                                      ("counts", [1, 2], "as long as")):
            fields = make_result.histogram([5, 6, 7]) | {field: value}
            with self.assertRaisesRegex(ValueError, message):
                Histogram.from_json(fields)


class Loading(unittest.TestCase):
    def assert_refused(self, change, message):
        with self.assertRaisesRegex(ResultError, message) as caught:
            made(change)
        self.assertNotIn("\n", str(caught.exception))

    def test_the_made_up_result_follows_the_schema(self):
        import jsonschema  # a package for the tests only
        jsonschema.Draft202012Validator(Schema().root).validate(make_result.make(smoke=True))

    def test_what_does_not_belong_is_named(self):
        self.assert_refused(lambda one: one.update(schema_version=2), "schema version 2")
        self.assert_refused(lambda one: one["run"].pop("seed"), "'run.seed' is missing")
        self.assert_refused(lambda one: one["cells"][3].update(colour=1),
                            r"unknown field 'cells\[3\].colour'")
        self.assert_refused(lambda one: one["cells"][0]["metrics"].update(speed=1),
                            r"unknown field 'cells\[0\].metrics.speed'")
        self.assert_refused(lambda one: one["samples"][0]["metrics"].update(speed=1),
                            r"unknown field 'samples\[0\].metrics.speed'")
        self.assert_refused(lambda one: one["samples"][0].pop("spans"),
                            r"'samples\[0\].spans' is missing")
        self.assert_refused(lambda one: one["cells"][0].update(status="fine"), "none of")
        self.assert_refused(lambda one: one["samples"][0].update(cell="x"), "'x', which is no cell")
        self.assert_refused(lambda one: one["cells"][0].update(engine="x"), "not listed")
        self.assert_refused(
            lambda one: one["samples"][0]["histograms"]["all"].update(count=1),
            "histogram of cell echo/blocking/1: field 'count'")

    def test_a_chart_cannot_ask_for_a_metric_that_there_is_not(self):
        with self.assertRaisesRegex(ResultError, "no metric 'speed'"):
            made().cells[0].interval("speed")

    def test_scenarios_are_chosen_by_the_nearest_connections(self):
        result = full()
        chosen = {one.group: one.connections for one in result.chosen(100)}
        self.assertEqual(chosen["echo"], 64)
        self.assertEqual(chosen["echo, idle"], 1024)
        self.assertIsNone(chosen["fib"])
        self.assertEqual({one.group: one.connections for one in result.chosen(200)}["echo"], 256)

    def test_engines_that_are_not_charted_are_left_out(self):
        result = made()
        self.assertNotIn("delay", [one.name for one in result.engines])
        self.assertIsNone(result.cell("delay", result.scenarios[0]))

    def test_an_engine_keeps_its_colour_when_others_were_not_measured(self):
        def only_last(fields):
            fields["cells"] = [one for one in fields["cells"] if one["engine"] == "asio"]
            fields["samples"] = [one for one in fields["samples"] if "/asio" in one["cell"]]
        all_of_them = {one.name: colour(one) for one in made().engines}
        self.assertEqual({one.name: colour(one) for one in made(only_last).engines},
                         {"asio": all_of_them["asio"]})


class Judging(unittest.TestCase):
    scenario = Scenario("echo", "", 64)

    @classmethod
    def setUpClass(cls):
        cls.result = full()

    def test_marks(self):
        expected = {("blocking", self.scenario): "◐", ("io_uring", self.scenario): "‡",
                    ("threads", self.scenario): "", ("fork", Scenario("http", "", 256)): "✗",
                    ("poll", Scenario("http", "churn", 64)): "–",
                    ("threads", Scenario("http", "", 256)): "!",
                    ("threads", Scenario("mixed", "", 64)): "~"}
        self.assertEqual({key: marks_of(self.result.cell(*key)) for key in expected}, expected)

    def test_the_leader_is_named_with_an_interval_above_one(self):
        ranking = rank(self.result, self.scenario)
        self.assertEqual((ranking.level, ranking.against), (["io_uring"], "epoll"))
        self.assertLess(1, ranking.ahead.low)
        self.assertLess(ranking.ahead.low, ranking.ahead.median)
        self.assertLess(ranking.ahead.median, ranking.ahead.high)

    def test_engines_that_cannot_be_told_apart_are_level(self):
        self.assertEqual(set(rank(self.result, Scenario("fib", "", None)).level),
                         {"threads", "fork"})
        self.assertIn("level: ", rank(self.result, Scenario("echo", "", 1)).sentence())

    def test_a_lead_of_less_than_a_hundredth_is_none(self):
        for low, leads in ((1.004, False), (1.02, True)):
            with mock.patch("charts.ranking.ratio", return_value=Interval(1.03, low, 1.04)):
                self.assertEqual(len(rank(self.result, self.scenario).level) == 1, leads)

    def test_one_sample_gives_no_interval(self):
        ranking = rank(made(), Scenario("fib", "", None))
        self.assertIsNone(ranking.ahead.low)
        self.assertIn("too few samples", ranking.sentence())

    def test_an_engine_with_errors_or_starved_connections_cannot_lead(self):
        def change(fields):
            for cell in fields["cells"]:
                if cell["id"] == "fib/threads":
                    cell["errors"] = {"wrong_body": 1}
        self.assertNotIn("threads", rank(made(change), Scenario("fib", "", None)).sentence())

        def starve(fields):
            for cell in fields["cells"]:
                if "fairness_jain" in cell["metrics"]:
                    cell["metrics"]["fairness_jain"]["median"] = 0.5
        self.assertEqual(rank(made(starve), Scenario("echo", "", 1)).sentence(),
                         "no engine did all of the work")

    def test_the_cpu_split_is_of_all_samples_together(self):
        def split(fields):
            for sample in fields["samples"]:
                if sample["cell"] == "fib/epoll":
                    sample["metrics"].update(cpu_user_ns_per_operation=30.0,
                                             cpu_system_ns_per_operation=10.0)
                if sample["cell"] == "fib/poll":
                    sample["metrics"].update(cpu_user_ns_per_operation=None,
                                             cpu_system_ns_per_operation=None)
        result, fib = made(split), Scenario("fib", "", None)
        self.assertEqual(result.cell("epoll", fib).user_share(), 0.75)
        self.assertIsNone(result.cell("poll", fib).user_share())

    def test_numbers_in_words(self):
        self.assertEqual([text.count(one) for one in (0, 0.004, 9.996, 999.7, 152345, 2.5e6)],
                         ["0", "0.004", "10.0", "1.00 k", "152 k", "2.50 M"])
        self.assertEqual([text.time_ns(one) for one in (12, 12345, 1.2e9)],
                         ["12.0 ns", "12.3 µs", "1.20 s"])
        self.assertEqual([text.size_bytes(one) for one in (300, 4096, -2048)],
                         ["300 B", "4.00 KiB", "-2.00 KiB"])
        self.assertEqual(text.short("50.0 k"), "50 k")
        self.assertEqual(text.short("100 k"), "100 k")


class Summary(unittest.TestCase):
    def test_tables_are_whole_and_fit_a_terminal(self):
        words = summary.compose(full(), 64)
        lines = words.splitlines()
        self.assertIn("- **echo · 64 connections**: io_uring leads", words)
        self.assertIn("seed 123", words)
        self.assertIn("the host ended by signal 11", words)
        for line, following in zip(lines, lines[1:]):
            if line.startswith("|") and following.startswith("|"):
                self.assertEqual(line.count("|"), following.count("|"))
                self.assertEqual(len(line), len(following))
                self.assertLessEqual(len(line), 110)

    def test_an_incomplete_run_says_so(self):
        words = summary.compose(made(lambda one: one["run"].update(
            complete=False, rounds=10, rounds_finished=4)), 64)
        self.assertIn("INCOMPLETE: 4 of 10 rounds", words)

    def test_a_noisy_machine_is_said_so(self):
        words = summary.compose(made(lambda one: one["noise"].update(foreign_cpu_share=0.4)), 64)
        self.assertIn("don't trust these times", words)
        self.assertIn("NOISY: 1.1 % stolen, 40.0 % of the CPU to others", words)
        self.assertNotIn("NOISY", summary.compose(made(lambda one: one["noise"].update(
            foreign_cpu_share=None, steal_share=None)), 64))

    def test_intervals_in_words(self):
        self.assertEqual(text.interval(None), "·")
        self.assertEqual(text.interval(Interval(5, None, None)), "5.00")
        self.assertEqual(text.interval(Interval(5, 4, 6)), "5.00 (4.00 to 6.00)")


if __name__ == "__main__":
    unittest.main()
