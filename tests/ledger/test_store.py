import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shipcall.core import Action, Call, LedgerError
from shipcall.ledger.entry import NOTHING_BEFORE, Entry, Kind
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify

AT = "2026-11-20T13:31:04Z"


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _tamper(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_what_was_appended_is_read_by_whoever_opens_the_file(
    tmp_path: Path, key: SigningKey
) -> None:
    path = tmp_path / "ledger.db"
    call = Call(action=Action.HOLD, probability=0.25, why="too few users", by="ada", blind=True)
    entry = Ledger.open(path, create=True).append("call", "v42", {"call": call}, at=AT, key=key)
    (read,) = Ledger.open(path).entries()
    assert read == entry
    assert read.kind is Kind.CALL
    assert read.body["call"]["probability"] == 0.25
    assert read.body["call"]["action"] == "HOLD"


def test_entries_can_be_picked_by_release_and_kind(ledger: Ledger) -> None:
    assert [entry.index for entry in ledger.entries()] == list(range(12))
    assert [entry.index for entry in ledger.entries("ranker-v43")] == list(range(6, 12))
    assert [entry.index for entry in ledger.entries(kind="call")] == [3, 9]
    assert [entry.index for entry in ledger.entries("ranker-v43", Kind.SEALED)] == [6]
    assert list(ledger.entries("nobody")) == []


def test_a_kind_that_does_not_exist_is_an_error_not_an_empty_answer(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="evidence-seen"):
        list(ledger.entries(kind="evidence-seen"))


def test_a_key_is_brought_along_by_the_first_entry_it_signs(
    ledger: Ledger, key: SigningKey, other_key: SigningKey
) -> None:
    brought = {entry.index: entry.public_key for entry in ledger.entries() if entry.public_key}
    assert brought == {0: key.public.hex, 3: other_key.public.hex}


def test_the_head_is_the_hash_of_the_last_entry(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.head() == list(ledger.entries())[-1].hash
    assert ledger.count() == 12
    fresh = Ledger.open(tmp_path / "fresh.db", create=True)
    assert (fresh.head(), fresh.count()) == (NOTHING_BEFORE, 0)


def test_opening_a_ledger_again_for_creation_keeps_it(ledger: Ledger) -> None:
    assert Ledger.open(ledger.path, create=True).head() == ledger.head()


def test_an_url_names_the_same_file(ledger: Ledger) -> None:
    assert Ledger.open(f"sqlite:///{ledger.path}").head() == ledger.head()
    assert Ledger.open(str(ledger.path)).head() == ledger.head()


@pytest.mark.parametrize(
    "url",
    ["postgresql://me:secret@host/ledger", "sqlite://", "sqlite:///:memory:", "nonsense://", "://"],
)
def test_an_url_of_anything_but_a_file_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(LedgerError) as refused:
        Ledger.open(url, create=True)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["a b?mode=ro#x%20.db", "ü.db", "'; DROP TABLE x.db"])
def test_any_name_a_file_can_have_will_do(tmp_path: Path, key: SigningKey, name: str) -> None:
    made = Ledger.open(tmp_path / name, create=True)
    made.append("sealed", "v42", {}, at=AT, key=key)
    assert (tmp_path / name).stat().st_size > 0
    assert Ledger.open(tmp_path / name).count() == 1


def test_a_ledger_that_is_not_there_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here") as refused:
        Ledger.open(tmp_path / "ledger.db")
    assert refused.value.exit_code == 4
    assert _names(tmp_path) == []


def test_a_folder_is_not_a_ledger(tmp_path: Path) -> None:
    for create in (False, True):
        with pytest.raises(LedgerError, match="is a folder"):
            Ledger.open(tmp_path, create=create)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no ledger here"):
        Ledger.open(tmp_path / "no" / "ledger.db", create=True)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="cannot be reached"):
        Ledger.open(tmp_path / "file" / "ledger.db", create=True)


@pytest.mark.parametrize("content", [b"x", b"no database at all" * 100, b"SQLite format 3\x00"])
@pytest.mark.parametrize("create", [False, True])
def test_a_file_of_another_kind_is_not_a_ledger(
    tmp_path: Path,
    content: bytes,
    create: bool,  # noqa: FBT001
) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError):
        Ledger.open(path, create=create)
    assert path.read_bytes() == content


def test_the_sentence_about_a_text_file_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("we shipped it\n" * 100)
    with pytest.raises(LedgerError, match=r"notes.txt is not a SQLite file"):
        Ledger.open(path)


def test_an_emptied_file_does_not_pass_for_a_ledger(ledger: Ledger) -> None:
    ledger.path.write_bytes(b"")
    with pytest.raises(LedgerError, match="the file is empty"):
        Ledger.open(ledger.path)
    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.head()


@pytest.mark.parametrize("create", [False, True])
def test_a_database_of_somebody_else_does_not_become_a_ledger(
    tmp_path: Path,
    create: bool,  # noqa: FBT001
) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="holds no ledger"):
        Ledger.open(path, create=create)
    assert path.read_bytes() == before


def test_a_read_only_ledger_can_be_read_and_verified_but_not_written(
    ledger: Ledger, key: SigningKey
) -> None:
    ledger.path.chmod(0o444)
    copy = Ledger.open(ledger.path)
    assert verify(copy).sound
    with pytest.raises(LedgerError, match=r"read-only, nothing was appended.*chmod u\+w"):
        copy.append("outcome", "v42", {}, at=AT, key=key)
    assert copy.count() == 12


def test_a_ledger_that_goes_away_is_an_error(ledger: Ledger, key: SigningKey) -> None:
    ledger.path.unlink()
    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.head()
    with pytest.raises(LedgerError, match="is gone"):
        ledger.append("outcome", "v42", {}, at=AT, key=key)
    assert not ledger.path.exists()


@pytest.mark.parametrize(
    "said",
    [
        ("approved", "v42", {}, AT),
        ("outcome", "", {}, AT),
        ("outcome", "v42", {"x": float("nan")}, AT),
        ("outcome", "v42", {"why": "\udcff"}, AT),
        ("outcome", "v42", {}, "yesterday"),
        ("evidence_seen", "v42", {}, AT),
    ],
)
def test_a_malformed_entry_leaves_the_ledger_as_it_was(
    ledger: Ledger, key: SigningKey, said: tuple[str, str, dict[str, Any], str]
) -> None:
    kind, subject, body, at = said
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerError):
        ledger.append(kind, subject, body, at=at, key=key)
    assert ledger.path.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET body = '{}' WHERE position = 3",
        "DELETE FROM ledger_entries WHERE position = 11",
        "INSERT OR REPLACE INTO ledger_entries SELECT * FROM ledger_entries WHERE position = 3",
        """
        INSERT INTO ledger_entries SELECT 20, at, kind, subject, body, 'a', key_id, public_key,
        'b', signature FROM ledger_entries WHERE position = 3
        """,
        "UPDATE ledger_keys SET public_key = ''",
        "DELETE FROM ledger_keys",
    ],
)
def test_the_tables_refuse_slips_of_the_hand(ledger: Ledger, statement: str) -> None:
    with (
        closing(sqlite3.connect(ledger.path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match=r"of a ledger|end of the ledger"),
    ):
        connection.execute(statement)
    assert verify(ledger).sound


def test_a_damaged_row_stops_every_reading_however_it_is_filtered(ledger: Ledger) -> None:
    _tamper(ledger.path, "UPDATE ledger_entries SET kind = 'evidence_sen' WHERE position = 1")
    with pytest.raises(LedgerError, match=r"row 1 is not an entry.*verify"):
        list(ledger.entries(kind="call"))
    with pytest.raises(LedgerError, match="row 1 is not an entry"):
        ledger.export(ledger.path.with_name("export.jsonl"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET subject = 'ranker-v44' WHERE position = 11",
        "UPDATE ledger_entries SET body = '{ }' WHERE position = 11",
        "UPDATE ledger_entries SET body = x'7b7d' WHERE position = 11",
    ],
)
def test_nothing_is_chained_to_a_damaged_entry(
    ledger: Ledger, key: SigningKey, statement: str
) -> None:
    _tamper(ledger.path, statement)
    with pytest.raises(LedgerError, match="nothing can be chained to it"):
        ledger.append("outcome", "v42", {}, at=AT, key=key)
    with pytest.raises(LedgerError, match="damaged"):
        ledger.head()
    assert ledger.count() == 12


def test_the_export_has_one_entry_per_line(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    assert ledger.export(path) == 12
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [Entry.of(json.loads(line)) for line in lines] == list(ledger.entries())
    assert "🚢" in lines[0]


def test_an_export_replaces_the_one_before_it_as_a_whole(
    ledger: Ledger, key: SigningKey, tmp_path: Path
) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    ledger.append("outcome", "v42", {}, at=AT, key=key)
    assert ledger.export(path) == 13
    assert len(path.read_bytes().splitlines()) == 13
    assert _names(tmp_path) == ["export.jsonl", "ledger.db"]


def test_an_export_that_fails_leaves_the_one_before_it_and_nothing_else(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LedgerError, match="No space left on device"):
        ledger.export(path)
    assert path.read_bytes() == before
    assert _names(tmp_path) == ["export.jsonl", "ledger.db"]


def test_an_export_never_overwrites_the_ledger(ledger: Ledger) -> None:
    before = ledger.path.read_bytes()
    with pytest.raises(LedgerError, match="is the ledger itself"):
        ledger.export(ledger.path)
    assert ledger.path.read_bytes() == before


def test_an_export_needs_a_folder_and_entries(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.export(tmp_path / "no" / "export.jsonl")
    fresh = Ledger.open(tmp_path / "fresh.db", create=True)
    with pytest.raises(LedgerError, match="has no entries"):
        fresh.export(tmp_path / "export.jsonl")
    assert not (tmp_path / "export.jsonl").exists()
