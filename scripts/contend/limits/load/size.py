"""Figures 6 and 7: what recording costs, and what connections do, in time and memory."""
import json

from contend.limits import servers
from contend.limits.load import generators, process
from contend.limits.load.generators import Load
from contend.limits.load.plan import interleaved
from contend.limits.load.row import Row, at_most

RECORD_LIMIT_NS = 20
RECORDED_CONNECTIONS, LONGER = 64, 4  # so many times as long, memory is the same
# But for pages of the histograms that no latency has come to before; a record each would be 10 MiB.
GROWTH_LIMIT_KIB = 1024
MEMORY_LIMIT_MIB, IDLE_LIMIT_KIB = 400, 4
IDLE_PER_S = 100
MUCH = 3  # as long as others, since it takes seconds to make so many connections that talk already
CONNECTED_SHARE = 0.9  # of the run: by then all must be connected
LOOK_BEFORE_END_S = 0.3
KIB, MIB = 1 << 10, 1 << 20


def recording(plan, progress):
    """Figure 6: the time of one record, and how much more memory a longer run has."""
    progress("histogram_benchmark")
    times_ns = record_times_ns(plan.repetitions)
    short, long = (Load(RECORDED_CONNECTIONS, seconds)
                   for seconds in (plan.seconds, LONGER * plan.seconds))
    with servers.Server(servers.known_command("answers")) as server:
        peaks = interleaved({"short": lambda: memory_of(server, short, "VmHWM")[0],
                             "long": lambda: memory_of(server, long, "VmHWM")[0]},
                            plan.repetitions, progress)
    return [Row(6, "one record", "ns", times_ns, bar=at_most(RECORD_LIMIT_NS)),
            Row(6, f"memory of {long.seconds} s over {short.seconds} s", "KiB",
                tuple((after - before) / KIB for before, after in zip(peaks["short"], peaks["long"])),
                bar=at_most(GROWTH_LIMIT_KIB))]


def record_times_ns(repetitions):
    command = [servers.program("histogram_benchmark"), "--benchmark_filter=^record$",
               "--benchmark_format=json", f"--benchmark_repetitions={repetitions}"]
    ended = process.run(command, repetitions)
    return tuple(one["cpu_time"] for one in json.loads(ended.output)["benchmarks"]
                 if one["run_type"] == "iteration")


def connections(plan, progress):
    """Figure 7: many connections, all at work, and what one that is idle takes."""
    seconds = MUCH * plan.seconds
    busy = Load(plan.many, seconds)
    idle = {count: Load(count, seconds, rate_per_s=IDLE_PER_S) for count in (plan.few, plan.many)}
    with servers.Server(servers.known_command("answers")) as server:
        runs = interleaved({"busy": lambda: memory_of(server, busy, "VmHWM")} |
                           {count: lambda load=load: memory_of(server, load, "VmRSS")
                            for count, load in idle.items()}, plan.repetitions, progress)
    each = tuple((most - least) / (plan.many - plan.few) / KIB
                 for (least, _), (most, _) in zip(runs[plan.few], runs[plan.many]))
    return [Row(7, f"peak memory, {plan.many} connections", "MiB",
                tuple(peak / MIB for peak, _ in runs["busy"]), bar=at_most(MEMORY_LIMIT_MIB)),
            Row(7, f"all connected, {plan.many} connections", "s",
                tuple(run.connected_s for _, run in runs["busy"]),
                bar=at_most(CONNECTED_SHARE * seconds)),
            Row(7, f"answers a second, {plan.many} connections", "",
                tuple(run.per_s for _, run in runs["busy"])),
            Row(7, "own memory of an idle connection", "KiB", each, bar=at_most(IDLE_LIMIT_KIB))]


def memory_of(server, load, name):
    """(bytes, the run): proc(5)'s `name` of contend shortly before the end, while all are connected."""
    command = generators.contend_command(f"http://127.0.0.1:{server.port}/", load)
    with process.Running(command, load.seconds) as running:
        running.ends_within(load.seconds - LOOK_BEFORE_END_S)
        size = running.status_bytes(name)
        return size, generators.contend_run(running.end())
