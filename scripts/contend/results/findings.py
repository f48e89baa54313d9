"""What a run found, as the summary and the report both say it: who leads, and what went wrong.

    for one in troubles(result): print(one.engine, one.marks, one.note, one.labels)
"""
from __future__ import annotations

from dataclasses import dataclass, field

from contend.results.marks import marks_of
from contend.results.ranking import rank
from contend.results.result import Result, Scenario

# How the leaders are to be read.
RULES = ("Ratios are of median throughputs, with 95 % intervals over the rounds, each for itself.",
         "An engine with errors or starved connections can't be ahead; where the load held one of "
         "the first back in half of its samples, there is no order.")
TROUBLE = "Failed, skipped, wrong or limited"


@dataclass
class Trouble:
    """Something that an engine has a mark for, with all places where it is the same."""

    engine: str
    marks: str
    note: str
    labels: list[str] = field(default_factory=list)  # of the scenarios

    @property
    def places(self) -> str:
        return ", ".join(self.labels)


def leaders(result: Result, scenarios: list[Scenario]) -> list[tuple[str, str]]:
    """Returns each scenario's label and who leads there, as a sentence."""
    return [(one.label, rank(result, one).sentence()) for one in scenarios]


def troubles(result: Result) -> list[Trouble]:
    """Returns everything that has a mark, with its reason; the same reason of one engine once."""
    found: dict[tuple, Trouble] = {}
    for cell in result.cells:
        notes = [] if cell.status == "ok" else [f"{cell.status}: {cell.reason}"]
        notes += [f"{count:,} × {kind}" for kind, count in cell.errors.items()]
        if cell.client_limited_samples:
            notes.append(f"client-limited in {cell.client_limited_samples} of "
                         f"{cell.sample_count} samples")
        if notes:
            key = cell.engine, marks_of(cell), "; ".join(notes)
            found.setdefault(key, Trouble(*key)).labels.append(cell.scenario.label)
    return list(found.values())
