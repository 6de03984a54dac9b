"""Pages of lessons and cards: guesses first, knobs in the address, and each card graded once."""

import json
import re
from html import unescape

import pytest

from shipcall.app import prepare
from shipcall.web.preparation.prose import rendered
from web.persons import Person, said


def test_a_lesson_asks_first_and_then_shows_guesses_beside_what_came(person: Person) -> None:
    at = "/prepare/lesson/not-worse"
    page = person.sees(at)
    assert "Guess first" in page
    assert 'class="computed"' not in page
    where = person.does(f"{at}/guess", **{"guess.short_not_significant": "20"})
    page = person.sees(where)
    assert page.count('class="computed"') > 10
    assert re.search(r"<td class=\"right num\">20</td><td class=\"right num\"><b>\d", page)
    diary = prepare.desk_at(person.root).diary
    assert diary is not None
    assert [entry.did for entry in diary.entries] == ["guessed", "taught"]


def test_a_link_is_an_experiment_and_looking_at_it_writes_nothing(person: Person) -> None:
    at = "/prepare/lesson/not-worse?told=1&seed=5&set.bar=1"
    calm, harmful = person.sees(f"{at}&set.harm=0"), person.sees(f"{at}&set.harm=8")
    assert "Another world: harm is 0." in calm
    numbers = [re.findall(r'class="computed">([^<]+)', page) for page in (calm, harmful)]
    assert numbers[0] != numbers[1]
    assert prepare.desk_at(person.root).diary is None
    twin = person.client.get("/prepare/lesson/not-worse.json?set.harm=0&seed=5").content
    assert twin == said("lesson", "not-worse", "--set", "harm=0", "--seed", "5")


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("set.harm=many", "is no number"),
        ("set.harm=99", "harm goes from 0 to 10"),
        ("set.nothing=1", "no knob 'nothing'"),
        ("seed=-1", "no whole number"),
        ("guess.nothing=1", "'nothing' is not asked"),
    ],
)
def test_a_knob_that_cannot_be_turned_says_why(person: Person, query: str, told: str) -> None:
    got = person.client.get(f"/prepare/lesson/not-worse?told=1&{query}")
    assert got.status_code == 400
    assert told in unescape(got.text)


def test_a_card_shows_its_back_when_asked_and_is_graded_once(person: Person) -> None:
    person.does("/prepare/lesson/not-worse/guess")
    assert "The owner of the product sets it" not in person.sees("/prepare/cards")
    page = person.sees("/prepare/cards?shown=regression-budget")
    assert "The owner of the product sets it" in page
    assert [f'data-key="{key}"' in page for key in (1, 2, 3, 4)] == [True] * 4
    for _ in range(2):
        person.does("/prepare/cards/grade", card="regression-budget", grade="3")
    view = person.told("/prepare/cards.json")
    assert view["recalls"] == 1
    assert "regression-budget" not in json.dumps(view["due"])
    got = person.post("/prepare/cards/grade", card="non-inferiority", grade="well")
    assert got.status_code == 400


def test_the_day_of_the_interview_stays_from_card_to_card(person: Person) -> None:
    person.does("/prepare/lesson/not-worse/guess")
    page = person.sees("/prepare/cards?interview=2030-12-20")
    assert "/prepare/cards?interview=2030-12-20&shown=non-inferiority" in page
    where = person.does(
        "/prepare/cards/grade", card="non-inferiority", grade="good", interview="2030-12-20"
    )
    assert where == "/prepare/cards?interview=2030-12-20"
    assert person.client.get("/prepare/cards?interview=soon").status_code == 400


def test_the_text_of_a_lesson_holds_nothing_but_text() -> None:
    text = (
        '**<script>** says *it\'s "4"*\nand `<b>9</b>`.\n\n## 3 & more\n\n- one\n- two\n\n'
        "```text\n<i>\n\n8\n```\n\n-1,200.5 points"
    )
    four, three = '<b class="computed">4</b>', '<b class="computed">3</b>'
    assert str(rendered(text)) == (
        f"<p><strong>&lt;script&gt;</strong> says <em>it&#39;s &#34;{four}&#34;</em> "
        "and <code>&lt;b&gt;9&lt;/b&gt;</code>.</p>\n"
        f"<h2>{three} &amp; more</h2>\n"
        "<ul><li>one</li><li>two</li></ul>\n"
        "<pre><code>&lt;i&gt;\n\n8</code></pre>\n"
        '<p><b class="computed">-1,200.5</b> points</p>'
    )
