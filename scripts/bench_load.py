#!/usr/bin/python3
"""Measures contend load beside other load generators, and against servers whose truth is known.
How: contend/limits/load/bench.py. Try it:

    scripts/bench_load.py --help
"""
from contend.limits import measuring
from contend.limits.load import bench

if __name__ == "__main__":
    measuring.run(bench.main)
