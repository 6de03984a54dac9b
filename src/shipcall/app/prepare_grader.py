"""Grader: let a model of the person's choice read an answer, and find out whether it can.

Nothing is sent unless the person named an endpoint and asks for it. What it finds stands beside
the readings of people and goes into nothing.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.prepare import Desk, newest_answer, question_view
from shipcall.core import UsageError, plain
from shipcall.practice.journal import Entry, Journal
from shipcall.preparation.answer import Answer, lock
from shipcall.preparation.diary import GRADED, UNGRADED, VALIDATED
from shipcall.preparation.grading.grade import (
    UnfitError,
    criteria_digest,
    grade,
    grader_digest,
)
from shipcall.preparation.grading.kept import last_failure, last_validation
from shipcall.preparation.grading.provider import (
    KEY,
    MODEL,
    URL,
    GraderError,
    Provider,
    configured,
)
from shipcall.preparation.grading.validation import Labelled, validate
from shipcall.preparation.question import Question, load_question

View = dict[str, Any]
_OFF = (
    f"no grader is named, and nothing is sent anywhere. Name one with {URL} and {MODEL} "
    f"(and {KEY}, if it wants a key)."
)
_READ, _VOID = "read", "void"


def grader_view(desk: Desk, environment: Mapping[str, str] | None = None) -> View:
    """Show which grader is named, whether it was validated, and what went wrong last.

    Args:
        desk: Of the person.
        environment: None: of this process.

    Raises:
        UsageError: If what is named is no grader.
    """
    provider = configured(os.environ if environment is None else environment)
    diary = desk.diary
    told = None
    if provider is not None and diary is not None:
        told = last_validation(diary, grader_digest(provider))
    return {
        "kind": "grader",
        "named": provider is not None,
        "provider": provider.name if provider else None,
        "model": provider.model if provider else None,
        "validation": told,
        "failed": last_failure(diary) if diary else None,
        "note": "What it finds is a hint beside the readings of people, and goes into nothing.",
    }


def named(environment: Mapping[str, str] | None = None) -> Provider:
    """Give the grader that is named.

    Raises:
        UsageError: If none is.
    """
    provider = configured(os.environ if environment is None else environment)
    if provider is None:
        raise UsageError(_OFF)
    return provider


def ask_grader(
    desk: Desk,
    name: str,
    provider: Provider,
    *,
    turn: Callable[[], AbstractContextManager[Any]] = nullcontext,
) -> View:
    """Let a grader read the newest answer to a question, and show the question with what it found.

    If the grader cannot be used the view says why under `grader_failed`, and nothing else changes.

    Args:
        desk: Of the person.
        name: Id of the question.
        provider: Who is asked; that may take minutes.
        turn: Gives what has to be held while the diary is written.

    Raises:
        UsageError: If nothing was answered yet.
    """
    answer, question, diary = newest_answer(desk, name), load_question(name), desk.diary
    place = len(diary.entries) if diary else 0
    failed = ""
    held: dict[str, Any]
    try:
        found = grade(question, answer, provider, turn=place)
        held = {**plain(found), "provider": provider.name, "model": provider.model}
    except GraderError as wrong:
        failed = str(wrong)
        held = {"why": failed}
    with turn():
        desk.write().add(UNGRADED if failed else GRADED, name, held)
        view = question_view(desk, name)
    return {**view, "grader_failed": failed} if failed else view


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of a file of answers that two people have read."""

    question: Question
    answer: Answer
    first: Mapping[str, bool]
    second: Mapping[str, bool]


def validate_grader(
    desk: Desk, file: Path, provider: Provider, say: Callable[[str], None] = lambda _: None
) -> View:
    """Hold a grader against answers that two people have read, and keep what comes of it.

    What was read before this broke off is kept in the workspace and not asked again.

    Args:
        desk: Of the person.
        file: JSON lines: `question`, `answer`, and `first` and `second`, the ids of the criteria
            that each of the two people found met.
        provider: Who is asked, nine times for each answer.
        say: Told how far it is.

    Raises:
        UsageError: If the file is none of this form, or the grader fails on the way.
    """
    lines = _lines(file)
    kept = _kept(desk, provider)
    labelled, void, obeyed = [], 0, 0
    for place, line in enumerate(lines, 1):
        found = _graded(line, provider, kept, turn=place, done=place - 1)
        if found.did == _VOID:
            void, obeyed = void + 1, obeyed + bool(found.held["obeyed"])
        else:
            labelled.append(_labelled(line, found.held["met"]))
        if place % 10 == 0:
            say(f"{place} of {len(lines)} answers")
    told = validate(labelled, void=void, obeyed=obeyed)
    covered = sorted({criteria_digest(line.question) for line in lines})
    held = {**plain(told), "covered": covered, "provider": provider.name, "model": provider.model}
    desk.write().add(VALIDATED, grader_digest(provider), held)
    return {"kind": "grader_validation", "validated": told.validated, **held}


def _kept(desk: Desk, provider: Provider) -> Journal:
    path = desk.folder / "grader" / f"{grader_digest(provider)[:16]}.jsonl"
    return Journal.resume(path) if path.exists() else Journal.begin(path)


def _graded(line: _Line, provider: Provider, kept: Journal, *, turn: int, done: int) -> Entry:
    key = hashlib.sha256(
        f"{criteria_digest(line.question)} {line.answer.digest}".encode()
    ).hexdigest()
    for entry in kept.entries:
        if entry.what == key:
            return entry
    held: dict[str, Any]
    try:
        found = grade(line.question, line.answer, provider, turn=turn)
        did, held = _READ, {"met": [one.criterion for one in found.seen if one.met]}
    except UnfitError as wrong:
        did, held = _VOID, {"why": str(wrong), "obeyed": wrong.obeyed}
    except GraderError as wrong:
        raise UsageError(
            f"{wrong}. {done} answers were read and are kept; run it again to go on."
        ) from wrong
    entry = Entry(n=len(kept.entries), wall=time.time(), seconds=0.0, did=did, what=key, held=held)
    kept.append(entry)
    return entry


def _labelled(line: _Line, met: list[str]) -> Labelled:
    return Labelled(
        question=line.question.id,
        words=len(line.answer.text.split()),
        first=line.first,
        second=line.second,
        grader={one.id: one.id in met for one in line.question.criteria},
    )


def _lines(file: Path) -> list[_Line]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        raise UsageError(f"{file} cannot be read: {wrong}") from wrong
    rows = [(n, row) for n, row in enumerate(text.splitlines(), 1) if row.strip()]
    lines = [_line(row, f"{file}:{n}") for n, row in rows]
    seen: dict[tuple[str, str], int] = {}
    for (n, _), line in zip(rows, lines, strict=True):
        key = line.question.id, line.answer.digest
        if key in seen:
            raise UsageError(f"{file}:{n}: the same answer stands in line {seen[key]}. Remove one.")
        seen[key] = n
    return lines


def _line(row: str, place: str) -> _Line:
    try:
        told = json.loads(row)
    except ValueError as wrong:
        raise UsageError(f"{place}: no JSON: {wrong}") from wrong
    wanted = {"question": str, "answer": str, "first": list, "second": list}
    if not isinstance(told, dict) or any(
        not isinstance(told.get(name), kind) for name, kind in wanted.items()
    ):
        raise UsageError(
            f'{place}: expected {{"question": id, "answer": text, "first": [criteria that are '
            f'met], "second": [...]}}, got {sorted(told) if isinstance(told, dict) else row[:40]}.'
        )
    question = load_question(told["question"])
    known = [one.id for one in question.criteria]
    for reader in ("first", "second"):
        strange = [one for one in told[reader] if one not in known]
        if strange:
            raise UsageError(
                f"{place}: {reader}: no criterion {strange[0]!r} in {question.id}. "
                f"There are: {', '.join(known)}."
            )
    return _Line(
        question=question,
        answer=lock(question, told["answer"], seconds=0.0),
        first={one: one in told["first"] for one in known},
        second={one: one in told["second"] for one in known},
    )
