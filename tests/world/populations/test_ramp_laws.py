"""Ramps and people are drawn from the laws that they state."""

import numpy as np
import pytest

from shipcall.world.populations.people import AGES, COHORT, CURVES, Cohorts, Tiring, survivors
from shipcall.world.populations.ramps import (
    DAY,
    Cells,
    Counted,
    Outcomes,
    Ramp,
    Wave,
    amounts,
    coin,
    events,
)


@pytest.mark.parametrize(
    ("outcomes", "middle"),
    [(events(0.05), -0.01), (amounts({1.0: 0.1, 8.0: 0.02}), 0.04), (coin(), 0.1)],
)
def test_units_shares_and_outcomes_are_those_of_the_law(outcomes: Outcomes, middle: float) -> None:
    """Within four standard errors, over 60 rollouts."""
    ramp = Ramp(name="r", outcomes=outcomes, days=(2, 2, 2), units=2_000)
    cells = ramp.draw(np.random.default_rng(1), 60, middle)
    expected = 60 * ramp.traffic.sum()
    assert cells.n.sum() == pytest.approx(expected, abs=4 * expected**0.5)
    n, y, yy = (part.sum(axis=0) for part in (cells.n, cells.y, cells.yy))
    units = n.sum(axis=0)
    off = (n[1] - units * cells.share).sum()
    assert abs(off) < 4 * (units * cells.share * (1 - cells.share)).sum() ** 0.5
    assert cells.means[1] - cells.means[0] == pytest.approx(np.full(ramp.hours, middle))
    for arm in (0, 1):
        variance = float(yy[arm].sum())
        assert abs((y[arm] - n[arm] * cells.means[arm]).sum()) < 4 * variance**0.5 + 1e-9


def test_the_running_effect_is_that_of_hand_arithmetic() -> None:
    """w = n e (1 - e): 100 * .09 = 9 and 40 * .25 = 10, 60 * .25 = 15.

    theta: -.1, then (-.9 + 2) / 19, then (-.9 + 2 + 0) / 34; relative: sums of the means of the
    candidate over those of the baseline, 9 * .4 = 3.6, + 10 * .7, + 15 * .5 over 4.5, 5, 7.5.
    """
    nothing = np.zeros((1, 2, 3))
    cells = Cells(
        stage=np.array([0, 1, 1]),
        share=np.array([0.1, 0.5, 0.5]),
        means=np.array([[0.5, 0.5, 0.5], [0.4, 0.7, 0.5]]),
        n=np.array([[[90, 20, 30], [10, 20, 30]]]),
        y=nothing,
        yy=nothing,
        pooled=Counted(nothing, nothing, nothing),
    )
    assert cells.running(0, 0) == pytest.approx([-0.1, 1.1 / 19, 1.1 / 34])
    relative = [3.6 / 4.5 - 1, 10.6 / 9.5 - 1, 18.1 / 17 - 1]
    assert cells.running(0, 0, relative=True) == pytest.approx(relative)
    assert cells.running(0, 1) == pytest.approx([np.nan, 0.2, 2 / 25], nan_ok=True)


def test_waves_move_the_effect_around_its_middle() -> None:
    drifting = Ramp(name="r", outcomes=events(0.1), wave=Wave.DRIFTING, swing=0.02).effect(-0.01)
    assert (drifting[0], drifting[-1]) == pytest.approx((0.01, -0.03))
    turning = Ramp(name="r", outcomes=events(0.1), wave=Wave.ALTERNATING, swing=0.04).effect(0.0)
    assert turning[:: DAY // 2][:6] == pytest.approx([0.04, 0.04, -0.04, -0.04, 0.04, 0.04])
    ratio = Ramp(name="r", outcomes=events(0.1), relative=True)
    assert ratio.effect(0.5) == pytest.approx(0.05 * ratio.level)


def test_a_holdback_leaves_something_to_chance_at_the_end() -> None:
    ramp = Ramp(name="r", outcomes=events(0.1), shares=(0.5, 1.0), days=(1, 1), holdback=0.1)
    assert ramp.served == (0.5, 0.9)


def test_units_that_return_are_dealt_by_what_the_buckets_leave() -> None:
    """Everybody comes once a stage; after shares p and s a share s had the candidate."""
    ramp = Ramp(
        name="r",
        outcomes=events(0.2),
        shares=(0.1, 0.4),
        days=(1, 1),
        units=50_000,
        season=False,
        returning=True,
        carried=0.1,
    )
    arrived = ramp.arrive(np.random.default_rng(2), 20)
    assert ramp.dealt == pytest.approx([0.1, 0.3 / 0.9])
    came = arrived.dealt.sum(axis=1) + arrived.had
    assert (came[:, :DAY].sum(axis=1) == 50_000).all()
    assert (came[:, DAY:].sum(axis=1) == 50_000).all()
    assert arrived.dealt[:, 1].sum() / (20 * 50_000) == pytest.approx(0.4, abs=0.002)
    cells = ramp.observe(np.random.default_rng(3), arrived, 0.0)
    pooled = cells.pooled.n[:, :, -1].sum(axis=0)
    assert pooled[1] == arrived.dealt[:, 1].sum() + arrived.had.sum()
    extra = cells.pooled.y[:, 1, -1].sum() - cells.y[:, 1].sum()
    assert extra / arrived.had.sum() == pytest.approx(0.1, abs=0.005)
    assert (cells.pooled.yy == cells.pooled.y).all()


def test_late_events_are_pooled_when_they_are_known_and_belong_to_their_exposure() -> None:
    late = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    ramp = Ramp(name="r", outcomes=events(0.1), days=(2, 2, 2), late=late)
    cells = ramp.draw(np.random.default_rng(4), 3, 0.0)
    days = np.cumsum(cells.y.reshape(3, 2, 6, DAY).sum(axis=-1), axis=-1)
    assert (cells.pooled.y[:, 0] == days[:, 0]).all()
    assert (cells.pooled.y[:, 1, :2] == 0).all()
    assert (cells.pooled.y[:, 1, 2:] == days[:, 1, :-2]).all()
    assert (cells.pooled.n[:, :, -1] == cells.n.sum(axis=-1)).all()
    assert ramp.window_days == 3


def test_cohorts_curves_and_tired_units_follow_their_laws() -> None:
    rng = np.random.default_rng(5)
    cohorts = Cohorts(
        name="c", baseline=(20_000,), candidate=(20_000,), shares=(0.3,), change=-0.05
    )
    came = cohorts.draw(rng)
    assert came.baseline[0] / 20_000 == pytest.approx(0.3, abs=0.013)
    assert came.candidate[0] / 20_000 == pytest.approx(0.25, abs=0.013)
    for curve, stays in CURVES.items():
        assert stays.shape == AGES.shape
        mean = np.mean([survivors(rng, curve) for _ in range(200)], axis=0) / COHORT
        assert mean == pytest.approx(stays, abs=4 * 0.5 / (200 * COHORT) ** 0.5)
    first = Tiring(units=20_000, start=-2.0, slopes=(0.0, 1.0), unseen=0.0).draw(rng)
    left = [np.mean(arm.dropped[arm.last == 1]) * np.mean(arm.last == 1) for arm in first]
    assert left == pytest.approx([1 / (1 + np.exp(2.0))] * 2, abs=0.01)
    second = first[1].last >= 2
    gone = np.mean((first[1].last[second] == 2) & (first[1].dropped[second] == 1))
    assert gone == pytest.approx(1 / (1 + np.exp(1.0)), abs=0.015)
