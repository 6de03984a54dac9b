"""Stories of one's own, and a worksheet for an offer; both are kept in the diary."""

import re
from collections.abc import Sequence
from typing import Any

from shipcall.app.prepare import Desk
from shipcall.core import UsageError, plain
from shipcall.preparation.diary import Diary, instant
from shipcall.preparation.forms.sheet import read_sheet
from shipcall.preparation.story import (
    OFTEN,
    PARTS,
    RULES,
    Story,
    Telling,
    fitting,
    story_lints,
    template,
    told,
)

View = dict[str, Any]
STORIED, TELLING = "storied", "story told"
"""What the diary says of a story that was put down, and of one time it was told."""
FORM = "shipcall practice stories template NAME"
NOTE = "What can be pointed at is asked; what a story is worth to a listener is not computed."


def story_form(name: str = "my-story") -> View:
    """Show the frame of a story, to be filled in.

    Args:
        name: Id it is to have: words in small letters with hyphens.

    Raises:
        UsageError: If that is no id.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError(f"{name!r} is no id. Take small letters with hyphens: late-prices.")
    return {
        "kind": "story_form",
        "id": name,
        "parts": [{"part": part, "asks": asks} for part, asks in PARTS],
        "template": template(name),
    }


def story_added(desk: Desk, text: str) -> View:
    """Put a story down; one of the same id takes the place of the earlier one.

    Args:
        desk: Of the person.
        text: The frame as TOML.

    Raises:
        UsageError: If it does not fit the frame.
    """
    story = read_sheet(text, Story, name="story", shows=FORM)
    desk.write().add(STORIED, story.id, story.model_dump(mode="json"))
    return story_view(desk, story.id)


def stories_view(desk: Desk) -> View:
    """List the stories with how often each was told and what a listener would ask."""
    every, tellings = _stories(desk.diary), _tellings(desk.diary)
    rows = [_line(story, at, tellings) for at, story in every.values()]
    families = {family for _, story in every.values() for family in story.about}
    return {
        "kind": "stories",
        "often": OFTEN,
        "stories": rows,
        "families": sorted(family.value for family in families),
        "note": NOTE,
    }


def story_view(desk: Desk, name: str) -> View:
    """Show a story: its parts, what a listener would ask, where it fits, when it was told.

    Raises:
        UsageError: If there is none of this id.
    """
    every, tellings = _stories(desk.diary), _tellings(desk.diary)
    at, story = _one(every, name)
    fits = [
        {"id": one.id, "asks": one.asks, "rounds": [name.value for name in one.rounds]}
        for one in fitting(story)
    ]
    return {
        "kind": "story",
        **_line(story, at, tellings),
        "parts": [{"part": p, "asks": asks, "says": getattr(story, p)} for p, asks in PARTS],
        "lints": [{**plain(one), "why": RULES[one.rule]} for one in story_lints(story)],
        "fits": fits,
        "tellings": [plain(one) for one in tellings if one.story == name],
        "note": NOTE,
    }


def story_used(desk: Desk, name: str, *, interview: bool, to: str = "") -> View:
    """Put down that a story was told.

    Args:
        desk: Of the person.
        name: Of the story.
        interview: In a real one; otherwise in a rehearsal.
        to: Question, company or person.

    Raises:
        UsageError: If there is no such story.
    """
    _one(_stories(desk.diary), name)
    held = {"where": "interview" if interview else "rehearsal", "to": to.strip()}
    desk.write().add(TELLING, name, held)
    return story_view(desk, name)


def story_markdown(view: View) -> str:
    """Write one story as Markdown, in the order in which it is told."""
    parts = [f"**{one['part'].capitalize()}.** {one['says']}" for one in view["parts"]]
    written = [text for text, one in zip(parts, view["parts"], strict=True) if one["says"].strip()]
    return "\n\n".join([f"# {view['title'] or view['id']}", *written]) + "\n"


def _line(story: Story, at: str, tellings: Sequence[Telling]) -> View:
    counted = told(tellings, story.id)
    return {
        "id": story.id,
        "title": story.title,
        "about": [family.value for family in story.about],
        "at": at,
        "told": plain(counted) | {"often": counted.often},
        "asked": sorted({one.rule for one in story_lints(story)}),
    }


def _stories(diary: Diary | None) -> dict[str, tuple[str, Story]]:
    """The newest of each id, with when it was put down."""
    lines = diary.of(STORIED) if diary else ()
    return {one.what: (instant(one.wall), Story.model_validate(dict(one.held))) for one in lines}


def _one(every: dict[str, tuple[str, Story]], name: str) -> tuple[str, Story]:
    if name not in every:
        there = f"There are: {', '.join(every)}." if every else "There is none yet."
        raise UsageError(f"no story {name!r}. {there} Put one down: shipcall practice stories add")
    return every[name]


def _tellings(diary: Diary | None) -> list[Telling]:
    lines = diary.of(TELLING) if diary else ()
    return [
        Telling(story=one.what, at=instant(one.wall), where=one.held["where"], to=one.held["to"])
        for one in lines
    ]
