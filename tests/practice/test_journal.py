"""A line of a journal is on disk before it counts, and damage never passes for an answer."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shipcall.core import UsageError
from shipcall.practice.journal import Entry, Journal, read_journal


def entry(n: int, **changes: Any) -> Entry:
    return replace(Entry(n=n, wall=1.5 + n, seconds=float(n), did="answered"), **changes)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "plays" / "one.jsonl"
    journal = Journal.begin(file)
    for n in range(3):
        journal.append(entry(n, what="why", held={"is": f"réason {n}"}))
    return file


def test_what_was_written_is_read_back(path: Path) -> None:
    found = read_journal(path)
    assert [one.held["is"] for one in found.entries] == ["réason 0", "réason 1", "réason 2"]
    assert found.sound == found.size == path.stat().st_size


def test_a_line_is_in_the_file_before_append_returns(path: Path) -> None:
    before = path.read_bytes()
    Journal.resume(path).append(entry(3))
    assert path.read_bytes().startswith(before)
    assert json.loads(path.read_bytes()[len(before) :])["n"] == 3


def test_only_its_owner_can_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0


def test_a_journal_is_never_overwritten(path: Path) -> None:
    with pytest.raises(UsageError, match="is there already"):
        Journal.begin(path)


@pytest.mark.parametrize("cut", [1, 2, 30])
def test_a_last_line_that_was_cut_off_never_counted(path: Path, cut: int) -> None:
    path.write_bytes(path.read_bytes()[:-cut])
    found = read_journal(path)
    assert len(found.entries) == 2
    assert found.sound < found.size


def test_the_next_line_takes_the_place_of_one_that_was_cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])
    Journal.resume(path).append(entry(2, held={"is": "again"}))
    found = read_journal(path)
    assert [one.n for one in found.entries] == [0, 1, 2]
    assert found.entries[2].held == {"is": "again"}


def test_reading_alone_leaves_a_line_that_was_cut_off_in_place(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])
    before = path.read_bytes()
    read_journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("line", [0, 1, 2])
def test_a_changed_answer_is_refused_with_file_and_line(path: Path, line: int) -> None:
    path.write_bytes(path.read_bytes().replace(f"son {line}".encode(), b"son 9"))
    with pytest.raises(UsageError, match=rf"one\.jsonl:{line + 1}: this line is not what was"):
        read_journal(path)


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda lines: [lines[0], lines[2]], 2),
        (lambda lines: [lines[1], lines[0], lines[2]], 1),
        (lambda lines: [*lines, lines[2]], 4),
        (lambda lines: [lines[0], b"garbage\n", lines[2]], 2),
        (lambda lines: [lines[0], b"[1]\n", lines[2]], 2),
        (lambda lines: [lines[0], b"\n", *lines[1:]], 2),
        (lambda lines: [lines[0], b"\xff\xfe\n", lines[2]], 2),
        (lambda lines: [lines[0], b'{"n": 1}\n', lines[2]], 2),
    ],
    ids=["lost", "swapped", "twice", "garbage", "list", "blank", "bytes", "short"],
)
def test_any_other_damage_is_refused_with_file_and_line(path: Path, change: Any, line: int) -> None:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(UsageError, match=rf"one\.jsonl:{line}: this line is "):
        read_journal(path)


def test_two_programs_do_not_write_to_one_play(path: Path) -> None:
    first, second = Journal.resume(path), Journal.resume(path)
    first.append(entry(3))
    with pytest.raises(UsageError, match="goes on in another window"):
        second.append(entry(3))
    assert len(read_journal(path).entries) == 4


def test_a_play_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_journal(tmp_path / "none.jsonl")


def test_an_answer_that_cannot_be_kept_is_not_taken_for_kept(path: Path) -> None:
    journal = Journal.resume(path)
    path.unlink()
    with pytest.raises(UsageError, match="could not be kept"):
        journal.append(entry(3))
    assert len(journal.entries) == 3


def test_a_full_disk_leaves_no_half_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os  # noqa: PLC0415

    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda handle, line: write(handle, line[:10]))
    with pytest.raises(UsageError, match="disk is full"):
        Journal.resume(path).append(entry(3))
    assert path.read_bytes() == before
