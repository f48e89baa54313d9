#!/usr/bin/python3
"""Counts each engine's system calls per round trip of a 64-byte echo at 64 connections.

    scripts/syscalls.py                        every engine that serves, and the hand-written loops
    scripts/syscalls.py --engines epoll,io_uring --json

Counted by strace -c -f. Each server answers a shorter and a longer run of the load, and the
difference is reported, so that setting up cancels out. Before a server waits, strace delays it, so
that the load has answered and all connections wait for the server, however busy the machine is:
the counts are those at full load, and exact. With --delay-us 0 they depend on who is faster.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import servers

CONNECTIONS = 64
SHORT, LONG = 50, 250  # messages of each connection
TIMEOUT_MS = 120_000  # an engine that serves one after another is not at fault here
RAW = ["epoll", "io_uring", "asio"]
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
                        if per >= 0.001}}


def measure(name, command, delay_us):
    return {"name": name} | difference(count(command, LONG, delay_us),
                                       count(command, SHORT, delay_us),
                                       CONNECTIONS * (LONG - SHORT))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0],
                                     epilog="\n".join(__doc__.splitlines()[1:]),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", help="comma-separated (all that serve, and the raw loops)")
    parser.add_argument("--delay-us", type=int, default=5000, help="before each wait (%(default)s)")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        print("syscalls.py: strace is missing; apt-get install strace", file=sys.stderr)
        return 77
    engines, unavailable = servers.available_engines()
    chosen = arguments.engines.split(",") if arguments.engines else engines + [
        f"raw_{name}" for name in RAW if (servers.BUILD / f"raw_{name}").exists()]

    results = []
    if not arguments.json:
        print(f"{'':<13} {'calls':>7} {'EAGAIN':>7}   a round trip, {CONNECTIONS} connections")
    for name in chosen:
        if name in unavailable or name == "raw_io_uring" and "io_uring" in unavailable:
            print(f"{name}: {unavailable['io_uring']}", file=sys.stderr)
            continue
        command = [servers.program(name)] if name.startswith("raw_") else servers.engine_command(name, "echo")
        result = measure(name, command, arguments.delay_us)
        results.append(result)
        if not arguments.json:
            calls = ", ".join(f"{call} {per:.3f}" for call, per in result["by_call"].items())
            print(f"{name:<13} {result['calls_per_round_trip']:>7.3f}"
                  f" {result['would_block_per_round_trip']:>7.3f}   {calls}", flush=True)
    if arguments.json:
        print(json.dumps({"connections": CONNECTIONS, "servers": results}, indent=2, allow_nan=False))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"syscalls.py: {getattr(error, 'stderr', None) or error}", file=sys.stderr)
        sys.exit(1)
