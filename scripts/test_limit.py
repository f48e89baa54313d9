"""Tests of what limit.py, syscalls.py and many_connections.py make of what they measured; no
engine runs."""

import contextlib
import io
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from contend.limits import many_connections, ratios, server_cpu, servers, syscalls

STRACE_TABLE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 76.36    0.260230           4      6400           sendto
 20.61    0.070251           1      6464        64 recvfrom
  2.91    0.009923           9       105         1 epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    0.340404           2     12969        65 total
"""


class HodgesLehmann(unittest.TestCase):
    def test_small_case_by_hand(self):
        # Walsh averages of 1, 2, 6: 1, 1.5, 2, 3.5, 4, 6.
        estimate, low, high = ratios.hodges_lehmann([1, 2, 6])
        self.assertEqual(estimate, 2.75)
        self.assertEqual((low, high), (1, 6))

    def test_interval_is_that_of_the_signed_rank_table(self):
        # n = 20: the 95 % interval leaves out the 52 outermost Walsh averages on each side.
        generator = random.Random(1)
        values = [generator.gauss(0, 1) for _ in range(20)]
        means = sorted((values[i] + values[j]) / 2 for i in range(20) for j in range(i, 20))
        _, low, high = ratios.hodges_lehmann(values)
        self.assertAlmostEqual(means.index(low), 52, delta=1)
        self.assertAlmostEqual(len(means) - 1 - means.index(high), 52, delta=1)

    def test_one_wild_value_hardly_matters(self):
        calm = [0.01 * i for i in range(-20, 21)]
        moved = ratios.hodges_lehmann(calm + [1000.0])[0]
        self.assertLess(abs(moved - ratios.hodges_lehmann(calm)[0]), 0.02)

    def test_covers_the_truth_as_often_as_it_says(self):
        generator = random.Random(7)
        covered = 0
        for _ in range(300):
            _, low, high = ratios.hodges_lehmann([generator.gauss(0.03, 0.2) for _ in range(30)])
            covered += low <= 0.03 <= high
        self.assertGreater(covered, 270)
        self.assertLess(covered, 300)


class Pairs(unittest.TestCase):
    def test_abba_order_is_undone(self):
        slices = [{"target": target, "cpu_ns": 1000 * (1 + target), "operations": 10}
                  for target in (0, 1, 1, 0)]
        self.assertEqual(server_cpu.pairs_of(slices), [(100, 200), (100, 200)])

    def test_a_slice_without_operations_loses_its_pair_only(self):
        slices = [{"target": target, "cpu_ns": 1000, "operations": operations}
                  for target, operations in ((0, 10), (1, 0), (1, 10), (0, 10))]
        self.assertEqual(server_cpu.pairs_of(slices), [(100, 100)])

    def test_drift_of_both_cancels(self):
        generator = random.Random(3)
        costs = []
        for _ in range(100):
            speed = generator.uniform(0.7, 1.3)
            costs.append((5150 * speed * generator.gauss(1, 0.01), 5000 * speed * generator.gauss(1, 0.01)))
        result = server_cpu.compare(costs)
        self.assertAlmostEqual(result["ratio"], 1.03, delta=0.005)
        self.assertLess(result["high"] - result["low"], 0.01)
        self.assertEqual(result["pairs"], 100)


class Shares(unittest.TestCase):
    def test_all_pairs_are_measured_and_none_twice(self):
        self.assertEqual(server_cpu.shares(100, 5), [20] * 5)
        self.assertEqual(sum(server_cpu.shares(101, 5)), 101)
        self.assertEqual(server_cpu.shares(2, 5), [1, 1])


class Syscalls(unittest.TestCase):
    def test_reads_the_table_of_strace(self):
        self.assertEqual(syscalls.parse(STRACE_TABLE),
                         {"sendto": (6400, 0), "recvfrom": (6464, 64), "epoll_wait": (105, 1)})

    def test_setting_up_cancels_out(self):
        shorter = {"sendto": (6400, 0), "recvfrom": (6464, 0), "accept4": (66, 2)}
        longer = {"sendto": (12800, 0), "recvfrom": (13504, 640), "accept4": (66, 2)}
        counted = syscalls.difference(longer, shorter, 6400)
        self.assertAlmostEqual(counted["calls_per_round_trip"], 2.1)
        self.assertAlmostEqual(counted["would_block_per_round_trip"], 0.1)
        self.assertEqual(list(counted["by_call"]), ["recvfrom", "sendto"])


class Judging(unittest.TestCase):
    """What --check says of each script's results."""

    def test_a_ratio_above_the_limit(self):
        def broken(ratio):
            return server_cpu.broken({"engine": "asio", "workload": "echo", "connections": 64, "ratio": ratio})
        self.assertEqual(broken(1.03), [])
        self.assertEqual(broken(1.031), ["asio, echo, 64 connections: ratio 1.031, at most 1.03"])

    def test_system_calls(self):
        def broken(name, calls, would_block=0.0):
            return syscalls.broken({"name": name, "calls_per_round_trip": calls,
                                    "would_block_per_round_trip": would_block})
        for name, most in (("epoll", 2.05), ("io_uring", 0.1), ("asio", 2.3)):
            self.assertEqual(broken(name, most), [])
            self.assertEqual(len(broken(name, most + 0.01)), 1)
        self.assertEqual(broken("epoll", 2.0, 0.01),
                         ["epoll: EAGAIN in 0.010 of the round trips, where there is to be none"])
        self.assertEqual(broken("epoll", 2.5), ["epoll: 2.500 calls a round trip, at most 2.05"])
        self.assertEqual(broken("asio", 2.2, 0.2), [])
        self.assertEqual(broken("threads", 9) + broken("raw_epoll", 9), [])

    def test_many_connections(self):
        def broken(name, memory, tail):
            return many_connections.broken({"name": name, "memory_per_connection_bytes": memory,
                                            "p99_to_p50": tail})
        self.assertEqual(broken("epoll", 512, 1.5) + broken("io_uring", 4096, 1.5), [])
        self.assertEqual(broken("epoll", 513, 1.0), ["epoll: 513 bytes a connection, at most 512"])
        self.assertEqual(broken("io_uring", 5000, 1.6),
                         ["io_uring: 5000 bytes a connection, at most 4096",
                          "io_uring: p99/p50 1.60, at most 1.5"])
        self.assertEqual(broken("asio", 9999, 9) + broken("raw_epoll", 9999, 9), [])


def name_of(script):
    return script.__name__.rpartition(".")[2]


class Commands(unittest.TestCase):
    scripts = (server_cpu, syscalls, many_connections)

    def result_of(self, script, *arguments, engines=(["epoll", "threads"], {"asio": "no boost"})):
        """Exit code and what was written to standard error; nothing is started."""
        said = io.StringIO()
        costs = {"engine": "epoll", "workload": "echo", "connections": 64, "name": "epoll",
                 "ratio": 2, "low": 1, "high": 2, "pairs": 1, "engine_ns": 1, "raw_ns": 1, "by_call": {},
                 "calls_per_round_trip": 9, "would_block_per_round_trip": 0, "p99_to_p50": 1,
                 "memory_per_connection_bytes": 99999, "latency_p50_ns": 1, "latency_p99_ns": 1}
        with mock.patch.object(sys, "argv", [f"{name_of(script)}.py", *arguments]), \
                mock.patch("contend.limits.servers.available_engines", return_value=engines), \
                mock.patch("contend.limits.servers.program", return_value="x"), \
                mock.patch("os.sched_getaffinity", return_value={0, 1}), \
                mock.patch("shutil.which", return_value="strace"), \
                mock.patch.object(script, "measure", return_value=costs), \
                contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            try:
                code = script.main()
            except SystemExit as end:
                code = end.code
        return code, said.getvalue()

    def test_wrong_arguments_get_a_line_and_exit_code_2(self):
        for script, arguments in ((server_cpu, ["--pairs", "0"]), (server_cpu, ["--engines", "epol"]),
                                  (server_cpu, ["--workloads", "fib"]), (server_cpu, ["--connections", "0"]),
                                  (server_cpu, ["--slice-ms", "x"]), (syscalls, ["--engines", "epol"]),
                                  (syscalls, ["--delay-us", "-1"]),
                                  (many_connections, ["--engines", "epoll,"]),
                                  (many_connections, ["--runs", "0"])):
            code, said = self.result_of(script, *arguments)
            self.assertEqual(code, 2, arguments)
            self.assertIn(f"{name_of(script)}.py: error: argument {arguments[0]}: ", said)

    def test_a_broken_limit_fails_only_when_asked(self):
        for script in self.scripts:
            self.assertEqual(self.result_of(script, "--engines", "epoll"), (0, ""))
            code, said = self.result_of(script, "--engines", "epoll", "--check")
            self.assertEqual(code, 1)
            self.assertIn(f"{name_of(script)}.py: epoll", said)
            self.assertIn("at most", said)

    def test_what_is_not_available_is_said_and_no_check_passes_on_it(self):
        for script in self.scripts:
            code, said = self.result_of(script, "--engines", "asio", "--check")
            self.assertEqual(code, 77)
            self.assertIn("asio: no boost", said)
        self.assertIn("raw_asio: no boost", self.result_of(
            syscalls, "--engines", "raw_asio", "--check")[1])


class Servers(unittest.TestCase):
    def test_a_server_that_does_not_start_is_said_so(self):
        with self.assertRaisesRegex(RuntimeError, r"did not start \(exit 3\)"):
            servers.Server(["sh", "-c", "exit 3"], min(os.sched_getaffinity(0)))

    def test_nothing_is_left_by_a_script_that_is_ended(self):
        script = ("import time\nfrom contend.limits import measuring, servers\n"
                  "def main():\n"
                  "    with servers.Server(['sh', '-c', 'echo $LINE; exec sleep 600']) as one:\n"
                  "        print(one.pid, flush=True)\n"
                  "        time.sleep(600)\n"
                  "measuring.run(main)\n")
        for how in (signal.SIGTERM, signal.SIGKILL):
            ended = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True,
                                     env=os.environ | {"LINE": '{"listening": 1}'})
            left = os.pidfd_open(int(ended.stdout.readline()))
            ended.send_signal(how)
            ended.wait(20)
            ended.stdout.close()
            self.assertTrue(select.select([left], [], [], 20)[0], how)  # readable: it has ended
            os.close(left)

    def test_a_server_that_says_rubbish_is_ended(self):
        cpu = min(os.sched_getaffinity(0))
        for under in ([], ["sh", "-c", '"$@"; exit', "sh"]):
            with tempfile.TemporaryDirectory() as folder:
                fifo = f"{folder}/alive"
                os.mkfifo(fifo)
                reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
                program = (f"import time; alive = open({fifo!r}, 'w'); print('rubbish', flush=True); "
                           "time.sleep(60)")
                with self.assertRaisesRegex(RuntimeError, "rubbish"):
                    servers.Server([sys.executable, "-c", program], cpu, under)
                self.assertTrue(select.select([reader], [], [], 20)[0], "it still runs")
                self.assertEqual(os.read(reader, 1), b"")
                os.close(reader)


class ManyConnections(unittest.TestCase):
    def test_an_event_is_found_by_its_name(self):
        lines = [json.dumps({"event": name}) for name in ("connected", "window_ends")]
        self.assertEqual(many_connections.event_of(iter(lines), "window_ends"), {"event": "window_ends"})
        with self.assertRaisesRegex(RuntimeError, "ended before"):
            many_connections.event_of(iter(lines), "sample")

    def test_missing_connections_and_wrong_replies_are_errors(self):
        whole = {"errors": {}, "connections_open": 4096}
        self.assertEqual(many_connections.checked(whole), whole)
        for spoilt in ({"connections_open": 4095}, {"errors": {"wrong_body": 1}}):
            with self.assertRaises(RuntimeError):
                many_connections.checked(whole | spoilt)


if __name__ == "__main__":
    unittest.main()
