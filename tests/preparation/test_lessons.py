"""Lessons: text without digits of its own, and labs that hold at every turn of their knobs."""

import math
import re
from itertools import product

import pytest

from shipcall.core import UsageError
from shipcall.preparation.lesson import Lesson, filled, lesson_slugs, load_lesson, read_lesson, tell

_PLACES = re.compile(r"\{[^}]*\}|`[^`]*`")


@pytest.mark.parametrize("slug", lesson_slugs())
def test_no_number_stands_in_a_lesson_that_its_lab_did_not_give(slug: str) -> None:
    one = load_lesson(slug)
    own = _PLACES.sub("", one.text + " ".join(guess.asks for guess in one.guess))
    assert not re.findall(r"\d", own)


@pytest.mark.parametrize("slug", lesson_slugs())
def test_every_number_is_computed_and_the_same_each_time(slug: str) -> None:
    one = load_lesson(slug)
    told = tell(one)
    assert "{" not in told.text
    assert tell(one).text == told.text
    assert {guess.of for guess in one.guess} <= set(told.numbers)
    assert all(math.isfinite(number) for number in told.numbers.values())


@pytest.mark.slow
@pytest.mark.parametrize("slug", lesson_slugs())
def test_a_lab_holds_in_every_corner_of_its_knobs(slug: str) -> None:
    one = load_lesson(slug)
    ends = [[(name, knob.low), (name, knob.high)] for name, knob in one.knobs.items()]
    for corner in product(*ends):
        told = tell(one, seed=1, turned=dict(corner))
        assert all(math.isfinite(number) for number in told.numbers.values()), corner


@pytest.mark.parametrize("slug", lesson_slugs())
def test_a_lesson_takes_about_ten_minutes_to_read(slug: str) -> None:
    assert 250 <= len(load_lesson(slug).text.split()) <= 800


def test_lessons_are_numbered_from_one_without_gaps() -> None:
    numbers = [load_lesson(slug).number for slug in lesson_slugs()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_no_two_cards_share_an_id() -> None:
    ids = [card.id for slug in lesson_slugs() for card in load_lesson(slug).card]
    assert len(ids) == len(set(ids))


@pytest.fixture
def lesson() -> Lesson:
    return load_lesson("not-worse")


def test_a_knob_changes_the_numbers(lesson: Lesson) -> None:
    assert tell(lesson, turned={"harm": 0.0}).numbers != tell(lesson).numbers


@pytest.mark.parametrize(
    ("turned", "said"), [({"charm": 1.0}, "no knob 'charm'"), ({"harm": 99.0}, "from 0 to 10")]
)
def test_a_knob_that_is_not_there_or_turned_too_far_is_refused(
    lesson: Lesson, turned: dict[str, float], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        tell(lesson, turned=turned)


def test_a_number_the_lab_does_not_give_is_refused() -> None:
    with pytest.raises(UsageError, match="gives no 'b'"):
        filled("{b}", {"a": 1.0})


def test_numbers_are_written_with_the_digits_that_were_asked() -> None:
    assert filled("{a} {a:2} {b}", {"a": 1234.567, "b": -2.0}) == "1,235 1,234.57 \N{MINUS SIGN}2"


def test_a_file_without_a_head_is_no_lesson() -> None:
    with pytest.raises(UsageError, match="expected a head"):
        read_lesson("# Title\n", name="x")
