"""Load generators: contend's and its peers. How each is told the same load, and how what it says is
read. What it costs, the kernel says (process.py); what is not installed is left out.
"""
import dataclasses
import json
import pathlib
import re
import shutil
import typing

from contend.limits import servers
from contend.limits.load import process
from contend.results.histogram import Histogram

NOT_TRUSTED = 3  # contend's exit code where its own verdict is that its figures are not to be trusted


@dataclasses.dataclass(frozen=True)
class Load:
    """What is asked of a generator. Without a rate, each answer is followed by the next request."""

    connections: int
    seconds: int
    pipeline: int = 1
    rate_per_s: float | None = None


@dataclasses.dataclass(frozen=True)
class Run:
    """What came of it. `answers` are right ones; `report` is all that contend says."""

    answers: int
    wrong: int
    seconds: float
    cpu_s: float
    p50_ns: float | None = None
    report: dict | None = None

    @property
    def cpu_us(self):
        return self.cpu_s / self.answers * 1e6

    @property
    def per_s(self):
        return self.answers / self.seconds

    def time_ns(self, kind, percentile):
        """Of response_time, service_time or send_lag, as contend says it."""
        return Histogram.from_json(self.report[kind]).value_at(percentile)

    @property
    def connected_s(self):
        """When the last connection had been made; where one never was, the end."""
        connected_ns = self.report["all_connected_ns"]
        return self.seconds if connected_ns is None else connected_ns / 1e9


@dataclasses.dataclass(frozen=True)
class Peer:
    command: typing.Callable  # (url, load) -> words
    read: typing.Callable  # what it printed -> (right answers, wrong ones, seconds, p50 ns or None)
    pipelines: bool = False
    keeps_rate: bool = False  # it is for open loops, and for nothing else
    is_there: typing.Callable = lambda name: shutil.which(name)  # -> something true


def contend_command(url, load, *more):
    words = [servers.program("contend"), "load", url, "--json", "-c", str(load.connections),
             "-d", f"{load.seconds}s", "-p", str(load.pipeline)]
    if load.rate_per_s is not None:
        words += ["--rate", str(load.rate_per_s)]
    return words + list(more)


def contend_report(ended):
    """What it says, right or wrong. Raises RuntimeError where it failed."""
    if ended.code not in (0, NOT_TRUSTED):
        raise RuntimeError(f"contend load: exit code {ended.code}: {ended.stderr_text.strip()}")
    return json.loads(ended.output)


def contend_run(ended):
    """Raises RuntimeError where it failed, or an answer was wrong."""
    report = contend_report(ended)
    if report["errors"]:
        raise RuntimeError(f"contend load: {report['errors']}, such as {report['examples']}")
    return Run(report["answered"], 0, report["duration_ns"] / 1e9, ended.cpu_s, report=report)


def run_contend(url, load, *more):
    return contend_run(process.run(contend_command(url, load, *more), load.seconds))


def run_peer(name, url, load):
    """Raises RuntimeError where it failed, or no answer was right. Wrong ones are counted."""
    peer = PEERS[name]
    ended = process.run(peer.command(url, load), load.seconds)
    if ended.code != 0:
        raise RuntimeError(f"{name}: exit code {ended.code}: {ended.stderr_text.strip()}")
    answers, wrong, seconds, p50_ns = peer.read(ended.output)
    if not answers:
        raise RuntimeError(f"{name}: no right answers, and {wrong} wrong ones")
    return Run(answers, wrong, seconds, ended.cpu_s, p50_ns)


def peers_for(load):
    """The names of the peers that can make such a load, and of those of them that are missing."""
    able = [name for name, peer in PEERS.items() if peer.keeps_rate == (load.rate_per_s is not None)
            and (peer.pipelines or load.pipeline == 1)]
    there = [name for name in able if PEERS[name].is_there(name)]
    return there, [name for name in able if name not in there]


def found(pattern, text):
    """The groups of what must be there once."""
    match = re.search(pattern, text)
    if match is None:
        raise RuntimeError(f"no '{pattern}' in what a load generator printed: {text[:200]!r}")
    return match.groups()


PIPELINE_SCRIPT = pathlib.Path(__file__).with_name("pipeline.lua")
TIME_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def seconds_of(words):
    """2.08s, 1.21ms or 3.5m, as wrk and h2load write times."""
    number, unit = found(r"^([0-9.]+)([a-z]+)$", words)
    return float(number) * TIME_UNITS[unit]


def wrk_command(url, load):
    words = ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s"]
    if load.pipeline == 1:
        return words + [url]
    return words + ["-s", str(PIPELINE_SCRIPT), url, "--", str(load.pipeline)]


def read_wrk(text):
    answers, seconds = found(r"(\d+) requests in ([0-9.a-z]+),", text)
    bad_status = sum(int(one) for one in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    unanswered = sum(int(one) for errors in re.findall(r"Socket errors: (.*)", text)
                     for one in re.findall(r"\d+", errors))
    return int(answers) - bad_status, bad_status + unanswered, seconds_of(seconds), None


def wrk2_command(url, load):
    return ["wrk2", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", f"-R{load.rate_per_s}",
            "--latency", url]


def read_wrk2(text):
    p50, = found(r"\s50\.000%\s+([0-9.a-z]+)", text)
    return *read_wrk(text)[:3], seconds_of(p50) * 1e9


def h2load_command(url, load):
    return ["h2load", "--h1", "-t1", f"-c{load.connections}", f"-m{load.pipeline}",
            f"-D{load.seconds}", url]


def read_h2load(text):
    seconds, = found(r"finished in ([0-9.a-z]+),", text)
    answers, failed, errored = map(int, found(
        r"(\d+) succeeded, (\d+) failed, (\d+) errored", text))
    return answers, failed + errored, seconds_of(seconds), None


def hey_command(url, load):
    return ["hey", "-cpus", "1", "-c", str(load.connections), "-z", f"{load.seconds}s", url]


def read_hey(text):
    seconds, = found(r"Total:\s+([0-9.]+) secs", text)
    answers = {status: int(count) for status, count in
               re.findall(r"\[(\d{3})\]\s+(\d+) responses", text)}
    errors = text.partition("Error distribution:")[2]
    wrong = sum(int(one) for one in re.findall(r"^\s*\[(\d+)\]", errors, re.MULTILINE))
    right = sum(count for status, count in answers.items() if status < "400")
    return right, wrong + sum(answers.values()) - right, float(seconds), None


def gcannon_command(url, load):
    return ["gcannon", url, "-t", "1", "-c", str(load.connections), "-d", f"{load.seconds}s",
            "-p", str(load.pipeline), "--json"]


def read_gcannon(text):
    said = json.loads(text)
    right = said["status"]["2xx"] + said["status"]["3xx"]
    wrong = said["responses"] - right + sum(said["errors"].values())
    return right, wrong, said["elapsed_sec"], said["latency_us"]["p50"] * 1e3


# Not a load generator, but what is beneath any: a client that takes all bytes for right answers.
FLOOR = "floor"


def floor_command(url, load):
    return [servers.program("floor_client"), url.removeprefix("http://").rstrip("/"), "--connections",
            str(load.connections), "--seconds", str(load.seconds), "--pipeline", str(load.pipeline)]


def read_floor(text):
    said = json.loads(text)
    return said["answers"], 0, said["seconds"], None


def floor_is_there(_):
    return "io_uring" in servers.available_engines()[0]


PEERS = {
    FLOOR: Peer(floor_command, read_floor, pipelines=True, is_there=floor_is_there),
    "wrk": Peer(wrk_command, read_wrk, pipelines=True),
    "h2load": Peer(h2load_command, read_h2load, pipelines=True),
    "hey": Peer(hey_command, read_hey),
    "gcannon": Peer(gcannon_command, read_gcannon, pipelines=True),
    "wrk2": Peer(wrk2_command, read_wrk2, keeps_rate=True),
}
