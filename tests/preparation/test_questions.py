"""The bank of questions: every file is what it says, leads somewhere, and is our own text."""

import re
from pathlib import Path

import pytest

from shipcall.core import UsageError
from shipcall.practice.annotation import CARDS
from shipcall.practice.lineage import GRAPHS
from shipcall.practice.shelf import load_case, slugs
from shipcall.preparation.lesson import lesson_slugs, load_lesson
from shipcall.preparation.question import (
    Question,
    Round,
    load_question,
    question_ids,
    questions,
    read_question,
)

STUDIES = {"study cascade", "study costs", "study labels"}
FORMS = {"form imof", "form dvl", "form trade-off", "form contract"}
REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "mission.md"
RUN = 6
"""Words in a row that no text of ours shares with the quotations."""


def text_of(question: Question) -> str:
    criteria = [criterion.says for criterion in question.criteria]
    flags = [flag.says for flag in question.red_flags]
    told = [question.asks, question.weak, question.strong, *question.follow_ups]
    return "\n".join([*told, *criteria, *flags])


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9']+", text.lower())
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def test_every_question_type_of_the_mission_is_asked() -> None:
    served = {wish for one in questions() for wish in one.covers}
    assert {f"P{n}" for n in range(1, 43)} <= served
    assert len(question_ids()) >= 84


@pytest.mark.parametrize("name", question_ids())
def test_a_question_leads_to_a_drill_that_is_there(name: str) -> None:
    cases = {load_case(slug).id for slug in slugs()}
    there = cases | set(CARDS.names()) | set(GRAPHS.names()) | STUDIES | FORMS
    assert load_question(name).drill in there


@pytest.mark.parametrize("name", question_ids())
def test_a_weak_answer_is_shorter_and_says_less(name: str) -> None:
    one = load_question(name)
    weak, strong = len(one.weak.split()), len(one.strong.split())
    assert 40 <= weak < strong <= 360


def test_concepts_are_taught_somewhere() -> None:
    taught = {card.id for slug in lesson_slugs() for card in load_lesson(slug).card}
    asked = {concept for one in questions() for concept in one.concepts}
    assert asked <= taught


def test_every_kind_of_round_has_questions() -> None:
    asked = {name for one in questions() for name in one.rounds}
    assert asked == set(Round)


def test_no_run_of_words_is_taken_from_the_articles() -> None:
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE} is not there: our texts were not held against the quotations")
    theirs = runs(REFERENCE.read_text(encoding="utf-8"))
    ours = {one.id: text_of(one) for one in questions()}
    ours |= {slug: load_lesson(slug).text for slug in lesson_slugs()}
    shared = {name: found for name, text in ours.items() if (found := runs(text) & theirs)}
    assert not shared


SMALL = """
id = "small"
covers = ["P1"]
asks = "Ship?"
family = "release call"
rounds = ["screen"]
level = "entry"
minutes = 3
follow_ups = ["Why?", "When?"]
weak = "Yes, it is better."
strong = "It may lose half a point. It has a trigger. It was sealed."
drill = "C01"
concepts = ["non-inferiority"]
criteria = [
    { id = "a", says = "A budget.", shown = "It may lose half a point." },
    { id = "b", says = "A trigger.", shown = "It has a trigger." },
    { id = "c", says = "Committed.", shown = "It was sealed." },
]
red_flags = [{ says = "No number.", shown = "it is better" }]
"""


def test_the_small_question_is_one() -> None:
    assert read_question(SMALL, name="small").minutes == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("It has a trigger. It was", "It was", "not in the strong answer"),
        ("Yes, it is better.", "It was sealed.", "the weak answer says it too"),
        ('shown = "it is better"', 'shown = "it is worse"', "not in the weak answer"),
        ('id = "b"', 'id = "a"', "share an id"),
        ("minutes = 3", "minutes = 300", "less than or equal to 45"),
        ('covers = ["P1"]', "covers = []", "at least 1 item"),
        ("minutes = 3", "minutes = 3\nmood = 1", "Extra inputs"),
    ],
)
def test_a_broken_question_says_what_is_wrong(old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_question(SMALL.replace(old, new), name="small")


def test_a_question_that_is_not_there_is_refused() -> None:
    with pytest.raises(UsageError, match="no question"):
        load_question("nowhere")
