"""Where all of it was measured, with what, and how undisturbed."""
from __future__ import annotations

import shlex
from typing import NamedTuple

from markupsafe import Markup

from contend.report.source import Source
from contend.report.template import render
from contend.results import text


class Fact(NamedTuple):
    name: str
    value: str | None
    code: bool = False  # shown as it could be typed


def build(source: Source) -> Markup:
    return render("provenance.html", source, tables=[
        (caption, [Fact(*one) for one in facts(source)])
        for caption, facts in (("Run", _run), ("Machine", _machine), ("Programs", _programs))])


def _command(name: str, words: list[str]) -> tuple:
    return name, shlex.join(words), bool(words)


def share(value: float | None) -> str:
    return "unknown" if value is None else f"{value * 100:.2f} %"


def _run(source: Source) -> list[tuple]:
    run, noise = source.run, (source.comparison or source.main.fields)["noise"]
    facts: list[tuple] = [
        ("run", run["id"]), ("suite", run["suite"]), _command("command", run["command"]),
        ("seed", str(run["seed"])), ("started", run["started_at"]),
        ("finished", run["finished_at"] or "not finished"),
        ("complete", "yes" if run["complete"] else "no")]
    if source.comparison is None:
        facts.append(("rounds", f"{run['rounds_finished']} of {run['rounds']}"))
    else:
        facts += [("interleaved", "yes" if run["interleaved"] else "no: two stored results"),
                  ("slice", text.time_ns(run["slice_ns"]) if run["slice_ns"] else None),
                  ("budget", text.time_ns(run["budget_ns"]) if run["budget_ns"] else None),
                  ("false alarms in the suite", f"at most {run['alpha'] * 100:g} %"),
                  ("confidence of an interval", f"{run['confidence'] * 100:g} %")]
    return facts + [("noise: steal", share(noise["steal_share"])),
                    ("noise: foreign CPU", share(noise["foreign_cpu_share"]))]


def _machine(source: Source) -> list[tuple]:
    fields = source.comparison or source.main.fields
    one, placement = fields["machine"], fields["placement"]

    def numbers(cpus: list[int]) -> str:
        return ", ".join(map(str, cpus))
    return [("CPU", one["cpu_model"]), ("cores", str(one["cores"])),
            ("memory", text.size_bytes(one["memory_bytes"])), ("kernel", one["kernel"]),
            ("hypervisor", one["hypervisor"] or "none seen"), ("io_uring", one["io_uring"]),
            ("descriptor limit", f"{one['descriptor_limit']:,}"),
            ("fingerprint", one["fingerprint"], True),
            ("CPUs of the engine", numbers(placement["engine_cpus"])),
            ("CPUs of the load", numbers(placement["load_cpus"])),
            ("pinned", "yes" if placement["pinned"] else "no"), ("placement", placement["note"])]


def _build(label: str, build: dict) -> list[tuple]:
    return [(f"{label}: revision", f"contend {build['version']}, {build['revision']}"),
            (f"{label}: compiler", build["compiler"]), (f"{label}: flags", build["flags"], True),
            (f"{label}: build type", build["build_type"]),
            (f"{label}: sanitizers", build["sanitizers"] or "none")]


def _programs(source: Source) -> list[tuple]:
    if source.comparison is None:
        build = source.main.fields["build"]
        return _build("harness", build) + [
            ("engine host: SHA-256", build["engine_binary_sha256"], True)]
    facts = _build("harness", source.comparison["harness"])
    for label in ("base", "head"):
        side = source.comparison[label]
        facts += [(f"{label}: name", side["name"]), _command(f"{label}: command", side["command"]),
                  (f"{label}: SHA-256", side["sha256"] or "not one file", bool(side["sha256"]))]
    return facts
