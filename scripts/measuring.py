"""What limit.py, syscalls.py, many_connections.py, coro_costs.py and bench_load.py are as commands:
arguments, errors in a line, and what --check makes of what they measured. Not for charts, which have
contend/command.py.
"""

import argparse
import pathlib
import signal
import subprocess
import sys

NOT_AVAILABLE = 77


def parser(description):
    made = argparse.ArgumentParser(description=description.splitlines()[0],
                                   epilog="\n".join(description.splitlines()[1:]),
                                   formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="one object on standard output")
    made.add_argument("--check", action="store_true",
                      help="exit 1 where a limit is broken, 77 where nothing could be measured")
    return made


def at_least(least):
    """The type of an argument that is a number."""
    def number(word):
        if int(word) < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return int(word)
    return number


def share(word):
    """The type of an argument that is a share: above 0, and up to 1. A NaN is none."""
    if not 0 < float(word) <= 1:
        raise argparse.ArgumentTypeError(f"must be above 0 and up to 1, not {word}")
    return float(word)


def one_of(known):
    """The type of an argument that is a name; `known()` lists the names, once one was given."""
    def name(word):
        names = known()
        if word not in names:
            raise argparse.ArgumentTypeError(f"'{word}' is none of {', '.join(names)}")
        return word
    return name


def list_of(item):
    """The type of an argument that is several of a type, with commas between them."""
    def items(word):
        return [item(one) for one in word.split(",")]
    return items


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


def say(words):
    print(f"{pathlib.Path(sys.argv[0]).name}: {words}", file=sys.stderr)


def run(main):
    """Ends the script with what main returns. SIGTERM ends it as an exception would, so that what
    it has started ends too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        sys.exit(main())
    except (FileNotFoundError, RuntimeError, subprocess.CalledProcessError) as error:
        say(getattr(error, "stderr", None) or error)
        sys.exit(1)
