"""The kinds of units of 0/1 metrics come as often as they should."""

import numpy as np
import pytest

from shipcall.release.foresight.outcomes import (
    pair_shares,
    paired_law,
    passing,
    precision_law,
    runs_law,
    runs_shares,
    solved,
)


@pytest.mark.parametrize("value", [0.02, 0.5, 0.9])
@pytest.mark.parametrize("differ", [0.01, 0.2])
@pytest.mark.parametrize("effect", [-0.015, 0.0, 0.05])
def test_pairs_have_the_share_and_the_effect_that_were_asked_for(
    value: float, differ: float, effect: float
) -> None:
    both, baseline, candidate, neither = pair_shares(value, differ, effect)
    assert both + baseline == pytest.approx(value)
    assert candidate - baseline == pytest.approx(effect)
    assert min(both, baseline, candidate, neither) >= 0


def test_pairs_differ_as_often_as_said_where_that_can_be() -> None:
    assert pair_shares(0.8, 0.2, 0.01)[1:3].sum() == pytest.approx(0.2)
    assert pair_shares(0.8, 0.1, 0.15)[1:3].sum() == pytest.approx(0.15)


def test_a_gain_beyond_the_range_is_cut_at_its_end() -> None:
    shares = pair_shares(0.95, 0.2, 0.3)
    assert shares[0] + shares[2] == pytest.approx(1.0)


@pytest.mark.parametrize("effect", [-0.05, 0.0, 0.08])
def test_laws_move_the_metric_by_the_effect(effect: float) -> None:
    for law in (
        paired_law(0.7, 0.2, 0.4),
        precision_law(0.7, 0.2, 0.3),
        runs_law(0.7, 0.2, 0.5, 3),
    ):
        assert passing(law, effect) == pytest.approx(effect)
        assert law.shares(effect).sum() == pytest.approx(1.0)


def test_runs_of_one_unit_are_as_alike_as_said() -> None:
    """Correlation of two runs by one model: (E[h(h-1)] / (R(R-1)) - p^2) / (p (1 - p))."""
    runs, value, together = 4, 0.7, 0.35
    shares = runs_shares(value, 0.2, together, runs, 0.0).reshape(runs + 1, runs + 1)
    hits = np.arange(runs + 1)
    of_baseline = shares.sum(axis=1)
    assert of_baseline @ hits / runs == pytest.approx(value)
    pairs = of_baseline @ (hits * (hits - 1)) / (runs * (runs - 1))
    seen = (pairs - value**2) / (value * (1 - value))
    assert seen == pytest.approx(together)


def test_models_differ_on_as_many_runs_as_said() -> None:
    """With s the share of units that answer alike: var of a unit's difference is
    s d_s + (1 - s) 2 p q / R, and d = s d_s + (1 - s) 2 p q."""
    runs, value, together, differ = 3, 0.7, 0.6, 0.3
    shares = runs_shares(value, differ, together, runs, 0.0).reshape(runs + 1, runs + 1)
    hits = np.arange(runs + 1)
    square = (hits[None, :] - hits[:, None]) ** 2 / runs**2
    apart = (1 - together) * 2 * value * (1 - value)
    assert (shares * square).sum() == pytest.approx(differ - apart + apart / runs)


def test_pass_k_is_the_chance_that_all_of_k_runs_succeed() -> None:
    """A share s of units repeats one answer, the others succeed independently."""
    law = runs_law(0.8, 0.2, 0.5, 3, 2)
    shares = law.shares(0.0)
    assert shares @ law.kinds.num_baseline == pytest.approx(0.5 * 0.8 + 0.5 * 0.8**2)


def test_the_effect_on_runs_is_found_from_the_effect_on_pass_k() -> None:
    law = runs_law(0.8, 0.2, 0.5, 3, 3)
    effect = solved(lambda e: passing(law, e), -0.05)
    assert passing(law, effect) == pytest.approx(-0.05)
    assert -0.05 < effect < 0


def test_rows_that_do_not_count_count_for_neither_model() -> None:
    law = paired_law(0.7, 0.2, 0.25)
    assert law.shares(0.0)[-1] == pytest.approx(0.75)
    assert law.kinds.den_baseline[-1] == law.kinds.den_candidate[-1] == 0
