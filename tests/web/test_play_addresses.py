"""Addresses of a play: twins, charts and pages, and nothing of the truth before the reveal."""

import json
import re
from collections.abc import Iterator

from asking import client_of
from practice.shelves import SECRET_WORDS
from shipcall.web.practice import halls
from web.persons import PICTURES, SHEET, Player, said


def test_the_twins_are_the_bytes_of_the_commands(revealed: Player) -> None:
    locked = Player(revealed.root)
    locked.begin(case="tiny")
    locked.does("go")
    locked.does("look", panel="effect")
    locked.does("lock", sure="yes")
    for address, arguments in (
        ("/practice.json", ("list",)),
        ("/practice/me.json", ("me",)),
        (f"{locked.at}.json", ("resume", locked.play)),
        (f"{revealed.at}.json", ("resume", revealed.play)),
        (f"{revealed.at}/debrief.json", ("resume", revealed.play)),
    ):
        got = revealed.client.get(address)
        assert got.content == said(*arguments), address


def test_an_open_panel_is_a_picture_and_a_covered_one_is_none(playing: Player) -> None:
    playing.does("look", panel="effect")
    assert playing.client.get(f"{playing.at}/charts/effect.svg").status_code == 200
    for name in ("tickets", "ladder", "evidence"):
        assert playing.client.get(f"{playing.at}/charts/{name}.svg").status_code == 404


def test_pages_of_practice_have_nothing_inline_and_no_name_twice(revealed: Player) -> None:
    open_play = Player(revealed.root)
    open_play.begin(case="tiny")
    open_play.does("go")
    open_play.does("look", panel="effect")
    addresses = (open_play.at, revealed.at + "/debrief", "/practice", "/practice/me")
    for address in addresses:
        page = revealed.sees(address)
        assert " style=" not in page
        assert "<style" not in page
        assert not re.search(r"<script(?![^>]*src=)", page)
        assert not re.search(r"\son\w+=", page)
        names = re.findall(r'\sid="([^"]+)"', page)
        assert sorted(names) == sorted(set(names)), address


def test_a_play_that_is_not_here_says_so(player: Player) -> None:
    for address in ("/practice/play/none", "/practice/play/none/debrief"):
        got = player.client.get(address)
        assert got.status_code == 400
        assert "no play" in got.text
    assert player.post("/practice/play/none/go").status_code == 400


def test_what_a_person_typed_is_shown_and_never_obeyed(playing: Player) -> None:
    playing.does("save", why='<script>alert("x")</script>\n=cmd()', call="back")
    assert "<script>alert" not in playing.sees()
    playing.does("lock", sure="yes")
    where = playing.does("reveal")
    assert "<script>alert" not in playing.sees(where)
    playing.does("carry", rule="<b>bold</b>")
    assert "<b>bold" not in playing.sees(where)


def test_forms_of_practice_need_the_token(player: Player) -> None:
    assert player.client.post("/practice/start", data={"case": "tiny"}).status_code == 403


def everything_before_the_reveal(player: Player) -> Iterator[str]:
    """All pages, twins, charts and addresses that a person can reach of an unrevealed play."""
    got = [player.begin(case="tiny").headers["location"], player.sees()]
    got += [player.does("go"), player.sees()]
    for panel in ("effect", "changes", "flags"):
        got += [player.does("look", panel=panel), player.sees()]
    got += [player.does("save", **SHEET), player.sees(), player.does("lock", **SHEET)]
    got += [player.sees(), player.does("retry"), player.sees(f"{player.at}?panel=all")]
    got += [player.does("lock", sure="yes"), player.sees()]
    yield from got
    for address in ("/practice", "/practice/me", "/", player.at):
        yield player.sees(address)
        yield player.sees(("/index" if address == "/" else address) + ".json")
    for name in ("tickets", "flags", "effect", "changes", "notes", *PICTURES):
        for kind in ("svg", "csv"):
            for base in (player.at, f"{player.at}/debrief"):
                yield player.client.get(f"{base}/charts/{name}.{kind}").text
    for address in ("/debrief", "/debrief.json", "/debrief.md"):
        refused = player.client.get(player.at + address)
        assert refused.status_code == 400
        yield refused.text


def test_no_page_before_the_reveal_tells_what_is_so(player: Player) -> None:
    words = (*SECRET_WORDS, "trap", "twin", "seed", "nonce")
    for text in everything_before_the_reveal(player):
        told = text.replace("/static/app", "").lower()
        assert [word for word in words if re.search(rf"\b{word}|_{word}", told)] == []
    where = player.does("reveal")
    assert any(word in player.sees(where) for word in SECRET_WORDS)


def test_the_clock_is_the_servers(playing: Player) -> None:
    """The page may stand for as long as it likes: what is left comes from the journal."""
    later = client_of(playing.root)
    halls.hall_of.cache_clear()
    first = json.loads(playing.client.get(f"{playing.at}.json").text)["clock"]["left"]
    second = json.loads(later.get(f"{playing.at}.json").text)["clock"]["left"]
    assert second <= first
