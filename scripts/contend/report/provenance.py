"""Where all of it was measured, with what, and how undisturbed."""
from __future__ import annotations

from contend.report.markup import Markup, element
from contend.report.parts import (NOTHING, cell, code, command, head_cell, paragraph, row_head,
                                  section, table)
from contend.report.source import Source
from contend.results import text


def build(source: Source) -> Markup:
    tables = [_facts("Run", _run(source)), _facts("Machine", _machine(source)),
              _facts("Programs", _programs(source))]
    return section("provenance", "Where and how", paragraph(
        "What somebody needs who wants to measure the same, or to doubt it."), *tables,
        _slices(source) if source.comparison else None)


def _facts(caption: str, facts: list[tuple[str, object]]) -> Markup:
    rows = [element("tr", row_head(name), element("td", NOTHING if value in (None, "") else value))
            for name, value in facts]
    return table(caption, [head_cell("what"), head_cell("value")], [element("tbody", rows)],
                 "facts")


def share(value: float | None) -> str:
    return "unknown" if value is None else f"{value * 100:.2f} %"


def _run(source: Source) -> list[tuple[str, object]]:
    run, noise = source.run, (source.comparison or source.main.fields)["noise"]
    facts: list[tuple[str, object]] = [
        ("run", run["id"]), ("suite", run["suite"]), ("command", command(run["command"])),
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


def _machine(source: Source) -> list[tuple[str, object]]:
    fields = source.comparison or source.main.fields
    one, placement = fields["machine"], fields["placement"]

    def numbers(cpus: list[int]) -> str:
        return ", ".join(map(str, cpus))
    return [("CPU", one["cpu_model"]), ("cores", str(one["cores"])),
            ("memory", text.size_bytes(one["memory_bytes"])), ("kernel", one["kernel"]),
            ("hypervisor", one["hypervisor"] or "none seen"), ("io_uring", one["io_uring"]),
            ("descriptor limit", f"{one['descriptor_limit']:,}"),
            ("fingerprint", code(one["fingerprint"])),
            ("CPUs of the engine", numbers(placement["engine_cpus"])),
            ("CPUs of the load", numbers(placement["load_cpus"])),
            ("pinned", "yes" if placement["pinned"] else "no"), ("placement", placement["note"])]


def _build(label: str, build: dict) -> list[tuple[str, object]]:
    return [(f"{label}: revision", f"contend {build['version']}, {build['revision']}"),
            (f"{label}: compiler", build["compiler"]), (f"{label}: flags", code(build["flags"])),
            (f"{label}: build type", build["build_type"]),
            (f"{label}: sanitizers", build["sanitizers"] or "none")]


def _programs(source: Source) -> list[tuple[str, object]]:
    if source.comparison is None:
        build = source.main.fields["build"]
        return _build("harness", build) + [
            ("engine host: SHA-256", code(build["engine_binary_sha256"]))]
    facts = _build("harness", source.comparison["harness"])
    for label in ("base", "head"):
        side = source.comparison[label]
        facts += [(f"{label}: name", side["name"]), (f"{label}: command", command(side["command"])),
                  (f"{label}: SHA-256", code(side["sha256"]) if side["sha256"] else
                   "not one file")]
    return facts


def _slices(source: Source) -> Markup:
    names = ("good", "failed", "client_limited", "noisy")
    head = [head_cell("cell", "text")] + [
        head_cell(f"{label} {name.replace('_', '-')}", "number")
        for label in ("base", "head") for name in names] + [head_cell("reason")]
    rows = [element("tr", row_head(name), [
        cell(str(one[label][each]), one[label][each], "number", f"{label} {each}")
        for label in ("base", "head") for each in names], cell(one["reason"] or NOTHING,
                                                               label="reason"),
        data_engine=one["engine"]) for name, one in source.cells.items()]
    return table("Slices of each cell", head, [element("tbody", rows)], "sortable", wide=True)
