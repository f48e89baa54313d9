"""What bench_load.py measures: what is measured, and beside whom. They know the commands of load
generators and servers and what these print, and nothing else of contend.

    scripts/bench_load.py
"""
