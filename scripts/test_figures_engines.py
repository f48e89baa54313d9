"""Tests of the figures of many engines, outside ones among them: all are legible, and engines are told
apart.

    cd scripts && /usr/bin/python3 -m unittest test_figures_engines
"""
import unittest
from pathlib import Path

from matplotlib.text import Text

from contend.figures.sheet import COLOURS, bar_style, line_style
from testdata import make_result
from testdata.results import DIFFERENT, made, with_outside
from testdata.sheets import FigureTest, draw_all, placed_figures

SCRIPTS = Path(__file__).resolve().parent


class Engines(FigureTest):
    def test_eleven_engines_get_different_looks(self):
        def more(fields):
            for index in range(4):
                fields["engines"].insert(0, fields["engines"][0] | {"name": f"outside-{index}"})
                fields["cells"].append(fields["cells"][0] | {
                    "engine": f"outside-{index}", "id": f"echo/outside-{index}/1"})
        result = made(more, *DIFFERENT)
        self.assertEqual(len(result.engines), 11)
        looks = [str(line_style(one)) for one in result.engines]
        self.assertEqual(len(set(looks)), 11)
        self.assertGreaterEqual(len(set(COLOURS)), 8)
        for name, sheet in draw_all(result).items():
            self.assert_legible(name, sheet)

    def test_every_figure_with_outside_engines_is_legible_and_tells_them_apart(self):
        names = {engine.name: engine.outside for engine in with_outside().engines}
        self.assertEqual(len(names), 15)
        for figure, (sheet, drawn_words) in placed_figures(with_outside).items():
            self.assert_legible(figure, sheet, drawn_words)
            said = [words.get_text() for words in sheet.figure.findobj(Text) if words.get_visible()]
            self.assertEqual(len([one for one in said if "outside engines" in one]), 1, figure)
            found = {one.get_text(): one.get_style() == "italic"
                     for one in sheet.figure.findobj(Text)
                     if one.get_visible() and one.get_text() in names}
            self.assertEqual(found, names, figure)

    def test_outside_engines_are_outlined_and_dashed_and_like_no_other(self):
        engines = with_outside().engines
        self.assertEqual(len({(line_style(one)["color"], line_style(one)["marker"])
                              for one in engines}), 15)
        self.assertEqual({one.outside: str(line_style(one)["linestyle"]) for one in engines},
                         {False: "-", True: "(0, (3.5, 1.3))"})
        for one in engines:
            self.assertEqual("edgecolor" in bar_style(one), one.outside)

    def test_outside_engines_change_no_look_of_ours(self):
        with_them = {one.name: str(line_style(one)) for one in with_outside().engines}
        for one in made().engines:
            self.assertEqual(str(line_style(one)), with_them[one.name])

    def test_no_engine_is_named_in_the_code(self):
        words = {f'"{one[0]}"' for one in make_result.ENGINES + make_result.OUTSIDE}
        for path in [*SCRIPTS.glob("contend/figures/*.py"), *SCRIPTS.glob("contend/results/*.py"),
                     SCRIPTS / "contend" / "report" / "summary.py"]:
            for word in words if path.name != "drawing.py" else []:  # it forks, in Python's words
                self.assertNotIn(word, path.read_text(), path.name)


if __name__ == "__main__":
    unittest.main()
