"""The worksheet for the talk about pay: fields and TOML are one sheet; nothing typed is lost."""

import re
import tomllib
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from asking import TOKEN, client_of
from flights import OFFER
from shipcall.app.prepare import desk_at
from shipcall.preparation.offer import TEMPLATE, Worksheet
from shipcall.web.preparation.offers import fields_of, sheet_of, typed_in, written

AT = "/prepare/negotiation"
FIELDS = {
    "walk_away": "80,000",
    "questions": "Do refreshers come every year?\r\nWho decides on the level?",
    "known.1.what": "base",
    "known.1.low": "75000",
    "known.1.high": "95000",
    "known.1.source": "two people I know",
    "known.1.as_of": "2026",
    "offer.1.name": "first <letter>",
    "offer.1.base": "78000",
    "offer.1.sign_on": "5000",
    "offer.1.equity.value": "60000",
    "offer.1.equity.worthless": "30",
    "offer.1.equity.vesting": "40 30 20 10",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def visitor(root: Path) -> TestClient:
    return client_of(root)


def sent(visitor: TestClient, path: str, **fields: str) -> str:
    """Send a form and give the page it leads to."""
    got = visitor.post(f"{AT}/{path}", data={"token": TOKEN, **fields}, follow_redirects=False)
    assert got.status_code == 303, got.text[:2000]
    return shown(visitor, str(got.headers["location"]))


def shown(visitor: TestClient, address: str = AT) -> str:
    got = visitor.get(address)
    assert got.status_code == 200, got.text[:2000]
    return str(got.text)


def beside(page: str, field: str) -> str:
    """What stands beside a field: between it and the end of its cell."""
    found = re.search(rf'name="{re.escape(field)}".*?</label>(.*?)</div>', page, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def test_fields_are_added_up_as_the_same_toml_is(visitor: TestClient) -> None:
    page = sent(visitor, "check", **FIELDS)
    assert "83,000" in page
    assert "first &lt;letter&gt;" in page
    assert "below your walk-away" in page
    sheet = visitor.get(f"{AT}.json").json()["sheet"]
    assert sheet["walk_away"] == 80_000
    assert sheet["offer"][0]["equity"]["vesting"] == [0.4, 0.3, 0.2, 0.1]
    assert sheet["offer"][0]["equity"]["worthless"] == 0.3
    assert sheet["questions"] == FIELDS["questions"].split("\r\n")


def test_what_is_to_be_found_out_stands_beside_its_field(visitor: TestClient) -> None:
    page = sent(visitor, "check", **{**FIELDS, "walk_away": ""})
    assert "Without a number at which you leave" in beside(page, "walk_away")
    assert "Nothing besides money" in beside(page, "non_cash")
    assert not beside(page, "questions").strip()
    assert "One number from one place" in page


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("walk_away", "a lot", "is no number"),
        ("known.1.high", "", "Field required"),
        ("known.1.low", "-5", "greater than or equal to 0"),
        ("offer.1.bonus", "150", "less than or equal to 1"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_kept(
    visitor: TestClient, root: Path, field: str, typed: str, says: str
) -> None:
    page = sent(visitor, "check", **{**FIELDS, field: typed})
    assert "Not kept yet" in page
    assert says in beside(page, field)
    assert f'name="offer.1.base" value="{FIELDS["offer.1.base"]}"' in page
    assert desk_at(root).diary is None
    page = sent(visitor, "check", **FIELDS)
    assert "Not kept yet" not in page


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"known.1.high": "10"}, "lower end to its upper"),
        ({"offer.1.equity.vesting": "40 30"}, "adds up to 0.7"),
        ({"offer.1.equity.options": "1"}, "options need `strike`"),
    ],
)
def test_what_fits_no_single_field_is_said_all_the_same(
    visitor: TestClient, root: Path, more: dict[str, str], says: str
) -> None:
    assert says in sent(visitor, "check", **{**FIELDS, **more})
    assert desk_at(root).diary is None


def test_rows_that_were_left_empty_close_up_and_keep_their_notes(visitor: TestClient) -> None:
    moved = {name.replace("known.1", "known.7"): text for name, text in FIELDS.items()}
    page = sent(visitor, "check", **{**moved, "known.7.as_of": ""})
    assert 'name="known.1.source" value="two people I know"' in page
    assert 'name="known.3.what"' in page
    assert 'name="known.4.what"' not in page
    assert "A number without a source is a wish" in page


def test_too_many_rows_are_refused(visitor: TestClient) -> None:
    many = {f"known.{n}.what": "base" for n in range(1, 60)}
    got = visitor.post(f"{AT}/check", data={"token": TOKEN, **many})
    assert got.status_code == 400
    assert "at most 40 rows" in got.text


def test_a_sheet_is_brought_along_and_taken_away_as_toml(visitor: TestClient) -> None:
    page = sent(visitor, "import", sheet=OFFER)
    assert 'value="1" checked' not in page
    assert 'name="offer.1.equity.spread" value="40"' in page
    got = visitor.get(f"{AT}.toml")
    assert got.headers["content-type"].startswith("application/toml")
    assert got.text == OFFER
    bad = visitor.post(f"{AT}/import", data={"token": TOKEN, "sheet": "base = ="})
    assert bad.status_code == 400
    assert "no TOML" in bad.text


def test_before_anything_is_kept_the_empty_sheet_is_taken_away(visitor: TestClient) -> None:
    assert visitor.get(f"{AT}.toml").text == TEMPLATE
    assert "What you know of pay" in shown(visitor)


@pytest.mark.parametrize("text", [OFFER, TEMPLATE])
def test_a_sheet_comes_back_from_its_fields_as_it_was(text: str) -> None:
    before = Worksheet.model_validate(tomllib.loads(text))
    sheet, faults = sheet_of(typed_in(fields_of(before.model_dump(mode="json"))))
    assert faults == []
    assert Worksheet.model_validate(tomllib.loads(written(sheet))) == before
