"""Draws: streams that belong to their names, and chunks that add up."""

import numpy as np
import pytest

from shipcall.world.chance.draws import chunk_sizes, deal, generator
from shipcall.world.truth import World


def world(seed: int = 1) -> World:
    return World(shipcall_world=1, name="w", seed=seed)


def test_one_name_and_seed_is_one_stream() -> None:
    one, again = (generator(world(), "people", 3).random(4) for _ in range(2))
    assert one.tolist() == again.tolist()


@pytest.mark.parametrize("other", [(1, "people", 4), (1, "peopl", "e3"), (2, "people", 3)])
def test_another_name_or_seed_is_another_stream(other: tuple[int, str, int | str]) -> None:
    seed, name, number = other
    one = generator(world(), "people", 3).random(4)
    assert not np.allclose(one, generator(world(seed), name, number).random(4))


@pytest.mark.parametrize(("total", "expected"), [(0, []), (5, [5]), (10, [10]), (23, [10, 10, 3])])
def test_chunks_are_full_but_for_the_last(total: int, expected: list[int]) -> None:
    assert chunk_sizes(total, 10) == expected


def test_dealt_hands_add_up_to_what_was_dealt() -> None:
    counts = np.array([500, 30, 0, 7])
    hands = deal(counts, [200, 200, 137], np.random.default_rng(1))
    assert [int(hand.sum()) for hand in hands] == [200, 200, 137]
    assert np.sum(hands, axis=0).tolist() == counts.tolist()


def test_a_hand_is_a_fair_sample() -> None:
    """Hypergeometric: 30 of 100 are of the first kind; a hand of 20 holds 6, variance 3.394."""
    rng = np.random.default_rng(2)
    first = [deal(np.array([30, 70]), [20, 80], rng)[0][0] for _ in range(4_000)]
    assert np.mean(first) == pytest.approx(6.0, abs=0.12)
    assert np.var(first) == pytest.approx(20 * 0.3 * 0.7 * 80 / 99, rel=0.1)


def test_chunks_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="chunks of 3 rows for 4"):
        deal(np.array([4]), [3], np.random.default_rng(1))
