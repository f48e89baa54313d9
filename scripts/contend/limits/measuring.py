"""What the commands that measure limits have in common: --json and --check, and how they end.
"""

import argparse
import json
import signal
import subprocess
import sys

from contend.command import say

NOT_AVAILABLE = 77


def parser(description):
    made = argparse.ArgumentParser(description=description.splitlines()[0],
                                   epilog="\n".join(description.splitlines()[1:]),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="one object on standard output")
    made.add_argument("--check", action="store_true",
                      help="exit 1 where a limit is broken, 77 where nothing could be measured")
    return made


def verdict(results, broken, check):
    """The exit code; broken(result) lists in words what limits one result breaks. What was not
    available is no result, and that nothing was measured is not that all is well."""
    if not check:
        return 0
    if not results:
        return NOT_AVAILABLE
    complaints = [line for result in results for line in broken(result)]
    for line in complaints:
        say(line)
    return 1 if complaints else 0


def print_json(value):
    print(json.dumps(value, indent=2, allow_nan=False))


def run(main):
    """Ends the script with what main returns. SIGTERM ends it as an exception would, so that what
    it has started ends too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError) as error:
        say(getattr(error, "stderr", None) or error)
        sys.exit(1)
