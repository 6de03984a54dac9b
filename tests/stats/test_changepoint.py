"""Change points: places found, weeks dealt whole, what is refused, steps and slides."""

from itertools import combinations

import numpy as np
import pytest

from measured import estimate, reason
from shipcall.core import Reason, Tails
from shipcall.stats.changepoint import Changes, abruptness, find_changes
from shipcall.stats.sample import Floats

TAILS = Tails(0.05, 0.05)


def _found(values: Floats, seed: int = 1, *, block: int = 1) -> Changes:
    found = find_changes(values, TAILS, np.random.default_rng(seed), block=block)
    assert isinstance(found, Changes)
    return found


def _steps(*parts: tuple[int, float], noise: float = 1.0, seed: int = 21) -> Floats:
    level = np.concatenate([np.full(days, mean) for days, mean in parts])
    noisy: Floats = level + noise * np.random.default_rng(seed).normal(size=level.size)
    return noisy


def test_a_step_is_found_where_it_is() -> None:
    found = _found(_steps((30, 0.0), (30, 3.0)))
    assert len(found.changes) == 1
    at = estimate(found.changes[0].at)
    assert at.low <= 29.5 <= at.high
    assert at.low < at.high
    assert found.changes[0].size == pytest.approx(3, abs=0.6)
    assert found.p == pytest.approx(1 / 200)


def test_several_steps_are_found_also_where_they_return() -> None:
    """Up and down again: halves of the series have one mean."""
    found = _found(_steps((20, 0.0), (20, 4.0), (20, 0.0)))
    places = [estimate(change.at) for change in found.changes]
    assert len(places) == 2
    for place, truth in zip(places, (19.5, 39.5), strict=True):
        assert place.low <= truth <= place.high


def test_the_best_places_are_those_of_trying_all() -> None:
    """Every set of as many places tried one by one."""
    values = _steps((12, 0.0), (9, 5.0), (11, 2.0), noise=0.8)

    def cost(places: tuple[int, ...]) -> float:
        return sum(float(np.sum((part - part.mean()) ** 2)) for part in np.split(values, places))

    found = tuple(int(estimate(change.at).value + 0.5) for change in _found(values).changes)
    assert len(found) >= 2
    assert found == min(combinations(range(1, 32), len(found)), key=cost)


def test_no_change_is_found_in_noise_and_the_penalty_is_said() -> None:
    found = _found(_steps((60, 0.0)))
    assert found.changes == []
    assert found.p > 0.05
    assert found.penalty > 0


def test_a_rhythm_of_the_week_is_no_change_where_weeks_are_dealt() -> None:
    week = np.tile([0, 0, 0, 0, 0, 6, 6], 12).astype(float)
    steady = week + _steps((84, 0.0), noise=0.5)
    assert _found(steady, block=7).changes == []
    moved = steady + np.repeat([0.0, 3.0], 42)
    places = [estimate(change.at) for change in _found(moved, block=7).changes]
    assert len(places) == 1
    assert places[0].low <= 41.5 <= places[0].high


def test_a_series_without_noise_is_split_at_its_step() -> None:
    values = np.repeat([1.0, 2.0], 10)
    at = estimate(_found(values).changes[0].at)
    assert (at.low, at.value, at.high) == (9, 9.5, 10)


def test_series_that_cannot_be_judged_are_absent() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=30)
    assert reason(find_changes(noise[:7], TAILS, rng)) is Reason.TOO_FEW_UNITS
    assert reason(find_changes(noise, TAILS, rng, block=7)) is Reason.TOO_FEW_UNITS
    assert reason(find_changes(np.ones(30), TAILS, rng)) is Reason.CONSTANT
    assert reason(find_changes(np.append(noise, np.nan), TAILS, rng)) is Reason.ROWS_MISSING
    assert reason(find_changes(noise, TAILS, rng, false_alarm=0.001)) is Reason.UNDEFINED
    with pytest.raises(ValueError, match="block"):
        find_changes(noise, TAILS, rng, block=0)


def _slide(days: int, seed: int = 3) -> Floats:
    rng = np.random.default_rng(seed)
    return 8 * np.clip((np.arange(40) - 12) / days, 0, 1) + rng.normal(size=40)


@pytest.mark.parametrize("days", [1, 6, 15])
def test_a_step_and_a_slide_are_told_apart(days: int) -> None:
    measured = estimate(abruptness(_slide(days), TAILS, np.random.default_rng(4)))
    assert measured.low <= days <= measured.high
    assert measured.low < measured.high
    assert (measured.low > 1) is (days > 1)


def test_abruptness_of_nothing_is_absent() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(size=40)
    assert reason(abruptness(noise, TAILS, rng)) is Reason.TOO_FEW_EVENTS
    assert reason(abruptness(noise[:9], TAILS, rng)) is Reason.TOO_FEW_UNITS
    assert reason(abruptness(np.ones(40), TAILS, rng)) is Reason.CONSTANT
    assert reason(abruptness(np.append(noise, np.nan), TAILS, rng)) is Reason.ROWS_MISSING
