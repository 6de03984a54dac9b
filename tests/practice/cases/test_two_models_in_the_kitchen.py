"""C13: a fast model, a slow one, and the curve between them, held against file and world."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from shipcall.cli.main import shipcall
from shipcall.core import Estimate, Tails
from shipcall.practice.files import write_files
from shipcall.practice.laws import Floats
from shipcall.practice.play import draw_play
from shipcall.practice.points import points, world_at
from shipcall.practice.shelf import load_case
from shipcall.studies.cascade import Model, Rows, settings
from shipcall.world.evaluation.predictions import TABLE
from shipcall.world.truth import World


def test_a_play_of_the_kitchen_can_be_studied_as_a_cascade(tmp_path: Path) -> None:
    play = draw_play(load_case("C13"), 3)
    write_files(play, tmp_path)
    told = CliRunner().invoke(
        shipcall, ["study", "cascade", str(tmp_path / "contract.toml"), "--first", "candidate"]
    )
    assert told.exit_code == 0, told.output
    assert "light-1 first, then big-2" in told.output


def decided(world: World) -> list[dict[str, float]]:
    """Rows of the file, with how sure Light is of the class it chose."""
    rows = [
        row for chunk in range(TABLE.chunks(world)) for row in TABLE.rows(world, chunk).to_pylist()
    ]
    return [
        {
            "sure": max(row["candidate"], 1 - row["candidate"]),
            "light": float((row["candidate"] >= 0.5) == (row["label"] == 1)),
            "big": float((row["baseline"] >= 0.5) == (row["label"] == 1)),
        }
        for row in rows
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_curve_of_the_cascade_is_that_of_the_file(seed: int) -> None:
    play = draw_play(load_case("C13"), seed)
    rows = decided(play.setting.drawn)
    for name in ("headline", "curve"):
        for shown in play.shown(name).rows:
            inside = [row for row in rows if shown["from"] <= row["sure"] < shown["to"]]
            assert shown["items"] == len(inside)
            for column, model in (("right", "light"), ("baseline", "big")):
                share = np.mean([row[model] for row in inside]) if inside else None
                assert shown[column] == share


@pytest.mark.parametrize("bar", [0.8, 0.9, 0.97])
def test_the_study_of_cascades_says_what_the_panel_says(bar: float) -> None:
    """Share that falls back, from the file by `studies.cascade` and from the rows shown."""
    play = draw_play(load_case("C13"), 3)
    decisions = decided(play.setting.drawn)
    sure, light, big = (np.array([row[name] for row in decisions]) for name in decisions[0])
    rows = Rows(
        cluster=np.arange(len(sure)),
        signal=sure,
        first=Model(value=light),
        second=Model(value=big),
        range=(0.0, 1.0),
        binary=True,
    )
    (studied,) = settings(rows, [bar], Tails(0.025, 0.025))
    shown = play.shown("curve").rows
    below = sum(row["share"] for row in shown if row["to"] <= bar)
    right = sum(row["items"] * (row["right"] or 0) for row in shown if row["from"] >= bar)
    right += sum(row["items"] * (row["baseline"] or 0) for row in shown if row["to"] <= bar)
    assert isinstance(studied.fallback, Estimate)
    assert isinstance(studied.value, Estimate)
    assert studied.fallback.value == pytest.approx(below)
    assert studied.value.value == pytest.approx(right / len(sure))


@pytest.mark.slow
def test_worths_of_the_cascade_are_those_of_its_world() -> None:
    """80,000 sentences of each world: 25 a point of right, 10 a person, half as many fall back."""
    case = load_case("C13")
    for point in points(case):
        world = world_at(case, point, seed=4, name="x")
        assert world.items is not None
        many = world.model_copy(update={"items": world.items.model_copy(update={"count": 80_000})})
        label, *odds = columns(many)
        big, light = ((said >= 0.5) == label for said in odds)
        sure = np.maximum(odds[1], 1 - odds[1])
        assert 100 * big.mean() == pytest.approx(95.5, abs=0.3)
        assert 100 * light.mean() == pytest.approx(88.5, abs=0.4)
        for bar, name in ((0.8, "w80"), (0.9, "w90"), (0.97, "w97")):
            kept = sure >= bar
            lost = 100 * ((big * 1.0 - light) * kept).mean()
            share = kept.mean()
            waits = 10 * point.values["hurry"] * (share - 0.5 * (1 - share))
            assert point.values[name] == pytest.approx(waits - 25 * lost, abs=3.0)
        kept = sure >= 0.9
        assert point.values["kept"] == pytest.approx(100 * kept.mean(), abs=0.6)
        assert point.values["wrong"] == pytest.approx(100 * (~light)[kept].mean(), abs=0.35)


def columns(world: World) -> list[Floats]:
    chunks = [TABLE.rows(world, chunk) for chunk in range(TABLE.chunks(world))]
    return [
        np.concatenate([chunk[name].to_numpy() for chunk in chunks])
        for name in ("label", "baseline", "candidate")
    ]
