"""C01, C16, C17 and C20: four cases of a rollout, held against what every case has to be."""

import itertools
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.core import Reason
from shipcall.metrics import METRICS
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.ladder import Standing, stand
from shipcall.practice.play import Play, draw_play
from shipcall.practice.redraw import redrawn
from shipcall.practice.shelf import contract_text, load_case

CASES = ("C01", "C16", "C17", "C20")
HEADLINE = {"C01": "solved", "C16": "finished", "C17": "lesson", "C20": "found"}
PLAYS = 200


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


@pytest.fixture(scope="module")
def standing(play: Play) -> Standing:
    return stand(play, PLAYS, seed=2)


def test_its_contract_has_neither_faults_nor_lints(play: Play) -> None:
    text = contract_text(play.case) or ""
    assert lint(parse_contract(text, file="contract.toml"), text=text, measurable=METRICS) == ()


def test_its_debrief_names_a_clause_of_its_own_contract(play: Play) -> None:
    whole = tomllib.loads(contract_text(play.case) or "")
    clause = tomllib.loads(play.case.debrief.clause)
    assert clause
    assert all(check in whole["check"] for check in clause.get("check", []))
    assert clause.get("rollout", whole["rollout"]) == whole["rollout"]


def test_every_panel_can_be_shown(play: Play) -> None:
    for panel in play.case.panel:
        shown = play.shown(panel.name)
        assert shown.rows or shown.text
        assert len({tuple(row) for row in shown.rows}) <= 1


def test_all_panels_cost_half_as_much_again_as_can_be_looked_at(play: Play) -> None:
    assert sum(panel.minutes for panel in play.case.panel) >= 1.5 * play.case.looking


def test_its_story_has_the_headings_of_every_case(play: Play) -> None:
    assert list(play.case.story) == ["Release", "Promise", "How common", "What counts"]


def test_the_headline_counts_the_files_that_are_written(play: Play, tmp_path: Path) -> None:
    write_files(play, tmp_path)
    exposures = pq.read_table(tmp_path / "evidence" / "exposures.parquet").to_pylist()
    outcomes = pq.read_table(tmp_path / "evidence" / "outcomes.parquet").to_pylist()
    arm = {row["unit"]: row["arm"] for row in exposures}
    metric = HEADLINE[play.case.id]
    tally = Counter(
        (arm[row["unit"]], row["value"])
        for row in outcomes
        if row["metric"] == metric and row["unit"] in arm
    )
    shown = play.shown("headline").rows[0]
    for one in ("baseline", "candidate"):
        n = tally[one, 1.0] + tally[one, 0.0]
        assert shown[f"{one}_n"] == n
        assert shown[one] == pytest.approx(tally[one, 1.0] / n)


def test_units_of_the_broken_split_are_those_of_the_file(tmp_path: Path) -> None:
    play = draw_play(load_case("C20"), 7, truth=2)
    assert play.truth.state.role == "trap"
    write_files(play, tmp_path)
    exposures = pq.read_table(tmp_path / "evidence" / "exposures.parquet").to_pylist()
    tally = Counter((row["arm"], row["phone"]) for row in exposures)
    rows = {row["slice"]: row for row in play.shown("split_by_phone").rows}
    for phone in ("fast", "slow"):
        assert rows[f"phone={phone}"]["baseline_n"] == tally["baseline", phone]
        assert rows[f"phone={phone}"]["candidate_n"] == tally["candidate", phone]


@pytest.mark.slow
def test_bots_stand_in_order_with_room_between(standing: Standing) -> None:
    lost = {rung.who: rung.loss for rung in standing.rungs}
    order = ["oracle", "checklist", "gate at p < .05", "weak answer", "coin"]
    assert lost["oracle"] == 0
    for better, worse in itertools.pairwise(order):
        assert lost[better] + 0.015 < lost[worse], (better, worse)


@pytest.mark.slow
def test_the_weak_answer_falls_into_the_trap_and_passes_its_twin(standing: Standing) -> None:
    weak = next(rung for rung in standing.rungs if rung.who == "weak answer")
    assert weak.in_trap is not None
    assert weak.in_twin is not None
    assert weak.in_trap > 0.3
    assert weak.in_twin < 0.16
    assert weak.in_trap > 2.5 * weak.in_twin


@pytest.mark.slow
def test_the_oracle_is_calibrated(standing: Standing) -> None:
    assert standing.ranks_p > 0.001


@pytest.mark.slow
def test_trap_and_twin_can_be_told_apart_and_not_at_a_glance(standing: Standing) -> None:
    assert 0.80 <= standing.auc <= 0.98


@pytest.mark.slow
def test_no_option_is_always_the_best(standing: Standing) -> None:
    assert max(standing.calls.values()) < 0.65
    assert sum(share > 0.05 for share in standing.calls.values()) >= 3


@pytest.mark.slow
def test_three_looks_at_nothing_are_ahead_as_often_as_the_story_says() -> None:
    """The story of C16: about once in twenty; 600 plays in which nothing has changed."""
    play = draw_play(load_case("C16"), 1)
    told = [
        any(row["low"] > 0 for row in one.shown("course").rows)
        for one in itertools.islice(
            (one for one in redrawn(play, 2_000, seed=3) if one.truth.state.name == "nothing"), 600
        )
    ]
    assert np.mean(told) == pytest.approx(0.05, abs=0.02)


@pytest.mark.slow
def test_slices_are_red_by_chance_as_often_as_the_story_says() -> None:
    """The story of C01: about every tenth release that hurts nobody; 250 of them."""
    play = draw_play(load_case("C01"), 1)
    told = [
        any(row["high"] < 0 for row in one.shown("slices").rows)
        for one in itertools.islice(
            (one for one in redrawn(play, 700, seed=3) if one.truth.state.name == "all_gain"), 250
        )
    ]
    assert np.mean(told) == pytest.approx(0.10, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_contract_does_not_go_on_where_the_trap_is_worst(case: str, tmp_path: Path) -> None:
    found = load_case(case)
    point = draw_play(found, 3).points
    truth = max(n for n, one in enumerate(point) if one.state.role == "trap")
    play = draw_play(found, 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call in {"HOLD", "NO SHIP", "ROLL BACK"}
    lost = [one for one in verdict.findings if one.check.id.startswith("sanity.outcomes.lost")]
    assert lost
    assert all(getattr(one.measured, "value", Reason.NO_ROWS) == 0 for one in lost)
