"""Measures what 4,096 connections cost an engine: memory of each, and p50 and p99 of an echo.

    scripts/many_connections.py
    scripts/many_connections.py --engines epoll --json
    scripts/many_connections.py --check     exit 1 where an engine takes more than it may

Memory is the server's PSS (proc(5), smaps_rollup) before and after the connections are open and
each has had its answer; what the kernel holds for a socket is not in it. Latency is closed-loop,
all connections at once, the server on core 0 and the load on core 1; the median of several runs.
"""

import json
import pathlib
import socket
import statistics
import subprocess

from contend.command import at_least, list_of, one_of
from contend.limits import measuring, servers
from contend.results.histogram import Histogram

CONNECTIONS = 4096
MEMORY_LIMITS = {"epoll": 512, "io_uring": 4096}  # bytes a connection
TAIL_LIMITS = {"epoll": 1.5, "io_uring": 1.5}  # p99/p50
MESSAGE = b"x" * 64
WARM_UP_MS, WINDOW_MS = 1000, 2000


def pss_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no Pss in /proc/{pid}/smaps_rollup")


def talk(sockets):
    """One message on each connection at once, and the answers, checked."""
    for one in sockets:
        one.sendall(MESSAGE)
    for one in sockets:
        answer = one.recv(len(MESSAGE), socket.MSG_WAITALL)
        if answer != MESSAGE:
            raise RuntimeError(f"a wrong answer of {len(answer)} bytes")


def memory_per_connection(command):
    """Bytes of the server a connection, idle after a message."""
    with servers.Server(command) as server:
        sockets = []
        try:
            sockets.append(socket.create_connection(("127.0.0.1", server.port)))
            talk(sockets)  # what comes with the first connection is not of every one
            before = pss_bytes(server.pid)
            sockets += [socket.create_connection(("127.0.0.1", server.port))
                        for _ in range(CONNECTIONS)]
            talk(sockets)
            return (pss_bytes(server.pid) - before) / CONNECTIONS
        finally:
            for one in sockets:
                one.close()


def event_of(lines, name):
    """The next event of that name that `contend load-window` prints. RuntimeError if there is none."""
    for line in lines:
        event = json.loads(line)
        if event["event"] == name:
            return event
    raise RuntimeError("the load ended before its window did")


def checked(sample):
    """The sample itself. RuntimeError if replies were wrong or connections missing."""
    if sample["errors"] or sample["connections_open"] < CONNECTIONS:
        raise RuntimeError(f"{sample['connections_open']} connections, errors {sample['errors']}")
    return sample


def percentiles(port):
    """(p50, p99) in ns of one window with all connections at work."""
    command = [servers.program("contend"), "load-window", "echo", "--connect", f"127.0.0.1:{port}",
               "--connections", str(CONNECTIONS), "--warmup-ms", str(WARM_UP_MS),
               "--window-ms", str(WINDOW_MS), "--cpu", str(servers.LOAD_CPU)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
        event_of(load.stdout, "window_ends")
        load.stdin.close()  # it holds its connections until then
        sample = checked(event_of(load.stdout, "sample"))
    histogram = Histogram.from_json(sample["histograms"]["all"])
    return histogram.value_at(50), histogram.value_at(99)


def measure(name, command, runs):
    latencies = []
    for _ in range(runs):
        with servers.Server(command) as server:
            latencies.append(percentiles(server.port))
    p50, p99 = (statistics.median(column) for column in zip(*latencies))
    return {"name": name, "memory_per_connection_bytes": memory_per_connection(command),
            "latency_p50_ns": p50, "latency_p99_ns": p99,
            "p99_to_p50": statistics.median(tail / middle for middle, tail in latencies)}


def broken(result):
    name, memory, tail = (result[key] for key in (
        "name", "memory_per_connection_bytes", "p99_to_p50"))
    lines = []
    if memory > MEMORY_LIMITS.get(name, memory):
        lines.append(f"{name}: {memory:.0f} bytes a connection, at most {MEMORY_LIMITS[name]}")
    if tail > TAIL_LIMITS.get(name, tail):
        lines.append(f"{name}: p99/p50 {tail:.2f}, at most {TAIL_LIMITS[name]}")
    return lines


def main():
    parser = measuring.parser(__doc__)
    parser.add_argument("--engines", type=list_of(one_of(servers.known)),
                        default="epoll,io_uring,asio,raw_epoll,raw_io_uring,raw_asio",
                        help="comma-separated (%(default)s)")
    parser.add_argument("--runs", type=at_least(1), default=5,
                        help="for the latencies (%(default)s)")
    arguments = parser.parse_args()
    servers.raise_descriptor_limit()
    unavailable = servers.available_engines()[1]

    results = [measure(name, servers.echo_command(name), arguments.runs)
               for name in servers.those_available(arguments.engines, unavailable)]
    if arguments.json:
        measuring.print_json({"connections": CONNECTIONS, "servers": results})
    else:
        print(table(results))
    return measuring.verdict(results, broken, arguments.check)


def table(results):
    lines = [f"{'':<13} {'bytes each':>10} {'p50 ms':>8} {'p99 ms':>8} {'p99/p50':>8}"]
    lines += [f"{result['name']:<13} {result['memory_per_connection_bytes']:>10.0f}"
              f" {result['latency_p50_ns'] / 1e6:>8.2f} {result['latency_p99_ns'] / 1e6:>8.2f}"
              f" {result['p99_to_p50']:>8.2f}" for result in results]
    return "\n".join(lines)
