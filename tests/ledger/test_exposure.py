from typing import Any

import pytest

from shipcall.core import LedgerError, digest
from shipcall.ledger.chain import Draft, extend
from shipcall.ledger.entry import Entry, Kind
from shipcall.ledger.exposure import consultations, eval_set_fingerprint, looks, seen
from shipcall.ledger.sign import SigningKey
from shipcall.ledger.store import Ledger

HOME = eval_set_fingerprint("home", "ab" * 32)
MAIL = eval_set_fingerprint("mail", None)


def _chain(key: SigningKey, *said: tuple[Kind, str, dict[str, Any]]) -> list[Entry]:
    entries: list[Entry] = []
    for kind, subject, body in said:
        draft = Draft(kind=kind, subject=subject, body=body, at="2026-11-20T13:31:04Z")
        last = entries[-1] if entries else None
        entries.append(extend(last, draft, key, introduce=not entries))
    return entries


def _look(
    evidence: str,
    *,
    release: str = "v42",
    stage: str = "gate",
    contract: str = "c",
    eval_set: str | None = HOME,
) -> tuple[Kind, str, dict[str, Any]]:
    files = {"rankings": evidence * 64} if evidence else {}
    body = seen(stage=stage, contract=contract * 64, evidence=files, eval_set=eval_set)
    return Kind.EVIDENCE_SEEN, release, body


def test_each_distinct_evidence_is_one_consultation(key: SigningKey) -> None:
    """Counted by hand: a, b and d of the home set; e belongs to another set, f to none."""
    entries = _chain(
        key,
        _look("a"),
        _look("a"),
        _look("b"),
        (Kind.VERDICT, "v42", {"call": "HOLD"}),
        _look("d", release="v43", contract="e", stage="shadow"),
        _look("a", release="v43"),
        _look("e", eval_set=MAIL),
        _look("f", eval_set=None),
    )
    assert consultations(entries, HOME) == 3
    assert consultations(entries, MAIL) == 1
    assert consultations(entries, eval_set_fingerprint("never", None)) == 0


def test_a_new_name_for_the_same_rows_does_not_start_the_count_again(key: SigningKey) -> None:
    renamed = eval_set_fingerprint("home-final-v2", "sha256:" + "AB" * 32)
    entries = _chain(key, _look("a", eval_set=HOME), _look("b", eval_set=renamed))
    assert renamed == HOME
    assert consultations(entries, HOME) == 2


def test_a_set_without_a_hash_goes_by_its_name() -> None:
    assert eval_set_fingerprint("home", None) == eval_set_fingerprint(" home ", None)
    assert eval_set_fingerprint("home", None) != eval_set_fingerprint("mail", None)


def test_a_look_at_which_nothing_was_there_is_not_counted(key: SigningKey) -> None:
    entries = _chain(key, _look(""), _look("a"))
    assert consultations(entries, HOME) == 1
    assert len(looks(entries, "v42", "gate", "c" * 64)) == 1


def test_looks_are_the_distinct_evidence_in_the_order_it_was_seen(key: SigningKey) -> None:
    """By hand: b, a, d; the second b is no new look; the others are elsewhere."""
    entries = _chain(
        key,
        _look("b"),
        _look("a"),
        _look("b"),
        _look("1", release="v43"),
        _look("2", stage="shadow"),
        _look("3", contract="e"),
        _look("d"),
    )
    expected = [digest({"rankings": sign * 64}) for sign in "bad"]
    assert looks(entries, "v42", "gate", "c" * 64) == expected


def test_an_amendment_need_not_start_the_looks_again(key: SigningKey) -> None:
    entries = _chain(key, _look("a"), _look("b", contract="e"), _look("a", contract="e"))
    assert len(looks(entries, "v42", "gate", "c" * 64)) == 1
    assert len(looks(entries, "v42", "gate", "e" * 64)) == 2
    assert len(looks(entries, "v42", "gate", None)) == 2


def test_looks_are_counted_from_a_real_ledger(ledger: Ledger) -> None:
    entries = list(ledger.entries())
    assert consultations(entries, HOME) == 2
    assert len(looks(entries, "ranker-v42", "gate", "c" * 64)) == 1


GOOD = seen(stage="gate", contract="c" * 64, evidence={"rankings": "a" * 64}, eval_set=HOME)


@pytest.mark.parametrize(
    "fault",
    [
        {"stage": ""},
        {"stage": None},
        {"contract": "c" * 63},
        {"contract": "C" * 64},
        {"evidence": None},
        {"evidence": {"rankings": "unknown"}},
        {"evidence": {"rankings": None}},
        {"eval_set": "home"},
        {"eval_set": 3},
        {"note": "one field too many"},
    ],
)
def test_a_look_that_cannot_be_counted_is_refused_when_written_and_when_read(
    ledger: Ledger, key: SigningKey, fault: dict[str, Any]
) -> None:
    body = {**GOOD, **fault}
    before = ledger.head()
    with pytest.raises(LedgerError, match="evidence_seen"):
        ledger.append("evidence_seen", "v42", body, at="2026-11-20T13:31:04Z", key=key)
    assert ledger.head() == before
    entries = _chain(key, (Kind.EVIDENCE_SEEN, "v42", body))
    with pytest.raises(LedgerError, match="evidence_seen"):
        consultations(entries, HOME)
    with pytest.raises(LedgerError, match="evidence_seen"):
        looks(entries, "v42", "gate", None)


def test_a_field_that_is_not_there_is_refused() -> None:
    with pytest.raises(TypeError):
        seen(stage="gate", contract="c" * 64)  # type: ignore[call-arg]


def test_what_is_no_fingerprint_counts_nothing_and_says_so() -> None:
    with pytest.raises(LedgerError, match="not a fingerprint"):
        consultations([], "home")
    with pytest.raises(LedgerError, match="not a hexadecimal SHA-256"):
        eval_set_fingerprint("home", "3b0c91e5…")
