"""Pages of forms: scored as the command scores them, and nothing that was typed is lost."""

import json
import re
from html import unescape
from pathlib import Path

import pytest

from shipcall.app import prepare
from shipcall.web.preparation.sheets import parts_of, sheet_of
from web.persons import Person, said

ORDER = ("meter-photos", "damp-photos", "call-notes", "repair-sorting", "craft-invoices")
PLACES = {f"place.{slug}": str(place) for place, slug in enumerate(ORDER, 1)}


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
