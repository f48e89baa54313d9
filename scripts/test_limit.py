"""Tests of what limit.py, syscalls.py and many_connections.py make of what they measured; no
server runs."""

import json
import random
import unittest

import limit
import many_connections
import syscalls

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
        estimate, low, high = limit.hodges_lehmann([1, 2, 6])
        self.assertEqual(estimate, 2.75)
        self.assertEqual((low, high), (1, 6))

    def test_interval_is_that_of_the_signed_rank_table(self):
        # n = 20: the 95 % interval leaves out the 52 outermost Walsh averages on each side.
        generator = random.Random(1)
        values = [generator.gauss(0, 1) for _ in range(20)]
        means = sorted((values[i] + values[j]) / 2 for i in range(20) for j in range(i, 20))
        _, low, high = limit.hodges_lehmann(values)
        self.assertAlmostEqual(means.index(low), 52, delta=1)
        self.assertAlmostEqual(len(means) - 1 - means.index(high), 52, delta=1)

    def test_one_wild_value_hardly_matters(self):
        calm = [0.01 * i for i in range(-20, 21)]
        moved = limit.hodges_lehmann(calm + [1000.0])[0]
        self.assertLess(abs(moved - limit.hodges_lehmann(calm)[0]), 0.02)

    def test_covers_the_truth_as_often_as_it_says(self):
        generator = random.Random(7)
        covered = 0
        for _ in range(300):
            _, low, high = limit.hodges_lehmann([generator.gauss(0.03, 0.2) for _ in range(30)])
            covered += low <= 0.03 <= high
        self.assertGreater(covered, 270)
        self.assertLess(covered, 300)


class Pairs(unittest.TestCase):
    def test_abba_order_is_undone(self):
        slices = [{"target": target, "cpu_ns": 1000 * (1 + target), "operations": 10}
                  for target in (0, 1, 1, 0)]
        self.assertEqual(limit.pairs_of(slices), [(100, 200), (100, 200)])

    def test_a_slice_without_operations_loses_its_pair_only(self):
        slices = [{"target": target, "cpu_ns": 1000, "operations": operations}
                  for target, operations in ((0, 10), (1, 0), (1, 10), (0, 10))]
        self.assertEqual(limit.pairs_of(slices), [(100, 100)])

    def test_drift_of_both_cancels(self):
        generator = random.Random(3)
        costs = []
        for _ in range(100):
            speed = generator.uniform(0.7, 1.3)
            costs.append((5150 * speed * generator.gauss(1, 0.01), 5000 * speed * generator.gauss(1, 0.01)))
        result = limit.compare(costs)
        self.assertAlmostEqual(result["ratio"], 1.03, delta=0.005)
        self.assertLess(result["high"] - result["low"], 0.01)
        self.assertEqual(result["pairs"], 100)


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


class ManyConnections(unittest.TestCase):
    @staticmethod
    def lines(connections, errors):
        sample = {"errors": errors, "connections_open": connections, "histograms": {}}
        return [json.dumps({"event": "connected", "connections": connections}),
                json.dumps({"event": "window_ends", "sample": sample})]

    def test_a_whole_window_is_taken(self):
        self.assertIn("histograms", many_connections.sample_of(self.lines(4096, {})))

    def test_missing_connections_wrong_replies_and_an_early_end_are_errors(self):
        for lines in (self.lines(4095, {}), self.lines(4096, {"wrong_body": 1}), self.lines(4096, {})[:1]):
            with self.assertRaises(RuntimeError):
                many_connections.sample_of(lines)


if __name__ == "__main__":
    unittest.main()
