"""The ledger as people see it: a hundred entries at a time, and covered verdicts stay covered."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from blinds import blind_release
from shipcall.app.ledger import PAGE, entry_view, export_ledger, ledger_view
from shipcall.app.release import amend_release, call_release
from shipcall.app.workspace import now, signing_key, workspace_of
from shipcall.cli.main import shipcall
from shipcall.core import UsageError
from shipcall.ledger.entry import Kind

TELLING = ("call", "rule", "because", "findings", "missing", "situation", "unproven", "exhibits")


def fill(folder: Path, entries: int) -> None:
    """A ledger of outcomes of two releases in turn."""
    ledger, key = workspace_of(folder).ledger(), signing_key()
    for number in range(entries):
        name = ("r1", "r2")[number % 2]
        ledger.append(Kind.OUTCOME, name, {"number": number}, at=now(), key=key)


def test_a_verdict_stays_covered_until_somebody_called(tmp_path: Path) -> None:
    file = blind_release(tmp_path)
    (entry,) = entry_view(tmp_path, 2)["entries"]
    assert entry["covered"]
    assert [name for name in TELLING if name in entry["body"]] == []
    assert entry["body"]["evidence"][0]["format"] == "scores"
    assert ledger_view(tmp_path)["entries"][2]["said"] == ""
    call_release(file, "SHIP", probability=0.8, why="it looks good")
    (entry,) = entry_view(tmp_path, 2)["entries"]
    assert not entry["covered"]
    assert entry["body"]["call"] == "SHIP"
    assert ledger_view(tmp_path)["entries"][2]["said"] == "SHIP"


def test_a_file_that_asks_for_no_call_uncovers_nothing(tmp_path: Path) -> None:
    """The sealed contract decides who has to call first, not what its file says since."""
    file = blind_release(tmp_path)
    file.write_text(file.read_text("utf-8").replace("blind = true", "blind = false"), "utf-8")
    assert entry_view(tmp_path, 2)["entries"][0]["covered"]
    amend_release(file, "nobody is blind here", even_so="a test")
    assert not entry_view(tmp_path, 2)["entries"][0]["covered"]


def test_an_export_is_whole_so_that_it_can_be_verified(tmp_path: Path) -> None:
    blind_release(tmp_path)
    export_ledger(tmp_path, tmp_path / "ledger.jsonl")
    lines = (tmp_path / "ledger.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[2])["body"]["call"] == "SHIP"
    assert entry_view(tmp_path, 2)["entries"][0]["hash"] == json.loads(lines[2])["hash"]


def test_the_command_covers_what_the_page_covers(tmp_path: Path) -> None:
    blind_release(tmp_path)
    listed = CliRunner().invoke(shipcall, ["ledger", "show", str(tmp_path)]).output
    assert "(covered)" in listed
    assert "SHIP" not in listed
    one = CliRunner().invoke(shipcall, ["ledger", "show", str(tmp_path), "--entry", "2"]).output
    assert "SHIP" not in one


def test_every_entry_is_on_exactly_one_page(tmp_path: Path) -> None:
    fill(tmp_path, 2 * PAGE + 5)
    told = [ledger_view(tmp_path, {"page": str(page)}) for page in (3, 2, 1)]
    assert [len(view["entries"]) for view in told] == [5, PAGE, PAGE]
    indices = [line["index"] for view in told for line in view["entries"]]
    assert indices == list(range(2 * PAGE + 5))
    assert {view["pages"] for view in told} == {3}


def test_release_and_kind_narrow_the_list_and_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, PAGE + 3)
    view = ledger_view(tmp_path, {"release": "r2", "kind": "outcome", "colour": "red"})
    assert view["found"] == (PAGE + 3) // 2
    assert view["pages"] == 1
    assert {line["subject"] for line in view["entries"]} == {"r2"}
    assert view["query"] == {"release": "r2", "kind": "outcome"}
    assert view["releases"] == ["r1", "r2"]
    assert ledger_view(tmp_path, {"kind": "verdict"})["entries"] == []


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "1.0", "²"])
def test_a_page_that_there_is_not_is_refused(tmp_path: Path, page: str) -> None:
    fill(tmp_path, 3)
    with pytest.raises(UsageError, match="pages go from 1 to 1"):
        ledger_view(tmp_path, {"page": page})


def test_a_kind_that_there_is_not_is_refused_with_those_there_are(tmp_path: Path) -> None:
    fill(tmp_path, 1)
    with pytest.raises(UsageError, match="Kinds: sealed"):
        ledger_view(tmp_path, {"kind": "sealing"})


def test_the_command_turns_pages(tmp_path: Path) -> None:
    fill(tmp_path, PAGE + 1)
    newest = CliRunner().invoke(shipcall, ["ledger", "show", str(tmp_path)]).output
    assert len(newest.splitlines()) == PAGE + 2
    assert "page 1 of 2" in newest
    oldest = CliRunner().invoke(shipcall, ["ledger", "show", str(tmp_path), "--page", "2"]).output
    assert oldest.splitlines()[0].split()[0] == "0"
