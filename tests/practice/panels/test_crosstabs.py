"""Crosstabs: readings of two models on the same items, held against published intervals."""

import numpy as np
import pytest

from shipcall.practice.panels.crosstabs import (
    apart_readings,
    crosstab_of,
    paired_readings,
    row_of,
    share_of,
)


def test_the_paired_change_has_the_score_interval() -> None:
    """Agresti, Categorical Data Analysis, approval of the prime minister in two surveys:
    794, 150, 86 and 570 of 1600; change -0.04, interval about -0.06 to -0.02."""
    change = paired_readings(crosstab_of(np.array([794.0, 150.0, 86.0, 570.0])))[-1]
    assert change.value == -0.04
    assert (change.low, change.high) == pytest.approx((-0.06, -0.02), abs=0.005)


def test_the_ends_of_the_paired_change_solve_tangos_equation() -> None:
    """The likelihood of the share that is lost is maximised by a fine grid, not by the formula."""
    change = paired_readings(crosstab_of(np.array([330.0, 30.0, 70.0, 70.0])))[-1]
    ends = [_score(70, 30, 500, end) for end in (change.low, change.high)]
    assert ends == pytest.approx([1.959964**2] * 2, rel=5e-3)


def _score(won: int, lost: int, n: int, delta: float) -> float:
    """Square of Tango's score, with the share q of pairs lost at its most likely for delta."""
    grid = np.linspace(max(1e-9, -delta), (1 - abs(delta)) / 2 + max(-delta, 0.0), 2_000_001)[1:-1]
    gain, rest = grid + delta, 1 - 2 * grid - delta
    inside = (gain > 0) & (rest > 0)
    q, gain, rest = grid[inside], gain[inside], rest[inside]
    loglik = won * np.log(gain) + lost * np.log(q) + (n - won - lost) * np.log(rest)
    best = float(q[np.argmax(loglik)])
    off = won - lost - n * delta
    return float(off**2 / (n * (2 * best + delta - delta**2)))


def test_a_share_has_wilsons_interval() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872, Table I, 81 of 263, method 3."""
    (share,) = share_of("share", "share", 81, 263)
    assert (share.low, share.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_shares_of_items_that_were_not_paired_have_newcombes_interval() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 873-890, method 10: the ends are the roots of
    sums of squared distances to the ends of Wilson's intervals; here of 0 and 5 of 56."""
    change = apart_readings(0, 5, 56)[-1]
    (none,) = share_of("", "", 0, 56)
    (five,) = share_of("", "", 5, 56)
    assert change.low == pytest.approx(
        change.value - np.hypot(five.value - five.low, none.high), rel=1e-9
    )
    assert change.high == pytest.approx(change.value + five.high - five.value, rel=1e-9)


def test_nothing_counted_gives_no_reading_and_no_share() -> None:
    empty = crosstab_of(np.zeros(4))
    assert paired_readings(empty) == []
    row = row_of("nobody", 0, [])
    assert (row["baseline"], row["change"], row["low"]) == (None, None, None)


def test_items_alike_under_both_models_leave_an_interval_around_zero() -> None:
    change = paired_readings(crosstab_of(np.array([30.0, 0.0, 0.0, 5.0])))[-1]
    assert change.low < 0 < change.high
