"""Slices that overlap are drawn from one crossing."""

import numpy as np
import pytest

from shipcall.contract.plan import NOT_READ
from shipcall.core import Slice
from shipcall.release.foresight.cells import MOST_CELLS, Cells, crossing

RNG = np.random.default_rng(1)


def part(**levels: str) -> Slice:
    return Slice.of(levels)


def share_of(cells: Cells, wanted: Slice) -> float:
    return float(cells.share[cells.within(wanted)].sum())


def test_margins_alone_are_crossed_as_if_independent() -> None:
    counted = {part(a="x"): 30, part(a="y"): 70, part(b="u"): 40, part(b="v"): 60}
    cells = crossing(counted, list(counted), RNG)
    assert share_of(cells, part(a="x", b="u")) == pytest.approx(0.3 * 0.4)
    assert share_of(cells, part(b="v")) == pytest.approx(0.6)


def test_a_cross_that_was_counted_keeps_its_joint_shares() -> None:
    counted = {
        part(a="x"): 50,
        part(a="y"): 50,
        part(a="x", b="u"): 50,
        part(a="y", b="v"): 50,
        part(c="r"): 20,
        part(c="s"): 80,
    }
    cells = crossing(counted, list(counted), RNG)
    assert share_of(cells, part(a="x", b="u")) == pytest.approx(0.5)
    assert share_of(cells, part(a="x", b="v")) == 0
    assert share_of(cells, part(a="x", b="u", c="r")) == pytest.approx(0.1)


def test_two_crosses_with_a_column_in_common_are_joined_given_that_column() -> None:
    counted = {
        part(a="x", b="u"): 10,
        part(a="y", b="u"): 30,
        part(a="y", b="v"): 60,
        part(b="u", c="r"): 40,
        part(b="v", c="r"): 15,
        part(b="v", c="s"): 45,
    }
    cells = crossing(counted, list(counted), RNG)
    assert share_of(cells, part(a="x", c="r")) == pytest.approx(0.1)
    assert share_of(cells, part(c="s")) == pytest.approx(0.45)


def test_levels_that_no_check_speaks_of_become_one() -> None:
    counted = {part(a=f"l{i}"): 10 for i in range(50)}
    cells = crossing(counted, [part(a="l0"), Slice()], RNG)
    assert cells.share.size == 2
    assert share_of(cells, part(a="l0")) == pytest.approx(0.02)


def test_a_crossing_that_is_too_large_keeps_the_shares_of_every_column() -> None:
    counted = {Slice.of({c: f"{i}"}): 10 + i for c in "abcd" for i in range(20)}
    cells = crossing(counted, list(counted), RNG)
    assert cells.share.size == MOST_CELLS
    total = sum(10 + i for i in range(20))
    assert share_of(cells, part(c="7")) == pytest.approx(17 / total, abs=1 / MOST_CELLS)


def test_units_of_cells_are_whole_and_add_up() -> None:
    counted = {part(a=f"l{i}"): 1 + i for i in range(7)}
    cells = crossing(counted, list(counted), RNG)
    for units in (1, 5, 100, 12_345):
        sizes = cells.sizes(units)
        assert sizes.sum() == units
        assert np.abs(sizes - cells.share * units).max() < 1


def test_what_nobody_counted_has_no_cell() -> None:
    cells = crossing({part(a=NOT_READ): 5}, [part(a=NOT_READ)], RNG)
    assert cells.sizes(10).tolist() == [10]
    assert not cells.within(part(a=NOT_READ)).any()
