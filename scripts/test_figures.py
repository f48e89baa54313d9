"""Tests of the figures, on made-up results: all are drawn, whatever is missing; nothing in them is
cut off or lies over something else; and what is wrong is said in a line.

    cd scripts && /usr/bin/python3 -m unittest test_figures
"""
import argparse
import importlib
import itertools
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import plot_all
import summary
from charts.command import NothingToShow, draw_into
from charts.figure import COLOURS, line_style
from test_charts import full, made
from testdata import make_result

SCRIPTS = Path(__file__).resolve().parent
OPTIONS = argparse.Namespace(connections=64)


def texts_of(figure):
    """Every piece of text that is really drawn, with where it is in pixels."""
    drawn = []
    draw = Text.draw

    def record(one, renderer, *arguments, **more):
        if one.get_visible() and one.get_text().strip():
            drawn.append((one.get_text(), one.get_window_extent(renderer)))
        draw(one, renderer, *arguments, **more)

    with mock.patch.object(Text, "draw", record):
        FigureCanvasAgg(figure).draw()
    return drawn


class Figures(unittest.TestCase):
    def assert_legible(self, name, sheet):
        """Nothing is cut off at the page's edge, no two texts lie over each other."""
        sheet.place()
        figure = sheet.figure
        page = figure.bbox
        found = texts_of(figure)
        self.assertGreater(len(found), 10)
        for words, box in found:
            self.assertTrue(box.x0 >= 0 and box.x1 <= page.x1 and box.y0 >= 0 and
                            box.y1 <= page.y1, f"{name}: cut off: {words!r}")
        for (first, a), (second, b) in itertools.combinations(found, 2):
            across = min(a.x1, b.x1) - max(a.x0, b.x0)
            along = min(a.y1, b.y1) - max(a.y0, b.y0)
            # Boxes have room for letters that go below the line: 3 pixels of it may be shared.
            self.assertFalse(across > 1 and along > 3,
                             f"{name}: {first!r} lies over {second!r}")

    def draw_all(self, result):
        names = {}
        for module in plot_all.figures():
            try:
                for name, sheet in importlib.import_module(module).draw(result, OPTIONS):
                    names[name] = sheet
            except NothingToShow as nothing:
                self.assertTrue(str(nothing))
        return names

    def test_every_figure_of_a_full_result_is_legible(self):
        sheets = self.draw_all(full())
        self.assertEqual(set(sheets), {
            "throughput", "latency", "cpu", "connections", "memory", "fetch", "heatmap",
            "timeline-fetch", "timeline-fib", "timeline-counter", "timeline-sleep"})
        for name, sheet in sheets.items():
            self.assert_legible(name, sheet)

    def test_every_figure_of_one_sample_a_cell_is_legible(self):
        sheets = self.draw_all(made())
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
        self.assertEqual(self.draw_all(result), {})
        self.assertIn("no engine did all", summary.compose(result, 64))

    def test_any_one_workload_alone_is_drawn(self):
        for name, *_ in make_result.WORKLOADS:
            def only(fields, name=name):
                fields["cells"] = [one for one in fields["cells"] if one["workload"] == name]
                fields["samples"] = [one for one in fields["samples"]
                                     if one["cell"].startswith(f"{name}/")]
            result = made(only)
            self.assertIn("throughput", self.draw_all(result))
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
        for name, sheet in self.draw_all(made(change)).items():
            self.assert_legible(name, sheet)

    def test_eleven_engines_get_different_looks(self):
        def more(fields):
            for index in range(4):
                fields["engines"].insert(0, fields["engines"][0] | {"name": f"outside-{index}"})
                fields["cells"].append(fields["cells"][0] | {
                    "engine": f"outside-{index}", "id": f"echo/outside-{index}/1"})
        result = made(more)
        self.assertEqual(len(result.engines), 11)
        looks = [str(line_style(one)) for one in result.engines]
        self.assertEqual(len(set(looks)), 11)
        self.assertGreaterEqual(len(set(COLOURS)), 8)
        for name, sheet in self.draw_all(result).items():
            self.assert_legible(name, sheet)

    def test_files(self):
        result = made()
        with tempfile.TemporaryDirectory() as directory:
            lines = draw_into(Path(directory), "cpu", importlib.import_module("plot_cpu").draw,
                              result, OPTIONS)
            self.assertEqual(lines, [f"{directory}/cpu.png"])
            self.assertEqual((Path(directory) / "cpu.png").read_bytes()[:4], b"\x89PNG")
            self.assertIn("<svg", (Path(directory) / "cpu.svg").read_text())
            lines = draw_into(Path(directory), "connections",
                              importlib.import_module("plot_connections").draw, result, OPTIONS)
            self.assertIn("connections: not drawn: no workload", lines[0])

    def test_no_engine_is_named_in_the_code(self):
        words = {f'"{one[0]}"' for one in make_result.ENGINES}
        for path in [*SCRIPTS.glob("plot_*.py"), *SCRIPTS.glob("charts/*.py"),
                     SCRIPTS / "summary.py"]:
            for word in words if path.name != "plot_all.py" else []:  # it forks, in Python's words
                self.assertNotIn(word, path.read_text(), path.name)


class Commands(unittest.TestCase):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, *arguments], cwd=SCRIPTS, capture_output=True,
                              text=True, timeout=100)

    def assert_refused(self, script, directory, message):
        done = self.run_script(script, str(directory))
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, message)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_errors_are_one_line_and_exit_code_2(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "result.json"
            for script in ("plot_throughput.py", "plot_all.py", "summary.py"):
                self.assert_refused(script, directory, "result.json: No such file")
            path.write_text("{")
            self.assert_refused("plot_cpu.py", directory, "is not JSON")
            path.write_text('{"schema_version": 9}')
            self.assert_refused("plot_cpu.py", directory, "schema version 9")

    def test_plot_all_draws_every_figure_and_writes_the_summary(self):
        with tempfile.TemporaryDirectory() as directory:
            make_result.write(Path(directory), smoke=True)
            done = self.run_script("plot_all.py", directory)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("connections: not drawn", done.stdout)
            drawn = {path.stem for path in (Path(directory) / "charts").glob("*.png")}
            self.assertEqual(drawn, {path.stem for path in
                                     (Path(directory) / "charts").glob("*.svg")})
            self.assertIn("heatmap", drawn)
            self.assertIn("## echo", (Path(directory) / "summary.md").read_text())


if __name__ == "__main__":
    unittest.main()
