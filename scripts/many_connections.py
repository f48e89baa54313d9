#!/usr/bin/python3
"""Measures what 4,096 connections cost an engine: memory of each, and p50 and p99 of an echo.
How: contend/limits/many_connections.py. Try it:

    scripts/many_connections.py --help
"""
from contend.limits import measuring, many_connections

if __name__ == "__main__":
    measuring.run(many_connections.main)
