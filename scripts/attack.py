#!/usr/bin/python3
"""Attacks contend and its engines: faults, wicked hosts, kills and random options. It measures nothing.

    scripts/attack.py                        everything, some 10 minutes
    scripts/attack.py faults kills           these parts only
    scripts/attack.py sums --seed 7          with these random options again
    scripts/attack.py hosts --only deep      the cases whose names have this in them
    scripts/attack.py --sample 20            20 cases of each part, evenly spread
    scripts/attack.py --check                exit 1 where a case failed, 77 where none could be tried

Parts:
  faults   system calls that fail (strace), in servers of each engine and in contend load
  hosts    contend bench with hosts that lie, flood, stay silent or die
  kills    kill -9 at each call that writes, in contend bench and contend history add
  sums     contend load with random options: what was sent is what became of it
The programs are those of build/release. A part without what it needs is skipped, with the reason.
"""

import concurrent.futures
import json
import os
import random
import sys
import time

from attacks import faults, hosts, kills, process, sums
from attacks.case import Unavailable
from contend.command import at_least, one_of
from contend.limits import measuring

PARTS = {"faults": faults.cases, "hosts": hosts.cases, "kills": kills.cases, "sums": sums.cases}
PROGRESS_SECONDS = 0.2


class Progress:
    """One line on a terminal; nothing elsewhere."""

    def __init__(self):
        self._last = 0
        self._shown = sys.stderr.isatty()

    def show(self, words):
        if self._shown and time.monotonic() - self._last >= PROGRESS_SECONDS:
            self._last = time.monotonic()
            print(f"\r\x1b[K{words}", end="", file=sys.stderr, flush=True)

    def clear(self):
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def chosen(cases, sample, only):
    """Those with `only` in their names, and of them so many, evenly spread."""
    cases = [case for case in cases if only in case.name]
    if sample is None or sample >= len(cases):
        return cases
    return [cases[i * len(cases) // sample] for i in range(sample)]


def attack(part, cases, jobs, progress):
    """Tries them, says at once what failed, and returns [{name, complaints}] of those that did."""
    failed = []

    def tried(case):
        try:
            return case, case.check()
        except Exception as error:  # of the attack itself, which is a failure too
            return case, [f"the attack broke: {type(error).__name__}: {error}"]

    pool = concurrent.futures.ThreadPoolExecutor(jobs)
    try:
        trials = [pool.submit(tried, case) for case in cases]
        for number, done in enumerate(concurrent.futures.as_completed(trials), 1):
            case, complaints = done.result()
            if complaints:
                failed.append({"name": f"{part}: {case.name}", "complaints": complaints})
                progress.clear()
                print(f"FAILED {part}: {case.name}", *complaints, sep="\n    ", file=sys.stderr)
            progress.show(f"{part}: {number} of {len(cases)}, {len(failed)} failed")
    except BaseException:  # an interruption
        pool.shutdown(wait=False, cancel_futures=True)
        process.left_behind(process.SESSION, grace=0)
        raise
    progress.clear()
    return failed


def attack_all(parts, sample=None, only="", seed=0, jobs=1, progress=None):
    """{part: what became of it}: cases, failed, and skipped with the reason."""
    outcomes = {}
    for part in parts:
        try:
            cases = chosen(PARTS[part](random.Random(seed)), sample, only)
            failed = attack(part, cases, jobs, progress or Progress())
            outcomes[part] = {"cases": len(cases), "failed": failed, "skipped": None}
        except Unavailable as reason:
            outcomes[part] = {"cases": 0, "failed": [], "skipped": str(reason)}
    return outcomes


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", type=one_of(lambda: PARTS),
                        help=f"{', '.join(PARTS)} (all)")
    parser.add_argument("--sample", type=at_least(1), help="cases of each part, at most (all)")
    parser.add_argument("--only", default="", help="cases whose name has this in it (all)")
    parser.add_argument("--seed", type=at_least(0), default=random.SystemRandom().randrange(1 << 31),
                        help="of the random options (a new one)")
    parser.add_argument("--jobs", type=at_least(1), default=os.cpu_count(),
                        help="cases at a time (%(default)s)")
    arguments = parser.parse_args()
    outcomes = attack_all(arguments.parts or PARTS, arguments.sample, arguments.only, arguments.seed,
                          arguments.jobs)
    cases = sum(outcome["cases"] for outcome in outcomes.values())
    failed = [case for outcome in outcomes.values() for case in outcome["failed"]]
    if arguments.json:
        print(json.dumps({"seed": arguments.seed, "parts": outcomes}, indent=2))
    else:
        for part, outcome in outcomes.items():
            print(f"{part}: " + (f"skipped: {outcome['skipped']}" if outcome["skipped"] else
                                 f"{outcome['cases']} cases, {len(outcome['failed'])} failed"))
        print(f"{cases} cases, {len(failed)} failed (seed {arguments.seed})")
    if not arguments.check:
        return 0
    return 1 if failed else 0 if cases else measuring.NOT_AVAILABLE


if __name__ == "__main__":
    measuring.run(main)
