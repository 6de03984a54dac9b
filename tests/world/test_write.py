"""Writing a world: the same bytes for the same seed, whole or not at all."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shipcall.core import UsageError
from shipcall.formats import FORMATS, Kind
from shipcall.world import write
from shipcall.world.chance.draws import Table
from shipcall.world.read import read_world
from shipcall.world.tables import TABLES, TRUTHS, asked
from shipcall.world.truth import (
    Fault,
    Items,
    Judge,
    Migration,
    Outcome,
    People,
    Rollout,
    Shadow,
    Stream,
    Trait,
    World,
)
from shipcall.world.write import as_toml, draw, file_of


def world(*faults: Fault, seed: int = 4, kind: str = "llm") -> World:
    return World(
        shipcall_world=1,
        name="small",
        seed=seed,
        kind=kind,
        days=6,
        people=People(count=150),
        trait=[Trait(column="country", levels={"US": 0.7, "NZ": 0.3})],
        items=Items(count=60, repeats=2, depth=4),
        judge=Judge(),
        outcome=[Outcome(name="click")],
        migration=Migration(),
        rollout=Rollout(shares=[0.5], hours=[72.0]),
        shadow=Shadow(days=1.0),
        stream=Stream(rows_per_day=40),
        fault=list(faults),
    )


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_two_drawings_of_one_seed_are_the_same_bytes(tmp_path: Path) -> None:
    drawn = draw(world(), tmp_path / "one")
    draw(world(), tmp_path / "two")
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert sorted(drawn.files) == sorted(digests(tmp_path / "one"))


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    draw(world(), tmp_path / "one")
    draw(world(seed=5), tmp_path / "two")
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert [name for name in one if one[name] == two[name]] == ["changes.parquet"]


@pytest.mark.parametrize("kind", ["llm", "classifier", "ranker", "regressor"])
def test_every_table_is_of_its_format(tmp_path: Path, kind: str) -> None:
    drawn = draw(world(kind=kind), tmp_path / "out")
    assert set(drawn.rows) == {n for n, table in TABLES.items() if table.asked(world(kind=kind))}
    for name, rows in drawn.rows.items():
        if name in write.LINES:
            continue
        table = pq.read_table(tmp_path / "out" / file_of(name))
        assert len(table) == rows
        for column in FORMATS[name].columns:
            if column.name not in table.column_names:
                assert not column.required
                continue
            _right(table[column.name], column.kind, column.choices)
            assert not column.required or column.nullable or table[column.name].null_count == 0


def _right(values: pa.ChunkedArray, kind: Kind, choices: tuple[str, ...]) -> None:
    tests = {
        Kind.TEXT: pa.types.is_string,
        Kind.NUMBER: lambda t: pa.types.is_floating(t) or pa.types.is_integer(t),
        Kind.TIME: lambda t: pa.types.is_timestamp(t) and t.tz == "UTC",
        Kind.VALUE: lambda t: pa.types.is_string(t) or pa.types.is_floating(t) or t == pa.int64(),
    }
    assert tests[kind](values.type)
    assert not choices or set(values.drop_null().to_pylist()) <= set(choices)


def test_all_formats_are_drawn_by_some_world() -> None:
    kinds = ("llm", "classifier", "ranker", "regressor")
    assert set().union(*(asked(world(kind=kind)) for kind in kinds)) == FORMATS.keys()
    assert TABLES.keys() == FORMATS.keys()
    assert TRUTHS.keys() == TABLES.keys() - {"changes", "lineage"}


def test_the_truth_lies_beside_the_tables(tmp_path: Path) -> None:
    told = world(Fault(kind="bots", day=2, severity=0.4))
    drawn = draw(told, tmp_path / "out")
    truth = json.loads((tmp_path / "out" / "truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == 4
    assert truth["rows"] == dict(drawn.rows)
    assert {fact["table"] for fact in truth["facts"]} == drawn.rows.keys() - {"changes", "lineage"}
    assert truth["faults"][0]["kind"] == "bots"
    assert truth["faults"][0]["act"] == "keep them out and count again"
    assert read_world(tmp_path / "out" / "world.toml") == told


def test_lineage_is_written_as_events(tmp_path: Path) -> None:
    draw(world(), tmp_path / "out")
    lines = (tmp_path / "out" / "lineage.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == 6 * 3 * 2
    assert {"eventTime", "run", "job", "producer", "schemaURL"} <= events[0].keys()
    started = next(event for event in events if event["eventType"] == "START")
    assert "outputFacets" not in started["outputs"][0]


def test_only_the_tables_that_are_named_are_written(tmp_path: Path) -> None:
    some = world().model_copy(update={"write": ["stream", "scores"]})
    drawn = draw(some, tmp_path / "out")
    assert list(drawn.rows) == ["scores", "stream"]
    assert drawn.files == ["scores.parquet", "stream.parquet", "truth.json", "world.toml"]


def test_an_earlier_drawing_is_replaced(tmp_path: Path) -> None:
    draw(world(), tmp_path / "out")
    draw(world().model_copy(update={"write": ["stream"]}), tmp_path / "out")
    assert sorted(digests(tmp_path / "out")) == ["stream.parquet", "truth.json", "world.toml"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("names", [["notes.txt"], ["world.toml"], ["truth.json", "notes.txt"]])
def test_a_folder_with_something_else_is_refused(tmp_path: Path, names: list[str]) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for name in names:
        (folder / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=f"{names[-1]}, which no drawing made"):
        draw(world(), folder)
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"mine"}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is a file"):
        draw(world(), tmp_path / "out")
    with pytest.raises(UsageError, match="cannot be written"):
        draw(world(), tmp_path / "out" / "deeper")


def test_a_world_without_sections_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to write"):
        draw(World(shipcall_world=1, name="bare", seed=1), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_drawing_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(world(), tmp_path / "out")
    before = digests(tmp_path / "out")

    def interrupt(*_: object) -> pa.Table:
        raise KeyboardInterrupt

    stopped = Table(
        format="stream",
        asked=TABLES["stream"].asked,
        chunks=TABLES["stream"].chunks,
        rows=interrupt,
    )
    monkeypatch.setattr(write, "TABLES", {**TABLES, "stream": stopped})
    for folder in ("out", "another"):
        with pytest.raises(KeyboardInterrupt):
            draw(world(seed=5), tmp_path / folder)
    assert digests(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_progress_is_told_chunk_by_chunk(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    draw(world(), tmp_path / "out", progress=lambda done, planned: told.append((done, planned)))
    assert told == [(n, len(told)) for n in range(1, len(told) + 1)]


def test_the_text_of_the_world_is_kept_as_it_was(tmp_path: Path) -> None:
    text = "# mine\n" + as_toml(world())
    draw(world(), tmp_path / "out", text=text)
    assert (tmp_path / "out" / "world.toml").read_text(encoding="utf-8") == text


def test_the_world_loads_nothing_that_judges() -> None:
    code = (
        "import importlib, pkgutil, sys, shipcall.world as world\n"
        "for module in pkgutil.walk_packages(world.__path__, 'shipcall.world.'):\n"
        "    importlib.import_module(module.name)\n"
        "engines = ('ibis', 'duckdb', 'sqlglot', 'pandas')\n"
        "floors = 'stats metrics stages data contract ledger release trial'.split()\n"
        "judges = tuple(f'shipcall.{floor}' for floor in floors)\n"
        "found = [m for m in sys.modules if m.startswith(judges) or m.split('.')[0] in engines]\n"
        "print(sorted(found))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8"
    )
    assert made.stdout == "[]\n"
