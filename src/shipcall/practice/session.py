"""Session: where a person stands in one play. A fold over its journal, and nothing else.

    ready --go--> open <--> paused (learn)      everything may be looked at and answered
                  open --lock, or the clock--> locked --retry--> retrying --lock--> locked
                                               locked --reveal--> revealed --> one rule, carried on

Nothing that was done is taken back: the same lines always give the same session.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from shipcall.core import UsageError, plain
from shipcall.practice.answers import FIELDS
from shipcall.practice.finished import Finished, Mode, finished_from
from shipcall.practice.journal import Entry
from shipcall.practice.language import Case
from shipcall.practice.sheet import Sheet, sheet_from
from shipcall.practice.timeline import Account, Did, Step

Phase = Literal["ready", "open", "paused", "locked", "retrying", "revealed"]
FORM = 1
"""Version of the journal's lines."""
SPOT_SECONDS = 90.0
UNTIMED = 1000.0
"""What stands where a factor on the clock is kept as a number and there was no clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What was settled at the beginning of a play."""

    id: str
    case: str
    """Slug."""
    case_digest: str
    """SHA-256 of the case file: another one would be another play."""
    mode: Mode
    extra_time: float | None
    """Factor on the clock; None: no clock."""
    chosen: bool
    """The person chose the case; else it came from the mixed queue."""
    repeat: bool
    """Drawn from a seed that was given, or played from a script: never rated."""
    folder: str | None
    """Where contract and evidence lie, below the workspace; None: nowhere."""
    sealed: str
    commitment: str
    claim: str | None = None
    """The one claim of a spot play."""
    form: int = FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One play as it stands."""

    terms: Terms
    phase: Phase = "ready"
    ran: float = 0.0
    """Seconds on the clock when it last stood still."""
    since: float | None = None
    """Wall time from which it has been running since; None: it stands still."""
    sheet: Sheet = field(default_factory=Sheet)
    """The sheet; fixed once it is locked."""
    second: Sheet | None = None
    """What is answered after the lock and before the reveal; never rated."""
    steps: tuple[Step, ...] = ()
    ran_out: bool = False
    filed: bool = False
    """The evidence lies in the folder, whole."""
    began: float = 0.0
    """Wall time of the beginning."""
    finished: Finished | None = None
    opening: str = ""
    """What had been sealed, once it is revealed."""

    @property
    def account(self) -> Account:
        """The play as the debrief tells it."""
        return Account(steps=self.steps, sheet=self.sheet, ran_out=self.ran_out, second=self.second)

    @property
    def opened(self) -> list[str]:
        """Panels that were opened before the lock, in their order."""
        return self.account.opened

    @property
    def minutes(self) -> float:
        """Evidence-minutes that were used."""
        return sum(step.minutes for step in self.steps)

    @property
    def hints(self) -> int:
        """How many hints were taken."""
        return sum(step.did == "hinted" for step in self.steps)

    @property
    def current(self) -> Sheet:
        """The sheet that answers go to."""
        return self.sheet if self.second is None else self.second

    def seconds(self, wall: float) -> float:
        """Seconds on the clock of the play; a wall clock that is put back stops it, no more."""
        last = self.steps[-1].seconds if self.steps else 0.0
        passed = 0.0 if self.since is None else max(wall - self.since, 0.0)
        return max(self.ran + passed, last)


def limit_of(case: Case, terms: Terms) -> float | None:
    """Seconds after which the sheet locks; None: it never does by itself.

    In learn mode the clock is for information.
    """
    if terms.extra_time is None or terms.mode == "learn":
        return None
    seconds = SPOT_SECONDS if terms.mode == "spot" else 60 * case.minutes
    return seconds * terms.extra_time


def session_from(entries: Iterable[Entry]) -> Session:
    """Fold the lines of a journal.

    Raises:
        UsageError: If they begin with no beginning, or were written by a later version.
    """
    session: Session | None = None
    for entry in entries:
        session = _begun(entry) if session is None else happened(session, entry)
    if session is None:
        raise UsageError("this play ended before it began; remove its file and start another.")
    return session


def happened(session: Session, entry: Entry) -> Session:
    """Give the session after one more line.

    Raises:
        UsageError: If this version does not know what was done.
    """
    if entry.did not in _AFTER:
        raise UsageError(
            f"line {entry.n + 1} of play {session.terms.id} says {entry.did!r}, which this "
            "version does not know. Use the version that wrote it."
        )
    after = _AFTER[entry.did](session, entry)
    if entry.did not in get_args(Did):
        return after
    minutes = float(entry.held.get("minutes", 0.0))
    step = Step(seconds=entry.seconds, did=entry.did, what=entry.what, minutes=minutes)  # type: ignore[arg-type]  # looked up in Did above
    return replace(after, steps=(*after.steps, step))


def _begun(entry: Entry) -> Session:
    if entry.did != "began" or entry.held.get("form") != FORM:
        raise UsageError(
            f"this play begins with {entry.did!r} in form {entry.held.get('form')!r}; this version "
            f"reads form {FORM}. Use the version that wrote it."
        )
    step = Step(seconds=0.0, did="began")
    return Session(terms=Terms(**entry.held), steps=(step,), began=entry.wall)


def _went_on(session: Session, entry: Entry) -> Session:
    return replace(session, phase="open", ran=entry.seconds, since=entry.wall)


def _paused(session: Session, entry: Entry) -> Session:
    return replace(session, phase="paused", ran=entry.seconds, since=None)


def _answered(session: Session, entry: Entry) -> Session:
    form = plain(session.current) | {FIELDS[entry.what]: entry.held["is"]}
    sheet = sheet_from(form)
    if session.second is not None:
        return replace(session, second=sheet)
    return replace(session, sheet=sheet)


def _locked(session: Session, entry: Entry) -> Session:
    ran_out = session.ran_out or bool(entry.held.get("ran_out"))
    return replace(session, phase="locked", ran=entry.seconds, since=None, ran_out=ran_out)


def _retried(session: Session, entry: Entry) -> Session:
    del entry
    return replace(session, phase="retrying", second=session.sheet)


def _filed(session: Session, entry: Entry) -> Session:
    del entry
    return replace(session, filed=True)


def _revealed(session: Session, entry: Entry) -> Session:
    return replace(
        session,
        phase="revealed",
        opening=str(entry.held["opening"]),
        finished=finished_from(entry.held["finished"]),
    )


def _carried(session: Session, entry: Entry) -> Session:
    if session.finished is None:
        return session
    return replace(session, finished=replace(session.finished, rule=str(entry.held["rule"])))


def _as_it_was(session: Session, entry: Entry) -> Session:
    del entry
    return session


_AFTER: Mapping[str, Callable[[Session, Entry], Session]] = {
    "went on": _went_on,
    "paused": _paused,
    "opened": _as_it_was,
    "looked again": _as_it_was,
    "answered": _answered,
    "hinted": _as_it_was,
    "locked": _locked,
    "filed": _filed,
    "retried": _retried,
    "revealed": _revealed,
    "carried": _carried,
}
