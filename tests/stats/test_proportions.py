"""Proportions: edges, refusals and the properties of the paired interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from measured import estimate
from shipcall.core import Absent, Reason, Tails
from shipcall.stats.pairs import EXACT_DISCORDANT, EXACT_PAIRS, mcnemar_exact, paired_difference
from shipcall.stats.proportions import (
    binomial_ends,
    clopper_pearson,
    newcombe_difference,
    wilson,
)
from shipcall.stats.sample import Crosstab

_TAILS = Tails(0.05, 0.05)


def _table(n: int, gained: int, lost: int) -> Crosstab:
    return Crosstab(both=n - gained - lost, only_baseline=lost, only_candidate=gained, neither=0)


def test_nothing_counted_is_absent() -> None:
    for measured in (
        clopper_pearson(0, 0, _TAILS),
        wilson(0, 0, _TAILS),
        newcombe_difference(0, 0, 1, 2, _TAILS),
        newcombe_difference(1, 2, 0, 0, _TAILS),
        paired_difference(_table(0, 0, 0), _TAILS),
    ):
        assert isinstance(measured, Absent)
        assert measured.reason is Reason.NO_ROWS


@pytest.mark.parametrize(("events", "trials"), [(3, 2), (-1, 5), (0, -1)])
def test_impossible_counts_are_refused(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match="a count is wrong"):
        clopper_pearson(events, trials, _TAILS)


@given(st.integers(1, 300), st.data())
def test_intervals_of_a_share_hold_it_and_have_width(n: int, data: st.DataObject) -> None:
    events = data.draw(st.integers(0, n))
    for measured in (clopper_pearson(events, n, _TAILS), wilson(events, n, _TAILS)):
        found = estimate(measured)
        assert 0 <= found.low <= events / n <= found.high <= 1
        assert found.low < found.high


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 260), st.data())
def test_swapping_the_models_mirrors_the_paired_interval(n: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, n))
    lost = data.draw(st.integers(0, n - gained))
    one = estimate(paired_difference(_table(n, gained, lost), Tails(0.05, 0.01)))
    other = estimate(paired_difference(_table(n, lost, gained), Tails(0.01, 0.05)))
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12)
    assert one.low < one.high


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 120), st.data())
def test_one_more_loss_never_raises_the_low_end(n: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, n - 1))
    lost = data.draw(st.integers(0, n - gained - 1))
    before = estimate(paired_difference(_table(n, gained, lost), _TAILS))
    after = estimate(paired_difference(_table(n, gained, lost + 1), _TAILS))
    assert after.low <= before.low + 0.002


def test_the_method_says_whether_it_is_exact() -> None:
    many = EXACT_DISCORDANT // 2 + 1
    assert "exact" in estimate(paired_difference(_table(EXACT_PAIRS, many, many), _TAILS)).method
    assert "exact" in estimate(paired_difference(_table(10**6, 5, 7), _TAILS)).method
    large = estimate(paired_difference(_table(EXACT_PAIRS + 1, many, many), _TAILS))
    assert large.method == "Tango score, paired"


def test_the_exact_end_is_close_to_the_score_end_where_both_are_good() -> None:
    """30 against 30 flips among 100,000: the Poisson limit, normal within 2 %."""
    found = estimate(paired_difference(_table(100_000, 30, 30), _TAILS))
    assert found.high * 1e5 == pytest.approx(1.645 * np.sqrt(60), rel=0.03)


def test_only_losses_leave_the_exact_poisson_bound_of_their_number() -> None:
    """scipy: 40 losses in 100,000 and no gain; the gamma quantile 30.2 bounds the loss."""
    found = estimate(paired_difference(_table(100_000, 0, 40), _TAILS))
    assert -found.high * 1e5 == pytest.approx(stats.gamma.ppf(0.05, 40), rel=0.02)


def test_fractional_counts_lie_between_their_neighbours() -> None:
    low, middle, high = (binomial_ends(events, 50, _TAILS) for events in (3, 3.5, 4))
    assert low.low < middle.low < high.low
    assert low.high < middle.high < high.high


def test_a_one_sided_mcnemar_value_is_half_of_an_uneven_two_sided_one() -> None:
    assert mcnemar_exact(8, 2) == pytest.approx(2 * mcnemar_exact(8, 2, "gain"))
    assert mcnemar_exact(8, 2, "loss") > 0.9


@pytest.mark.slow
def test_false_clears_at_the_bar_stay_at_their_level_for_both_methods() -> None:
    """20,000 tables per cell with the true loss on the bar; refuted only beyond 4 errors.

    Beyond the exact tables, Tango's score may miss by a tenth of the level.
    """
    rng = np.random.default_rng(21)
    for n, churn, loss, slack in (
        (150, 0.1, 0.02, 1.0),
        (400, 0.3, 0.02, 1.1),
        (900, 0.2, 0.01, 1.1),
    ):
        shares = [(churn - loss) / 2, (churn + loss) / 2, 1 - churn]
        draws = rng.multinomial(n, shares, size=20_000)
        tables, counts = np.unique(draws[:, :2], axis=0, return_counts=True)
        common = counts >= 3
        cleared = sum(
            int(count)
            for (gained, lost), count in zip(tables[common], counts[common], strict=True)
            if estimate(paired_difference(_table(n, int(gained), int(lost)), _TAILS)).low > -loss
        )
        drawn = int(counts[common].sum())
        assert cleared / drawn <= 0.05 * slack + 4 * np.sqrt(0.05 * 0.95 / drawn)
