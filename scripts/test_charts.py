"""Tests of what charts and summary are made of, on made-up results: loading, histograms, marks,
ranking, words. The figures are test_figures.py's, the summary is test_summary.py's.

    cd scripts && /usr/bin/python3 -m unittest test_charts
"""
import math
import unittest
from unittest import mock

import numpy

from contend.figures.sheet import colour
from contend.results import text
from contend.results.histogram import Histogram, intervals_at, merge
from contend.results.marks import marks_of
from contend.results.ranking import Ranking, rank
from contend.results.result import Interval, ResultError, Scenario
from contend.results.schema import Schema
from testdata import make_result
from testdata.results import changed, full, made


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

    def test_outside_engines_come_after_ours_and_older_results_have_none(self):
        def first(fields):
            fields["engines"][0]["outside"] = True
            fields["engines"][1].pop("outside")
        engines = made(first).engines
        self.assertEqual([one.outside for one in engines], [False] * 6 + [True])
        self.assertEqual((engines[-1].name, engines[-1].position), ("blocking", 0))
        self.assertEqual((engines[0].name, engines[0].position), ("threads", 0))

    def test_an_engine_keeps_its_colour_when_others_were_not_measured(self):
        def only_last(fields):
            fields["cells"] = [one for one in fields["cells"] if one["engine"] == "asio"]
            fields["samples"] = [one for one in fields["samples"] if "/asio" in one["cell"]]
        all_of_them = {one.name: colour(one) for one in made().engines}
        self.assertEqual({one.name: colour(one) for one in made(only_last).engines},
                         {"asio": all_of_them["asio"]})


class Judging(unittest.TestCase):
    scenario = Scenario("http", "", 64)
    limited = Scenario("echo", "", 64)

    @classmethod
    def setUpClass(cls):
        cls.result = full()

    def test_marks(self):
        expected = {("blocking", self.scenario): "◐", ("io_uring", self.limited): "‡",
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
            with mock.patch("contend.results.ranking.ratio", return_value=Interval(1.03, low, 1.04)):
                self.assertEqual(len(rank(self.result, self.scenario).level) == 1, leads)

    def test_nobody_level_stands_behind_somebody_beaten(self):
        order = {"epoll": 1.00, "asio": 1.05, "poll": 1.00}  # the lower ends, in their order
        with mock.patch("contend.results.ranking.ratio", side_effect=lambda _, other, *more: Interval(
                1.1, order.get(other.engine, 2), 3)):
            ranking = rank(self.result, self.scenario)
        self.assertEqual((ranking.level, ranking.against), (["io_uring", "epoll"], "asio"))

    def test_the_ratio_is_said_of_the_first_alone(self):
        ranking = Ranking(["a", "b", "c"], "d", Interval(1.5, 1.4, 1.6))
        self.assertEqual(ranking.sentence(), "a leads: 1.50 × d (1.40 to 1.60); b, c level with it")
        self.assertEqual(ranking.sentence(1),
                         "a leads: 1.50 × d (1.40 to 1.60); b and 1 more level with it")
        self.assertEqual(ranking.sentence(0),
                         "a leads: 1.50 × d (1.40 to 1.60); 2 engines level with it")
        self.assertEqual(Ranking(["a", "b"], "b", Interval(1.5, 1.4, 1.6)).sentence(), "level: a, b")

    def test_nobody_leads_whom_or_over_whom_the_load_held_back(self):
        def limit(engine, samples):
            def change(fields):
                for cell in fields["cells"]:
                    if cell["workload"] == "http":
                        held = cell["engine"] == engine
                        cell["client_limited_samples"] = samples if held else 0
            return rank(changed(change, "http"), self.scenario)
        for engine in ("io_uring", "epoll"):
            self.assertEqual(limit(engine, 5).sentence(), "client-limited: no order")
            self.assertIn("io_uring leads", limit(engine, 4).sentence())
        self.assertIn("io_uring leads", limit("threads", 10).sentence())

        def all_in_one_sample(fields):
            for cell in fields["cells"]:
                cell["client_limited_samples"] = 1
        self.assertEqual(rank(made(all_in_one_sample), Scenario("fib", "", None)).sentence(),
                         "client-limited: no order")

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

    def test_a_split_by_ticks_needs_most_samples_and_a_tenth_of_a_second(self):
        def share(with_split, operations):
            def change(fields):
                samples = [one for one in fields["samples"] if one["cell"] == "fib/epoll"]
                for index, one in enumerate(samples):
                    split = (750_000, 250_000) if index < with_split else (None, None)
                    one["operations"] = operations
                    one["metrics"].update(zip(
                        ("cpu_user_ns_per_operation", "cpu_system_ns_per_operation"), split),
                        cpu_ns_per_operation=1_000_000)
            return changed(change, "fib").cell("epoll", Scenario("fib", "", None)).user_share()
        self.assertEqual(share(10, 10), 0.75)
        self.assertIsNone(share(10, 9), "90 ms are nine ticks")
        self.assertEqual(share(6, 1000), 0.75)
        self.assertIsNone(share(5, 1000), "half of the samples are not most")

    def test_numbers_in_words(self):
        self.assertEqual([text.count(one) for one in (0, 0.004, 9.996, 999.7, 152345, 2.5e6)],
                         ["0", "0.004", "10.0", "1.00 k", "152 k", "2.50 M"])
        self.assertEqual([text.time_ns(one) for one in (12, 12345, 1.2e9)],
                         ["12.0 ns", "12.3 µs", "1.20 s"])
        self.assertEqual([text.size_bytes(one) for one in (300, 4096, -2048)],
                         ["300 B", "4.00 KiB", "-2.00 KiB"])
        self.assertEqual(text.short("50.0 k"), "50 k")
        self.assertEqual(text.short("100 k"), "100 k")

    def test_connections_are_called_what_they_are_of_a_client(self):
        labels = {one.label for one in self.result.scenarios}
        self.assertLessEqual({"echo · 64 connections", "echo · 1 connection", "fetch · 1 at once",
                              "fetch · 64 at once", "fib"}, labels)

    def test_what_was_computed(self):
        def words(name, variant="", connections=None):
            return text.setting([cell for cell in self.result.cells if cell.scenario ==
                                 Scenario(name, variant, connections)])
        self.assertEqual(words("fib"), "jobs = 12, n = 30")
        self.assertEqual(words("counter"), "jobs = 12, limit = 5,000,000")
        self.assertEqual(words("fetch", "", 64), "delay_ms = 10")
        self.assertEqual(words("mixed", "", 64),
                         "heavy_percent = 10, fib_n = 27")
        self.assertEqual(words("echo", "idle", 1024),
                         "idle_connections = 256, pipeline = 1, size_bytes = 64")
        self.assertEqual(text.setting([cell for cell in self.result.cells if cell.role == "run"]),
                         "jobs = 12, n = 30; jobs = 12, limit = 5,000,000; jobs = 12, wait_ms = 10")

    def test_where_it_ran_and_what(self):
        self.assertTrue(text.machine(self.result, {"serve", "drive"}).endswith(
            "engine on CPU 0, load on CPU 1"))
        self.assertTrue(text.machine(self.result, {"serve", "run"}).endswith(
            "engine on CPU 0, load on CPU 1; jobs on both"))

        def change(fields):
            fields["placement"]["load_cpus"] = [1, 2]
            fields["build"]["revision"] = "0123456789ab-dirty"
        self.assertTrue(text.machine(made(change), {"run"}).endswith(
            "engine on CPU 0, load on CPUs 1, 2; jobs on all of them"))
        self.assertIn(" 0123456789ab-dirty · ", text.origin(made(change)))

    def test_intervals_in_words(self):
        self.assertEqual(text.interval(None), "·")
        self.assertEqual(text.interval(Interval(5, None, None)), "5.00")
        self.assertEqual(text.interval(Interval(5, 4, 6)), "5.00 (4.00 to 6.00)")


if __name__ == "__main__":
    unittest.main()
