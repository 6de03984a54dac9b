"""Pages of loops: who claims them, and nothing of the whole while a question is unread."""

from pathlib import Path

from web.persons import AT, Person, said


def test_a_loop_stands_beside_those_that_say_otherwise_and_names_who_claims_it(
    person: Person,
) -> None:
    page = person.sees("/prepare/loop/google-weights")
    assert "says otherwise" in page
    assert "google-rounds" in page
    assert page.count("not by the company") >= 2
    assert "(S2, line 26)" in page


def test_a_rehearsal_says_nothing_of_the_whole_while_a_question_is_unread(person: Person) -> None:
    assert person.client.get("/prepare/rehearsal").status_code == 400
    assert person.does("/prepare/loop/google-weights/begin", seed="1") == "/prepare/rehearsal"
    rounds = person.told("/prepare/rehearsal.json")["rounds"]
    assert isinstance(rounds, list)
    asked = [(place, one["id"]) for place, part in enumerate(rounds) for one in part["questions"]]
    for place, name in asked:
        page = person.sees("/prepare/rehearsal")
        assert "Nothing is said of the whole yet." in page
        assert "weighted over the rounds" not in page
        where = person.does("/prepare/rehearsal/enter", round=str(place), clock="1")
        assert where.startswith(f"/prepare/question/{name}?round={place}&again=1&clock=")
        assert "left of the round" in person.sees(where)
        digest = person.locks(name, round=str(place))
        person.does(f"/prepare/question/{name}/read", answer=digest, reader="self")
    page = person.sees("/prepare/rehearsal")
    assert "weighted over the rounds" in page
    assert "Nothing is said of the whole" not in page
    assert page.count("0 of ") >= len(rounds)
    assert person.client.get("/prepare/rehearsal.json").content == said("loop", "--now")
    numbers = person.client.get("/prepare/rehearsal/charts/packets.csv").text.splitlines()
    assert len(numbers) == 1 + len(rounds)


def test_a_round_that_is_not_there_cannot_be_entered(person: Person) -> None:
    person.does("/prepare/loop/google-weights/begin", seed="1")
    for number in ("9", "x"):
        assert person.post("/prepare/rehearsal/enter", round=number).status_code == 400
    assert person.client.get(f"{AT}?round=9").status_code == 400


def test_a_file_is_no_loop_of_the_pages(person: Person) -> None:
    """Else an address could read any file of the machine."""
    Path("mine.toml").write_text("", encoding="utf-8")
    for name in ("mine.toml", "mine.toml%2F", "%2Fetc%2Fmine.toml"):
        got = person.client.get(f"/prepare/loop/{name}")
        assert got.status_code == 400
        assert "There are: anthropic" in got.text
        assert person.post(f"/prepare/loop/{name}/begin").status_code == 400
