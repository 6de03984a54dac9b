"""outcomes: rows are the panel, effects are those of the world, truth is what scores estimate."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shipcall.world.chance.draws import Floats, generator
from shipcall.world.chance.laws import Normal, draw
from shipcall.world.people import crowd
from shipcall.world.people.population import population
from shipcall.world.rollout import exposures, outcomes
from shipcall.world.rollout.overlap import launch, outcomes_truth, running
from shipcall.world.rollout.responses import State, bases, responses, states
from shipcall.world.truth import Outcome, World


def world(**sections: object) -> World:
    plain = {
        "people": {"count": 2_000},
        "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}, "visits": {"NZ": 2.0}}],
        "rollout": {"shares": [0.2, 0.5], "hours": [48, 48]},
        "outcome": [
            {"name": "useful", "lift": 0.05, "habit": 0.4, "lost": 0.1, "window_hours": 12},
            {"name": "minutes", "kind": "mean", "base": 10, "spread": 6, "window_hours": 6},
        ],
    }
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 5, **plain, **sections})


def whole(known: World, module: Any = outcomes) -> pa.Table:
    table = module.TABLE
    return pa.concat_tables([table.rows(known, c) for c in range(table.chunks(known))])


def joined(known: World, metric: str) -> list[dict[str, Any]]:
    """Give every exposure its outcome: the one of its unit within the window, None if lost."""
    window = next(o.window_hours for o in known.outcome if o.name == metric)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in whole(known).to_pylist():
        if row["metric"] == metric:
            found.setdefault(row["unit"], []).append(row)
    pairs = []
    for row in whole(known, exposures).to_pylist():
        own = [
            one
            for one in found.get(row["unit"], [])
            if 0 <= (one["at"] - row["at"]).total_seconds() <= 3600 * window + 1e-3
        ]
        assert len(own) <= 1
        pairs.append({**row, "value": own[0]["value"] if own else None})
    return pairs


def test_rows_are_the_panel_of_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 300)
    known = world()
    panel = draw(outcomes.outcomes_laws(known), generator(known, "panels", "outcomes"))
    seen = np.zeros((2, 2, 2, 3))
    for row in joined(known, "useful"):
        kind = 2 if row["value"] is None else int(row["value"])
        arm, cell = row["arm"] == "candidate", row["country"] == "US"
        seen[int(row["stage"]) - 1, int(arm), int(cell), kind] += 1
    assert (seen == outcomes.by_entry(known, panel["useful"])).all()


def test_panels_vary_around_the_truth_as_their_law_says() -> None:
    """Given the people, events of a place are sums of Bernoullis: mean and variance by hand."""
    known = world()
    outcome = known.outcome[0]
    law = outcomes.outcomes_laws(known)["useful"]
    rng = np.random.default_rng(8)
    drawn = np.array([outcomes.by_entry(known, law.draw(rng))[..., 1] for _ in range(3_000)])
    entered = outcomes.groups(known, crowd.panel(known))
    chance = outcomes.group_chances(known, outcome)[:, 1]
    mean = outcomes.by_entry(known, entered * chance)
    variance = outcomes.by_entry(known, entered * chance * (1 - chance))
    assert (np.abs(drawn.mean(axis=0) - mean) < 4.5 * np.sqrt(variance / 3_000)).all()
    assert drawn.var(axis=0) == pytest.approx(variance, rel=0.15)


def test_means_of_rows_follow_the_law_of_their_panel() -> None:
    known = world(people={"count": 6_000})
    law = outcomes.outcomes_laws(known)["minutes.mean"]
    assert isinstance(law, Normal)
    places = outcomes.mean_groups(known)
    values: dict[tuple[str, str, int], list[float]] = {}
    for row in joined(known, "minutes"):
        place = (row["stage"], row["arm"], int(row["country"] == "US"))
        values.setdefault(place, []).append(row["value"])
    assert [tuple(place) for place in places] == sorted(values)
    means = np.array([np.mean(values[place.stage, place.arm, place.cell]) for place in places])
    assert (np.abs(means - law.mean) < 4.5 * law.error).all()
    spread = np.std([v for vs in values.values() for v in vs])
    assert spread == pytest.approx(6.0, rel=0.06)


def test_events_happen_within_the_window_and_nothing_is_known_at_its_end() -> None:
    known = world()
    shown = {(row["unit"], row["stage"]): row["at"] for row in whole(known, exposures).to_pylist()}
    ends: dict[str, list[Any]] = {unit: [] for unit, _ in shown}
    for (unit, _), at in shown.items():
        ends[unit].append(at)
    for row in whole(known).to_pylist():
        waited = [(row["at"] - at).total_seconds() / 3600 for at in ends[row["unit"]]]
        own = min(hours for hours in waited if hours >= -1e-6)
        if row["metric"] == "useful" and row["value"] == 0:
            assert own == pytest.approx(12, abs=1e-6)
        assert own <= 12 + 1e-6


def state(days: float = 0.0, *, arm: int = 1, met: bool = True) -> State:
    return State(0, arm, days, met)


def test_effects_add_up_as_written() -> None:
    """By hand, 5 days after the first exposure: .2 + .05 + .1/2 - .04 (1 - 2^(-5/10)) ."""
    outcome = Outcome(
        name="o", base=0.2, lift=0.05, novelty=0.1, novelty_days=5, fatigue=-0.04, fatigue_days=10
    )
    known = world(
        outcome=[outcome.model_dump()],
        effect=[{"where": {"country": "NZ"}, "outcome": "o", "lift": -0.03}],
    )
    nz, us = responses(known, outcome, state(5.0)).mean(axis=1)
    assert us == pytest.approx(0.2 + 0.05 + 0.05 - 0.04 * (1 - 2**-0.5))
    assert nz == pytest.approx(us - 0.03)
    assert responses(known, outcome, state(arm=0, met=False)) == pytest.approx(0.2)


def test_who_goes_back_keeps_a_part_of_the_effect() -> None:
    """Half of .05 + .1 stays: .2 + .075."""
    outcome = Outcome(name="o", base=0.2, lift=0.05, novelty=0.1, carry_over=0.5)
    known = world(
        outcome=[outcome.model_dump()],
        rollout={"shares": [0.5, 0.0], "hours": [24, 72]},
    )
    back = [one for one in states(known).states if one.stage == 1 and one.met]
    assert back == [State(1, 0, 0.0, met=True)]
    assert responses(known, outcome, back[0]) == pytest.approx(0.275)


def test_days_count_from_the_first_stage_with_the_candidate() -> None:
    """Stages begin on days 0, 1 and 3."""
    known = world(
        rollout={"shares": [0.1, 0.5, 1.0], "hours": [24, 48, 48]},
        outcome=[{"name": "o", "window_hours": 1}],
    )
    days = {(one.stage, one.arm): set[float]() for one in states(known).states}
    for one in states(known).states:
        days[one.stage, one.arm].add(one.days)
    assert days[2, 1] == {0.0, 2.0, 3.0}
    assert days[1, 1] == {0.0, 1.0}
    assert days[1, 0] == {0.0}


@pytest.mark.parametrize("kind", ["proportion", "mean"])
@pytest.mark.parametrize("habit", [0.0, 0.7, -1.5])
def test_the_base_is_the_mean_over_people_whatever_habits_do(kind: str, habit: float) -> None:
    outcome = Outcome.model_validate({"name": "o", "kind": kind, "base": 0.3, "habit": habit})
    known = world(outcome=[outcome.model_dump()])
    people, each = population(known), bases(known, outcome)
    assert people.habit_chances @ each == pytest.approx(0.3, abs=1e-12)


def test_twice_the_habit_moves_the_log_odds_as_written() -> None:
    outcome = Outcome(name="o", base=0.3, habit=0.7)
    known = world(outcome=[outcome.model_dump()])
    each = bases(known, outcome)
    odds = np.log(each / (1 - each))
    assert np.diff(odds) == pytest.approx(0.7 * np.diff(np.log2(population(known).habits)))


@pytest.mark.parametrize(("base", "lift", "seen"), [(1.0, 0.1, 1.0), (0.02, -0.3, 0.0)])
def test_a_probability_stays_one(base: float, lift: float, seen: float) -> None:
    outcome = Outcome(name="o", base=base, lift=lift)
    known = world(outcome=[outcome.model_dump()])
    assert (responses(known, outcome, state()) == seen).all()


def facts(known: World, **where: object) -> list[dict[str, Any]]:
    return [
        fact
        for fact in outcomes_truth(known)
        if all(fact.get(key) == value for key, value in where.items())
    ]


def test_the_launch_effect_is_that_of_a_day_and_the_first_entry_that_of_day_zero() -> None:
    """Launched, novelty fades with the days; a first entry is always on the first of them."""
    known = world(
        rollout={"shares": [0.2, 0.5], "hours": [24, 24]},
        people={"count": 1000, "spread": 0.0, "night": 0.0},
        trait=[],
        outcome=[{"name": "o", "base": 0.2, "lift": 0.01, "novelty": 0.02, "window_hours": 1e-6}],
    )
    launched = {f["day"]: f["difference"] for f in facts(known, estimand="launch")}
    assert launched[0] == pytest.approx(0.03)
    assert launched[7] == pytest.approx(0.01 + 0.02 * 2 ** (-7 / 5))
    first = {f["stage"]: f["difference"] for f in facts(known, estimand="first_entry")}
    assert first == pytest.approx({"1": 0.03, "2": 0.03})


def test_running_weights_are_those_of_what_is_still_left_to_chance() -> None:
    """By hand, everybody entering: .16 n, then .8 n units with e = 3/8 more: 15/64 each."""
    known = world(
        rollout={"shares": [0.2, 0.5], "hours": [24, 48]},
        people={"count": 1000, "visits": 1000.0, "spread": 0.0},
        trait=[],
        outcome=[{"name": "o", "base": 0.2, "window_hours": 1.0}],
    )
    weights = running(known, known.outcome[0])[:, 0, 0]
    assert weights == pytest.approx([0.16, 0.16 + 0.8 * 15 / 64])
    alone = running(known, known.outcome[0], first=True)[:, 0, 0]
    assert alone == pytest.approx([0.16, 0.16])


def test_a_stage_without_chance_states_no_running_effect() -> None:
    known = world(rollout={"shares": [1.0], "hours": [24]})
    assert facts(known, estimand="overlap") == []
    assert facts(known, estimand="launch") != []


def test_what_returning_units_tell_is_weighted_too() -> None:
    """.5 then .2 of all: those who had it keep it with chance .4, the others never get it."""
    known = world(
        rollout={"shares": [0.5, 0.2], "hours": [24, 24]},
        people={"count": 1000, "visits": 1000.0, "spread": 0.0},
        trait=[],
        outcome=[{"name": "o", "base": 0.2, "window_hours": 1.0}],
    )
    weights = running(known, known.outcome[0])[:, 0, 0]
    assert weights == pytest.approx([0.25, 0.25 + 0.5 * 0.24])


def scores(known: World, name: str) -> tuple[Floats, Floats]:
    """Score and weight of every entry, e from the stage and what earlier arms told."""
    rows = sorted(joined(known, name), key=lambda row: row["at"])
    low: dict[str, float] = {}
    treated: set[str] = set()
    score, weight = [], []
    for row in rows:
        unit, share = row["unit"], row["share"]
        told = low.get(unit, 0.0)
        e = 1.0 if unit in treated else (share - told) / (1 - told)
        arm = row["arm"] == "candidate"
        if row["value"] is not None:
            score.append((row["value"] - 0.22) * (arm - e))
            weight.append(e * (1 - e))
        if arm:
            treated.add(unit)
        else:
            low[unit] = share
    return np.array(score), np.array(weight)


@pytest.mark.slow
def test_scores_of_rows_estimate_the_running_effect() -> None:
    """Sum of (Y - c)(A - e) over sum of e (1 - e), within 4 standard errors over ten worlds."""
    distance = []
    for seed in range(10):
        known = world(
            seed=seed,
            people={"count": 4_000, "spread": 1.0},
            effect=[{"where": {"country": "NZ"}, "outcome": "useful", "lift": -0.2}],
            rollout={"shares": [0.1, 0.5], "hours": [48, 48]},
        )
        score, weight = scores(known, "useful")
        truth = facts(known, metric="useful", estimand="overlap", stage="2", slice="all")
        error = np.sqrt((score**2).sum()) / weight.sum()
        distance.append((score.sum() / weight.sum() - truth[0]["difference"]) / error)
        assert abs(truth[0]["difference"] - (0.05 - 0.2 * 0.25)) > 0.005
    assert abs(np.mean(distance)) < 4 / np.sqrt(10)
    assert np.max(np.abs(distance)) < 4


@pytest.mark.slow
def test_the_stated_effect_is_inside_its_interval_as_often_as_promised() -> None:
    """One stage at 50 %: difference of shares, normal 90 % interval, 400 panels; exact 90 +- 4."""
    known = world(rollout={"shares": [0.5], "hours": [48]}, people={"count": 4_000, "spread": 0.9})
    truth = facts(known, metric="useful", estimand="overlap", slice="all")[0]["difference"]
    rng, inside = np.random.default_rng(11), 0
    law = exposures.exposures_laws(known)
    for _ in range(400):
        people = draw(law, rng)["people"]
        panel = outcomes.outcomes_laws(known, people)["useful"].draw(rng)
        counts = outcomes.by_entry(known, panel)[0].sum(axis=1)
        n = counts[:, :2].sum(axis=1)
        p = counts[:, 1] / n
        error = np.sqrt((p * (1 - p) / n).sum())
        inside += abs(p[1] - p[0] - truth) < 1.6449 * error
    assert 0.86 < inside / 400 < 0.94


def test_the_launch_weighs_people_and_not_entries() -> None:
    """NZ is a quarter of the people, whatever it visits: .05 + .25 * .2."""
    known = world(effect=[{"where": {"country": "NZ"}, "outcome": "useful", "lift": 0.2}])
    weight, baseline, candidate = launch(known, known.outcome[0], 0.0).sum(axis=1)
    assert weight == pytest.approx(1.0)
    assert candidate - baseline == pytest.approx(0.05 + 0.25 * 0.2)


def test_all_that_is_lost_has_no_rows() -> None:
    known = world(outcome=[{"name": "o", "lost": 1.0}])
    assert whole(known).num_rows == 0


def test_a_mean_without_spread_is_what_it_is() -> None:
    known = world(outcome=[{"name": "o", "kind": "mean", "base": 3.0, "spread": 0.0}])
    assert set(whole(known)["value"].to_pylist()) == {3.0}
    assert "o.mean" not in outcomes.outcomes_laws(known)


def test_a_thousand_panels_are_drawn_from_one_law() -> None:
    """Two draws differ, and both have the people of the law."""
    known = world()
    law, rng = outcomes.outcomes_laws(known)["useful"], np.random.default_rng(2)
    drawn = [law.draw(rng) for _ in range(1_000)]
    assert len({panel.tobytes() for panel in drawn}) == 1_000
    entered = outcomes.groups(known, crowd.panel(known))
    assert all((panel.sum(axis=1) == entered).all() for panel in drawn)
    assert all(np.isfinite(law.log_likelihood(panel)) for panel in drawn[:20])


def test_no_outcome_is_later_than_its_window_closes() -> None:
    """To the microsecond: a reader counts the last one in, and a later one not at all.

    Of these 16,000 windows, four would close a microsecond late if hours were only added up.
    """
    drawn = world(
        people={"count": 20_000},
        trait=[],
        shadow={"days": 40},
        rollout={"shares": [0.5], "hours": [48]},
        outcome=[{"name": "useful", "window_hours": 12.1}],
    )
    table = outcomes.rows(drawn, 0)
    met = exposures.rows(drawn, 0)
    begins = dict(zip(met["unit"].to_pylist(), met["at"].cast(pa.int64()).to_pylist(), strict=True))
    logged = table["at"].cast(pa.int64()).to_pylist()
    waited = [at - begins[unit] for at, unit in zip(logged, table["unit"].to_pylist(), strict=True)]
    assert max(waited) == round(12.1 * 3.6e9)
