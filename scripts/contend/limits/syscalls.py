"""Counts each engine's system calls per round trip of a 64-byte echo at 64 connections.

    scripts/syscalls.py                        every engine that serves, and the hand-written loops
    scripts/syscalls.py --engines epoll,io_uring --json
    scripts/syscalls.py --check                exit 1 where an engine calls more than it may

Counted by strace -c -f. Each server answers a shorter and a longer run of the load, and the
difference is reported, so that setting up cancels out. Before a server waits, strace delays it, so
that the load has answered and all connections wait for the server, however busy the machine is:
the counts are those at full load, and exact. With --delay-us 0 they depend on who is faster.
"""

import pathlib
import shutil
import tempfile

from contend.command import at_least, list_of, one_of, say
from contend.limits import measuring, servers

CONNECTIONS = 64
SHORT, LONG = 50, 250  # messages of each connection
TIMEOUT_MS = 120_000  # an engine that serves one after another is not at fault here
LIMITS = {"epoll": 2.05, "io_uring": 0.1, "asio": 2.3}  # calls a round trip
NEVER_BLOCKS = ("epoll",)  # it must not ask for what is not there
HARDLY_EVER = 0.001  # of a round trip
WAITING = "poll,ppoll,select,pselect6,epoll_wait,epoll_pwait,epoll_pwait2,io_uring_enter"
RECEIVING = ("read", "recvfrom", "recvmsg", "readv")


def parse(table):
    """{call: (count, errors)} of the table that strace -c writes."""
    calls = {}
    for line in table.splitlines():
        fields = line.split()
        if len(fields) < 5 or fields[-1] in ("syscall", "total") or not fields[3].isdigit():
            continue
        errors = int(fields[4]) if len(fields) == 6 else 0
        calls[fields[-1]] = (int(fields[3]), errors)
    return calls


def count(command, requests, delay_us):
    """The system calls of one server that answers `requests` messages of every connection."""
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "calls"
        strace = ["strace", "-c", "-f", "-o", str(table)]
        if delay_us > 0:
            strace.append(f"--inject={WAITING}:delay_enter={delay_us}")
        with servers.Server(command, under=strace) as server:
            servers.drive(server.port, "echo", CONNECTIONS, requests=requests, timeout_ms=TIMEOUT_MS)
        return parse(table.read_text())


def difference(longer, shorter, round_trips):
    """Calls and failed receives per round trip between two runs; calls that hardly occur are left
    out of the list, but not of the sum."""
    per_call = {call: (calls - shorter.get(call, (0, 0))[0]) / round_trips
                for call, (calls, _) in longer.items()}
    would_block = sum(longer.get(call, (0, 0))[1] - shorter.get(call, (0, 0))[1] for call in RECEIVING)
    return {"calls_per_round_trip": sum(per_call.values()),
            "would_block_per_round_trip": max(0.0, would_block / round_trips),
            "by_call": {call: per for call, per in sorted(per_call.items(), key=lambda one: -one[1])
                        if per >= HARDLY_EVER}}


def broken(result):
    name, calls, would_block = (result[key] for key in (
        "name", "calls_per_round_trip", "would_block_per_round_trip"))
    lines = []
    if calls > LIMITS.get(name, calls):
        lines.append(f"{name}: {calls:.3f} calls a round trip, at most {LIMITS[name]}")
    if name in NEVER_BLOCKS and would_block >= HARDLY_EVER:
        lines.append(f"{name}: EAGAIN in {would_block:.3f} of the round trips, where there is to be none")
    return lines


def measure(name, command, delay_us):
    return {"name": name} | difference(count(command, LONG, delay_us),
                                       count(command, SHORT, delay_us),
                                       CONNECTIONS * (LONG - SHORT))


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("--engines", type=list_of(one_of(servers.known)),
                        help="comma-separated (all that serve, and the raw loops)")
    parser.add_argument("--delay-us", type=at_least(0), default=5000,
                        help="before each wait (%(default)s)")
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        say("strace is missing; apt-get install strace")
        return measuring.NOT_AVAILABLE
    engines, unavailable = servers.available_engines()
    chosen = arguments.engines or engines + [
        f"raw_{name}" for name in servers.RAW if (servers.BUILD / f"raw_{name}").exists()]

    results = []
    if not arguments.json:
        print(f"{'':<13} {'calls':>7} {'EAGAIN':>7}   a round trip, {CONNECTIONS} connections")
    for name in servers.those_available(chosen, unavailable):
        result = measure(name, servers.echo_command(name), arguments.delay_us)
        results.append(result)
        if not arguments.json:
            calls = ", ".join(f"{call} {per:.3f}" for call, per in result["by_call"].items())
            print(f"{name:<13} {result['calls_per_round_trip']:>7.3f}"
                  f" {result['would_block_per_round_trip']:>7.3f}   {calls}", flush=True)
    if arguments.json:
        measuring.print_json({"connections": CONNECTIONS, "servers": results})
    return measuring.verdict(results, broken, arguments.check)
