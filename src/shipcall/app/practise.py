"""Practice: open a case, look at panels, call, and see the debrief."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.workspace import who
from shipcall.core import Action, Call, UsageError
from shipcall.practice.case import Case, cases, load_case, open_case
from shipcall.practice.debrief import debrief
from shipcall.practice.panels import brief, judge_case, panel
from shipcall.practice.session import Session, begin, commit, look, minutes_left, reveal
from shipcall.release.judge import Judgement

View = dict[str, Any]


@dataclass
class Game:
    """One case being played. Holds the only mutable state: how far the person has come."""

    case: Case
    judgement: Judgement
    session: Session

    @property
    def brief(self) -> View:
        """What is read first."""
        return brief(self.case)

    @property
    def minutes_left(self) -> float:
        """Minutes that are left for looking."""
        return minutes_left(self.session, self.case)

    def look(self, name: str) -> View:
        """Show a panel and spend its minutes."""
        shown = panel(self.case, self.judgement.facts, name)
        self.session = look(self.session, self.case, name)
        return shown

    def call(self, action: str, probability: float, why: str) -> None:
        """Fix the person's call."""
        try:
            said = _action(action, self.case)
            made = Call(action=said, probability=probability, why=why, by=who(), blind=True)
        except ValueError as wrong:
            raise UsageError(str(wrong)) from wrong
        self.session = commit(self.session, self.case, made)

    def debrief(self) -> View:
        """Open the truth."""
        self.session = reveal(self.session)
        call = self.session.call
        if call is None:
            raise UsageError("make your call first: the truth cannot be had before.")
        return debrief(self.case, self.judgement, call, looked=self.session.looked)


def _action(said: str, case: Case) -> Action:
    name = said.strip().upper().replace("_", " ").replace("-", " ")
    if name not in list(Action):
        raise UsageError(f"{said!r} is no call. This case offers: {', '.join(case.values)}.")
    return Action(name)


@contextmanager
def start(slug: str | None) -> Iterator[Game]:
    """Open a case in a folder of its own and let the engine judge it, out of sight.

    Args:
        slug: Name of a case; None takes the first.

    Raises:
        UsageError: If there is no such case.
    """
    case = load_case(slug or cases()[0])
    with tempfile.TemporaryDirectory(prefix="shipcall-case-") as folder:
        contract = open_case(case, Path(folder))
        yield Game(case=case, judgement=judge_case(case, contract), session=begin(case))
