#!/usr/bin/python3
"""Draws one figure of a result; what it shows is in contend/figures/heatmap.py.

    scripts/plot_heatmap.py results/latest
"""
from contend.figures.drawing import main

if __name__ == "__main__":
    main("heatmap")
