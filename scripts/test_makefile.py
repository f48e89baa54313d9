"""The Makefile's targets, as make would run them: nothing is built, measured or drawn.

    cd scripts && /usr/bin/python3 -m unittest test_makefile
"""
import os
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def commands(*arguments):
    """The lines of a target whose prerequisites are taken as done."""
    # Where make itself runs the tests, its flags are not for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", "--dry-run", "--assume-old=build", "--assume-old=bootstrap",
                           "--no-print-directory", *arguments], cwd=ROOT, check=True,
                          env=environment, capture_output=True, text=True)
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


class Targets(unittest.TestCase):
    def test_the_newest_result_is_drawn(self):
        for target in ("bench", "smoke", "charts"):
            self.assertTrue(commands(target)[-1].endswith("scripts/plot_all.py results/latest"))

    def test_a_run_can_be_gone_on_with_or_lie_elsewhere(self):
        measured, drawn = commands("bench", "ARGS=--resume elsewhere", "RESULT=elsewhere")
        self.assertEqual(measured, "build/release/contend bench --resume elsewhere")
        self.assertTrue(drawn.endswith("scripts/plot_all.py elsewhere"))

    def test_the_course_is_drawn_even_where_a_claim_fails(self):
        line = " ".join(commands("course", "ARGS=--items fib"))
        self.assertIn("build/release/contend course --items fib || status=$?", line)
        self.assertIn("scripts/plot_course.py results/latest && exit $status", line)

    def test_the_load_generator_is_measured_beside_what_is_installed_for_that(self):
        installed, measured = commands("bench-load", "ARGS=--quick")
        self.assertEqual(installed, "scripts/bootstrap --outside")
        self.assertTrue(measured.endswith("scripts/bench_load.py --quick"))

    def test_layout_installs_its_tool(self):
        self.assertEqual(commands("format")[0], "scripts/bootstrap --all")


if __name__ == "__main__":
    unittest.main()
