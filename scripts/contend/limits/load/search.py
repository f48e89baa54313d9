"""Figure 8: whether the search for the highest rate finds that of a server whose capacity is known."""
import json

from contend.limits import servers
from contend.limits.load import process
from contend.limits.load.plan import interleaved
from contend.limits.load.row import Row, within

FLAG, WANTED = "--find-max", "p99<20ms"
CAPACITY_PER_S, SHARE = 5_000, 0.05


def capacity(plan, progress):
    repetitions = plan.search_repetitions
    found = interleaved({"contend": lambda: found_per_s(plan.search_seconds)}, repetitions, progress)["contend"]
    return [Row(8, f"highest rate with {WANTED}", "/s", tuple(found), "capacity",
                (CAPACITY_PER_S,) * repetitions, within(SHARE, CAPACITY_PER_S))]


def found_per_s(seconds):
    """Raises RuntimeError where it finds none."""
    with servers.Server(servers.known_command("capacity", "--rate", str(CAPACITY_PER_S))) as server:
        ended = process.run([servers.program("contend"), "load", FLAG, WANTED, "-d", f"{seconds}s",
                             "--json", f"http://127.0.0.1:{server.port}/"], seconds)
    if not ended.output:
        raise RuntimeError(f"contend load {FLAG}: exit code {ended.code}: {ended.stderr_text.strip()}")
    result = json.loads(ended.output)["result"]
    if not result["held_per_s"]:
        raise RuntimeError(f"contend load {FLAG} found no rate that holds: {result}")
    return result["held_per_s"]
