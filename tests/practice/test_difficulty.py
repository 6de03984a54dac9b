"""Difficulty: what the bots lose places cases and bots on one scale."""

import math
from pathlib import Path

import numpy as np
import pytest

from practice.tiny import tiny_play
from shipcall.practice import difficulty
from shipcall.practice.bots import BOTS
from shipcall.practice.difficulty import Landmarks, bot_results, fit, landmarks_text
from shipcall.practice.rating import Strength
from shipcall.practice.shelf import load_case, slugs


def expit(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def test_known_places_come_back() -> None:
    """Means drawn without noise from the model itself: logistic(skill - hardness)."""
    skill = {"checklist": 1.0, "gate": 0.0, "coin": -1.5}
    hardness = {"C01": -0.5, "C02": 0.0, "C03": 0.5}
    results = {
        case: {bot: expit(able - hard) for bot, able in skill.items()}
        for case, hard in hardness.items()
    }
    found = fit(results, plays=10_000)
    for case, hard in hardness.items():
        assert found.cases[case].rating == pytest.approx(1500 + 173.7178 * hard, abs=1)
    assert found.bots["checklist"] == pytest.approx(1500 + 173.7178, abs=1)
    assert found.bots["coin"] == pytest.approx(1500 - 1.5 * 173.7178, abs=1)


def test_who_never_loses_still_has_a_place() -> None:
    found = fit(
        {"C01": {"oracle": 1.0, "coin": 0.2}, "C02": {"oracle": 1.0, "coin": 0.4}}, plays=50
    )
    assert np.isfinite(found.bots["oracle"])
    assert found.bots["oracle"] > found.bots["coin"]
    assert found.cases["C01"].rating > found.cases["C02"].rating


def test_the_mean_case_stands_in_the_middle() -> None:
    found = fit({"C01": {"coin": 0.9}, "C02": {"coin": 0.1}, "C03": {"coin": 0.3}}, plays=100)
    mean = np.mean([case.rating for case in found.cases.values()])
    assert mean == pytest.approx(1500)


def test_nothing_played_cannot_be_placed() -> None:
    with pytest.raises(ValueError, match="no case was played"):
        fit({}, plays=10)


def test_bots_play_a_case_in_the_order_of_their_sense() -> None:
    found = bot_results(tiny_play(), 150, seed=1)
    assert found["oracle"] == 1.0
    assert found["oracle"] > found["checklist"] > found["weak answer"]
    assert all(0 <= mean <= 1 for mean in found.values())


def test_the_file_of_places_reads_as_toml() -> None:
    found = fit({"C01": {"coin": 0.5}}, plays=10)
    assert '[case]\nC01 = 1500\n\n[bot]\n"coin" = 1500\n' in landmarks_text(found)
    assert found.cases["C01"] == Strength(rating=found.cases["C01"].rating, deviation=150)


def test_the_file_of_places_reads_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = fit({"C01": {"coin": 0.3}, "C02": {"coin": 0.6}}, plays=50)
    (tmp_path / "strengths.toml").write_text(landmarks_text(written), encoding="utf-8")
    monkeypatch.setattr(difficulty, "files", lambda _: tmp_path)
    read = difficulty.landmarks.__wrapped__()
    assert read.cases["C01"].rating == pytest.approx(written.cases["C01"].rating, abs=0.5)
    assert read.bots["coin"] == pytest.approx(written.bots["coin"], abs=0.5)


def test_every_case_that_comes_along_has_a_place_and_every_bot() -> None:
    """Written by scripts/strengths.py: oracle first, coin last, the mean case at 1500."""
    found = difficulty.landmarks.__wrapped__()
    assert set(found.cases) == {load_case(slug).id for slug in slugs()}
    ranked = sorted(found.bots, key=lambda bot: -found.bots[bot])
    assert ranked == [bot for bot in BOTS if bot != "work verdict"]
    mean = sum(place.rating for place in found.cases.values()) / len(found.cases)
    assert mean == pytest.approx(1500, abs=1)


def test_without_a_file_nobody_has_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difficulty, "files", lambda _: tmp_path)
    assert difficulty.landmarks.__wrapped__() == Landmarks({}, {})
