"""Verification: everything that is wrong with a ledger, not only the first thing.

What can be shown, and from what:

* from the ledger alone: that no entry was changed, taken out, put in or moved by somebody who
  does not hold a key that signed in it;
* with a head printed earlier: that nothing up to that head was cut off or rewritten;
* with public keys known from elsewhere: that nobody else wrote any of it.

Without either of the last two, a ledger that was rewritten from its first entry with a new key
looks like a sound one, and so does one whose last entries were cut off.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from shipcall.core import LedgerError, UsageError
from shipcall.ledger.chain import entry_hash, signed_by
from shipcall.ledger.entry import NOTHING_BEFORE, Entry, Unreadable, read_back
from shipcall.ledger.exposure import check_body
from shipcall.ledger.sign import PublicKey
from shipcall.ledger.store import Ledger

_HEAD = re.compile(r"(sha256:)?([0-9a-f]{64})")
_SHOWN = 12


class Flaw(StrEnum):
    """What can be wrong with a ledger."""

    CHANGED = "changed"
    """The content of an entry does not have the hash it claims."""
    SIGNATURE = "signature"
    """The signature is not that of the key the entry names."""
    KEY = "key"
    """The key is not known, not trusted, or not the one its id says."""
    LINK = "link"
    """The entry does not follow the one before it."""
    GAP = "gap"
    """Entries are not there."""
    ORDER = "order"
    """An entry stands where another belongs."""
    TRUNCATED = "truncated"
    """The expected head is not in the chain."""
    MALFORMED = "malformed"
    """A row, a line or a body is not what a ledger holds."""
    FILE = "file"
    """The database itself is damaged, or its tables disagree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong."""

    flaw: Flaw
    index: int | None
    """The entry it is about; None where it is about the whole."""
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What a look at every entry found."""

    entries: int
    """Rows or lines that were looked at, readable or not."""
    head: str
    """Hash that the last entry claims; `NOTHING_BEFORE` without one."""
    key_ids: tuple[str, ...]
    """Keys the entries name, in order of first use: a person should know each of them."""
    problems: tuple[Problem, ...]
    head_expected: bool
    """A head from elsewhere was held against the chain. Without: a cut at the end is unseen."""
    keys_pinned: bool
    """Keys from elsewhere were used. Without: a chain rewritten with a new key is unseen."""

    @property
    def sound(self) -> bool:
        """Was nothing found?"""
        return not self.problems

    def demand(self) -> None:
        """Go on only if nothing was found.

        Raises:
            LedgerError: With every problem.
        """
        if self.problems:
            lines = "\n".join(f"  {problem}" for problem in self.problems)
            raise LedgerError(
                f"the ledger does not verify:\n{lines}\nNothing was evaluated. "
                "Restore the file from a backup or an export."
            )


def verify(
    ledger: Ledger | Iterable[Entry],
    *,
    head: str | None = None,
    public_keys: Iterable[PublicKey] | None = None,
) -> Verification:
    """Look for every sign of tampering or damage.

    Args:
        ledger: A ledger, or all entries of one from the first on.
        head: Hash that must be in the chain, such as the one printed in a report; with or
            without "sha256:" before it.
        public_keys: The only keys that may have signed. None: the keys which the entries
            themselves introduce.

    Raises:
        LedgerError: If the database cannot be read at all.
        UsageError: If the head is not a SHA-256.
    """
    walk = _Walk.prepared(head, public_keys)
    if isinstance(ledger, Ledger):
        stored = ledger.stored()
        for place in stored.entries:
            walk.look_at(place)
        walk.compare_keys(stored.keys)
        for damage in stored.damage:
            walk.note(Flaw.FILE, None, f"the database is damaged: {damage}")
        if not stored.fences:
            walk.note(Flaw.FILE, None, "the triggers against changes were removed or replaced")
    else:
        for entry in ledger:
            walk.look_at(entry)
    return walk.finished()


def verify_export(
    path: Path,
    *,
    head: str | None = None,
    public_keys: Iterable[PublicKey] | None = None,
) -> Verification:
    """Look for every sign of tampering or damage in an export.

    Args:
        path: File with one JSON object per line, as `Ledger.export` writes it.
        head: As for `verify`.
        public_keys: As for `verify`.

    Raises:
        LedgerError: If the file cannot be read.
        UsageError: If the head is not a SHA-256.
    """
    walk = _Walk.prepared(head, public_keys)
    try:
        content = path.read_bytes()
    except OSError as why:
        raise LedgerError(f"{path}: the export cannot be read ({why.strerror}).") from why
    for place in _lines(content):
        walk.look_at(place)
    if not content:
        walk.note(Flaw.TRUNCATED, None, "the export is empty: there is nothing to verify")
    elif not content.endswith(b"\n"):
        walk.note(Flaw.TRUNCATED, None, "the export breaks off within its last line")
    return walk.finished()


def _lines(content: bytes) -> Iterator[Entry | Unreadable]:
    for number, line in enumerate(content.removesuffix(b"\n").split(b"\n"), start=1):
        if not content:
            return
        try:
            yield Entry.of(read_back(line.decode("utf-8", "surrogateescape")))
        except LedgerError as why:
            yield Unreadable(f"line {number}", str(why))


@dataclass(slots=True)
class _Walk:
    """One pass over the entries, noting problems on the way."""

    head: str | None
    trusted: dict[str, PublicKey] | None
    problems: list[Problem] = field(default_factory=list)
    entries: int = 0
    expected: int = 0
    """Index which the next entry should have."""
    before: str | None = NOTHING_BEFORE
    """Hash that the entry before claims; None if that cannot be read."""
    last: str = NOTHING_BEFORE
    heads: set[str] = field(default_factory=lambda: {NOTHING_BEFORE})
    introduced: dict[str, PublicKey] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)

    @classmethod
    def prepared(cls, head: str | None, public_keys: Iterable[PublicKey] | None) -> "_Walk":
        trusted = None if public_keys is None else {key.key_id: key for key in public_keys}
        return cls(head=_bare(head), trusted=trusted)

    def note(self, flaw: Flaw, index: int | None, sentence: str) -> None:
        self.problems.append(Problem(flaw=flaw, index=index, sentence=sentence))

    def look_at(self, place: Entry | Unreadable) -> None:
        self.entries += 1
        if isinstance(place, Unreadable):
            sentence = f"{place.place} is not an entry: {place.why}"
            self.note(Flaw.MALFORMED, self.expected, sentence)
            self.expected += 1
            self.before = None
            return
        self._look_at_place(place)
        self._look_at_content(place)
        self._look_at_signature(place)
        self.expected = max(self.expected, place.index + 1)
        self.before = self.last = place.hash

    def _look_at_place(self, entry: Entry) -> None:
        if entry.index > self.expected:
            gone = _range(self.expected, entry.index - 1)
            self.note(Flaw.GAP, entry.index, f"{gone} not there, entry {entry.index} is")
        elif entry.index < self.expected:
            sentence = f"entry {entry.index} stands where entry {self.expected} belongs"
            self.note(Flaw.ORDER, entry.index, sentence)
        if self.before is not None and entry.previous != self.before:
            self.note(
                Flaw.LINK,
                entry.index,
                f"entry {entry.index} follows {_short(entry.previous)}, "
                f"but the entry before it is {_short(self.before)}",
            )

    def _look_at_content(self, entry: Entry) -> None:
        try:
            computed = entry_hash(entry)
            check_body(entry.kind, entry.body)
        except (LedgerError, TypeError, ValueError) as why:
            self.note(Flaw.MALFORMED, entry.index, f"entry {entry.index} is malformed: {why}")
            return
        self.heads.add(computed)
        if computed != entry.hash:
            self.note(
                Flaw.CHANGED,
                entry.index,
                f"entry {entry.index} was changed after it was written "
                f"(expected {_short(entry.hash)}, found {_short(computed)})",
            )

    def _look_at_signature(self, entry: Entry) -> None:
        self.used.setdefault(entry.key_id)
        if entry.public_key is not None:
            self.introduced.setdefault(entry.key_id, PublicKey.of(entry.public_key))
            if PublicKey.of(entry.public_key).key_id != entry.key_id:
                sentence = f"entry {entry.index} brings a key whose id is not the one it names"
                self.note(Flaw.KEY, entry.index, sentence)
        known = self.introduced if self.trusted is None else self.trusted
        key = known.get(entry.key_id)
        if key is None:
            whom = "no entry up to it introduces" if self.trusted is None else "you did not name"
            sentence = f"entry {entry.index} is signed by {_short(entry.key_id)}, a key {whom}"
            self.note(Flaw.KEY, entry.index, sentence)
        elif not signed_by(entry, key):
            sentence = f"entry {entry.index}: the signature is not by {_short(entry.key_id)}"
            self.note(Flaw.SIGNATURE, entry.index, sentence)

    def compare_keys(self, stored: Iterable[tuple[object, object]]) -> None:
        introduced = {(key_id, key.hex) for key_id, key in self.introduced.items()}
        for key_id, _ in sorted(introduced ^ set(stored), key=str):
            sentence = f"the table of keys and the entries disagree about key {key_id}"
            self.note(Flaw.FILE, None, sentence)

    def finished(self) -> Verification:
        if self.head is not None and self.head not in self.heads:
            self.note(
                Flaw.TRUNCATED,
                None,
                f"no entry has the expected head {_short(self.head)}: "
                "the end was cut off, or the ledger was rewritten",
            )
        return Verification(
            entries=self.entries,
            head=self.last,
            key_ids=tuple(self.used),
            problems=tuple(self.problems),
            head_expected=self.head is not None,
            keys_pinned=self.trusted is not None,
        )


def _bare(head: str | None) -> str | None:
    if head is None:
        return None
    match = _HEAD.fullmatch(head.strip().lower())
    if match is None:
        raise UsageError(f"head {head!r} is not a SHA-256. Give all 64 digits of the report.")
    return match[2]


def _short(digest: str) -> str:
    return f"{digest[:_SHOWN]}…"


def _range(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
