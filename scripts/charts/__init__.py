"""What the chart scripts share. They know result.json and nothing else of contend.

    scripts/plot_all.py results/latest
"""
