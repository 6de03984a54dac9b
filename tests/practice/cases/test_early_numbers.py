"""C02, C04, C05, C19 and C22: numbers that come early and stand for what is meant."""

import itertools
import tomllib
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.core import Action
from shipcall.metrics import METRICS
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.ladder import Standing, stand
from shipcall.practice.play import Play, draw_play
from shipcall.practice.shelf import contract_text, load_case
from shipcall.world.evaluation.scores import scores_truth

CASES = ("C02", "C04", "C05", "C19", "C22")
PLAYS = 200
LADDER = ("oracle", "checklist", "gate at p < .05", "weak answer", "coin")


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
    for key, told in clause.items():
        assert all(one in whole[key] for one in told) if key == "check" else told == whole[key]


def test_its_story_has_the_headings_of_every_case(play: Play) -> None:
    assert list(play.case.story) == ["Release", "Promise", "How common", "What counts"]


def test_its_story_tells_every_chance_of_every_view(play: Play) -> None:
    told = play.case.story["How common"]
    for state in play.case.state:
        for chance in state.chances:
            assert f"{100 * chance:.0f}" in told, (state.name, chance)


def test_all_panels_cost_half_as_much_again_as_can_be_looked_at(play: Play) -> None:
    assert sum(panel.minutes for panel in play.case.panel) >= 1.5 * play.case.looking
    assert 1 <= len(play.case.spot) <= 2


def test_every_panel_can_be_shown(play: Play) -> None:
    for panel in play.case.panel:
        shown = play.shown(panel.name)
        assert shown.rows or shown.text
        assert len({tuple(row) for row in shown.rows}) <= 1


def test_its_answer_in_words_can_be_checked_and_asked_on(play: Play) -> None:
    telling = play.case.telling
    assert 5 <= len(telling.criteria) <= 9
    assert len(telling.follow_ups) == 3
    assert len(telling.strong.split()) <= 140
    assert all(any(w in telling.strong.lower() for w in one.words) for one in telling.criteria)
    weak = [any(w in telling.weak.lower() for w in one.words) for one in telling.criteria]
    assert sum(weak) <= len(weak) / 2


def test_the_same_seed_gives_the_same_numbers(play: Play) -> None:
    again = draw_play(play.case, play.seed)
    assert all((again.seen[name] == seen).all() for name, seen in play.seen.items())


def test_a_panel_that_is_held_by_another_tells_nothing_beyond_it(play: Play) -> None:
    for panel in play.case.panel:
        fine = play.shown(panel.name).rows
        for held in panel.holds:
            (coarse,) = play.shown(held).rows
            for count in ("baseline_n", "candidate_n", "items"):
                if count in coarse:
                    assert sum(row[count] for row in fine) == coarse[count]


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
def test_bots_stand_in_order_with_room_between(standing: Standing) -> None:
    lost = {rung.who: rung.loss for rung in standing.rungs}
    assert lost["oracle"] == 0
    for better, worse in itertools.pairwise(LADDER):
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
@pytest.mark.parametrize("case", CASES)
def test_the_contract_does_not_give_the_weak_answer_in_the_trap(case: str, tmp_path: Path) -> None:
    """In C19 the weak answer goes back; in C22 the contract goes on, but by its next step only."""
    found = load_case(case)
    points = draw_play(found, 3).points
    truth = max(n for n, one in enumerate(points) if one.state.role == "trap")
    play = draw_play(found, 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call is (Action.ADVANCE if case == "C22" else Action.HOLD)
    assert found.verdict[verdict.call] != found.weak[0].option
    lost = [one for one in verdict.findings if one.check.id.startswith("sanity.outcomes.lost")]
    assert all(getattr(one.measured, "value", None) == 0 for one in lost)
