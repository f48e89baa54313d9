"""The jobs of docs/ci.md: they are YAML, of the form that their services ask for, and their lines are
shell. What they run is not run here.

    cd scripts && /usr/bin/python3 -m unittest test_ci_docs
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def fault_of(lines):
    """What bash says of the syntax; GitHub's expressions are filled in first, as the service does."""
    filled = re.sub(r"\$\{\{.*?\}\}", "x", lines)
    done = subprocess.run(["bash", "-n"], input=filled, text=True, capture_output=True)
    return done.stderr


@unittest.skipUnless(yaml, "there is no yaml (python3-yaml)")
class Jobs(unittest.TestCase):
    def setUp(self):
        self.workflow, self.gitlab, history = (yaml.safe_load(block) for block in BLOCKS)
        self.jobs = self.workflow["jobs"] | history

    def steps(self):
        return [step for job in self.jobs.values() for step in job["steps"]]

    def test_a_workflow_has_what_github_asks_for(self):
        self.assertIn(True, self.workflow, "YAML 1.1 reads the key `on` as true, GitHub does not")
        self.assertEqual(list(self.jobs), ["ab", "history"])
        for job in self.jobs.values():
            self.assertIn("runs-on", job)
        for step in self.steps():
            self.assertEqual(len({"uses", "run"} & set(step)), 1, step)
            self.assertLessEqual(set(step), {"name", "uses", "run", "with", "if"})

    def test_the_checkouts_have_history(self):
        found = [step for step in self.steps() if step.get("uses", "").startswith("actions/checkout@")]
        self.assertEqual([step["with"]["fetch-depth"] for step in found], [0, 0])
        self.assertEqual(self.gitlab["ab"]["variables"]["GIT_DEPTH"], "0")

    def test_the_lines_are_shell(self):
        lines = [step["run"] for step in self.steps() if "run" in step]
        lines += self.gitlab["ab"]["before_script"] + self.gitlab["ab"]["script"]
        self.assertGreater(len(lines), 8)
        for each in lines:
            self.assertEqual(fault_of(each), "", each)
        self.assertNotEqual(fault_of("case x in"), "", "or nothing is checked")

    def test_the_job_ends_with_the_code_of_the_comparison(self):
        script = "\n".join(self.gitlab["ab"]["script"])
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("make", "scripts/ab", "build/release/contend"):
                path = pathlib.Path(folder) / tool
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('#!/bin/bash\necho "$0 $*" >>said\n[ "${0##*/}" != ab ] || exit "$CODE"\n')
                path.chmod(0o755)
            for code in (0, 1, 2, 3):
                said = pathlib.Path(folder) / "said"
                said.unlink(missing_ok=True)
                done = subprocess.run(["bash", "-ec", script], cwd=folder, env={
                    "CODE": str(code), "PATH": f"{folder}:/usr/bin:/bin"})
                self.assertEqual(done.returncode, code)
                self.assertEqual("export" in said.read_text(), code != 2, "a broken run has nothing to show")
        self.assertEqual(self.gitlab["ab"]["allow_failure"]["exit_codes"], [3])


if __name__ == "__main__":
    unittest.main()
