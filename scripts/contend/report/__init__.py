"""The report: one HTML page of a run or of a comparison, which needs no network and no script; and
the summary of a run as Markdown.
What is drawn with matplotlib is the charts' (docs/charts.md), not this package's.

    scripts/report.py results/latest && xdg-open results/latest/report.html
"""
