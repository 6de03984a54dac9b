"""Preparing: the bank of questions, one's own answers to them, and lessons with their labs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.place import FOLDER, begin
from shipcall.app.practise_room import open_room
from shipcall.core import UsageError, plain
from shipcall.practice.scoring.signs import text_signs
from shipcall.preparation.answer import Answer, Reading, gap, lock, read
from shipcall.preparation.clock import Clock
from shipcall.preparation.diary import ANSWERED, FILE, GUESSED, READ, TAUGHT, Dated, Diary
from shipcall.preparation.grading.kept import graded_of
from shipcall.preparation.lesson import SEED, Lesson, lesson_slugs, load_lesson, tell
from shipcall.preparation.question import Question, load_question, questions

View = dict[str, Any]
MACHINE = Clock()
"""The clock of this machine."""
PLACE, DRAFTS = "preparation", "drafts"
"""Folder of the diary in `.shipcall`, and in it the folder of answers that are not locked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where a person prepares."""

    folder: Path
    machine: Clock = MACHINE

    @property
    def diary(self) -> Diary | None:
        """The diary if there is one: looking makes nothing."""
        return Diary.open(self.folder, self.machine) if (self.folder / FILE).exists() else None

    @property
    def clock(self) -> Clock:
        """The clock of the person: in the zone that a plan names, or of the machine."""
        diary = self.diary
        return diary.clock if diary else self.machine

    def draft(self, name: str) -> Path:
        """The file of what was written of an answer to a question and not locked yet."""
        return self.folder / DRAFTS / f"{name}.txt"

    def write(self) -> Diary:
        """Open the diary for writing; make it on first use."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return Diary.open(self.folder, self.machine)


def desk_at(place: Path) -> Desk:
    """Find where a person prepares: in the workspace of a folder."""
    root = open_room(place).root
    begin(root)
    return Desk(folder=root / FOLDER / PLACE, machine=MACHINE)


def bank(desk: Desk, asked: Mapping[str, str] | None = None) -> View:
    """List the questions, with how often each was answered.

    Args:
        desk: Of the person.
        asked: `family`, `round`, `covers` and `q` narrow the list.
    """
    wanted = {name: text for name, text in (asked or {}).items() if text}
    diary = desk.diary
    said = Counter(one.answer.question for one in diary.answers()) if diary else Counter()
    every = list(questions())
    return {
        "kind": "question_bank",
        "count": len(every),
        "families": sorted({one.family.value for one in every}),
        "rounds": sorted({name.value for one in every for name in one.rounds}),
        "query": {n: wanted[n] for n in ("family", "round", "covers", "q") if n in wanted},
        "questions": [
            {**_line(one), "answers": said[one.id]} for one in every if _matches(one, wanted)
        ],
    }


def _line(one: Question) -> View:
    line: View = plain(
        one.model_dump(
            mode="json", include={"id", "asks", "family", "rounds", "level", "minutes", "covers"}
        )
    )
    return line


def _matches(one: Question, wanted: Mapping[str, str]) -> bool:
    text = f"{one.id} {one.asks}".lower()
    return (
        wanted.get("family") in (None, one.family.value)
        and (not wanted.get("round") or wanted["round"] in [name.value for name in one.rounds])
        and (not wanted.get("covers") or wanted["covers"].upper() in one.covers)
        and wanted.get("q", "").lower() in text
    )


def question_view(desk: Desk, name: str) -> View:
    """Show a question; what a strong answer holds only after one of one's own was locked.

    Raises:
        UsageError: If there is none of this id.
    """
    one, diary = load_question(name), desk.diary
    answers = diary.answers(name) if diary else []
    shown: View = {
        "kind": "question",
        **_line(one),
        "criteria_count": len(one.criteria),
        "locked": bool(answers),
    }
    if answers and diary is not None:
        shown |= _revealed(one, answers[-1], diary.readings(name))
        shown["graded"] = graded_of(diary, name, answers[-1].answer.digest)
    return shown


def _revealed(one: Question, newest: Dated, readings: Sequence[Reading]) -> View:
    answer = newest.answer
    found = [plain(r) for r in readings if r.answer == answer.digest]
    told: View = plain(
        {
            "answer": {
                "at": newest.at,
                "text": answer.text,
                "seconds": answer.seconds,
                "sentences": answer.sentences,
                "digest": answer.digest,
            },
            "signs": text_signs(answer.text),
            "criteria": [c.model_dump() for c in one.criteria],
            "red_flags": [f.model_dump() for f in one.red_flags],
            "weak": one.weak.strip(),
            "strong": one.strong.strip(),
            "follow_ups": one.follow_ups,
            "drill": one.drill,
            "concepts": one.concepts,
        }
    )
    return told | {"readings": found}


def lock_answer(desk: Desk, name: str, text: str, *, seconds: float) -> View:
    """Lock an answer; from then on the strong one is shown beside it, and its draft is gone.

    Raises:
        UsageError: If nothing was written, or there is no such question.
    """
    answer = lock(load_question(name), text, seconds=seconds)
    held = {"text": answer.text, "seconds": answer.seconds}
    desk.write().add(ANSWERED, name, held)
    desk.draft(name).unlink(missing_ok=True)
    return question_view(desk, name)


def read_answer(
    desk: Desk, name: str, marks: Mapping[str, Sequence[int]], *, reader: str = "self"
) -> View:
    """Put down which sentences of the newest answer meet which criterion.

    Raises:
        UsageError: If nothing was answered, or a criterion or sentence is not there.
    """
    newest = newest_answer(desk, name)
    found = read(load_question(name), newest, marks, reader=reader.strip() or "self")
    desk.write().add(READ, name, plain(found))
    return question_view(desk, name)


def newest_answer(desk: Desk, name: str) -> Answer:
    """Give the newest locked answer to a question.

    Raises:
        UsageError: If nothing was answered yet.
    """
    diary = desk.diary
    answers = diary.answers(name) if diary else []
    if not answers:
        raise UsageError(f"nothing was answered to {name!r} yet. Answer it first.")
    return answers[-1].answer


def lessons_view(desk: Desk) -> View:
    """List the lessons in their order, with which were read."""
    diary = desk.diary
    done = {entry.what for entry in diary.of(TAUGHT)} if diary else set()
    return {
        "kind": "lessons",
        "lessons": [_lesson_line(load_lesson(slug), done) for slug in lesson_slugs()],
    }


def _lesson_line(one: Lesson, done: set[str]) -> View:
    line: View = one.model_dump(
        mode="json", include={"number", "slug", "title", "module", "minutes", "goal"}
    )
    return {**line, "read": one.slug in done}


def lesson_begun(name: str) -> View:
    """Show what is asked before the text: the guesses, and the knobs there are.

    Raises:
        UsageError: If there is no such lesson.
    """
    one = load_lesson(name)
    knobs = {name: knob.model_dump() for name, knob in one.knobs.items()}
    asked = [guess.model_dump() for guess in one.guess]
    return {"kind": "lesson_begun", **_lesson_line(one, set()), "guesses": asked, "knobs": knobs}


def lesson_told(  # noqa: PLR0913 - what a lab takes, and whether it is kept
    desk: Desk,
    name: str,
    *,
    guesses: Mapping[str, float] | None = None,
    turned: Mapping[str, float] | None = None,
    seed: int | None = None,
    keep: bool = True,
) -> View:
    """Run the lab, fill the text, and put the guesses beside what came.

    Args:
        desk: Of the person; the lesson counts as read if it is kept.
        name: Slug or number.
        guesses: Number of the lab -> what the person expects, stated before.
        turned: Knobs that are not at their default.
        seed: Where the chance of the lab comes from; None: that of the lesson.
        keep: Put it into the diary; a page that is only looked at writes nothing.

    Raises:
        UsageError: If there is no such lesson, knob or number.
    """
    drawn = SEED if seed is None else seed
    told = tell(load_lesson(name), seed=drawn, turned=turned)
    one = told.lesson
    asked = {guess.of: guess.asks for guess in one.guess}
    strange = [name for name in guesses or {} if name not in asked]
    if strange:
        raise UsageError(f"{strange[0]!r} is not asked. Asked: {', '.join(asked)}.")
    beside = [
        {"asks": asked[of], "of": of, "guessed": guess, "came": told.numbers[of]}
        for of, guess in (guesses or {}).items()
    ]
    if keep and not turned:
        diary = desk.write()
        if beside:
            diary.add(GUESSED, one.slug, {"guesses": beside})
        diary.add(TAUGHT, one.slug, {})
    return {
        "kind": "lesson",
        **_lesson_line(one, {one.slug}),
        "seed": told.seed,
        "knobs": dict(told.knobs),
        "numbers": dict(told.numbers),
        "guesses": beside,
        "text": told.text,
        "cards": [card.model_dump() for card in one.card],
        "practise": one.practise,
    }


def self_knowledge(desk: Desk) -> View:
    """Compare one's own readings of answers with those of peers."""
    diary = desk.diary
    found = gap(diary.readings()) if diary else gap([])
    return {"kind": "self_knowledge", **plain(found)}
