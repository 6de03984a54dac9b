"""Traffic: hours are as busy as the world says, and stages stand where they were served."""

from datetime import datetime

import numpy as np
import pytest
from pydantic import ValidationError

from shipcall.world.people import crowd
from shipcall.world.people.demand import demand_laws, demand_truth
from shipcall.world.people.traffic import clock, days, moments, stages
from shipcall.world.truth import People, Rollout, Shadow, Trait, World


def world(**sections: object) -> World:
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 1, **sections})


def test_a_busy_day_is_a_day_on_average_over_a_week() -> None:
    """Waves of the day add up to nothing, and weekdays have a mean of 1: 7 days give 7."""
    known = clock(world(people={"weekday": [1, 1, 1, 1, 1, 3, 2], "night": 0.8}))
    assert known.busy(np.array([7 * 24]))[0] == pytest.approx(7.0, abs=1e-12)


def test_weekdays_are_in_the_proportions_of_the_world() -> None:
    """2026-10-05 is a Monday; Saturday has three times its requests."""
    known = clock(world(people={"weekday": [1, 1, 1, 1, 1, 3, 2]}))
    each = np.diff(known.busy(24 * np.arange(8)))
    assert each[5] / each[0] == pytest.approx(3.0)
    assert each[6] / each[0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("start", "hour"),
    [("2026-10-05", 19), ("2026-10-05T12:00:00+00:00", 7), ("2026-10-05T00:00:00+02:00", 21)],
)
def test_the_evening_is_the_busiest_hour(start: str, hour: int) -> None:
    """19:00 UTC, whenever the world starts and in whatever zone that is written."""
    known = clock(world(start=start))
    assert int(np.argmax(np.diff(known.busy(np.arange(25))))) == hour


def test_the_season_is_at_its_height_in_the_middle_of_december() -> None:
    known = clock(world(start="2026-01-01", days=365, people={"season": 0.3}))
    each = np.diff(known.busy(24 * np.arange(366)))
    peak = (datetime(2026, 12, 15).date() - datetime(2026, 1, 1).date()).days  # noqa: DTZ001
    assert abs(int(np.argmax(each)) - peak) <= 1
    assert each.max() / each.min() == pytest.approx(1.3 / 0.7, rel=0.001)


def test_nobody_comes_on_a_day_that_is_closed() -> None:
    """Tuesday, the second day, has no requests: no entry falls on it."""
    known = world(
        people={"count": 3_000, "weekday": [1, 0, 1, 1, 1, 1, 1]},
        rollout={"shares": [0.5], "hours": [72]},
    )
    entries = crowd.entries(known, 0, crowd.crowd(known, 0))
    assert len(entries.hour) > 2_000
    assert not ((entries.hour > 24.001) & (entries.hour < 47.999)).any()


def test_hours_are_found_back_from_how_busy_it_was() -> None:
    known = clock(world())
    hours = np.array([0.25, 13.5, 100.125])
    assert known.when(known.busy(hours)) == pytest.approx(hours, abs=1e-9)


def test_the_rollout_follows_shadow_mode_and_keeps_what_is_held_back() -> None:
    steps = stages(
        world(
            shadow=Shadow(days=2),
            rollout=Rollout(shares=[0.1, 1.0], hours=[24, 48], holdback=0.05),
        )
    )
    assert [(step.name, step.share, step.starts, step.ends) for step in steps] == [
        ("1", 0.1, 48.0, 72.0),
        ("2", 0.95, 72.0, 120.0),
    ]


def test_the_world_is_long_enough_for_what_is_served() -> None:
    assert days(world(days=3, rollout=Rollout(shares=[0.5], hours=[100]))) == 5


def test_a_share_without_a_length_is_refused() -> None:
    with pytest.raises(ValidationError, match="2 shares for 1 lengths in hours"):
        Rollout(shares=[0.1, 0.2], hours=[24])


def test_a_week_in_which_nobody_comes_is_refused() -> None:
    with pytest.raises(ValidationError, match="somebody has to come"):
        People(weekday=[0.0] * 7)


def test_moments_are_microseconds_in_utc() -> None:
    seen = moments(world(start="2026-10-05T02:00:00+02:00"), np.array([1.5]))
    assert seen[0] == 1_000_000 * int(datetime.fromisoformat("2026-10-05T01:30+00:00").timestamp())


def test_demand_grows_and_thins_as_people_come_and_go() -> None:
    """By hand: 100 on day 0; of them 90 on day 1, and 10 new; of all, 90 % and 10 new on day 2."""
    facts = demand_truth(world(people={"count": 100, "growth": 0.1, "churn": 0.1}, days=3))
    seen = [f["baseline"] for f in facts if f["metric"] == "people" and f["slice"] == "all"]
    assert seen == pytest.approx([100, 100, 100])


def test_demand_of_a_slice_follows_its_visits_and_the_mix_of_new_people() -> None:
    known = world(
        people={"count": 1000, "growth": 1.0, "visits": 2.0},
        days=2,
        trait=[Trait(column="c", levels={"a": 1, "b": 1}, visits={"a": 3}, growth={"b": 0.5})],
    )
    facts = {(f["metric"], f["slice"], f["day"]): f["baseline"] for f in demand_truth(known)}
    assert facts["requests", "c=a", 0] == pytest.approx(500 * 2.0 * 1.5)
    newer = 1000 * np.exp(0.5) / (1 + np.exp(0.5))
    assert facts["people", "c=b", 1] == pytest.approx(500 + newer)


def test_demand_varies_more_than_a_poisson_law_where_habits_differ() -> None:
    """Var = n (m + m^2 (e^(s^2) - 1)) for n people with lognormal rates of mean m."""
    law = demand_laws(world(people={"count": 1000, "visits": 2.0, "spread": 0.5}))["requests"]
    drawn = np.array([law.draw(np.random.default_rng(seed))[0, 0] for seed in range(4000)])
    asked = 2.0
    assert drawn.mean() == pytest.approx(1000 * asked, abs=4)
    expected = 1000 * (asked + asked**2 * np.expm1(0.25))
    assert drawn.var() == pytest.approx(expected, rel=0.08)
