"""Figures 1 and 2: what an answer costs the client, beside its peers, one request at a time and
pipelined.
"""
from contend.limits import servers
from contend.limits.load import generators
from contend.limits.load.generators import Load
from contend.limits.load.plan import interleaved
from contend.limits.load.row import Row, at_least, at_most, number

# Of the CPU time of a peer, by connections.
CPU_LIMITS = {64: {"wrk": 0.80, "gcannon": 1, generators.FLOOR: 1.05},
              256: {"wrk": 0.80, "gcannon": 1, generators.FLOOR: 1.05},
              1024: {"wrk": 0.75, generators.FLOOR: 1.10}}
CONNECTED_LIMIT_S = 0.3
THROUGHPUT_LIMIT = 0.95  # of wrk's: both wait for the same server, so they agree but for noise
PIPELINE, PIPELINED_CONNECTIONS = 16, 64
PIPELINED_PER_S, PIPELINED_LIMIT, PIPELINED_CPU_LIMIT = 2.2e6, 2.0, 0.8
PIPELINED_FLOOR_LIMIT = 0.9  # of the answers a second that the least client gets
# What nginx answers here: a right answer is this one and no other.
CHECKED = ("--expect", "200", "--expect-body", "Hello, world!")


def alone(plan, progress):
    """Figure 1: CPU an answer and throughput, of nginx on kept connections."""
    rows = []
    with servers.Server(servers.nginx_command()) as nginx:
        for connections in plan.connections:
            load = Load(connections, plan.seconds)
            runs = measured(nginx, load, plan, progress, *CHECKED)
            rows += beside_peers(1, f"client CPU, {connections} connections", "us", runs,
                                 lambda run: run.cpu_us,
                                 {peer: at_most(limit, "ratio")
                                  for peer, limit in CPU_LIMITS[connections].items()})
            rows += beside_peers(1, f"answers a second, {connections} connections", "", runs,
                                 lambda run: run.per_s, {"wrk": at_least(THROUGHPUT_LIMIT, "ratio")})
            rows.append(Row(1, f"all connected, {connections} connections", "s",
                            tuple(run.connected_s for run in runs["contend"]),
                            bar=at_most(CONNECTED_LIMIT_S)))
    return rows + missing(1, load)


def pipelined(plan, progress):
    """Figure 2: 16 requests in flight on each connection, to a server that does hardly anything and
    to nginx."""
    load = Load(PIPELINED_CONNECTIONS, plan.seconds, PIPELINE)
    with servers.Server(servers.known_command("answers")) as server:
        runs = measured(server, load, plan, progress)
    rows = beside_peers(2, "pipelined answers a second", "", runs, lambda run: run.per_s,
                        {"contend": at_least(PIPELINED_PER_S),
                         "wrk": at_least(PIPELINED_LIMIT, "ratio"),
                         generators.FLOOR: at_least(PIPELINED_FLOOR_LIMIT, "ratio")})
    rows += beside_peers(2, "pipelined, client's core", "%", runs,
                         lambda run: 100 * run.cpu_s / run.seconds, {})
    with servers.Server(servers.nginx_command()) as nginx:
        runs = measured(nginx, load, plan, progress, *CHECKED)
    rows += beside_peers(2, "pipelined client CPU, nginx", "us", runs, lambda run: run.cpu_us,
                         {"wrk": at_most(PIPELINED_CPU_LIMIT, "ratio")})
    return rows + missing(2, load)


def measured(server, load, plan, progress, *more):
    """{name: [Run]} of contend and all peers that are there."""
    url = f"http://127.0.0.1:{server.port}/"
    runs = {"contend": lambda: generators.run_contend(url, load, *more)}
    for name in generators.peers_for(load)[0]:
        runs[name] = lambda name=name: generators.run_peer(name, url, load)
    return interleaved(runs, plan.repetitions,
                       lambda words: progress(f"{load.connections} connections, {words}"))


def beside_peers(figure, what, unit, runs, reading, bars):
    """A row for each peer, with the bar of that name; before them one for contend alone, where there is
    a bar of its own name or no peer."""
    mine = tuple(map(reading, runs["contend"]))
    alone = Row(figure, what, unit, mine, bar=bars.get("contend"))
    rows = [Row(figure, what, unit, mine, name, tuple(map(reading, others)), bars.get(name),
                "; ".join(filter(None, (floor_of(name, reading, runs, bars), wrong_answers(name, others)))))
            for name, others in runs.items() if name != "contend"]
    return [alone, *rows] if "contend" in bars or not rows else rows


def floor_of(name, reading, runs, bars):
    """How much of a peer's the floor's is, in words, where contend is held to both: so one sees whether
    the peer's bar can be reached at all."""
    floor = generators.FLOOR
    if name == floor or not {name, floor} <= bars.keys() & runs.keys():
        return ""
    ratio = Row(0, "", values=tuple(map(reading, runs[floor])), peer_values=tuple(map(reading, runs[name]))).ratio
    return f"{floor} / {name}: {number(ratio)}"


def wrong_answers(name, runs):
    """In words; nothing where all were right."""
    wrong = sum(run.wrong for run in runs)
    return f"{name} had {wrong} wrong answers" if wrong else ""


def missing(figure, load):
    names = generators.peers_for(load)[1]
    return [Row(figure, "peers", note=f"not installed: {', '.join(names)}")] if names else []
