"""Parts of the variance of repeated values: hand arithmetic, promised rates, refusals."""

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.sample import Floats
from shipcall.stats.variance import Split, split, spread_estimate

TAILS = Tails(0.05, 0.05)
RATINGS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    dtype=float,
)
"""Shrout & Fleiss (1979), table 2: six targets, four judges."""


def _items(count: int, runs: int) -> Clusters:
    return Clusters.of(np.repeat(np.arange(count), runs))


def _parts(values: Floats, items: Clusters) -> Split:
    found = split(values, items)
    assert isinstance(found, Split)
    return found


def _reason(measured: Measured) -> Reason | None:
    return measured.reason if isinstance(measured, Absent) else None


def test_agreement_of_published_ratings() -> None:
    """Shrout & Fleiss (1979), table 4: ICC(1,1) .17; mean squares 11.24 and 6.26."""
    found = _parts(RATINGS.ravel(), _items(6, 4))
    assert found.agreement == pytest.approx(0.17, abs=0.005)
    assert found.within == pytest.approx(6.26, abs=0.005)
    assert found.within + 4 * found.between == pytest.approx(11.24, abs=0.005)


def test_unequal_numbers_of_runs_by_hand() -> None:
    """Items (0, 2), (4): within 2 / 1; MS_b = 2 * 1^2 * ... = 6; n0 = 3 - 5 / 3 = 4 / 3.

    Means 1 and 4, grand mean 2: MS_b = 2 (1 - 2)^2 + (4 - 2)^2 = 6; V_b = (6 - 2) / (4 / 3) = 3.
    """
    found = _parts(np.array([0.0, 2.0, 4.0]), Clusters.of([0, 0, 1]))
    assert [found.within, found.between] == pytest.approx([2.0, 3.0])
    assert (found.items, found.repeated, found.runs, found.mean) == (2, 1, 3, 2.0)


def test_a_large_common_level_costs_no_digits() -> None:
    plain, moved = (_parts(RATINGS.ravel() + level, _items(6, 4)) for level in (0.0, 1e9))
    assert moved.between == pytest.approx(plain.between, rel=1e-6)


def test_the_jackknife_leaves_one_item_out_at_a_time() -> None:
    """The same by brute force: split() of the table without each item, pseudo-values of z."""
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 5, 30)
    code = np.repeat(np.arange(30), sizes)
    values = rng.normal(size=30)[code] + rng.normal(size=code.size)
    measured = spread_estimate(values, Clusters.of(code), TAILS).agreement
    assert isinstance(measured, Estimate)
    left: list[float] = []
    for item in range(30):
        kept = code != item
        found = _parts(values[kept], Clusters.of(code[kept]))
        assert found.agreement is not None
        left.append(float(np.arctanh(found.agreement)))
    error = np.sqrt(29 / 30 * (np.subtract(left, np.mean(left)) ** 2).sum())
    spread = (np.arctanh(measured.high) - np.arctanh(measured.low)) / 2
    assert spread / error == pytest.approx(1.699127, rel=1e-6)  # R: qt(0.95, 29)


@pytest.mark.parametrize(
    ("values", "code", "reason"),
    [
        ([1.0, 0.0], [0, 1], Reason.TOO_FEW_UNITS),
        ([1.0, 0.0], [0, 0], Reason.TOO_FEW_UNITS),
        ([1.0, 0.0, 1.0, 1.0], [0, 0, 1, 1], Reason.TOO_FEW_UNITS),
        ([1.0] * 40, [i // 2 for i in range(40)], Reason.CONSTANT),
        ([float(i // 2) for i in range(40)], [i // 2 for i in range(40)], Reason.CONSTANT),
    ],
)
def test_where_nothing_can_be_said_there_is_no_agreement(
    values: list[float], code: list[int], reason: Reason
) -> None:
    assert _reason(spread_estimate(values, Clusters.of(code), TAILS).agreement) is reason


def test_a_value_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        split([1.0, float("nan")], Clusters.of([0, 0]))


@pytest.mark.slow
@pytest.mark.parametrize(("items", "runs"), [(20, 3), (100, 2), (60, 5)])
def test_the_parts_of_0_1_grades_are_covered(items: int, runs: int) -> None:
    """Chances from Beta(1, 1): V_b = 1 / 12, V_w = 1 / 6; 1,000 draws, 5 % a side, + 3 errors.

    The spread between is allowed 8 % a side: with 2 grades it misses a little more often.
    """
    rng = np.random.default_rng(8)
    code = Clusters.of(np.repeat(np.arange(items), runs))
    truth = (np.sqrt(1 / 12), np.sqrt(1 / 6), 1 / 3)
    misses, drawn = np.zeros((3, 2)), 1_000
    for _ in range(drawn):
        grades = (rng.random(code.rows) < rng.beta(1, 1, items)[code.index]).astype(float)
        for part, (measured, true) in enumerate(
            zip(spread_estimate(grades, code, TAILS), truth, strict=True)
        ):
            if isinstance(measured, Estimate):
                misses[part] += (measured.low > true, measured.high < true)
    allowed = 0.05 + 3 * np.sqrt(0.05 * 0.95 / drawn)
    assert (misses[1:] / drawn <= allowed).all(), misses / drawn
    assert (misses[0] / drawn <= 0.08 + 3 * np.sqrt(0.08 * 0.92 / drawn)).all(), misses / drawn
