"""Tests of what bench_load.py makes of what load generators printed: that was recorded
(testdata/load_generators), and no load generator runs."""

import json
import pathlib
import unittest
from unittest import mock

from contend.limits.load import generators, process
from contend.limits.load.generators import Load

RECORDED = pathlib.Path(__file__).parent / "testdata" / "load_generators"


def said(name):
    return (RECORDED / name).read_text()


def histogram(*values_ns):
    """contend's JSON of some times below 2,048 ns, each of which has a counter of its own."""
    ordered = sorted(values_ns)
    return {"unit": "ns", "significant_digits": 3, "count": len(ordered), "sum_ns": sum(ordered),
            "min_ns": ordered[0], "max_ns": ordered[-1], "saturated": 0,
            "index_deltas": [value - before for before, value in zip([0, *ordered], ordered)],
            "counts": [1] * len(ordered)}


def contend_json(**changed):
    return json.dumps({"answered": 500, "errors": {}, "examples": {}, "duration_ns": 2_000_000_000,
                       "all_connected_ns": 250_000_000, "response_time": histogram(1000, 2000),
                       "verdict": {"limit": "server", "reasons": ["it is slow"]}} | changed)


class Reading(unittest.TestCase):
    """(right answers, wrong ones, seconds, p50 ns) of what was really printed, but for what comes
    from programs that are not Debian's."""

    def test_wrk(self):
        self.assertEqual(generators.read_wrk(said("wrk.txt")), (39072, 0, 2.08, None))
        self.assertEqual(generators.read_wrk(said("wrk_404.txt")), (0, 17240, 1.02, None))
        self.assertEqual(generators.read_wrk(said("wrk_errors.txt")), (5712, 32 + 252, 1.02, None))

    def test_h2load(self):
        self.assertEqual(generators.read_h2load(said("h2load.txt")), (33334, 0, 2.0, None))
        self.assertEqual(generators.read_h2load(said("h2load_404.txt")), (0, 13977, 1.01, None))

    def test_hey(self):
        self.assertEqual(generators.read_hey(said("hey.txt")), (6264, 0, 2.0055, None))
        self.assertEqual(generators.read_hey(said("hey_404.txt")), (0, 8614, 1.0013, None))
        right, wrong, _, _ = generators.read_hey(said("hey_errors.txt"))
        self.assertEqual((right, wrong), (4302, 3679 + 1 + 1))

    def test_wrk2_has_a_p50(self):
        text = said("wrk.txt").replace("  39072 requests", " 50.000%    1.25ms\n  39072 requests")
        self.assertEqual(generators.read_wrk2(text), (39072, 0, 2.08, 1.25e6))

    def test_gcannon(self):
        text = json.dumps({"responses": 1000, "elapsed_sec": 10.001, "latency_us": {"p50": 490},
                           "status": {"2xx": 990, "3xx": 0, "4xx": 6, "5xx": 4, "other": 0},
                           "errors": {"connect": 0, "read": 1, "timeout": 0}})
        self.assertEqual(generators.read_gcannon(text), (990, 11, 10.001, 490e3))

    def test_contend(self):
        run = generators.contend_run(process.Ended(contend_json(), "", 3, 0.004))
        self.assertEqual((run.answers, run.cpu_us, run.per_s, run.connected_s), (500, 8.0, 250, 0.25))
        self.assertEqual(run.time_ns("response_time", 50), 1000)
        late = generators.contend_run(process.Ended(contend_json(all_connected_ns=None), "", 0, 1))
        self.assertEqual(late.connected_s, 2)

    def test_of_contend_nothing_may_be_wrong(self):
        for ended, stderr_text in (
                (process.Ended("", "contend: no such thing", 2, 0), "exit code 2: contend: no such"),
                (process.Ended(contend_json(errors={"reset": 3}, examples={"reset": "x"}), "", 0, 1),
                 "'reset': 3")):
            with self.assertRaisesRegex(RuntimeError, stderr_text):
                generators.contend_run(ended)

    def test_times(self):
        for words, seconds in (("2.08s", 2.08), ("3.83ms", 0.00383), ("538us", 0.000538),
                               ("1.50m", 90), ("1h", 3600)):
            self.assertAlmostEqual(generators.seconds_of(words), seconds)

    def test_what_is_not_there_is_shown(self):
        with self.assertRaisesRegex(RuntimeError, "unable to connect"):
            generators.read_wrk("unable to connect to 127.0.0.1:1 Connection refused")

    def test_commands_ask_all_for_the_same(self):
        load = Load(64, 3, pipeline=16)
        with mock.patch("contend.limits.servers.program", side_effect=lambda name: name):
            commands = [generators.contend_command("URL", load, "--expect", "200"),
                        *(peer.command("URL", load) for peer in generators.PEERS.values()
                          if peer.pipelines)]
        for command in commands:
            words = " ".join(command)
            for part in ("URL", "64", "3", "16"):
                self.assertIn(part, words)
        paced = generators.wrk2_command("URL", Load(64, 3, rate_per_s=20_000))
        self.assertIn("-R20000", paced)

    def test_floor(self):
        text = json.dumps({"answers": 500, "seconds": 2.01})
        self.assertEqual(generators.read_floor(text), (500, 0, 2.01, None))

    def test_peers_do_only_what_they_can(self):
        with mock.patch("shutil.which", side_effect=lambda name: name != "hey"), \
                mock.patch("contend.limits.servers.available_engines", return_value=(["epoll"], {"io_uring": "too old"})):
            self.assertEqual(generators.peers_for(Load(1, 1)),
                             (["wrk", "h2load", "gcannon"], ["floor", "hey"]))
            self.assertEqual(generators.peers_for(Load(1, 1, 16)), (["wrk", "h2load", "gcannon"], ["floor"]))
            self.assertEqual(generators.peers_for(Load(1, 1, rate_per_s=5)), (["wrk2"], []))


if __name__ == "__main__":
    unittest.main()
