"""C03 and C18: sessions that met both models, and people who are no longer in the mean."""

import itertools
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
from shipcall.practice.points import points, world_at
from shipcall.practice.shelf import contract_text, load_case
from shipcall.practice.weeks import DEPTHS, depth_chances

CASES = ("C03", "C18")
PLAYS = 200


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 2)


@pytest.fixture(scope="module")
def standing(play: Play) -> Standing:
    return stand(play, PLAYS, seed=7)


def test_its_contract_has_neither_faults_nor_lints(play: Play) -> None:
    text = contract_text(play.case) or ""
    assert lint(parse_contract(text, file="contract.toml"), text=text, measurable=METRICS) == ()


def test_every_line_of_the_clause_stands_in_the_contract(play: Play) -> None:
    text = contract_text(play.case) or ""
    clause = _lines(play.case.debrief.clause)
    assert clause
    assert clause <= _lines(text)


def _lines(text: str) -> set[str]:
    """Lines of TOML without comments and runs of spaces."""
    told = (" ".join(line.partition("#")[0].split()) for line in text.splitlines())
    return {line for line in told if line}


def test_every_panel_can_be_shown(play: Play) -> None:
    for panel in play.case.panel:
        shown = play.shown(panel.name)
        assert shown.rows or shown.text
        assert len({tuple(row) for row in shown.rows}) <= 1


def test_all_panels_cost_half_as_much_again_as_can_be_looked_at(play: Play) -> None:
    assert sum(panel.minutes for panel in play.case.panel) >= 1.5 * play.case.looking


def test_the_same_seed_gives_the_same_numbers(play: Play) -> None:
    again = draw_play(play.case, play.seed)
    assert all((again.seen[name] == seen).all() for name, seen in play.seen.items())


def test_depth_rises_as_much_where_people_leave_as_where_they_are_won() -> None:
    """Mean rise over the points of trap and twin, in requests a session; both between 1 and 2 %."""
    case = load_case("C18")
    found = points(case)
    worlds = [world_at(case, point, seed=1, name="w") for point in found]
    mean = depth_chances(worlds, 27) @ DEPTHS
    rise = (mean[:, 1] - mean[:, 0]) / mean[:, 0]
    by_role = {
        role: [r for r, point in zip(rise, found, strict=True) if point.state.role == role]
        for role in ("trap", "twin")
    }
    trap, twin = (sum(rises) / len(rises) for rises in by_role.values())
    assert 0.01 < trap < 0.02
    assert trap == pytest.approx(twin, rel=0.15)


def test_the_files_of_requests_are_those_of_the_panels(tmp_path: Path) -> None:
    play = draw_play(load_case("C03"), 6)
    write_files(play, tmp_path)
    assert {file.name for file in (tmp_path / "evidence").iterdir()} == {
        "exposures.parquet",
        "outcomes.parquet",
    }
    units = pq.read_table(tmp_path / "evidence" / "exposures.parquet")["unit"].to_pylist()
    crossed = len(units) - len(set(units))
    late = play.shown("sessions").rows[-1]["count"]
    assert 0 < late < crossed


@pytest.mark.slow
def test_bots_stand_in_order_with_room_between(standing: Standing) -> None:
    lost = {rung.who: rung.loss for rung in standing.rungs}
    order = ["oracle", "checklist", "gate at p < .05", "weak answer", "coin"]
    assert lost["oracle"] == 0
    for better, worse in itertools.pairwise(order):
        assert lost[better] + 0.02 < lost[worse], (better, worse)


@pytest.mark.slow
def test_the_weak_answer_falls_into_the_trap_and_passes_its_twin(standing: Standing) -> None:
    weak = next(rung for rung in standing.rungs if rung.who == "weak answer")
    assert weak.in_trap is not None
    assert weak.in_twin is not None
    assert weak.in_trap > 0.45
    assert weak.in_twin < 0.2


@pytest.mark.slow
def test_the_oracle_is_calibrated(standing: Standing) -> None:
    assert standing.ranks_p > 0.001


@pytest.mark.slow
def test_trap_and_twin_can_be_told_apart_and_not_at_a_glance(standing: Standing) -> None:
    assert 0.80 <= standing.auc <= 0.98


@pytest.mark.slow
def test_no_option_is_always_the_best(standing: Standing) -> None:
    assert max(standing.calls.values()) < 0.6
    assert sum(share > 0.05 for share in standing.calls.values()) >= 3


@pytest.mark.slow
def test_units_that_met_both_models_hold_whatever_the_gain(tmp_path: Path) -> None:
    case = load_case("C03")
    twin = next(n for n, p in enumerate(points(case)) if p.values["lift"] == 4.0)
    play = draw_play(case, 3, truth=twin)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    crossed = next(f for f in verdict.findings if f.check.id == "sanity.exposures.crossed")
    assert verdict.call is Action.HOLD
    assert not crossed.satisfied


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gone", "climb", "calls"), [(6.0, 2.0, {"HOLD", "ROLL BACK"}), (0.0, 6.0, {"NO OBJECTION"})]
)
def test_the_cohort_stage_objects_where_casual_readers_leave(
    gone: float, climb: float, calls: set[str], tmp_path: Path
) -> None:
    case = load_case("C18")
    values = {"gone": gone, "climb": climb, "tire": 0.0}
    play = draw_play(case, 3, truth=[dict(p.values) for p in points(case)].index(values))
    write_files(play, tmp_path)
    assert judge_play(play, tmp_path).verdict.call in calls
