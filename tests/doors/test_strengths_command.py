"""`study strengths`: from a file of comparisons to a view, without a contract."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from builders import write_csv
from shipcall.cli.main import run, shipcall

Row = dict[str, object]


def call(*arguments: object) -> Result:
    words = ["study", "strengths", *map(str, arguments)]
    return CliRunner().invoke(shipcall, words, catch_exceptions=False)


def view(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*arguments, "--json").stdout)
    return found


def table(seen: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return next(one["rows"] for one in seen["tables"] if one["name"] == name)


def league() -> list[Row]:
    rng = np.random.default_rng(2)
    rows: list[Row] = []
    for item in range(80):
        first, second = rng.permutation(["mini", "base", "large"])[:2].tolist()
        for judge in ("ann", "bea"):
            preferred = str(rng.choice([first, second, second, "tie"]))
            rows.append(
                {
                    "item": f"q{item:02}",
                    "first": first,
                    "second": second,
                    "preferred": preferred,
                    "judge": judge,
                    "page": f"p{item // 4}",
                }
            )
    return rows


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_csv(tmp_path / "league.csv", league())
    return tmp_path / "league.csv"


def test_counts_are_those_of_the_file(file: Path) -> None:
    seen = view(file)
    rows = league()
    for row in table(seen, "strengths"):
        met = [r for r in rows if row["model"] in (r["first"], r["second"])]
        assert row["comparisons"] == len(met)
        assert row["won"] == sum(
            {"tie": 0.5, row["model"]: 1.0}.get(str(r["preferred"]), 0.0) for r in met
        )
    assert seen["release"] == ""
    assert any(note.startswith("160 comparisons of 80 items by 2 judges") for note in seen["notes"])


def test_every_kind_of_file_and_every_order_of_rows_says_the_same(
    file: Path, tmp_path: Path
) -> None:
    rows = league()
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "league.parquet")
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (tmp_path / "league.jsonl").write_text(lines, encoding="utf-8")
    write_csv(tmp_path / "back.csv", rows[::-1])
    said = {call(path, "--json").stdout for path in (
        file, tmp_path / "league.parquet", tmp_path / "league.jsonl", tmp_path / "back.csv"
    )}  # fmt: skip
    assert len(said) == 1


def test_clusters_of_items_count_as_one(file: Path) -> None:
    before = table(view(file), "strengths")[0]["strength"]
    seen = view(file, "--cluster", "page")
    after = table(seen, "strengths")[0]["strength"]
    assert (before["n"], after["n"]) == (80, 20)
    assert before["value"] == after["value"]
    assert any("20 clusters of items count as independent" in note for note in seen["notes"])


def test_the_reference_is_zero_and_one_may_be_left_out(file: Path) -> None:
    rows = {row["model"]: row for row in table(view(file, "--reference", "base"), "strengths")}
    assert rows["base"]["strength"] == 0
    seen = view(file, "--without", "mini")
    assert {row["model"] for row in table(seen, "strengths")} == {"base", "large"}
    assert seen["stated"] == ["left out: 'mini'"]


def test_answers_of_no_use_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = league()
    rows[3]["preferred"] = rows[9]["preferred"] = "invalid"
    write_csv(tmp_path / "some.csv", rows)
    seen = view(tmp_path / "some.csv")
    assert sum(row["lost"] or 0 for row in table(seen, "strengths")) == 4
    assert any("no usable answer: 2 comparisons" in note for note in seen["notes"])
    write_csv(tmp_path / "none.csv", [{**row, "preferred": "invalid"} for row in rows])
    none = view(tmp_path / "none.csv")
    assert "no comparison has a usable answer" in none["sentence"]
    assert all("reason" in row["strength"] for row in table(none, "strengths"))


def test_the_text_has_the_answer_last_and_fits(file: Path) -> None:
    said = call(file).stdout
    assert max(map(len, said.splitlines())) <= 100
    assert "rank" in said
    assert "strongest" in said[-400:]


def test_page_and_picture_hold_every_model(file: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "out.html", tmp_path / "out.svg"
    call(file, "-o", page, "--svg", picture)
    for text in (page.read_text("utf-8"), picture.read_text("utf-8")):
        assert "<svg" in text
        assert all(name in text for name in ("mini", "base", "large"))


def test_without_strengths_there_is_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row: Row = {"item": "q1", "first": "a", "second": "b", "preferred": "a"}
    write_csv(tmp_path / "one.csv", [row, {**row, "item": "q2"}])
    assert run(["study", "strengths", str(tmp_path / "one.csv"), "--svg", "x.svg"]) == 2
    assert "no chart" in capsys.readouterr().err


FIRST: Row = {"item": "q1", "first": "a", "second": "b", "preferred": "a"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{**FIRST, "second": "a"}], "'a' against itself"),
        ([{**FIRST, "preferred": "c"}], "preferred: 'c of a and b'"),
        ([{**FIRST, "preferred": ""}], "no preferred"),
        ([{**FIRST, "item": ""}], "no item"),
        ([{**FIRST, "second": "tie", "preferred": "a"}], "as names of models"),
        ([FIRST, {**FIRST, "preferred": "b"}], "in 2 rows"),
        ([{**FIRST, "judge": "x"}, {**FIRST, "judge": "x"}], "judge 'x' in 2 rows"),
        ([{**FIRST, "cluster": "x"},
          {**FIRST, "first": "b", "second": "a", "cluster": "y"}], "item 'q1' in 'x', 'y'"),
        ([{"item": "q1", "first": "a", "second": "b"}], "a column 'preferred'"),
    ],
)  # fmt: skip
def test_rows_that_cannot_be_are_refused_with_their_line(
    tmp_path: Path, rows: list[Row], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_csv(tmp_path / "rows.csv", rows)
    assert run(["study", "strengths", str(tmp_path / "rows.csv")]) == 3
    err = capsys.readouterr().err
    assert said in err
    assert "rows.csv" in err
    assert "fix:" in err


def test_a_file_of_no_row_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("item,first,second,preferred\n", encoding="utf-8")
    assert run(["study", "strengths", str(tmp_path / "rows.csv")]) == 3
    assert "a header and no row" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--reference", "bse"), 2, "Did you mean 'base'?"),
        (("--without", "huge"), 2, "no such model"),
        (("--without", "base", "--without", "mini"), 2, "Leave out fewer"),
        (("--without", "base", "--reference", "base"), 2, "left out"),
        (("--cluster", "pages"), 3, "Did you mean 'page'?"),
        (("--judge", "rater"), 3, "a column 'rater'"),
    ],
)
def test_options_that_cannot_be_are_refused(
    file: Path,
    options: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["study", "strengths", str(file), *options]) == code
    assert said in capsys.readouterr().err
