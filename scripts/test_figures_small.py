"""Tests of the figures of small made-up results: they are drawn and legible, whatever is missing.

    cd scripts && /usr/bin/python3 -m unittest test_figures_small
"""
import unittest

from contend.report import summary
from testdata import make_result
from testdata.results import made
from testdata.sheets import FigureTest, draw_all, drawn


class Figures(FigureTest):
    def test_every_figure_of_one_sample_a_cell_is_legible(self):
        sheets = draw_all(made())
        self.assertNotIn("connections", sheets)
        self.assertGreaterEqual(len(sheets), 8)
        for name, sheet in sheets.items():
            self.assert_legible(name, sheet)

    def test_a_result_without_any_good_sample_draws_nothing_and_fails_nowhere(self):
        def fail(fields):
            for cell in fields["cells"]:
                cell.update(status="failed", reason="x", samples=0, metrics={})
            for sample in fields["samples"]:
                sample.update(status="failed", metrics={}, histograms={}, spans=[])
        result = made(fail)
        self.assertEqual(draw_all(result), {})
        self.assertIn("no engine did all", summary.compose(result, 64))

    def test_any_one_workload_alone_is_drawn(self):
        for name, *_ in make_result.WORKLOADS:
            def only(fields, name=name):
                fields["cells"] = [one for one in fields["cells"] if one["workload"] == name]
                fields["samples"] = [one for one in fields["samples"]
                                     if one["cell"].startswith(f"{name}/")]
            result = made(only)
            self.assertIn("throughput", draw_all(result))
            self.assertIn(f"## {name}", summary.compose(result, 64))

    def test_unfinished_spans_and_negative_memory_are_drawn(self):
        def change(fields):
            for sample in fields["samples"]:
                if len(sample["spans"]) > 1:
                    sample["spans"][-1].update(finish_ns=None, compute_ns=None, ok=False)
                    sample["spans"][-2].update(start_ns=None, finish_ns=None, ok=False)
            for cell in fields["cells"]:
                if cell["role"] == "serve" and cell["metrics"]:
                    cell["metrics"]["memory_per_connection_bytes"] = {
                        "median": -100, "low": None, "high": None}
        # The others don't read what is changed: they are drawn as in the test of one sample a cell.
        sheets = draw_all(made(change), ["fetch", "memory", "timeline"])
        self.assertGreater(len(sheets), 5)
        for name, sheet in sheets.items():
            self.assert_legible(name, sheet)

    def test_the_best_is_not_bold_where_the_load_held_it_back(self):
        def bold_rows(limited):
            def change(fields):
                for cell in fields["cells"]:
                    held = limited and cell["workload"] == "echo"
                    cell["client_limited_samples"] = cell["samples"] if held else 0
            axes = drawn("heatmap", made(change)).axes[0]
            return len({one.get_position()[1] for one in axes.texts
                        if one.get_fontweight() == "bold"})
        self.assertEqual(bold_rows(limited=False) - bold_rows(limited=True), 1)

    def test_the_course_is_drawn_and_legible(self):
        def of_the_course(fields):
            fields["run"]["suite"] = "course"
        sheets = dict(draw_all(made(of_the_course), ["course"]))
        self.assertGreaterEqual(set(sheets), {"course-fib", "course-fib-timeline"})
        for name, sheet in sheets.items():
            with self.subTest(name):
                self.assert_legible(name, sheet)


if __name__ == "__main__":
    unittest.main()
