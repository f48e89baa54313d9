"""Tests of report.html on made-up results: what it says, that nothing from outside is taken for markup,
how large it gets, and what is refused. How it behaves in a browser: test_report_browser.py.

    cd scripts && /usr/bin/python3 -m unittest test_report
"""
import copy
import functools
import html.parser
import json
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

from charts.figure import COLOURS
from charts.result import ResultError
from report import forest, markup, metrics, page, raw, scale, source, theme, trace, verdict
from report.source import Source
from testdata import make_comparison, make_result

HOSTILE = '</script></style></title>"\'><img src=x onerror=alert(1)>&lt;<!--\x00\x1b]]>\u2028'
FEW = make_comparison.CELLS[12:] + make_comparison.CELLS[7:8]  # at 64 connections, one at 16 too


@functools.cache
def made_comparison():
    """Not to be changed."""
    return make_comparison.make(12, FEW)


def read(comparison=None, run=None, history=None) -> Source:
    """What the report reads of these fields, by way of files."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = dict(zip(("ab.json", "base/result.json", "head/result.json"), comparison)) if (
            comparison) else {"result.json": run}
        for file, fields in files.items():
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_text(json.dumps(fields))
        path = None
        if history is not None:
            path = folder / "history.json"
            path.write_text(json.dumps(history))
        return source.read(folder, path)


@functools.cache
def comparison_page() -> str:
    return page.compose(read(made_comparison(), history=make_comparison.make_history(30)))


@functools.cache
def run_page() -> str:
    return page.compose(read(run=make_result.make(outside=True)))


class Reader(html.parser.HTMLParser):
    """Takes a page apart as a browser would, strictly: every element is closed by its own end."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict, list[str]]] = []  # name, attributes, ancestors
        self.texts: list[tuple[str, str]] = []  # innermost element, text
        self.stack: list[str] = []
        self.raw_data = None
        self.feed(text)
        self.close()
        assert not self.stack, self.stack

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), (tag, attributes)
        self.elements.append((tag, dict(attributes), list(self.stack)))
        if tag not in markup.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), list(self.stack)))

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, (tag, self.stack)
        self.stack.pop()

    def handle_data(self, data):
        last = self.elements[-1][1].get("id") if self.elements else None
        if self.stack and self.stack[-1] == "script" and last == raw.IDENTITY:
            self.raw_data = (self.raw_data or "") + data
        else:
            self.texts.append((self.stack[-1] if self.stack else "", data))

    def of(self, name: str) -> list[dict]:
        return [attributes for tag, attributes, _ in self.elements if tag == name]

    def words(self) -> str:
        return "".join(text for where, text in self.texts if where not in ("script", "style"))


def hostile(value, keep):
    """The same fields with every text made hostile, but those whose name `keep` says to keep."""
    if isinstance(value, dict):
        return {name: one if keep(name) else hostile(one, keep) for name, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, keep) for one in value]
    return value + HOSTILE if isinstance(value, str) else value


class Markup(unittest.TestCase):
    def test_what_is_put_in_is_what_is_read(self):
        rng = random.Random(1)
        letters = "<>&\"'=/ abc\u00e9\u20ac\U0001f600;#-!\t\n" + HOSTILE.replace("\x00", "").replace(
            "\x1b", "")
        for _ in range(500):
            text = "".join(rng.choice(letters) for _ in range(rng.randrange(1, 40)))
            made = markup.element("p", markup.element("b", text, title=text), data_value=text)
            reader = Reader(made)
            self.assertEqual([name for name, _, _ in reader.elements], ["p", "b"])
            self.assertEqual(reader.of("p")[0]["data-value"], text)
            self.assertEqual(reader.of("b")[0]["title"], text)
            self.assertEqual(reader.words(), text)

    def test_control_characters_and_halves_of_pairs_are_replaced(self):
        self.assertEqual(markup.escape("a\x00b\x1b[1m\ud800"), "a\ufffdb\ufffd[1m\ufffd")

    def test_attributes(self):
        self.assertEqual(markup.element("input", checked=True, hidden=False, id=None, for_="a"),
                         '<input checked for="a">')
        self.assertEqual(markup.element("rect", x=1.26, y=-0.001, viewBox="0"),
                         '<rect x="1.3" y="0" viewBox="0"/>')

    def test_data_ends_no_element_and_stays_the_same(self):
        value = {"<!--<script>": HOSTILE, "n": [1, None, 2.5]}
        made = markup.data_script("x", value)
        inside = made.partition(">")[2].removesuffix("</script>")
        self.assertNotIn("<", inside)
        self.assertEqual(json.loads(inside), value)


class Scales(unittest.TestCase):
    def test_positions(self):
        self.assertEqual(scale.Scale(0, 10).at(5), 0.5)
        self.assertAlmostEqual(scale.Scale(1, 1000, log=True).at(10), 1 / 3)
        self.assertEqual([scale.Scale(1, 2, log=True).at(one) for one in (0, 1e9)], [0, 1])

    def test_ticks_lie_on_the_axis_and_are_few(self):
        rng = random.Random(2)
        for _ in range(2000):
            low, factor = 10 ** rng.uniform(-9, 9), 10 ** rng.uniform(0.03, 7)
            for one in (scale.Scale(low, low * factor, log=True), scale.from_zero(low)):
                ticks = one.ticks()
                self.assertTrue(1 <= len(ticks) <= 7, (one, ticks))
                self.assertTrue(all(one.low * 0.999 <= tick <= one.high * 1.001 for tick in ticks),
                                (one, ticks))
                self.assertEqual(ticks, sorted(set(ticks)))

    def test_ratios_are_around_one_and_an_outlier_does_not_squeeze_them(self):
        ratios = [1.01, 0.99] * 20
        narrow = scale.of_ratios([*ratios, 5.0], 0.02)
        self.assertAlmostEqual(narrow.low * narrow.high, 1)
        self.assertLess(narrow.high, 1.1)
        self.assertIn(1, scale.ratio_ticks(narrow))
        self.assertGreaterEqual(narrow.high, 1.02 ** 2)

    def test_ratio_ticks(self):
        self.assertEqual([round(one, 3) for one in scale.ratio_ticks(
            scale.Scale(0.9, 1.12, log=True))], [0.909, 0.952, 1, 1.05, 1.1])
        for reach in (1.001, 1.01, 1.3, 2, 8, 60):
            ticks = scale.ratio_ticks(scale.Scale(1 / reach, reach, log=True))
            self.assertTrue(1 <= len(ticks) <= 6, ticks)


class Colours(unittest.TestCase):
    @staticmethod
    def luminance(colour: str) -> float:
        """Relative luminance, WCAG 2.1."""
        parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                            for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(self, one: str, other: str) -> float:
        low, high = sorted((self.luminance(one), self.luminance(other)))
        return (high + 0.05) / (low + 0.05)

    def test_text_can_be_read_in_both_themes(self):
        for which in (0, 1):
            for ground in ("ground", "raised"):
                for ink in ("ink", "quiet", "accent", *source.VERDICTS):
                    self.assertGreaterEqual(self.contrast(
                        theme.COLOURS[ink][which], theme.COLOURS[ground][which]), 4.5,
                        (ink, ground, which))
            for step, pair in enumerate(theme.HEAT):
                self.assertGreaterEqual(self.contrast(*pair[which]), 4.5, (step, which))

    def test_engines_have_the_colours_of_the_charts(self):
        self.assertEqual([light.upper() for light, _ in theme.ENGINES],
                         [one.upper() for one in COLOURS])
        for light, dark in theme.ENGINES:
            self.assertGreaterEqual(self.contrast(dark, theme.COLOURS["ground"][1]), 3)


class Pages(unittest.TestCase):
    def test_is_well_formed_and_accessible(self):
        for text in (comparison_page(), run_page()):
            reader = Reader(text)
            self.assertTrue(text.startswith("<!doctype html>\n<html lang=\"en\">"))
            for name in ("main", "header", "footer", "nav", "h1"):
                self.assertEqual(len(reader.of(name)), 1, name)
            levels = [int(name[1]) for name, _, _ in reader.elements if name in ("h1", "h2", "h3")]
            self.assertEqual(levels[0], 1)
            self.assertTrue(all(after <= before + 1 for before, after in zip(levels, levels[1:])))
            self.check_names(reader)

    def check_names(self, reader: Reader):
        identities = [one["id"] for _, one, _ in reader.elements if "id" in one]
        self.assertEqual(len(identities), len(set(identities)))
        for _, one, _ in reader.elements:
            self.assertNotIn("style", one)
            if one.get("href", "").startswith("#"):
                self.assertIn(one["href"][1:], identities)
        for name, one, around in reader.elements:
            if name == "th":
                self.assertIn(one.get("scope"), ("col", "row", "rowgroup"))
            if name == "svg" and "role" not in one and "svg" not in around:
                self.assertEqual(one.get("aria-hidden"), "true")
        self.assertEqual(len(reader.of("table")), len(reader.of("caption")))
        pictures = [place for place, (name, one, _) in enumerate(reader.elements)
                    if name == "svg" and one.get("role") == "img"]
        self.assertGreater(len(pictures), 20)
        for place in pictures:
            self.assertEqual(reader.elements[place + 1][0], "title")

    def test_nothing_but_the_page_itself_is_allowed(self):
        for text in (comparison_page(), run_page()):
            reader = Reader(text)
            policy = next(one["content"] for one in reader.of("meta")
                          if one.get("http-equiv") == "Content-Security-Policy")
            self.assertTrue(policy.startswith("default-src 'none'; "))
            self.assertNotIn("unsafe", policy)
            for kind, content in (("style", page.style()), ("script", page.script())):
                self.assertIn(f"<{kind}>{content}</{kind}>", text)
                self.assertIn(f"{kind}-src {page.digest(content)}", policy)
            for name, one, _ in reader.elements:
                self.assertNotIn("src", one)
                self.assertTrue(one.get("href", "#").startswith("#") or name == "link", one)
            self.assertEqual([one["href"] for one in reader.of("link")], ["data:,"])

    def test_parts_of_a_comparison(self):
        reader = Reader(comparison_page())
        there = [one["id"] for one in reader.of("h2")]
        self.assertEqual(there, list(page.CONTENTS))
        self.assertEqual([one["href"] for one in reader.of("a")][1:],
                         [f"#{one}" for one in there])

    def test_parts_of_a_run(self):
        there = [one["id"] for one in Reader(run_page()).of("h2")]
        self.assertEqual(there, ["verdict", "map", "bars", "latency", "connections", "provenance",
                                 "raw"])
        self.assertIn("io_uring leads", Reader(run_page()).words())
        self.assertIn("the host ended by signal 11", Reader(run_page()).words())
        self.assertIn("<i>script-loop</i>", run_page())

    def test_hostile_names_stay_text(self):
        ab, base, head = copy.deepcopy(made_comparison())
        ab["head"]["name"] = ab["base"]["name"] = HOSTILE
        names = {one["id"]: one["id"] + HOSTILE for one in ab["cells"]}
        for fields in (ab, base, head):
            fields["machine"] = hostile(fields["machine"], lambda name: name == "fingerprint")
            fields["placement"] = hostile(fields["placement"], lambda _: False)
            fields["placement"]["note"] = HOSTILE
            fields["run"]["command"] = ["contend", HOSTILE]
            fields["run"]["id"] = "run" + HOSTILE
            for one in fields["cells"]:
                one["id"], one["reason"] = names[one["id"]], HOSTILE
            for one in fields.get("comparisons", fields.get("samples")):
                one["cell"] = names[one["cell"]]
                if one.get("reason"):
                    one["reason"] = HOSTILE
        history = make_comparison.make_history(12)
        for series in history["series"]:
            for name in ("machine", "reference", "suite", "cell", "metric"):
                series[name] = HOSTILE
            for one in series["points"] + series["changes"]:
                one["commit"] = HOSTILE
        text = page.compose(read((ab, base, head), history=history))
        reader, known = Reader(text), Reader(comparison_page())
        self.assertEqual({name for name, _, _ in reader.elements},
                         {name for name, _, _ in known.elements})
        self.assertEqual({name for _, one, _ in reader.elements for name in one},
                         {name for _, one, _ in known.elements for name in one})
        self.assertEqual(len(reader.of("script")), 2)
        shown = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
        self.assertGreater(reader.words().count(shown), 50)
        self.assertEqual(json.loads(reader.raw_data)["ab"]["head"]["name"], HOSTILE)


class Verdicts(unittest.TestCase):
    def headline(self, verdicts):
        ab, base, head = copy.deepcopy(made_comparison())
        ab["comparisons"] = ab["comparisons"][:len(verdicts)]
        for one, said in zip(ab["comparisons"], verdicts):
            one["verdict"] = said
        ab |= make_comparison.summed_up(ab["comparisons"])
        return verdict.headline(read((ab, base, head)))

    def test_in_a_sentence(self):
        self.assertEqual(self.headline(["regressed", "unchanged", "inconclusive"]),
                         "Regressed: 1 of 3 comparisons cost more (1 inconclusive)")
        self.assertEqual(self.headline(["invalid", "improved"]),
                         "Invalid: 1 of 2 comparisons could not be judged, and none regressed")
        self.assertIn("1 of 2 comparisons are undecided", self.headline(["inconclusive", "improved"]))
        self.assertEqual(self.headline(["improved"]),
                         "Improved: 1 of 1 comparison cost less, and none more")
        self.assertEqual(self.headline(["unchanged"] * 2),
                         "Unchanged: no difference that matters in 2 comparisons")
        self.assertEqual(self.headline([]), "Invalid: nothing was compared")

    def test_what_regressed_is_listed_with_its_interval_and_the_largest_first(self):
        words = Reader(comparison_page()).words()
        found = [one for one in verdict.by_effect(made_comparison()[0]["comparisons"])
                 if one["verdict"] == "regressed"]
        self.assertGreaterEqual(len(found), 3)
        self.assertEqual(found[0]["cell"], "echo/asio/64")
        places = []
        for one in found:
            line = (f"{one['cell']} · {metrics.of(one['metric']).title}: {one['ratio']:.3f} "
                    f"({one['ratio_low']:.3f} to {one['ratio_high']:.3f})")
            places.append(words.index(line))
        self.assertEqual(places, sorted(places))

    def test_warnings(self):
        ab, base, head = copy.deepcopy(made_comparison())
        self.assertEqual(verdict.warnings(read((ab, base, head))), [])
        ab["run"] |= {"complete": False, "interleaved": False}
        ab["noise"] = {"steal_share": 0.4, "foreign_cpu_share": None}
        head["build"]["sanitizers"] = "address"
        said = " ".join(verdict.warnings(read((ab, base, head))))
        for words in ("Incomplete", "different times", "40.0 % of the CPU time was stolen",
                      "address"):
            self.assertIn(words, said)

    def test_what_has_no_ratio_for_the_same_reason_is_one_line(self):
        ab, base, head = copy.deepcopy(made_comparison())
        for one in ab["comparisons"][:3]:
            one |= {"verdict": "invalid", "reason": "all failed", "ratio": None, "ratio_low": None,
                    "ratio_high": None}
        ab |= make_comparison.summed_up(ab["comparisons"])
        words = Reader(page.compose(read((ab, base, head)))).words()
        self.assertIn(f"{ab['comparisons'][0]['cell']} · Throughput, Latency p50, Latency p90 – all "
                      "failed", words)

    def test_cells_come_by_their_worst_verdict(self):
        cells = forest.grouped(made_comparison()[0]["comparisons"])
        worst = [source.VERDICTS.index(its[0]["verdict"]) for _, its in cells]
        self.assertEqual(worst, sorted(worst))
        self.assertEqual(sum(len(its) for _, its in cells),
                         len(made_comparison()[0]["comparisons"]))


class Traces(unittest.TestCase):
    @staticmethod
    def slice(block, order, value, foreign=0.0, **more):
        measured = {"throughput_per_s": value, "foreign_cpu_share": foreign, "steal_share": None}
        return {"round": block, "order": order, "status": "ok", "errors": {},
                "metrics": measured} | more

    def test_pairs_are_adjacent_slices_and_ratios_are_of_costs(self):
        base = [self.slice(0, 0, 100), self.slice(0, 3, 90), self.slice(1, 1, 80, foreign=0.5),
                self.slice(1, 2, 70), self.slice(2, 0, 9, errors={"reset": 1})]
        head = [self.slice(0, 1, 50), self.slice(0, 2, 90), self.slice(1, 0, 80),
                self.slice(1, 3, 0, status="failed", metrics={}), self.slice(2, 1, 9)]
        found = trace.pairs_of(base, head, metrics.of("throughput_per_s"))
        self.assertEqual([(one.block, one.place, one.ratio, one.disturbed) for one in found], [
            (0, 0, 2.0, 0), (0, 1, 1.0, 0), (1, 0, 1.0, 0.5), (1, 1, None, 0),
            (2, 0, None, 0)])

    def test_as_many_are_marked_as_were_left_out(self):
        pairs = [trace.Pair(place // 2, place % 2, None if place == 7 else 1.0, place / 100)
                 for place in range(20)]
        told = {"confirmed": False, "pairs": 16, "excluded_pairs": 4}
        found = trace.sort_out(pairs, told)
        self.assertEqual([place for place, _ in found.failed], [7])
        self.assertEqual([place for place, _ in found.excluded], [17, 18, 19])
        self.assertEqual((len(found.used), len(found.screen)), (16, 0))
        found = trace.sort_out(pairs, told | {"confirmed": True, "pairs": 8})
        self.assertEqual([place for place, _ in found.screen], [0, 1, 2, 3, 4, 5, 6])
        self.assertEqual(len(found.used), 8)

    def test_a_comparison_is_traced_with_all_its_pairs(self):
        what = read(made_comparison())
        for one in what.comparison["comparisons"]:
            sides = [side.samples[one["cell"]] for side in what.sides]
            found = trace.sort_out(trace.pairs_of(*sides, metrics.of(one["metric"])), one)
            self.assertEqual(len(found.used), one["pairs"])
            self.assertEqual(len(found.excluded) + len(found.failed), one["excluded_pairs"])


class Size(unittest.TestCase):
    def test_numbers_keep_five_digits(self):
        rng = random.Random(3)
        for _ in range(2000):
            value = rng.choice((-1, 1)) * 10 ** rng.uniform(-6, 14)
            short = raw.rounded(value)
            self.assertLessEqual(abs(short - value), abs(value) * 5e-5)
            self.assertLessEqual(len(re.sub(r"e.*|[-.]", "", json.dumps(short)).strip("0")), 5)
        self.assertEqual([raw.rounded(one) for one in (0, None, 123456, 2.0)],
                         [0, None, 123460, 2])

    def test_a_small_one_has_every_number(self):
        data = json.loads(Reader(comparison_page()).raw_data)
        ab, base, head = made_comparison()
        self.assertEqual(data["rounds_kept"], "1 of 1")
        for label, fields in (("base", base), ("head", head)):
            for cell in {one["cell"] for one in fields["samples"]}:
                its = sorted((one for one in fields["samples"] if one["cell"] == cell),
                             key=lambda one: (one["round"], one["order"]))
                columns = data["samples"][label][cell]
                self.assertEqual(columns["order"], [one["order"] for one in its])
                for name, column in columns["metrics"].items():
                    for short, one in zip(column, its, strict=True):
                        value = one["metrics"].get(name)
                        self.assertTrue(short == value or math.isclose(short, value, rel_tol=5e-5))
        self.assertEqual(data["ab"]["counts"], ab["counts"])
        self.assertEqual(len(data["history"]), 3)

    def test_the_largest_suite_stays_below_a_megabyte_with_all_that_was_compared(self):
        made = make_comparison.make(150, large=40)
        text = page.compose(read(made))
        self.assertLessEqual(len(text.encode()), 1_000_000)
        data = json.loads(Reader(text).raw_data)
        self.assertEqual(data["rounds_kept"], "1 of 1")
        self.assertEqual(len(data["samples"]["head"]), 18)
        for one in data["samples"]["base"].values():
            for name in make_comparison.METRICS:
                self.assertEqual(len(one["metrics"][name]), 150)
        self.assertIn("there is no room for", text)

    def test_what_does_not_fit_is_thinned_and_said(self):
        what = read(make_comparison.make(80, FEW[:2]))
        whole = len(page.compose(what).encode())
        said = []
        for limit in range(whole, 40_000, -7_000):
            try:
                text = page.compose(what, limit=limit)
            except page.TooLarge as error:
                self.assertIn("too much to show", str(error))
                said.append("refused")
                continue
            self.assertLessEqual(len(text.encode()), limit)
            said += re.findall("there is no room for|Thinned for the size|None: there are too many|"
                               "unchanged comparisons are left out|too many slices", text)
        self.assertLessEqual({"there is no room for", "Thinned for the size",
                              "unchanged comparisons are left out", "refused"}, set(said))


class Reading(unittest.TestCase):
    def refused(self, *made, **more) -> str:
        with self.assertRaises(ResultError) as caught:
            read(*made, **more)
        return str(caught.exception)

    def test_mistakes_are_named(self):
        def ab(change):
            made = copy.deepcopy(made_comparison())
            change(made[0])
            return self.refused(made)
        self.assertIn("ab.json: field 'head' is missing", ab(lambda one: one.pop("head")))
        self.assertIn("ab.json: unknown field 'new'", ab(lambda one: one.update(new=1)))
        self.assertIn("schema version 2", ab(lambda one: one.update(schema_version=2)))
        self.assertIn("comparisons[0].cell: 'x' is none of the cells",
                      ab(lambda one: one["comparisons"][0].update(cell="x")))
        self.assertIn("comparisons[1].ratio: must be", ab(
            lambda one: one["comparisons"][1].update(ratio=-1)))

    def test_mistakes_in_a_history_are_named(self):
        for change, words in (
                (lambda one: one.update(series=1), "field 'series'"),
                (lambda one: one["series"][0].pop("cell"), "series[0]: field 'cell' is missing"),
                (lambda one: one["series"][0]["points"][2].update(ratio=0),
                 "series[0].points[2].ratio: must be a number above 0"),
                (lambda one: one["series"][0]["changes"][0].update(index=99),
                 "series[0].changes[0].index: is none of the points")):
            history = make_comparison.make_history(12)
            change(history)
            self.assertIn(words, self.refused(run=make_result.make(smoke=True), history=history))

    def test_whatever_is_changed_there_is_a_page_or_a_refusal(self):
        comparison = make_comparison.make(8, FEW[:3], large=20)
        run, history = make_result.make(smoke=True), make_comparison.make_history(11)
        ends = {"page": 0, "refused": 0}
        for seed in range(250):
            rng = random.Random(seed)
            ab, base, head = comparison
            try:
                if seed % 4 == 0:
                    text = page.compose(read((changed(rng, ab), base, head)))
                elif seed % 4 == 1:
                    text = page.compose(read((ab, base, changed(rng, head))))
                elif seed % 4 == 2:
                    text = page.compose(read(comparison, history=changed(rng, history)))
                else:
                    text = page.compose(read(run=changed(rng, run)))
            except ResultError as error:
                self.assertNotIn("\n", str(error).replace(HOSTILE, ""))
                ends["refused"] += 1
            else:
                Reader(text)
                ends["page"] += 1
        self.assertGreater(min(ends.values()), 20, ends)


def places(value, path=()):
    """The way to every part of some JSON, but of long arrays to the first few only."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value[:6]) if isinstance(
        value, list) else ()
    for name, one in parts:
        yield from places(one, (*path, name))


def changed(rng: random.Random, value):
    """A copy in which one part is gone or is something else."""
    value = copy.deepcopy(value)
    path = rng.choice([one for one in places(value) if one])
    around = value
    for name in path[:-1]:
        around = around[name]
    if rng.random() < 0.25:
        del around[path[-1]]
    else:
        around[path[-1]] = rng.choice([
            None, True, 0, -1, 1e-320, 1e308, 2 ** 63, 10 ** 30, "", "x", HOSTILE, "\ud800", [], {},
            [1], {"a": 1}, -0.5, 3.7, float("nan"), float("inf")])
    return value


class Command(unittest.TestCase):
    SCRIPT = pathlib.Path(__file__).with_name("report.py")

    def run_it(self, *arguments):
        return subprocess.run([sys.executable, self.SCRIPT, *map(str, arguments)],
                              capture_output=True, text=True, timeout=60)

    def test_writes_the_page_beside_the_result(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            make_comparison.write(folder, made_comparison())
            (folder / "h.json").write_text(json.dumps(make_comparison.make_history()))
            done = self.run_it(folder, "--history", folder / "h.json")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(done.stdout, f"{folder}/report.html\n")
            self.assertIn('id="history"', (folder / "report.html").read_text())
            self.assertEqual(sorted(one.name for one in folder.iterdir()),
                             ["ab.json", "base", "h.json", "head", "report.html"])

    def test_wrong_files_are_refused_in_a_line(self):
        with tempfile.TemporaryDirectory() as name:
            done = self.run_it(name)
            self.assertEqual(done.returncode, 2)
            self.assertRegex(done.stderr, r"^report.py: .*result.json: No such file.*\n$")
            (pathlib.Path(name) / "ab.json").write_text('{"a": NaN}')
            done = self.run_it(name)
            self.assertRegex(done.stderr, r"^report.py: .*ab.json: is not JSON: NaN is no number .*\n$")
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
