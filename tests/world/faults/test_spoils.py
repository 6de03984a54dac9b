"""Spoils: what faults of files do to the rows of a file, seen in the file."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shipcall.world.truth import Fault, Items, Outcome, People, Rollout, Trait, World
from shipcall.world.write import draw

Rows = list[dict[str, object]]


def world(*faults: Fault) -> World:
    return World(
        shipcall_world=1,
        name="graded",
        seed=4,
        people=People(count=3_000),
        trait=[Trait(column="country", levels={"US": 0.7, "NZ": 0.3})],
        items=Items(count=200, repeats=2),
        outcome=[Outcome(name="click")],
        rollout=Rollout(shares=[0.5], hours=[96.0]),
        fault=list(faults),
    )


def rows(tmp_path: Path, table: str, *faults: Fault) -> Rows:
    folder = tmp_path / f"{table}-{len(faults)}"
    told = world(*faults).model_copy(update={"write": [table]})
    draw(told, folder)
    found: Rows = pq.read_table(folder / f"{table}.parquet").to_pylist()
    return found


def of(found: Rows, **values: object) -> Rows:
    return [row for row in found if all(row[name] == v for name, v in values.items())]


def test_an_empty_table_has_its_columns_and_no_rows(tmp_path: Path) -> None:
    told = world(Fault(kind="empty_table"))
    draw(told, tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "scores.parquet")
    assert len(table) == 0
    assert "value" in table.column_names


@pytest.mark.parametrize("severity", [0.5, 1.0])
def test_the_candidate_loses_rows(tmp_path: Path, severity: float) -> None:
    before = rows(tmp_path, "scores")
    after = rows(tmp_path, "scores", Fault(kind="lost_rows", severity=severity))
    assert of(after, arm="baseline") == of(before, arm="baseline")
    left = len(of(after, arm="candidate")) / len(of(before, arm="candidate"))
    assert left == pytest.approx(1 - 0.99 * severity, abs=0.06)


def test_a_fault_in_a_slice_leaves_the_others(tmp_path: Path) -> None:
    fault = Fault(kind="lost_rows", severity=1.0, where={"country": "NZ"})
    before, after = rows(tmp_path, "scores"), rows(tmp_path, "scores", fault)
    assert of(after, country="US") == of(before, country="US")
    assert len(of(after, country="NZ", arm="candidate")) < 20


@pytest.mark.parametrize("severity", [0.5, 1.0])
def test_other_content_has_the_same_names(tmp_path: Path, severity: float) -> None:
    before = rows(tmp_path, "scores")
    after = rows(tmp_path, "scores", Fault(kind="other_content", severity=severity))
    assert [row["item"] for row in after] == [row["item"] for row in before]
    others = {
        a["item"] for a, b in zip(after, before, strict=True) if a["item_hash"] != b["item_hash"]
    }
    assert len(others) / 200 == pytest.approx(severity, abs=0.02)
    whole = of(after, arm="baseline")
    assert whole == of(before, arm="baseline")


def test_duplicates_disagree(tmp_path: Path) -> None:
    after = rows(tmp_path, "scores", Fault(kind="disagreeing_duplicates", severity=1.0))
    seen: dict[tuple[object, ...], set[object]] = {}
    for row in after:
        key = (row["arm"], row["item"], row["repeat"], row["metric"])
        seen.setdefault(key, set()).add(row["value"])
    twice = [values for values in seen.values() if len(values) > 1]
    assert len(twice) / len(seen) == pytest.approx(0.5, abs=0.05)
    assert all(values == {0.0, 1.0} for values in twice)


def test_repeats_come_under_new_names_with_one_hash(tmp_path: Path) -> None:
    after = rows(tmp_path, "scores", Fault(kind="renamed_repeats", severity=1.0))
    assert len({row["item"] for row in after}) == 400
    assert len({row["item_hash"] for row in after}) == 200


@pytest.mark.parametrize(("kind", "value"), [("errors_as_null", None), ("errors_as_zero", 0.0)])
def test_failed_runs_are_called_ok(tmp_path: Path, kind: str, value: float | None) -> None:
    before, after = rows(tmp_path, "scores"), rows(tmp_path, "scores", Fault(kind=kind, severity=1))
    hit = [a for a, b in zip(after, before, strict=True) if a != b]
    assert hit
    assert {(row["arm"], row["value"], row["status"]) for row in hit} == {
        ("candidate", value, "ok")
    }


def test_a_constant_grade_has_no_spread(tmp_path: Path) -> None:
    after = rows(tmp_path, "scores", Fault(kind="constant"))
    assert {row["value"] for row in of(after, arm="candidate")} == {1.0}
    assert {row["value"] for row in of(after, arm="baseline", metric="right")} == {0.0, 1.0}


def test_a_crashed_repeat_is_not_there(tmp_path: Path) -> None:
    after = rows(tmp_path, "scores", Fault(kind="lost_epoch"))
    assert {row["repeat"] for row in of(after, arm="candidate")} == {"0"}
    assert {row["repeat"] for row in of(after, arm="baseline")} == {"0", "1"}


def test_few_clusters_are_few(tmp_path: Path) -> None:
    after = rows(tmp_path, "scores", Fault(kind="few_clusters", severity=1.0))
    assert len({row["cluster"] for row in after}) == 5


def test_bleeding_exposures_are_fewer_under_the_candidate(tmp_path: Path) -> None:
    before = rows(tmp_path, "exposures")
    after = rows(tmp_path, "exposures", Fault(kind="bleed", severity=1.0))
    assert of(after, arm="baseline") == of(before, arm="baseline")
    left = len(of(after, arm="candidate")) / len(of(before, arm="candidate"))
    assert left == pytest.approx(0.8, abs=0.04)


def test_replayed_rows_begin_on_the_day_of_the_fault(tmp_path: Path) -> None:
    before = rows(tmp_path, "outcomes")
    after = rows(tmp_path, "outcomes", Fault(kind="replay", severity=1.0, day=2))
    again = len(after) - len(before)
    late = [row for row in before if str(row["at"]) >= "2026-10-07"]
    assert again / len(late) == pytest.approx(0.3, abs=0.06)
    assert {str(row) for row in after} == {str(row) for row in before}
