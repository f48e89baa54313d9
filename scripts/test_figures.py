"""Tests of the figures, on made-up results: all are drawn, whatever is missing; nothing in them is
cut off or lies over something else; and what is wrong is said in a line.

    cd scripts && /usr/bin/python3 -m unittest test_figures
"""
import argparse
import functools
import importlib
import itertools
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

import plot_all
import plot_cpu
import summary
from charts.command import NothingToShow, draw_into
from charts.figure import COLOURS, bar_style, line_style
from charts.result import Result, Scenario
from test_charts import full, loaded, made
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


def changed(change) -> Result:
    """The large made-up result, changed in its JSON before it is loaded."""
    fields = make_result.make()
    change(fields)
    return loaded(fields)


def only_two_engines(fields) -> None:
    fields["engines"] = [one for one in fields["engines"] if one["name"] in ("threads", "epoll")]
    fields["cells"] = [one for one in fields["cells"] if one["engine"] in ("threads", "epoll")]
    kept = {one["id"] for one in fields["cells"]}
    fields["samples"] = [one for one in fields["samples"] if one["cell"] in kept]


@functools.cache
def with_outside() -> Result:
    """The large made-up result with eight outside engines more, not to be changed; of two rounds,
    since intervals of so many engines would take most of the tests' time."""
    fields = make_result.make(outside=True)
    fields["samples"] = [one for one in fields["samples"] if one["round"] < 2]
    return loaded(fields)


def drawn(name, result):
    """The figure of that name alone."""
    return dict(importlib.import_module(f"plot_{name}").draw(result, OPTIONS))[name]


class Figures(unittest.TestCase):
    def assert_legible(self, name, sheet):
        """Nothing is cut off at the page's edge, no two texts lie over each other."""
        sheet.place()
        figure = sheet.figure
        page = figure.bbox
        found = texts_of(figure)
        self.assertGreater(len(found), 10)
        for words, box in found:
            self.assertNotIn("\\math", words)
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

    def test_words_from_outside_are_no_formulas(self):
        words = r"$\frac{1$ of $x^2$"
        sheet = drawn("throughput", made(lambda one: one["machine"].update(cpu_model=words)))
        with tempfile.TemporaryDirectory() as directory:
            sheet.save(Path(directory), "throughput")
        self.assertTrue(any(words in one for one, _ in texts_of(sheet.figure)))

    def test_a_matplotlibrc_in_the_current_folder_changes_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "matplotlibrc").write_text(
                "text.usetex: True\nlines.linewidth: 99\n")
            found = subprocess.run(
                [sys.executable, "-c", "import charts.figure, matplotlib\n"
                 "print(*map(matplotlib.rcParams.get, ['text.usetex', 'lines.linewidth']))"],
                cwd=directory, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True,
                check=True)
        self.assertEqual(found.stdout, "False 1.5\n")

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

    def words_of(self, name, sheet):
        """All that a sheet says, once it is placed and found legible."""
        self.assert_legible(name, sheet)
        return [words for words, _ in texts_of(sheet.figure)]

    def test_figures_say_what_was_computed_and_where(self):
        sheets = {name: sheet for module in ("throughput", "timeline", "memory") for name, sheet in
                  importlib.import_module(f"plot_{module}").draw(full(), OPTIONS)}
        said = {name: "\n".join(self.words_of(name, sheets[name])) for name in
                ("throughput", "timeline-fib", "timeline-fetch", "memory")}
        self.assertIn("jobs = 12, n = 30", said["throughput"].replace("\u00a0", " "))
        self.assertIn("jobs = 12, n = 30. The jobs of", said["timeline-fib"])
        self.assertIn("White before a line", said["timeline-fetch"].replace("\n", " "))
        self.assertIn("load on CPU 1; jobs on both", said["throughput"])
        self.assertIn("load on CPU 1; jobs on both", said["timeline-fib"])
        self.assertNotIn("jobs on both", said["memory"])

    def test_memory_of_starved_connections_is_pale_and_that_of_closed_ones_left_out(self):
        sheet = drawn("memory", full())
        words = self.words_of("memory", sheet)
        self.assertFalse([one for one in words if "churn" in one])
        self.assertTrue([one for one in words if one.startswith("≥ 1.") and "◐" in one])
        pale = {line.get_alpha() for line in sheet.axes[0].lines if line.get_marker() == "o"}
        self.assertEqual(len(pale), 1)
        self.assertLess(pale.pop(), 1)

        def small(fields):
            for cell in fields["cells"]:
                if "memory_per_connection_bytes" in cell["metrics"]:
                    cell["metrics"]["memory_per_connection_bytes"]["median"] = 0
        words = self.words_of("memory", drawn("memory", changed(small)))
        self.assertIn("not told ◐", words)
        self.assertIn("under 32 B", "\n".join(words))

    def test_the_dearest_is_of_all_that_were_measured(self):
        scenario = Scenario("echo", "", 64)
        self.assertEqual(plot_cpu.cheapest(full(), scenario), "least: io_uring, most: fork with 2.8 ×")

        def starve(fields):
            for cell in fields["cells"]:
                if cell["engine"] == "fork" and "fairness_jain" in cell["metrics"]:
                    cell["metrics"]["fairness_jain"]["median"] = 0.1
        self.assertEqual(plot_cpu.cheapest(changed(starve), scenario),
                         "least: io_uring, most: fork with 2.8 ×")

    def test_the_closer_look_has_room_for_the_bands(self):
        def widen(fields):
            for cell in fields["cells"]:
                if cell["id"] == "fetch/epoll/256":
                    cell["metrics"]["wall_ns"]["high"] = 4 * cell["metrics"]["wall_ns"]["median"]
        result = changed(widen)
        sheet = drawn("fetch", result)
        high = result.cell("epoll", Scenario("fetch", "", 256)).interval("wall_ns").high
        self.assertGreater(sheet.axes[1].get_ylim()[1], high)

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

    def test_whiskers_of_one_percentile_stand_around_it(self):
        for change in (lambda fields: None, only_two_engines):
            axes = drawn("latency", changed(change)).axes[0]
            places = {bar.get_segments()[0][0][0] for bar in axes.collections}
            medians = [one for one in places if one < 2.5]
            self.assertGreaterEqual(len(medians), 2)
            self.assertAlmostEqual((min(medians) + max(medians)) / 2, 2)

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

    def test_every_figure_with_outside_engines_is_legible_and_tells_them_apart(self):
        names = {engine.name: engine.outside for engine in with_outside().engines}
        self.assertEqual(len(names), 15)
        for figure, sheet in self.draw_all(with_outside()).items():
            self.assert_legible(figure, sheet)
            said = [words.get_text() for words in sheet.figure.findobj(Text) if words.get_visible()]
            self.assertEqual(len([one for one in said if "outside engines" in one]), 1, figure)
            found = {one.get_text(): one.get_style() == "italic"
                     for one in sheet.figure.findobj(Text)
                     if one.get_visible() and one.get_text() in names}
            self.assertEqual(found, names, figure)

    def test_outside_engines_are_outlined_and_dashed_and_like_no_other(self):
        engines = with_outside().engines
        self.assertEqual(len({(line_style(one)["color"], line_style(one)["marker"])
                              for one in engines}), 15)
        self.assertEqual({one.outside: str(line_style(one)["linestyle"]) for one in engines},
                         {False: "-", True: "(0, (3.5, 1.3))"})
        for one in engines:
            self.assertEqual("edgecolor" in bar_style(one), one.outside)

    def test_outside_engines_change_no_look_of_ours(self):
        with_them = {one.name: str(line_style(one)) for one in with_outside().engines}
        for one in full().engines:
            self.assertEqual(str(line_style(one)), with_them[one.name])

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

    def test_the_course_is_drawn_and_legible(self):
        def of_the_course(fields):
            fields["run"]["suite"] = "course"
        sheets = dict(importlib.import_module("plot_course").draw(made(of_the_course), OPTIONS))
        self.assertGreaterEqual(set(sheets), {"course-fib", "course-fib-timeline"})
        for name, sheet in sheets.items():
            with self.subTest(name):
                self.assert_legible(name, sheet)

    def test_no_engine_is_named_in_the_code(self):
        words = {f'"{one[0]}"' for one in make_result.ENGINES + make_result.OUTSIDE}
        for path in [*SCRIPTS.glob("plot_*.py"), *SCRIPTS.glob("charts/*.py"),
                     SCRIPTS / "summary.py"]:
            for word in words if path.name != "plot_all.py" else []:  # it forks, in Python's words
                self.assertNotIn(word, path.read_text(), path.name)


class Commands(unittest.TestCase):
    def run_script(self, *arguments):
        return subprocess.run([sys.executable, *arguments], cwd=SCRIPTS, capture_output=True,
                              text=True, timeout=100)

    def assert_refused(self, script, directory, message, exit_code=2):
        done = self.run_script(script, str(directory))
        self.assertEqual(done.returncode, exit_code, done.stderr)
        self.assertRegex(done.stderr, message)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_errors_are_one_line_and_exit_code_2(self):
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "result.json"
            for script in ("plot_throughput.py", "plot_all.py", "summary.py"):
                self.assert_refused(script, directory, "result.json: No such file")
            path.write_text("{")
            self.assert_refused("plot_cpu.py", directory, "is not JSON")
            for script in ("plot_cpu.py", "plot_load.py", "report.py", "validate.py"):
                path.write_text("[" * 60_000 + "]" * 60_000)
                self.assert_refused(script, path if script == "plot_load.py" else directory,
                                    "nested too deep", 1 if script == "validate.py" else 2)
            # As deep as Python reads, in the place of a name.
            fields = make_result.make(smoke=True)
            fields["cells"][0]["role"] = "DEEP"
            path.write_text(json.dumps(fields).replace('"DEEP"', "[" * 900 + "]" * 900))
            self.assert_refused("plot_cpu.py", directory, "role: an array is none of")
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
