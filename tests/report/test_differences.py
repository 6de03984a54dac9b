from hypothesis import given
from hypothesis import strategies as st

from shipcall.report.differences import MOST_WORDS, differences


def own(pieces: tuple[tuple[str, bool], ...]) -> list[str]:
    return [text for text, mine in pieces if mine]


def test_only_the_words_that_one_side_has_are_marked() -> None:
    found = differences("ship it on Monday", "ship it on Friday, please")
    assert own(found.one) == ["Monday"]
    assert "".join(own(found.other)) == "Friday, please"


def test_a_number_is_one_word() -> None:
    found = differences("costs 1.25 EUR", "costs 1.35 EUR")
    assert (own(found.one), own(found.other)) == (["1.25"], ["1.35"])


def test_texts_that_are_too_long_stand_without_marks() -> None:
    long = "word " * MOST_WORDS
    found = differences(long, "word")
    assert not found.compared
    assert own(found.one) == own(found.other) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_side_are_the_whole_side(one: str, other: str) -> None:
    found = differences(one, other)
    assert "".join(piece.text for piece in found.one) == one
    assert "".join(piece.text for piece in found.other) == other


@given(st.text(max_size=60))
def test_equal_texts_have_no_marks(text: str) -> None:
    found = differences(text, text)
    assert own(found.one) == own(found.other) == []
