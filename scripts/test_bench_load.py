"""Tests of bench_load.py's bars, table and order of measuring; no load generator runs. What is made of
their output is in test_generators.py."""

import contextlib
import io
import json
import os
import pathlib
import sys
import unittest
from unittest import mock

from contend.limits import servers
from contend.limits.load import bench
from contend.limits.load import cost, plan, process, row, schedule, search, size, verdicts
from contend.limits.load.generators import Run
from contend.limits.load.row import Row, at_least, at_most, within

CORE = min(os.sched_getaffinity(0))


class Rows(unittest.TestCase):
    beside = Row(1, "client CPU", "us", (7, 8, 6), "wrk", (10, 10, 12), at_most(0.8, "ratio"))

    def test_medians_and_ratios_of_repetitions(self):
        self.assertEqual((self.beside.value, self.beside.peer_value), (7, 10))
        self.assertEqual((self.beside.ratio, self.beside.spread), (0.7, (0.5, 0.8)))
        self.assertEqual(Row(3, "lag", "us", (3, 1, 2)).spread, (1, 3))

    def test_a_machine_of_two_speeds_makes_no_difference(self):
        flips = Row(1, "client CPU", "us", (4, 6, 6, 6, 4), "wrk", (4, 6, 6, 4, 4))
        self.assertEqual((flips.value, flips.peer_value, flips.ratio), (6, 4, 1))

    def test_a_truth_of_nothing_makes_no_ratio(self):
        late = Row(4, "hundredth, p90", "ms", (0.2, 0.3), "truth", (0, 0), at_most(0.5))
        self.assertIsNone(late.ratio)
        self.assertEqual(late.spread, (0.2, 0.3))
        self.assertTrue(late.met)

    def test_bars(self):
        self.assertTrue(self.beside.met)
        self.assertFalse(Row(1, "", "", (8.1,), "wrk", (10,), at_most(0.8, "ratio")).met)
        self.assertTrue(Row(2, "", "", (2.2e6,), bar=at_least(2.2e6)).met)
        self.assertFalse(Row(2, "", "", (2.1e6,), bar=at_least(2.2e6)).met)
        for value, met in ((4.94, False), (4.951, True), (5.049, True), (5.06, False)):
            self.assertEqual(Row(4, "", "ms", (value,), bar=within(0.01, 5)).met, met, value)

    def test_what_is_not_available_misses_no_bar_and_what_failed_does(self):
        absent = Row(8, "find-max", note="not available in this build")
        self.assertIsNone(absent.met)
        self.assertEqual(row.broken(absent), [])
        failed = Row(1, "not measured", note="nginx did not start", failed=True)
        self.assertEqual(row.broken(failed), ["figure 1: nginx did not start"])

    def test_what_fails_does_not_take_the_others_along(self):
        missing = mock.Mock(side_effect=FileNotFoundError("build/x is not there; make build makes it"))
        dead = mock.Mock(side_effect=RuntimeError("nginx: did not\nstart"))
        figures = {"1": missing, "2": dead, "3": lambda plan, progress: [self.beside]}
        with mock.patch.object(bench, "FIGURES", figures):
            rows = bench.measure("123", plan.QUICK, mock.MagicMock())
        self.assertEqual([(each.figure, each.failed, each.note) for each in rows[:2]],
                         [(1, True, "build/x is not there; make build makes it"),
                          (2, True, "nginx: did not start")])
        self.assertEqual(rows[2:], [self.beside])

    def test_what_check_says(self):
        self.assertEqual(row.broken(self.beside), [])
        self.assertEqual(row.broken(Row(1, "client CPU", "us", (9,), "wrk", (10,),
                                        at_most(0.8, "ratio"))),
                         ["figure 1, client CPU: 0.9, to be <= 0.8 x"])
        self.assertEqual(row.broken(Row(4, "exact, p50", "ms", (6,), bar=within(0.01, 5))),
                         ["figure 4, exact, p50: 6, to be 4.95 to 5.05"])

    def test_the_table_is_aligned(self):
        lines = row.table([self.beside, Row(8, "find-max", note="not available")]).splitlines()
        self.assertIn("7 us", lines[1])
        self.assertIn("wrk 10", lines[1])
        self.assertIn("0.5 to 0.8", lines[1])
        self.assertEqual(lines[0].index("met"), lines[1].index("yes"))
        self.assertTrue(lines[2].endswith("not available"))

    def test_json_has_all(self):
        one = json.loads(json.dumps(self.beside.json(), allow_nan=False))
        self.assertEqual(one["values"], [7, 8, 6])
        self.assertEqual(one["bar"], {"least": None, "most": 0.8, "of": "ratio"})
        self.assertIs(one["met"], True)


class Measuring(unittest.TestCase):
    def test_all_are_measured_in_turns(self):
        order = []
        results = plan.interleaved({name: lambda name=name: order.append(name) or len(order)
                                    for name in "abc"}, 3, lambda words: None)
        self.assertEqual("".join(order), "abccbaabc")
        self.assertEqual(results["a"], [1, 6, 7])

    def test_each_peer_has_a_row_and_wrong_answers_are_told(self):
        runs = {"contend": [Run(100, 0, 1, 0.0007)], "wrk": [Run(100, 3, 1, 0.0010)],
                "hey": [Run(100, 0, 1, 0.0030)]}
        wrk, hey = cost.beside_peers(1, "CPU", "us", runs, lambda run: run.cpu_us,
                                     {"wrk": at_most(0.8, "ratio")})
        self.assertTrue(wrk.met)
        self.assertEqual(wrk.note, "wrk had 3 wrong answers")
        self.assertIsNone(hey.bar)
        self.assertEqual(hey.note, "")
        alone, = cost.beside_peers(1, "CPU", "us", {"contend": runs["contend"]},
                                   lambda run: run.cpu_us, {"wrk": at_most(0.8, "ratio")})
        self.assertIsNone(alone.bar)
        own, wrk, hey = cost.beside_peers(1, "CPU", "us", runs, lambda run: run.cpu_us,
                                          {"contend": at_most(8)})
        self.assertEqual((own.peer, own.met, wrk.bar), ("", True, None))

    def test_the_floor_of_a_peer_is_told_where_contend_is_held_to_both(self):
        runs = {"contend": [Run(100, 0, 1, 0.0009)], "floor": [Run(100, 0, 1, 0.0009)],
                "wrk": [Run(100, 3, 1, 0.0010)], "hey": [Run(100, 0, 1, 0.0030)]}
        bars = {"wrk": at_most(0.8, "ratio"), "floor": at_most(1.05, "ratio")}
        rows = {one.peer: one for one in cost.beside_peers(1, "CPU", "us", runs, lambda run: run.cpu_us, bars)}
        self.assertEqual((rows["floor"].met, rows["wrk"].met), (True, False))
        self.assertEqual(rows["wrk"].note, "floor / wrk: 0.9; wrk had 3 wrong answers")
        self.assertEqual((rows["floor"].note, rows["hey"].note), ("", ""))

    def test_truth_of_the_frozen_server(self):
        (words, load, _, times), = (one for what, *one in schedule.truths(plan.FULL) if what == "frozen")
        self.assertEqual([(percentile, truth) for percentile, truth, _ in times],
                         [(99, 900), (99.9, 990), (100, 1000)])
        self.assertEqual(words, ("frozen", "--period-ms", 10_000, "--freeze-ms", 1_000))
        self.assertEqual(load.seconds, 10, "a whole number of periods")

    def test_record_times(self):
        benchmarks = [{"run_type": "iteration", "cpu_time": 3.5}, {"run_type": "iteration", "cpu_time": 4},
                      {"run_type": "aggregate", "cpu_time": 9}]
        ended = process.Ended(json.dumps({"benchmarks": benchmarks}), "", 0, 1)
        with mock.patch("contend.limits.servers.program", return_value="x"), \
                mock.patch.object(process, "run", return_value=ended):
            self.assertEqual(size.record_times_ns(2), (3.5, 4))

    def test_a_search_is_held_against_the_capacity(self):
        for found_per_s, met in ((4800, True), (5200, True), (4700, False)):
            with self.subTest(found_per_s), mock.patch.object(search, "found_per_s", return_value=found_per_s):
                only, = search.capacity(plan.QUICK, lambda words: None)
                self.assertEqual(only.met, met)

    def test_what_a_search_says(self):
        for held_per_s in (4900.5, None):
            output = json.dumps({"search": "find_max", "result": {"held_per_s": held_per_s}})
            with mock.patch.object(servers, "Server"), mock.patch("contend.limits.servers.program", return_value="x"), \
                    mock.patch.object(process, "run", return_value=process.Ended(output, "", 0, 1)):
                if held_per_s:
                    self.assertEqual(search.found_per_s(1), held_per_s)
                else:
                    with self.assertRaisesRegex(RuntimeError, "found no rate"):
                        search.found_per_s(1)


class Verdicts(unittest.TestCase):
    def test_as_many_cases_of_each_limit_by_seed(self):
        drawn = verdicts.cases(40, 3)
        self.assertEqual([sum(case.limit == limit for case in drawn) for limit in verdicts.MAKERS],
                         [10] * 4)
        self.assertEqual(drawn, verdicts.cases(40, 3))
        self.assertNotEqual(drawn, verdicts.cases(40, 3, seed=2))
        self.assertGreater(len(set(map(str, drawn))), 38)

    def test_what_was_judged_wrongly_is_shown(self):
        with mock.patch.object(verdicts, "judged",
                               return_value={"limit": "host", "reasons": ["the schedule was missed"]}):
            count, *wrong = verdicts.right(plan.QUICK, lambda words: None)
        self.assertEqual((count.value, count.met, len(wrong)), (1, False, 3))
        self.assertIn("judged host: the schedule was missed", wrong[0].note)

    def test_a_run_that_fails_is_judged_wrongly_and_the_others_go_on(self):
        with mock.patch.object(verdicts, "judged", side_effect=RuntimeError("exit code 1: no answer")):
            count, *wrong = verdicts.right(plan.QUICK, lambda words: None)
        self.assertEqual((count.value, len(wrong)), (0, 4))
        self.assertIn("exit code 1: no answer", wrong[0].note)

    def test_two_of_forty_may_be_wrong(self):
        self.assertEqual(int(verdicts.RIGHT_SHARE * 40), 38)


class Processes(unittest.TestCase):
    def test_costs_output_and_exit_code(self):
        with process.Running([sys.executable, "-c", "import sys\nfor i in range(10**6): pass\n"
                              "print('out'); print('err', file=sys.stderr); sys.exit(3)"], 1, CORE) as one:
            ended = one.end()
        self.assertEqual((ended.output, ended.stderr_text, ended.code), ("out\n", "err\n", 3))
        self.assertGreater(ended.cpu_s, 0)

    def test_nothing_is_left_of_what_does_not_end(self):
        with process.Running(["sleep", "60"], 60, CORE) as one:
            pid = one._process.pid
            self.assertFalse(one.ends_within(0))
            self.assertGreater(one.status_bytes("VmRSS"), 0)
        self.assertFalse(os.path.exists(f"/proc/{pid}"))
        with mock.patch.object(process, "GRACE_S", 0), self.assertRaisesRegex(RuntimeError, "not end"):
            with process.Running(["sleep", "60"], 0.05, CORE) as one:
                one.end()

    def test_who_is_starved_comes_to_an_end(self):
        with process.Running([sys.executable, "-c", "for i in range(10**5): pass"], 60, CORE) as one:
            verdicts.starve(one, 60)
            self.assertEqual(one.end().code, 0)


class Command(unittest.TestCase):
    def result_of(self, *arguments, rows=()):
        """Exit code, standard output and standard error; nothing is measured."""
        output, stderr_text = io.StringIO(), io.StringIO()
        figures = {name: (lambda plan, progress: list(rows)) for name in bench.FIGURES}
        figures["2"] = mock.Mock(side_effect=RuntimeError("nginx did\nnot start"))
        with mock.patch.object(sys, "argv", ["bench_load.py", *arguments]), \
                mock.patch.object(bench, "FIGURES", figures), \
                mock.patch("os.sched_getaffinity", return_value={0, 1}), \
                contextlib.redirect_stdout(output), contextlib.redirect_stderr(stderr_text):
            try:
                code = bench.main()
            except SystemExit as end:
                code = end.code
        return code, output.getvalue(), stderr_text.getvalue()

    def test_a_missed_bar_fails_only_when_asked(self):
        missed = Row(6, "one record", "ns", (21,), bar=at_most(20))
        code, printed, _ = self.result_of("--figures", "6", rows=[missed])
        self.assertEqual(code, 0)
        self.assertIn("NO", printed)
        code, _, stderr_text = self.result_of("--figures", "6", "--check", rows=[missed])
        self.assertEqual((code, stderr_text),
                         (1, "bench_load.py: figure 6, one record: 21, to be <= 20\n"))

    def test_a_figure_that_fails_is_a_row_and_the_others_go_on(self):
        reached = Row(6, "one record", "ns", (4,), bar=at_most(20))
        code, printed, stderr_text = self.result_of("--figures", "2,6", "--check", "--json", rows=[reached])
        self.assertEqual(code, 1)
        self.assertIn("figure 2: nginx did not start", stderr_text)
        self.assertEqual([one["met"] for one in json.loads(printed)["rows"]], [False, True])

    def test_nothing_measured_is_not_all_well(self):
        absent = Row(8, "find-max", note="not available in this build")
        self.assertEqual(self.result_of("--figures", "8", "--check", rows=[absent])[0], 77)

    def test_wrong_arguments(self):
        for arguments in (["--figures", "9"], ["--figures", ""], ["--repetitions", "0"]):
            code, _, stderr_text = self.result_of(*arguments)
            self.assertEqual(code, 2)
            self.assertIn(f"error: argument {arguments[0]}: ", stderr_text)

    def test_repetitions(self):
        printed = self.result_of("--quick", "--repetitions", "2", "--json", "--figures", "1")[1]
        self.assertEqual(json.loads(printed)["plan"]["repetitions"], 2)


class Servers(unittest.TestCase):
    def test_commands(self):
        with mock.patch("contend.limits.servers.program", side_effect=lambda name: name):
            self.assertEqual(servers.known_command("exact", "--delay-us", "5"),
                             ["known_server", "exact", "--delay-us", "5"])
        self.assertTrue(pathlib.Path(servers.nginx_command()[1]).exists())


if __name__ == "__main__":
    unittest.main()
