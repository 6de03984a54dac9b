from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from report.views import estimate, finding, sliced
from shipcall.report.strip import axis_of_many, interval_strip

NUMBER = st.floats(-100, 100).map(lambda x: round(x, 6))
SIZE = st.floats(1e-6, 100).map(lambda x: round(x + 1e-6, 6))


@st.composite
def findings(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(NUMBER)
    low = None if draw(st.booleans()) and draw(st.booleans()) else value - draw(SIZE)
    high = None if draw(st.booleans()) and draw(st.booleans()) else value + draw(SIZE)
    kind = draw(st.sampled_from(["low", "high", "both"]))
    bounds = sorted([draw(NUMBER), draw(NUMBER)])
    bar = {"low": (bounds[0], None), "high": (None, bounds[1]), "both": tuple(bounds)}[kind]
    return finding(estimate(value, low, high), *bar)


def answer_of(strip: str, bar: dict[str, float | None]) -> str:
    """Read the answer off an ASCII strip alone: which sides of the requirement are covered."""
    covered = [i for i, char in enumerate(strip) if char in "[]=o<>"]
    fences = [i for i, char in enumerate(strip) if char == "|"]
    low = fences[0] if bar["low"] is not None else -1
    high = fences[-1] if bar["high"] is not None else len(strip)
    inside = [low < i < high for i in covered]
    if all(inside):
        return "CLEAR"
    return "OPEN" if any(inside) or min(covered) < low < max(covered) else "BREACH"


@given(findings(), st.integers(9, 61))
def test_the_picture_always_agrees_with_the_answer(made: dict[str, Any], width: int) -> None:
    strip = interval_strip(made, width=width, unicode=False)
    assert answer_of(strip, made["bar"]) == made["standing"]


@given(findings(), st.integers(9, 61), st.booleans())
def test_every_strip_has_its_width_its_estimate_and_its_requirement(
    made: dict[str, Any],
    width: int,
    unicode: bool,  # noqa: FBT001
) -> None:
    strip = interval_strip(made, width=width, unicode=unicode)
    bounds = [bound for bound in (made["bar"]["low"], made["bar"]["high"]) if bound is not None]
    assert len(strip) == width
    assert strip.count("\u25cb" if unicode else "o") == 1
    assert strip.count("\u2506" if unicode else "|") == len(bounds)


def test_a_strip_is_drawn_to_scale() -> None:
    """Hand: axis -12.4 to 12.4, 1.24 a column: -10 at 1.9, 0 at 10, 5 at 14.0, 10 at 18.1."""
    strip = interval_strip(finding(estimate(5, 0, 10), low=-10), width=21, unicode=False)
    assert strip == "//|       [===o===]  "


def test_the_forbidden_side_is_shaded_and_the_other_is_not() -> None:
    strip = interval_strip(finding(estimate(-0.02, -0.03, -0.01), low=-0.005), unicode=False)
    before, after = strip.split("|")
    assert "/" in before
    assert "/" not in after


def test_an_end_that_nothing_bounds_is_an_arrow() -> None:
    strip = interval_strip(finding(estimate(0.2, None, 0.4), high=1), unicode=False)
    assert strip[0] == "<"
    assert "]" in strip


def test_no_estimate_is_no_picture() -> None:
    assert interval_strip(finding(None, low=0)).strip() == "no interval"


def test_zero_is_no_landmark_of_a_value_of_its_own() -> None:
    strip = interval_strip(
        finding(estimate(1048, 996, 1103), high=1200, estimand="candidate"), unicode=False
    )
    assert ":" not in strip


def test_a_count_on_its_bar_lies_inside() -> None:
    made = finding(estimate(0, 0, 0, census=True), high=0, estimand="count")
    assert answer_of(interval_strip(made, unicode=False), made["bar"]) == "CLEAR"


def test_one_tiny_slice_does_not_flatten_the_axis_of_the_others() -> None:
    usual = [sliced(str(i), estimate(0.001 * i, 0.001 * i - 0.01, 0.01)) for i in range(9)]
    tiny = sliced("tiny", estimate(0.0, -9.0, 9.0))
    axis = axis_of_many([*usual, tiny])
    assert axis.high < 1
    assert interval_strip(tiny, unicode=False, axis=axis)[0] == "<"
    assert interval_strip(tiny, unicode=False, axis=axis)[-1] == ">"
