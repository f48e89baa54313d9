"""Tests of what the plot scripts write, and of what they say where they can't.

    cd scripts && /usr/bin/python3 -m unittest test_plot_commands
"""
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from contend.figures.drawing import draw_into
from testdata import programs
from testdata.results import fields_of, made
from testdata.sheets import OPTIONS, drawn, words_of

SCRIPTS = Path(__file__).resolve().parent


class Files(unittest.TestCase):
    def test_words_from_outside_are_no_formulas(self):
        words = r"$\frac{1$ of $x^2$"
        sheet = drawn("throughput", made(lambda one: one["machine"].update(cpu_model=words)))
        with tempfile.TemporaryDirectory() as directory:
            sheet.save(Path(directory), "throughput")
        self.assertTrue(any(words in one.text for one in words_of(sheet.figure)))

    def test_a_matplotlibrc_in_the_current_folder_changes_nothing(self):
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "matplotlibrc").write_text(
                "text.usetex: True\nlines.linewidth: 99\n")
            found = subprocess.run(
                [sys.executable, "-c", "import contend.figures.sheet, matplotlib\n"
                 "print(*map(matplotlib.rcParams.get, ['text.usetex', 'lines.linewidth']))"],
                cwd=directory, env={"PYTHONPATH": str(SCRIPTS)}, capture_output=True, text=True,
                check=True)
        self.assertEqual(found.stdout, "False 1.5\n")

    def test_files(self):
        result = made()
        with tempfile.TemporaryDirectory() as directory:
            lines = draw_into(Path(directory), "cpu", result, OPTIONS)
            self.assertEqual(lines, [f"{directory}/cpu.png"])
            self.assertEqual((Path(directory) / "cpu.png").read_bytes()[:4], b"\x89PNG")
            self.assertIn("<svg", (Path(directory) / "cpu.svg").read_text())
            lines = draw_into(Path(directory), "connections", result, OPTIONS)
            self.assertIn("connections: not drawn: no workload", lines[0])


class Commands(unittest.TestCase):
    def assert_refused(self, script, argument, message, exit_code=2):
        code, _, stderr_text = programs.run(script, argument)
        self.assertEqual(code, exit_code, stderr_text)
        self.assertRegex(stderr_text, message)
        self.assertEqual(stderr_text.count("\n"), 1, stderr_text)

    def run_script(self, *arguments):
        return subprocess.run([sys.executable, *arguments], cwd=SCRIPTS, capture_output=True,
                              text=True, timeout=100)

    def test_an_error_ends_a_program_with_a_line_and_exit_code_2(self):
        with tempfile.TemporaryDirectory() as directory:
            done = self.run_script("plot_throughput.py", directory)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, r"\Aplot_throughput.py: .*result.json: No such file.*\n\Z")

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
            fields = fields_of(smoke=True)
            fields["cells"][0]["role"] = "DEEP"
            path.write_text(json.dumps(fields).replace('"DEEP"', "[" * 900 + "]" * 900))
            self.assert_refused("plot_cpu.py", directory, "role: an array is none of")
            path.write_text('{"schema_version": 9}')
            self.assert_refused("plot_cpu.py", directory, "schema version 9")

    def test_plot_all_draws_every_figure_and_writes_the_summary(self):
        with tempfile.TemporaryDirectory() as directory:
            fields = fields_of("echo", "fetch", "fib", smoke=True)
            (Path(directory) / "result.json").write_text(json.dumps(fields))
            done = self.run_script("plot_all.py", directory)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("connections: not drawn", done.stdout)
            pictures = {path.stem for path in (Path(directory) / "charts").glob("*.png")}
            self.assertEqual(pictures, {path.stem for path in
                                        (Path(directory) / "charts").glob("*.svg")})
            self.assertEqual(pictures, {"throughput", "latency", "cpu", "fetch", "heatmap",
                                        "timeline-fetch", "timeline-fib"})
            self.assertIn("## echo", (Path(directory) / "summary.md").read_text())


if __name__ == "__main__":
    unittest.main()
