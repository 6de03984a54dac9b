"""What is taken of a rollout beside its contract, and where each number comes from."""

import pytest

from release.foresight.ramps import check, contract
from shipcall.core import Slice
from shipcall.release.foresight.crowd import Crowd
from shipcall.release.foresight.nuisance import ASSUMED, CONTRACT, STATED, Known
from shipcall.release.foresight.ramp import Ramp
from shipcall.release.foresight.ramp_nuisance import RampNuisance, assumed_ramp

TAKEN = contract(
    """
[metric]
good = { level = "product", better = "higher", kind = "proportion", window = "1h" }
unsafe = { level = "safety", better = "lower", kind = "proportion", window = "1h" }
stars = { level = "product", better = "higher", kind = "mean", window = "1h", range = [1, 5] }
spent = { level = "cost", better = "lower", kind = "mean", window = "1h" }
slow = { level = "operations", better = "lower", kind = "quantile", q = 0.9, window = "1h" }
[rollout]
stages = [10, 50]
max_days = 10
"""
    + check("good", "good", "better_by = 0.0", "goal")
    + check("unsafe", "unsafe", "at_most = 0.002")
    + check("stars", "stars", "may_lose = 0.1", more='slice = { land = "NZ" }')
    + check("spent", "spent", 'may_lose = "5%"', more='slice = { land = "AU", tenure = "new" }')
    + check("slow", "slow", 'may_lose = "5%"')
)


def taken(sizes: dict[Slice, int] | None = None, per_day: float | None = None) -> RampNuisance:
    plan = Ramp(TAKEN, Crowd(1.0, [], {}), {}).plan
    return assumed_ramp(TAKEN, plan, sizes, per_day)


def test_rates_and_means_are_assumed_where_nothing_says_them() -> None:
    metrics = taken().metrics
    assert metrics["good"].value == Known(0.1, ASSUMED)
    assert metrics["good"].spread.value == pytest.approx(0.3)
    assert (metrics["spent"].value, metrics["spent"].spread) == (
        Known(1.0, ASSUMED),
        Known(1.0, ASSUMED),
    )


def test_a_bar_and_a_range_say_more_than_an_assumption() -> None:
    metrics = taken().metrics
    assert metrics["unsafe"].value == Known(0.001, CONTRACT), "half-way from the bar to none"
    assert metrics["stars"].value == Known(3.0, ASSUMED), "the middle of the range"
    assert metrics["stars"].spread == Known(1.0, ASSUMED), "a quarter of the range"


def test_a_quantile_is_left_out_by_name() -> None:
    found = taken()
    assert list(found.left_out) == ["rollout.slow"]
    assert "slow" not in found.metrics


def test_units_a_day_are_stated_or_not_known() -> None:
    assert taken().per_day is None
    assert taken(per_day=40.0).per_day == Known(40.0, STATED)
    with pytest.raises(ValueError, match="units a day are not known"):
        taken().crowd()


def test_slices_have_the_size_that_was_counted_or_one_tenth() -> None:
    levels = taken({Slice.of({"land": "NZ"}): 300, Slice.of({"land": "AU"}): 100}).levels
    assert levels["land", "NZ"] == Known(0.75, CONTRACT)
    assert levels["land", "AU"] == Known(0.25, CONTRACT)
    assert levels["tenure", "new"] == Known(0.1, ASSUMED)
    crowd = taken(
        {Slice.of({"land": "NZ"}): 300, Slice.of({"land": "AU"}): 100}, per_day=1000.0
    ).crowd(2.0)
    assert crowd.per_day == 2000.0
    assert crowd.share_of(Slice.of({"land": "AU", "tenure": "new"})) == pytest.approx(0.025)


def test_only_what_was_assumed_is_varied() -> None:
    twice = taken().scaled(2.0).metrics
    assert twice["good"].value.value == pytest.approx(0.2)
    assert twice["unsafe"].value.value == 0.001
    assert twice["spent"].spread.value == 2.0
    assert twice["spent"].value.value == 1.0
    assert taken().guessed
