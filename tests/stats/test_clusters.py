"""Clusters: grouping, sums and slices."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipcall.stats.clusters import Clusters


def test_sums_follow_the_ascending_codes() -> None:
    """By hand: code 7 holds 1 + 4, code 2 holds 2, code 9 holds 3."""
    clusters = Clusters.of([7, 2, 9, 7])
    assert clusters.codes.tolist() == [2, 7, 9]
    assert clusters.sizes.tolist() == [1, 2, 1]
    assert clusters.sums([1.0, 2.0, 3.0, 4.0]).tolist() == [2.0, 5.0, 3.0]


def test_a_slice_keeps_the_codes_of_the_whole() -> None:
    clusters = Clusters.of([7, 2, 9, 7]).subset(np.array([False, False, True, True]))
    assert clusters.codes.tolist() == [7, 9]
    assert clusters.sums([3.0, 4.0]).tolist() == [4.0, 3.0]


def test_a_slice_by_positions_equals_a_slice_by_mask() -> None:
    clusters = Clusters.of([0, 5, 5, 3, 0])
    mask = np.array([True, False, True, True, False])
    by_mask, by_place = clusters.subset(mask), clusters.subset(np.flatnonzero(mask))
    assert by_mask.codes.tolist() == by_place.codes.tolist() == [0, 3, 5]
    assert by_mask.index.tolist() == by_place.index.tolist()


def test_an_empty_slice_has_no_cluster_and_no_sum() -> None:
    clusters = Clusters.of([1, 2]).subset(np.array([False, False]))
    assert (clusters.count, clusters.rows) == (0, 0)
    assert clusters.sums(np.empty(0)).size == 0


def test_a_row_without_a_cluster_is_refused_not_pooled() -> None:
    with pytest.raises(ValueError, match="cluster code -1"):
        Clusters.of([0, -1, -1])


@pytest.mark.parametrize("codes", [[0.5, 1.0], [[0], [1]], ["a"]])
def test_codes_which_are_no_integers_are_refused(codes: Any) -> None:
    with pytest.raises(ValueError, match="one integer per row"):
        Clusters.of(codes)


def test_columns_and_masks_of_another_length_are_refused() -> None:
    clusters = Clusters.of([0, 1])
    with pytest.raises(ValueError, match="one value per row"):
        clusters.sums([1.0])
    with pytest.raises(ValueError, match="a mask of"):
        clusters.subset(np.array([True]))


def test_singles_are_one_cluster_per_row() -> None:
    clusters = Clusters.singles(3)
    assert clusters.codes.tolist() == [0, 1, 2]
    assert clusters.sums([5.0, 6.0, 7.0]).tolist() == [5.0, 6.0, 7.0]


@given(
    st.lists(
        st.tuples(st.integers(0, 10**9) | st.integers(0, 5), st.integers(-100, 100)), max_size=40
    )
)
def test_sums_equal_a_dictionary_of_sums(rows: list[tuple[int, int]]) -> None:
    """Oracle: Python's dictionary; integer values, so equality is exact."""
    expected: dict[int, int] = {}
    for code, value in rows:
        expected[code] = expected.get(code, 0) + value
    clusters = Clusters.of(np.array([code for code, _ in rows], dtype=np.int64))
    found = clusters.sums([float(value) for _, value in rows])
    assert dict(zip(clusters.codes.tolist(), found.tolist(), strict=True)) == expected
    assert clusters.sizes.sum() == len(rows)
