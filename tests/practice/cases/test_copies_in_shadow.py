"""C08, C09 and C10: three cases of shadow mode."""

from pathlib import Path

import numpy as np
import pytest

from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.ladder import twin_auc
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import weigh
from shipcall.practice.play import Play, draw_play
from shipcall.practice.points import prior
from shipcall.practice.redraw import drawn_logs
from shipcall.practice.shelf import load_case
from shipcall.world.rollout.shadow import TABLE

CASES = ("C08", "C09", "C10")


@pytest.fixture(scope="module", params=CASES)
def play(request: pytest.FixtureRequest) -> Play:
    return draw_play(load_case(str(request.param)), 1)


def test_flags_are_those_of_the_file(play: Play) -> None:
    world = play.setting.drawn
    rows = [r for chunk in range(TABLE.chunks(world)) for r in TABLE.rows(world, chunk).to_pylist()]
    panel = {"C08": "log", "C09": "headline", "C10": "flags"}[play.case.id]
    shown = play.shown(panel).rows[0]
    assert shown["requests"] == len(rows)
    for arm in ("baseline", "candidate"):
        assert shown[f"unsafe {arm}"] == sum(row[f"safety_{arm}"] for row in rows)


def test_agreement_is_that_of_the_file(play: Play) -> None:
    world = play.setting.drawn
    rows = [r for chunk in range(TABLE.chunks(world)) for r in TABLE.rows(world, chunk).to_pylist()]
    shown = play.shown("headline").rows[0]
    early = [row for row in rows if play.case.id != "C08" or row["at"].day < 7]
    assert shown["requests"] == len(early)
    assert shown["differ"] == sum(r["decision_baseline"] != r["decision_candidate"] for r in early)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_contract_refuses_to_go_on_where_the_trap_is_worst(case: str, tmp_path: Path) -> None:
    drawn = load_case(case)
    truth = {"C08": 5, "C09": 2, "C10": 5}[case]
    play = draw_play(drawn, 3, truth=truth)
    assert play.truth.state.role == "trap"
    write_files(play, tmp_path)
    assert judge_play(play, tmp_path).verdict.call in {"HOLD", "NO SHIP"}


# C09: who is not in the copies.


def test_no_copy_is_of_a_guest_and_the_panel_says_so() -> None:
    play = draw_play(load_case("C09"), 2)
    world = play.setting.drawn
    rows = [r for chunk in range(TABLE.chunks(world)) for r in TABLE.rows(world, chunk).to_pylist()]
    shown = {row["where"]: row for row in play.shown("accounts").rows}
    for account in ("older", "new", "guest"):
        of = [row for row in rows if row["account"] == account]
        assert shown[f"account={account}"]["requests"] == len(of)
    assert shown["account=guest"]["requests"] == 0
    assert shown["account=guest"]["more unsafe"] is None
    assert not any(one.name.endswith("account=guest") for one in play.shown("accounts").readings)


def test_the_report_hardly_tells_trap_from_twin_and_what_is_near_the_guests_does() -> None:
    play = draw_play(load_case("C09"), 1)
    truths, logs = drawn_logs(play, 2_000, seed=3)

    def auc(*opened: str) -> float:
        total = sum((logs[name] for name in opened), np.zeros_like(logs["headline"]))
        return twin_auc(play, weigh(prior(play.points, PRIORS[0]), total), truths)

    assert auc("headline") < 0.75
    assert min(auc("accounts"), auc("items", "agents")) > 0.88


@pytest.mark.slow
@pytest.mark.parametrize("truth", [2, 3])
def test_a_group_without_rows_holds_the_contract_whatever_is_so(truth: int, tmp_path: Path) -> None:
    """Truth 2 is the trap at its worst, 3 its twin: nothing was shown of guests in either."""
    play = draw_play(load_case("C09"), 3, truth=truth)
    write_files(play, tmp_path)
    verdict = judge_play(play, tmp_path).verdict
    assert verdict.call == "HOLD"
    silent = {one.check.id for one in verdict.findings if one.standing == "ABSENT"}
    unsure = {one.check.id for one in verdict.findings if one.standing == "OPEN"}
    assert silent == {"shadow.unsafe.guest"}
    assert unsure <= {"shadow.unsafe.new"}  # which need only not be refuted
    assert verdict.rule.name == "NEED_NOT_MET"
