"""Debrief and tracker in the terminal: they fit, they need no colour, and they hide nothing."""

import re
from datetime import date
from typing import Any

import pytest

from practice.plays import FULL, account, finished
from practice.tiny import tiny, tiny_play
from shipcall.cli.practise_debrief import SCREENS, debrief_screens
from shipcall.cli.practise_me import tracker_text
from shipcall.practice.debrief import debrief
from shipcall.practice.difficulty import Landmarks
from shipcall.practice.scoring.sheets import score_sheet
from shipcall.practice.sheet import Sheet
from shipcall.practice.tracker import tracker


def view(sheet: Sheet = FULL) -> dict[str, Any]:
    play, did = tiny_play(3, truth=0), account("flags", "effect", sheet=sheet)
    return debrief(play, did, score_sheet(play, sheet, did.opened), verdict="HOLD")


def debrief_text(told: dict[str, Any], *, width: int, unicode: bool) -> str:
    """All screens, one after the other."""
    return "\n\n".join(debrief_screens(told, width=width, unicode=unicode))


def table() -> dict[str, Any]:
    claims = [{"name": "worse", "stated": 0.9, "so": True}]
    plays = [finished(n, loss_share=0.01 * n, claims=claims) for n in range(30)]
    places = Landmarks({}, {"checklist": 1580.0})
    return tracker(plays, date(2026, 11, 21), cases={"C99": tiny()}, places=places)


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("sheet", [FULL, Sheet()], ids=["full", "empty"])
def test_a_debrief_fits_the_screen(width: int, sheet: Sheet) -> None:
    lines = debrief_text(view(sheet), width=width, unicode=True).splitlines()
    assert max(len(line) for line in lines) <= width


def test_a_screen_holds_a_group_of_parts() -> None:
    screens = debrief_screens(view(), width=100, unicode=True)
    assert len(screens) == len(SCREENS)
    for keys, text in zip(SCREENS, screens, strict=True):
        heads = re.findall(r"─\n +(\d+) |─\n(\d+) ", text)
        assert len(heads) == len(keys)


def test_every_part_is_drawn() -> None:
    text = debrief_text(view(), width=100, unicode=True)
    for one in view()["parts"]:
        assert one["title"] in text
    assert "> you" in text
    assert "One play says little about a person" in text


def test_nothing_needs_colour_or_unicode() -> None:
    for text in (
        debrief_text(view(), width=80, unicode=False),
        tracker_text(table(), width=80, unicode=False),
    ):
        assert "\x1b" not in text
        assert not set("█░●┼─") & set(text)


def test_what_is_not_quite_certain_is_not_drawn_as_certain() -> None:
    text = debrief_text(view(), width=100, unicode=True)
    assert ">99%" in text
    assert "<1%" in text


@pytest.mark.parametrize("width", [80, 100])
def test_a_tracker_fits_the_screen(width: int) -> None:
    lines = tracker_text(table(), width=width, unicode=True).splitlines()
    assert max(len(line) for line in lines) <= width


def test_a_tracker_shows_its_tables() -> None:
    text = tracker_text(table(), width=100, unicode=True)
    for expected in ("the dearest", "A tiny release", "80% to 100%", "on the same scale", "+-"):
        assert expected in text


def test_an_empty_tracker_says_how_to_begin() -> None:
    empty = tracker([], date(2026, 11, 21), cases={}, places=Landmarks({}, {}))
    assert "`shipcall practice`" in tracker_text(empty, width=80, unicode=True)
