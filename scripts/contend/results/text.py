"""Numbers, lists and origins in words: what charts and the summary print alike."""
from __future__ import annotations

import re

from contend.results.result import Cell, Interval, Result

_LARGE = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))
_NS = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns"))
_BYTES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))
NOISY = 0.1  # of all CPU time: more than this taken by others makes a run doubtful


# What GitHub Flavored Markdown 0.29 takes for the beginning of a block, and what it takes for markup
# or for a link wherever it stands. A reference to a character is never structure (6.2).
_MARKUP = re.compile(r"\A[#+=>-]|\A\d+[.)]|[&<>|*\[\]\\`~$]"
                     r"|(?<![^\W_])_|_(?![^\W_])|[@#](?=\w)|:(?=//)|(?<=www)\.")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
                          "\ud800-\udfff]+")


def markdown(words: str) -> str:
    """Returns words from outside on one line of Markdown: nothing in them is markup, a link or an
    order to a terminal."""
    return _MARKUP.sub(_reference, _UNPRINTABLE.sub(" ", words).strip())


def _reference(found: re.Match) -> str:
    # Links to people and issues are found once a reference has been read, but not across a comment.
    return "".join(letter if letter.isdigit() else
                   f"&#{ord(letter)};{'<!---->' if letter in '@#' else ''}"
                   for letter in found[0])


def _three_digits(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    if abs(value) < 0.0995:
        return f"{value:.3f}"
    return f"{value:.1f}" if abs(value) >= 9.995 else f"{value:.2f}"


def _scaled(value: float, units) -> str:
    # 0.9995 and more would be rounded to the next unit's 1.
    factor, unit = next((one for one in units if abs(value) >= one[0] * 0.9995), units[-1])
    return f"{_three_digits(value / factor)} {unit}".rstrip()


def short(words: str) -> str:
    """Without the zeros that say how exact a number is: `50.0 k` is `50 k` on an axis."""
    number, space, unit = words.partition(" ")
    if number == "0":
        return number
    return (number.rstrip("0").rstrip(".") if "." in number else number) + space + unit


def count(value: float) -> str:
    """152345 is `152 k`."""
    return _scaled(value, _LARGE)


def time_ns(value: float) -> str:
    """12345 is `12.3 µs`."""
    return _scaled(value, _NS)


def size_bytes(value: float) -> str:
    """4096 is `4.00 KiB`."""
    return _scaled(value, _BYTES)


def time_unit(largest_ns: float) -> tuple[float, str]:
    """The unit for an axis that ends there: its length in ns and its name."""
    return next((one for one in _NS if largest_ns >= one[0]), _NS[-1])


def interval(one: Interval | None, words=count) -> str:
    """`152 k (149 k to 155 k)`, or a dash where there is nothing."""
    if one is None:
        return "·"
    if one.low is None:
        return words(one.median)
    return f"{words(one.median)} ({words(one.low)} to {words(one.high)})"


def operations(role: str) -> str:
    """What one operation is."""
    return "jobs" if role == "run" else "requests"


def sample_counts(counts: list[int]) -> str:
    """`n = 10`, or a range where cells differ."""
    if not counts:
        return "n = 0"
    low, high = min(counts), max(counts)
    return f"n = {low}" if low == high else f"n = {low} to {high}"


def samples_of(cells: list[Cell], metric: str) -> str:
    """The same, of those cells that have the metric."""
    return sample_counts([len(cell.values(metric)) for cell in cells if cell.interval(metric)])


def _cpus(numbers: list[int]) -> str:
    return ("CPU " if len(numbers) == 1 else "CPUs ") + ", ".join(map(str, numbers))


def setting(cells: list[Cell]) -> str:
    """What the cells computed, as `jobs = 8, n = 30`; where they differ, each of the ways."""
    return "; ".join(dict.fromkeys(filter(None, map(_setting_of, cells))))


def _setting_of(cell: Cell) -> str:
    # A 0 stands for something that was not done; what is left over only bounds a sample's length.
    return ", ".join(f"{name} = {value:,}" for name, value in cell.parameters.items()
                     if value != 0 and name not in ("requests", "timeout_ms"))


def windows(cells: list[Cell]) -> str:
    """For how long at a time servers were measured; empty of clients and jobs, which have an end."""
    lengths = sorted({cell.window_ns for cell in cells if cell.role == "serve"})
    return "windows of " + ", ".join(short(time_ns(one)) for one in lengths) if lengths else ""


def machine(result: Result, roles: set[str]) -> str:
    """Where it was measured, in a line; `roles`: of the cells that it is said of."""
    one, placement = result.machine, result.placement
    parts = [f"{one['cpu_model']}, {one['cores']} cores" +
             (f", {one['hypervisor']}" if one["hypervisor"] else ""), one["kernel"]]
    if placement["pinned"]:
        where = (f"engine on {_cpus(placement['engine_cpus'])}, "
                 f"load on {_cpus(placement['load_cpus'])}")
        if "run" in roles:
            both = len(placement["engine_cpus"] + placement["load_cpus"]) == 2
            where += "; jobs on both" if both else "; jobs on all of them"
        parts.append(where)
    else:
        parts.append(f"not pinned: {placement['note'] or 'no reason given'}")
    return " · ".join(parts)


def is_noisy(result: Result) -> bool:
    """Whether so much of the CPU went elsewhere that times are of the machine, not of engines."""
    return sum(result.noise[name] or 0 for name in ("steal_share", "foreign_cpu_share")) > NOISY


def origin(result: Result) -> str:
    """What was measured and when, in a line, with what makes it less than it should be."""
    run, build, noise = result.run, result.build, result.noise
    parts = [f"contend {build['version']} {build['revision']}", run["started_at"][:10],
             f"suite {run['suite']}, {_rounds(run)}, seed {run['seed']}"]
    taken = [f"{share * 100:.1f} % {whose}" for share, whose in (
        (noise["steal_share"], "stolen"), (noise["foreign_cpu_share"], "of the CPU to others"))
        if share is not None]
    if taken:
        parts.append(("NOISY: " if is_noisy(result) else "") + ", ".join(taken))
    if build["sanitizers"]:
        parts.append(f"built with {build['sanitizers']} sanitizers: times mean nothing")
    return " · ".join(parts)


def _rounds(run: dict) -> str:
    if run["complete"]:
        return f"{run['rounds']} round" + ("s" if run["rounds"] != 1 else "")
    return f"INCOMPLETE: {run['rounds_finished']} of {run['rounds']} rounds"
