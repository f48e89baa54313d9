#!/usr/bin/python3
"""Counts each engine's system calls per round trip.
How: contend/limits/syscalls.py. Try it:

    scripts/syscalls.py --help
"""
from contend.limits import measuring, syscalls

if __name__ == "__main__":
    measuring.run(syscalls.main)
