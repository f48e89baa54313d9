"""The jobs of the run workloads: fib, counter, sleep, ticker and blocked, as workloads/*.cpp have
them. A job waits, which each engine does in its own idiom, and then computes.
"""

import time

SLOT_SIZE = 4  # start, compute and finish in CLOCK_MONOTONIC's nanoseconds, and the result
LARGEST_N = 45


def fib(n):
    """Naive recursion, so that it can't be had cheaper: fib(1) = 0, fib(2) = 1."""
    if n <= 2:
        return 1 if n == 2 else 0
    return fib(n - 2) + fib(n - 1)


def fib_by_adding(n):
    """The same number without the work, to check it by."""
    value, following = 0, 1
    for _ in range(1, n):
        value, following = following, value + following
    return value


def count(limit):
    counted = 0
    while counted < limit:
        counted += 1
    return counted


class Job:
    """`slot` lies in memory shared with child processes, so a job may be performed in any thread or
    process."""

    def __init__(self, wait_ms=0, compute=None, argument=0, expected=0):
        self.wait_s = wait_ms / 1000
        self.compute = compute  # None: it only waits
        self.argument = argument
        self.expected = expected
        self.slot = None

    def start(self):
        """Takes the job up. The engine then waits for `wait_s`."""
        self.slot[0] = time.monotonic_ns()

    def perform(self):
        self.slot[1] = time.monotonic_ns()
        if self.compute is not None:
            self.slot[3] = self.compute(self.argument)
        self.slot[2] = time.monotonic_ns()

    def is_right(self):
        return self.finish_ns != 0 and self.result == self.expected

    # A time of 0: it never came to that.
    start_ns = property(lambda self: self.slot[0])
    compute_ns = property(lambda self: self.slot[1])
    finish_ns = property(lambda self: self.slot[2])
    result = property(lambda self: self.slot[3])


def jobs_of(workload, given):
    """Raises ValueError where parameters don't fit together."""
    return {"fib": fib_jobs, "counter": counter_jobs, "sleep": sleep_jobs, "ticker": ticker_jobs,
            "blocked": blocked_jobs}[workload](**given)


def fib_jobs(n, n_step, jobs, wait_ms):
    last = n + (jobs - 1) * n_step
    if last > LARGEST_N:
        raise ValueError(f"the last of {jobs} jobs would have n = {last}, and {LARGEST_N} is the "
                         "largest; choose a smaller n, n_step or jobs")
    return [Job(wait_ms, fib, n + i * n_step, fib_by_adding(n + i * n_step)) for i in range(jobs)]


def counter_jobs(limit, jobs):
    return [Job(0, count, limit, limit) for _ in range(jobs)]


def sleep_jobs(jobs, wait_ms, step_ms):
    return [Job(wait_ms + i * step_ms) for i in range(jobs)]


def ticker_jobs(jobs, wait_ms, step_ms, ticks, tick_ms):
    return sleep_jobs(jobs, wait_ms, step_ms) + sleep_jobs(ticks, tick_ms, tick_ms)


def blocked_jobs(limit, jobs, wait_ms):
    return counter_jobs(limit, jobs) + [Job(wait_ms)]
