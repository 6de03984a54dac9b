"""Migration: marks, absent behaviours, the joint question."""

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.arms import Hits
from shipcall.stats.migration import Homogeneity, Moves, fisher_exact, homogeneity, migration
from shipcall.stats.proportions import clopper_pearson

TAILS = Tails(0.025, 0.025)
BEFORE, AFTER = ("heavy", "casual"), ("heavy", "casual", "left")


def _moves(*rows: tuple[int, ...]) -> Moves:
    return Moves(before=BEFORE, after=AFTER, counts=np.array(rows))


STEADY = _moves((80, 18, 2), (20, 400, 80))
LEAVING = _moves((82, 16, 2), (25, 325, 150))


def test_the_move_that_differs_is_marked_and_others_are_not() -> None:
    marked = [(m.before, m.after) for m in migration(STEADY, LEAVING, TAILS) if m.marked]
    assert marked == [("casual", "casual"), ("casual", "left")]


def test_cells_are_shares_of_those_who_began_alike() -> None:
    moves = migration(STEADY, LEAVING, TAILS)
    assert len(moves) == 6
    assert moves[5].shares.candidate == clopper_pearson(150, 500, TAILS)
    assert moves[5].p == fisher_exact(Hits(80, 500), Hits(150, 500))


def test_differences_are_drawn_for_all_moves_together() -> None:
    difference = migration(STEADY, LEAVING, TAILS)[5].shares.difference
    assert isinstance(difference, Estimate)
    assert difference.tails == pytest.approx((0.025 / 6, 0.025 / 6))


def test_a_behaviour_without_units_of_an_arm_is_no_data_and_keeps_its_place() -> None:
    moves = migration(STEADY, _moves((0, 0, 0), (25, 325, 150)), TAILS)
    assert len(moves) == 6
    for move in moves[:3]:
        assert isinstance(move.shares.difference, Absent)
        assert move.shares.difference.reason is Reason.NO_ROWS
        assert (move.p, move.marked) == (1.0, False)


def test_arms_that_move_alike_are_alike_in_all() -> None:
    found = homogeneity(STEADY, STEADY, np.random.default_rng(1))
    assert isinstance(found, Homogeneity)
    assert found.distance == pytest.approx(0)
    assert found.p == 1.0
    assert found.n == 1_200


def test_arms_that_move_otherwise_are_told_apart() -> None:
    found = homogeneity(STEADY, LEAVING, np.random.default_rng(2), permutations=399)
    assert isinstance(found, Homogeneity)
    assert found.p == pytest.approx(1 / 400)
    assert found.distance > 3 * found.noise


def test_the_joint_question_is_exact_in_a_small_table() -> None:
    """One behaviour, 3 of 3 against 0 of 3: two of twenty deals are as uneven; p near .1."""
    arms = [
        Moves(before=("a",), after=("b", "c"), counts=np.array([row])) for row in ([3, 0], [0, 3])
    ]
    found = homogeneity(arms[0], arms[1], np.random.default_rng(3), permutations=9_999)
    assert isinstance(found, Homogeneity)
    assert found.p == pytest.approx(0.1, abs=0.01)


def test_one_way_to_go_is_no_evidence() -> None:
    one = _moves((5, 0, 0), (0, 0, 0))
    absent = homogeneity(one, one, np.random.default_rng(4))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.CONSTANT


def test_parts_add_up_and_others_do_not() -> None:
    assert STEADY.merged(LEAVING).counts[1].tolist() == [45, 725, 230]
    other = Moves(before=("x", "y"), after=AFTER, counts=STEADY.counts)
    with pytest.raises(ValueError, match="same behaviours"):
        STEADY.merged(other)
    with pytest.raises(ValueError, match="same behaviours"):
        migration(STEADY, other, TAILS)


@pytest.mark.parametrize("counts", [[[1, 2, 3]], [[1, 2, 3], [1, 2, -3]]])
def test_impossible_tables_are_refused(counts: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="2 x 3"):
        Moves(before=BEFORE, after=AFTER, counts=np.array(counts))
