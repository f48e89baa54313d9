"""Figures 3 and 4: whether an open loop keeps its schedule, and whether it tells the truth about
servers whose truth is known.
"""
from contend.limits import servers
from contend.limits.load import cost, generators
from contend.limits.load.generators import Load
from contend.limits.load.plan import interleaved
from contend.limits.load.row import Row, at_most, within

PACED_CONNECTIONS = 64
RATE_SHARE = 0.0001
LAG_LIMITS_US = {"spin": 1, "sleep": 30}
RESPONSE_BARS = {"spin": {"contend": at_most(0.06)}, "sleep": {}}

TRUTH_CONNECTIONS = 64
SPIN_US = 1_000_000
DELAY_MS, EXACT_PER_S, EXACT_P50_SHARE, EXACT_P99_LIMIT_MS = 5, 1_000, 0.01, 5.6
PERIODS, FROZEN_PER_S, FROZEN_SHARE = 10, 2_000, 0.02
LATE_MS, HUNDREDTH_PER_S, HUNDREDTH_P90_LIMIT_MS, HUNDREDTH_SHARE = 100, 2_000, 0.5, 0.04


def paced(plan, progress):
    """Figure 3: a constant rate, with either way of waiting for the next request's time."""
    load = Load(PACED_CONNECTIONS, plan.seconds, rate_per_s=plan.rate_per_s)
    with servers.Server(servers.known_command("answers")) as server:
        url = f"http://127.0.0.1:{server.port}/"
        runs = {pace: lambda pace=pace: generators.run_contend(url, load, "--pace", pace)
                for pace in LAG_LIMITS_US}
        for name in generators.peers_for(load)[0]:
            runs[name] = lambda name=name: generators.run_peer(name, url, load)
        runs = interleaved(runs, plan.repetitions, progress)
    rows = []
    for pace in LAG_LIMITS_US:
        mine = {"contend": runs[pace]} | {name: others for name, others in runs.items()
                                          if name not in LAG_LIMITS_US}
        rows += [Row(3, f"rate, {pace}", "/s", tuple(run.per_s for run in runs[pace]),
                     "schedule", (plan.rate_per_s,) * plan.repetitions,
                     within(RATE_SHARE, plan.rate_per_s)),
                 Row(3, f"send lag p50, {pace}", "us",
                     tuple(run.time_ns("send_lag", 50) / 1e3 for run in runs[pace]),
                     bar=at_most(LAG_LIMITS_US[pace]))]
        rows += cost.beside_peers(3, f"response p50, {pace}", "ms", mine, response_ms,
                                  RESPONSE_BARS[pace])
    return rows + cost.missing(3, load)


def response_ms(run):
    return (run.time_ns("response_time", 50) if run.report else run.p50_ns) / 1e6


def truths(plan):
    """[(what, server and its arguments, load, pace, [(percentile, truth in ms, bar)])]. Of a server
    that is frozen for a tenth of the time, a request in the freeze waits until its end: the highest
    tenth of all times is spread evenly from nothing to the freeze."""
    freeze_ms, period_ms = plan.freeze_ms, plan.freeze_ms * PERIODS
    exact = "exact", "--delay-us", DELAY_MS * 1000
    exact_load = Load(TRUTH_CONNECTIONS, plan.seconds, rate_per_s=EXACT_PER_S)
    return [
        ("exact", exact, exact_load, "spin",
         [(50, DELAY_MS, within(EXACT_P50_SHARE, DELAY_MS)),
          (99, DELAY_MS, at_most(EXACT_P99_LIMIT_MS))]),
        # Waking up is no part of the truth, but of what most users see.
        ("exact, sleep", exact, exact_load, "sleep", [(50, DELAY_MS, None), (99, DELAY_MS, None)]),
        ("frozen", ("frozen", "--period-ms", period_ms, "--freeze-ms", freeze_ms),
         Load(TRUTH_CONNECTIONS, period_ms // 1000, rate_per_s=FROZEN_PER_S), "spin",
         [(percentile, share * freeze_ms, within(FROZEN_SHARE, share * freeze_ms))
          for percentile, share in ((99, 0.9), (99.9, 0.99), (100, 1))]),
        ("hundredth", ("hundredth", "--delay-us", LATE_MS * 1000),
         Load(TRUTH_CONNECTIONS, plan.seconds, rate_per_s=HUNDREDTH_PER_S), "spin",
         [(90, 0, at_most(HUNDREDTH_P90_LIMIT_MS)),
          (99.9, LATE_MS, within(HUNDREDTH_SHARE, LATE_MS))]),
    ]


def true(plan, progress):
    """Figure 4: each server of known behaviour, started anew for each run."""
    known = truths(plan)
    runs = interleaved({what: lambda words=words, load=load, pace=pace: run_known(words, load, pace)
                        for what, words, load, pace, _ in known}, plan.repetitions, progress)
    return [Row(4, f"{what}, p{percentile:g}" if percentile < 100 else f"{what}, max", "ms",
                tuple(run.time_ns("response_time", percentile) / 1e6 for run in runs[what]),
                "truth", (truth_ms,) * plan.repetitions, bar)
            for what, *_, expected in known for percentile, truth_ms, bar in expected]


def run_known(words, load, pace):
    """The server spins on its core: what it takes to wake up is not the truth that it is known for."""
    command = servers.known_command(*map(str, words), "--spin-us", str(SPIN_US))
    with servers.Server(command) as started:
        return generators.run_contend(f"http://127.0.0.1:{started.port}/", load, "--pace", pace)
