#!/usr/bin/python3
"""Which folder may include which: an include that runs against the direction of knowledge, and a circle of files.

A file is a header with its source: x.hpp and x.cpp. Tests, and what serves only them, may include anything.
    scripts/lint_includes.py
"""

import collections
import pathlib
import re
import subprocess
import sys

# A folder with those in it, and the folders that it may include besides, with what these may include.
MAY_INCLUDE = {
    "workloads": [],
    "engines": ["workloads"],
    "harness/base": ["engines"],
    "harness/process": ["harness/base"],
    "harness/stats": ["harness/base"],
    "harness/machine": ["harness/process", "harness/stats"],
    "harness/load": ["harness/machine"],
    "harness/bench": ["harness/load"],
    "harness/ab": ["harness/bench"],
    "harness/history": ["harness/ab"],
    "harness/export": ["harness/ab"],
    "harness": ["harness/history", "harness/export"],
    "harness/baselines": ["harness/load"],
}
FOR_TESTS = re.compile(r"(_test|_fuzz|_benchmark)\.cpp$|testing\.hpp$|/test_|/testing/|/asyncio_parity/")


def sources():
    """The paths of all sources that are not only for tests."""
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.cpp", "*.hpp"],
                            capture_output=True, text=True, check=True).stdout.split()
    return [path for path in listed if not FOR_TESTS.search(path) and pathlib.Path(path).exists()]


def included_by(path):
    """The paths that a source includes by a path from the root."""
    return re.findall(r'^#include "([^"]+/[^"]+)"', pathlib.Path(path).read_text(), re.MULTILINE)


def room_of(path):
    """The longest folder of MAY_INCLUDE that holds the path, or None."""
    folder = str(pathlib.PurePath(path).parent)
    while folder not in MAY_INCLUDE and folder != ".":
        folder = str(pathlib.PurePath(folder).parent)
    return folder if folder in MAY_INCLUDE else None


def reach(room):
    """A folder and all that it may include."""
    found, left = {room}, [room]
    while left:
        new = [below for below in MAY_INCLUDE[left.pop()] if below not in found]
        found.update(new)
        left += new
    return found


def against_the_direction(path, included):
    """A line for each include of a path that its folder may not have."""
    room = room_of(path)
    if room is None:
        return []
    allowed = reach(room)
    return [f"{path}: {room} must not include {other}" for other in included if room_of(other) not in allowed]


def circles(graph):
    """The sets of files that include each other, by Tarjan's algorithm (SIAM J. Comput. 1(2), 1972)."""
    index, low, stack, found = {}, {}, [], []

    def visit(file):
        index[file] = low[file] = len(index)
        stack.append(file)
        for other in sorted(graph[file]):
            if other not in index:
                visit(other)
            if other in stack:
                low[file] = min(low[file], low[other])
        if low[file] == index[file]:
            at = stack.index(file)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for file in sorted(graph):
        if file not in index:
            visit(file)
    return found


def faults():
    """What is wrong, a line each."""
    lines, graph = [], collections.defaultdict(set)
    for path in sources():
        included = [other for other in included_by(path) if not FOR_TESTS.search(other)]
        lines += against_the_direction(path, included)
        file = path.rsplit(".", 1)[0]
        graph[file].update(other.rsplit(".", 1)[0] for other in included)
        graph[file].discard(file)
    for circle in circles(collections.defaultdict(set, {file: graph[file] & graph.keys() for file in graph})):
        lines.append("files that include each other: " + ", ".join(circle))
    return lines


if __name__ == "__main__":
    FAULTS = faults()
    print("\n".join(FAULTS), end="\n" if FAULTS else "")
    sys.exit(1 if FAULTS else 0)
