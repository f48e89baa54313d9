"""Tests of the figures of a large made-up result: all are drawn, nothing in them is cut off or lies over
something else, and they say what they should. Small results: test_figures_small.py; many engines:
test_figures_engines.py; the programs: test_plot_commands.py.

    cd scripts && /usr/bin/python3 -m unittest test_figures
"""
import unittest

from contend.figures import cpu
from contend.results.result import Scenario
from testdata.results import changed, full
from testdata.sheets import FigureTest, drawn, placed_figures


def only_two_engines(fields) -> None:
    fields["engines"] = [one for one in fields["engines"] if one["name"] in ("threads", "epoll")]
    fields["cells"] = [one for one in fields["cells"] if one["engine"] in ("threads", "epoll")]
    kept = {one["id"] for one in fields["cells"]}
    fields["samples"] = [one for one in fields["samples"] if one["cell"] in kept]


class Figures(FigureTest):
    def test_every_figure_of_a_full_result_is_legible(self):
        figures = placed_figures(full)
        self.assertEqual(set(figures), {
            "throughput", "latency", "cpu", "connections", "memory", "fetch", "heatmap",
            "timeline-fetch", "timeline-fib", "timeline-counter", "timeline-sleep"})
        for name, (sheet, words) in figures.items():
            self.assert_legible(name, sheet, words)

    def test_figures_say_what_was_computed_and_where(self):
        said = {name: "\n".join(one.text for one in words)
                for name, (_, words) in placed_figures(full).items()}
        self.assertIn("jobs = 12, n = 30", said["throughput"].replace("\u00a0", " "))
        self.assertIn("jobs = 12, n = 30. The jobs of", said["timeline-fib"])
        self.assertIn("White before a line", said["timeline-fetch"].replace("\n", " "))
        self.assertIn("load on CPU 1; jobs on both", said["throughput"])
        self.assertIn("load on CPU 1; jobs on both", said["timeline-fib"])
        self.assertNotIn("jobs on both", said["memory"])

    def test_memory_of_starved_connections_is_pale_and_that_of_closed_ones_left_out(self):
        sheet, words = placed_figures(full)["memory"]
        words = [one.text for one in words]
        self.assertFalse([one for one in words if "churn" in one])
        self.assertTrue([one for one in words if one.startswith("≥ 1.") and "◐" in one])
        pale = {line.get_alpha() for line in sheet.axes[0].lines if line.get_marker() == "o"}
        self.assertEqual(len(pale), 1)
        self.assertLess(pale.pop(), 1)

        def small(fields):
            for cell in fields["cells"]:
                if "memory_per_connection_bytes" in cell["metrics"]:
                    cell["metrics"]["memory_per_connection_bytes"]["median"] = 0
        words = self.assert_legible("memory", drawn("memory", changed(small, "echo")))
        self.assertIn("not told ◐", words)
        self.assertIn("under 32 B", "\n".join(words))

    def test_the_dearest_is_of_all_that_were_measured(self):
        scenario = Scenario("echo", "", 64)
        self.assertEqual(cpu.cheapest(full(), scenario), "least: io_uring, most: fork with 2.8 ×")

        def starve(fields):
            for cell in fields["cells"]:
                if cell["engine"] == "fork" and "fairness_jain" in cell["metrics"]:
                    cell["metrics"]["fairness_jain"]["median"] = 0.1
        self.assertEqual(cpu.cheapest(changed(starve, "echo"), scenario),
                         "least: io_uring, most: fork with 2.8 ×")

    def test_the_closer_look_has_room_for_the_bands(self):
        def widen(fields):
            for cell in fields["cells"]:
                if cell["id"] == "fetch/epoll/256":
                    cell["metrics"]["wall_ns"]["high"] = 4 * cell["metrics"]["wall_ns"]["median"]
        result = changed(widen, "fetch")
        sheet = drawn("fetch", result)
        high = result.cell("epoll", Scenario("fetch", "", 256)).interval("wall_ns").high
        self.assertGreater(sheet.axes[1].get_ylim()[1], high)

    def test_whiskers_of_one_percentile_stand_around_it(self):
        for sheet in (placed_figures(full)["latency"][0],
                      drawn("latency", changed(only_two_engines, "echo"))):
            axes = sheet.axes[0]
            places = {bar.get_xdata()[0] for bar in axes.lines if bar.get_marker() == "_"}
            medians = [one for one in places if one < 2.5]
            self.assertGreaterEqual(len(medians), 2)
            self.assertAlmostEqual((min(medians) + max(medians)) / 2, 2)


if __name__ == "__main__":
    unittest.main()
