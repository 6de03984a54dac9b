"""Pages of the tracker: what plays say about a person, with their doubt."""

import re

import pytest

from practice.plays import finished
from web.persons import Player


def test_the_tracker_begins_with_what_to_do(player: Player) -> None:
    page = player.sees("/practice/me")
    assert "Play a first case" in page
    assert "no number for readiness" in page


def test_the_tracker_draws_calibration_and_rating_with_their_doubt(
    player: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [{"name": "worse", "stated": 0.9, "so": True}]
    plays = [
        finished(
            n, loss_share=0.01 * (n % 12), claims=claims, at=f"2026-11-{1 + n // 3:02d}T10:00:00Z"
        )
        for n in range(60)
    ]
    monkeypatch.setattr("shipcall.app.practise_room.Kept.finished", plays)
    page = player.sees("/practice/me")
    assert "/practice/me/charts/calibration.svg" in page
    assert re.search(r"\d{3,4} \+-\d+", page)
    assert "/practice/me/charts/rating.svg" in page
    assert "80 % to 100 %" in page
    assert page.count("too few") == 4
