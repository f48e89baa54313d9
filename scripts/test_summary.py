"""Tests of summary.md, on made-up results.

    cd scripts && /usr/bin/python3 -m unittest test_summary
"""
import functools
import unittest

from contend.report import summary
from contend.results import text
from testdata.results import full, made


@functools.cache
def summary_of_full() -> str:
    return summary.compose(full(), 64)


class Summary(unittest.TestCase):
    def test_tables_are_whole_and_fit_a_terminal(self):
        words = summary_of_full()
        lines = words.splitlines()
        self.assertIn("- **echo · 64 connections**: client-limited: no order", words)
        self.assertIn("- **http · 64 connections**: io_uring leads", words)
        self.assertIn("seed 123", words)
        self.assertIn("the host ended by signal 11", words)
        for line, following in zip(lines, lines[1:]):
            if line.startswith("|") and following.startswith("|"):
                self.assertEqual(line.count("|"), following.count("|"))
                self.assertEqual(len(line), len(following))
                self.assertLessEqual(len(line), 110)

    def test_what_was_computed_stands_under_the_heading(self):
        words = summary_of_full()
        self.assertIn("## fib\n\nmade up\n\njobs = 12, n = 30\n", words)
        self.assertIn("## mixed\n\nmade up\n\nheavy_percent = 10, fib_n = 27; windows of 150 ms\n",
                      words)
        self.assertIn("jobs on both", words)

    def test_how_many_samples_were_client_limited_is_said(self):
        self.assertRegex(summary_of_full(),
                         r"- io_uring ‡ client-limited in 10 of 10 samples \(.*echo · 64 conn")

    def test_memory_of_connections_that_engines_do_not_hold_is_no_memory_of_one(self):
        words = summary_of_full()
        churn = words.partition("## http, churn\n")[2].partition("\n## ")[0]
        self.assertNotIn("memory/conn.", churn)
        echo = words.partition("## echo\n")[2].partition("\n## ")[0]
        self.assertRegex(echo, r"blocking ◐ .* ≥ 1\.\d\d KiB ")
        self.assertRegex(echo, r"threads .* [^≥] 1\d\.\d KiB ")

    def test_outside_engines_are_in_italics(self):
        words = summary.compose(made(lambda one: one["engines"][1].update(outside=True)), 64)
        self.assertIn("Names in *italics* are outside engines", words)
        self.assertRegex(words, r"\n\| \*threads\* +\|")
        self.assertNotIn("italics", summary_of_full())

    def test_words_from_outside_are_no_markup(self):
        evil = "<script>alert(1)</script>|[x](y)\n# Fake **bold** \x1b[2J @all $x$"

        def change(fields):
            fields["run"]["suite"] = "a"
            fields["machine"]["cpu_model"] = fields["machine"]["kernel"] = evil
            for workload in fields["workloads"]:
                workload["summary"] = evil
            fields["cells"][0].update(reason=evil, status="failed", metrics={})
        words = summary.compose(made(change), 64)
        for markup in ("<script", "](y)", "|[", "\n# Fake", "**bold", "\x1b", "@all", "$x$"):
            self.assertNotIn(markup, words)
        self.assertIn("&#60;script&#62;alert(1)", words)

    def test_words_stay_as_they_are_where_they_are_no_markup(self):
        for words in ("io_uring, size_bytes = 64", "Xeon(R) @ 2.20GHz, 2 cores", "C# · 1.5 ×",
                      "made up: 50 % (and so on)."):
            self.assertEqual(text.markdown(words), words)
        self.assertEqual(text.markdown("1. one"), "1&#46; one")
        self.assertEqual(text.markdown("- one"), "&#45; one")
        self.assertEqual(text.markdown("www.x.y http://z #1"),
                         "www&#46;x.y http&#58;//z &#35;<!---->1")

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


if __name__ == "__main__":
    unittest.main()
