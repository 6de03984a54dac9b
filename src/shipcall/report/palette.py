"""Palette: every colour of the pages and charts, for light and dark, in one place.

The three answers stay apart for people who cannot tell red from green; shape and word always
stand beside the colour. A test measures the contrast of every text colour.
"""

LIGHT = {
    "bg": "#ffffff",
    "panel": "#f5f6f8",
    "line": "#d7dbe0",
    "ink": "#16191d",
    "mute": "#566070",
    "pass": "#177245",
    "open": "#6b4a00",
    "fail": "#a3006b",
    "none": "#566070",
    "baseline": "#1f4e8c",
    "candidate": "#a34a00",
    "pass-bg": "#e3f5ec",
    "open-bg": "#fff4d6",
    "fail-bg": "#fde6f4",
    "none-bg": "#f5f6f8",
}
DARK = {
    "bg": "#101317",
    "panel": "#1a1f26",
    "line": "#333b45",
    "ink": "#e8ebef",
    "mute": "#a3adb9",
    "pass": "#6fe0ac",
    "open": "#f2c640",
    "fail": "#ff77c8",
    "none": "#a3adb9",
    "baseline": "#8ab8ff",
    "candidate": "#ffb066",
    "pass-bg": "#0f2a1e",
    "open-bg": "#2c2508",
    "fail-bg": "#330f28",
    "none-bg": "#1a1f26",
}
DEEPEST = 0.46
"""Strongest tint of a cell of the grid; text on it keeps its contrast."""


def paint(name: str) -> str:
    """A colour as a CSS variable of the page, with the light one where there is no page."""
    return f"var(--{name},{LIGHT[name]})"
