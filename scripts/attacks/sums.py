"""contend load with random options against servers that answer rightly, rudely or not at all: the figures add
up as results/README.md says, in the totals and over the rows."""

import functools
import json
import pathlib
import tempfile

import validate
from attacks import process
from attacks.case import Case
from contend import ROOT
from contend.limits import servers

COUNT = 150
UNKNOWN = 1 << 62
SECONDS = 30
RUDE = ROOT / "harness" / "load" / "server" / "rude_server.py"
SERVERS = {"http": [("engine", "epoll"), ("engine", "threads"), ("engine", "io_uring"), ("rude", "http"), ("none", "")],
           "tcp": [("engine", "epoll"), ("engine", "asio"), ("rude", "echo"), ("none", "")]}


def random_case(rng):
    """A server's command, or None, the scheme, and the options."""
    scheme = rng.choice(["http", "tcp"])
    kind, name = rng.choice(SERVERS[scheme])
    command = {"engine": lambda: servers.engine_command(name, "http" if scheme == "http" else "echo"),
               "rude": lambda: ["/usr/bin/python3", "-B", str(RUDE), name], "none": lambda: None}[kind]()
    connections = rng.choice([1, 2, 3, 8, 30])
    options = ["--connections", str(connections), "--threads", str(rng.randint(1, min(connections, 3))),
               "--timeout", rng.choice(["50ms", "200ms", "2s"]), "--seed", str(rng.randrange(1000))]
    if rng.random() < 0.5:
        options += ["--pipeline", str(rng.choice([2, 5, 16]))]
    if rng.random() < 0.4:
        options += ["--keep-alive", str(rng.choice([1, 2, 7]))]
    duration = f"{rng.randint(200, 1300)}ms"
    loop = rng.choice(["closed", "rate", "ramp"])
    if loop == "ramp":
        options += ["--ramp", f"{rng.choice([0, 50])}:{rng.choice([200, 5000])}:{duration}"]
    else:
        options += ["--duration", duration]
    if loop == "rate":
        options += ["--rate", str(rng.choice([5, 300, 3000, 30000]))]
    if loop != "closed" and rng.random() < 0.5:
        options += ["--arrivals", "poisson"]
    if rng.random() < 0.25:
        options += ["--requests", str(rng.choice([1, 10, 400]))]
    elif rng.random() < 0.3:
        options += ["--warm-up", "100ms"]
    return command, scheme, options


def wrong_sums(load, limit):
    """What does not add up in the JSON of a load; `limit`: of --requests, or None."""
    rows, arrivals = load["seconds"], load["arrivals"]
    of_rows = {name: sum(row[name] for row in rows) for name in ("sent", "answered", "offered")}
    errors = {}
    for row in rows:
        for kind, count in row["errors"].items():
            errors[kind] = errors.get(kind, 0) + count
    ended = load["answered"] + load["failed_requests"]
    became = ended + load["unanswered"]
    in_flight = load["connections"] * load["pipeline"]
    # What the warm-up sent ends later, and so does what is sent before its end has been noticed.
    before = UNKNOWN if load["warm_up_ns"] else 0
    times = load["response_time" if arrivals else "service_time"]
    waited = load["unanswered"] + (arrivals["unsent"] if arrivals else 0)

    def count(histogram):
        return histogram["count"] if histogram else 0

    checks = {
        "answered of all rows": (of_rows["answered"], load["answered"], 0),
        "sent = answered + failed + in flight": (of_rows["sent"], became, before),
        "in flight at the end of the last row": (rows[-1]["in_flight"], load["unanswered"], 0),
        "times of answers and of what waited": (load["answered"], count(times), waited),
        "service times": (load["answered"], count(load["service_time"]), 0 if arrivals else waited),
    }
    found = [f"{name}: {left}, not {right}" for name, (left, right, more) in checks.items()
             if not left <= right <= left + more]
    if errors != load["errors"]:
        found.append(f"errors of all rows: {errors}, not {load['errors']}")
    if load["failed_requests"] > sum(load["errors"].values()):
        found.append(f"more requests failed than there were errors: {load['failed_requests']}")
    if load["unanswered"] > in_flight:
        found.append(f"{load['unanswered']} in flight, of at most {in_flight}")
    if limit is not None and of_rows["sent"] > limit:
        found.append(f"{of_rows['sent']} sent of {limit}")
    if arrivals:
        due = became + arrivals["unsent"] + arrivals["dropped"]
        if limit is None and not of_rows["offered"] <= due <= of_rows["offered"] + before:
            found.append(f"due = sent + unsent + dropped: {of_rows['offered']}, not {due}")
        if count(load["send_lag"]) + arrivals["queued"] != load["answered"]:
            found.append(f"on time + queued: {count(load['send_lag'])} + {arrivals['queued']}, not {load['answered']}")
        if arrivals["overdue"] > arrivals["unsent"] or arrivals["max_waiting"] > arrivals["queue_limit"]:
            found.append(f"beyond their limits: {arrivals}")
    return found


def check(command, scheme, options):
    with tempfile.TemporaryDirectory() as folder:
        with process.serving(command) if command else nobody() as port:
            ended = process.run([servers.program("contend"), "load", f"{scheme}://127.0.0.1:{port}", *options,
                                 "--json"], SECONDS)
        if ended.code not in (0, 1, 3) or not ended.in_time or ended.left:
            return process.complaints(ended, "contend") or [f"exit code {ended.code}: {ended.err[-300:]!r}"]
        file = pathlib.Path(folder) / "load.json"
        file.write_text(ended.out)
        limit = int(options[options.index("--requests") + 1]) if "--requests" in options else None
        return [*validate.errors_of(file, False), *wrong_sums(json.loads(ended.out), limit)]


class nobody:
    """A port that refuses."""

    def __enter__(self):
        return 1

    def __exit__(self, *_):
        pass


def cases(rng):
    for _ in range(COUNT):
        command, scheme, options = random_case(rng)
        name = " ".join([pathlib.Path(command[-1]).name if command and "rude" in command[-2] else
                         command[2] if command else "nobody", scheme, *options])
        yield Case(name, functools.partial(check, command, scheme, options))
