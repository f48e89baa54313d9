#!/usr/bin/python3
"""Measures engines beside hand-written loops that do the same: server CPU per round trip.
How: contend/limits/server_cpu.py. Try it:

    scripts/limit.py --help
"""
from contend.limits import measuring, server_cpu

if __name__ == "__main__":
    measuring.run(server_cpu.main)
