"""report.html in headless Chromium: it logs nothing, asks nobody for anything and could not, is
whole without a script, and fits narrow screens in both themes. Skipped where there is no chromium.

    cd scripts && /usr/bin/python3 -m unittest test_report_browser
"""
import json
import pathlib
import socket
import struct
import tempfile
import unittest
import zlib

from contend.report import page, source
from testdata import browser, make_comparison, make_result

NO_BROWSER = None if browser.PROGRAM else "chromium is not installed (scripts/bootstrap --all)"


def pixel(png: bytes, x: int, y: int) -> tuple:
    """The red, green and blue of one pixel of a PNG of 8 bits a channel (RFC 2083, section 6)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert depth == 8 and kind in (2, 6) and x < width and y < height
    place, packed = 8, b""
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place:place + 8])
        packed += png[place + 8:place + 8 + length] if name == b"IDAT" else b""
        place += length + 12
    channels = 3 if kind == 2 else 4
    lines, before = zlib.decompress(packed), bytearray(width * channels)
    for row in range(y + 1):
        at = row * (width * channels + 1)
        line = bytearray(lines[at + 1:at + 1 + width * channels])
        unfilter(lines[at], line, before, channels)
        before = line
    return tuple(before[x * channels:x * channels + 3])


def unfilter(kind: int, line: bytearray, above: bytearray, channels: int) -> None:
    for place in range(len(line)):
        left = line[place - channels] if place >= channels else 0
        corner = above[place - channels] if place >= channels else 0
        up, guess = above[place], left + above[place] - corner
        paeth = min((left, up, corner), key=lambda one: abs(guess - one))
        line[place] = (line[place] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255


@unittest.skipIf(NO_BROWSER, NO_BROWSER)
class InChromium(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        root = pathlib.Path(cls.folder.name)
        make_comparison.write(root / "comparison", make_comparison.make(12))
        (root / "history.json").write_text(json.dumps(make_comparison.make_history(30)))
        make_result.write(root / "run", outside=True, rounds=3)
        cls.comparison = page.write(source.read(root / "comparison", root / "history.json"),
                                    root / "comparison")
        cls.run_ = page.write(source.read(root / "run"), root / "run")
        cls.browser = cls.enterClassContext(browser.Browser())

    def open(self, path, *arguments, **how):
        return self.browser.open(path, *arguments, **how)

    def test_says_nothing_and_asks_for_nothing_in_either_theme_and_fits(self):
        themes = ((False, (255, 255, 255), (1280, 400)), (True, (0x14, 0x17, 0x1a), (400, 1280)))
        for path in (self.comparison, self.run_):
            for dark, ground, widths in themes:
                shown = self.open(path, widths[0], dark=dark)
                shown.value("document.querySelectorAll('details').forEach(d => d.open = true)")
                for width in widths:
                    shown.resize(width)
                    self.assertEqual(shown.value("document.documentElement.scrollWidth"), width)
                    picture = shown.screenshot(whole=False, clip=(width - 4, 2, 2, 2))
                    self.assertEqual(pixel(picture, 1, 1), ground)
                self.assertEqual(shown.complaints, [])
                self.assertEqual(shown.requests, [path.resolve().as_uri()])

    def test_no_request_can_leave(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"http://127.0.0.1:{server.getsockname()[1]}/"
            shown = self.open(self.comparison)
            said = shown.value(f"""(async () => {{
                const image = new Image();
                const failed = new Promise(done => {{ image.onerror = () => done('no image'); }});
                image.src = '{address}image';
                const style = document.createElement('link');
                Object.assign(style, {{rel: 'stylesheet', href: '{address}style'}});
                document.head.append(style);
                const answer = await fetch('{address}data').catch(error => 'no data');
                navigator.sendBeacon('{address}beacon', 'x');
                return [answer, await failed];
            }})()""")
            self.assertEqual(said, ["no data", "no image"])
            server.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                server.accept()
        refused = [one for one in shown.complaints if "Content Security Policy" in one]
        self.assertGreaterEqual(len(refused), 3, shown.complaints)

    def test_a_browser_that_could_reach_somebody_would_be_noticed(self):
        """Of the test before: without the policy the same request arrives."""
        with (socket.create_server(("127.0.0.1", 0)) as server,
              tempfile.TemporaryDirectory() as name):
            plain = pathlib.Path(name) / "plain.html"
            plain.write_text("<!doctype html><title>x</title>")
            shown = self.open(plain)
            shown.value(f"void fetch('http://127.0.0.1:{server.getsockname()[1]}/', "
                        "{mode: 'no-cors'}).catch(() => 0)")
            server.settimeout(20)
            connection, _ = server.accept()
            connection.close()

    def test_sorting_hiding_and_the_theme(self):
        shown = self.open(self.comparison)
        column = """[...document.querySelectorAll('.forest tbody tr:not(.group)')]
            .map(row => row.cells[4].dataset.value).filter(one => one !== undefined).map(Number)"""
        before = shown.value(column)
        for times, key in ((1, 1), (2, -1)):
            shown.value("document.querySelectorAll('.forest thead .sort')[3].click()")
            self.assertEqual(shown.value(column), sorted(before, key=lambda one: key * one))
            self.assertEqual(shown.value("document.querySelectorAll('.forest [aria-sort]').length"),
                             1, times)
        self.assertEqual(shown.value("document.querySelectorAll('.forest tr.group').length"), 0)
        visible = """[...document.querySelectorAll('main [data-engine=epoll]')]
            .filter(one => one.checkVisibility()).length"""
        self.assertGreater(shown.value(visible), 20)
        others = visible.replace("epoll", "poll")
        poll = shown.value(others)
        shown.value("""[...document.querySelectorAll('#tools label')]
            .find(one => one.textContent === 'epoll').click()""")
        self.assertEqual(shown.value(visible), 0)
        self.assertEqual(shown.value(others), poll)
        ground = "getComputedStyle(document.body).backgroundColor"
        self.assertEqual(shown.value(ground), "rgb(255, 255, 255)")
        shown.value("document.querySelector('#tools button').click()")
        self.assertEqual(shown.value(ground), "rgb(20, 23, 26)")
        self.assertEqual(shown.value("document.querySelector('#tools button').textContent"),
                         "Light theme")
        self.assertEqual(shown.complaints, [])

    def test_without_a_script_it_is_whole(self):
        for path in (self.comparison, self.run_):
            shown = self.open(path, script=False)
            self.assertFalse(shown.value("document.getElementById('tools').checkVisibility()"))
            self.assertEqual(shown.value("document.querySelectorAll('button').length"), 0)
            sheets = """[...document.querySelectorAll('.sheet')]
                .map(one => one.checkVisibility()).indexOf(true)"""
            self.assertEqual(shown.value(sheets), 0)
            # The keyboard reaches the choice of a metric, and the map follows.
            shown.value("document.getElementById('map-0').focus()")
            for kind in ("keyDown", "keyUp"):
                shown.ask("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight",
                          windowsVirtualKeyCode=39)
            self.assertEqual(shown.value(sheets), 1)
            self.assertEqual(shown.complaints, [])

    def test_what_a_screen_reader_is_told(self):
        shown = self.open(self.comparison)
        shown.ask("Accessibility.enable")
        nodes = shown.ask("Accessibility.getFullAXTree")["nodes"]
        roles: dict[str, list[str]] = {}
        for one in nodes:
            if not one["ignored"]:
                roles.setdefault(one["role"]["value"], []).append(one["name"]["value"] if
                                                                  "name" in one else "")
        for role in ("main", "banner", "contentinfo", "navigation"):
            self.assertEqual(len(roles[role]), 1, role)
        self.assertIn("Ratios", roles["heading"])
        images = roles.get("image", []) + roles.get("img", [])
        self.assertGreater(len(images), 100)
        self.assertNotIn("", images)
        self.assertTrue(any(one.startswith("CPU per operation: 1.3") for one in images))


if __name__ == "__main__":
    unittest.main()
