"""What the scripts share: results are read, drawn, reported and measured beside limits. It knows the
JSON that contend writes and the commands that it has, and nothing else of contend.

    scripts/plot_all.py results/latest
"""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the source tree
