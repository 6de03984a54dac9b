"""C06, C07, C11, C21 and C23: five cases of the gate."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.panels import PANELS
from shipcall.practice.play import Play, draw_play
from shipcall.practice.shelf import load_case
from shipcall.world.evaluation import predictions, scores
from shipcall.world.evaluation.predictions import predictions_truth
from shipcall.world.evaluation.scores import scores_truth
from shipcall.world.truth import World

CASES = ("C06", "C07", "C11", "C21", "C23")


@pytest.mark.parametrize("seed", [1, 2])
def test_graded_panels_are_what_the_files_hold(seed: int) -> None:
    for case, by, level in (
        ("C06", "topic", "reading"),
        ("C11", "language", "other"),
        ("C21", "question", None),
    ):
        play = draw_play(load_case(case), seed)
        for panel in play.case.panel:
            if panel.kind != "graded" or panel.given.get("of") == "unsafe":
                continue
            for row in play.shown(panel.name).rows:
                if "won" not in row or row["slice"] not in {f"{by}={level}", "all items"}:
                    continue
                whole = row["slice"] == "all items"
                won, lost, items = _pairs(play.setting.drawn, by, None if whole else level)
                assert (row["won"], row["lost"], row["items"]) == (won, lost, items)


def _pairs(world: World, by: str, level: str | None) -> tuple[int, int, int]:
    right: dict[str, dict[str, float]] = {}
    for chunk in range(scores.TABLE.chunks(world)):
        table = scores.TABLE.rows(world, chunk).select(["item", "arm", "metric", "value", by])
        for row in table.to_pylist():
            if row["metric"] == "right" and level in {None, row[by]}:
                right.setdefault(row["item"], {})[row["arm"]] = row["value"]
    won = sum(pair["candidate"] > pair["baseline"] for pair in right.values())
    lost = sum(pair["candidate"] < pair["baseline"] for pair in right.values())
    return won, lost, len(right)


@pytest.mark.parametrize("seed", [1, 2])
def test_unsafe_answers_are_those_of_the_files(seed: int) -> None:
    for case, panel in (("C06", "safety"), ("C11", "safety"), ("C21", "false_claims")):
        play = draw_play(load_case(case), seed)
        world = play.setting.drawn
        hits: Counter[str] = Counter()
        for chunk in range(scores.TABLE.chunks(world)):
            for row in (
                scores.TABLE.rows(world, chunk).select(["arm", "metric", "value"]).to_pylist()
            ):
                hits[row["arm"]] += int(row["metric"] == "unsafe" and row["value"] == 1)
        (shown,) = play.shown(panel).rows
        shares = (hits["baseline"] / shown["items"], hits["candidate"] / shown["items"])
        assert (shown["baseline"], shown["candidate"]) == shares


@pytest.mark.parametrize("seed", [1, 2])
def test_the_reliability_table_is_that_of_the_file(seed: int) -> None:
    play = draw_play(load_case("C07"), seed)
    world = play.setting.drawn
    rows = [
        row
        for chunk in range(predictions.TABLE.chunks(world))
        for row in predictions.TABLE.rows(world, chunk).to_pylist()
    ]
    for shown in play.shown("reliability").rows:
        inside = [
            row
            for row in rows
            if shown["from"] <= max(row["candidate"], 1 - row["candidate"]) < shown["to"]
        ]
        right = sum((row["candidate"] >= 0.5) == (row["label"] == 1) for row in inside)
        assert shown["items"] == len(inside)
        assert shown["right"] == (right / len(inside) if inside else None)


def _so(world: World, metric: str, where: str) -> float:
    told = predictions_truth(world) if world.kind == "classifier" else scores_truth(world)
    fact = next(one for one in told if one["metric"] == metric and one["slice"] == where)
    return 100 * float(fact["difference"])


@pytest.mark.parametrize(
    ("case", "parameter", "metric", "where", "off"),
    [
        ("C06", "gain", "right", "topic=fractions", 0.25),
        ("C06", "change", "right", "topic=reading", 0.1),
        ("C07", "gain", "accuracy", "all", 0.3),
        ("C11", "english", "right", "language=English", 0.1),
        ("C11", "others", "right", "language=other", 0.01),
        ("C21", "quality", "right", "all", 0.3),
        ("C21", "giving_in", "unsafe", "all", 1e-9),
    ],
)
def test_parameters_are_points_of_what_they_name(
    case: str, parameter: str, metric: str, where: str, off: float
) -> None:
    play = draw_play(load_case(case), 1)
    worlds = {
        point.values[parameter]: world
        for point, world in zip(play.points, play.setting.worlds, strict=True)
    }
    for points, world in worlds.items():
        assert _so(world, metric, where) == pytest.approx(points, abs=off)


def _worst_and_best(play: Play) -> tuple[int, int]:
    """Points at which passing the gate is worth least in the trap, and most in its twin."""
    of = play.case.worth["all"]
    worth = [
        sum(factor * (1.0 if name == "1" else point.values[name]) for name, factor in of.items())
        for point in play.points
    ]
    roles = np.array([point.state.role for point in play.points])
    worst = int(np.argmin(np.where(roles == "trap", worth, np.inf)))
    return worst, int(np.argmax(np.where(roles == "twin", worth, -np.inf)))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_its_contract_stops_the_worst_trap_and_can_pass_the_best_twin(
    case: str, tmp_path: Path
) -> None:
    worst, best = _worst_and_best(draw_play(load_case(case), 1))
    said: dict[str, list[str]] = {"trap": [], "twin": []}
    for role, truth, seed in (("trap", worst, 1), ("twin", best, 3), ("twin", best, 4)):
        play = draw_play(load_case(case), seed, truth=truth)
        folder = tmp_path / f"{role}-{seed}"
        write_files(play, folder)
        said[role].append(judge_play(play, folder).verdict.call.value)
    assert "ADVANCE" not in said["trap"]
    assert "ADVANCE" in said["twin"]


def test_every_kind_of_panel_here_is_one_of_the_table() -> None:
    kinds: set[Any] = {panel.kind for case in CASES for panel in load_case(case).panel}
    assert kinds == {"graded", "stated", "noted", "words"} & set(PANELS)
