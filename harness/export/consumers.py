#!/usr/bin/python3
"""Reads what `contend export` has written of a comparison with somebody else's reader of the format,
and holds it against ab.json. It is part of the tests (consumers_test.cpp), not of contend.

    contend export DIR --format openmetrics --out /tmp/x.prom
    harness/export/consumers.py openmetrics /tmp/x.prom DIR/ab.json

Exit code 77, and the reason as the last line, where the reader is not installed; 1 and what differs
where something does.
"""

import csv
import html.parser
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

UNAVAILABLE = 77
VERDICTS = ["regressed", "invalid", "inconclusive", "improved", "unchanged"]
DOUBTFUL = ("invalid", "inconclusive")


def unavailable(reason):
    print(reason, file=sys.stderr)
    sys.exit(UNAVAILABLE)


def same(found, expected, what):
    if found != expected:
        sys.exit(f"{what}: {found!r} is not {expected!r}")


def comparisons_of(ab):
    """With the cell of each."""
    cells = {cell["id"]: cell for cell in ab["cells"]}
    return [(one, cells[one["cell"]]) for one in ab["comparisons"]]


# What a terminal takes for an order, and what a spreadsheet takes for a formula.
NOT_CSV = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
FORMULAS = tuple("=+-@\t\r")
# What XML can't hold, or had better not.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def junit(path, ab):
    def kept(text):
        return NOT_XML.sub("\ufffd", text)

    root = xml.etree.ElementTree.parse(path).getroot()
    same(root.tag, "testsuites", "the root")
    same([suite.get("name") for suite in root], [kept(cell["id"]) for cell in ab["cells"]], "suites")
    totals = {"tests": 0, "failures": 0}
    for suite, cell in zip(root, ab["cells"]):
        expected = [one for one in ab["comparisons"] if one["cell"] == cell["id"]]
        same([case.get("name") for case in suite],
             [kept(one["metric"]) for one in expected] or ["slices"], "cases")
        for case, one in zip(suite, expected):
            same(case.get("classname"), kept(cell["id"]), "classname")
            children = [child.tag for child in case]
            verdict = one["verdict"]
            same(children, ["failure"] if verdict == "regressed" else
                 ["skipped"] if verdict in DOUBTFUL else ["system-out"], f"outcome of {verdict}")
            same(case[0].get("message", case[0].text), case[0].text, "message and text")
            if one["reason"] and kept(one["reason"]) not in case[0].text:
                sys.exit(f"no reason {one['reason']!r} in {case[0].text!r}")
        same(int(suite.get("tests")), len(suite), "tests")
        same(int(suite.get("failures")), len(suite.findall("testcase/failure")), "failures")
        same(int(suite.get("skipped")), len(suite.findall("testcase/skipped")), "skipped")
        for name in totals:
            totals[name] += int(suite.get(name))
    same({name: int(root.get(name)) for name in totals}, totals, "totals")


def xmllint(path, ab):
    del ab
    if not shutil.which("xmllint"):
        unavailable("there is no xmllint (libxml2-utils)")
    subprocess.run(["xmllint", "--noout", "--nonet", path], check=True)


def comma_separated(path, ab):
    with open(path, newline="", encoding="utf-8") as file:
        text = file.read()
        file.seek(0)
        header, *rows = list(csv.reader(file, strict=True))
    if not text.endswith("\r\n"):
        sys.exit("the last line has no CRLF")
    expected = comparisons_of(ab)
    same(len(rows), len(expected), "rows")
    for row, (one, cell) in zip(rows, expected):
        found = dict(zip(header, row, strict=True))
        texts = {"cell": one["cell"], "metric": one["metric"], "engine": cell["engine"],
                 "workload": cell["workload"], "variant": cell["variant"],
                 "verdict": one["verdict"], "reason": one["reason"] or "",
                 "base_name": ab["base"]["name"], "head_name": ab["head"]["name"]}
        for name, text in texts.items():
            kept = NOT_CSV.sub("\ufffd", text)
            same(found[name], "'" * (kept[:1] in FORMULAS) + kept, name)
        for name in ("ratio", "ratio_low", "ratio_high", "p_regressed", "smallest_effect", "base"):
            same(float(found[name]) if found[name] else None, one[name], name)


def openmetrics(path, ab):
    try:
        from prometheus_client.openmetrics import parser
    except ImportError:
        unavailable("there is no prometheus_client (python3-prometheus-client)")

    def kept(labels):
        return {name: kept_text(text) for name, text in labels.items()}

    def kept_text(text):
        return re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", "\ufffd", text)

    text = pathlib.Path(path).read_bytes().decode()
    families = {family.name: family for family in parser.text_string_to_metric_families(text)}
    same({family.type for family in families.values()}, {"gauge"}, "types")
    expected = [(one, kept({"cell": one["cell"], "engine": cell["engine"],
                            "workload": cell["workload"], "metric": one["metric"]}))
                for one, cell in comparisons_of(ab)]
    ratios = families["contend_cost_ratio"].samples if "contend_cost_ratio" in families else []
    found = [(sample.labels, sample.value) for sample in ratios]
    same(found, [(labels, one["ratio"]) for one, labels in expected if one["ratio"] is not None],
         "ratios")
    found = [sample.labels for sample in families["contend_verdict"].samples]
    same(found, [labels | {"verdict": one["verdict"]} for one, labels in expected], "verdicts")
    run = families["contend_run"].samples[0]
    same(run.labels["head"], kept_text(ab["head"]["name"]), "the head's name")


class Page(html.parser.HTMLParser):
    """The text of table cells and list items, and which elements there are."""

    def __init__(self):
        super().__init__()
        self.rows, self.items, self.tags, self.into = [], [], set(), None

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.into = self.rows[-1]
            self.into.append("")
        elif tag == "li":
            self.into = self.items
            self.into.append("")

    def handle_endtag(self, tag):
        if tag in ("td", "th", "li"):
            self.into = None

    def handle_data(self, data):
        if self.into is not None:
            self.into[-1] += data


def on_one_line(text):
    """As a browser shows it, which also makes one space of several."""
    return " ".join(re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def same_start(found, expected, what, longest):
    """Names that are too long end in a hash."""
    whole = len(expected.encode()) <= longest
    found, expected = on_one_line(found), on_one_line(expected)
    if found != expected and (whole or "~" not in found or
                              not expected.startswith(found.rpartition("~")[0].rstrip())):
        sys.exit(f"{what}: {found!r} is not {expected!r}")


def markdown(path, ab):
    if not shutil.which("cmark-gfm"):
        unavailable("there is no cmark-gfm")
    text = pathlib.Path(path).read_bytes()
    if len(text) >= 64_000:
        sys.exit(f"{len(text)} bytes are too many")
    extensions = [word for name in ("table", "autolink", "strikethrough", "tasklist")
                  for word in ("-e", name)]
    made = subprocess.run(["cmark-gfm", "--unsafe", *extensions], input=text, check=True,
                          stdout=subprocess.PIPE).stdout.decode()
    page = Page()
    page.feed(made)
    page.close()
    strange = page.tags - {"h2", "h3", "p", "ul", "li", "code", "strong", "table", "thead", "tbody",
                           "tr", "th", "td"}
    if strange:
        sys.exit(f"names became markup: {sorted(strange)}")
    order = sorted(ab["comparisons"], key=lambda one: VERDICTS.index(one["verdict"]))
    rows = page.rows[1:]
    if len(rows) < min(len(order), 20):
        sys.exit(f"only {len(rows)} rows of {len(order)}")
    for row, one in zip(rows, order):
        same(len(row), len(page.rows[0]), "fields of a row")
        same_start(row[0], one["cell"], "cell", 160)
        same_start(row[1], one["metric"], "metric", 160)
        same(row[2], one["verdict"], "verdict")
        same_start(row[7], one["reason"] or "", "reason", 400)
    regressed = [one for one in order if one["verdict"] == "regressed"]
    for item, one in zip(page.items, regressed):
        if one["metric"].isprintable() and len(one["cell"] + one["metric"]) < 100 and \
                on_one_line(one["metric"]) not in on_one_line(item):
            sys.exit(f"{item!r} is not about {one['metric']!r}")


def otava(path, ab):
    """The YAML that lies beside the CSV `path`."""
    try:
        import yaml
    except ImportError:
        unavailable("there is no yaml (python3-yaml)")

    def kept(text):
        return re.sub("[\x00-\x1f]", " ", text)

    config = yaml.safe_load(pathlib.Path(path).with_suffix(".yaml").read_text(encoding="utf-8"))
    with open(path, newline="", encoding="utf-8") as file:
        header, row = list(csv.reader(file, strict=True))
    expected = {}
    for one in ab["comparisons"]:
        if one["ratio"] is not None:
            metric = kept(one["metric"] + "_cost_ratio")
            expected.setdefault(kept(one["cell"]), {})[metric] = one["ratio"]
    same(set(config["tests"]), set(expected), "tests")
    same(set(config["test_groups"][ab["run"]["suite"]]), set(expected), "the group")
    for name, test in config["tests"].items():
        same(test["type"], "csv", "type")
        same(test["file"], path, "file")
        same({metric: float(row[header.index(column["column"])])
              for metric, column in test["metrics"].items()}, expected[name], "metrics")
        same({column["direction"] for column in test["metrics"].values()}, {-1}, "directions")


READERS = {"junit": junit, "xmllint": xmllint, "csv": comma_separated, "openmetrics": openmetrics,
           "markdown": markdown, "otava": otava}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in READERS:
        print(f"usage: consumers.py {'|'.join(READERS)} EXPORTED AB_JSON", file=sys.stderr)
        sys.exit(2)
    with open(sys.argv[3], encoding="utf-8") as file:
        ab = json.load(file)
    READERS[sys.argv[1]](sys.argv[2], ab)


if __name__ == "__main__":
    main()
