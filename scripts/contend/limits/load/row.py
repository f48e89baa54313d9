"""One line of bench_load.py's table: what contend reached, beside a peer or the truth, and whether that
is what it was to reach.
"""
import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Bar:
    """`of` is what must lie within it: "value", which is contend's, or "ratio", to the peer's."""

    least: float | None = None
    most: float | None = None
    of: str = "value"

    def holds(self, value):
        return ((self.least is None or value >= self.least)
                and (self.most is None or value <= self.most))

    def __str__(self):
        if self.least is None:
            words = f"<= {self.most:g}"
        elif self.most is None:
            words = f">= {self.least:g}"
        else:
            words = f"{self.least:g} to {self.most:g}"
        return words + (" x" if self.of == "ratio" else "")


def at_most(most, of="value"):
    return Bar(most=most, of=of)


def at_least(least, of="value"):
    return Bar(least=least, of=of)


def within(share, truth):
    """No further from the truth than such a share of it."""
    return Bar(truth * (1 - share), truth * (1 + share))


@dataclasses.dataclass(frozen=True)
class Row:
    """`values` are contend's, one a repetition; the peer's belong to the same repetitions, in order.
    What could not be measured has no values, and `note` says why; where that is a failure, the bar is
    missed."""

    figure: int
    what: str
    unit: str = ""
    values: tuple = ()
    peer: str = ""
    peer_values: tuple = ()
    bar: Bar | None = None
    note: str = ""
    failed: bool = False

    @property
    def value(self):
        return statistics.median(self.values) if self.values else None

    @property
    def peer_value(self):
        return statistics.median(self.peer_values) if self.peer_values else None

    @property
    def ratios(self):
        """Of each repetition; none where there is no peer."""
        if not all(self.peer_values):
            return []
        return [mine / other for mine, other in zip(self.values, self.peer_values)]

    @property
    def ratio(self):
        """The median of those of the repetitions, not the ratio of the medians: a machine that is fast
        for some minutes and slow for others is either for both in most repetitions."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def spread(self):
        """The least and the greatest: of the ratios of each repetition, or without a peer of the values."""
        each = self.ratios or self.values
        return (min(each), max(each)) if each else None

    @property
    def met(self):
        """None where nothing was to be reached, or it is not available here."""
        if self.failed:
            return False
        if self.bar is None or not self.values:
            return None
        return self.bar.holds(self.ratio if self.bar.of == "ratio" else self.value)

    def json(self):
        return {"figure": self.figure, "what": self.what, "unit": self.unit, "value": self.value,
                "values": list(self.values), "peer": self.peer or None, "peer_value": self.peer_value,
                "peer_values": list(self.peer_values), "ratio": self.ratio,
                "spread": self.spread and list(self.spread),
                "bar": self.bar and dataclasses.asdict(self.bar), "met": self.met,
                "note": self.note or None, "failed": self.failed}


def number(value):
    """Three digits that count, and all before the point."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


HEADINGS = ("", "what", "contend", "peer", "ratio", "spread", "bar", "met")


def cells(row):
    peer = f"{row.peer} {number(row.peer_value)}".strip() if row.peer else "-"
    spread = "-" if row.spread is None else " to ".join(map(number, row.spread))
    return (str(row.figure), row.what, f"{number(row.value)} {row.unit}".strip(), peer,
            number(row.ratio), spread, str(row.bar or "-"),
            {None: "-", True: "yes", False: "NO"}[row.met], row.note)


def table(rows):
    """Its lines, aligned."""
    lines = [(*HEADINGS, ""), *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
                     for line in lines)


def broken(row):
    """What --check says of it."""
    if row.met is not False:
        return []
    if row.failed:
        return [f"figure {row.figure}: {row.note}"]
    measured = row.ratio if row.bar.of == "ratio" else row.value
    return [f"figure {row.figure}, {row.what}: {number(measured)}, to be {row.bar}"]
