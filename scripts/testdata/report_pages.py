"""What the tests of the report share: pages of made-up results, a strict reader of pages. No test.

    Reader(comparison_page()).words()
"""
import functools
import html.parser
import json
import pathlib
import tempfile

from contend.report import page, raw, source
from testdata import make_comparison, make_result


HOSTILE = '</script></style></title>"\'><img src=x onerror=alert(1)>&lt;<!--\x00\x1b]]>\u2028'
FEW = make_comparison.CELLS[12:] + make_comparison.CELLS[7:8]  # at 64 connections, one at 16 too
VOID = {"br", "col", "hr", "input", "link", "meta"}  # HTML's elements without content


@functools.cache
def made_comparison():
    """Not to be changed."""
    return make_comparison.make(12, FEW)


def read(comparison=None, run=None, history=None) -> source.Source:
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
    """Of the fewest replies that give every percentile a line."""
    return page.compose(read(run=make_result.make(outside=True, large=1000)))


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
        if tag not in VOID:
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
