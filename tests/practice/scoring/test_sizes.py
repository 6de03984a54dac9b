"""Sizes against numbers from elsewhere."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from shipcall.practice.language import Size
from shipcall.practice.scoring.sizes import (
    FORMULAS,
    margin,
    mean_difference,
    size_score,
    two_proportions,
    zero_events,
)


def asked(kind: str, **told: Any) -> Size:
    return Size.model_validate({"text": "How many?", "kind": kind} | told)


def test_two_proportions_as_r_counts_them() -> None:
    """R: power.prop.test(p1 = .50, p2 = .75, power = .90) gives n = 76.7, two-sided at .05."""
    size = asked("two_proportions", base=0.5, difference=0.25, power=0.9, level=0.025)
    assert two_proportions(size) == pytest.approx(76.7, abs=0.05)


@pytest.mark.parametrize(("base", "difference"), [(0.1, 0.02), (0.3, -0.05), (0.02, 0.01)])
def test_two_proportions_as_statsmodels_counts_them(base: float, difference: float) -> None:
    theirs = samplesize_proportions_2indep_onetail(
        difference, base, 0.8, alpha=0.05, alternative="larger" if difference > 0 else "smaller"
    )
    size = asked("two_proportions", base=base, difference=difference)
    assert two_proportions(size) == pytest.approx(float(theirs), rel=1e-9)


def test_a_mean_difference_as_statsmodels_counts_it() -> None:
    theirs = NormalIndPower().solve_power(
        effect_size=0.2, alpha=0.05, power=0.8, alternative="larger"
    )
    size = asked("mean_difference", difference=0.6, spread=3.0)
    assert mean_difference(size) == pytest.approx(float(theirs), rel=1e-6)


def test_the_t_distribution_asks_for_about_one_unit_more() -> None:
    """R: power.t.test(power = .90, delta = 1) gives n = 22.02110, two-sided at .05, sd = 1."""
    size = asked("mean_difference", difference=1.0, spread=1.0, power=0.9, level=0.025)
    assert 0.9 < 22.02110 - mean_difference(size) < 1.1


def test_a_margin_as_statsmodels_counts_it_for_one_mean() -> None:
    theirs = NormalIndPower().solve_power(
        effect_size=0.1, alpha=0.05, power=0.9, ratio=0, alternative="larger"
    )
    size = asked("margin", difference=0.04, spread=0.4, power=0.9)
    assert margin(size) == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize(("most", "units"), [(0.05, 59), (0.01, 299), (0.001, 2995)])
def test_zero_events_exclude_a_share(most: float, units: int) -> None:
    """The success-run numbers of acceptance sampling: 59 for 95 %, 299 for 99 %, 2,995 for
    99.9 %, each at 95 % confidence."""
    found = size_score(asked("zero_events", most=most), 3 / most)
    assert found is not None
    assert found.reference == units
    assert found.within
    assert (1 - most) ** units <= 0.05 < (1 - most) ** (units - 1)
    assert zero_events(asked("zero_events", most=most)) < units


@pytest.mark.parametrize(
    ("stated", "within"), [(299, True), (448, True), (449, False), (200, True), (199, False)]
)
def test_a_factor_of_one_and_a_half_is_good_enough(stated: float, *, within: bool) -> None:
    found = size_score(asked("zero_events", most=0.01), stated)
    assert found is not None
    assert found.within is within


def test_a_number_is_wrong_by_its_ratio_either_way() -> None:
    half, twice = (size_score(asked("zero_events", most=0.01), 299 * f) for f in (0.5, 2.0))
    assert half is not None
    assert twice is not None
    assert half.log_ratio == pytest.approx(twice.log_ratio) == pytest.approx(0.693147, abs=1e-6)


def test_no_answer_is_no_score() -> None:
    assert size_score(asked("zero_events", most=0.01), None) is None
    assert size_score(None, 10.0) is None


@given(power=st.floats(0.5, 0.95), more=st.floats(0.01, 0.04))
def test_more_power_never_needs_fewer_units(power: float, more: float) -> None:
    told = {"base": 0.3, "difference": 0.05, "spread": 1.0, "most": 0.01}
    for kind, (needed, _) in FORMULAS.items():
        less, plenty = asked(kind, power=power, **told), asked(kind, power=power + more, **told)
        assert 0 < needed(less) <= needed(plenty)
