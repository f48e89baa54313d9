#!/usr/bin/python3
"""Records how much a program's cost by its own cost, measured side by side, varies on this machine: the
noise that harness/stats/recorded_noise.txt holds and the tests of change points draw from. It is not a
measurement of contend: both sides are the same engine, and the truth is 1.

    scripts/record_noise.py > noise.txt         # five minutes, on a machine that does nothing else

Prints a comment and a line for each of --pairs pairs: the cost of "head" by that of "base" in two
adjacent rounds, by each metric, in the order in which they were measured. It does what contend ab does
with a cell: rounds of 0.2 s, as ABBA or BAAB, each in a process of its own; and as that leaves out a
pair in whose time others used the CPUs, a pair in which they had more than --foreign of them is
measured anew, and none is begun while they do.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import subprocess
import time

from contend import ROOT
from contend.command import at_least, share
from contend.limits import measuring

CONTEND = ROOT / "build" / "release" / "contend"
# What is measured, and by which figures: a cost, where more is worse, or a gain.
FIB = ["run", "blocking", "fib", "--set", "n=30", "--set", "jobs=100", "--json"]
ECHO = ["run", "epoll", "echo", "--connections", "16", "--window-ms", "200", "--warmup-ms", "20", "--json"]
SERIES = [("fib/blocking", FIB, [("wall_ns", 1)]),
          ("echo/epoll/16", ECHO, [("throughput_per_s", -1), ("latency_p50_ns", 1)])]


class Foreign:
    """What others, and the hypervisor, took of all CPUs' time since it was made (proc(5), getrusage(2))."""

    def __init__(self):
        self.began = time.monotonic()
        self.busy, self.own = self.read()

    @staticmethod
    def read():
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _, _, interrupt, soft, steal = map(int, file.readline().split()[1:9])
        busy = (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return busy, sum(one.ru_utime + one.ru_stime for one in used)

    def share(self):
        busy, own = self.read()
        cpus = (time.monotonic() - self.began) * os.cpu_count()
        return (busy - self.busy - (own - self.own)) / cpus


def wait_for_quiet(most):
    """Returns once others have used less than the share `most` of the CPUs for a moment."""
    while True:
        foreign = Foreign()
        time.sleep(0.1)
        if foreign.share() <= most:
            return


def costs(contend, arguments, metrics):
    """One round: the cost by each metric."""
    done = subprocess.run([contend, *arguments], check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)["cell"]["metrics"]
    return [measured[name]["median"] ** power for name, power in metrics]


def pair(arguments, words, metrics, order):
    """Head by base, by each metric, of two rounds in this order; measured while others did little,
    however often that takes."""
    while True:
        wait_for_quiet(arguments.foreign)
        foreign = Foreign()
        measured = {side: costs(arguments.contend, words, metrics) for side in order}
        if foreign.share() <= arguments.foreign:
            return [head / base for head, base in zip(measured["head"], measured["base"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=at_least(1), default=300, help="lines [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of the order [%(default)s]")
    parser.add_argument("--foreign", type=share, default=0.05, help="most that others may use [%(default)s]")
    parser.add_argument("--contend", type=pathlib.Path, default=CONTEND, help="the program [the release build]")
    arguments = parser.parse_args()
    print("# Ratios of the cost of one program to itself: noise, and nothing else. Recorded by")
    print(f"#   scripts/record_noise.py --pairs {arguments.pairs} --seed {arguments.seed}"
          f" --foreign {arguments.foreign}")
    print(f"# on {os.cpu_count()} CPUs. A line is a pair of adjacent rounds, in the order of their being measured.")
    print("# " + " ".join(f"{cell}:{name}" for cell, _, metrics in SERIES for name, _ in metrics), flush=True)
    chance = random.Random(arguments.seed)
    order = ["base", "head"]
    for number in range(arguments.pairs):
        if number % 2 == 0:
            chance.shuffle(order)
        else:
            order.reverse()
        line = [ratio for _, words, metrics in SERIES for ratio in pair(arguments, words, metrics, order)]
        print(" ".join(f"{ratio:.5f}" for ratio in line), flush=True)
    return 0


if __name__ == "__main__":
    measuring.run(main)
