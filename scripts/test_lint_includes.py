"""Includes that run against the direction of knowledge, and circles of files, are found."""

import os
import pathlib
import unittest

import lint_includes


class Direction(unittest.TestCase):
    def test_runs_down_only(self):
        lines = lint_includes.against_the_direction("harness/stats/holm.hpp", ["harness/load/run.hpp"])
        self.assertEqual(lines, ["harness/stats/holm.hpp: harness/stats must not include harness/load/run.hpp"])
        self.assertEqual(lint_includes.against_the_direction("harness/load/run.hpp", ["harness/stats/holm.hpp"]), [])

    def test_holds_between_neighbours_and_for_all_that_lies_below(self):
        for path, other in (("engines/epoll.cpp", "harness/base/json.hpp"), ("workloads/echo.cpp", "engines/net.hpp"),
                            ("harness/process/child.cpp", "harness/stats/holm.hpp"),
                            ("harness/history/store.cpp", "harness/export/format.hpp"),
                            ("harness/load/search/sweep.cpp", "harness/bench/suite.hpp")):
            self.assertEqual(len(lint_includes.against_the_direction(path, [other])), 1, path)

    def test_is_free_within_a_folder_and_those_in_it(self):
        self.assertEqual(lint_includes.against_the_direction("harness/load/search/sweep.cpp",
                                                             ["harness/load/schedule/schedule.hpp"]), [])


class Circles(unittest.TestCase):
    def test_are_found_however_long(self):
        graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": set(), "e": {"f"}, "f": {"e"}}
        self.assertEqual(lint_includes.circles(graph), [["a", "b", "c"], ["e", "f"]])

    def test_are_not_seen_where_there_are_none(self):
        self.assertEqual(lint_includes.circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}), [])


class Tree(unittest.TestCase):
    def test_has_none_of_both(self):
        os.chdir(pathlib.Path(__file__).resolve().parent.parent)
        self.assertEqual(lint_includes.faults(), [])
        self.assertGreater(len(lint_includes.sources()), 200)


if __name__ == "__main__":
    unittest.main()
