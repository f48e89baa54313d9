#!/usr/bin/python3
"""Speaks as a program made with Google Benchmark does, of benchmarks of known times and known faults,
for the tests of `contend ab --micro`. It measures nothing.

    harness/ab/misbehaving_benchmarks.py --benchmark_list_tests=true
    harness/ab/misbehaving_benchmarks.py --times 2 --benchmark_filter='^steady$'
"""
import argparse
import json
import re
import sys

# What each takes, in ns; a fault's name in place of it.
BENCHMARKS = {"steady": 100.0, "family/8<int>": 3000.0, "fails": "fails", "crashes": "crashes",
              "talks": "talks"}


def run(name: str, cost, times: float) -> dict:
    if cost == "crashes":
        print("out of luck", file=sys.stderr)
        sys.exit(3)
    if cost == "talks":
        print("this is no JSON")
        sys.exit(0)
    entry = {"name": name, "run_name": name, "run_type": "iteration", "repetitions": 1,
             "repetition_index": 0, "threads": 1, "iterations": 1000}
    if cost == "fails":
        return entry | {"error_occurred": True, "error_message": "no such table"}
    return entry | {"real_time": cost * times, "cpu_time": cost * times, "time_unit": "ns"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--benchmark_list_tests")
    parser.add_argument("--benchmark_filter", default=".")
    parser.add_argument("--benchmark_format")
    parser.add_argument("--benchmark_min_time", type=float)
    parser.add_argument("--times", type=float, default=1, help="so many times the cost")
    parser.add_argument("--without", default="", help="has no benchmark of this name")
    given = parser.parse_args()
    benchmarks = {name: cost for name, cost in BENCHMARKS.items() if name != given.without}
    if given.benchmark_list_tests:
        print("\n".join(benchmarks))
        return
    print(json.dumps({"context": {"num_cpus": 2}, "benchmarks": [
        run(name, cost, given.times) for name, cost in benchmarks.items()
        if re.search(given.benchmark_filter, name)]}, indent=2))


main()
