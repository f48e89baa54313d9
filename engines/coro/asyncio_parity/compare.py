#!/usr/bin/env python3
"""Runs a program in both languages and compares what they print, line by line. Exit status 77: the
asyncio here is another than the one that is meant; that of 3.12 waits otherwise (wait_for). Try it:
engines/coro/asyncio_parity/compare.py build/release/coro_asyncio_parity turns
"""
import difflib
import pathlib
import subprocess
import sys

LIMIT_S = 60
MEANT = (3, 11)


def events(command):
    """Its lines, and what it says beside them; ends this program where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.splitlines(), done.stderr


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, name = sys.argv[1:]
    if sys.version_info[:2] != MEANT:
        sys.exit(77)
    beside = str(pathlib.Path(__file__).parent / f"{name}.py")
    python, _ = events([sys.executable, "-B", beside])
    cpp, errors = events([program, name])
    if python == cpp and python:
        return
    print("\n".join(difflib.unified_diff(python, cpp, "python", "c++", n=100, lineterm="")))
    sys.exit(f"{name}: the events differ\n{errors}")


if __name__ == "__main__":
    main()
