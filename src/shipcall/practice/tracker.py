"""Tracker: where a person stands, as a table. There is no readiness number, on purpose.

How good somebody is at one kind of call, how well it knows that, and how long ago it was, are
different things; added up they would say nothing, and it would be said with one digit after the
point.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from shipcall.core import plain
from shipcall.practice.difficulty import Landmarks, landmarks
from shipcall.practice.finished import Finished
from shipcall.practice.language import Case
from shipcall.practice.rating import rate
from shipcall.practice.retelling.part import Part, part
from shipcall.practice.scoring.score import DUE_DAYS
from shipcall.practice.shelf import shelf
from shipcall.practice.tracking.habits import (
    bits_part,
    calibration_part,
    estimate_part,
    forecasts_part,
    lean_part,
    time_part,
    trigger_part,
)
from shipcall.practice.tracking.losses import archetype_part, counted, loss_part
from shipcall.practice.tracking.strengths import rating_part

NOTE = "A table, and no number for readiness: nobody has measured what such a number would say."


def tracker(
    finished: Sequence[Finished],
    today: date,
    *,
    cases: Mapping[str, Case] | None = None,
    places: Landmarks | None = None,
) -> dict[str, Any]:
    """Tell everything the finished plays of a person say, each with how little they say.

    Args:
        finished: All plays that were revealed, in any order.
        today: Until when doubt grows and due cases are counted.
        cases: Id -> case; None: those of the shelf.
        places: Where cases and bots stand; None: as they came along.

    Returns:
        `today`, `note` and `parts`, each with `key`, `title`, `says`, `empty` and what it holds.
    """
    known = shelf() if cases is None else cases
    where = landmarks() if places is None else places
    rated = sorted((play for play in finished if play.rated), key=lambda play: (play.at, play.id))
    course = rate(rated, where.cases, today=today)
    parts = [
        _plays_part(finished, rated, today),
        loss_part(rated, known),
        rating_part(course, where.bots),
        archetype_part(course, rated, known),
        bits_part(rated),
        calibration_part(rated),
        forecasts_part(rated, known),
        estimate_part(rated),
        lean_part(rated, known),
        trigger_part(rated),
        time_part(rated, known),
        _next_part(finished, known, today),
    ]
    told: dict[str, Any] = plain({"today": today, "note": NOTE, "parts": parts})
    return told


def _plays_part(finished: Sequence[Finished], rated: Sequence[Finished], today: date) -> Part:
    title = "Plays"
    if not finished:
        told = "Nothing played yet. `shipcall practice` puts a first case on the screen."
        return part("plays", title, [told], empty=True, plays=0, rated=0)
    last = max(_day(play) for play in finished)
    ago = (today - last).days
    minutes = sum(play.seconds for play in finished) / 60
    return part(
        "plays",
        title,
        [
            f"{counted(len(finished))} in {minutes:.0f} minutes on the clock, {len(rated)} rated.",
            f"The last one was {_ago(ago)}.",
        ],
        empty=False,
        plays=len(finished),
        rated=len(rated),
        minutes=minutes,
        rated_minutes=sum(play.seconds for play in rated) / 60,
        days_since=ago,
        modes={
            mode: sum(play.mode == mode for play in finished)
            for mode in dict.fromkeys(play.mode for play in finished)
        },
        rules=[
            {"at": play.at, "case": play.case, "rule": play.rule} for play in finished if play.rule
        ],
    )


def _ago(days: int) -> str:
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def _next_part(finished: Sequence[Finished], cases: Mapping[str, Case], today: date) -> Part:
    """Say which archetypes are due again, the longest overdue first, and which were never met."""
    now, met = due(finished, today, cases), {play.case for play in finished}
    never = [case.slug for name, case in sorted(cases.items()) if name not in met]
    return part(
        "next", "What is next", [_says_next(now, never)], empty=not now, due=now, unplayed=never
    )


def due(
    finished: Sequence[Finished], today: date, cases: Mapping[str, Case] | None = None
) -> list[Part]:
    """List the archetypes that are due again, the longest overdue first.

    Args:
        finished: All plays that were revealed, in any order.
        today: The day.
        cases: Id -> case; None: those of the shelf.

    Returns:
        For each `case`, `slug`, `title`, and `days`: 0 or below, how long it has been due.
    """
    known = shelf() if cases is None else cases
    last = {play.case: play for play in sorted(finished, key=lambda play: play.at)}
    found = [
        {"case": name, "slug": known[name].slug, "title": known[name].title, "days": days}
        for name, play in last.items()
        if name in known and (days := _due_in(play, today)) <= 0
    ]
    return sorted(found, key=lambda one: (one["days"], one["case"]))


def _says_next(due: Sequence[Part], never: Sequence[str]) -> str:
    if due:
        return f"Due again, freshly drawn: {', '.join(str(one['slug']) for one in due)}."
    if never:
        return "Nothing is due. The mixed queue (`shipcall practice`) brings what is new to you."
    return "Nothing is due today."


def _due_in(play: Finished, today: date) -> int:
    grade = play.score["decision"]["grade"]
    return DUE_DAYS[grade] - (today - _day(play)).days


def _day(play: Finished) -> date:
    return date.fromisoformat(play.at[:10])
