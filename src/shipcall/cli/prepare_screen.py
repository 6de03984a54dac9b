"""Screens of preparing in the terminal, drawn from the views of `app.prepare`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shipcall.cli.practise_screen import flowing, shown, tell

View = Mapping[str, Any]
_MARKED = re.compile(r"(\*\*?)([^*]+)\1")
WRITE = (
    "Write what you would say. A line with only a point locks it; then it stays as it is. A line "
    "with only a dash takes the last one back."
)

__all__ = [
    "LOOPS",
    "bank_lines",
    "begun_lines",
    "cards_lines",
    "front_lines",
    "grader_lines",
    "lesson_lines",
    "lessons_lines",
    "question_lines",
    "sentence_lines",
    "shelf_lines",
    "shown",
    "sides_lines",
    "tell",
    "told_lines",
    "validation_lines",
]


def shelf_lines(view: View) -> list[str]:
    """Today's work in a line, a line for every kind of work, then what waits."""
    view = shown(view)
    asked, taught, cards, begun = (
        view[name] for name in ("questions", "lessons", "cards", "rehearsal")
    )
    read = "" if begun is None else f"{begun['read']} of {begun['questions']} questions read"
    lines = [
        f"bank      {asked['answered']} of {asked['count']} questions answered",
        f"lesson    {taught['read']} of {taught['count']} read",
        f"cards     {cards['due']} due today, {cards['known']} known",
        f"form      {view['forms']['answered']} handed in",
        f"loop      {begun['company']}: {read}" if begun else "loop      no rehearsal begun",
        "",
    ]
    if view["unread"]:
        names = ", ".join(view["unread"])
        lines += flowing(f"Locked, and not read against the criteria: {names}")
    return [*_today(view["plan"]), "", *lines, "Begin one: shipcall practice KIND"]


def _today(plan: View | None) -> list[str]:
    """What of today's work is done, and where it is; before a plan how to begin one."""
    if plan is None:
        return flowing(
            "No plan yet. Name a company and a day, then find out where you begin: "
            "shipcall practice begin --company Google --interview 30d"
        )
    aim, day = plan["aim"], plan["day"]
    if day is None:
        return flowing(aim["remarks"][-1])
    done = sum(one["done"] for one in day["tasks"])
    left = f"{aim['days']} day{'' if aim['days'] == 1 else 's'} left"
    work = f"{done} of {len(day['tasks'])} tasks done, about {day['minutes']} minutes"
    told = work if day["tasks"] else "nothing, which is part of the plan"
    return flowing(f"Today, {day['title']}: {told}; {left}. It is here: shipcall practice today")


def bank_lines(view: View) -> list[str]:
    """Every question in a paragraph."""
    view = shown(view)
    lines = []
    for one in view["questions"]:
        said = f", answered {one['answers']} times" if one["answers"] else ""
        lines += [f"{one['id']}  ({one['family']}, {one['minutes']} min{said})"]
        lines += [*flowing(one["asks"], indent=2), ""]
    found = len(view["questions"])
    if not found:
        return flowing("No question is like this. All of them: shipcall practice bank")
    return [*lines, f"{found} of {view['count']} questions. Answer one: {_ASK}"]


_ASK = "shipcall practice question ID"


def question_lines(view: View) -> list[str]:
    """The question, before an answer."""
    view = shown(view)
    asked = f"{view['minutes']} minutes; {view['criteria_count']} criteria afterwards."
    return [*flowing(view["asks"]), "", asked, *flowing(WRITE)]


def sentence_lines(view: View) -> list[str]:
    """One's own answer in numbered sentences, to point at."""
    view = shown(view)
    lines = ["", "Locked. Your sentences:"]
    for place, sentence in enumerate(view["answer"]["sentences"], 1):
        lines += flowing(f"{place}. {sentence}", indent=2)
    return [*lines, "", "Which of them meet each criterion? Numbers, or nothing.", ""]


def told_lines(view: View) -> list[str]:
    """The question with everything that is shown of it by now."""
    view = shown(view)
    if not view["locked"]:
        return question_lines(view)
    return [
        *flowing(view["asks"]),
        "",
        *_reading(view),
        *(line for one in view["graded"][-1:] for line in _graded(one)),
        *_signs(view["signs"]),
        "A strong answer:",
        *_paragraphs(view["strong"]),
        "A weak one:",
        *_paragraphs(view["weak"]),
        *(line for flag in view["red_flags"] for line in flowing(f"! {flag['says']}", indent=2)),
        "",
        "They would go on to ask:",
        *(line for one in view["follow_ups"] for line in flowing(f"- {one}", indent=2)),
        "",
        f"The same skill, scored from what you decide: {_drill(view['drill'])}",
    ]


def _drill(told: str) -> str:
    """The command of a drill, which is a case, a form, a study or an exercise."""
    word = told.partition(" ")[0]
    if word == "study":
        return f"shipcall {told}"
    if word == "form":
        return f"shipcall practice {told}"
    return f"shipcall practice {'start' if _CASE.fullmatch(told) else 'exercise'} {told}"


_CASE = re.compile(r"C\d+")


def _reading(view: View) -> Iterator[str]:
    if not view["readings"]:
        yield f"Locked at {view['answer']['at']}. Nobody has read it against the criteria yet:"
        for one in view["criteria"]:
            yield from flowing(f"{one['id']}: {one['says']}", indent=2)
        yield ""
        return
    newest = view["readings"][-1]
    met = {one["criterion"]: one["quotes"] for one in newest["met"]}
    hits = sum(bool(quotes) for quotes in met.values())
    yield f"{hits} of {len(met)} criteria met, read by {newest['reader']}:"
    for one in view["criteria"]:
        quotes = met.get(one["id"], [])
        yield from flowing(f"{'+' if quotes else '-'} {one['says']}", indent=2)
        for told in quotes or [f"a strong answer: {one['shown']}"]:
            yield from flowing(f"\u201c{told}\u201d" if quotes else told, indent=6)
    yield ""


def _graded(one: View) -> Iterator[str]:
    found = sum(seen["met"] for seen in one["seen"])
    yield from flowing(
        f"A grader ({one['model']} at {one['provider']}) finds {found} of {len(one['seen'])}. "
        f"It is {one['status']}. A hint, which counts nowhere:"
    )
    for seen in one["seen"]:
        votes = f", {seen['votes']} of {one['of']} votes" if seen["split"] else ""
        yield f"  {'+' if seen['met'] else '-'} {seen['criterion']}{votes}"
        for quote in seen["quotes"]:
            yield from flowing(f"\u201c{quote}\u201d", indent=6)
    if one["unread"]:
        yield f"  {one['unread']} of {one['of']} replies had no form; they count as not met."
    yield ""


def grader_lines(view: View) -> list[str]:
    """Which grader is named, and what is known of it."""
    view = shown(view)
    if not view["named"]:
        return flowing("No grader is named. Nothing is sent anywhere, and nothing needs one.")
    lines = flowing(f"{view['model']} at {view['provider']}")
    told = view["validation"]
    if told is None:
        lines += flowing("Unvalidated. Show that it reads as people do:")
        lines += ["  shipcall practice grader validate FILE"]
    else:
        lines += [f"Held against people at {told['at']}:", *validation_lines(told)]
    if view["failed"]:
        last = view["failed"]
        lines += flowing(f"Of no use last at {last['at']} ({last['question']}): {last['why']}.")
    return [*lines, *flowing(view["note"])]


def validation_lines(view: View) -> list[str]:
    """How a grader did beside two people."""
    view = shown(view)
    lines = [
        f"{view['answers']} answers, {view['criteria']} criteria; {view['void']} batches void",
        f"kappa of the two people      {_ends(view['people'])}",
        f"kappa of the grader with them {_ends(view['grader'])}",
        f"more finds in longer answers  {_ends(view['length'])}",
    ]
    if not view["lacks"]:
        return [*lines, "Validated for the criteria of these questions, as they are now."]
    lacks = (line for one in view["lacks"] for line in flowing(f"- {one}", indent=2))
    return [*lines, "Unvalidated:", *lacks]


def _ends(measured: View) -> str:
    if "value" not in measured:
        return f"not known: {measured['detail']}"
    return f"{measured['value']:.3f}   {measured['low']:.3f} to {measured['high']:.3f}"


def _signs(signs: Mapping[str, Any]) -> Iterator[str]:
    absent = [sign for sign, quote in signs.items() if quote is None]
    if absent:
        yield from flowing(
            f"No sign was found of: {', '.join(absent)}. That is a hint from words, no grade."
        )
        yield ""


def lessons_lines(view: View) -> list[str]:
    """The lessons by module."""
    view = shown(view)
    lines, module = [], ""
    for one in view["lessons"]:
        if one["module"] != module:
            module = one["module"]
            lines += ["", module]
        lines.append(f"{'x' if one['read'] else ' '} {one['number']:>2}  {one['title']}")
    return [*lines, "", "Read one: shipcall practice lesson NUMBER"]


def begun_lines(begun: View) -> list[str]:
    """What a lesson is for, before the guesses."""
    begun = shown(begun)
    head = f"Lesson {begun['number']}: {begun['title']}   ({begun['minutes']} minutes)"
    return [head, *flowing(begun["goal"]), "", "Guess first; an empty line guesses nothing."]


def lesson_lines(view: View) -> list[str]:
    """The lesson, with the guesses beside what came."""
    view = shown(view)
    lines = ["", f"Lesson {view['number']}: {view['title']}", ""]
    for one in view["guesses"]:
        said = f"{one['asks']} You said {one['guessed']:g}; the lab says {one['came']:,.4g}."
        lines += [*flowing(said), ""]
    lines += _paragraphs(_MARKED.sub(r"\2", view["text"]))
    lines += [f"{name} = {value:g}" for name, value in view["knobs"].items()]
    lines += ["Turn a knob: --set KNOB=VALUE", "", "Cards:"]
    for card in view["cards"]:
        lines += [*flowing(f"? {card['front']}", indent=2), *flowing(card["back"], indent=4)]
    return [*lines, "", f"Now do it: {view['practise']}"]


def cards_lines(view: View) -> list[str]:
    """How many cards there are today."""
    waiting = len(view["due"])
    yours = f"{view['known']} of {view['all']} cards are from lessons you read or words you keep."
    return [
        f"{waiting} due today; {yours}",
        "" if waiting else "Nothing is due. Read a lesson: shipcall practice lesson",
    ]


def front_lines(card: View) -> list[str]:
    """One side of a card."""
    card = shown(card)
    return ["", *flowing(card["front"])]


def sides_lines(card: View) -> list[str]:
    """Both sides of a card."""
    card = shown(card)
    place = f"lesson {card['lesson']}" if card["lesson"] else "a word you keep"
    return [f"{card['id']}, {place}", *flowing(card["back"], indent=2)]


def loops_lines(view: View) -> list[str]:
    """Every loop in a line."""
    view = shown(view)
    lines = [
        f"{one['id']:<16} {one['company']:<11} {len(one['rounds'])} rounds   {one['claimed_by']}"
        for one in view["loops"]
    ]
    lines += ["", "What else articles claim, and what it leaves open:"]
    for one in view["claims"]:
        lines += flowing(f"{one['says']} ({one['claimed_by']})", indent=2)
        lines += flowing(one["mind"], indent=6)
    return [*lines, "", *flowing(view["note"]), "Rehearse one: shipcall practice loop ID"]


def loop_lines(view: View) -> list[str]:
    """The rounds of one loop."""
    view = shown(view)
    return [f"{view['company']}, {view['claimed_by']}", *flowing(view["says"]), "", *_rounds(view)]


def _rounds(view: View) -> Iterator[str]:
    for one in view["rounds"]:
        veto = "   can stop everything" if one["veto"] else ""
        yield f"  {one['counts']:>4.0%}  {one['minutes']:>3} min  {one['name']}{veto}"
    if view["conflicts"]:
        yield f"Others say otherwise: {', '.join(view['conflicts'])}"
    yield from ("", *flowing(view["note"]))


def rehearsal_lines(view: View) -> list[str]:
    """What is asked in every round, and what the committee reads so far."""
    view = shown(view)
    told = view["committee"]
    lines = [f"{view['company']}, {view['claimed_by']}", ""]
    for one, packet in zip(view["rounds"], told["packets"], strict=True):
        lines.append(f"{one['name']}   ({one['minutes']} min)   {_met(packet)}")
        for asked in one["questions"]:
            mark = "+" if asked["read"] else ("." if asked["answered"] else " ")
            lines.append(f"  {mark} shipcall practice question {asked['id']}")
    return [*lines, "", *_committee(told), *flowing(view["note"])]


def _met(packet: View) -> str:
    if not packet["criteria"]:
        return "not read yet"
    ends = f"{packet['low']:.0%} to {packet['high']:.0%}"
    return f"{packet['met']} of {packet['criteria']} criteria met, {ends}"


def _committee(told: View) -> Iterator[str]:
    for better, worse in told["conflicts"]:
        yield f"Conflict: {better} stands above {worse}; a committee would ask again."
    for name in told["vetoes"]:
        yield f"Veto: {name} is shown to lie below half of its criteria."
    for block, share in told["blocks"].items():
        yield f"{block:<11}{'not read yet' if share is None else f'{share:.0%} of criteria met'}"
    if told["share"] is None:
        yield f"Nothing is said of the whole: {', '.join(told['unread'])} not read in full yet."
    else:
        yield f"Weighted over the rounds: {told['share']:.0%} of criteria met."


LOOPS = {"loops": loops_lines, "loop": loop_lines, "rehearsal": rehearsal_lines}
"""Kind of view -> its screen."""


def _paragraphs(text: str) -> Sequence[str]:
    return [line for one in text.split("\n") if one.strip() for line in (*flowing(one), "")]
