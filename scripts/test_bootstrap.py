"""scripts/bootstrap against a system made of stand-ins: no package is touched."""

import pathlib
import subprocess
import tempfile
import textwrap
import unittest

BOOTSTRAP = pathlib.Path(__file__).with_name("bootstrap")
BASIC_TOOLS = ("bash", "awk", "cat", "env", "grep", "true")


class System:
    """A folder of commands that is all of PATH; what apt-get was asked is in `calls`."""

    def __init__(self, folder, installed, user=0, apt_failures=0):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / "calls.txt"
        self.installed = self.folder / "installed.txt"
        self.installed.write_text("".join(f"{name} installed\n" for name in installed))
        (self.folder / "failures.txt").write_text("x" * apt_failures)
        for tool in BASIC_TOOLS:
            found = next(p for d in ("/usr/bin", "/bin") if (p := pathlib.Path(d, tool)).exists())
            (self.folder / tool).symlink_to(found.resolve())
        self.command("id", f"echo {user}")

    def command(self, name, script):
        path = self.folder / name
        path.write_text(f"#!/bin/bash\ncd {self.folder}\n" + textwrap.dedent(script))
        path.chmod(0o755)

    def with_apt(self):
        self.command("dpkg-query", "cat installed.txt; exit 1")
        # Those of the asked packages that this system does not know have a line in unknown.txt.
        self.command("apt-cache", """
            for name; do :; done
            if [ ! -e calls.txt ] || grep -qxF "$name" unknown.txt; then exit 100; fi
            echo "Package: $name"
            """)
        self.unknown = self.folder / "unknown.txt"
        self.unknown.touch()
        self.command(
            "apt-get",
            """
            echo "$DEBIAN_FRONTEND $*" >> calls.txt
            case "$*" in *update*) exit 0 ;; esac
            failures=$(cat failures.txt)
            if [ -n "$failures" ]; then printf %s "${failures#x}" > failures.txt; exit 100; fi
            for word; do echo "$word installed" >> installed.txt; done
            """,
        )
        return self

    def run(self, *arguments):
        return subprocess.run(
            [BOOTSTRAP, *arguments],
            env={"PATH": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


def listed(*purposes):
    lines = subprocess.run([BOOTSTRAP, "--list"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in lines.splitlines()]
    return [name for name, purpose, _ in rows if not purposes or purpose in purposes]


class BootstrapTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.needed = listed("build", "tests", "charts")

    def test_every_package_has_a_purpose_and_a_reason(self):
        lines = subprocess.run([BOOTSTRAP, "--list"], capture_output=True, text=True).stdout
        for line in lines.splitlines():
            self.assertRegex(line, r"^[a-z0-9.+-]+ +(build|tests|charts|lint|fuzz|report|limits|ranks|outside) +\w.{5,}$")
        self.assertEqual(len(set(listed())), len(lines.splitlines()), "a package is listed twice")

    def test_nothing_to_install(self):
        system = System(self.folder, self.needed).with_apt()
        done = system.run()
        self.assertEqual((done.returncode, done.stdout), (0, "bootstrap: nothing to install\n"))
        self.assertEqual(system.calls(), [])

    def test_installs_only_what_is_missing_and_says_why(self):
        system = System(self.folder, [n for n in self.needed if n not in ("cmake", "g++")]).with_apt()
        done = system.run()
        self.assertEqual(done.returncode, 0, done.stderr)
        update, install = system.calls()
        self.assertIn("noninteractive", update)
        self.assertTrue(install.endswith("install --no-install-recommends g++ cmake"), install)
        self.assertIn("the compiler", done.stdout)
        self.assertNotIn("liburing", done.stdout)
        self.assertIn("nothing to install", system.run().stdout)

    def test_a_half_removed_package_is_missing(self):
        system = System(self.folder, [n for n in self.needed if n != "cmake"]).with_apt()
        with system.installed.open("a") as file:
            file.write("cmake config-files\n")
        system.run()
        self.assertTrue(system.calls()[-1].endswith(" cmake"))

    def test_all_adds_what_development_needs(self):
        system = System(self.folder, self.needed).with_apt()
        self.assertEqual(system.run("--all").returncode, 0)
        self.assertTrue(system.calls()[-1].endswith(" ".join(listed("lint", "fuzz", "report", "limits", "ranks"))))

    def test_outside_engines_packages_come_only_when_asked_for(self):
        packages = ["python3-uvloop", "nodejs", "nginx-light", "wrk", "hey", "nghttp2-client", "cmark-gfm",
                    "libxml2-utils", "python3-prometheus-client", "python3-yaml"]
        self.assertEqual(listed("outside"), packages)
        system = System(self.folder, self.needed).with_apt()
        self.assertIn("nothing to install", system.run().stdout)
        done = system.run("--outside")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(system.calls()[-1].endswith(
            "--no-install-recommends " + " ".join(packages)), system.calls())
        self.assertIn("the engine of Node", done.stdout)

    def test_installs_nothing_where_apt_lacks_a_package(self):
        system = System(self.folder, [n for n in self.needed if n != "cmake"]).with_apt()
        system.installed.write_text(system.installed.read_text().replace("libfmt-dev installed\n", ""))
        system.unknown.write_text("libfmt-dev\n")
        done = system.run()
        self.assertEqual(done.returncode, 2)
        self.assertEqual(len(system.calls()), 1, "only the lists were brought up to date")
        self.assertIn("apt does not know: libfmt-dev;", done.stderr)
        for name in listed():
            self.assertIn(f"\n{name} ", done.stderr)

    def test_what_is_unknown_and_not_wanted_does_not_matter(self):
        system = System(self.folder, [n for n in self.needed if n != "cmake"]).with_apt()
        system.unknown.write_text("libclang-rt-14-dev\n")
        self.assertEqual(system.run().returncode, 0)

    def test_what_charts_and_the_report_import_is_for_the_charts(self):
        for name in ("python3-numpy", "python3-matplotlib", "python3-jinja2"):
            self.assertIn(name, listed("charts"))

    def test_tries_once_more(self):
        system = System(self.folder, [], apt_failures=1).with_apt()
        self.assertEqual(system.run().returncode, 0)
        self.assertEqual(len(system.calls()), 4)

    def test_gives_up_after_the_second_failure(self):
        system = System(self.folder, [], apt_failures=2).with_apt()
        done = system.run()
        self.assertEqual(done.returncode, 1)
        self.assertIn("could not install: g++", done.stderr)
        self.assertEqual(len(system.calls()), 4)

    def test_uses_sudo_without_a_question(self):
        system = System(self.folder, [], user=1000).with_apt()
        system.command("sudo", '[ "$1" = -n ] || exit 1; shift; exec "$@"')
        self.assertEqual(system.run().returncode, 0)
        self.assertEqual(len(system.calls()), 2)

    def test_says_what_to_run_where_it_may_not(self):
        system = System(self.folder, [], user=1000).with_apt()
        done = system.run()
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get install --no-install-recommends g++", done.stderr)
        self.assertEqual(system.calls(), [])

    def test_lists_the_packages_on_another_system(self):
        done = System(self.folder, []).run()
        self.assertEqual(done.returncode, 2)
        for name in listed():
            self.assertIn(f"\n{name} ", done.stderr)

    def test_wrong_use(self):
        done = System(self.folder, []).with_apt().run("--lst")
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage", done.stderr)


if __name__ == "__main__":
    unittest.main()
