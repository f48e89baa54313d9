"""Tests of the arguments, the manifests, the lists of jobs and the fetching client; next to no host is
started."""

import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import fetch_client
import jobs
import protocol
import testing

PLAYABLE = {"serve": print, "drive": print, "run": print}


class Arguments(unittest.TestCase):
    def test_are_complete(self):
        given = protocol.parse(["serve", "me", "echo", "--set", "requests=3", "--set", "requests=4"],
                               **PLAYABLE)
        self.assertEqual(given.listen, ("127.0.0.1", 0))
        self.assertEqual(given.max_connections, 16384)
        self.assertEqual(given.parameters["requests"], 4)
        self.assertEqual(given.parameters["size_bytes"], 64)
        given = protocol.parse(["drive", "me", "fetch", "--connect", "[::1]:80", "--clients", "5"],
                               **PLAYABLE)
        self.assertEqual((given.connect, given.clients), (("::1", 80), 5))
        self.assertEqual(protocol.parse(["serve", "me", "echo", "--listen", "localhost:1"],
                                        **PLAYABLE).listen, ("127.0.0.1", 1))

    def test_are_refused_where_they_are_wrong(self):
        serve, drive, run = (["serve", "me", "echo"], ["drive", "me", "fetch"], ["run", "me", "fib"])
        for arguments in (
                [], ["list"], ["serve"], ["serve", "me"], ["serve", "me", "fib"], ["run", "me", "echo"],
                ["serve", "me", "fetch"], ["serve", "me", "x"], [*serve, "more"], [*serve, "--list", "1"],
                [*serve, "--workers", "1"], [*serve, "--listen"], [*serve, "--listen", "7777"],
                [*serve, "--listen", "here:1"], [*serve, "--listen", "127.0.0.1:65536"],
                [*serve, "--listen", "127.0.0.1:+1"], [*serve, "--listen", "1.2:1"],
                [*serve, "--listen", "unix:/tmp/x"], [*serve, "--max-connections", "0"],
                [*serve, "--max-connections", "1_0"], [*serve, "--max-connections", "x"],
                [*serve, "--set", "requests"], [*serve, "--set", "requests="],
                [*serve, "--set", "requests=x"], [*serve, "--set", "requests=1.0"],
                [*serve, "--set", "requests= 1"], [*serve, "--set", "requests=٣"],
                [*serve, "--set", "requests=0"], [*serve, "--set", "requests=1000001"],
                [*serve, "--set", "requests=99999999999999999999"], [*serve, "--set", "=1"],
                [*serve, "--set", "bytes=1"], drive, [*drive, "--connect", "127.0.0.1:1", "--clients", "0"],
                [*run, "--set", "n=46"], [*run, "--listen", "127.0.0.1:0"]):
            with self.subTest(arguments=arguments), self.assertRaises(protocol.WrongUse) as refused:
                protocol.parse(arguments, **PLAYABLE)
            self.assertNotIn("\n", str(refused.exception))

    def test_a_role_that_an_engine_has_not_is_refused(self):
        with self.assertRaises(protocol.WrongUse):
            protocol.parse(["run", "me", "fib"], serve=print, run=None)


class Manifests(unittest.TestCase):
    def test_say_what_there_is(self):
        self.assertGreaterEqual(len(testing.MANIFESTS), 8)
        for engine, manifest in testing.MANIFESTS.items():
            with self.subTest(engine=engine):
                self.assertEqual(set(manifest), {"summary", "command", "needs", "plays"})
                self.assertLessEqual(set(manifest["plays"]), {"serve", "drive", "run", "lesson"})
                for role, workloads in manifest["plays"].items():
                    for workload in workloads:
                        self.assertEqual(protocol.WORKLOADS[workload]["role"], role)
                for word in manifest["command"][1:]:
                    if not word.startswith("-"):
                        self.assertTrue((testing.EXTERNAL / engine / word).is_file(), word)

    @unittest.skipUnless(testing.CONTEND_ENGINE, "CONTEND_ENGINE does not name contend's engine")
    def test_workloads_are_known_as_contend_has_them(self):
        listed = json.loads(subprocess.run([testing.CONTEND_ENGINE, "list"], check=True,
                                           capture_output=True, text=True).stdout)["workloads"]
        for workload in listed:
            if workload["name"] not in protocol.WORKLOADS:
                continue  # no outside engine plays it
            known = protocol.WORKLOADS[workload["name"]]
            self.assertEqual(known["role"], workload["role"])
            for parameter in workload["parameters"]:
                self.assertEqual(
                    known["parameters"][parameter["name"]],
                    [parameter["default"], parameter["minimum"], parameter["maximum"]],
                    (workload["name"], parameter["name"]))

    def test_no_nginx_is_said_so(self):
        spec = importlib.util.spec_from_file_location("host", testing.EXTERNAL / "nginx/host.py")
        host = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(host)
        with mock.patch.object(host, "find_program", return_value=None), \
                mock.patch.object(sys, "argv", ["host.py", "serve", "nginx", "http"]), \
                self.assertRaisesRegex(protocol.Unavailable, "install the package nginx-light"):
            host.report()


    def test_no_uvloop_is_said_so(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "uvloop.py").write_text("raise ImportError('not there')\n")
            for engine in ("python-uvloop", "python-uvloop-protocol"):
                with testing.Host(engine, "serve", "echo", environment={"PYTHONPATH": folder}) as host:
                    self.assertEqual(host.wait()[0], 77)
                    self.assertIn("install the package python3-uvloop", host.complaints)


class Jobs(unittest.TestCase):
    @staticmethod
    def waits_of(workload, **given):
        return [round(job.wait_s * 1000) for job in jobs.jobs_of(workload, given)]

    def test_are_those_of_the_workload(self):
        fib = jobs.jobs_of("fib", dict(n=10, n_step=5, jobs=3, wait_ms=7))
        self.assertEqual([job.argument for job in fib], [10, 15, 20])
        self.assertEqual([job.expected for job in fib], [34, 377, 4181])
        self.assertEqual([job.wait_s for job in fib], [0.007] * 3)
        self.assertEqual([jobs.fib(n) for n in range(1, 20)],
                         [jobs.fib_by_adding(n) for n in range(1, 20)])
        self.assertEqual(jobs.fib_by_adding(40), 63_245_986)
        self.assertEqual(self.waits_of("sleep", jobs=3, wait_ms=10, step_ms=5), [10, 15, 20])
        self.assertEqual(self.waits_of("ticker", jobs=2, wait_ms=300, step_ms=100, ticks=3, tick_ms=50),
                         [300, 400, 50, 100, 150])
        blocked = jobs.jobs_of("blocked", dict(limit=9, jobs=2, wait_ms=4))
        self.assertEqual([job.expected for job in blocked], [9, 9, 0])
        self.assertEqual([job.compute for job in blocked], [jobs.count, jobs.count, None])
        self.assertEqual(jobs.count(1000), 1000)

    def test_that_do_not_fit_are_refused(self):
        with self.assertRaisesRegex(ValueError, "45 is the largest"):
            jobs.jobs_of("fib", dict(n=40, n_step=2, jobs=4, wait_ms=0))


class FetchClient(unittest.TestCase):
    HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\n"
    GOOD = HEAD + b"Hello, world!"

    @staticmethod
    def outcome(answer, cuts=()):
        """Of a client that gets this, cut there, and then the end; None where it is right."""
        slot = protocol.shared_slots(1, fetch_client.SLOT_SIZE)[0]
        client = fetch_client.Client({"delay_ms": 5, "timeout_ms": 100}, slot)
        client.begin()
        ends = [*cuts, len(answer)]
        for begin, end in zip([0, *cuts], ends):
            if begin < end and client.receive(answer[begin:end]):
                return client.error
        assert client.receive(b"")
        return client.error

    def test_judges_whatever_the_cuts(self):
        cases = [(self.GOOD, None), (self.GOOD[:-1], "closed_early"), (b"", "closed_early"),
                 (self.HEAD + b"Hello, World!", "wrong_body"), (self.GOOD.replace(b"200", b"500"),
                                                                "wrong_status"),
                 (self.GOOD.replace(b"HTTP/1.1", b"HTTQ/1.1"), "malformed"),
                 (self.GOOD.replace(b"Content-Length: 13\r\n", b""), "malformed"),
                 (b"x" * 20_000, "malformed")]
        for answer, outcome in cases:
            self.assertEqual(self.outcome(answer), outcome, answer)
            for cut in range(1, min(len(answer), 200)):
                self.assertEqual(self.outcome(answer, [cut]), outcome, (answer, cut))
            everywhere = range(1, min(len(answer), 200))
            self.assertEqual(self.outcome(answer, everywhere), outcome, answer)
        self.assertEqual(self.outcome(self.GOOD + b"!"), "malformed")

    def test_names_what_failed(self):
        def client(begins):
            slot = protocol.shared_slots(1, fetch_client.SLOT_SIZE)[0]
            one = fetch_client.Client({"delay_ms": 5, "timeout_ms": 100}, slot)
            if begins:
                one.begin()
            return one
        for begins, error, kind in ((False, ConnectionRefusedError(), "refused"),
                                    (False, TimeoutError(), "refused"),
                                    (True, TimeoutError(), "timed_out"),
                                    (True, ConnectionResetError(), "reset"),
                                    (True, BrokenPipeError(), "reset")):
            one = client(begins)
            one.fail(error)
            self.assertEqual(one.error, kind)
            self.assertGreater(one.finish_ns, 0)


if __name__ == "__main__":
    unittest.main()
