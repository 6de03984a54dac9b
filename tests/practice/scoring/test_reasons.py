"""Reasons: signs that can be found without an opinion, with the sentence in which they stand."""

import pytest

from practice.tiny import tiny_play
from shipcall.practice.scoring import reasons, signs
from shipcall.practice.scoring.reasons import reason_score
from shipcall.practice.scoring.score import ReasonScore
from shipcall.practice.scoring.signs import says, sentences

SOUND = (
    "We serve ten percent for another week: recall in NZ is down by 0.8 pp (interval -1.9 to 0.3), "
    "which is not shown to be harmless. Retention is unmoved. "
    "If mails lost rise above 2 pp over 3 days, we roll back. "
    "Next we read the log with its owner."
)
PLAY = tiny_play()


def found(text: str) -> ReasonScore:
    score = reason_score(PLAY, text)
    assert score is not None
    return score


def test_a_sound_reason_shows_every_sign() -> None:
    score = found(SOUND)
    assert {sign for sign, there in score.found.items() if not there} == {"Says who reads the log"}
    assert score.words == len(SOUND.split())


def test_every_quote_is_a_sentence_of_the_person() -> None:
    score = found(SOUND)
    assert score.quotes[signs.TRIGGER] == "If mails lost rise above 2 pp over 3 days, we roll back."
    assert score.quotes["Names New Zealand"].startswith("We serve ten percent")
    for sign, quote in score.quotes.items():
        assert quote in SOUND
        assert score.found[sign]


def test_an_empty_phrase_shows_none() -> None:
    score = found("Looks fine to me.")
    assert [sign for sign, there in score.found.items() if there] == [signs.LENGTH]
    assert score.quotes == {}


@pytest.mark.parametrize(
    "text",
    [
        "If things rise above 2 pp over 3 days, we roll back.",
        "If mails lost rise over 3 days, we roll back.",
        "If mails lost rise above 2 pp, we roll back.",
        "If mails lost rise above 2 pp over 3 days, we tell everybody.",
    ],
    ids=["no metric", "no bar", "no window", "no action"],
)
def test_a_trigger_lacks_a_part(text: str) -> None:
    assert not found(text).found[signs.TRIGGER]


@pytest.mark.parametrize(
    "text",
    [
        "Precision below 0.9 for two days in a row: switch off.",
        "We revert when complaints exceed 40 per hour.",
        "Should recall fall under 80 % on a day, stop the rollout.",
        "It rolls back if tickets are four points down over five days.",
    ],
)
def test_a_trigger_may_be_said_in_many_ways(text: str) -> None:
    assert found(text).found[signs.TRIGGER]


def test_slices_are_known_by_the_columns_and_levels_of_the_case() -> None:
    assert found("Only US users.").found[signs.SLICE]
    assert found("By country.").found[signs.SLICE]
    assert found("In New Zealand it may fail.").found[signs.SLICE]
    assert not found("We must, for all.").found[signs.SLICE]


def test_metrics_of_the_contract_are_known_by_name_and_stem(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract = """[metric]
    finished_shows = { level = "product" }
    graded_blind = { level = "model" }
    """
    monkeypatch.setattr(reasons, "contract_text", lambda _: contract)
    product, model = found("Fewer people finish."), found("It was graded well.")
    assert product.found[signs.OF_PRODUCT]
    assert not product.found[signs.OF_MODEL]
    assert model.found[signs.OF_MODEL]
    assert not model.found[signs.OF_PRODUCT]
    assert found("If they finish 2 points less for a week, go back.").found[signs.TRIGGER]


def test_words_are_met_at_their_beginning_only() -> None:
    assert says("Two sessions more", ["session"])
    assert not says("An obsession", ["session"])


def test_a_point_in_a_number_ends_no_sentence() -> None:
    assert list(sentences("It is 0.3 pp. We wait!\nThen we see")) == [
        "It is 0.3 pp.",
        "We wait!",
        "Then we see",
    ]


def test_a_long_text_is_told_to_be_one() -> None:
    assert found("word " * 120).found[signs.LENGTH]
    assert not found("word " * 121).found[signs.LENGTH]


def test_nothing_written_has_no_score() -> None:
    assert reason_score(PLAY, " \n") is None
