"""C01, C16, C17 and C20: four cases of a rollout."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from shipcall.core import Reason
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.play import Play, draw_play
from shipcall.practice.redraw import redrawn
from shipcall.practice.shelf import load_case

CASES = ("C01", "C16", "C17", "C20")
HEADLINE = {"C01": "solved", "C16": "finished", "C17": "lesson", "C20": "found"}


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


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
