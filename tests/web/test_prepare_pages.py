"""Pages around preparing: the first one names what waits, and every link leads somewhere."""

import pytest

from shipcall.web.preparation.desks import ahead
from web.persons import AT, Person, said


def test_the_first_page_names_what_waits(person: Person) -> None:
    assert "No day yet?" in person.sees("/prepare")
    digest = person.locks()
    assert "1 answer was locked and not read" in person.sees("/prepare")
    person.does(f"{AT}/read", answer=digest, reader="self")
    page = person.sees("/prepare")
    assert "not read against" not in page
    assert "due today" not in page
    person.does("/prepare/lesson/the-call/guess")
    assert "3 cards</a> are due today." in person.sees("/prepare")
    assert person.client.get("/prepare.json").content == said("prepare")


def test_practice_leads_to_preparing(person: Person) -> None:
    assert 'href="/prepare"' in person.sees("/practice")


@pytest.mark.parametrize(
    ("told", "kind", "to"),
    [
        ("C08", "case", "/practice/start"),
        ("shipcall practice start C08", "case", "/practice/start"),
        ("form dvl", "page", "/prepare/form/dvl"),
        ("shipcall practice question price-per-call", "page", "/prepare/question/price-per-call"),
        ("study costs", "command", ""),
        ("card-voice-notes", "command", ""),
        ("shipcall practice exercise card-voice-notes", "command", ""),
    ],
)
def test_a_drill_leads_to_where_it_is_done(told: str, kind: str, to: str) -> None:
    found = ahead(told)
    assert (found["kind"], found["to"]) == (kind, to)
