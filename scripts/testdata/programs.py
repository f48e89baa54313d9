"""For tests: runs a script as a program is run, but in this process, since to start a Python and matplotlib
takes longer than most of what is asked of it. No test.

    run("plot_cpu.py", "/nonexistent")     is     (2, "", "plot_cpu.py: /nonexistent/result.json: No such …")
"""
import contextlib
import io
import runpy
import sys
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[1]


def run(script: str, *arguments) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    said, stderr_text, code = io.StringIO(), io.StringIO(), 0
    with (mock.patch.object(sys, "argv", [script, *map(str, arguments)]),
          contextlib.redirect_stdout(said), contextlib.redirect_stderr(stderr_text)):
        try:
            runpy.run_path(str(SCRIPTS / script), run_name="__main__")
        except SystemExit as ended:
            code = ended.code or 0
    return code, said.getvalue(), stderr_text.getvalue()
