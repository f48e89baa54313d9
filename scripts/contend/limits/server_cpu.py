"""Measures engines beside hand-written loops that do the same: server CPU per round trip.

    scripts/limit.py                                     every engine, echo and GET /, about 10 minutes
    scripts/limit.py --engines epoll --workloads echo --connections 64
    scripts/limit.py --pairs 20 --json                   quick, for a program to read
    scripts/limit.py --check                             exit 1 where a ratio is above 1.03

Both servers are pinned to core 0 and hold their connections; a load on core 1 turns to one and the
other in slices of 0.2 s in ABBA order. Each pair of neighbouring slices gives a ratio. The pairs are
shared out among several processes of each, since where a process's memory came to lie makes up to 2 %
for all its life. Reported is the Hodges-Lehmann estimate of the ratios with its 95 % interval, from
their logarithms; the interval takes the pairs as independent, and so is somewhat too narrow.
"""

import json
import os
import statistics
import subprocess
import sys

from contend.command import at_least, list_of, one_of
from contend.limits import measuring, servers
from contend.limits.ratios import ratio_of

LIMIT = 1.03
WARM_UP_PAIRS = 2
ENGINES, WORKLOADS, CONNECTIONS = servers.RAW, ["echo", "http"], [64, 512]


def pairs_of(slices):
    """Pairs neighbouring slices: [(cost of target 0, cost of target 1)] in ns per operation."""
    costs = []
    for first, second in zip(slices[::2], slices[1::2]):
        pair = {one["target"]: one["cpu_ns"] / one["operations"]
                for one in (first, second) if one["operations"] > 0}
        if len(pair) == 2:
            costs.append((pair[0], pair[1]))
    return costs


def compare(costs):
    """What the pairs (engine, raw) of costs say: ratio with interval, and both medians."""
    return ratio_of(costs) | {"pairs": len(costs),
                              "engine_ns": statistics.median(engine for engine, _ in costs),
                              "raw_ns": statistics.median(raw for _, raw in costs)}


def shares(pairs, processes):
    """How many pairs each pair of processes is measured for: all of them, as evenly as can be."""
    return [share for one in range(processes) if (share := (pairs + one) // processes) > 0]


def measure(engine, workload, connections, arguments):
    costs = [cost for share in shares(arguments.pairs, arguments.processes)
             for cost in costs_of(engine, workload, connections, share, arguments.slice_ms)]
    return {"engine": engine, "workload": workload, "connections": connections} | compare(costs)


def costs_of(engine, workload, connections, pairs, slice_ms):
    """The costs of so many pairs of slices, by a pair of processes of their own."""
    with servers.Server(servers.engine_command(engine, workload)) as ours, \
            servers.Server(servers.raw_command(engine, workload)) as raw:
        load = [servers.program("slice_load"), workload,
                "--target", f"{ours.port}:{ours.pid}", "--target", f"{raw.port}:{raw.pid}",
                "--clients", str(connections), "--pairs", str(pairs + WARM_UP_PAIRS),
                "--slice-ms", str(slice_ms)]
        done = subprocess.run(load, check=True, capture_output=True, text=True,
                              preexec_fn=servers.pinned(servers.LOAD_CPU))
    report = json.loads(done.stdout)
    if report["errors"]:
        raise RuntimeError(f"{report['errors']} wrong replies from {engine} or raw_{engine}")
    costs = pairs_of(report["slices"])[WARM_UP_PAIRS:]
    if not costs:
        raise RuntimeError(f"no two slices of {engine} and raw_{engine} have operations")
    return costs


def broken(result):
    if result["ratio"] <= LIMIT:
        return []
    return [f"{result['engine']}, {result['workload']}, {result['connections']} connections: "
            f"ratio {result['ratio']:.3f}, at most {LIMIT}"]


def row_of(result):
    verdict = "no" if broken(result) else "yes"
    return (f"{result['workload']:<6} {result['connections']:>5}  {result['engine']:<9}"
            f" {result['engine_ns'] / 1000:>8.2f} {result['raw_ns'] / 1000:>7.2f}"
            f"   {result['ratio']:.3f}  {result['low']:.3f} to {result['high']:.3f}"
            f" {result['pairs']:>6}  {verdict}")


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("--engines", type=list_of(one_of(lambda: ENGINES)),
                        default=",".join(ENGINES), help="comma-separated (%(default)s)")
    parser.add_argument("--workloads", type=list_of(one_of(lambda: WORKLOADS)),
                        default=",".join(WORKLOADS), help="comma-separated (%(default)s)")
    parser.add_argument("--connections", type=list_of(at_least(1)),
                        default=",".join(map(str, CONNECTIONS)), help="comma-separated (%(default)s)")
    parser.add_argument("--pairs", type=at_least(1), default=100,
                        help="of slices, each (%(default)s)")
    parser.add_argument("--processes", type=at_least(1), default=5,
                        help="that the pairs are shared out among, one after the other (%(default)s)")
    parser.add_argument("--slice-ms", type=at_least(1), default=200,
                        help="length of a slice (%(default)s)")
    arguments = parser.parse_args()
    if len(os.sched_getaffinity(0)) < 2:
        parser.error("this takes two cores: one for the servers, one for the load")
    unavailable = servers.available_engines()[1]

    results = []
    table = sys.stderr if arguments.json else sys.stdout
    print(f"{'work':<6} {'conns':>5}  {'engine':<9} {'CPU us':>8} {'raw us':>7}   ratio  95 % interval"
          f"   pairs  <= {LIMIT}", file=table)
    for workload in arguments.workloads:
        for connections in arguments.connections:
            for engine in servers.those_available(arguments.engines, unavailable):
                results.append(measure(engine, workload, connections, arguments))
                print(row_of(results[-1]), flush=True, file=table)
    if arguments.json:
        measuring.print_json({"limit": LIMIT, "comparisons": results})
    return measuring.verdict(results, broken, arguments.check)
