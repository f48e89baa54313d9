#!/usr/bin/python3
"""Records how much the ratio of two measurements of one and the same program varies on this machine:
the noise that harness/history/recorded_noise.txt holds and the tests of change points draw from.
It is not a measurement of contend: both sides are the same engine, and the truth is 1.

    scripts/record_noise.py > noise.txt         # five minutes, on a machine that does nothing else

Prints a comment and a line for each of --ratios commits that never were: the ratios of the costs of
"head" and "base", each the median of --rounds short rounds that were measured in turns. As contend ab
does not judge by what it measured while others used the CPUs, four rounds in whose time they had more
than --foreign of them are measured anew; and none are begun while they do.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import statistics
import subprocess
import time

import measuring

CONTEND = pathlib.Path(__file__).resolve().parent.parent / "build" / "release" / "contend"
# What is measured, and by which figures: a cost, where more is worse, or a gain.
FIB = ["run", "blocking", "fib", "--set", "n=30", "--set", "jobs=30", "--json"]
ECHO = ["run", "epoll", "echo", "--connections", "16", "--window-ms", "100", "--warmup-ms", "20", "--json"]
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


def block(contend, arguments, metrics, order):
    """Two rounds of each side, as ABBA or BAAB."""
    sides = {"base": [], "head": []}
    first, second = order.sample(["base", "head"], 2)
    for side in (first, second, second, first):
        sides[side].append(costs(contend, arguments, metrics))
    return sides


def quiet_block(contend, arguments, metrics, order, most):
    """The same, measured while others did little, however often that takes."""
    while True:
        wait_for_quiet(most)
        foreign = Foreign()
        measured = block(contend, arguments, metrics, order)
        if foreign.share() <= most:
            return measured


def ratios(arguments, words, metrics, order):
    """Head by base, by each metric."""
    blocks = [quiet_block(arguments.contend, words, metrics, order, arguments.foreign)
              for _ in range(arguments.rounds // 2)]
    medians = {side: [statistics.median(values) for values in zip(*(costs for one in blocks for costs in one[side]))]
               for side in ("base", "head")}
    return [head / base for head, base in zip(medians["head"], medians["base"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratios", type=measuring.at_least(1), default=120, help="lines [%(default)s]")
    parser.add_argument("--rounds", type=measuring.at_least(2), default=6, help="of each side, even [%(default)s]")
    parser.add_argument("--seed", type=int, default=1, help="of the order [%(default)s]")
    parser.add_argument("--foreign", type=float, default=0.05, help="most that others may use [%(default)s]")
    parser.add_argument("--contend", type=pathlib.Path, default=CONTEND, help="the program [the release build]")
    arguments = parser.parse_args()
    if arguments.rounds % 2:
        parser.error("--rounds must be even: half of them begin with the base, half with the head")
    print("# Ratios of the cost of one program to itself: noise, and nothing else. Recorded by")
    print(f"#   scripts/record_noise.py --ratios {arguments.ratios} --rounds {arguments.rounds}"
          f" --seed {arguments.seed} --foreign {arguments.foreign}")
    print(f"# on {os.cpu_count()} CPUs. A line is a commit that never was, in the order of their being measured.")
    print("# " + " ".join(f"{cell}:{name}" for cell, _, metrics in SERIES for name, _ in metrics), flush=True)
    order = random.Random(arguments.seed)
    for _ in range(arguments.ratios):
        line = [ratio for _, words, metrics in SERIES
                for ratio in ratios(arguments, words, metrics, order)]
        print(" ".join(f"{ratio:.5f}" for ratio in line), flush=True)
    return 0


if __name__ == "__main__":
    measuring.run(main)
