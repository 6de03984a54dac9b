import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shipcall.core import LedgerError
from shipcall.ledger import migrations, store
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify

AT = "2026-11-20T13:31:04Z"


@pytest.fixture
def first_schema(tmp_path: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger with three entries, as the first step alone would have made it."""
    path = tmp_path / "old.db"
    with monkeypatch.context() as before:
        before.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
        ledger = Ledger.open(path, create=True)
        for number in range(3):
            ledger.append("outcome", "v42", {"number": number}, at=AT, key=key)
    return path


def _rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


STEPS = "SELECT number, name FROM ledger_migrations ORDER BY number"
TRIGGERS = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"


def test_a_new_ledger_has_every_step_behind_it(ledger: Ledger) -> None:
    assert _rows(ledger.path, STEPS) == [(1, "tables"), (2, "fences")]
    assert _rows(ledger.path, TRIGGERS) == [(5,)]


def test_whoever_comes_second_finds_the_ledger_made(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both saw an empty file; the other had its turn first."""
    before = ledger.head()
    monkeypatch.setattr(store, "is_empty", lambda _: True)
    assert Ledger.open(ledger.path, create=True).head() == before
    assert _rows(ledger.path, STEPS) == [(1, "tables"), (2, "fences")]


def test_an_old_ledger_is_read_and_verified_as_it_is(first_schema: Path) -> None:
    before = first_schema.read_bytes()
    ledger = Ledger.open(first_schema, create=True)
    assert verify(ledger).sound
    assert ledger.count() == 3
    assert first_schema.read_bytes() == before


def test_the_first_append_brings_an_old_ledger_up_to_date(
    first_schema: Path, key: SigningKey
) -> None:
    ledger = Ledger.open(first_schema)
    before = list(ledger.entries())
    added = ledger.append("outcome", "v42", {}, at=AT, key=key)
    assert list(ledger.entries()) == [*before, added]
    assert verify(ledger).sound
    assert _rows(first_schema, STEPS) == [(1, "tables"), (2, "fences")]
    assert _rows(first_schema, TRIGGERS) == [(5,)]


def test_an_append_that_fails_does_not_leave_half_a_migration(first_schema: Path) -> None:
    before = first_schema.read_bytes()
    with pytest.raises(AttributeError):
        Ledger.open(first_schema).append("outcome", "v42", {}, at=AT, key=None)  # type: ignore[arg-type]
    assert first_schema.read_bytes() == before


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO ledger_migrations VALUES (3, 'of the future')",
        "UPDATE ledger_migrations SET name = 'other' WHERE number = 1",
        "DELETE FROM ledger_migrations",
    ],
)
def test_tables_this_version_does_not_know_are_left_alone(
    ledger: Ledger, key: SigningKey, change: str
) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute(change)
        connection.commit()
    for use in (
        lambda: Ledger.open(ledger.path),
        lambda: verify(ledger),
        lambda: ledger.append("outcome", "v42", {}, at=AT, key=key),
    ):
        with pytest.raises(LedgerError, match="newer version wrote it, or it is damaged"):
            use()
