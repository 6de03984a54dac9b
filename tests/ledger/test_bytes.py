"""What happens to a ledger file when single bytes of it go bad, anywhere."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from shipcall.core import LedgerError
from shipcall.ledger.entry import Entry
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import verify, verify_export


class Truth(NamedTuple):
    """What the undamaged file says."""

    rows: list[tuple[object, ...]]
    entries: list[Entry]


def _truth(ledger: Ledger) -> Truth:
    rows = _rows(ledger.path)
    assert rows
    return Truth(rows, list(ledger.entries()))


def _rows(path: Path) -> list[tuple[object, ...]] | None:
    """What a reader of the file is given as entries, byte for byte; None if it breaks off."""
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        try:
            return connection.execute(
                "SELECT position, at, kind, subject, body, previous, key_id, public_key, hash, "
                "signature FROM ledger_entries ORDER BY position"
            ).fetchall()
        except (sqlite3.Error, UnicodeDecodeError, MemoryError):
            return None


def _silently_different(path: Path, content: bytes, truth: Truth) -> bool:
    """Does the file verify, without a head and without known keys, and say something else?

    Where every row is given as it was, every entry is: only the others need to be verified.
    """
    for companion in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + companion).unlink(missing_ok=True)
    path.write_bytes(content)
    if _rows(path) == truth.rows:
        return False
    try:
        ledger = Ledger.open(path)
        return verify(ledger).sound and list(ledger.entries()) != truth.entries
    except LedgerError:
        return False


def _flipped(content: bytes, place: int, mask: int) -> bytes:
    return content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :]


def _damage(ledger: Ledger, places: list[int], rng: np.random.Generator) -> list[int]:
    truth = _truth(ledger)
    content = ledger.path.read_bytes()
    masks = rng.integers(1, 256, len(places))
    copy = ledger.path.with_name("copy.db")
    return [
        place
        for place, mask in zip(places, masks, strict=True)
        if _silently_different(copy, _flipped(content, place, int(mask)), truth)
    ]


def test_no_byte_anywhere_in_the_file_can_go_bad_in_silence(ledger: Ledger) -> None:
    """300 places spread over the file, its header, and the head of each of its pages, where the
    number of rows of the page stands."""
    rng = np.random.default_rng(20261120)
    size = ledger.path.stat().st_size
    heads = [page + place for page in range(0, size, 4096) for place in range(12)]
    places = [*range(108), *heads, *rng.choice(size, 300, replace=False).tolist()]
    assert _damage(ledger, places, rng) == []


@pytest.mark.large
def test_no_byte_of_an_entry_can_go_bad_in_silence(ledger: Ledger) -> None:
    """From a little before the row of entry 4, where its lengths and types stand, to its end."""
    entry = list(ledger.entries())[4]
    content = ledger.path.read_bytes()
    start = content.index(entry.at.encode()) - 24
    end = content.index(entry.signature.encode()) + len(entry.signature)
    assert 400 < end - start < 900
    assert _damage(ledger, list(range(start, end)), np.random.default_rng(4)) == []


def test_a_bad_byte_within_an_entry_is_always_reported(ledger: Ledger) -> None:
    """Within the text of the row there is no slack at all: every place must be reported."""
    entry = list(ledger.entries())[4]
    content = ledger.path.read_bytes()
    start = content.index(entry.at.encode())
    end = content.index(entry.signature.encode()) + len(entry.signature)
    copy = ledger.path.with_name("copy.db")
    for place in range(start, end, 3):
        copy.write_bytes(_flipped(content, place, 1))
        assert not verify(Ledger.open(copy)).sound


def test_a_page_that_says_it_has_fewer_rows_is_not_a_shorter_ledger(ledger: Ledger) -> None:
    """SQLite file format, 1.6: bytes 3 and 4 of a b-tree page count its cells, 13 marks a table
    leaf. One row less on every such page in turn, and nothing else changed."""
    truth = _truth(ledger)
    content = ledger.path.read_bytes()
    copy = ledger.path.with_name("copy.db")
    leaves = [page for page in range(4096, len(content), 4096) if content[page] == 13]
    assert leaves
    for page in leaves:
        rows = int.from_bytes(content[page + 3 : page + 5], "big")
        fewer = content[: page + 3] + (rows - 1).to_bytes(2, "big") + content[page + 5 :]
        assert rows > 0
        assert not _silently_different(copy, fewer, truth)
        assert not verify(Ledger.open(copy)).sound


@pytest.mark.parametrize("kept", [1, 15, 100, 512, 4096, 5000, 8192, 12288])
def test_a_file_cut_short_is_never_a_shorter_ledger(ledger: Ledger, kept: int) -> None:
    content = ledger.path.read_bytes()
    assert kept < len(content)
    truth = _truth(ledger)
    assert not _silently_different(ledger.path.with_name("copy.db"), content[:kept], truth)


def test_no_byte_of_an_export_can_go_bad(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    content = path.read_bytes()
    rng = np.random.default_rng(12)
    for place in rng.choice(len(content), 300, replace=False).tolist():
        path.write_bytes(_flipped(content, place, int(rng.integers(1, 256))))
        assert not verify_export(path).sound


@pytest.mark.slow
def test_no_byte_of_the_whole_file_can_go_bad_in_silence(ledger: Ledger) -> None:
    """Every fifth byte of the file."""
    rng = np.random.default_rng(5)
    assert _damage(ledger, list(range(0, ledger.path.stat().st_size, 5)), rng) == []
