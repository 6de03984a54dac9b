"""Pages of preparing: nothing of a strong answer before the lock, and every form a plain POST."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from httpx import Response
from starlette.testclient import TestClient

from asking import TOKEN, client_of
from endpoint import Mood, endpoint
from flights import patient
from shipcall.app import prepare
from shipcall.cli.main import shipcall
from shipcall.core.readable import json_bytes
from shipcall.preparation.grading.provider import MODEL, URL
from shipcall.preparation.question import load_question
from shipcall.web.preparation import bank
from shipcall.web.preparation.desks import ahead
from shipcall.web.preparation.prose import rendered
from shipcall.web.preparation.sheets import parts_of, sheet_of

NAME = "ship-new-recommender"
AT = f"/prepare/question/{NAME}"
SAID = "We write down with research what better means.\r\nNew users may lose 0.5 points."
ORDER = ("meter-photos", "damp-photos", "call-notes", "repair-sorting", "craft-invoices")
PLACES = {f"place.{slug}": str(place) for place, slug in enumerate(ORDER, 1)}


class Person:
    """Somebody who prepares in a workspace, with forms alone."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client: TestClient = client_of(root)

    def post(self, address: str, **fields: str) -> Response:
        got: Response = self.client.post(address, data={"token": TOKEN} | fields)
        return got

    def does(self, address: str, **fields: str) -> str:
        got = self.post(address, **fields)
        assert got.status_code == 303, got.text
        return str(got.headers["location"])

    def sees(self, address: str) -> str:
        got = self.client.get(address.partition("#")[0])
        assert got.status_code == 200, got.text
        return unescape(got.text)

    def told(self, address: str) -> dict[str, object]:
        got = self.client.get(address)
        assert got.status_code == 200
        view: dict[str, object] = json.loads(got.content)
        return view

    def locks(self, name: str = NAME, said: str = SAID, **fields: str) -> str:
        """Lock an answer, and give the digest that a reading of it carries."""
        self.does(f"/prepare/question/{name}/lock", text=said, **fields)
        answer = self.told(f"/prepare/question/{name}.json")["answer"]
        assert isinstance(answer, dict)
        return str(answer["digest"])


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.chdir(tmp_path)
    patient(monkeypatch)
    return Person(tmp_path)


def said(*arguments: str) -> bytes:
    """What a command prints as JSON in the folder where the test is."""
    done = CliRunner().invoke(shipcall, ["practice", *arguments, "--json"], standalone_mode=False)
    assert done.exception is None
    return done.stdout_bytes


# ── questions


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


# ── lessons and cards


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


# ── forms


def test_an_order_by_numbers_is_scored_as_the_command_scores_it(person: Person) -> None:
    where = person.does("/prepare/form/dvl/answer", seed="7", probability="60", **PLACES)
    assert where == "/prepare/form/dvl/told/0"
    Path("order.toml").write_text(
        f"seed = 7\norder = {json.dumps(ORDER)}\nprobability = 0.6\n", encoding="utf-8"
    )
    told = said("form", "dvl", "--answer", "order.toml")
    assert person.client.get(f"{where}.json").content == told
    page = person.sees(where)
    assert "You would build meter-photos first" in page
    assert page.count("<svg") == 1
    numbers = person.client.get(f"{where}/charts/first.csv").text.splitlines()
    assert numbers[0].startswith("slug,first,worth")
    assert len(numbers) == 1 + len(ORDER)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"place.damp-photos": "1"}, "give each feature a place of its own, from 1 to 5"),
        ({"place.damp-photos": ""}, "is no whole number"),
        ({"probability": "lots"}, "'lots' is no number"),
        ({"probability": "160"}, "probability: Input should be less than or equal to 1"),
        ({"sheet": "order = ["}, "the answer is no TOML"),
    ],
)
def test_a_form_that_cannot_be_read_comes_back_as_it_was_typed(
    person: Person, fields: dict[str, str], told: str
) -> None:
    typed = {"seed": "7", "probability": "60"} | PLACES | fields
    where = person.does("/prepare/form/dvl/answer", **typed)
    page = person.sees(where)
    assert told in page
    assert 'name="place.meter-photos" type="number" min="1" max="5" step="1" ' in page
    assert re.search(r'name="place.meter-photos"[^>]* value="1"', page)
    assert all(text in page for text in fields.values())
    assert prepare.desk_at(person.root).diary is None


def test_a_dial_is_a_range_and_its_curve_carries_ones_own_point(person: Person) -> None:
    assert 'name="default" type="range"' in person.sees("/prepare/form/trade-off?seed=3")
    where = person.does(
        "/prepare/form/trade-off/answer",
        seed="3",
        default="40",
        owner='The "reading" team \\ Ada\r\nand Bo',
        **{"own.wary": "5"},
    )
    view = person.told(f"{where}.json")
    answer = view["answer"]
    assert isinstance(answer, dict)
    assert answer["own"] == {"wary": 5.0}
    assert answer["owner"] == 'The "reading" team \\ Ada\nand Bo'
    page = person.sees(where)
    assert page.count(">yours</text>") == 2
    assert "Say who may turn the dial" in page
    assert "svg" in person.client.get(f"{where}/charts/dial.svg").text


def test_a_design_is_written_field_by_field_and_what_is_left_out_is_not_there(
    person: Person,
) -> None:
    page = person.sees("/prepare/form/imof?seed=1")
    for name in ("at.input.source.0.name", "at.model.assumptions", "at.feedback.signal.1.teaches"):
        assert f'name="{name}"' in page
    prompt = re.search(r'name="prompt" value="([^"]+)"', page)
    assert prompt is not None
    typed = {
        "prompt": prompt[1],
        "at.input.source.0.name": "",
        "at.input.source.1.name": "orders",
        "at.model.assumptions": "Orders are true.\r\n\r\nPeople pay.",
        "at.feedback.signal.0.teaches": "model",
    }
    where = person.does("/prepare/form/imof/answer", seed="1", **typed)
    answer = person.told(f"{where}.json")["answer"]
    assert isinstance(answer, dict)
    assert [one["name"] for one in answer["input"]["source"]] == ["orders"]
    assert answer["model"]["assumptions"] == ["Orders are true.", "People pay."]
    assert answer["output"] == []
    assert "Hold these against your answer yourself" in person.sees(where)


def test_every_hint_of_a_template_stands_at_its_own_field() -> None:
    template = '[[output]]\nthreshold = ""  # from when\n[[loop]]\nthreshold = ""\n'
    hints = {
        field["name"]: field["hint"]
        for part in parts_of(template)
        for copy in part["copies"]
        for field in copy
    }
    assert hints == {
        "at.output.0.threshold": "from when",
        "at.output.1.threshold": "from when",
        "at.loop.0.threshold": "",
        "at.loop.1.threshold": "",
    }


def test_what_is_pasted_goes_before_what_stands_in_the_fields() -> None:
    fields = {"seed": "7", "probability": "60", "sheet": "seed = 8\r\n"} | PLACES
    assert sheet_of("dvl", fields) == "seed = 8\n"


def test_a_contract_with_faults_says_all_of_them_and_where_it_lay_is_nobodys_business(
    person: Person,
) -> None:
    where = person.does("/prepare/form/contract/answer", seed="1", sheet="shipcall = 1\n")
    page = person.sees(where)
    assert page.count("E101 missing key") >= 2
    assert "shipcall-form-" not in page
    assert "shipcall = 1\n</textarea>" in page


def test_an_answer_that_nobody_gave_is_not_shown(person: Person) -> None:
    got = person.client.get("/prepare/form/dvl/told/4")
    assert got.status_code == 400
    assert "no answer 4" in unescape(got.text)


# ── loops


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


def test_a_form_that_is_not_there_is_refused_and_writes_nothing_anywhere(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name stands in the address, where anything may stand."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    where = person.does("/prepare/form/..%2F..%2Fevil/answer", sheet="x = 1")
    assert person.client.get(where.partition("#")[0]).status_code == 400
    assert list(place.iterdir()) == []
    assert not list(tmp_path.parent.glob("evil*"))


# ── around them


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
