"""Screens of frameworks, rubrics, words and stories, drawn from their views."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from shipcall.cli.practise_screen import flowing, shown, tell

View = Mapping[str, Any]
ANOTHER = "an article names it; what it is good for is our judgement"

__all__ = ["lines", "tell"]


def lines(view: View) -> list[str]:
    """Any of these views in lines."""
    return list(_SCREENS[view["kind"]](shown(view)))


def _frameworks(view: View) -> Iterator[str]:
    for one in view["frameworks"]:
        yield f"{one['id']:<19} {one['name']}"
        yield from flowing(one["purpose"], indent=4)
    yield from ("", "One of them, with its template: shipcall practice frameworks NAME")


def _framework(view: View) -> Iterator[str]:
    yield view["name"] + (f"   ({ANOTHER})" if view["claimed_by"] else "")
    yield from flowing(view["purpose"])
    yield from _listed("It fits where", view["fits"])
    yield from _listed("It does not where", view["unfit"])
    yield from _listed("Flagged on a filled template", [one["says"] for one in view["misuse"]])
    for word in ("weak", "strong"):
        yield from ("", f"A {word} use (invented):")
        for part, text in view[word].items():
            yield from flowing(f"{part}: {text}", indent=2)
    yield from ("", "Template:", "", *view["template"].splitlines(), "")
    yield f"Check yours: shipcall practice frameworks {view['id']} --check FILE"
    yield f"Practise it: {view['beside']}"


def _listed(head: str, told: list[str]) -> Iterator[str]:
    yield from ("", f"{head}:")
    for one in told:
        yield from flowing(f"- {one}", indent=2)


def _checked(view: View) -> Iterator[str]:
    yield f"{view['name']}: {_counted(len(view['flags']), 'place')} flagged"
    for flag in view["flags"]:
        yield from flowing(f"! {', '.join(flag['parts'])}: {flag['says']}", indent=2)
        if flag["quote"]:
            yield from flowing(f"\u201c{flag['quote']}\u201d", indent=6)
    if not view["whole"]:
        yield "  Parts are blank, so nothing is said to hold."
    for says in view["holds"]:
        yield from flowing(f"+ not seen: {says}", indent=2)
    yield from flowing("A rule sees what it names. That nothing is flagged does not make it good.")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _rubrics(view: View) -> Iterator[str]:
    for one in view["rubrics"]:
        yield f"{one['id']:<27} {one['asks']}"
    yield from ("", "Its anchors: shipcall practice rubrics NAME")


def _rubric(view: View) -> Iterator[str]:
    yield from flowing(f"{view['name']}: {view['asks']}")
    for name, anchor in zip(view["levels"], view["anchor"], strict=True):
        yield from ("", name.upper())
        yield from flowing(anchor["says"], indent=2)
        yield from flowing(f"\u201c{anchor['shown']}\u201d", indent=6)
    yield ""
    for one in view["rated"]:
        level = view["levels"][one["level"] - 1]
        yield f"{one['reader']} read {level} in {one['question']} ({one['answer'][:8]})"
        for quote in one["quotes"]:
            yield from flowing(f"\u201c{quote}\u201d", indent=6)
    yield from flowing(view["note"])


def _words(view: View) -> Iterator[str]:
    for one in view["words"]:
        yield from _word_lines(one)
    yield from ("", f"{len(view['words'])} of {view['count']} words.")
    yield "Keep one as a card: shipcall practice words WORD --keep"


def _word(view: View) -> Iterator[str]:
    yield from _word_lines(view)
    if view["kept"]:
        yield "It is one of your cards: shipcall practice cards"


def _word_lines(one: View) -> Iterator[str]:
    mark = "* " if one["kept"] else "  "
    yield f"{mark}{one['term']}   ({one['id']}{', our own reading' if one['ours'] else ''})"
    yield from flowing(f"{one['says']} {one['mind']}", indent=6)
    if one["glossary"]:
        yield from flowing(f"In the glossary of shipcall: {one['glossary']}", indent=6)


def _stories(view: View) -> Iterator[str]:
    for one in view["stories"]:
        yield f"{one['id']:<24} {one['title']}"
        yield from flowing(f"{_told(one['told'], view['often'])}{_asked(one)}", indent=4)
    if not view["stories"]:
        yield "No story yet. A frame to fill in: shipcall practice stories template NAME"
    yield from ("", *flowing(view["note"]))


def _asked(one: View) -> str:
    return f"; a listener would ask: {', '.join(one['asked'])}" if one["asked"] else ""


def _told(told: View, often: int = 0) -> str:
    words = f"told {_counted(told['rehearsals'], 'time')} in rehearsal"
    words += f", {_counted(told['interviews'], 'time')} in interviews"
    return f"{words} - {often} or more: prepare another one" if told["often"] and often else words


def _story(view: View) -> Iterator[str]:
    yield view["title"] or view["id"]
    for one in view["parts"]:
        if one["says"].strip():
            yield from flowing(f"{one['part']}: {one['says']}", indent=2)
    yield from ("", "A listener would ask:" if view["lints"] else "No rule finds anything to ask.")
    for one in view["lints"]:
        yield from flowing(f"! {one['part']}: {one['why']}", indent=2)
    yield from ("", "Questions it may answer:")
    for one in view["fits"]:
        yield f"  shipcall practice question {one['id']}"
    if not view["fits"]:
        yield "  none in the bank"
    yield from ("", _told(view["told"]).capitalize() + ".")
    if view["told"]["often"]:
        yield "Told often: it may sound learned by heart. Prepare another one for this."
    for name in view["told"]["companies"]:
        yield from flowing(f"Told more than once to {name}: interviewers compare notes.")
    yield from flowing(view["note"])


_SCREENS: Mapping[str, Callable[[View], Iterator[str]]] = {
    "frameworks": _frameworks,
    "framework": _framework,
    "framework_checked": _checked,
    "rubrics": _rubrics,
    "rubric": _rubric,
    "words": _words,
    "word": _word,
    "stories": _stories,
    "story": _story,
}
