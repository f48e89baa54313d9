"""The figures, drawn with matplotlib: a file a figure, and their common look (sheet.py). What each
shows: docs/charts.md.

    scripts/plot_throughput.py results/latest
"""
