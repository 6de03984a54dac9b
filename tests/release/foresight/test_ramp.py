"""A rollout is drawn as it would be judged, and the plan says what it can see."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from release.foresight.ramps import SHORT, SMALL, Shown, check, contract, unit_by_unit
from shipcall.core import Action, Slice, decide
from shipcall.release.foresight.crowd import Crowd, Effect, Law
from shipcall.release.foresight.ramp import Call, Ramp
from shipcall.release.foresight.ramp_nuisance import assumed_ramp
from shipcall.release.foresight.ramp_outlook import (
    WANTED,
    RampChances,
    RampQuestion,
    cases,
    finding_chances,
    hoped_online,
)
from shipcall.release.promise import situation
from shipcall.stages import STAGES
from shipcall.stages.rollout import examine

NEW = Slice.of({"tenure": "new"})

MANY = contract(
    """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1d" }
hide = { level = "product", better = "lower", kind = "proportion", window = "6h" }
crash = { level = "safety", better = "lower", kind = "proportion", window = "6h" }
unsafe = { level = "safety", better = "lower", kind = "proportion", window = "6h" }
spent = { level = "cost", better = "lower", kind = "mean", window = "6h" }
[rollout]
stages = [5, 50, 100]
min_hours = [48, 72]
max_days = 9
at_deadline = "NO SHIP"
holdback = 10
"""
    + check("good", "good", "better_by = 0.0", "goal")
    + check("hide", "hide", 'may_lose = "1pp"')
    + check("hide.new", "hide", 'may_lose = "20%"', more='slice = { tenure = "new" }')
    + check("crash", "crash", 'may_lose = "50%"')
    + check("unsafe", "unsafe", "at_most = 0.02", more='on_breach = "HOLD"')
    + check("spent", "spent", 'may_lose = "5%"')
    + check("same", "spent", "within = 0.4")
    + check("floor", "good", "at_least = 0.27")
)
LAWS = {
    "good": Law(kind="event", mean=0.3, spread=0.458),
    "hide": Law(kind="event", mean=0.1, spread=0.3),
    "crash": Law(kind="event", mean=0.004, spread=0.063),
    "unsafe": Law(kind="event", mean=0.01, spread=0.0995),
    "spent": Law(kind="amount", mean=2.0, spread=2.0),
}


def many(per_day: float = 900.0) -> Ramp:
    return Ramp(MANY, Crowd(per_day, [NEW], {("tenure", "new"): 0.3}), LAWS)


EFFECTS = {
    "no change": {},
    "gain": {"good": Effect(0.06)},
    "harm in a slice": {"good": Effect(0.06), "hide": Effect(0.0, NEW, 0.09)},
    "harms": {"crash": Effect(0.008), "unsafe": Effect(0.02), "spent": Effect(0.4)},
}


def compared(
    effects: Mapping[str, Effect], rollouts: int, course: tuple[int, ...], every: int = 1
) -> set[Action]:
    """Judge the same sums twice, through flags and through `examine` and `decide`."""
    ramp, rng = many(), np.random.default_rng(11)
    edges = [int(np.searchsorted(ramp.blocks.start, day * 24)) for day in course]
    edges.append(ramp.blocks.end.size)
    sums = None
    calls = set()
    for position, day in enumerate(course):
        stretch = (edges[position], edges[position + 1])
        share = ramp.shares[position]
        new = ramp.crowd.draw(LAWS, effects, ramp.blocks, stretch, share, rollouts, rng)
        sums = new if sums is None else sums.followed(new)
        last = course[position + 1] if position + 1 < len(course) else ramp.days + 1
        looks = range(day + 1, last + 1)
        codes = ramp.codes(position, day, sums, looks)
        for rollout in range(rollouts):
            shown = Shown(ramp, sums, rollout, course[: position + 1])
            for at, look in list(enumerate(looks))[::every]:
                plan = ramp.plan_at(position, day, look)
                room = situation(MANY, STAGES["rollout"], plan, spent=False, sealed=True)
                verdict = decide(plan.checks, examine(plan, shown), room)
                told = ramp.call(position, day, look, codes[rollout, at])
                because = frozenset(id_ for id_ in verdict.because if not id_.startswith("sanity."))
                assert told == Call(verdict.call, because)
                calls.add(told.action)
    return calls


def test_the_looks_of_a_drawn_rollout_are_called_as_the_stage_calls_them() -> None:
    assert Action.HOLD in compared(EFFECTS["gain"], 1, (0, 3), every=3)


@pytest.mark.slow
@pytest.mark.parametrize("effects", EFFECTS.values(), ids=list(EFFECTS))
def test_every_look_at_every_share_is_called_as_the_stage_calls_it(
    effects: Mapping[str, Effect],
) -> None:
    assert len(compared(effects, 3, (0, 3, 7))) > 1


def small(per_day: float, rate: float = 0.05) -> Ramp:
    law = Law(kind="event", mean=rate, spread=(rate * (1 - rate)) ** 0.5)
    return Ramp(SMALL, Crowd(per_day, [], {}), {"good": law, "hide": law})


@pytest.mark.slow
def test_chances_agree_with_rollouts_that_were_lived_through_unit_by_unit() -> None:
    """Two shares of draws, compared at four standard errors."""
    law = Law(kind="event", mean=0.05, spread=0.218)
    ramp, lived = Ramp(SHORT, Crowd(700.0, [], {}), {"good": law, "hide": law}), 25
    moved = {"good": (0.05, 0.09), "hide": (0.05, 0.074)}
    rng = np.random.default_rng(3)
    seen = [unit_by_unit(ramp, moved, rng) for _ in range(lived)]
    effects = {"good": Effect(0.04), "hide": Effect(0.024)}
    drawn = [one.action.value for one in ramp.run(effects, 400, np.random.default_rng(4))]
    for call in ("ROLL BACK", "SHIP", "HOLD"):
        chance = drawn.count(call) / len(drawn)
        error = (chance * (1 - chance) / lived) ** 0.5
        assert abs(seen.count(call) / lived - chance) <= 4 * error + 1 / lived
    assert 0.1 < drawn.count("ROLL BACK") / len(drawn) < 0.95, "the comparison compares something"


KNOWN = contract(
    """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
kept = { level = "product", better = "higher", kind = "proportion", window = "1h" }
[rollout]
stages = [1, 10, 50]
min_hours = [72, 96]
max_days = 21
"""
    + check("good", "good", "better_by = 0.0", "goal")
    + check("kept", "kept", "may_lose = 0")
)


@pytest.mark.slow
def test_the_known_ramp_finds_the_fall_of_one_point_about_day_ten() -> None:
    """1 % for 3 days, 10 % for 4, 50 % for 14; 4,000 units a day; 5 % falls to 4 %; level 0.05.

    Simulated elsewhere with a weekly cycle and two-sided intervals: found in 99.8 %, median day 10.
    """
    law = Law(kind="event", mean=0.05, spread=0.218)
    ramp = Ramp(KNOWN, Crowd(4000.0, [], {}), {"good": law, "kept": law})
    effects = {"kept": Effect(-0.01)}
    endings = ramp.run(effects, 400, np.random.default_rng(5))
    days = [one.first["rollout.kept"] for one in endings if "rollout.kept" in one.first]
    assert len(days) / 400 > 0.98
    assert 8 <= np.median(days) <= 11


def question(per_day: float) -> RampQuestion:
    plan = Ramp(SMALL, Crowd(1.0, [], {}), {}).plan
    nuisance = assumed_ramp(SMALL, plan, None, per_day)
    return RampQuestion(contract=SMALL, nuisance=nuisance, gains={}, seed="known")


def harm(per_day: float, draws: int) -> RampChances:
    return finding_chances(question(per_day), draws=draws)[0]


def test_more_units_a_day_find_a_harm_more_often() -> None:
    few, more, most = (harm(n, 60).found for n in (500.0, 4_000.0, 16_000.0))
    assert few is not None
    assert more is not None
    assert most is not None
    assert few.low <= more.high
    assert more.low <= most.high
    assert few.high < most.low


def test_one_percent_of_a_small_product_finds_next_to_nothing() -> None:
    found = harm(1_000.0, 60)
    first = found.shares[0]
    assert first.share == 0.01
    assert first.reached.value == 1.0
    assert first.candidates < 100
    assert first.found is not None
    assert first.found.value < 0.05
    assert found.found is not None
    assert found.found.high < WANTED


def test_the_same_seed_gives_the_same_chances() -> None:
    assert harm(4_000.0, 30) == harm(4_000.0, 30)


def test_a_harm_is_so_many_margins_and_the_gain_comes_with_it() -> None:
    asked = question(1_000.0)
    found = {case.name: case for case in cases(asked, asked.ramp())}
    assert found["no_change"].effects == {}
    assert found["gain"].effects["good"].everywhere > 0
    assert found["harm"].effects["hide"].everywhere == pytest.approx(2 * 0.005)
    assert found["harm"].effects["good"] == found["gain"].effects["good"]


def test_a_prediction_says_the_gain_unless_somebody_states_one() -> None:
    predicted = contract(
        """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
[rollout]
stages = [10]
[[prediction]]
offline = "good"
online = "good"
expect = { low = 0.001, mid = 0.004, high = 0.008 }
probability = 0.7
"""
        + check("good", "good", "better_by = 0.0", "goal")
    )
    plan = Ramp(predicted, Crowd(1.0, [], {}), {}).plan
    asked = RampQuestion(
        contract=predicted, nuisance=assumed_ramp(predicted, plan, None, 10.0), gains={}, seed="s"
    )
    assert hoped_online(asked, asked.ramp())["good"].value == 0.004
    stated = replace(asked, gains={"good": 0.01})
    assert hoped_online(stated, asked.ramp())["good"].value == 0.01


def test_a_deadline_calls_what_the_contract_says_where_nothing_was_shown() -> None:
    """Nobody comes in numbers: nothing is ever shown, and the days end."""
    endings = many(20.0).run({}, 5, np.random.default_rng(1))
    assert {(one.action, one.day) for one in endings} == {(Action.NO_SHIP, 10)}
    unnamed = SMALL.model_copy(
        update={"rollout": SMALL.rollout and SMALL.rollout.model_copy(update={"max_days": None})}
    )
    ramp = Ramp(unnamed, Crowd(20.0, [], {}), small(20.0).laws)
    assert {one.action for one in ramp.run({}, 5, np.random.default_rng(1))} == {Action.HOLD}
    assert ramp.days == 28 + 7


def test_units_of_a_slice_are_its_share_of_all() -> None:
    crowd = Crowd(1000.0, [NEW], {("tenure", "new"): 0.3})
    ends = np.array([24, 48])
    assert crowd.arrivals(NEW, ends).tolist() == [300, 600]
    assert crowd.arrivals(Slice(), ends).tolist() == [1000, 2000]
    assert crowd.share_of(NEW) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("kind", "mean", "spread"), [("event", 0.2, 0.4), ("amount", 3.0, 4.0), ("normal", -1.0, 2.0)]
)
def test_drawn_sums_have_the_mean_and_the_variance_of_their_law(
    kind: str, mean: float, spread: float
) -> None:
    """Moments of sums of n independent values, at four standard errors."""
    law, n, draws = Law(kind=kind, mean=mean, spread=spread), 50, 20_000
    y, yy = law.draw(np.full(draws, n), mean, np.random.default_rng(2))
    assert y.mean() == pytest.approx(n * mean, abs=4 * spread * (n / draws) ** 0.5)
    assert y.var() == pytest.approx(n * spread**2, rel=0.06)
    assert yy.mean() == pytest.approx(n * (spread**2 + mean**2), rel=0.03)
    assert (yy >= y**2 / n - 1e-9).all(), "no sum of squares is smaller than its mean allows"


def test_a_breach_that_asks_for_a_hold_is_found_and_rolls_nothing_back() -> None:
    """At 100 % with one guardrail on a value of its own, softened."""
    soft = contract(
        """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
unsafe = { level = "safety", better = "lower", kind = "proportion", window = "1h" }
[rollout]
stages = [50]
max_days = 4
at_deadline = "ROLL BACK"
"""
        + check("good", "good", "better_by = 0.0", "goal")
        + check("unsafe", "unsafe", "at_most = 0.05", more='on_breach = "HOLD"')
    )
    laws = {name: Law(kind="event", mean=0.04, spread=0.2) for name in ("good", "unsafe")}
    ramp = Ramp(soft, Crowd(4_000.0, [], {}), laws)
    effects = {"unsafe": Effect(0.06), "good": Effect(0.03)}
    endings = ramp.run(effects, 20, np.random.default_rng(8))
    assert all(one.first["rollout.unsafe"] <= 4 for one in endings)
    assert {one.action for one in endings} == {Action.HOLD}


@pytest.mark.parametrize(("max_days", "days"), [(0.5, 1), (10_000.0, 366), (3.7, 3)])
def test_looks_are_whole_days_and_not_without_end(max_days: float, days: int) -> None:
    assert SMALL.rollout is not None
    rollout = SMALL.rollout.model_copy(update={"max_days": max_days, "min_hours": []})
    short = SMALL.model_copy(update={"rollout": rollout})
    assert Ramp(short, Crowd(1.0, [], {}), small(1.0).laws).days == days
