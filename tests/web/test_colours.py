"""Colours of pages: all from the palette, and apart for everybody who sees colours otherwise."""

import itertools
import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pytest

from shipcall.report.palette import DARK, LIGHT
from shipcall.web.render import stylesheet

THEMES = {"light": LIGHT, "dark": DARK}
ANSWERS = ("pass", "open", "fail")
Vector = npt.NDArray[np.float64]

SEEN: Mapping[str, npt.ArrayLike] = {
    "as most see": np.eye(3),
    "without red cones": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "without green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "without blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color
vision deficiency: the matrices of severity 1.0, for linear RGB."""
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
"""IEC 61966-2-1 (sRGB): linear RGB to XYZ, white D65."""


def linear(colour: str) -> Vector:
    """IEC 61966-2-1: sRGB to linear RGB."""
    shown = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)


def lab(rgb: Vector) -> Vector:
    """CIE 15: XYZ to L*a*b*, white D65."""
    ratio = np.array(TO_XYZ) @ rgb / np.array(TO_XYZ).sum(axis=1)
    cube = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = cube
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str, seen: str) -> float:
    """CIE 1976: distance in L*a*b*, after a simulated eye."""
    eye = np.array(SEEN[seen])
    first, second = (lab(np.clip(eye @ linear(colour), 0, 1)) for colour in (one, other))
    return float(np.linalg.norm(first - second))


def test_the_formulas_give_known_values() -> None:
    """Lindbloom, CIE colour calculator: sRGB red is L* 53.24, a* 80.09, b* 67.20; white is 100."""
    assert lab(linear("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=1e-6)


@pytest.mark.parametrize("seen", list(SEEN)[1:])
def test_a_simulated_eye_leaves_grey_grey(seen: str) -> None:
    """By construction in Machado et al. (2009): the rows of every matrix sum to one."""
    assert np.array(SEEN[seen]).sum(axis=1) == pytest.approx([1, 1, 1], abs=2e-6)


def test_the_red_and_green_of_others_fall_together() -> None:
    """Why there is a palette: a common green and red, far apart, are near without green cones."""
    assert distance("#2ca02c", "#d62728", "as most see") > 100
    assert distance("#2ca02c", "#d62728", "without green cones") < 10


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("seen", SEEN)
def test_the_three_answers_stay_apart(theme: str, seen: str) -> None:
    for one, other in itertools.combinations(ANSWERS, 2):
        assert distance(THEMES[theme][one], THEMES[theme][other], seen) > 20


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("seen", SEEN)
def test_the_two_models_stay_apart(theme: str, seen: str) -> None:
    colours = THEMES[theme]
    assert distance(colours["baseline"], colours["candidate"], seen) > 40


def test_every_colour_of_the_style_sheet_is_one_of_the_palette() -> None:
    """Black alone may be a shadow."""
    known = {*LIGHT.values(), *DARK.values()}
    css = stylesheet().lower()
    assert set(re.findall(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b", css)) <= known
    assert set(re.findall(r"(?:rgb|hsl|lab|lch)a?\([^)]*\)", css)) <= {"rgb(0 0 0/.4)"}


def test_the_style_sheet_loads_nothing() -> None:
    css = stylesheet().lower()
    assert "@import" not in css
    assert "@font-face" not in css
    assert "url(" not in css
    assert "expression(" not in css


@pytest.mark.parametrize("theme", THEMES)
def test_the_switch_gives_the_colours_that_the_system_would(theme: str) -> None:
    rule = re.search(rf":root\[data-theme={theme}\]\{{([^}}]*)\}}", stylesheet())
    assert rule is not None
    assert dict(re.findall(r"--([\w-]+):(#\w+)", rule[1])) == THEMES[theme]
