"""An answer that was begun and not locked: kept from page to page, and for the terminal."""

from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from asking import TOKEN, client_of
from shipcall.app.prepare import desk_at
from shipcall.app.prepare_drafts import draft_of, keep_draft
from shipcall.cli.main import shipcall

NAME = "ship-new-recommender"
AT = f"/prepare/question/{NAME}"
SAID = "We write it down first.\r\nNew users <lose> half a point."


def test_what_was_typed_stands_in_its_field_again(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    got = client.post(f"{AT}/keep", data={"token": TOKEN, "text": SAID})
    assert got.status_code == 303
    assert f"{SAID.replace(chr(13), '')}</textarea>" in unescape(client.get(AT).text)
    assert '"locked": false' in client.get(f"{AT}.json").text


def test_the_terminal_goes_on_from_what_was_typed_on_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client_of(tmp_path).post(f"{AT}/keep", data={"token": TOKEN, "text": SAID})
    told = CliRunner().invoke(shipcall, ["practice", "question", NAME], input="\n").output
    assert "| We write it down first." in told


def test_what_is_locked_is_no_draft_any_more(tmp_path: Path) -> None:
    client = client_of(tmp_path)
    client.post(f"{AT}/keep", data={"token": TOKEN, "text": SAID})
    client.post(f"{AT}/lock", data={"token": TOKEN, "text": SAID})
    assert draft_of(desk_at(tmp_path), NAME) == ""
    assert "</textarea>" not in client.get(AT).text
    assert "></textarea>" in client.get(f"{AT}?again=1").text


def test_a_field_that_was_emptied_keeps_nothing(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    keep_draft(desk, NAME, "One.")
    assert desk.draft(NAME).stat().st_mode & 0o077 == 0
    keep_draft(desk, NAME, "")
    assert not desk.draft(NAME).exists()


def test_half_a_character_is_kept_as_a_mark_and_stops_nothing(tmp_path: Path) -> None:
    desk = desk_at(tmp_path)
    keep_draft(desk, NAME, "One \ud83d two.")
    assert draft_of(desk, NAME) == "One ? two."


def test_a_draft_is_kept_for_questions_there_are(tmp_path: Path) -> None:
    got = client_of(tmp_path).post(
        "/prepare/question/no-such/keep", data={"token": TOKEN, "text": SAID}
    )
    assert got.status_code == 400
    assert not list(tmp_path.rglob("*.txt"))
