"""Measures contend load beside other load generators, and against servers whose truth is known.

    scripts/bench_load.py                        all figures, a quarter of an hour
    scripts/bench_load.py --figures 1,4          only these
    scripts/bench_load.py --quick                a minute, to see that everything runs
    scripts/bench_load.py --check                exit 1 where a bar is missed

It takes a quiet machine. The server is pinned to core 0, the load to core 1. Whatever is compared is run in turns, and the table
has medians, and the median, the least and the greatest of the repetitions' ratios (without a peer, the
least and greatest value). docs/load.md says what each figure is. Peers that are not installed are left out:
scripts/bootstrap --outside installs those that Debian has.
"""

import dataclasses
import os

from contend.command import at_least, list_of, one_of
from contend.limits import measuring
from contend.limits.load import cost, schedule, search, size, verdicts
from contend.limits.load.plan import FULL, QUICK, Progress
from contend.limits.load.row import Row, broken, table

FIGURES = {"1": cost.alone, "2": cost.pipelined, "3": schedule.paced, "4": schedule.true,
           "5": verdicts.right, "6": size.recording, "7": size.connections, "8": search.capacity}


def measure(figures, plan, progress):
    """The rows of all. One that can't be measured is a row that says so, and the others go on."""
    rows = []
    for figure in figures:
        try:
            rows += FIGURES[figure](plan, progress.of(f"figure {figure}"))
        except (RuntimeError, FileNotFoundError) as error:
            rows.append(Row(int(figure), "not measured", note=" ".join(str(error).split()), failed=True))
    progress.clear()
    return rows


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("--figures", type=list_of(one_of(lambda: FIGURES)),
                        default=",".join(FIGURES), help="comma-separated (%(default)s)")
    parser.add_argument("--quick", action="store_true",
                        help="short and small: to see that everything runs, not to measure")
    parser.add_argument("--repetitions", type=at_least(1),
                        help=f"of each run ({FULL.repetitions}, or {QUICK.repetitions})")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        parser.error("this takes two cores: one for the servers, one for the load")
    plan = QUICK if arguments.quick else FULL
    if arguments.repetitions:
        plan = dataclasses.replace(plan, repetitions=arguments.repetitions)

    rows = measure(arguments.figures, plan, Progress())
    if arguments.json:
        measuring.print_json({"plan": dataclasses.asdict(plan), "rows": [row.json() for row in rows]})
    else:
        print(table(rows))
    return measuring.verdict([row for row in rows if row.met is not None], broken, arguments.check)
