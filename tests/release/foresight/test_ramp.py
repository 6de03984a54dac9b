"""A rollout is drawn as it would be judged, and the plan says what it can see."""

from datetime import timedelta

import numpy as np
import pytest

from release.foresight.ramps import Shown, check, contract
from shipcall.core import Action, Slice, decide
from shipcall.release.foresight.crowd import Crowd, Effect, Law
from shipcall.release.foresight.ramp import BEGIN, Ramp
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


@pytest.mark.parametrize(
    "effects",
    [
        {},
        {"good": Effect(0.06)},
        {"good": Effect(0.06), "hide": Effect(0.0, NEW, 0.09)},
        {"crash": Effect(0.008), "unsafe": Effect(0.02), "spent": Effect(0.4)},
    ],
    ids=["no change", "gain", "harm in a slice", "harms"],
)
def test_every_look_is_called_as_the_stage_calls_it(effects: dict[str, Effect]) -> None:
    """Same sums, once through flags and once through `examine` and `decide`."""
    ramp, rng = many(), np.random.default_rng(11)
    course, size, entered = (0, 3, 7), 4, ramp.blocks
    edges = [int(np.searchsorted(entered.start, day * 24)) for day in course] + [entered.end.size]
    sums = None
    calls = set()
    for position, day in enumerate(course):
        stretch = (edges[position], edges[position + 1])
        share = ramp.shares[position]
        new = ramp.crowd.draw(LAWS, effects, ramp.blocks, stretch, share, size, rng)
        sums = new if sums is None else sums.followed(new)
        last = course[position + 1] if position + 1 < len(course) else ramp.days + 1
        looks = range(day + 1, last + 1)
        codes = ramp.codes(position, day, sums, looks)
        for rollout in range(size):
            shown = Shown(ramp, sums, rollout, course[: position + 1])
            for at, look in enumerate(looks):
                plan = ramp.plan_at(position, day, look)
                assert plan.progress is not None
                assert plan.progress.as_of == BEGIN + timedelta(days=look)
                findings = examine(plan, shown)
                room = situation(MANY, STAGES["rollout"], plan, spent=False, sealed=True)
                verdict = decide(plan.checks, findings, room)
                told = ramp.call(position, day, look, codes[rollout, at])
                because = {id_ for id_ in verdict.because if not id_.startswith("sanity.")}
                assert (told.action, told.because) == (verdict.call, because)
                calls.add(told.action)
    assert len(calls) > 1, calls
    assert Action.HOLD in calls
