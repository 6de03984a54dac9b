"""exposures, outcomes, activity, shadow_pairs: what holds for each of them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shipcall.formats import FORMATS
from shipcall.world.chance.draws import Table
from shipcall.world.people import crowd
from shipcall.world.rollout import activity, exposures, outcomes, shadow
from shipcall.world.rollout.overlap import outcomes_truth
from shipcall.world.truth import World

TABLES = (exposures.TABLE, outcomes.TABLE, activity.TABLE, shadow.TABLE)
NAMES = [table.format for table in TABLES]


def world(seed: int = 1, **sections: object) -> World:
    plain = {
        "people": {"count": 1_500, "churn": 0.01, "growth": 0.01},
        "days": 6,
        "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}}],
        "rollout": {"shares": [0.2, 0.5], "hours": [48, 48]},
        "shadow": {"days": 2, "sample": 0.5},
        "outcome": [
            {"name": "useful", "window_hours": 12, "lost": 0.1},
            {"name": "minutes", "kind": "mean", "base": 10, "spread": 8, "window_hours": 6},
        ],
        "migration": {},
    }
    return World.model_validate(
        {"shipcall_world": 1, "name": "w", "seed": seed, **plain, **sections}
    )


def whole(known: World, table: Table) -> pa.Table:
    return pa.concat_tables([table.rows(known, c) for c in range(table.chunks(known))])


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "CHUNK", 400)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_rows_are_of_their_format(table: Table) -> None:
    form = FORMATS[table.format]
    rows = whole(world(), table)
    assert set(form.required) <= set(rows.column_names)
    assert set(rows.column_names) <= {*form.names, "country"}
    for column in form.columns:
        if column.name in rows.column_names:
            assert column.nullable or rows[column.name].null_count == 0
            if column.choices:
                assert set(rows[column.name].drop_null().to_pylist()) <= set(column.choices)


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_no_row_stands_twice(table: Table) -> None:
    rows = whole(world(), table)
    key = list(zip(*(rows[name].to_pylist() for name in FORMATS[table.format].key), strict=True))
    assert len(key) == len(set(key)) > 400


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_one_seed_gives_the_same_bytes_in_any_order(table: Table, tmp_path: Path) -> None:
    known = world()
    chunks = range(table.chunks(known))
    assert len(chunks) > 2
    forth = [table.rows(known, chunk) for chunk in chunks]
    back = [table.rows(known, chunk) for chunk in reversed(chunks)][::-1]
    for name, parts in (("forth", forth), ("back", back)):
        pq.write_table(pa.concat_tables(parts), tmp_path / name, compression="zstd")
    assert (tmp_path / "forth").read_bytes() == (tmp_path / "back").read_bytes()


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_another_seed_gives_other_rows(table: Table) -> None:
    assert not table.rows(world(1), 0).equals(table.rows(world(2), 0))


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_every_chunk_has_the_same_schema(table: Table) -> None:
    known = world()
    schemas = {str(table.rows(known, c).schema) for c in range(table.chunks(known))}
    assert len(schemas) == 1


@pytest.mark.parametrize("table", TABLES, ids=NAMES)
def test_a_table_is_asked_for_by_its_section(table: Table) -> None:
    assert table.asked(world())
    assert not table.asked(World(shipcall_world=1, name="w", seed=1))


def test_with_all_defaults_both_models_are_alike() -> None:
    facts = [
        *outcomes_truth(world()),
        *activity.activity_truth(world()),
        *shadow.shadow_pairs_truth(world()),
    ]
    assert {fact["table"] for fact in facts} == {"outcomes", "activity", "shadow_pairs"}
    assert max(abs(float(fact["difference"])) for fact in facts) < 1e-12


def test_units_are_the_same_people_in_every_table() -> None:
    """Who is exposed was active on that day, answers to that name in shadow mode, and so on."""
    known = world()
    exposed = whole(known, exposures.TABLE)
    active = whole(known, activity.TABLE)
    country = dict(zip(exposed["unit"].to_pylist(), exposed["country"].to_pylist(), strict=True))
    days = set(zip(active["unit"].to_pylist(), active["day"].to_pylist(), strict=True))
    for unit, at in zip(exposed["unit"].to_pylist(), exposed["at"].to_pylist(), strict=True):
        assert (unit, str(at.date())) in days
    asked = whole(known, shadow.TABLE)
    both = [
        (country[unit], level)
        for unit, level in zip(
            asked["cluster"].to_pylist(), asked["country"].to_pylist(), strict=True
        )
        if unit in country
    ]
    assert len(both) > 100
    assert all(one == other for one, other in both)
    assert set(whole(known, outcomes.TABLE)["unit"].to_pylist()) <= set(country)


def test_a_larger_world_is_drawn_in_chunks_of_one_size() -> None:
    small, large = world(people={"count": 800}), world(people={"count": 8_000})
    for table in (exposures.TABLE, outcomes.TABLE):
        assert table.chunks(large) == 10 * table.chunks(small)
        most = max(table.rows(large, c).num_rows for c in range(table.chunks(large)))
        assert most < 1.3 * table.rows(small, 0).num_rows


def test_a_world_of_one_person_is_drawn() -> None:
    known = world(people={"count": 1})
    for table in TABLES:
        rows = whole(known, table)
        assert rows.num_rows <= 100
        assert np.isin(table.format, list(FORMATS))
