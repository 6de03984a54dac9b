"""C02, C04, C05, C19 and C22: numbers that come early and stand for what is meant."""

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shipcall.core import Action
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.play import draw_play
from shipcall.practice.shelf import load_case
from shipcall.world.evaluation.scores import scores_truth

CASES = ("C02", "C04", "C05", "C19", "C22")


@pytest.mark.parametrize("case", [case for case in CASES if case != "C04"])
@pytest.mark.parametrize("seed", [1, 2])
def test_panels_of_people_count_the_files_that_are_written(
    case: str, seed: int, tmp_path: Path
) -> None:
    play = draw_play(load_case(case), seed)
    write_files(play, tmp_path)
    exposures = pq.read_table(tmp_path / "evidence" / "exposures.parquet").to_pylist()
    outcomes = pq.read_table(tmp_path / "evidence" / "outcomes.parquet").to_pylist()
    arm = {row["unit"]: row["arm"] for row in exposures}
    assert len(arm) == len(exposures)
    tally = Counter((row["metric"], arm[row["unit"]], row["value"]) for row in outcomes)
    counted = 0
    for panel in play.case.panel:
        if panel.kind != "answered" or panel.given.get("by", "all") != "all":
            continue
        (shown,) = play.shown(panel.name).rows
        for one in ("baseline", "candidate"):
            events = tally[panel.given["metric"], one, 1.0]
            n = events + tally[panel.given["metric"], one, 0.0]
            assert (shown[f"{one}_n"], shown[one]) == (n, events / n)
            counted += 1
    assert counted >= 4


@pytest.mark.parametrize("seed", [1, 2])
def test_items_by_when_they_were_written_are_those_of_the_file(seed: int, tmp_path: Path) -> None:
    play = draw_play(load_case("C04"), seed)
    write_files(play, tmp_path)
    right: dict[tuple[str, str], dict[str, float]] = {}
    for row in pq.read_table(tmp_path / "evidence" / "scores.parquet").to_pylist():
        if row["metric"] == "right":
            right.setdefault((row["written"], row["item"]), {})[row["arm"]] = row["value"]
    for shown in play.shown("parts").rows:
        pairs = [pair for (when, _), pair in right.items() if shown["slice"] == f"written={when}"]
        assert shown["items"] == len(pairs) > 100
        assert shown["won"] == sum(pair["candidate"] > pair["baseline"] for pair in pairs)
        assert shown["lost"] == sum(pair["candidate"] < pair["baseline"] for pair in pairs)


def test_points_of_right_answers_are_points_of_the_world() -> None:
    """Parameters of C04 against the truth of its worlds, within a quarter of a point."""
    play = draw_play(load_case("C04"), 1)
    for point, world in zip(play.points, play.setting.worlds, strict=True):
        told = {
            fact["slice"]: 100 * float(fact["difference"])
            for fact in scores_truth(world)
            if fact["metric"] == "right"
        }
        better, known = point.values["better"], point.values["known"]
        assert told["written=since"] == pytest.approx(better, abs=0.25)
        assert told["written=before"] == pytest.approx(better + known, abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_contract_does_not_give_the_weak_answer_in_the_trap(case: str, tmp_path: Path) -> None:
    """In C19 the weak answer goes back; everywhere else it goes on."""
    found = load_case(case)
    points = draw_play(found, 3).points
    truth = max(n for n, one in enumerate(points) if one.state.role == "trap")
    play = draw_play(found, 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call is Action.HOLD
    assert found.verdict[verdict.call] != found.weak[0].option
    lost = [one for one in verdict.findings if one.check.id.startswith("sanity.outcomes.lost")]
    assert all(getattr(one.measured, "value", None) == 0 for one in lost)
