"""scripts/ab: what it says of wrong use. That it builds a base and compares with it, .ci/run tries.

    cd scripts && /usr/bin/python3 -m unittest test_ab
"""

import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(*arguments):
    return subprocess.run([ROOT / "scripts" / "ab", *arguments], text=True, capture_output=True)


class WrongUse(unittest.TestCase):
    def expect_refused(self, done, why):
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")
        self.assertIn(why, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_of_no_revision(self):
        self.expect_refused(run(), "which revision")
        self.expect_refused(run(""), "make ab BASE=REVISION")

    def test_of_a_revision_that_is_not_there(self):
        self.expect_refused(run("no-such-revision"), "there is no revision 'no-such-revision'")

    def test_through_make(self):
        done = subprocess.run(["make", "-n", "-C", ROOT, "ab", "BASE=some", "ARGS=--budget 4m"], text=True,
                              capture_output=True)
        self.assertIn('scripts/ab "some" --budget 4m', done.stdout)


if __name__ == "__main__":
    unittest.main()
