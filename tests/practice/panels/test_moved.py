"""Kind `moved`: people, each counted once, by what they do some weeks later."""

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from shipcall.practice.language import Panel
from shipcall.practice.laws import Tallies
from shipcall.practice.panels.moved import WEEKS, Moved
from shipcall.practice.panels.panel import Setting
from shipcall.practice.points import Point
from shipcall.practice.shelf import load_case
from shipcall.practice.weeks import (
    DEPTHS,
    counted_depths,
    counted_weeks,
    depth_chances,
    doings,
    week_chances,
)
from shipcall.world.tables import TABLES
from shipcall.world.truth import World

KIND = Moved()
PEOPLE = {"count": 2_000, "visits": 0.8, "spread": 0.4}
RNG = np.random.default_rng(0)


def _world(seed: int = 5, **changes: Any) -> World:
    plain: dict[str, Any] = {
        "shipcall_world": 1,
        "name": "service",
        "seed": seed,
        "days": 28,
        "people": PEOPLE,
        "trait": [{"column": "counter", "levels": {"nightly": 0.5, "members": 0.5}}],
        "rollout": {"shares": [0.5], "hours": [672.0]},
        "migration": {"candidate_up": 0.004, "candidate_down_casual": 0.01},
    }
    return World.model_validate(plain | changes)


def _setting(*worlds: World) -> Setting:
    state = load_case("C18").state[0]
    found = [Point(state=state, values={}, chances=(1.0, 1.0, 1.0)) for _ in worlds]
    return Setting(points=found, worlds=worlds, truth=0)


def _panel(**given: Any) -> Panel:
    return Panel(name="p", title="P", minutes=1, asks="?", kind="moved", given=given)


def _rows(world: World) -> list[dict[str, Any]]:
    table = TABLES["activity"]
    return [r for n in range(table.chunks(world)) for r in table.rows(world, n).to_pylist()]


def test_weeks_are_those_of_the_file() -> None:
    """Counted again from the rows, with sets and dictionaries."""
    world = _world()
    first, last = f"{world.start:%Y-%m-%d}", "2026-10-12"
    early = defaultdict(set)
    late: Counter[str] = Counter()
    for row in _rows(world):
        if row["counter"] != "members" or row["segment"] != "casual":
            continue
        if first <= row["day"] < last:
            early[row["arm"]].add(row["unit"])
        late[row["unit"]] += row["day"] >= "2026-10-26"
    setting = _setting(world)
    panel = _panel(show="week", day=21, begun=["casual"], where={"counter": "members"})
    seen = KIND.seen(panel, setting, KIND.stack(panel, setting), RNG).reshape(2, len(WEEKS))
    for arm, counts in zip(("baseline", "candidate"), seen, strict=True):
        days = [late[unit] for unit in early[arm]]
        assert counts.tolist() == [
            sum(low <= n <= high for n in days) for low, high in WEEKS.values()
        ]


def test_depths_are_those_of_the_file() -> None:
    world = _world()
    setting, panel = _setting(world), _panel(show="depth", day=27, where={"counter": "nightly"})
    seen = KIND.seen(panel, setting, KIND.stack(panel, setting), RNG)
    rows = [r for r in _rows(world) if r["day"] == "2026-11-01" and r["counter"] == "nightly"]
    shown = KIND.shown(panel, seen, setting).rows[0]
    for arm in ("baseline", "candidate"):
        depths = [row["depth"] for row in rows if row["arm"] == arm]
        assert shown[arm] == pytest.approx(np.mean(depths), abs=1e-9)
    assert seen.sum() == len(rows)


def test_a_week_of_people_who_never_move_is_binomial() -> None:
    """One regular request a day, no habits: a day is active by 1 - exp(-1), each for itself.

    Entries make the first active day of a person one of their own; by day 21 hardly anybody is
    still to enter (exp(-21)), so 28 - 21 independent days are left.
    """
    world = _world(
        people={"count": 10, "visits": 1.0, "spread": 0.0, "night": 0.0},
        migration={"start": {"regular": 1.0}, "up": 0.0, "down": 0.0},
    )
    chances = week_chances([world], ["regular"], 21)[0, 0, 0]
    active = 1 - np.exp(-1)
    ways = np.array([1, 7, 21, 35, 35, 21, 7, 1])
    days = np.arange(8)
    assert chances == pytest.approx(ways * active**days * (1 - active) ** (7 - days), abs=1e-8)


def test_depth_of_rare_requests_is_one() -> None:
    """Who hardly ever asks and is there asks once: P(2 or more | active) is about rate / 2."""
    world = _world(
        people={"count": 10, "visits": 0.001, "spread": 0.0},
        migration={"start": {"regular": 1.0}, "up": 0.0, "down": 0.0},
    )
    chances = depth_chances([world], 27)[0]
    assert chances.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert chances[:, 0] == pytest.approx([1.0, 1.0], abs=1e-3)
    assert DEPTHS[0] == 1.0


@pytest.mark.slow
def test_counts_of_drawn_worlds_follow_the_law() -> None:
    """Pearson's statistic over 20 worlds: mean and spread of chi-square with its degrees.

    Classes with fewer than 5 expected people are added to their neighbour; two arms, three
    behaviours; a mean of 20 draws lies within 4 standard errors.
    """
    begun = ["casual", "regular", "heavy"]
    chances = week_chances([_world()], begun, 21)[0]
    depths = depth_chances([_world()], 27)[0]
    found, degrees = [], []
    for seed in range(20):
        rows = doings(_world(seed, people=PEOPLE | {"count": 3_000}), {})
        square, free = _pearson(counted_weeks(rows, begun, 21), chances)
        again, more = _pearson(counted_depths(rows, 27)[None], depths[None])
        found.append(square + again)
        degrees.append(free + more)
    off = (np.array(found) - degrees).mean()
    assert abs(off) < 4 * np.sqrt(2 * np.mean(degrees) / 20)


def _pearson(counts: np.ndarray[Any, Any], chances: np.ndarray[Any, Any]) -> tuple[float, int]:
    square, free = 0.0, 0
    for place in np.ndindex(counts.shape[:2]):
        expected = counts[place].sum() * chances[place]
        large = expected >= 5
        pair = [
            (counts[place][large], expected[large]),
            (counts[place][~large].sum(keepdims=True), expected[~large].sum(keepdims=True)),
        ]
        for seen, mean in pair:
            some = mean > 1
            square += float(((seen - mean)[some] ** 2 / mean[some]).sum())
            free += int(some.sum())
        free -= 1
    return square, free


def test_the_law_given_the_file_has_its_numbers_of_people() -> None:
    setting = _setting(_world(), _world(migration={"candidate_up": 0.0}))
    panel = _panel(show="week", day=21, begun=["regular", "heavy"])
    stack = KIND.stack(panel, setting)
    assert isinstance(stack, Tallies)
    assert stack.chances.shape == (2, 4, len(WEEKS))
    assert stack.chances.sum(axis=-1) == pytest.approx(np.ones((2, 4)))
    seen = KIND.seen(panel, setting, stack, RNG).reshape(4, -1)
    assert seen.sum(axis=1).tolist() == stack.n.tolist()


def test_a_row_shows_both_models_and_an_interval_that_is_never_closed() -> None:
    seen = np.array([10.0, 0, 0, 0, 12, 0, 0, 0])
    panel = _panel(show="week", day=21, begun=["casual"])
    shown = KIND.shown(panel, seen, _setting(_world()))
    row = shown.rows[1]
    assert (row["baseline"], row["candidate"], row["difference"]) == (0.0, 0.0, 0.0)
    assert row["low"] < 0 < row["high"]
    assert {tuple(one) for one in shown.rows} == {tuple(row)}


def test_the_interval_of_a_difference_is_that_of_agresti_and_caffo() -> None:
    """By hand: 10 of 20 and 15 of 20 become 11/22 and 16/22; 5/22 -+ 1.96 * 0.142744."""
    seen = np.array([10.0, 10, 0, 0, 15, 5, 0, 0])
    shown = KIND.shown(_panel(show="week", day=21, begun=["casual"]), seen, _setting(_world()))
    reading = shown.readings[0]
    assert (reading.low, reading.high) == pytest.approx((-0.0525, 0.5070), abs=5e-4)


@pytest.mark.parametrize(
    "changes",
    [
        {"people": {"count": 100, "churn": 0.01}},
        {"rollout": {"shares": [0.1, 0.5], "hours": [336.0, 336.0]}},
        {"rollout": {"shares": [0.5], "hours": [300.0]}},
        {"trait": [{"column": "age", "levels": {"a": 1.0, "b": 1.0}, "visits": {"a": 2.0}}]},
    ],
)
def test_a_world_whose_law_is_another_one_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="weeks are counted where"):
        week_chances([_world(**changes)], ["casual"], 21)


def test_the_first_week_cannot_be_the_late_one() -> None:
    with pytest.raises(ValidationError):
        KIND.stack(_panel(show="week", day=6), _setting(_world()))
