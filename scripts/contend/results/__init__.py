"""Results as contend writes them: read, checked against their schema, and put into words.

    result = load(Path("results/latest"))     from contend.results.result
"""


class ResultError(Exception):
    """Something is wrong with the result; the message is one line that says what."""
