"""Pages of questions: nothing of a strong answer before the lock, and every reading beside it."""

import re
from html import unescape

import pytest

from endpoint import Mood, endpoint
from shipcall.app import prepare
from shipcall.core.readable import json_bytes
from shipcall.preparation.grading.provider import MODEL, URL
from shipcall.preparation.question import load_question
from shipcall.web.preparation import bank
from web.persons import AT, NAME, Person, said


def test_before_the_lock_nothing_of_the_strong_answer_is_on_a_page_or_in_its_twin(
    person: Person,
) -> None:
    one = load_question(NAME)
    hidden = [one.strong[:40], one.weak[:40], *(c.says for c in one.criteria), one.follow_ups[0]]
    hidden += [*(f.says for f in one.red_flags), *(c.shown for c in one.criteria)]
    for address in (AT, f"{AT}?as=self", f"{AT}?again=1", f"{AT}?began=1", f"{AT}.json"):
        got = unescape(person.client.get(address).text)
        assert one.asks.strip().split(". ")[0] in got
        assert [text for text in hidden if text in got] == []


def test_a_locked_answer_is_shown_with_everything_else_and_stays(person: Person) -> None:
    person.locks()
    page, one = person.sees(AT), load_question(NAME)
    assert "New users may lose 0.5 points." in page
    assert all(criterion.says in page for criterion in one.criteria)
    assert one.follow_ups[0] in page
    assert 'name="text"' not in page
    assert page.count('type="checkbox" name="met.') == 2 * len(one.criteria)
    assert 'value="C01"' in page


def test_a_clock_runs_only_when_it_was_started_and_keeps_what_was_typed(person: Person) -> None:
    assert "data-seconds" not in person.sees(AT)
    where = person.does(f"{AT}/start", text="Half a\r\nthought.")
    page = person.sees(where)
    left = re.search(r'data-seconds="(\d+)"', page)
    assert left is not None
    assert 60 * 12 - 30 < int(left[1]) <= 60 * 12
    assert "Half a\nthought.</textarea>" in page


def test_the_time_an_answer_took_is_that_of_the_clock_and_nothing_without_one(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bank, "now", lambda: 1_000_090)
    person.locks(began="1000000")
    person.locks("price-per-call")
    diary = prepare.desk_at(person.root).diary
    assert diary is not None
    assert [one.answer.seconds for one in diary.answers()] == [90.0, 0.0]


@pytest.mark.parametrize("text", ["", "  \r\n ", "x" * 20_001])
def test_an_answer_that_cannot_be_locked_is_refused_and_not_lost(person: Person, text: str) -> None:
    got = person.post(f"{AT}/lock", text=text)
    assert got.status_code == 400
    page = person.sees(AT)
    assert f"{text.replace(chr(13), '')}</textarea>" in page
    assert not person.told(f"{AT}.json")["locked"]


def test_the_sentences_that_were_ticked_are_quoted_under_their_criterion(person: Person) -> None:
    digest = person.locks()
    marks = {"met.regression-budget.2": "1", "met.together-before-training.1": "1"}
    where = person.does(f"{AT}/read", answer=digest, reader="self", **marks)
    page = person.sees(where)
    assert "2 of 9</b> criteria met, read by <bdi>you" in page
    criteria = [page.index(one.says) for one in load_question(NAME).criteria]
    assert criteria[0] < page.index("“We write down with research") < criteria[1]
    assert criteria[1] < page.index("“New users may lose 0.5 points.”") < criteria[2]
    assert page.count("○</span> not met") == 7


def ticks(page: str) -> int:
    """Boxes of the grid that are ticked."""
    return len(re.findall(r'type="checkbox" name="met[^>]* checked>', page))


def test_a_peer_reads_without_the_ticks_of_the_author_and_both_are_shown(person: Person) -> None:
    digest = person.locks()
    person.does(f"{AT}/read", answer=digest, reader="self", **{"met.regression-budget.2": "1"})
    assert ticks(person.sees(f"{AT}?as=")) == 0
    assert ticks(person.sees(f"{AT}?as=self")) == 1
    person.does(f"{AT}/read", answer=digest, reader="Ada <b>", **{"met.regression-budget.1": "1"})
    page = person.client.get(AT).text
    assert "Ada &lt;b&gt;" in page
    assert "</span> readers differ" not in page
    person.does(f"{AT}/read", answer=digest, reader="Bo")
    assert person.sees(AT).count("</span> readers differ") == 1


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"met.nothing.1": "1"}, "no criterion 'nothing'"),
        ({"met.regression-budget.7": "1"}, "no sentence 7"),
        ({"met.regression-budget.x": "1"}, "no whole number"),
        ({"answer": "0" * 64}, "another answer was locked meanwhile"),
    ],
)
def test_a_reading_of_what_is_not_there_is_refused(
    person: Person, fields: dict[str, str], told: str
) -> None:
    digest = person.locks()
    got = person.post(f"{AT}/read", **{"answer": digest, "reader": "self"} | fields)
    assert got.status_code == 400
    assert told in unescape(got.text)
    assert person.told(f"{AT}.json")["readings"] == []


def test_the_bank_is_narrowed_by_its_address_as_the_command_narrows_it(person: Person) -> None:
    address = "/prepare/bank.json?family=drift+and+incidents&q=who"
    assert person.client.get(address).content == said(
        "bank", "--family", "drift and incidents", "--find", "who"
    )
    assert "No question is like this" in person.sees("/prepare/bank?q=qqqq")


def test_the_twin_of_a_question_is_what_the_command_prints(person: Person) -> None:
    person.locks()
    assert person.client.get(f"{AT}.json").content == said("question", NAME)
    assert person.client.get(f"{AT}.json").content == json_bytes(
        prepare.question_view(prepare.desk_at(person.root), NAME)
    )


def test_a_grader_that_is_named_can_be_asked_and_one_that_is_not_is_not_shown(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    person.locks()
    assert "Ask the grader" not in person.sees(AT)
    with endpoint(Mood(reader=lambda *_: {}, body=b"<b>\x1b[2J</b>")) as base:
        monkeypatch.setenv(URL, base)
        monkeypatch.setenv(MODEL, "small")
        assert f"sends the question, its criteria and your answer to <bdi>{base}" in person.sees(AT)
        waiting = person.sees(person.does(f"{AT}/grader"))
    assert "not as a chat endpoint does" in waiting
    assert person.told(f"{AT}.json")["graded"] == []
    monkeypatch.setenv(MODEL, "")
    assert "Name the model" in person.sees(AT)
