"""Kept: what graders found and how they did, as it stands in the diary. Apart from all readings."""

from collections.abc import Mapping
from typing import Any

from shipcall.preparation.diary import GRADED, UNGRADED, VALIDATED, Diary, instant
from shipcall.preparation.grading.grade import MOST, VOTES

UNSHOWN = "unvalidated: nobody has shown that it reads as people do"
SHOWN = "validated on answers that two people had read"


def status_of(diary: Diary, grader: str, criteria: str) -> str:
    """Say whether a grader has shown that it reads these criteria as people do.

    Args:
        diary: Of the person.
        grader: Digest of the grader: another address, model or prompt is another grader.
        criteria: Digest of the criteria; those that were changed since are others.
    """
    newest = last_validation(diary, grader)
    known = newest is not None and not newest["lacks"] and criteria in newest["covered"]
    return SHOWN if known else UNSHOWN


def last_validation(diary: Diary, grader: str) -> Mapping[str, Any] | None:
    """Give the newest validation of a grader."""
    found = list(diary.of(VALIDATED, grader))
    return {"at": instant(found[-1].wall), **found[-1].held} if found else None


def last_failure(diary: Diary) -> Mapping[str, Any] | None:
    """Give what went wrong last."""
    found = list(diary.of(UNGRADED))
    if not found:
        return None
    return {"at": instant(found[-1].wall), "question": found[-1].what, **found[-1].held}


def graded_of(diary: Diary, question: str, answer: str) -> list[dict[str, Any]]:
    """Give what graders found in one answer, oldest first, each with its status of today.

    Args:
        diary: Of the person.
        question: Id.
        answer: Digest of the text.
    """
    return [
        {
            "at": instant(entry.wall),
            "grader": entry.held["grader"],
            "provider": entry.held["provider"],
            "model": entry.held["model"],
            "status": status_of(diary, entry.held["grader"], entry.held["criteria"]),
            "unread": entry.held["unread"],
            "of": VOTES,
            "seen": [
                {**one, "met": one["votes"] >= MOST, "split": 0 < one["votes"] < VOTES}
                for one in entry.held["seen"]
            ],
        }
        for entry in diary.of(GRADED, question)
        if entry.held["answer"] == answer
    ]
