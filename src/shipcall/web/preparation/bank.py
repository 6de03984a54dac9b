"""Bank: the questions, one of them with a field to answer it, and what is shown once it is locked.

Before an answer is locked nothing of the strong one reaches a page: its view does not hold it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from shipcall.app import prepare, prepare_grader
from shipcall.app.prepare_drafts import draft_of, keep_draft
from shipcall.app.prepare_loops import rehearsal_view
from shipcall.core import UsageError
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Page, View
from shipcall.web.practice.halls import hall_of
from shipcall.web.practice.play import lined
from shipcall.web.preparation.desks import ahead, desk_of, now, turn, whole

Form = Mapping[str, str]
QUESTION = "/prepare/question/{id}"
CARRIED = ("round", "clock")
"""What a rehearsal carries from question to question: which round, and when it began."""
LONGEST = 86_400
"""Seconds beyond which a clock was forgotten: then nothing is said of the time."""


def bank_page(root: Path, asked: Asked) -> View:
    """List the questions, narrowed by what stands in the address."""
    return prepare.bank(desk_of(root), asked)


def question_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice question ID --json` gives."""
    return prepare.question_view(desk_of(root), asked["id"])


def question_page(root: Path, asked: Asked) -> View:
    """Show a question, its clock if somebody started it, and after locking everything else."""
    name = asked["id"]
    view = question_twin(root, asked)
    writing = not view["locked"] or "again" in asked
    return {
        **lined(view),
        "heading": name.replace("-", " ").capitalize(),
        "writing": writing,
        "draft": {"text": draft_of(desk_of(root), name) if writing else ""},
        "began": asked.get("began", ""),
        "carried": {part: asked[part] for part in CARRIED if asked.get(part)},
        "round": _round(root, asked),
        "left": _left(view, asked),
        "reader": asked.get("as"),
        "grader": _grader(root) if view["locked"] else None,
    }


def _grader(root: Path) -> View:
    """Which grader is named; one that makes no sense says why in its place."""
    try:
        return {**prepare_grader.grader_view(desk_of(root)), "wrong": ""}
    except UsageError as wrong:
        return {"named": False, "wrong": str(wrong)}


def _left(view: View, asked: Asked) -> int | None:
    """Seconds that are left of the time of a question; None: no clock runs."""
    if not asked.get("began"):
        return None
    gone = now() - whole(asked["began"], what="began")
    return max(0, 60 * int(view["minutes"]) - gone)


def _round(root: Path, asked: Asked) -> View | None:
    """The round of the newest rehearsal to which a question belongs, and what comes next."""
    if not asked.get("round"):
        return None
    place = whole(asked["round"], what="round")
    rounds = rehearsal_view(desk_of(root))["rounds"]
    if place >= len(rounds):
        raise UsageError(f"the rehearsal has {len(rounds)} rounds.")
    found = rounds[place]
    waiting = [one["id"] for one in found["questions"] if not one["answered"]]
    began = whole(asked.get("clock") or "0", what="clock")
    left = max(0, 60 * found["minutes"] - (now() - began)) if began else None
    return {**found, "next": waiting[0] if waiting else "", "left": left}


def question_pieces(view: View) -> Mapping[str, Any]:
    """Put what the template needs together: readers beside each other, what was ticked."""
    told: dict[str, Any] = {"do": address_of("prepare", "question", view["id"])}
    if not view["locked"]:
        return told
    newest = {one["reader"]: one for one in view["readings"]}
    quotes = {
        reader: {met["criterion"]: met["quotes"] for met in one["met"]}
        for reader, one in newest.items()
    }
    spoken = view["answer"]["sentences"]
    mine = quotes.get(view["reader"] or "", {})
    return told | {
        "sentences": spoken,
        "quotes": quotes,
        "hits": {who: sum(bool(said) for said in found.values()) for who, found in quotes.items()},
        "ticked": {
            f"met.{criterion}.{place}"
            for criterion, said in mine.items()
            for place, sentence in enumerate(spoken, 1)
            if sentence in said
        },
        "letters": "ABCDEFGHI",
        "ahead": ahead(view["drill"]),
        "asking": not newest or view["reader"] is not None,
    }


def start(root: Path, asked: Asked, form: Form) -> str:
    """Start the clock of a question; what was typed already stays."""
    name = asked["id"]
    prepare.question_view(desk_of(root), name)
    if form.get("text", "").strip():
        keep(root, asked, form)
    again = {"again": "1"} if form.get("again") or form.get("round") else {}
    return _address(name, form, began=str(now()), **again)


def lock(root: Path, asked: Asked, form: Form) -> str:
    """Lock an answer; a refused one stays in its field."""
    name, text = asked["id"], _lines(form.get("text", ""))
    keep(root, asked, form)
    began = whole(form.get("began") or "0", what="began")
    seconds = now() - began if began else 0
    with turn():
        prepare.lock_answer(
            desk_of(root), name, text, seconds=float(seconds if 0 <= seconds <= LONGEST else 0)
        )
    return _address(name, form) + "#answer"


def keep(root: Path, asked: Asked, form: Form) -> str:
    """Keep what was typed so far; the terminal goes on from the same words."""
    with turn():
        keep_draft(desk_of(root), asked["id"], _lines(form.get("text", "")))
    return address_of("prepare", "question", asked["id"])


def read(root: Path, asked: Asked, form: Form) -> str:
    """Put down which sentences meet which criterion."""
    name, marks = asked["id"], dict[str, list[int]]()
    for field in form:
        kind, _, rest = field.partition(".")
        criterion, _, place = rest.rpartition(".")
        if kind == "met":
            marks.setdefault(criterion, []).append(whole(place, what="a sentence"))
    with turn():
        desk = desk_of(root)
        if form.get("answer") != _digest(prepare.question_view(desk, name)):
            raise UsageError("another answer was locked meanwhile. Open the question again.")
        prepare.read_answer(desk, name, marks, reader=form.get("reader", "self"))
    return _address(name, form) + "#reading"


def grade(root: Path, asked: Asked, form: Form) -> str:
    """Send the answer to the grader that was named, and say where to wait for it."""
    name, provider = asked["id"], prepare_grader.named()
    address = _address(name, form)

    def work() -> None:
        told = prepare_grader.ask_grader(desk_of(root), name, provider, turn=turn)
        if "grader_failed" in told:
            raise UsageError(f"No reading by the grader: {told['grader_failed']}.")

    title = f"Asking the grader at {provider.name}"
    return hall_of(root).job(title, f"{address}#grader", work)


def _digest(view: View) -> str | None:
    return view["answer"]["digest"] if view["locked"] else None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _address(name: str, carried: Form, **query: str) -> str:
    kept = query | {part: carried[part] for part in CARRIED if carried.get(part)}
    return address_of("prepare", "question", name) + (f"?{urlencode(kept)}" if kept else "")


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/bank",
        title="Questions",
        template="prepare_bank.html.j2",
        view=bank_page,
        nav="practice",
    ),
    Page(
        path=QUESTION,
        title="{heading}",
        template="prepare_question.html.j2",
        view=question_page,
        twin=question_twin,
        more=question_pieces,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path=f"{QUESTION}/start", act=start),
    Action(path=f"{QUESTION}/lock", act=lock),
    Action(path=f"{QUESTION}/keep", act=keep, fields=("text",)),
    Action(path=f"{QUESTION}/read", act=read, fields=("answer",)),
    Action(path=f"{QUESTION}/grader", act=grade),
)
