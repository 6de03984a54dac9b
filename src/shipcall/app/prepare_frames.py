"""Frames: frameworks with what shows that they are misapplied, rubrics, and words."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shipcall.app.prepare import Desk
from shipcall.core import UsageError, plain
from shipcall.preparation.answer import Answer
from shipcall.preparation.diary import KEPT, Diary
from shipcall.preparation.forms.sheet import read_sheet
from shipcall.preparation.framework import (
    Filled,
    Filling,
    Framework,
    flags,
    framework_ids,
    load_framework,
    template,
)
from shipcall.preparation.rubric import (
    LEVELS,
    Rated,
    level_of,
    load_rubric,
    newest,
    rate,
    rubric_ids,
)
from shipcall.preparation.vocabulary import Word, find_word, vocabulary

View = dict[str, Any]
RATED = "rated"
"""What the diary says of a level that a reader found."""
CLAIMED = "an article names it"
OURS = "ours, or everybody's"
APART = "Levels stand beside each other; nothing is averaged, and none of it is a grade."


def frameworks_view() -> View:
    """List the frameworks, with what each is for."""
    return {"kind": "frameworks", "frameworks": [_line(load_framework(n)) for n in framework_ids()]}


def _line(one: Framework) -> View:
    line: View = one.model_dump(mode="json", include={"id", "name", "claimed_by", "purpose"})
    return line


def framework_view(name: str) -> View:
    """Show a framework: what it is for, its template, and how misuse shows.

    Raises:
        UsageError: If there is none of this id.
    """
    one = load_framework(name)
    told: View = plain(one.model_dump(mode="json"))
    return {"kind": "framework", **told, "template": template(one)}


def framework_checked(text: str, name: str | None = None) -> View:
    """Say where a filled template shows that its framework is misapplied.

    Args:
        text: The template as TOML, with its `framework`.
        name: The framework that was meant; None takes what the template says.

    Raises:
        UsageError: If it is no template, or that of another framework.
    """
    shows = f"shipcall practice frameworks {name or 'NAME'}"
    filled = read_sheet(text, Filled, name="framework", shows=shows)
    if name is not None and filled.framework != name:
        raise UsageError(
            f"the template is one of {filled.framework!r}, and {name!r} was asked. "
            f"`{shows}` shows the one that was asked."
        )
    return checked(load_framework(filled.framework), filled.part)


def checked(one: Framework, filled: Filling) -> View:
    """Hold what was written against the rules of a framework.

    Raises:
        UsageError: If it fills a part that is not there.
    """
    found = flags(one, filled)
    written: View = {part.name: filled.get(part.name, "") for part in one.part}
    flagged: Sequence[View] = [plain(flag) for flag in found]
    broken = {flag.says for flag in found}
    quiet = [rule.says for rule in one.misuse if rule.says not in broken]
    blank = any(flag.rule == "blank" for flag in found)
    return {
        "kind": "framework_checked",
        **_line(one),
        "filled": written,
        "flags": flagged,
        "whole": not blank,
        "holds": [] if blank else quiet,
    }


def rubrics_view() -> View:
    """List the rubrics."""
    every = [load_rubric(name) for name in rubric_ids()]
    rows = [one.model_dump(mode="json", include={"id", "name", "asks"}) for one in every]
    return {"kind": "rubrics", "rubrics": rows}


def rubric_view(desk: Desk, name: str) -> View:
    """Show the anchors of a rubric, and every level a reader has found by it.

    Raises:
        UsageError: If there is none of this id.
    """
    one, diary = load_rubric(name), desk.diary
    told: View = plain(one.model_dump(mode="json"))
    found = [plain(r) for r in newest(_rated(diary)) if r.rubric == name] if diary else []
    return {"kind": "rubric", **told, "levels": list(LEVELS), "rated": found, "note": APART}


class Found(NamedTuple):
    """What a reader says of an answer."""

    level: str
    """poor, mixed, good, excellent, or 1 to 4."""
    because: Sequence[int]
    """Places of sentences it rests on, from 1."""
    reader: str = "self"


def rubric_rated(desk: Desk, name: str, told: str, said: Found) -> View:
    """Put down the level a reader found in a locked answer.

    Args:
        desk: Of the person.
        name: Of the rubric.
        told: Id of the question whose newest answer is meant, or the beginning of a digest.
        said: What the reader says of it.

    Raises:
        UsageError: If there is no such answer, level, or sentence.
    """
    answer = _answer(desk, told)
    who = said.reader.strip() or "self"
    found = rate(load_rubric(name), answer, level_of(said.level), said.because, reader=who)
    desk.write().add(RATED, name, plain(found))
    return rubric_view(desk, name)


_SHORTEST = 6
"""Characters of a digest that name an answer."""


def _answer(desk: Desk, told: str) -> Answer:
    diary = desk.diary
    every = [one.answer for one in diary.answers()] if diary else []
    mine = [one for one in every if one.question == told] or [
        one for one in every if len(told) >= _SHORTEST and one.digest.startswith(told)
    ]
    if not mine:
        raise UsageError(
            f"no locked answer {told!r}: neither a question that was answered, nor a digest. "
            "Answer one first: shipcall practice question ID"
        )
    return mine[-1]


def _rated(diary: Diary) -> list[Rated]:
    return [
        Rated(**{**entry.held, "quotes": tuple(entry.held["quotes"])}) for entry in diary.of(RATED)
    ]


def words_view(desk: Desk, asked: Mapping[str, str] | None = None) -> View:
    """List the words, with which are kept as cards.

    Args:
        desk: Of the person.
        asked: `q` narrows the list.
    """
    wanted = (asked or {}).get("q", "").strip()
    kept = _kept(desk)
    every = [one for one in vocabulary() if _holds(one, wanted.lower())]
    return {
        "kind": "words",
        "count": len(vocabulary()),
        "query": {"q": wanted} if wanted else {},
        "words": [_word(one, kept) for one in every],
    }


def word_view(desk: Desk, told: str) -> View:
    """Show one word.

    Raises:
        UsageError: If it is not there.
    """
    return {"kind": "word", **_word(find_word(told), _kept(desk))}


def word_kept(desk: Desk, told: str) -> View:
    """Make a word a card, due from today on; a second time changes nothing.

    Raises:
        UsageError: If it is not there.
    """
    one = find_word(told)
    if one.card.id not in _kept(desk):
        desk.write().add(KEPT, one.card.id, {})
    return word_view(desk, one.id)


def _kept(desk: Desk) -> set[str]:
    diary = desk.diary
    return {entry.what for entry in diary.of(KEPT)} if diary else set()


def _word(one: Word, kept: set[str]) -> View:
    line: View = one.model_dump(mode="json")
    return {**line, "card": one.card.id, "kept": one.card.id in kept}


def _holds(one: Word, wanted: str) -> bool:
    return wanted in f"{one.term} {one.says} {one.mind}".lower()
