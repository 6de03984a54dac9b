"""Rare events: fair by enumeration, monotone, and honest where nothing happened."""

import itertools
import math

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.sequential.epochs import Cell, Epochs, Pair, Sums
from shipcall.stats.sequential.rare import (
    Events,
    rare_estimate,
    rare_evidence,
    tilt_evidence,
)
from shipcall.stats.sequential.score import Side

_90 = Tails(0.05, 0.05)


def _state(*cells: tuple[float, int, int], units: int = 10_000) -> Epochs:
    """Cells of (share, events of the baseline, events of the candidate)."""
    return Epochs(
        cells={
            Cell(epoch, 0, share): Pair(
                *(Sums(units, events * 2**20, events * 2**40) for events in counts)
            )
            for epoch, (share, *counts) in enumerate(cells)
        }
    )


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 3.0])
def test_evidence_is_fair_for_every_assignment_of_the_events(side: Side, ratio: float) -> None:
    """Eight events at shares .01, .1 and .5; chances k e / (k e + 1 - e): the mean is 1."""
    shares = np.array([0.01, 0.01, 0.1, 0.1, 0.1, 0.5, 0.5, 0.5])
    chance = ratio * shares / (ratio * shares + 1 - shares)
    mean = 0.0
    for assignment in itertools.product([0.0, 1.0], repeat=shares.size):
        arm = np.array(assignment)
        log = tilt_evidence(Events(shares, 1 - arm, arm), math.log(ratio), side)[-1]
        mean += float(np.prod(np.where(arm == 1, chance, 1 - chance))) * math.exp(log)
    assert mean == pytest.approx(1.0, abs=1e-10)


def test_the_likeliest_ratio_solves_its_equation() -> None:
    """One share of 1/2: 30 against 20 events is a ratio of 1.5."""
    found = rare_estimate(_state((0.5, 20, 30)), _90)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.5, abs=1e-9)


def test_each_event_counts_with_the_share_of_its_own_unit() -> None:
    """99 : 1 at 1 % and 50 : 50 at 50 % both say "no change"; pooled at 50 % they would not."""
    found = rare_estimate(_state((0.01, 99, 1), (0.5, 50, 50)), _90)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("counts", [(20, 30), (7, 0), (0, 7), (1, 0)])
def test_ends_are_where_the_evidence_reaches_its_level(counts: tuple[int, int]) -> None:
    state = _state((0.5, *counts))
    found = rare_estimate(state, _90)
    assert isinstance(found, Estimate)
    if found.low > -1:
        assert rare_evidence(state, 1 + found.low, "above")[-1] == pytest.approx(math.log(20))
    if math.isfinite(found.high):
        assert rare_evidence(state, 1 + found.high, "below")[-1] == pytest.approx(math.log(20))
    if counts[0] == 0:
        assert found.high == math.inf
    if counts[1] == 0:
        assert found.low == -1.0


def test_events_of_the_candidate_alone_are_bad_news_not_no_data() -> None:
    """Ten events, all at 50 % on the candidate: chance 2^-10 under equal rates."""
    found = rare_estimate(_state((0.5, 0, 10)), _90)
    assert isinstance(found, Estimate)
    assert found.low > 0


def test_units_at_a_share_of_one_are_not_compared() -> None:
    state = _state((0.5, 20, 30))
    sums = Sums(100, 40 * 2**20, 40 * 2**40)
    more = state.merge(Epochs(cells={Cell(9, 3, 1.0): Pair(Sums(), sums)}))
    assert rare_estimate(more, _90) == rare_estimate(state, _90)


def test_no_event_is_absent() -> None:
    found = rare_estimate(_state((0.5, 0, 0)), _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.TOO_FEW_EVENTS


def test_an_arm_without_units_is_absent() -> None:
    sums = Sums(100, 4 * 2**20, 4 * 2**40)
    found = rare_estimate(Epochs(cells={Cell(0, 0, 0.5): Pair(Sums(), sums)}), _90)
    assert isinstance(found, Absent)
    assert found.reason is Reason.NO_ROWS


def test_outcomes_other_than_0_and_1_are_refused() -> None:
    sums = Sums(100, 4 * 2**20, 8 * 2**40)
    with pytest.raises(ValueError, match="neither 0 nor 1"):
        rare_evidence(Epochs(cells={Cell(0, 0, 0.5): Pair(sums, sums)}), 1.0, "above")
    with pytest.raises(ValueError, match="not positive"):
        rare_evidence(Epochs(), 0.0, "above")
