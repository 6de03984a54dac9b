"""exposures: rows are the panel, arms are the buckets, entries wait for windows."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from shipcall.assign.shipcall_v1 import positions
from shipcall.world.chance.draws import Floats, generator
from shipcall.world.chance.laws import draw
from shipcall.world.people import crowd
from shipcall.world.people.population import population
from shipcall.world.rollout import exposures
from shipcall.world.truth import World


def world(**sections: object) -> World:
    plain = {
        "people": {"count": 2_000, "churn": 0.02, "growth": 0.03},
        "days": 6,
        "trait": [
            {"column": "country", "levels": {"NZ": 1, "US": 3}, "visits": {"NZ": 2.0}},
            {"column": "tenure", "levels": {"new": 1, "old": 2}},
        ],
        "rollout": {"shares": [0.1, 0.4, 1.0], "hours": [24, 48, 48], "holdback": 0.1},
        "outcome": [{"name": "useful", "window_hours": 12}],
    }
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 5, **plain, **sections})


def whole(known: World) -> pa.Table:
    table = exposures.TABLE
    return pa.concat_tables([table.rows(known, c) for c in range(table.chunks(known))])


def counted(known: World, rows: pa.Table) -> Floats:
    """Count rows by stage, arm and cell, from what a reader of the file sees."""
    people = population(known)
    names = [tuple(cell.values()) for cell in people.cells.names]
    stages, arms = [step.name for step in people.stages], ["baseline", "candidate"]
    counts = np.zeros((len(stages), 2, len(names)))
    columns = ["stage", "arm", *people.cells.columns]
    for row, number in Counter(zip(*(rows[c].to_pylist() for c in columns), strict=True)).items():
        stage, arm, *cell = row
        counts[stages.index(stage), arms.index(arm), names.index(tuple(cell))] += number
    return counts


def test_rows_are_the_panel_of_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 300)
    known = world()
    panel = draw(exposures.exposures_laws(known), generator(known, "panels", "people"))
    rows = whole(known)
    assert exposures.TABLE.chunks(known) > 5
    assert (counted(known, rows) == exposures.exposed(known, panel["people"])).all()


def test_panels_vary_around_the_truth_as_their_law_says() -> None:
    """Counts of one place are binomial: mean n p, variance n p (1 - p)."""
    known = world()
    people, laws = population(known), exposures.exposures_laws(known)
    rng = np.random.default_rng(3)
    drawn = np.array([exposures.exposed(known, draw(laws, rng)["people"]) for _ in range(3_000)])
    truth = exposures.exposed(known, people.count * people.chances)
    spread = np.sqrt(truth * (1 - truth / people.count))
    assert (np.abs(drawn.mean(axis=0) - truth) < 4.5 * spread / np.sqrt(3_000) + 1e-9).all()
    busy = truth > 20
    assert drawn.var(axis=0)[busy] == pytest.approx(spread[busy] ** 2, rel=0.15)


def test_truth_states_what_is_expected_in_each_slice() -> None:
    """One stage, one busy day at one request each: 1 - 1/e of the people, half of them each."""
    known = World.model_validate(
        {
            "shipcall_world": 1,
            "name": "w",
            "seed": 1,
            "people": {"count": 1_000, "spread": 0.0},
            "trait": [{"column": "c", "levels": {"a": 1, "b": 3}}],
            "rollout": {"shares": [0.5], "hours": [24]},
        }
    )
    facts = {fact["slice"]: fact for fact in exposures.exposures_truth(known)}
    assert facts["all"]["baseline"] == pytest.approx(500 * (1 - np.exp(-1)))
    assert facts["c=a"]["candidate"] == pytest.approx(125 * (1 - np.exp(-1)))


def test_the_candidate_stands_where_the_position_is_below_the_share() -> None:
    known = world()
    rows = whole(known)
    at = np.array(positions("rollout", rows["unit"].to_pylist()))
    expected = at < rows["share"].to_numpy()
    assert (np.array(rows["arm"].to_pylist()) == np.where(expected, "candidate", "baseline")).all()
    assert rows["share"].to_numpy().max() == pytest.approx(0.9)


def test_buckets_nest_so_that_no_unit_goes_back() -> None:
    rows = whole(world())
    last: dict[str, str] = {}
    order = np.argsort(rows["stage"].to_pylist(), kind="stable")
    for row in rows.take(pa.array(order)).to_pylist():
        assert (last.get(row["unit"]), row["arm"]) != ("candidate", "baseline")
        last[row["unit"]] = row["arm"]


def test_entries_fall_into_their_stage_and_after_the_windows_of_earlier_ones() -> None:
    known = world()
    people, rows = population(known), whole(known)
    start = known.start.timestamp()
    seen: dict[str, float] = {}
    stages = {step.name: step for step in people.stages}
    order = np.argsort(rows["stage"].to_pylist(), kind="stable")
    for row in rows.take(pa.array(order)).to_pylist():
        hour = (row["at"].timestamp() - start) / 3600
        step = stages[row["stage"]]
        assert step.starts <= hour < step.ends
        assert hour >= seen.get(row["unit"], -np.inf) + 12
        seen[row["unit"]] = hour
    assert rows.num_rows > len(seen) > 1_000


def test_rows_come_in_the_order_of_time() -> None:
    at = exposures.rows(world(), 0)["at"].to_numpy()
    assert (np.diff(at) >= np.timedelta64(0)).all()


def test_a_rare_share_still_finds_its_units() -> None:
    known = world(rollout={"shares": [0.001], "hours": [24]}, people={"count": 4_000})
    rows = whole(known)
    panel = draw(exposures.exposures_laws(known), generator(known, "panels", "people"))
    expected = exposures.exposed(known, panel["people"])[0, 1].sum()
    assert rows["arm"].to_pylist().count("candidate") == expected
