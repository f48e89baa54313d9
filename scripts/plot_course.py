#!/usr/bin/python3
"""Draws one figure of a result; what it shows is in contend/figures/course.py.

    scripts/plot_course.py results/latest
"""
from contend.figures.drawing import main

if __name__ == "__main__":
    main("course")
