"""People: habits, spells, bands and patterns have the law they state, in rows as in sums."""

import itertools

import numpy as np
import pytest

from shipcall.assign.shipcall_v1 import positions
from shipcall.world.chance.dealing import split_events, split_kinds, splits
from shipcall.world.people import crowd
from shipcall.world.people.population import population
from shipcall.world.truth import World


def world(**sections: object) -> World:
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 1, **sections})


RAMP = {"shares": [0.1, 0.5, 1.0], "hours": [24, 48, 48], "holdback": 0.05}


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.2])
def test_habits_have_mean_one_and_the_spread_of_the_world(spread: float) -> None:
    people = population(world(people={"spread": spread}))
    chances, logs = people.habit_chances, np.log(people.habits)
    assert chances @ people.habits == pytest.approx(1.0)
    assert chances @ logs**2 - (chances @ logs) ** 2 == pytest.approx(spread**2, abs=1e-9)


def test_bands_lie_between_the_shares_and_end_at_what_is_held_back() -> None:
    people = population(world(rollout=RAMP))
    assert people.edges.tolist() == [0.0, 0.1, 0.5, 0.95]
    assert people.widths == pytest.approx([0.1, 0.4, 0.45, 0.05])
    assert people.candidate.tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0]]


def test_everybody_is_of_some_kind() -> None:
    people = population(world(rollout=RAMP, people={"churn": 0.1, "growth": 0.2}))
    assert people.chances.sum() == pytest.approx(1.0)
    assert (people.chances >= 0).all()


def test_who_makes_a_request_enters() -> None:
    """Poisson requests: 1 - exp(-2 a day for one day), without a window to wait for."""
    people = population(
        world(rollout={"shares": [0.5], "hours": [24]}, people={"visits": 2.0, "spread": 0.0})
    )
    entered = people.chances[..., 1].sum()
    assert entered == pytest.approx(1 - np.exp(-2.0))


def test_who_entered_waits_until_its_window_is_over() -> None:
    """Stages of 24 h and 48 h, a window of 36 h: 36 h lost, 12 h left to enter the second."""
    people = population(
        world(
            rollout={"shares": [0.1, 0.5], "hours": [24, 48]},
            outcome=[{"name": "useful", "window_hours": 36}],
        )
    )
    patterns = {
        tuple(bits): row for bits, row in zip(people.entered.tolist(), people.opens, strict=True)
    }
    assert patterns[0, 1].tolist() == [0, 24]
    assert patterns[1, 1].tolist() == [0, 60]


def test_a_stage_that_is_over_before_a_window_takes_nobody_back() -> None:
    people = population(
        world(
            rollout={"shares": [0.1, 0.5], "hours": [24, 48]},
            outcome=[{"name": "useful", "window_hours": 24 * 7}],
        )
    )
    both = people.entered.sum(axis=1) == 2
    assert people.chances[..., both].sum() == 0.0


def test_people_who_left_enter_nothing() -> None:
    """Everybody leaves after the first day, in which the only stage has not begun."""
    people = population(
        world(
            people={"churn": 1.0},
            shadow={"days": 2},
            rollout={"shares": [0.5], "hours": [24]},
        )
    )
    assert people.chances[..., 1].sum() == 0.0


def test_names_are_in_the_buckets_of_their_bands() -> None:
    known = world(rollout=RAMP, people={"count": 2_000})
    people, who = population(known), crowd.crowd(known, 0)
    at = np.array(positions("rollout", crowd.units(known, 0, who.band).to_pylist()))
    assert (np.searchsorted(people.edges, at, side="right") - 1 == who.band).all()


def test_names_do_not_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 400)
    known = world(rollout=RAMP, people={"count": 1_000})
    names = [
        name
        for chunk in range(crowd.chunks(known))
        for name in crowd.units(known, chunk, crowd.crowd(known, chunk).band).to_pylist()
    ]
    assert len(names) == len(set(names)) == 1_000


def test_chunks_hold_the_people_of_the_panel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 300)
    known = world(rollout=RAMP, people={"count": 1_000, "churn": 0.05})
    kinds = np.concatenate([crowd.crowd(known, c).kinds for c in range(crowd.chunks(known))])
    counts = np.bincount(kinds, minlength=len(crowd.panel(known)))
    assert (counts == crowd.panel(known)).all()
    assert counts.sum() == 1_000


def test_spells_follow_from_what_the_person_did() -> None:
    """Who entered the last stage was there in it; leaving 20 % a day, many others were not."""
    known = world(people={"count": 4_000, "churn": 0.2, "growth": 0.05}, rollout=RAMP, days=5)
    people, who = population(known), crowd.crowd(known, 0)
    last = people.entered[who.pattern, -1] == 1
    assert (who.left[last] > people.stages[-1].starts).all()
    assert (who.joined < who.left).all()
    assert (who.left[~last] <= people.stages[-1].starts).mean() > 0.5


def test_spells_of_rows_are_as_common_as_stated() -> None:
    known = world(people={"count": 40_000, "churn": 0.2, "growth": 0.05}, rollout=RAMP, days=5)
    people, who = population(known), crowd.crowd(known, 0)
    for joined, left, chance in zip(
        people.spells.joined, people.spells.left, people.spells.chances[:, 0], strict=True
    ):
        seen = ((who.joined == joined) & (who.left == left)).mean()
        assert seen == pytest.approx(chance, abs=4.5 * np.sqrt(chance / len(who.kinds)))


def test_a_first_request_comes_when_a_poisson_process_brings_it() -> None:
    """Rate 2 over a flat day, given one: E[t] = 1/2 - 1/(e^2 - 1) days = 8.2439 hours."""
    known = world(
        people={"count": 60_000, "visits": 2.0, "spread": 0.0, "night": 0.0},
        rollout={"shares": [0.5], "hours": [24]},
    )
    entries = crowd.entries(known, 0, crowd.crowd(known, 0))
    expected = 24 * (0.5 - 1 / np.expm1(2.0))
    assert entries.hour.mean() == pytest.approx(expected, abs=4.5 * 6.7 / np.sqrt(52_000))


def test_a_chunk_is_the_same_whichever_was_dealt_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 300)
    known = world(rollout=RAMP, people={"count": 1_000})
    forth = [crowd.dealt(known, chunk).tolist() for chunk in (0, 1, 2, 3)]
    back = [crowd.dealt(known, chunk).tolist() for chunk in (3, 2, 1, 0)]
    assert forth == back[::-1]


def test_halves_of_kinds_add_up() -> None:
    """Both halves of every split are what the whole was."""
    counts = np.array([50, 0, 31, 19])
    sizes = [30, 30, 30, 10]
    for chunk in range(4):
        for split in splits(world(), counts, sizes, chunk):
            assert (split.left <= split.whole).all()
            low, high = split.name
            assert split.whole.sum() == sum(sizes[low:high])


def test_a_half_of_a_group_has_its_fair_part_of_every_kind() -> None:
    """Hypergeometric: 40 of 100 rows taken, 30 of a kind: mean 12, variance 40*.3*.7*60/99."""
    rng = np.random.default_rng(4)
    counts, rows, taken = np.array([[50, 30, 20]]), np.array([100]), np.array([40])
    halves = np.array([split_kinds(counts, rows, taken, rng)[0] for _ in range(4_000)])
    assert (halves.sum(axis=1) == 40).all()
    assert halves[:, 1].mean() == pytest.approx(12, abs=0.16)
    assert halves[:, 1].var() == pytest.approx(40 * 0.3 * 0.7 * 60 / 99, rel=0.1)


def test_events_go_where_the_weight_is() -> None:
    rng = np.random.default_rng(5)
    whole, left = np.array([4.0, 0.0]), np.array([1.0, 0.0])
    hands = np.array([split_events(np.array([[100], [7]]), whole, left, rng) for _ in range(900)])
    assert hands[:, 0, 0].mean() == pytest.approx(25, abs=0.7)
    assert (hands[:, 1, 0] == 0).all()


def test_patterns_of_rows_follow_the_rhythm_of_each_habit() -> None:
    """Sum over the seven habits of P(enter both) against the law of kinds."""
    known = world(
        rollout={"shares": [0.1, 0.5], "hours": [12, 12]}, people={"spread": 0.8, "visits": 1.5}
    )
    people = population(known)
    asked = np.diff(people.clock.busy(np.array([0, 12, 24])))
    both = sum(
        chance * (1 - np.exp(-rate * asked[0])) * (1 - np.exp(-rate * asked[1]))
        for chance, rate in zip(people.habit_chances, people.rates, strict=True)
    )
    index = list(itertools.product((0, 1), repeat=2)).index((1, 1))
    assert people.chances[..., index].sum() == pytest.approx(both)
