"""Desk: one person at one play. Checks what may be done, writes it down, and only then does it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shipcall.core import UsageError, plain
from shipcall.practice.answers import FIELDS, answered, asked
from shipcall.practice.finished import Finished
from shipcall.practice.journal import Entry, Journal
from shipcall.practice.language import Case
from shipcall.practice.session import Session, Terms, happened, limit_of, session_from
from shipcall.practice.timeline import Account

Clock = Callable[[], float]
"""Wall time: seconds since 1970, UTC."""


class Desk:
    """A play that goes on. Every method first looks whether the clock has run out.

    Args:
        case: The case that is played.
        journal: Where everything is written.
        session: What the journal says so far.
        clock: Wall time; given, so that nothing has to wait for it.
    """

    def __init__(self, case: Case, journal: Journal, session: Session, clock: Clock) -> None:
        self.case = case
        self.session = session
        self._journal = journal
        self._clock = clock

    @classmethod
    def begin(cls, case: Case, terms: Terms, path: Path, clock: Clock) -> "Desk":
        """Write the first line; the clock does not run yet."""
        journal = Journal.begin(path)
        journal.append(
            Entry(n=0, wall=_milli(clock()), seconds=0.0, did="began", held=plain(terms))
        )
        return cls(case, journal, session_from(journal.entries), clock)

    @classmethod
    def resume(cls, case: Case, journal: Journal, clock: Clock) -> "Desk":
        """Go on with a play; its clock has been counting meanwhile."""
        desk = cls(case, journal, session_from(journal.entries), clock)
        desk.tick()
        return desk

    @property
    def account(self) -> Account:
        """The play as the debrief tells it."""
        return self.session.account

    @property
    def limit(self) -> float | None:
        """Seconds after which the sheet locks; None: it never does by itself."""
        return limit_of(self.case, self.session.terms)

    @property
    def seconds(self) -> float:
        """Seconds on the clock of the play."""
        seconds = self.session.seconds(self._clock())
        return seconds if self.limit is None else min(seconds, self.limit)

    @property
    def minutes_left(self) -> float:
        """Evidence-minutes that can still be spent."""
        return self.case.looking - self.session.minutes

    def tick(self) -> None:
        """Lock the sheet as it is, if the clock has run out."""
        if self.session.phase == "open" and self.limit is not None and self.seconds >= self.limit:
            self._do("locked", held={"ran_out": True})

    def go(self) -> None:
        """Let the clock run: at the beginning, and after a pause.

        Raises:
            UsageError: If it runs already, or never will again.
        """
        self._demand("ready", "paused", doing="start the clock")
        spot = self.case.spot if self.session.terms.mode == "spot" else []
        self._do("went on")
        for name in spot:
            if name not in self.session.opened:
                self._do("opened", name)

    def pause(self) -> None:
        """Stop the clock; in learn mode only.

        Raises:
            UsageError: In another mode, or when the clock does not run.
        """
        self._learning("a pause")
        self._demand("open", doing="pause")
        self._do("paused")

    def look(self, name: str) -> None:
        """Open a panel and pay for it; a panel that was opened before is free.

        Args:
            name: Of a panel of the case.

        Raises:
            UsageError: If its minutes are not there any more, or nothing can be opened now.
        """
        self._demand("open", "retrying", doing=f"look at {name!r}")
        if name in self.session.opened:
            return
        if self.session.phase == "retrying":
            self._do("looked again", name)
            return
        panel = self.case.panel_of(name)
        if self.session.terms.mode == "spot":
            raise UsageError("a spot decision is made on the panels that are shown.")
        if panel.minutes > self.minutes_left + 1e-9:
            raise UsageError(
                f"{name} costs {panel.minutes:g} evidence-minutes and {self.minutes_left:g} are "
                "left. Open a cheaper panel, or decide on what you have seen."
            )
        self._do("opened", name, {"minutes": panel.minutes})

    def answer(self, part: str, said: Any) -> None:
        """Keep one answer; what is said again as it was is not written again.

        Args:
            part: Key of `answers.FIELDS`.
            said: See `answers.answered`.

        Raises:
            UsageError: If it makes no sense, comes too late, or is not asked here.
        """
        self._demand("open", "retrying", doing=f"answer {part!r}")
        self._asked(part)
        if part == "contract" and (self.session.opened or self.session.second is not None):
            raise UsageError(
                "a contract is written before anything was looked at; you have opened "
                f"{', '.join(self.session.opened) or 'the sheet again'}."
            )
        sheet = answered(self.case, self.session.current, part, said)
        if sheet == self.session.current:
            return
        self._do("answered", part, {"is": plain(getattr(sheet, FIELDS[part])) or None})

    def hint(self, text: str) -> None:
        """Write down that a hint was given; in learn mode only.

        Raises:
            UsageError: In another mode, or when nothing can be looked at.
        """
        self._learning("a hint")
        self._demand("open", doing="have a hint")
        self._do("hinted", text)

    def lock(self) -> None:
        """Fix the sheet as it is.

        Raises:
            UsageError: If there is none to lock.
        """
        self._demand("open", "retrying", doing="lock the sheet")
        self._do("locked")

    def filed(self) -> None:
        """Write down that the evidence lies in the folder, whole."""
        self._do("filed")

    def retry(self) -> None:
        """Answer a second sheet before anything is revealed; it is never rated.

        Raises:
            UsageError: Before the lock, after the reveal, or a second time.
        """
        self._demand("locked", doing="try again")
        if self.session.second is not None:
            raise UsageError("there is one second try, and it is locked. Next: reveal")
        self._do("retried")

    def demand_locked(self) -> None:
        """Check that the truth may be told.

        Raises:
            UsageError: While the sheet is open, or when it has been told.
        """
        self._demand("locked", doing="reveal")

    def reveal(self, finished: Finished, opening: str) -> None:
        """Keep the score; the play is over.

        Raises:
            UsageError: While the sheet is open, or when it was revealed before.
        """
        self.demand_locked()
        self._do("revealed", held={"finished": plain(finished), "opening": opening})

    def carry(self, rule: str) -> None:
        """Keep the one rule that the person carries on.

        Raises:
            UsageError: Before the reveal.
        """
        self._demand("revealed", doing="choose a rule")
        self._do("carried", held={"rule": rule.encode("utf-8", "replace").decode("utf-8")})

    def _do(self, did: str, what: str = "", held: Mapping[str, Any] | None = None) -> None:
        entry = Entry(
            n=len(self._journal.entries),
            wall=_milli(self._clock()),
            seconds=_milli(self.seconds),
            did=did,
            what=what,
            held=held or {},
        )
        after = happened(self.session, entry)
        self._journal.append(entry)
        self.session = after

    def _demand(self, *phases: str, doing: str) -> None:
        self.tick()
        if self.session.phase not in phases:
            ran_out = self.session.ran_out and self.session.phase == "locked"
            why = _TOO_LATE if ran_out else _WHY[self.session.phase]
            raise UsageError(f"you cannot {doing}: {why}")

    def _learning(self, what: str) -> None:
        if self.session.terms.mode != "learn":
            raise UsageError(
                f"{what} is for learn mode: shipcall practice start --mode learn. Here the clock "
                "runs and nothing is told until the end."
            )

    def _asked(self, part: str) -> None:
        terms = self.session.terms
        parts = asked(self.case, terms.mode, terms.claim)
        if part not in parts:
            raise UsageError(f"{part!r} is not asked here. Asked: {', '.join(parts)}.")


_TOO_LATE = "the clock ran out, and the sheet locked as it was. Next: retry or reveal"
_WHY = {
    "ready": "the clock does not run yet. Next: go",
    "open": "the sheet is open. Next: lock",
    "paused": "the play is paused. Next: go",
    "locked": "the sheet is locked. Next: retry or reveal",
    "retrying": "your second sheet is open. Next: lock",
    "revealed": "this play is over. Next: shipcall practice",
}


def _milli(seconds: float) -> float:
    return round(seconds, 3)
