"""scripts/attack.py: that it sees what is wrong, and a few cases of each part, as far as the release build and
strace are there."""

import contextlib
import copy
import io
import random
import sys
import unittest

import attack
from attacks import case, faults, hosts, kills, process, sums
from contend.limits import servers

PYTHON = [sys.executable, "-c"]
TIMES = {"count": 3}
LOAD = {"connections": 2, "pipeline": 1, "warm_up_ns": 0, "answered": 3, "failed_requests": 1, "unanswered": 1,
        "errors": {"reset": 1, "refused": 4}, "response_time": TIMES, "service_time": TIMES, "send_lag": {"count": 2},
        "arrivals": {"unsent": 2, "overdue": 1, "dropped": 1, "queued": 1, "max_waiting": 2, "queue_limit": 9},
        "seconds": [{"offered": 5, "sent": 3, "answered": 2, "in_flight": 1, "errors": {"refused": 4}},
                    {"offered": 3, "sent": 2, "answered": 1, "in_flight": 1, "errors": {"reset": 1}}]}


def quietly(part, cases):
    """What attack() finds, without what it prints."""
    with contextlib.redirect_stderr(io.StringIO()):
        return attack.attack(part, list(cases), 2, attack.Progress())


class Seen(unittest.TestCase):
    def test_sums_that_add_up(self):
        self.assertEqual(sums.wrong_sums(LOAD, None), [])

    def test_each_sum_that_does_not(self):
        for name, change in {"answered": 1, "failed_requests": 1, "unanswered": 1}.items():
            self.assertNotEqual(sums.wrong_sums({**LOAD, name: LOAD[name] + change}, None), [], name)
        for name in ("unsent", "dropped", "queued"):
            load = copy.deepcopy(LOAD)
            load["arrivals"][name] += 1
            self.assertNotEqual(sums.wrong_sums(load, None), [], name)
        for name in ("offered", "sent", "answered", "in_flight"):
            load = copy.deepcopy(LOAD)
            load["seconds"][1][name] += 1
            self.assertNotEqual(sums.wrong_sums(load, None), [], name)
        self.assertNotEqual(sums.wrong_sums({**LOAD, "errors": {}}, None), [])
        self.assertNotEqual(sums.wrong_sums(LOAD, 4), [], "more were sent than were asked for")

    def test_a_program_that_hangs(self):
        ended = process.run([*PYTHON, "import time; time.sleep(60)"], 0.2)
        self.assertIn("it hung and was killed", process.complaints(ended, "x"))

    def test_a_program_that_crashes_or_fails_without_a_word(self):
        for code, words in (("os.abort()", "it ended with -6"), ("sys.exit(1)", "did not say why"),
                            ("sys.exit(99)", "it ended with 99")):
            ended = process.run([*PYTHON, f"import os, sys; {code}"], 30)
            self.assertIn(words, " ".join(process.complaints(ended, "x")))

    def test_a_process_that_is_left_behind(self):
        grace, process.GRACE_SECONDS = process.GRACE_SECONDS, 0
        self.addCleanup(setattr, process, "GRACE_SECONDS", grace)
        ended = process.run([*PYTHON, "import os, time; os.fork() or (os.setsid(), time.sleep(60))"], 30)
        self.assertIn("it left behind", " ".join(process.complaints(ended, "x")))

    def test_a_case_that_fails_or_breaks_is_told(self):
        def broken():
            raise ValueError("no such thing")

        told = quietly("x", [case.Case("good", list), case.Case("bad", lambda: ["wrong"]), case.Case("ugly", broken)])
        self.assertEqual({one["name"]: one["complaints"] for one in told},
                         {"x: bad": ["wrong"], "x: ugly": ["the attack broke: ValueError: no such thing"]})

    def test_a_sample_is_spread_over_all(self):
        cases = [case.Case(str(n), list) for n in range(10)]
        self.assertEqual([one.name for one in attack.chosen(cases, 3, "")], ["0", "3", "6"])
        self.assertEqual([one.name for one in attack.chosen(cases, 3, "7")], ["7"])


class Tried(unittest.TestCase):
    """Bounded parts: the whole takes 10 minutes."""

    def setUp(self):
        try:
            servers.program("contend")
        except FileNotFoundError as error:
            self.skipTest(str(error))

    def try_some(self, part, cases, count, only=""):
        try:
            some = attack.chosen(cases, count, only)
        except case.Unavailable as reason:
            self.skipTest(str(reason))
        self.assertTrue(some)
        self.assertEqual(quietly(part, some), [])

    def test_faults(self):
        self.try_some("faults", faults.cases(random.Random(1), ["epoll", "io_uring", "load"]), 12)

    def test_hosts(self):
        self.try_some("hosts", hosts.cases(random.Random(1)), 3, "dies_")
        self.try_some("hosts", hosts.cases(random.Random(1)), 3, "lists ")

    def test_kills(self):
        self.try_some("kills", kills.cases(random.Random(1)), 8)

    def test_sums(self):
        self.try_some("sums", sums.cases(random.Random(1)), 8)


if __name__ == "__main__":
    unittest.main()
