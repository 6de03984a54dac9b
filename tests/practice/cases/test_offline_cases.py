"""C06, C07, C11, C21 and C23: five cases of the gate, held against what every case has to be."""

import itertools
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.metrics import METRICS
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.ladder import Standing, stand
from shipcall.practice.panels import PANELS
from shipcall.practice.play import Play, draw_play
from shipcall.practice.shelf import contract_text, load_case
from shipcall.world.evaluation import predictions, scores
from shipcall.world.evaluation.predictions import predictions_truth
from shipcall.world.evaluation.scores import scores_truth
from shipcall.world.truth import World

CASES = ("C06", "C07", "C11", "C21", "C23")
PLAYS = 200
LADDER = ("oracle", "checklist", "gate at p < .05", "weak answer", "coin")


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


@pytest.fixture(scope="module")
def standing(play: Play) -> Standing:
    return stand(play, PLAYS, seed=5)


def test_its_contract_has_neither_faults_nor_lints(play: Play) -> None:
    text = contract_text(play.case) or ""
    assert lint(parse_contract(text, file="contract.toml"), text=text, measurable=METRICS) == ()


def test_the_clause_of_its_debrief_is_a_promise_of_its_contract(play: Play) -> None:
    contract = tomllib.loads(contract_text(play.case) or "")
    (clause,) = tomllib.loads(play.case.debrief.clause)["check"]
    assert clause in contract["check"]


def test_its_answer_in_words_can_be_checked_and_asked_on(play: Play) -> None:
    telling = play.case.telling
    assert 5 <= len(telling.criteria) <= 9
    assert len(telling.follow_ups) == 3
    assert len(telling.strong.split()) <= 140
    found = [any(w in telling.strong.lower() for w in one.words) for one in telling.criteria]
    assert all(found)
    weak = [any(w in telling.weak.lower() for w in one.words) for one in telling.criteria]
    assert sum(weak) <= len(weak) / 2 + 1


def test_not_everything_can_be_looked_at(play: Play) -> None:
    assert sum(panel.minutes for panel in play.case.panel) >= 1.5 * play.case.looking


def test_a_spot_decision_shows_one_or_two_panels(play: Play) -> None:
    assert 1 <= len(play.case.spot) <= 2


@pytest.mark.slow
def test_players_stand_in_order_with_a_margin_between_them(standing: Standing) -> None:
    lost = {rung.who: rung.loss for rung in standing.rungs}
    assert lost["oracle"] == 0.0
    for better, worse in itertools.pairwise(LADDER):
        assert lost[worse] > lost[better]
    assert lost["gate at p < .05"] > lost["checklist"] + 0.03
    assert lost["weak answer"] > lost["checklist"] + 0.1


@pytest.mark.slow
def test_the_weak_answer_pays_in_the_trap_and_hardly_in_its_twin(standing: Standing) -> None:
    weak = next(rung for rung in standing.rungs if rung.who == "weak answer")
    assert weak.in_trap is not None
    assert weak.in_twin is not None
    assert weak.in_trap > 0.3
    assert weak.in_twin < weak.in_trap / 2


@pytest.mark.slow
def test_the_oracle_is_calibrated(standing: Standing) -> None:
    assert standing.ranks_p > 0.001


@pytest.mark.slow
def test_trap_and_twin_can_be_told_apart_and_not_at_a_glance(standing: Standing) -> None:
    assert 0.8 <= standing.auc <= 0.98


@pytest.mark.slow
def test_no_option_is_always_best(standing: Standing) -> None:
    assert max(standing.calls.values()) < 0.7
    assert sum(share > 0.05 for share in standing.calls.values()) >= 3


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


@pytest.mark.parametrize("case", CASES)
def test_a_panel_that_is_held_by_another_tells_nothing_beyond_it(case: str) -> None:
    """Cells of the coarser panel are sums of the finer one's rows in every drawing."""
    play = draw_play(load_case(case), 3)
    for panel in play.case.panel:
        fine = {one.name: one.value for one in play.shown(panel.name).readings}
        for held in panel.holds:
            for coarse in play.shown(held).readings:
                if coarse.name in fine:
                    assert fine[coarse.name] == pytest.approx(coarse.value, abs=1e-12)


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
