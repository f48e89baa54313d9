"""Measures the coroutine runtime's operations beside Boost.Asio's awaitables: CPU time and allocations.

    scripts/coro_costs.py                    the table, a minute and a half
    scripts/coro_costs.py --processes 40     narrower intervals
    scripts/coro_costs.py --check            exit 1 where one is not at least as fast as Asio's

build/release/coro_benchmark is run on core 0, several times, each time with all its operations in
random order, again and again (Google Benchmark's random interleaving), so that a drift of the machine
meets both alike. A process gives a time for each operation, the median of its repetitions, and so a
ratio. The table has the medians of these times, and the Hodges-Lehmann estimate of the ratios with its
95 % interval, as in limit.py. Asio is there in several forms; an operation is compared with the form
that has the smallest median. The time is CPU time: others who want the core too lengthen it only by
what they do to the caches. That contend allocates nothing, the program itself checks.
"""

import collections
import json
import statistics
import subprocess

from contend.command import at_least
from contend.limits import measuring, servers
from contend.limits.ratios import ratio_of

LIMIT = 1.0
OURS = "contend"
SLEEPERS = 10_000  # of one wave, whose wall time is told too
UNITS_NS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}


def repetitions_of(report):
    """{operation: {runtime: [(CPU ns, wall ns, allocations)]}} of one process's JSON."""
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for one in sorted(report["benchmarks"], key=lambda one: one["family_index"]):
        if one.get("error_occurred"):
            raise RuntimeError(f"{one['name']}: {one['error_message']}")
        if one["run_type"] != "iteration":
            continue
        operation, runtime = one["run_name"].split("/")
        unit = UNITS_NS[one["time_unit"]]
        found[operation][runtime].append((one["cpu_time"] * unit, one["real_time"] * unit,
                                          one["allocations"]))
    return found


def medians_of(processes, operation):
    """{runtime: (CPU ns, wall ns, allocations)}, each the median of the processes' medians."""
    return {runtime: tuple(statistics.median(values) for values in zip(
                *(median_of(process[operation][runtime]) for process in processes)))
            for runtime in processes[0][operation]}


def median_of(repetitions):
    return tuple(statistics.median(values) for values in zip(*repetitions))


def compare(processes):
    """What the processes' repetitions say of each operation."""
    results = []
    for operation in processes[0]:
        medians = medians_of(processes, operation)
        cpu_ns = {runtime: median[0] for runtime, median in medians.items()}
        best = min((runtime for runtime in cpu_ns if runtime != OURS), key=cpu_ns.get)
        ratio = ratio_of([(median_of(process[operation][OURS])[0],
                           median_of(process[operation][best])[0]) for process in processes])
        results.append({"operation": operation, "best_asio": best, "cpu_ns": cpu_ns,
                        "wall_ns": {runtime: median[1] for runtime, median in medians.items()},
                        "allocations": {runtime: median[2] for runtime, median in medians.items()},
                        "processes": len(processes)} | ratio)
    return results


def measure(arguments):
    return compare([repetitions_of(run_once(arguments)) for _ in range(arguments.processes)])


def run_once(arguments):
    command = [servers.program("coro_benchmark"), "--benchmark_format=json",
               "--benchmark_enable_random_interleaving=true",
               f"--benchmark_repetitions={arguments.repetitions}",
               f"--benchmark_min_time={arguments.slice_ms / 1000}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True,
                          preexec_fn=servers.pinned(servers.SERVER_CPU))
    return json.loads(done.stdout)


def broken(result):
    if result["high"] <= LIMIT:
        return []
    return [f"{result['operation']}: {result['ratio']:.2f} ({result['low']:.2f} to {result['high']:.2f}) "
            f"of {result['best_asio']}, at most {LIMIT:.0f}"]


def rows_of(results):
    """The table's lines: a column for each of Asio's forms, CPU ns with allocations in brackets."""
    runtimes = list(results[0]["cpu_ns"])
    yield (f"{'CPU ns (allocations)':<20}" + "".join(f" {name:>14}" for name in runtimes)
           + f"  ratio   95 % interval  <= {LIMIT:.0f}")
    for result in results:
        costs = (f"{result['cpu_ns'][name]:.1f} ({result['allocations'][name]:.1f})" for name in runtimes)
        yield (f"{result['operation']:<20}" + "".join(f" {cost:>14}" for cost in costs)
               + f"  {result['ratio']:.3f}  {result['low']:.3f} to {result['high']:.3f}"
               + f"   {'no' if broken(result) else 'yes'}")
        if result["operation"] == "sleeps":
            waves = (f"{result['wall_ns'][name] * SLEEPERS / 1e6:.2f} ms" for name in runtimes)
            yield f"{'  first start to end':<20}" + "".join(f" {wave:>14}" for wave in waves)


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("--processes", type=at_least(1), default=15,
                        help="one after the other (%(default)s)")
    parser.add_argument("--repetitions", type=at_least(1), default=5,
                        help="of each operation, in each process (%(default)s)")
    parser.add_argument("--slice-ms", type=at_least(1), default=20,
                        help="length of a repetition, at least (%(default)s)")
    arguments = parser.parse_args()
    results = measure(arguments)
    if arguments.json:
        measuring.print_json({"limit": LIMIT, "comparisons": results})
    else:
        print("\n".join(rows_of(results)))
    return measuring.verdict(results, broken, arguments.check)
