"""A load: of one run its seconds and percentiles, of several rates latency against the rate.

    scripts/plot_load.py max.json
"""
from types import SimpleNamespace

from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from contend.figures.sheet import COLOURS, GRID, QUIET, Sheet, log_axis
from contend.results import text
from contend.results.histogram import Histogram, merge, rarity
from contend.results.load import is_several, time_limits_ns, times_of

GREY, ORANGE, _, SKY, GREEN, BLUE, RED, _ = COLOURS
PERCENTILES = {50: SKY, 99: BLUE, 99.9: GREY}
MARKED = [50, 90, 99, 99.9, 99.99]
FAINT = 0.45  # of single windows beside all at their rate
HOLLOW = {"marker": "o", "markerfacecolor": "white"}
OUTCOMES = {"held": {"marker": "o"}, "broken": HOLLOW, "disturbed": {"marker": "x"},
            "kept up": {"marker": "o"}, "backlog grew": HOLLOW}  # the last two are of a sweep
S = 1e9


class LoadSheet(Sheet):
    """A page about a load: it has no engines and says at its foot what the load says of itself."""

    def __init__(self, foot: list[str], *arguments, **more):
        super().__init__(SimpleNamespace(engines=[]), *arguments, **more)
        self._foot = foot

    def foot(self) -> list[str]:
        return self._foot


def rate(value: float) -> str:
    """In full where the digits matter."""
    return f"{value:,.0f}/s" if value >= 100 else f"{value:.3g}/s"


def count_axis(axis) -> None:
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: text.short(text.count(value))))


def second_axis(axes, end_s: float) -> None:
    axes.set_xlim(0, end_s)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=end_s > 4))
    axes.set_xlabel("seconds", fontsize=8.5, labelpad=2)
    axes.grid(color=GRID, linewidth=0.7)


def mark_limits(axes, objective: dict | None) -> None:
    """The times that are asked for, with room above them for their names."""
    for term, limit_ns in time_limits_ns(objective).items():
        axes.axhline(limit_ns, color=RED, linewidth=1, linestyle="--")
        axes.annotate(term, (0, limit_ns), xycoords=("axes fraction", "data"), xytext=(3, 2),
                      textcoords="offset points", fontsize=8, color=RED)
        axes.set_ylim(None, max(axes.get_ylim()[1], limit_ns * 2))


# Several rates.

def outcome_of(point: dict) -> str:
    return point["outcome"] or ("kept up" if point["kept_up"] else "backlog grew")


def times_by_rate(points: list[dict]) -> dict[float, list[Histogram]]:
    """Of each window that was answered and not disturbed."""
    found: dict[float, list[Histogram]] = {}
    for point in points:
        times = times_of(point["load"])
        if times and point["outcome"] != "disturbed":
            found.setdefault(point["rate_per_s"], []).append(times)
    return dict(sorted(found.items()))


def carried(points: list[dict], percentile: float) -> list[tuple[float, int]]:
    """Rate and percentile of all windows at that rate together, where they are enough for it."""
    merged = {rate_: merge(windows) for rate_, windows in times_by_rate(points).items()}
    return [(rate_, one.value_at(percentile)) for rate_, one in merged.items()
            if one.carries(percentile)]


def mark_answer(axes, answer: dict | None) -> None:
    """Where it was held, up to where it broke."""
    if not answer or not answer["held_per_s"]:
        return
    if answer["broke_per_s"]:
        axes.axvspan(answer["held_per_s"], answer["broke_per_s"], color=GREEN, alpha=0.25,
                     linewidth=0)
    axes.axvline(answer["held_per_s"], color=GREEN, linewidth=1.4)


def latency_panel(sheet: LoadSheet, axes, fields: dict) -> None:
    points = fields["points"]
    for percentile, colour in PERCENTILES.items():
        line = carried(points, percentile)
        if not line:
            continue
        axes.plot(*zip(*line), "-", color=colour, linewidth=1.5)
        single = [(rate_, one.value_at(percentile)) for rate_, windows in
                  times_by_rate(points).items() for one in windows if one.carries(percentile)]
        if single:
            axes.plot(*zip(*single), "o", color=colour, markersize=3.5, alpha=FAINT, linewidth=0)
    mark_answer(axes, fields["result"])
    if carried(points, min(PERCENTILES)):
        axes.set_yscale("log")
        mark_limits(axes, points[0]["load"]["objective"])
        log_axis(axes.yaxis)
    axes.set_ylabel("response time", fontsize=8.5)
    sheet.heading(axes, "latency", "a dot a window, lines through all windows at a rate together; "
                  "none of disturbed ones, or with fewer than ten answers beyond it")


def answered_panel(sheet: LoadSheet, axes, fields: dict) -> None:
    for point in fields["points"]:
        axes.plot(point["rate_per_s"], point["load"]["answered_per_s"], color=BLUE, markersize=4.5,
                  **OUTCOMES[outcome_of(point)])
    most = max(one["rate_per_s"] for one in fields["points"])
    axes.plot([0, most], [0, most], color=QUIET, linewidth=0.8, linestyle=":")
    axes.set_ylim(0, None)
    mark_answer(axes, fields["result"])
    count_axis(axes.yaxis)
    axes.set_ylabel("answers a second", fontsize=8.5)
    failed = sum(one["load"]["failed_requests"] for one in fields["points"])
    sheet.heading(axes, "answered", "dotted: all that was asked",
                  f"{failed:,} requests failed" if failed else "no request failed")


def kept_up_in_words(points: list[dict]) -> str:
    lost = [one["rate_per_s"] for one in points if not one["kept_up"]]
    kept = [one["rate_per_s"] for one in points if one["rate_per_s"] < min(lost, default=1e9)]
    parts = [f"The server kept up to {rate(max(kept))}"] if kept else []
    if lost:
        parts.append(("at" if kept else "At") + f" {rate(min(lost))} its backlog grew")
    return "; ".join(parts) + "."


def answer_in_words(fields: dict) -> str:
    answer, objective = fields["result"], fields["objective"]
    if not answer:
        return kept_up_in_words(fields["points"])
    held, broke = (rate(answer[name]) if answer[name] else None
                   for name in ("held_per_s", "broke_per_s"))
    sure = "" if answer["confirmed"] else " Not sure: there was no time for more windows."
    words = {
        "found": f"The highest rate with {objective}: {held}" +
                 (f"; no more at {broke}." if broke else "."),
        "never_held": f"{objective} was never held" + (f", not at {broke} either." if broke else "."),
        "client_was_limit": f"At {broke} the load or the machine was the limit, not the server" +
                            (f"; {objective} was held at {held}." if held else "."),
        "server_gone": "The server had stopped answering when the search ended" +
                       (f"; {objective} was held at {held}." if held else "."),
        "interrupted": "Interrupted" + (f"; {objective} was held at {held}." if held else ".")}
    return words[answer["finding"]] + (sure if answer["finding"] == "found" else "")


def sheet_of_rates(fields: dict) -> LoadSheet:
    load = fields["points"][0]["load"]
    windows = [one["load"]["duration_ns"] for one in fields["points"]]
    lengths = dict.fromkeys(text.short(text.time_ns(one)) for one in (min(windows), max(windows)))
    foot = [f"{load['connections']:,} connections, {load['arrivals']['law']} arrivals · "
            f"{len(windows)} windows of {' to '.join(lengths)} in "
            f"{text.time_ns(fields['took_ns'])}" + (" · INTERRUPTED" if fields["interrupted"] else "")]
    sheet = LoadSheet(foot, f"Load on {fields['target']}", answer_in_words(fields), 2, columns=2,
                      panel_height=2.9, left=0.75, gap=0.8)
    latency_panel(sheet, sheet.axes[0], fields)
    answered_panel(sheet, sheet.axes[1], fields)
    rates = [one["rate_per_s"] for one in fields["points"]]
    # Where all are near the answer, the room is theirs.
    least = min(rates) * 0.97 if min(rates) > max(rates) / 2 and len(set(rates)) > 1 else 0
    if least:
        answered = [one["load"]["answered_per_s"] for one in fields["points"]]
        sheet.axes[1].set_ylim(min(least, *answered) * 0.97, None)
    for axes in sheet.axes:
        axes.set_xlim(least, max(rates) * 1.03)
        count_axis(axes.xaxis)
        axes.set_xlabel("requests a second, offered", fontsize=8.5, labelpad=2)
        axes.grid(color=GRID, linewidth=0.7)
    handles = [Line2D([], [], color=colour, marker="o", markersize=4, label=f"p{percentile:g}")
               for percentile, colour in PERCENTILES.items()
               if carried(fields["points"], percentile)]
    outcomes = {outcome_of(one) for one in fields["points"]}
    handles += [Line2D([], [], color=BLUE, linewidth=0, label=outcome, **look)
                for outcome, look in OUTCOMES.items() if outcome in outcomes]
    if fields["result"] and fields["result"]["held_per_s"]:
        handles.append(Patch(facecolor=GREEN, alpha=0.4, label="the answer: held to broken"))
    sheet.legend(handles)
    return sheet


# One run.

def steps(axes, ends_s: list[float], values: list[float], colour: str, **style) -> None:
    axes.stairs(values, [0, *ends_s], color=colour, linewidth=1.4, baseline=None, **style)


def rate_panel(sheet: LoadSheet, axes, load: dict, ends_s: list[float]) -> None:
    lengths = [end - begin for begin, end in zip([0, *ends_s], ends_s)]
    def a_second(values):
        return [value / max(length, 1e-9) for value, length in zip(values, lengths)]
    rows = load["seconds"]
    errors = [sum(one["errors"].values()) for one in rows]
    if load["loop"] == "open":
        steps(axes, ends_s, a_second([one["offered"] for one in rows]), GREY, linestyle="--")
    steps(axes, ends_s, a_second([one["answered"] for one in rows]), BLUE)
    if any(errors):
        steps(axes, ends_s, a_second(errors), RED)
    axes.set_ylim(0, None)
    count_axis(axes.yaxis)
    axes.set_ylabel("a second", fontsize=8.5)
    sheet.heading(axes, "rates", f"{load['answered']:,} answers, "
                  f"{rate(load['answered_per_s'])}; {sum(errors):,} errors")


def time_panel(sheet: LoadSheet, axes, load: dict, ends_s: list[float]) -> None:
    for name, colour in (("p50_ns", SKY), ("p99_ns", BLUE), ("max_ns", GREY)):
        values = [one[name] if one[name] is not None else float("nan") for one in load["seconds"]]
        steps(axes, ends_s, values, colour)
    if load["answered"]:
        axes.set_yscale("log")
        axes.autoscale_view()
        log_axis(axes.yaxis)
    which = "response" if load["loop"] == "open" else "service"
    axes.set_ylabel(f"{which} time", fontsize=8.5)
    gone = f"nobody was answered for {text.time_ns(sum(one['length_ns'] for one in load['gaps']))}"
    sheet.heading(axes, "latency by the second", gone if load["gaps"] else "no gap")


def percentile_panel(sheet: LoadSheet, axes, load: dict) -> None:
    times = times_of(load)
    levels = [100 - 100 / 2 ** (step / 16) for step in range(16, 240)]
    levels = [one for one in levels if times and times.carries(one)]
    axes.plot([rarity(one) for one in levels], [times.value_at(one) for one in levels],
              color=BLUE, linewidth=1.6)
    if levels:
        axes.set_yscale("log")
        mark_limits(axes, load["objective"])
        log_axis(axes.yaxis)
    axes.set_xscale("log")
    shown = [one for one in MARKED if one <= max([99.9, *levels])]
    axes.set_xlim(1.9, rarity(shown[-1]) * 1.15)
    axes.xaxis.set_major_locator(FixedLocator([rarity(one) for one in shown]))
    axes.xaxis.set_major_formatter(FixedFormatter([f"p{one:g}" for one in shown]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(color=GRID, linewidth=0.7)
    sheet.heading(axes, "percentiles", "a line ends where fewer than ten answers lie beyond it"
                  if levels else "too few answers for a line")


def flight_panel(sheet: LoadSheet, axes, load: dict, ends_s: list[float]) -> None:
    steps(axes, ends_s, [one["in_flight"] for one in load["seconds"]], ORANGE)
    axes.set_ylim(0, None)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylabel("requests", fontsize=8.5)
    sheet.heading(axes, "in flight", "at the end of each second, on "
                  f"{load['connections']:,} connections")


def judgement_in_words(load: dict) -> str:
    verdict = load["verdict"]
    trusted = {True: "Trusted", False: "NOT TO BE TRUSTED", None: "Undecided"}[verdict["trusted"]]
    words = [f"{trusted}, limit: {verdict['limit']}; {verdict['reasons'][0]}."]
    if load["objective"]:
        held = [f"{one['text']} {'held' if one['held'] else 'BROKEN'}"
                for one in load["objective"]["terms"]]
        words.insert(0, "; ".join(held) + ".")
    return " ".join(words)


def sheet_of_run(load: dict) -> LoadSheet:
    if load["loop"] == "open":
        loop = f"open loop of {rate(load['arrivals']['rate_per_s'])}, " \
               f"{load['arrivals']['law']} arrivals"
    else:
        loop = "closed loop: a client waits for each answer before it asks again"
    foot = [f"{load['connections']:,} connections, {loop} · {text.time_ns(load['duration_ns'])}" +
            (f" after {text.time_ns(load['warm_up_ns'])} of warm-up" if load["warm_up_ns"] else "")]
    sheet = LoadSheet(foot, f"Load on {load['target']}", judgement_in_words(load), 4, columns=2,
                      panel_height=2.1, left=0.75, gap=0.8)
    ends_s = [one["end_ns"] / S for one in load["seconds"]]
    rate_panel(sheet, sheet.axes[0], load, ends_s)
    time_panel(sheet, sheet.axes[1], load, ends_s)
    percentile_panel(sheet, sheet.axes[2], load)
    flight_panel(sheet, sheet.axes[3], load, ends_s)
    for axes in (sheet.axes[0], sheet.axes[1], sheet.axes[3]):
        second_axis(axes, ends_s[-1])
        for gap in load["gaps"]:
            axes.axvspan(gap["from_ns"] / S, (gap["from_ns"] + gap["length_ns"]) / S, color=RED,
                         alpha=0.15, linewidth=0)
    handles = [Line2D([], [], color=GREY, linestyle="--", label="offered")] \
        if load["loop"] == "open" else []
    handles.append(Line2D([], [], color=BLUE, label="answered, p99"))
    if load["errors"]:
        handles.append(Line2D([], [], color=RED, label="errors"))
    handles += [Line2D([], [], color=SKY, label="p50"), Line2D([], [], color=GREY, label="max")]
    if load["gaps"]:
        handles.append(Patch(facecolor=RED, alpha=0.15, label="nobody was answered"))
    sheet.legend(handles)
    return sheet


def sheet_of(fields: dict) -> LoadSheet | None:
    """None where there is nothing to draw."""
    if is_several(fields):
        return sheet_of_rates(fields) if fields["points"] else None
    return sheet_of_run(fields)
