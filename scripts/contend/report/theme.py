"""The colours of the page, light and dark, as CSS variables; where they are used is page.css's.

    theme.variables()

Meaning is never in a colour alone: verdicts have shapes and words, engines markers and names.
"""
from __future__ import annotations

from contend.colours import ENGINES

# Name: light, dark. Text on its ground has a contrast of 4.5 or more (test_report.py computes it).
COLOURS = {
    "ground": ("#ffffff", "#14171a"), "raised": ("#f6f7f8", "#1d2125"),
    "ink": ("#1a1a1a", "#e8eaed"), "quiet": ("#595f66", "#a3abb3"),
    "rule": ("#d9dde1", "#363c42"), "grid": ("#e4e7ea", "#2b3035"),
    "accent": ("#0b5cad", "#7db8f0"), "band": ("#e9edf1", "#262c32"),
    "regressed": ("#b04a00", "#ff9d57"), "improved": ("#0b5cad", "#7db8f0"),
    "unchanged": ("#4a5057", "#b4bbc2"), "inconclusive": ("#6b5a00", "#d9c25a"),
    "invalid": ("#a3195b", "#f08bb8"),
}
# The heat map's steps from far on the bad side to far on the good one: ground and ink of each.
# Orange to blue stays apart under every colour blindness.
HEAT = [(("#b35806", "#ffffff"), ("#f08a2c", "#14171a")),
        (("#e08a2e", "#1a1a1a"), ("#a85b14", "#ffffff")),
        (("#f5b971", "#1a1a1a"), ("#7d4714", "#ffffff")),
        (("#fbe0bd", "#1a1a1a"), ("#4c3015", "#ffffff")),
        (("#f3f4f5", "#1a1a1a"), ("#262b30", "#ffffff")),
        (("#d1e5f0", "#1a1a1a"), ("#1b3547", "#ffffff")),
        (("#92c5de", "#1a1a1a"), ("#20557a", "#ffffff")),
        (("#5a9fcb", "#1a1a1a"), ("#2b76ab", "#ffffff")),
        (("#2166ac", "#ffffff"), ("#7db8f0", "#14171a"))]
MIDDLE = len(HEAT) // 2
MOST_SHEETS = 16  # of metrics that the heat map lets a reader choose from


def variables() -> str:
    """The rules that define all variables: light, dark where the reader's system is, and either
    where the reader chose it."""
    return (f":root{{color-scheme:light;{_declarations(0)}}}\n"
            "@media (prefers-color-scheme:dark){:root:not([data-theme=light])"
            f"{{color-scheme:dark;{_declarations(1)}}}}}\n"
            f":root[data-theme=dark]{{color-scheme:dark;{_declarations(1)}}}\n"
            # Paper is white.
            f"@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light])"
            f"{{color-scheme:light;{_declarations(0)}}}}}\n")


def _declarations(which: int) -> str:
    named = {name: pair[which] for name, pair in COLOURS.items()}
    named |= {f"engine-{place}": pair[which] for place, pair in enumerate(ENGINES)}
    for step, pair in enumerate(HEAT):
        named[f"heat-{step}"], named[f"heat-ink-{step}"] = pair[which]
    return "".join(f"--{name}:{colour};" for name, colour in named.items())


def classes() -> str:
    """Rules that give a step or an engine its colours, and show the sheet that is chosen."""
    heat = "".join(f".heat-{step}{{background-color:var(--heat-{step});"
                   f"color:var(--heat-ink-{step})}}\n" for step in range(len(HEAT)))
    chosen = ",".join(f"#map-{index}:checked~.sheets .sheet-{index}"
                      for index in range(MOST_SHEETS))
    engines = "".join(f".engine-{place}{{--own:var(--engine-{place})}}\n"
                      for place in range(len(ENGINES)))
    return heat + f"{chosen}{{display:block}}\n" + engines
