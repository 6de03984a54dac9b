"""The page of strengths: a table of the workspace, its ranks as a picture, no contract."""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient

from asking import client_of, twin_of
from builders import write_csv
from flights import patient
from shipcall.app.study_tables import header, tables_in
from shipcall.cli.main import shipcall
from shipcall.data.comparisons import NEEDED
from studied import LEAGUE, _league

PAGE = f"/studies/strengths?file={LEAGUE}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with comparisons and nothing else."""
    root = tmp_path_factory.mktemp("strengths") / "workspace"
    (root / ".shipcall").mkdir(parents=True)
    (root / LEAGUE).parent.mkdir()
    write_csv(root / LEAGUE, _league())
    (root / "notes.csv").write_text("item,first,second\n1,2,3\n", encoding="utf-8")
    (root.parent / "outside.csv").write_text("item,first,second,preferred\n", encoding="utf-8")
    (root / "link.csv").symlink_to(root.parent / "outside.csv")
    with pytest.MonkeyPatch.context() as patch:
        patient(patch)
        yield root


@pytest.fixture(scope="module")
def asked(made: Path) -> TestClient:
    return client_of(made)


def table(asked: TestClient, address: str = PAGE) -> list[dict[str, Any]]:
    view = asked.get(twin_of(address)).json()
    return next(one["rows"] for one in view["tables"] if one["name"] == "strengths")


def test_the_form_offers_the_tables_that_have_the_columns(asked: TestClient) -> None:
    page = asked.get("/studies/strengths").text
    assert re.findall(r'<option value="([^"]+\.csv)"', page) == [LEAGUE]
    assert "File of comparisons" in page


def test_the_page_says_what_the_command_says(made: Path, asked: TestClient) -> None:
    address = f"{PAGE}&reference=small&without=tuned"
    words = ["study", "strengths", str(made / LEAGUE), "--reference", "small", "--without", "tuned"]
    told = CliRunner().invoke(shipcall, [*words, "--json"], catch_exceptions=False).stdout
    assert asked.get(twin_of(address)).json() == json.loads(told)
    page = asked.get(address).text
    assert f"shipcall study strengths {LEAGUE} --reference small --without tuned" in page


def test_the_places_that_are_left_are_a_picture_with_their_numbers(asked: TestClient) -> None:
    query = PAGE.partition("?")[2]
    picture = asked.get(f"/studies/strengths/charts/ranks.svg?{query}").text
    ranks = {row["model"]: row["rank"] for row in table(asked)}
    assert ranks == {"tuned": "1 to 2", "large": "1 to 2", "small": "3"}
    assert picture.count("●") == 1
    assert picture.count("○") == 4
    text = asked.get(f"/studies/strengths/charts/ranks.csv?{query}").text
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(text))}
    assert (rows["large"]["rank_best"], rows["large"]["rank_worst"]) == ("1", "2")
    for row in table(asked):
        assert float(rows[row["model"]]["strength_low"]) == row["strength"]["low"]


def test_nothing_is_entered_in_a_ledger(made: Path, asked: TestClient) -> None:
    assert asked.get(PAGE).status_code == 200
    assert list((made / ".shipcall").iterdir()) == []


@pytest.mark.parametrize(
    "path", ["../outside.csv", "link.csv", "/etc/passwd", "nowhere.csv", "league", "a.toml"]
)
def test_a_file_that_is_no_table_of_the_workspace_is_refused(path: str, asked: TestClient) -> None:
    got = asked.get(f"/studies/strengths?file={path}")
    assert got.status_code == 400
    assert 'id="w-file"' in got.text
    assert asked.get(f"/studies/strengths.json?file={path}").status_code == 400


def test_a_model_that_was_not_compared_is_named_beside_its_field(asked: TestClient) -> None:
    got = asked.get(f"{PAGE}&reference=largest")
    assert got.status_code == 400
    assert re.search(r'id="w-reference"[^>]*>.*?no such model was compared', got.text)


def test_a_table_without_the_columns_says_which_are_needed(asked: TestClient) -> None:
    got = asked.get("/studies/strengths?file=notes.csv")
    assert got.status_code == 400
    assert "preferred" in got.text


def test_a_changed_table_is_read_again(made: Path, asked: TestClient) -> None:
    before = table(asked)
    rows = _league()
    try:
        write_csv(made / LEAGUE, rows[:200])
        after = table(asked)
        assert sum(row["comparisons"] for row in after) == 400
        assert after != before
    finally:
        write_csv(made / LEAGUE, rows)


def test_tables_are_looked_for_where_they_may_lie(tmp_path: Path) -> None:
    """No links, no hidden folders, nothing that cannot be read, and no text that looks alike."""
    line = "item,first,second,preferred\n"
    for name in ("a/b/c.csv", ".hidden/d.csv", "e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(line + "1,x,y,x\n", encoding="utf-8")
    (tmp_path / "f.csv").write_text("item_first_second_preferred\n1\n", encoding="utf-8")
    (tmp_path / "g.csv").write_bytes(line.encode() + b"\xff\xfe\x00")
    (tmp_path / "h.parquet").write_bytes(b"item first second preferred")
    found = [path.as_posix() for path in tables_in(tmp_path, NEEDED)]
    assert "a/b/c.csv" in found
    assert set(found) <= {"a/b/c.csv", "g.csv"}
    assert header(tmp_path / "nowhere.csv") == ()
