"""Scores as they are given: names, mappings and values that are not of the format."""

from pathlib import Path
from typing import Any

import pytest

from data.tables import ITEM, RIGHT, evidence, graded, pair, sample, scores, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.sources import MetricUse


def test_every_way_to_say_who_is_who(tmp_path: Path) -> None:
    """The file's own names by `arms`, or ours although the contract has other names."""
    mapped = [
        row | {"arm": {"baseline": "v1", "candidate": "v2"}[row["arm"]]}
        for row in graded((1, 0), (0, 0))
    ]
    for name, rows in (("a", mapped), ("b", graded((1, 0), (0, 0)))):
        found = scores(tmp_path / name, rows, arms={"baseline": "v1", "candidate": "v2"})
        assert pair(found, "proportion").baseline == 0.5


def test_a_wrong_name_for_an_arm_is_refused_and_a_lost_arm_is_a_finding(tmp_path: Path) -> None:
    rows = graded((1, 1), (0, 1))
    with pytest.raises(EvidenceError, match=r"E213(.|\n)*no row of the candidate(.|\n)*'v2'"):
        scores(
            tmp_path / "a",
            [row | {"arm": "v2"} if row["arm"] == "candidate" else row for row in rows],
        ).facts("scores")
    lost = scores(tmp_path / "b", [row for row in rows if row["arm"] == "baseline"])
    absent = sample(lost, "proportion")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.ROWS_MISSING
    assert lost.facts("scores").unmatched == {"baseline": 2, "candidate": 0}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("status", "fine", "E213"),
        ("status", None, "E218"),
        ("arm", None, "E218"),
        ("item", None, "E218"),
        ("metric", None, "E218"),
        ("value", "very good", "E211"),
        ("value", "inf", "E211"),
        ("latency_ms", "quick", "E211"),
        ("cost", "nan", "E211"),
    ],
)
def test_a_value_that_is_not_of_the_format_is_named_with_its_line(
    tmp_path: Path, column: str, value: Any, code: str
) -> None:
    rows = graded((1, 1), (0, 1), latency_ms=1.0, cost=0.1)
    rows[2] |= {column: value}
    with pytest.raises(EvidenceError) as raised:
        scores(tmp_path, rows).facts("scores")
    (fault,) = raised.value.faults
    assert (fault.code, fault.file, fault.line) == (code, "s.csv", 4)
    assert column in fault.seen


def test_a_broken_value_in_parquet_is_named_with_its_row(tmp_path: Path) -> None:
    rows = graded((1.0, 1.0), (0.0, float("nan")))
    write(tmp_path / "s.parquet", rows)
    with pytest.raises(EvidenceError, match=r"s\.parquet: E211(.|\n)*'nan'(.|\n)*row 4"):
        evidence(tmp_path, "s.parquet", format="scores", unit=ITEM).facts("scores")


def test_a_table_without_a_status_says_how_to_state_it(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "status"} for row in graded((1, 1), (0, 1))]
    with pytest.raises(EvidenceError, match=r'constants = \{ status = "ok" \}'):
        scores(tmp_path / "a", rows).facts("scores")
    stated = scores(tmp_path / "b", rows, constants={"status": "ok"})
    assert pair(stated, "proportion").rows == 2


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ({"constants": {"status": "ok"}}, "E217"),
        ({"constants": {"stauts": "ok"}}, "E217"),
        ({"columns": {"item": "itme"}}, "E210"),
        ({"columns": {"status": "nowhere"}, "constants": {"status": "okay"}}, "E210"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(
    tmp_path: Path, source: dict[str, Any], code: str
) -> None:
    """A constant status beside a column of statuses would hide the errors that it holds."""
    with pytest.raises(EvidenceError) as raised:
        scores(tmp_path, graded((1, 1), (0, 1)), **source).facts("scores")
    assert raised.value.faults[0].code == code


def test_a_slice_may_be_called_otherwise_than_in_the_file(tmp_path: Path) -> None:
    rows = graded((1, 1), (0, 1), geo="NZ", junk="x")
    found = scores(tmp_path, rows, columns={"country": "geo"})
    assert found.columns("scores") == ("country", "junk")
    assert pair(found, "proportion", Slice.of({"country": "NZ"})).rows == 2


def test_two_uses_of_one_grade_share_the_declared_range(tmp_path: Path) -> None:
    """A bound of latency is no range of the grade; the grade's own range is found."""
    uses = {
        "a_latency": MetricUse(name="right", column="latency_ms", range=(0.0, 60_000.0)),
        "b_first": MetricUse(name="right"),
        "right": RIGHT,
    }
    found = scores(tmp_path, graded((1, 1), (0, 7), (1, 0)), uses)
    assert (found.facts("scores").out_of_range.count, pair(found, "mean").lost.rows) == (1, 1)
