"""Every outside engine that performs jobs. Try it:
    cd engines/external/python && CONTEND_ENGINE=$PWD/../../../build/release/contend-engine \
        /usr/bin/python3 -m unittest test_run
"""

import unittest

import testing
from testing import EngineTest, Host, eventually, plays, settings


class Run(EngineTest):
    def run_jobs(self, engine, workload, **parameters):
        with Host(engine, "run", workload, *settings(**parameters)) as host:
            report = self.assert_clean(host.wait())
        self.assertEqual(report["expected"], len(report["spans"]))
        self.assertEqual([span["lane"] for span in report["spans"]],
                         list(range(report["expected"])))
        for span in report["spans"]:
            self.assertTrue(span["ok"], span)
            self.assertLessEqual(0, span["start_ns"])
            self.assertLessEqual(span["start_ns"], span["compute_ns"])
            self.assertLessEqual(span["compute_ns"], span["finish_ns"])
            self.assertLessEqual(span["finish_ns"], report["wall_ns"])
        return report

    def waits_ms(self, report):
        return [(span["compute_ns"] - span["start_ns"]) / 1e6 for span in report["spans"]]

    @plays("run", "fib")
    def computes(self, engine):
        report = self.run_jobs(engine, "fib", n=12, n_step=2, jobs=4)
        self.assertEqual([span["result"] for span in report["spans"]], [89, 233, 610, 1597])
        self.assertGreater(report["peak_rss_bytes"], 1 << 20)
        report = self.run_jobs(engine, "fib", n=1, jobs=200)
        self.assertEqual({span["result"] for span in report["spans"]}, {0})
        report = self.run_jobs(engine, "counter", limit=100_000, jobs=3)
        self.assertEqual([span["result"] for span in report["spans"]], [100_000] * 3)

    @plays("run", "sleep")
    def waits(self, engine):
        report = self.run_jobs(engine, "sleep", jobs=4, wait_ms=30, step_ms=20)
        for waited, wanted in zip(self.waits_ms(report), (30, 50, 70, 90)):
            self.assertGreaterEqual(waited, wanted)
        report = self.run_jobs(engine, "fib", n=10, jobs=3, wait_ms=20)
        self.assertGreaterEqual(min(self.waits_ms(report)), 20)
        report = self.run_jobs(engine, "ticker", jobs=2, wait_ms=30, step_ms=10, ticks=3,
                               tick_ms=10)
        for waited, wanted in zip(self.waits_ms(report), (30, 40, 10, 20, 30)):
            self.assertGreaterEqual(waited, wanted)

    @plays("run", "blocked")
    def says_who_is_held_up(self, engine):
        # So long that a thread that waits for its turn has many of them, on a busy machine too.
        report = self.run_jobs(engine, "blocked", limit=10_000_000, jobs=2, wait_ms=1)
        finishes = [span["finish_ns"] for span in report["spans"]]
        others = engine in ("python-threads", "python-processes")
        self.assertEqual(finishes[2] == min(finishes), others, finishes)

    @plays("run", "sleep")
    def ends_when_told_to(self, engine):
        with Host(engine, "run", "sleep", *settings(jobs=3, wait_ms=30_000)) as host:
            self.assertTrue(eventually(lambda: testing.is_idle(host.process.pid)))
            end = host.stop()
            for span in self.assert_clean(end)["spans"]:
                self.assertIsNone(span["finish_ns"])
                self.assertFalse(span["ok"])
            self.assertLess(end[2], 1)

    @plays("run", "fib")
    def ends_in_time_though_a_job_would_not(self, engine):
        with Host(engine, "run", "fib", *settings(n=45, jobs=3)) as host:
            # node has no handler there, on purpose.
            eventually(lambda: testing.catches_sigterm(host.process.pid), 0.3)
            _, _, took, left = host.stop()
            self.assertLess(took, 1)
            self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
