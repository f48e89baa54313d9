"""Tests of report.html on made-up results: what it says, that nothing from outside is taken for
markup, and the command. Its parts, its size and a browser: test_report_*.py.

    cd scripts && /usr/bin/python3 -m unittest test_report
"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from contend.report import forest, metrics, page, source, template, verdict
from testdata import make_comparison, programs
from testdata.report_pages import HOSTILE, Reader, comparison_page, made_comparison, read, run_page


def hostile(value, keep):
    """The same fields with every text made hostile, but those whose name `keep` says to keep."""
    if isinstance(value, dict):
        return {name: one if keep(name) else hostile(one, keep) for name, one in value.items()}
    if isinstance(value, list):
        return [hostile(one, keep) for one in value]
    return value + HOSTILE if isinstance(value, str) else value


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
                self.assertIn(f"{kind}-src {template.digest(content)}", policy)
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
        self.assertIn("1 of 2 comparisons are undecided",
                      self.headline(["inconclusive", "improved"]))
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
        self.assertIn(f"{ab['comparisons'][0]['cell']} · Throughput, Latency p50, Latency p90 – "
                      "all failed", words)

    def test_rows_are_sorted_by_all_digits_that_are_shown(self):
        values = [float(one["data-value"]) for one in Reader(comparison_page()).of("td")
                  if one.get("data-label") == "ratio" and "data-value" in one]
        ratios = [one["ratio"] for one in made_comparison()[0]["comparisons"] if one["ratio"]]
        self.assertEqual(sorted(values), sorted(float(f"{one:.6g}") for one in ratios))

    def test_cells_come_by_their_worst_verdict(self):
        cells = forest.grouped(made_comparison()[0]["comparisons"])
        worst = [source.VERDICTS.index(its[0]["verdict"]) for _, its in cells]
        self.assertEqual(worst, sorted(worst))
        self.assertEqual(sum(len(its) for _, its in cells),
                         len(made_comparison()[0]["comparisons"]))


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
            code, _, stderr_text = programs.run("report.py", name)
            self.assertRegex(stderr_text, r"^report.py: .*ab.json: is not JSON: NaN is no .*\n$")
            self.assertEqual(code, 2)


if __name__ == "__main__":
    unittest.main()
