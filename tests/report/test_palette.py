import pytest

from shipcall.report.palette import DARK, DEEPEST, LIGHT

THEMES = {"light": LIGHT, "dark": DARK}
ON_PAGE = ("ink", "mute", "pass", "open", "fail", "none", "baseline", "candidate")


def luminance(colour: tuple[float, ...]) -> float:
    """WCAG 2.2, definition of relative luminance."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def rgb(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2, definition of contrast ratio."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_formula_gives_the_known_ratios() -> None:
    """WCAG 2.2: black on white is 21; #767676 on white is the well-known 4.54."""
    assert contrast(rgb("#000000"), rgb("#ffffff")) == pytest.approx(21)
    assert contrast(rgb("#767676"), rgb("#ffffff")) == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ON_PAGE)
def test_text_can_be_read_on_the_page_and_on_panels(theme: str, name: str) -> None:
    colours = THEMES[theme]
    for ground in ("bg", "panel"):
        assert contrast(rgb(colours[name]), rgb(colours[ground])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", ["pass", "open", "fail", "none"])
def test_text_can_be_read_on_the_banner(theme: str, tone: str) -> None:
    colours = THEMES[theme]
    for name in (tone, "ink", "mute"):
        assert contrast(rgb(colours[name]), rgb(colours[f"{tone}-bg"])) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tint", ["baseline", "candidate"])
def test_numbers_can_be_read_in_the_darkest_cell_of_the_grid(theme: str, tint: str) -> None:
    colours = THEMES[theme]
    pairs = zip(rgb(colours[tint]), rgb(colours["bg"]), strict=True)
    cell = tuple(DEEPEST * top + (1 - DEEPEST) * below for top, below in pairs)
    assert contrast(rgb(colours["ink"]), cell) >= 4.5


def test_both_themes_define_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
