"""The careful reader's belief is Bayes' rule in the published world, no more."""

import numpy as np
import pytest

from shipcall.core import Slice
from shipcall.practice.case import World, load_case
from shipcall.practice.reader import DOUBT, Flips, belief, broken_given, flips_of

SMALL = World(base_rate=0.3, only_candidate=(0.2,), only_baseline=(0.1,), severity=(0.2,))
PARTS = {Slice(): Flips(2, 1, 7), Slice.of({"a": "b"}): Flips(0, 1, 1)}


def test_the_belief_by_slice_matches_hand_arithmetic() -> None:
    """Sound: shares .2 .1 .7; broken: .2 .3 .5. The slice has one loss and one other row.

    Likelihood ratio (.3 / .1)(.5 / .7) = 15/7; odds 3/7 x 15/7 = 45/49; chance 45/94.
    """
    assert belief(SMALL, PARTS, by_slice=True) == pytest.approx(45 / 94)


def test_the_belief_from_totals_matches_hand_arithmetic() -> None:
    """The slice is a fifth of the rows: shares of all rows are .2, .14 and .66 if it is broken.

    Ratio (.14 / .1)(.66 / .7)^7 = 1.4 x .66^7 / .7^7; .66^7 = .0545516071, .7^7 = .0823543.
    """
    ratio = 1.4 * 0.0545516071 / 0.0823543
    odds = 3 / 7 * ratio
    assert belief(SMALL, PARTS, by_slice=False) == pytest.approx(odds / (1 + odds), rel=1e-6)


def test_without_a_panel_the_base_rate_is_all_there_is() -> None:
    case = load_case("hidden-slice")
    assert broken_given(case, ()) == broken_given(case, ("notes", "sanity")) == 0.3


def test_the_launch_slide_makes_the_broken_release_look_rather_better() -> None:
    case = load_case("hidden-slice")
    assert broken_given(case, ("headline",)) < case.world.base_rate


def test_the_slices_settle_it_and_still_leave_a_doubt() -> None:
    case = load_case("hidden-slice")
    assert broken_given(case, ("slices",)) == 1 - DOUBT
    assert broken_given(case, ("flips:language=pt",)) == 1 - DOUBT


def test_the_counts_of_every_column_add_up_to_all_rows() -> None:
    parts = flips_of(load_case("hidden-slice"))
    for column in ("language", "channel", "tier"):
        levels = [flips for part, flips in parts.items() if part.columns == (column,)]
        assert Flips(*(sum(kind) for kind in zip(*levels, strict=True))) == parts[Slice()]


def drawn(
    world: World, sizes: list[int], rng: np.random.Generator
) -> tuple[bool, dict[Slice, Flips]]:
    """Draw one release of the world, in slices that do not overlap."""
    gain, loss = rng.choice(world.only_candidate), rng.choice(world.only_baseline)
    broken = bool(rng.random() < world.base_rate)
    where, worse = int(rng.integers(len(sizes))), rng.choice(world.severity)
    parts = {}
    for number, size in enumerate(sizes):
        there = loss + worse * (broken and number == where)
        counts = rng.multinomial(size, [gain, there, 1 - gain - there])
        parts[Slice.of({"a": str(number)})] = Flips(*(int(count) for count in counts))
    whole = Flips(*(sum(kind) for kind in zip(*parts.values(), strict=True)))
    return broken, {Slice(): whole, **parts}


@pytest.mark.parametrize("by_slice", [True, False])
def test_beliefs_are_right_as_often_as_they_say(by_slice: bool) -> None:  # noqa: FBT001
    """Releases drawn from the published world: broken ones are as many as the beliefs add up to.

    Bernoulli arithmetic: the deviation of the count is the root of the sum of p (1 - p).
    """
    world, rng = load_case("hidden-slice").world, np.random.default_rng(30)
    seen = [drawn(world, [300, 60, 40, 25], rng) for _ in range(400)]
    said = [belief(world, parts, by_slice=by_slice) for _, parts in seen]
    count = sum(broken for broken, _ in seen)
    deviation = sum(p * (1 - p) for p in said) ** 0.5
    assert abs(count - sum(said)) < 3 * deviation
    assert max(said) - min(said) > 0.1
