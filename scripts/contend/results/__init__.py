"""Results as contend writes them: read, checked against their schema, and put into words.

    result = load(Path("results/latest"))     from contend.results.result
"""
