import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from shipcall.core import LedgerError, UsageError
from shipcall.ledger.chain import Draft, entry_hash, extend
from shipcall.ledger.entry import NOTHING_BEFORE, Entry, Kind
from shipcall.ledger.migrations import FENCES
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger
from shipcall.ledger.verify import Flaw, Verification, verify, verify_export

AT = "2026-11-20T13:31:04Z"


def _flaws(found: Verification) -> list[tuple[str, int | None]]:
    return [(problem.flaw.value, problem.index) for problem in found.problems]


def _rewritten(entries: Sequence[Entry], key: SigningKey) -> list[Entry]:
    """Somebody writes the whole ledger anew with a key of their own."""
    made: list[Entry] = []
    for entry in entries:
        draft = Draft(kind=entry.kind, subject=entry.subject, body=entry.body, at=entry.at)
        made.append(extend(made[-1] if made else None, draft, key, introduce=not made))
    return made


def test_an_untouched_ledger_verifies(
    ledger: Ledger, key: SigningKey, other_key: SigningKey
) -> None:
    entries = list(ledger.entries())
    keys = [key.public, other_key.public]
    for thing in (ledger, entries, iter(entries)):
        found = verify(thing, head=entries[-1].hash, public_keys=keys)
        assert found.sound
        assert found.problems == ()
        assert (found.entries, found.head) == (12, entries[-1].hash)
        assert found.key_ids == (key.key_id, other_key.key_id)
        assert found.head_expected
        assert found.keys_pinned
        found.demand()


def test_what_was_not_asked_for_is_not_claimed(ledger: Ledger) -> None:
    found = verify(ledger)
    assert found.sound
    assert not found.head_expected
    assert not found.keys_pinned


def test_a_ledger_without_entries_is_sound_unless_something_was_expected(tmp_path: Path) -> None:
    fresh = Ledger.open(tmp_path / "fresh.db", create=True)
    assert verify(fresh).sound
    assert verify(fresh, head=NOTHING_BEFORE).sound
    assert verify(fresh).entries == 0
    assert _flaws(verify(fresh, head="a" * 64)) == [("truncated", None)]


def test_a_changed_entry_is_named_with_both_hashes(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    entries[4] = replace(entries[4], body={"stage": "rollout", "share": 1.0})
    found = verify(entries)
    assert _flaws(found) == [("changed", 4)]
    was, now = entries[4].hash[:12], entry_hash(entries[4])[:12]
    assert f"entry 4 was changed after it was written (expected {was}…, found {now}…)" in str(
        found.problems[0]
    )


def test_a_changed_entry_with_a_new_hash_has_no_signature_and_breaks_the_link(
    ledger: Ledger,
) -> None:
    entries = list(ledger.entries())
    changed = replace(entries[4], subject="ranker-v99")
    entries[4] = replace(changed, hash=entry_hash(changed))
    assert _flaws(verify(entries)) == [("signature", 4), ("link", 5)]


def test_a_signature_of_another_entry_is_wrong(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    entries[5] = replace(entries[5], signature=entries[4].signature)
    assert _flaws(verify(entries)) == [("signature", 5)]


def test_an_entry_taken_out_leaves_a_gap(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    found = verify(entries[:4] + entries[6:])
    assert _flaws(found) == [("gap", 6), ("link", 6)]
    assert "entries 4 to 5 are not there" in str(found.problems[0])
    assert _flaws(verify(entries[1:]))[:2] == [("gap", 1), ("link", 1)]


def test_an_entry_taken_out_and_the_rest_renumbered_is_seen(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    closed = [*entries[:10], replace(entries[11], index=10)]
    assert _flaws(verify(closed)) == [("link", 10), ("changed", 10)]


def test_entries_that_changed_places_are_seen(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    entries[7], entries[8] = entries[8], entries[7]
    flaws = _flaws(verify(entries))
    assert ("gap", 8) in flaws
    assert ("order", 7) in flaws
    assert ("link", 9) in flaws


def test_an_entry_that_was_doubled_is_seen(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    assert _flaws(verify([*entries, entries[-1]])) == [("order", 11), ("link", 11)]


@pytest.mark.parametrize("kept", [0, 1, 11])
def test_entries_cut_off_the_end_are_seen_by_the_head(ledger: Ledger, kept: int) -> None:
    head = ledger.head()
    short = list(ledger.entries())[:kept]
    assert verify(short).sound
    found = verify(short, head=f"sha256:{head}")
    assert _flaws(found) == [("truncated", None)]
    assert "cut off" in str(found.problems[0])


def test_a_head_of_the_past_stays_in_the_chain(ledger: Ledger, key: SigningKey) -> None:
    head = ledger.head()
    ledger.append("outcome", "v42", {}, at=AT, key=key)
    assert verify(ledger, head=head).sound


def test_a_head_that_is_only_claimed_does_not_count(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    head = entries[-1].hash
    entries[-1] = replace(entries[-1], subject="ranker-v99")
    assert ("truncated", None) in _flaws(verify(entries, head=head))


@pytest.mark.parametrize("head", ["", "abc", "0" * 63, "sha256:", "md5:" + "0" * 64])
def test_a_head_that_is_none_is_a_mistake_of_the_caller(ledger: Ledger, head: str) -> None:
    with pytest.raises(UsageError, match="not a SHA-256"):
        verify(ledger, head=head)


def test_a_ledger_rewritten_with_another_key_fails_against_known_keys_and_heads(
    ledger: Ledger, key: SigningKey, other_key: SigningKey
) -> None:
    forged = _rewritten(list(ledger.entries()), other_key)
    assert verify(forged).sound
    pinned = verify(forged, public_keys=[key.public])
    assert _flaws(pinned) == [("key", index) for index in range(12)]
    assert _flaws(verify(forged, head=ledger.head())) == [("truncated", None)]
    assert _flaws(verify(forged, public_keys=[])) == [("key", index) for index in range(12)]


def test_one_entry_by_a_stranger_fails_against_known_keys(
    ledger: Ledger, key: SigningKey, other_key: SigningKey
) -> None:
    assert _flaws(verify(ledger, public_keys=[key.public])) == [("key", 3), ("key", 9)]
    assert _flaws(verify(ledger, public_keys=[other_key.public])) == [
        ("key", index) for index in range(12) if index not in (3, 9)
    ]


def test_a_key_that_no_entry_introduces_is_unknown(key: SigningKey) -> None:
    draft = Draft(kind=Kind.OUTCOME, subject="v42", body={}, at=AT)
    first = extend(None, draft, key, introduce=False)
    found = verify([first])
    assert _flaws(found) == [("key", 0)]
    assert verify([first], public_keys=[key.public]).sound


def test_a_key_under_the_id_of_another_is_seen(key: SigningKey, other_key: SigningKey) -> None:
    """The forger signs with a key of their own and names the id of the owner."""
    draft = Draft(kind=Kind.OUTCOME, subject="v42", body={}, at=AT)
    forged = replace(extend(None, draft, other_key, introduce=True), key_id=key.key_id)
    digest = entry_hash(forged)
    forged = replace(forged, hash=digest, signature=other_key.sign(bytes.fromhex(digest)).hex())
    assert _flaws(verify([forged])) == [("key", 0)]
    assert _flaws(verify([forged], public_keys=[key.public])) == [("key", 0), ("signature", 0)]


def test_a_body_that_cannot_be_hashed_or_counted_is_malformed(
    ledger: Ledger, key: SigningKey
) -> None:
    entries = list(ledger.entries())
    entries[4] = replace(entries[4], body={"share": float("nan")})
    draft = Draft(kind=Kind.EVIDENCE_SEEN, subject="v42", body={"stage": "gate"}, at=AT)
    entries.append(extend(entries[-1], draft, key, introduce=False))
    assert _flaws(verify(entries)) == [("malformed", 4), ("malformed", 12)]


def test_every_problem_is_listed_and_demanded_away(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    entries[2] = replace(entries[2], at=AT)
    entries[5] = replace(entries[5], signature="0" * 128)
    found = verify(entries[:9], head=entries[11].hash)
    assert _flaws(found) == [("changed", 2), ("signature", 5), ("truncated", None)]
    with pytest.raises(LedgerError, match=r"(?s)entry 2 .*entry 5.*Nothing was evaluated"):
        found.demand()


def _edit(path: Path, *statements: str, fences: bool = True) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for name in FENCES:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for fence in FENCES.values() if fences else ():
            connection.execute(fence)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "flaws"),
    [
        ("UPDATE ledger_entries SET at = '2026-11-19T13:00:04Z' WHERE position = 2", {"changed"}),
        ("UPDATE ledger_entries SET body = '{}' WHERE position = 2", {"changed"}),
        ("UPDATE ledger_entries SET body = body || ' ' WHERE position = 2", {"malformed"}),
        ("UPDATE ledger_entries SET body = 'ship it' WHERE position = 2", {"malformed"}),
        ("UPDATE ledger_entries SET kind = 'approved' WHERE position = 2", {"malformed"}),
        ("UPDATE ledger_entries SET public_key = NULL WHERE position = 0", {"changed", "key"}),
        ("DELETE FROM ledger_entries WHERE position = 2", {"gap"}),
        ("DELETE FROM ledger_entries", {"file", "truncated"}),
        ("UPDATE ledger_entries SET position = 12 WHERE position = 2", {"gap"}),
        ("DELETE FROM ledger_entries WHERE position = 11", {"truncated"}),
        ("DELETE FROM ledger_keys", {"file"}),
        ("UPDATE ledger_keys SET public_key = key_id", {"file"}),
        ("INSERT INTO ledger_keys VALUES ('a', 'b')", {"file"}),
    ],
)
def test_edits_of_the_file_are_seen_even_with_the_triggers_put_back(
    ledger: Ledger, statement: str, flaws: set[str]
) -> None:
    head = ledger.head()
    _edit(ledger.path, statement)
    found = verify(Ledger.open(ledger.path), head=head)
    assert flaws <= {problem.flaw.value for problem in found.problems}
    assert not found.sound


def test_triggers_that_were_removed_are_seen(ledger: Ledger) -> None:
    _edit(ledger.path, fences=False)
    assert _flaws(verify(ledger)) == [("file", None)]


def test_a_damaged_database_is_seen(ledger: Ledger) -> None:
    _edit(
        ledger.path,
        "PRAGMA writable_schema = ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'kind TEXT NOT NULL', 'kind TEXT UNIQUE') "
        "WHERE name = 'ledger_entries'",
    )
    with pytest.raises(LedgerError, match="cannot be used"):
        verify(ledger)


def test_a_sound_export_verifies(ledger: Ledger, tmp_path: Path, key: SigningKey) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    found = verify_export(path, head=ledger.head())
    assert found.sound
    assert found.entries == 12
    assert {flaw for flaw, _ in _flaws(verify_export(path, public_keys=[key.public]))} == {"key"}


@pytest.mark.parametrize(
    ("edit", "flaws"),
    [
        (lambda lines: lines[:3] + lines[4:], {"gap", "link"}),
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], {"gap", "order", "link"}),
        (lambda lines: lines[:-1], {"truncated"}),
        (lambda lines: lines[:0], {"truncated"}),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], {"truncated"}),
        (lambda lines: [*lines[:-1], lines[-1][:-40]], {"truncated", "malformed"}),
        (lambda lines: [*lines, b"\n"], {"malformed"}),
        (lambda lines: [b"[]\n", *lines[1:]], {"malformed"}),
        (lambda lines: [lines[0].replace(b":", b": ", 1), *lines[1:]], {"malformed"}),
        (lambda lines: [lines[0].replace("ü".encode(), b"\xff"), *lines[1:]], {"malformed"}),
        (lambda lines: [*lines[:3], lines[3].replace(b"0.65", b"0.95"), *lines[4:]], {"changed"}),
    ],
)
def test_an_edited_export_does_not_verify(
    ledger: Ledger, tmp_path: Path, edit: object, flaws: set[str]
) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    assert callable(edit)
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))
    found = verify_export(path, head=ledger.head())
    assert flaws <= {problem.flaw.value for problem in found.problems}


def test_an_unreadable_line_is_named_and_the_rest_is_still_looked_at(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "export.jsonl"
    ledger.export(path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"{}\n"
    lines[5] = json.dumps(json.loads(lines[5])).encode() + b"\n"
    path.write_bytes(b"".join(lines))
    found = verify_export(path)
    assert _flaws(found) == [("malformed", 2), ("malformed", 5)]
    assert "line 3 is not an entry" in str(found.problems[0])


def test_an_empty_export_is_not_a_sound_one(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"")
    found = verify_export(path)
    assert _flaws(found) == [("truncated", None)]
    assert found.entries == 0


def test_an_export_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "export.jsonl", tmp_path):
        with pytest.raises(LedgerError, match="cannot be read"):
            verify_export(path)


def test_every_flaw_has_a_name_of_its_own() -> None:
    assert len(Flaw) == 9


@pytest.mark.large
def test_ten_thousand_entries_verify(key: SigningKey) -> None:
    last = None
    entries = []
    for number in range(10_000):
        draft = Draft(kind=Kind.OUTCOME, subject="v42", body={"number": number}, at=AT)
        last = extend(last, draft, key, introduce=last is None)
        entries.append(last)
    assert verify(entries).sound
