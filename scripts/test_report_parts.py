"""Tests of what the report is made of: markup, axes, colours, the pairs of slices.

    cd scripts && /usr/bin/python3 -m unittest test_report_parts
"""
import json
import random
import unittest

from contend.colours import ENGINES
from contend.report import metrics, raw, scale, source, svg, template, theme, trace
from testdata.report_pages import HOSTILE, Reader, made_comparison, read


def rendered(words: str) -> str:
    """A section that says the words, as the page's templates do."""
    panels = {"label": words, "setting": "", "tables": []}
    return template.render("bars.html", None, thinned=None, shown=[panels], others=[])


class Markup(unittest.TestCase):
    def test_what_is_put_in_is_what_is_read(self):
        rng = random.Random(1)
        letters = "<>&\"'=/ abc\u00e9\u20ac\U0001f600;#-!\t\n" + "".join(
            one for one in HOSTILE if one not in "\x00\x1b")
        for _ in range(500):
            text = "".join(rng.choice(letters) for _ in range(rng.randrange(1, 40)))
            made = svg.element("p", svg.element("b", text, title=text), data_value=text)
            reader = Reader(made)
            self.assertEqual([name for name, _, _ in reader.elements], ["p", "b"])
            self.assertEqual(reader.of("p")[0]["data-value"], text)
            self.assertEqual(reader.of("b")[0]["title"], text)
            self.assertEqual(reader.words(), text)
            self.assertIn(text, Reader(rendered(text)).words())

    def test_control_characters_and_halves_of_pairs_are_replaced(self):
        self.assertIn("a\ufffdb\ufffd[1m\ufffd", rendered("a\x00b\x1b[1m\ud800"))

    def test_attributes(self):
        self.assertEqual(svg.element("g", id=None, class_="a", data_engine="b"),
                         '<g class="a" data-engine="b"></g>')
        self.assertEqual(svg.element("rect", x=1.26, y=-0.001, viewBox="0"),
                         '<rect x="1.3" y="0" viewBox="0"/>')

    def test_data_ends_no_element_and_stays_the_same(self):
        value = {"<!--<script>": HOSTILE, "n": [1, None, 2.5]}
        made = str(raw.data_script(value))
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

    def test_engines_can_be_seen_on_a_dark_ground(self):
        for _, dark in ENGINES:
            self.assertGreaterEqual(self.contrast(dark, theme.COLOURS["ground"][1]), 3)


class Traces(unittest.TestCase):
    @staticmethod
    def slice(block, order, value, foreign=0.0, **more):
        measured = {"throughput_per_s": value, "foreign_cpu_share": foreign, "steal_share": None}
        return {"round": block, "order": order, "status": "ok", "errors": {}, "window_ns": 200_000_000,
                "metrics": measured} | more

    def test_pairs_are_adjacent_slices_and_ratios_are_of_costs(self):
        base = [self.slice(0, 0, 100), self.slice(0, 3, 90), self.slice(1, 1, 80, foreign=0.5),
                self.slice(1, 2, 70), self.slice(2, 0, 9, errors={"reset": 1})]
        head = [self.slice(0, 1, 50), self.slice(0, 2, 90), self.slice(1, 0, 80),
                self.slice(1, 3, 0, status="failed", metrics={}), self.slice(2, 1, 9)]
        found = trace.pairs_of(base, head, metrics.of("throughput_per_s"))
        self.assertEqual([(one.block, one.place, one.ratio, one.disturbed) for one in found], [
            (0, 0, 2.0, 0), (0, 1, 1.0, 0), (1, 0, 1.0, 0.45), (1, 1, None, 0),
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


if __name__ == "__main__":
    unittest.main()
