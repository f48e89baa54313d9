"""Tests of what goes into the report and does not: files that are refused, the raw data, the size.

    cd scripts && /usr/bin/python3 -m unittest test_report_data
"""
import copy
import json
import math
import random
import re
import unittest

from contend.report import page, raw
from contend.results.result import ResultError
from testdata import make_comparison, make_result
from testdata.report_pages import FEW, HOSTILE, Reader, comparison_page, made_comparison, read


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
        for seed in range(120):
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
        self.assertGreater(min(ends.values()), 10, ends)


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


if __name__ == "__main__":
    unittest.main()
