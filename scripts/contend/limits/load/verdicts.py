"""Figure 5: whether contend's verdict names the limit, in cases whose limit is known since it was made."""
import contextlib
import dataclasses
import random
import signal

from contend.limits import servers
from contend.limits.load import generators, process
from contend.limits.load.generators import Load
from contend.limits.load.row import Row, at_least

SEED = 1
RIGHT_SHARE = 0.95  # 38 of 40
# A tenth of a core, by stopping and going on. The kernel's own way, the deadline class of chrt(1),
# takes no thread that starts others, as a load does, and none that is pinned.
RUN_S, STOPPED_S = 0.010, 0.090
BURN = ["/usr/bin/python3", "-c", "while True: pass"]


@dataclasses.dataclass(frozen=True)
class Case:
    """A run whose limit is `limit`. `server`: arguments of the known server."""

    limit: str
    server: tuple
    load: Load

    def __str__(self):
        loop = "closed loop" if self.load.rate_per_s is None else f"{self.load.rate_per_s}/s"
        return (f"{self.limit}: {' '.join(self.server)}, {self.load.connections} connections, {loop}")


def cases(count, seconds, seed=SEED):
    """As many of each limit, in random order; the seed decides all."""
    draw = random.Random(seed)
    limits = [list(MAKERS)[number % len(MAKERS)] for number in range(count)]
    draw.shuffle(limits)
    return [Case(limit, *MAKERS[limit](draw, seconds)) for limit in limits]


def capped_server(draw, seconds):
    """Asked for more than it may answer, whether by waiting clients or by a schedule."""
    capacity_per_s = draw.randrange(500, 5000)
    offered_per_s = draw.choice([None, round(capacity_per_s * draw.uniform(1.3, 3))])
    return (("capacity", "--rate", str(capacity_per_s)),
            Load(draw.randrange(8, 129), seconds, rate_per_s=offered_per_s))


def starved_client(draw, seconds):
    """A server that could answer much more than a client can ask that hardly runs."""
    return ("answers",), Load(draw.randrange(16, 257), seconds,
                              rate_per_s=draw.choice([None, draw.randrange(5_000, 20_000)]))


def burnt_host(draw, seconds):
    """The same server, with a client that is to run all the time, but shares its core."""
    return ("answers",), Load(draw.randrange(16, 257), seconds)


def idle_system(draw, seconds):
    """A modest rate, with connections enough for what is in flight."""
    server = draw.choice([("answers",), ("exact", "--delay-us", str(draw.randrange(500, 5000)))])
    return server, Load(draw.randrange(32, 129), seconds, rate_per_s=draw.randrange(200, 2000))


MAKERS = {"server": capped_server, "client": starved_client, "host": burnt_host, "none": idle_system}


def right(plan, progress):
    """How many of the cases are judged rightly, and which are not."""
    wrong, count = [], plan.verdict_cases
    for number, case in enumerate(cases(count, plan.seconds), 1):
        progress(f"case {number} of {count}, {case}")
        try:
            verdict = judged(case)
        except RuntimeError as error:
            verdict = {"limit": "not at all", "reasons": [str(error)]}
        if verdict["limit"] != case.limit:
            wrong.append(Row(5, f"case {number}", note=f"{case}; judged {verdict['limit']}: "
                                                       f"{verdict['reasons'][0]}"))
    return [Row(5, f"right verdicts of {count}", "", (count - len(wrong),),
                bar=at_least(int(RIGHT_SHARE * count))), *wrong]


def judged(case):
    """contend's verdict."""
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(servers.Server(servers.known_command(*case.server)))
        if case.limit == "host":
            stack.enter_context(process.Running(BURN, case.load.seconds))
        command = generators.contend_command(f"http://127.0.0.1:{server.port}/", case.load)
        load = stack.enter_context(process.Running(command, case.load.seconds))
        if case.limit == "client":
            starve(load, case.load.seconds + process.GRACE_S)
        return generators.contend_report(load.end())["verdict"]


def starve(load, seconds):
    """Until it ends, or the time is over."""
    for _ in range(round(seconds / (RUN_S + STOPPED_S))):
        if load.ends_within(RUN_S):
            break
        load.signal(signal.SIGSTOP)
        load.ends_within(STOPPED_S)
        load.signal(signal.SIGCONT)
