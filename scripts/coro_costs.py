#!/usr/bin/python3
"""Measures the coroutine runtime's operations beside Boost.Asio's awaitables: CPU time and allocations.
How: contend/limits/coro_costs.py. Try it:

    scripts/coro_costs.py --help
"""
from contend.limits import measuring, coro_costs

if __name__ == "__main__":
    measuring.run(coro_costs.main)
