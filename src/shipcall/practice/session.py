"""Session: one person at one case. Brief, looks at panels, the call, and only then the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from shipcall.core import Action, Call, UsageError
from shipcall.practice.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Where a person stands. Every step gives a new one; nothing is ever taken back."""

    case: str
    """Slug of the case."""
    looked: tuple[str, ...] = ()
    """Panels in the order in which they were asked for, each once."""
    call: Call | None = None
    """Fixed once it is made."""
    revealed: bool = False


def begin(case: Case) -> Session:
    """Start a case: nothing was looked at."""
    return Session(case=case.slug)


def minutes_left(session: Session, case: Case) -> float:
    """Minutes of the case that are not spent on panels."""
    return case.minutes - sum(case.panel(name).minutes for name in session.looked)


def look(session: Session, case: Case, name: str) -> Session:
    """Ask for a panel; its minutes are spent. A panel seen before costs nothing again.

    Raises:
        UsageError: If there is no such panel, no time for it, or the call is made.
    """
    if session.call is not None:
        raise UsageError("the call is made; what you look at now cannot be its reason.")
    cost, left = case.panel(name).minutes, minutes_left(session, case)
    if name in session.looked:
        return session
    if cost > left:
        raise UsageError(f"{name} costs {cost:g} minutes and {left:g} are left. Make your call.")
    return replace(session, looked=(*session.looked, name))


def commit(session: Session, case: Case, call: Call) -> Session:
    """Fix the call. It cannot be changed afterwards.

    Raises:
        UsageError: If a call was made before, or the case does not offer this one.
    """
    if session.call is not None:
        raise UsageError(f"your call is {session.call.action.value}, and a call stays.")
    offered(case, call)
    return replace(session, call=call)


def reveal(session: Session) -> Session:
    """Open the truth.

    Raises:
        UsageError: Before the call is made.
    """
    if session.call is None:
        raise UsageError("make your call first: the truth cannot be had before.")
    return replace(session, revealed=True)


def offered(case: Case, call: Call) -> None:
    """Refuse a call that the case does not offer.

    Raises:
        UsageError: With the calls that are offered.
    """
    if call.action not in case.values:
        known = ", ".join(action.value for action in case.values)
        raise UsageError(f"{call.action.value} is no call of this case. It offers: {known}.")


def session_from(form: Mapping[str, Any]) -> Session:
    """Read back what `core.plain` made of a session."""
    told = form["call"]
    call = Call(**{**told, "action": Action(told["action"])}) if told else None
    return Session(
        case=form["case"], looked=tuple(form["looked"]), call=call, revealed=form["revealed"]
    )
