"""The marks on what is no plain good measurement, the same in every chart and in the summary.

A mark never hides a number; it says what the number, or its absence, means.
"""
from contend.results.result import Cell

FAIR = 0.9  # Jain's index, below which connections count as starved

FAILED, SKIPPED, ERRORS, PARTIAL, STARVED, LIMITED = "✗", "–", "!", "~", "◐", "‡"
MEANINGS = {
    FAILED: "failed: no good sample (reasons in summary.md)",
    SKIPPED: "skipped: not available on this machine, or not measured yet",
    ERRORS: "errors: some replies were wrong or missing",
    PARTIAL: "partial: some samples failed",
    STARVED: f"starved: some connections got far less than others (Jain's fairness below {FAIR})",
    LIMITED: "client-limited: in some samples the load was the bottleneck, so the engine may be "
             "faster",
}
# For charts of latency.
STARVED_NOTE = ("An engine that starves connections looks quick here: only the replies it gave are "
                "counted.")


def is_starved(cell: Cell) -> bool:
    fairness = cell.interval("fairness_jain")
    return fairness is not None and fairness.median < FAIR


def marks_of(cell: Cell | None) -> str:
    """The cell's marks in a row; empty for a plain good cell, and for none."""
    if cell is None:
        return ""
    if cell.status == "skipped":
        return SKIPPED
    if not cell.measured:
        return FAILED
    found = [(ERRORS, bool(cell.errors)), (PARTIAL, cell.status == "partial"),
             (STARVED, is_starved(cell)), (LIMITED, cell.client_limited_samples > 0)]
    return "".join(mark for mark, applies in found if applies)


def explain(used: str) -> list[str]:
    """A line for each mark that occurs in `used`."""
    return [f"{mark} {meaning}" for mark, meaning in MEANINGS.items() if mark in used]
