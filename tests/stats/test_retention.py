"""Retention: windows, mature cells, columns, lapses."""

import numpy as np
import pytest

from measured import estimate, reason
from shipcall.core import Absent, Reason, Tails
from shipcall.stats.arms import Hits, weighted_share_by_arm
from shipcall.stats.proportions import clopper_pearson
from shipcall.stats.retention import (
    Lapses,
    Returns,
    Visits,
    Window,
    count_returns,
    reengagement,
    retention_triangle,
)

TAILS = Tails(0.05, 0.05)


def _counts(visits: Visits, window: Window, until: float, *ages: int) -> Returns:
    return count_returns(visits, cohorts=("a",), ages=ages, window=window, until=until)


def _two_units() -> Visits:
    """Began at 23:00; one was back at 00:30 the same night, the other at 22:30 the next day."""
    return Visits(
        first=np.array([23.0, 23.0]),
        cohort=np.zeros(2, dtype=np.int64),
        unit=np.array([0, 1]),
        at=np.array([24.5, 46.5]),
    )


def test_windows_of_24_hours_and_calendar_days_give_other_shares() -> None:
    elapsed = _counts(_two_units(), Window.ELAPSED, 100, 0, 1)
    calendar = _counts(_two_units(), Window.CALENDAR, 100, 0, 1)
    assert elapsed.returned.tolist() == [[2, 0]]
    assert calendar.returned.tolist() == [[0, 2]]


def test_windows_close_at_their_own_time() -> None:
    """Day 1: 24-hour windows end at hour 71, the calendar day at hour 48."""
    for until, elapsed, calendar in ((47.9, 0, 0), (48.0, 0, 2), (71.0, 2, 2)):
        assert _counts(_two_units(), Window.ELAPSED, until, 1).closed[0, 0] == elapsed
        assert _counts(_two_units(), Window.CALENDAR, until, 1).closed[0, 0] == calendar


def test_many_visits_in_one_window_are_one_return_and_earlier_ones_none() -> None:
    visits = Visits(
        first=np.array([30.0]),
        cohort=np.zeros(1, dtype=np.int64),
        unit=np.zeros(4, dtype=np.int64),
        at=np.array([55.0, 56.0, 57.0, 10.0]),
    )
    assert _counts(visits, Window.ELAPSED, 500, 0, 1).returned.tolist() == [[0, 1]]


def test_an_unknown_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        Visits(
            first=np.array([np.nan]),
            cohort=np.zeros(1, dtype=np.int64),
            unit=np.zeros(0, dtype=np.int64),
            at=np.zeros(0),
        )


def _table(units: list[int], closed: list[list[int]], returned: list[list[int]]) -> Returns:
    return Returns(
        cohorts=tuple("abc"[: len(units)]),
        ages=tuple(range(len(closed[0]))),
        window=Window.ELAPSED,
        units=np.array(units),
        closed=np.array(closed),
        returned=np.array(returned),
    )


BASELINE = _table([100, 80], [[100, 100], [80, 30]], [[50, 40], [44, 20]])
CANDIDATE = _table([90, 120], [[90, 90], [120, 50]], [[40, 30], [70, 45]])


def test_a_cell_is_maturing_until_every_window_has_closed() -> None:
    triangle = retention_triangle(BASELINE, CANDIDATE, TAILS)
    assert [cell.mature for cell in triangle.cells] == [True, True, True, False]
    young = triangle.cells[-1].shares
    assert all(reason(part) is Reason.MATURING for part in young)
    detail = young.difference
    assert isinstance(detail, Absent)
    assert detail.detail == "cohort b, age 1: 80 of 200 windows have closed"


def test_columns_leave_maturing_cohorts_out() -> None:
    columns = retention_triangle(BASELINE, CANDIDATE, TAILS).columns
    assert [column.cohorts for column in columns] == [("a", "b"), ("a",)]
    alone = weighted_share_by_arm([Hits(40, 100)], [Hits(30, 90)], TAILS)
    assert columns[1].shares == alone


def test_a_cohort_that_is_mature_in_one_arm_only_is_maturing() -> None:
    late = _table([120], [[120, 119]], [[70, 60]])
    early = _table([80], [[80, 80]], [[44, 40]])
    triangle = retention_triangle(early, late, TAILS)
    assert not triangle.cells[1].mature
    assert triangle.columns[1].cohorts == ()
    assert reason(triangle.columns[1].shares.difference) is Reason.MATURING


def test_an_empty_cohort_is_no_data() -> None:
    empty = _table([0], [[0]], [[0]])
    cell = retention_triangle(empty, _table([5], [[5]], [[1]]), TAILS).cells[0]
    assert reason(cell.shares.difference) is Reason.NO_ROWS


def test_arms_are_exact_shares() -> None:
    cell = retention_triangle(BASELINE, CANDIDATE, TAILS).cells[0]
    assert cell.shares.baseline == clopper_pearson(50, 100, TAILS)


def test_parts_add_up_and_others_do_not() -> None:
    double = BASELINE.merged(BASELINE)
    assert double.hits(0, 1) == Hits(80, 200)
    with pytest.raises(ValueError, match="same cohorts"):
        BASELINE.merged(_table([1], [[1]], [[1]]))
    with pytest.raises(ValueError, match="same cohorts"):
        retention_triangle(BASELINE, _table([1], [[1]], [[1]]), TAILS)


@pytest.mark.parametrize("returned", [[[-1]], [[4]]])
def test_impossible_counts_are_refused(returned: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="returned <= closed"):
        _table([5], [[3]], returned)


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="cohorts"):
        _table([5, 5], [[3]], [[1]])


def test_the_lapsed_compare_only_if_the_model_did_not_choose_them() -> None:
    baseline = Lapses(units=1_000, lapsed=200, returned=50)
    candidate = Lapses(units=1_000, lapsed=300, returned=90)
    before = reengagement(baseline, candidate, TAILS, lapsed_before=True)
    after = reengagement(baseline, candidate, TAILS, lapsed_before=False)
    assert estimate(before.of_lapsed.difference).value == pytest.approx(0.05)
    assert reason(after.of_lapsed.difference) is Reason.UNSOUND
    assert estimate(after.of_lapsed.candidate).value == pytest.approx(0.3)
    assert estimate(after.of_all.difference).value == pytest.approx(0.04)


def test_lapses_add_and_must_be_possible() -> None:
    one = Lapses(units=10, lapsed=4, returned=1)
    assert one.merged(one) == Lapses(units=20, lapsed=8, returned=2)
    with pytest.raises(ValueError, match="returned <= lapsed"):
        Lapses(units=10, lapsed=1, returned=2)


def test_nobody_lapsed_is_no_data() -> None:
    nobody = Lapses(units=10, lapsed=0, returned=0)
    assert reason(reengagement(nobody, nobody, TAILS, lapsed_before=True).of_lapsed.difference) is (
        Reason.NO_ROWS
    )
