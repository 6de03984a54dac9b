"""Biases: signal detection by hand, shrinkage, and silence below sixty plays."""

import numpy as np
import pytest
from scipy import stats

from practice.plays import finished
from practice.tiny import tiny
from shipcall.practice.biases import (
    LEAST_PLAYS,
    Stops,
    detection,
    mean_of,
    profile,
    shrunk,
    stops_of,
)
from shipcall.practice.finished import Finished

CASES = {"C99": tiny()}


def test_sensitivity_and_criterion_by_hand() -> None:
    """Hits 15 of 20, alarms 5 of 20, log-linear: H = 15.5/21, F = 5.5/21, z = +-0.6371."""
    found = detection(Stops(traps=20, stopped_traps=15, twins=20, stopped_twins=5))
    z = stats.norm.ppf(15.5 / 21)
    assert found.tells.value == pytest.approx(2 * z)
    assert found.leans.value == pytest.approx(0.0, abs=1e-12)
    share = 15.5 / 21
    error = np.sqrt(2 * share * (1 - share) / (21 * stats.norm.pdf(z) ** 2))
    assert found.tells.high - found.tells.value == pytest.approx(1.959964 * error)


def test_perfect_counts_stay_finite() -> None:
    """H = 20.5/21 and F = 0.5/21 by the correction: d' = 2 * 1.9809."""
    found = detection(Stops(traps=20, stopped_traps=20, twins=20, stopped_twins=0))
    assert found.tells.value == pytest.approx(2 * stats.norm.ppf(20.5 / 21))


def test_who_lets_everything_on_leans_to_shipping() -> None:
    ships = detection(Stops(traps=20, stopped_traps=2, twins=20, stopped_twins=1))
    stops = detection(Stops(traps=20, stopped_traps=19, twins=20, stopped_twins=18))
    assert ships.leans.low > 0
    assert stops.leans.high < 0


def test_few_plays_are_pulled_further_than_many() -> None:
    few = detection(Stops(traps=4, stopped_traps=0, twins=4, stopped_twins=0))
    many = detection(Stops(traps=400, stopped_traps=20, twins=400, stopped_twins=20))
    assert abs(shrunk(few).leans.value / few.leans.value) < 0.8
    assert abs(shrunk(many).leans.value / many.leans.value) > 0.95


def test_other_states_count_neither_way() -> None:
    found = stops_of(["trap", "other", None, "twin"], [False, False, False, True])
    assert found == Stops(traps=1, stopped_traps=1, twins=1, stopped_twins=0)


def plays(count: int, *, ships: float) -> list[Finished]:
    rng = np.random.default_rng(6)
    made = []
    for n in range(count):
        role = "trap" if n % 2 else "twin"
        option = "advance" if rng.random() < ships else "hold"
        best = "back" if role == "trap" else "advance"
        made.append(finished(n, role=role, option=option, best=best))
    return made


def test_nothing_is_said_below_sixty_plays() -> None:
    assert profile(plays(LEAST_PLAYS - 1, ships=0.9), CASES) is None


def test_a_lean_to_shipping_is_found() -> None:
    found = profile(plays(120, ships=0.95), CASES)
    assert found is not None
    assert found.lean.low > 0
    assert found.you.leans.low > 0
    assert found.best.tells.value > 2
    assert found.stops.traps + found.stops.twins == 120


def test_plays_without_a_call_are_counted_and_left_out() -> None:
    made = [*plays(60, ships=0.5), finished(99, option=None)]
    found = profile(made, CASES)
    assert found is not None
    assert (found.plays, found.without_call) == (60, 1)
    assert profile(made[:59] + made[60:], CASES) is None


def test_plays_of_one_side_only_tell_nothing() -> None:
    assert profile([finished(n, role="twin") for n in range(80)], CASES) is None


def test_equal_numbers_never_look_certain() -> None:
    found = mean_of([0.5] * 20)
    assert found.low < 0.5 < found.high


@pytest.mark.slow
def test_the_interval_of_a_lean_holds_as_often_as_it_says() -> None:
    """4,000 people with 60 plays whose lean is -1, 0 or 1 with chances .05, .75, .20."""
    rng = np.random.default_rng(7)
    drawn = rng.choice([-1.0, 0.0, 1.0], p=[0.05, 0.75, 0.20], size=(4_000, 60))
    held = sum(low <= 0.15 <= high for _, low, high in (mean_of(list(row)) for row in drawn))
    assert held / 4_000 >= 0.94
