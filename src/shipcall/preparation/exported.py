"""Exported: a plan as a calendar, as Markdown, and the cards as a file that Anki reads."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from shipcall.preparation.aim import Aim
from shipcall.preparation.cards import every_card
from shipcall.preparation.plan import Day, Plan

FOLD = 75
"""Octets of a line of a calendar, without its end (RFC 5545, section 3.1)."""


def calendar(aim: Aim, plan: Plan, *, now: datetime) -> str:
    """Write a plan as an iCalendar file: a whole-day entry for each day, and the interview.

    Days have no hours in them, as nobody said when; entries do not block time (TRANSPARENT). A
    day keeps its UID, so importing a later plan replaces the earlier one.

    Args:
        aim: Company and day.
        plan: From `plan.plan`.
        now: With its zone; DTSTAMP of every entry.

    References:
        RFC 5545 (Desruisseaux 2009), Internet Calendaring and Scheduling: 3.1 folding, 3.3.11
        escaping, 3.6 components, 3.8.4.7 UID, 3.8.7.2 DTSTAMP.
    """
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//shipcall//preparation//EN"]
    for day in plan.days:
        title = f"{day.title} ({day.minutes} min)" if day.tasks else day.title
        lines += _event(aim, day.on.isoformat(), title, _told(day), stamp)
    about = f"Interview: {aim.company}"
    lines += _event(aim, aim.interview.isoformat(), about, "", stamp, kind="interview")
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in folded(line))


def _event(  # noqa: PLR0913, PLR0917 - fields of one entry
    aim: Aim, on: str, title: str, text: str, stamp: str, kind: str = "day"
) -> Iterator[str]:
    told = f"{aim.company}\0{aim.begun}\0{kind}\0{on}"
    following = (datetime.fromisoformat(on) + timedelta(days=1)).strftime("%Y%m%d")
    yield "BEGIN:VEVENT"
    yield f"UID:{hashlib.sha256(told.encode()).hexdigest()[:32]}@shipcall"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{on.replace('-', '')}"
    yield f"DTEND;VALUE=DATE:{following}"
    yield f"SUMMARY:{escaped(title)}"
    if text:
        yield f"DESCRIPTION:{escaped(text)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _told(day: Day) -> str:
    return "\n".join(f"{one.title} ({one.minutes} min)\n  {one.command}" for one in day.tasks)


def escaped(text: str) -> str:
    r"""Escape a text value: backslash, semicolon, comma, line end; other controls are left out.

    Examples:
        >>> escaped("a, b; c")
        'a\\, b\\; c'
    """
    kept = "".join(one for one in text.replace("\r\n", "\n") if one == "\n" or ord(one) >= 32)
    for sign in ("\\", ";", ","):
        kept = kept.replace(sign, f"\\{sign}")
    return kept.replace("\x7f", "").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """Cut a line into parts of at most 75 octets, never within a character.

    Each part after the first begins with the space that says so.
    """
    part, size = "", 0
    for sign in line:
        octets = len(sign.encode("utf-8"))
        if size + octets > FOLD:
            yield part
            part, size = " ", 1
        part += sign
        size += octets
    yield part


def markdown(aim: Aim, plan: Plan, *, done: Iterable[str] = ()) -> str:
    """Write a plan as Markdown with boxes to tick.

    Args:
        aim: Company and day.
        plan: From `plan.plan`.
        done: Ids of tasks of the first day that are done.
    """
    finished = set(done)
    lines = [f"# {_plain(aim.company)}, {aim.interview}", ""]
    for place, day in enumerate(plan.days):
        lines += [f"## {day.on}: {day.title}", ""]
        for one in day.tasks:
            mark = "x" if not place and one.id in finished else " "
            lines.append(f"- [{mark}] {_plain(one.title)} ({one.minutes} min): `{one.command}`")
        lines += [""] if day.tasks else ["Nothing today.", ""]
    return "\n".join([*lines, f"## {aim.interview}: the interview", ""])


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    told = " ".join(text.split())
    for sign in "\\`*_[]<>#|":
        told = told.replace(sign, f"\\{sign}")
    return told


def anki(aim: Aim, plan: Plan) -> str:
    """Write all concept cards as a text file for Anki: one card a line, fields between tabs.

    The first lines are the headers that Anki has read since 2.1.54: separator, no HTML, and which
    column is what. A card keeps its GUID, so importing again changes it and makes no second one.
    """
    del aim, plan
    lines = [
        "#separator:tab",
        "#html:false",
        "#notetype:Basic",
        "#deck:shipcall",
        "#columns:guid\tFront\tBack\tTags",
        "#guid column:1",
        "#tags column:4",
    ]
    for name, (lesson, card) in every_card().items():
        fields = (f"shipcall-{name}", card.front, card.back, f"lesson-{lesson}")
        lines.append("\t".join(_field(text) for text in fields))
    return "\n".join(lines) + "\n"


def _field(text: str) -> str:
    """One field: without tabs and line ends; in quotes where it holds quotes, as CSV does."""
    told = " ".join(text.split())
    return '"' + told.replace('"', '""') + '"' if '"' in told else told


WRITERS: Mapping[str, Callable[[Aim, Plan], str]] = {
    "ics": lambda aim, plan: calendar(aim, plan, now=datetime.now(UTC)),
    "markdown": markdown,
    "anki": anki,
}
"""Kind of file -> how it is written."""
