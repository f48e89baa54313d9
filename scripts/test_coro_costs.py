"""Tests of what coro_costs.py makes of the benchmark's JSON; nothing is measured."""

import contextlib
import copy
import io
import json
import subprocess
import sys
import unittest
from unittest import mock

from contend.limits import coro_costs

RUNTIMES = ("contend", "asio_tutorial", "asio_deferred")


def report(cpu_ns, operation="switch"):
    """One process's JSON: {runtime: CPU ns of its repetitions}, the last repetition first."""
    benchmarks = [{"name": f"{operation}/{runtime}", "run_name": f"{operation}/{runtime}",
                   "run_type": "iteration", "family_index": family, "time_unit": "ns", "cpu_time": one,
                   "real_time": 2 * one, "allocations": 0.0}
                  for family, runtime in enumerate(RUNTIMES) for one in cpu_ns[runtime]]
    aggregate = benchmarks[0] | {"run_type": "aggregate", "cpu_time": 1e9}
    return {"benchmarks": [aggregate, *reversed(benchmarks)]}


def processes(*ratios):
    """Processes in which contend takes these times as long as the better form of Asio."""
    return [coro_costs.repetitions_of(report(
        {"contend": [100 * ratio, 100 * ratio, 900], "asio_tutorial": [200, 201, 202],
         "asio_deferred": [100, 99, 101]})) for ratio in ratios]


class Comparing(unittest.TestCase):
    def test_with_the_better_form_of_asio_by_medians(self):
        result, = coro_costs.compare(processes(0.5, 0.4, 0.6, 0.5, 0.45, 0.55))
        self.assertEqual(result["best_asio"], "asio_deferred")
        self.assertAlmostEqual(result["ratio"], 0.5, delta=0.02)
        self.assertTrue(0.4 <= result["low"] < 0.45 < 0.55 < result["high"] <= 0.6, result)
        self.assertEqual(result["cpu_ns"]["contend"], 50)
        self.assertEqual(result["wall_ns"]["asio_tutorial"], 402)

    def test_order_is_the_program_s_and_not_the_interleaving_s(self):
        both = report({runtime: [1] for runtime in RUNTIMES})
        for one in report({runtime: [1] for runtime in RUNTIMES}, operation="sleeps")["benchmarks"]:
            both["benchmarks"].insert(0, one | {"family_index": one["family_index"] + 10})
        found = coro_costs.repetitions_of(both)
        self.assertEqual(list(found), ["switch", "sleeps"])
        self.assertEqual(list(found["sleeps"]), list(RUNTIMES))

    def test_units_are_converted(self):
        in_us = report({runtime: [3] for runtime in RUNTIMES})
        for one in in_us["benchmarks"]:
            one["time_unit"] = "us"
        self.assertEqual(coro_costs.repetitions_of(in_us)["switch"]["contend"], [(3000, 6000, 0)])

    def test_what_went_wrong_is_an_error(self):
        wrong = report({runtime: [1] for runtime in RUNTIMES})
        wrong["benchmarks"][1] |= {"error_occurred": True, "error_message": "did not end"}
        with self.assertRaisesRegex(RuntimeError, "switch/asio_deferred: did not end"):
            coro_costs.repetitions_of(wrong)


class Judging(unittest.TestCase):
    @staticmethod
    def broken(*ratios):
        result, = coro_costs.compare(processes(*ratios))
        return coro_costs.broken(result)

    def test_the_whole_interval_must_not_be_above_asio(self):
        self.assertEqual(self.broken(1.0, 1.0), [])
        self.assertEqual(self.broken(0.9, 1.02),
                         ["switch: 0.96 (0.90 to 1.02) of asio_deferred, at most 1"])


class Command(unittest.TestCase):
    def run_with(self, *arguments, ratio=0.5, operation="switch"):
        """Exit code, standard output, standard error, and the commands that were to run."""
        said, written, commands = io.StringIO(), io.StringIO(), []
        one = report({"contend": [100 * ratio], "asio_tutorial": [200], "asio_deferred": [100]},
                     operation=operation)

        def run(command, **_):
            commands.append(command)
            return subprocess.CompletedProcess(command, 0, json.dumps(copy.deepcopy(one)))
        with mock.patch.object(sys, "argv", ["coro_costs.py", *arguments]), \
                mock.patch("contend.limits.servers.program", return_value="x"), \
                mock.patch("subprocess.run", run), \
                contextlib.redirect_stderr(said), contextlib.redirect_stdout(written):
            try:
                code = coro_costs.main()
            except SystemExit as end:
                code = end.code
        return code, written.getvalue(), said.getvalue(), commands

    def test_the_program_interleaves_and_repeats(self):
        *_, commands = self.run_with("--processes", "3", "--repetitions", "7", "--slice-ms", "50")
        self.assertEqual(commands, [["x", "--benchmark_format=json",
                                     "--benchmark_enable_random_interleaving=true",
                                     "--benchmark_repetitions=7", "--benchmark_min_time=0.05"]] * 3)

    def test_the_table(self):
        code, written, said, _ = self.run_with("--processes", "2")
        self.assertEqual((code, said), (0, ""))
        head, row = written.splitlines()
        self.assertEqual(head.split()[3:6], list(RUNTIMES))
        self.assertEqual(row.split(), "switch 50.0 (0.0) 200.0 (0.0) 100.0 (0.0) 0.500 0.500 to 0.500 "
                                      "yes".split())

    def test_a_wave_of_sleepers_has_its_wall_time(self):
        _, written, *_ = self.run_with("--processes", "1", operation="sleeps")
        self.assertEqual(written.splitlines()[2].split()[-6:], "1.00 ms 4.00 ms 2.00 ms".split())

    def test_a_slower_runtime_fails_only_when_asked(self):
        self.assertEqual(self.run_with("--processes", "1", ratio=1.1)[0], 0)
        code, written, said, _ = self.run_with("--processes", "1", "--check", "--json", ratio=1.1)
        self.assertEqual(code, 1)
        self.assertEqual(said, "coro_costs.py: switch: 1.10 (1.10 to 1.10) of asio_deferred, at most 1\n")
        self.assertAlmostEqual(json.loads(written)["comparisons"][0]["ratio"], 1.1)

    def test_wrong_arguments_are_wrong_use(self):
        for arguments in (["--processes", "0"], ["--repetitions", "x"], ["--slice-ms", "0"]):
            code, _, said, _ = self.run_with(*arguments)
            self.assertEqual(code, 2)
            self.assertIn(f"coro_costs.py: error: argument {arguments[0]}: ", said)


if __name__ == "__main__":
    unittest.main()
