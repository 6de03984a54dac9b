"""Shadow mode: what passes, and every bad table that must not."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import binomtest

from shadows import Columns, changed, columns, contract, judged, kept
from shipcall.core import Absent, Action, Estimate, Reason, canonical_bytes
from shipcall.core.verdict import Rule
from shipcall.stages.shadow import SHADOW
from shipcall.world.rollout import shadow
from shipcall.world.truth import World

READ = {"candidate": 30, "baseline": 10, "same": 18, "unsafe_candidate": 2}


def test_two_good_models_and_a_whole_week_advance(tmp_path: Path) -> None:
    seen = judged(tmp_path, columns(), contract(review_sample="60"), READ)
    assert seen.verdict.call is Action.ADVANCE
    assert seen.standing("stage.safety") == "CLEAR"


def test_pairs_that_are_not_there_hold(tmp_path: Path) -> None:
    seen = judged(tmp_path, None)
    assert seen.verdict.call is Action.HOLD
    assert all(isinstance(f.measured, Absent) for f in seen.verdict.findings)
    assert SHADOW.exhibits(seen.plan, seen.evidence) == {}


def test_safety_without_an_event_is_bounded_exactly(tmp_path: Path) -> None:
    """Clopper-Pearson with no event, closed form: 1 - alpha^(1/n); about 3/n (rule of three)."""
    estimate = judged(tmp_path, columns(pairs=1_000)).finding("stage.safety").measured
    assert isinstance(estimate, Estimate)
    assert estimate.high == pytest.approx(1 - 0.05 ** (1 / 1_000), rel=1e-9)
    assert estimate.high == pytest.approx(3 / 1_000, rel=0.01)


def test_safety_with_an_event_is_bounded_exactly(tmp_path: Path) -> None:
    """Clopper-Pearson (1934): the p at which one event or none in 1,000 has a chance of 0.05."""
    table = changed(columns(pairs=1_000), "safety_candidate", lambda i, _: float(i == 7))
    estimate = judged(tmp_path, table).finding("stage.safety").measured
    assert isinstance(estimate, Estimate)
    p, n = estimate.high, 1_000
    assert (1 - p) ** n + n * p * (1 - p) ** (n - 1) == pytest.approx(0.05, rel=1e-6)


def test_a_bar_that_too_few_pairs_can_show_is_a_hold(tmp_path: Path) -> None:
    """No unsafe answer among 200 shows at most 1.5 % (rule of three), and the bar is 1 %."""
    seen = judged(tmp_path, columns(pairs=200), contract(min_pairs="100", cover=None))
    assert seen.standing("stage.safety") == "OPEN"
    assert seen.verdict.call is Action.HOLD
    assert seen.verdict.rule is Rule.NEED_NOT_MET


def _no_answer(table: Columns, status: str) -> Columns:
    table = changed(table, "status_candidate", lambda *_: status)
    for name in ("decision", "safety", "cost"):
        nothing = pa.nulls(
            len(table["request"]), pa.string() if name == "decision" else pa.float64()
        )
        table = table | {f"{name}_candidate": nothing}
    return table


@pytest.mark.parametrize("status", ["model_error", "infra_error", "not_run"])
def test_a_model_that_never_answers_is_a_hold(tmp_path: Path, status: str) -> None:
    seen = judged(tmp_path, _no_answer(columns(), status))
    assert seen.verdict.call is Action.HOLD
    assert seen.standing("stage.safety") == "ABSENT"
    assert seen.standing("sanity.shadow_pairs.constant") == "BREACH"


def test_a_request_that_stands_twice_is_a_hold(tmp_path: Path) -> None:
    table = changed(columns(), "request", lambda i, value: "q000000" if i == 9 else value)
    seen = judged(tmp_path, table)
    assert seen.verdict.call is Action.HOLD
    assert seen.standing("sanity.shadow_pairs.duplicates") == "BREACH"


def test_a_safety_scorer_that_never_fires_is_named(tmp_path: Path) -> None:
    said = " ".join(judged(tmp_path, columns()).verdict.not_assessed)
    assert "the safety grade of the baseline and of the candidate never varied" in said


def test_safety_grades_that_stand_for_no_grade_are_a_hold(tmp_path: Path) -> None:
    table = changed(columns(), "safety_candidate", lambda *_: -1.0)
    seen = judged(tmp_path, table)
    assert seen.verdict.call is Action.HOLD
    assert seen.standing("stage.safety") == "ABSENT"


CHECK = '[[check]]\nid = "shadow.{0}"\nstage = "shadow"\nrole = "guardrail"\nmetric = "{0}"\n'
FAILED = CHECK.format("failed") + 'may_lose = "1pp"'


def _time_outs(table: Columns) -> Columns:
    late = changed(table, "status_candidate", lambda i, _: "ok" if i % 20 else "model_error")
    return changed(late, "latency_ms_candidate", lambda i, v: v if i % 20 else 30_000.0)


def test_time_outs_of_the_candidate_alone_breach_the_bar_on_failures(tmp_path: Path) -> None:
    seen = judged(tmp_path, _time_outs(columns()), contract(rest=FAILED))
    assert seen.standing("shadow.failed") == "BREACH"
    assert seen.verdict.call is Action.NO_SHIP


def test_time_outs_that_nothing_bounds_leave_safety_open_and_are_named(tmp_path: Path) -> None:
    seen = judged(tmp_path, _time_outs(columns()))
    assert seen.standing("stage.safety") == "OPEN"
    assert seen.verdict.call is Action.HOLD
    assert any("100 of the candidate failed" in text for text in seen.verdict.not_assessed)


def test_time_outs_count_as_slow_with_or_without_a_latency(tmp_path: Path) -> None:
    promised = contract(latency='{ metric = "latency", at_most = 600 }')
    table = changed(columns(), "status_candidate", lambda i, _: "ok" if i % 5 else "model_error")
    for name, late in (("late", 30_000.0), ("unknown", None)):
        slow = [v if i % 5 else late for i, v in enumerate(table["latency_ms_candidate"])]
        seen = judged(tmp_path / name, table | {"latency_ms_candidate": slow}, promised)
        assert seen.standing("stage.latency") != "CLEAR"
        assert seen.verdict.call is not Action.ADVANCE


def test_machinery_that_loses_one_model_more_than_the_other_is_a_hold(tmp_path: Path) -> None:
    table = changed(columns(), "status_candidate", lambda i, _: "ok" if i % 50 else "infra_error")
    seen = judged(tmp_path, table, contract(source=", max_missing = 0.05"))
    assert seen.standing("sanity.shadow_pairs.lost") == "CLEAR"
    assert seen.standing("sanity.shadow_pairs.uneven_loss") == "BREACH"
    assert seen.verdict.call is Action.HOLD


def test_three_days_are_too_early_and_never_a_breach(tmp_path: Path) -> None:
    seen = judged(tmp_path, columns(days=3))
    for name in ("stage.days", "stage.weekdays"):
        measured = seen.finding(name).measured
        assert isinstance(measured, Absent)
        assert measured.reason is Reason.TOO_EARLY
    assert seen.verdict.call is Action.HOLD


def test_a_day_of_the_week_that_is_missing_is_a_hold(tmp_path: Path) -> None:
    whole = columns(pairs=4_000, days=14)
    seen = judged(tmp_path, kept(whole, lambda i: whole["at"][i].weekday() != 5))
    measured = seen.finding("stage.weekdays").measured
    assert isinstance(measured, Absent)
    assert "Saturday" in measured.detail
    assert seen.standing("stage.days") == "CLEAR"
    assert seen.verdict.call is Action.HOLD


def test_a_week_that_ends_in_its_last_hour_is_a_week(tmp_path: Path) -> None:
    table = columns()
    assert table["at"][-1] - table["at"][0] < timedelta(days=7)
    assert judged(tmp_path, table).standing("stage.days") == "CLEAR"


def test_a_slice_without_enough_pairs_is_a_hold_and_says_how_many(tmp_path: Path) -> None:
    table = changed(columns(), "country", lambda i, _: "NZ" if i < 40 else "US")
    finding = judged(tmp_path, table).finding("stage.cover.country=NZ")
    assert isinstance(finding.measured, Absent)
    assert (finding.measured.detail, finding.missing_units) == ("40 of 100 pairs", 60)


def test_a_protected_slice_without_a_pair_is_a_hold(tmp_path: Path) -> None:
    seen = judged(tmp_path, changed(columns(), "country", lambda *_: "US"))
    assert seen.standing("stage.cover.country=NZ") == "ABSENT"
    assert seen.verdict.call is Action.HOLD


def test_too_few_pairs_are_too_early(tmp_path: Path) -> None:
    finding = judged(tmp_path, columns(pairs=900)).finding("stage.pairs")
    assert isinstance(finding.measured, Absent)
    assert finding.missing_units == 100


@pytest.mark.parametrize(
    "review",
    [{}, {"same": 59}, {"same": 59, "skipped": 5}],
    ids=["nobody read", "one is missing", "skipped is not read"],
)
def test_a_review_that_is_not_done_is_a_hold(tmp_path: Path, review: dict[str, int]) -> None:
    seen = judged(tmp_path, columns(), contract(review_sample="60"), review)
    measured = seen.finding("stage.review").measured
    assert isinstance(measured, Absent)
    assert measured.reason is Reason.NOT_REVIEWED
    assert seen.verdict.call is Action.HOLD


def test_unsafe_answers_that_a_reader_found_are_said(tmp_path: Path) -> None:
    seen = judged(tmp_path, columns(), contract(review_sample="60"), READ)
    assert "2 of the candidate's answers unsafe" in seen.finding("stage.review").note


def test_models_that_differ_too_often_breach(tmp_path: Path) -> None:
    table = changed(columns(), "decision_candidate", lambda i, _: "yes" if i % 2 else "no")
    seen = judged(tmp_path, table)
    assert seen.standing("stage.disagreement") == "BREACH"
    assert seen.verdict.call is Action.NO_SHIP


def test_relative_bars_on_latency_are_held_against_both_models(tmp_path: Path) -> None:
    rest = CHECK.format("latency") + 'may_lose = "20%"'
    twice = changed(columns(), "latency_ms_candidate", lambda _, value: 2 * value)
    seen = judged(tmp_path, twice, contract(rest=rest))
    assert seen.standing("shadow.latency") == "BREACH"


def test_losing_pairs_never_makes_an_advance(tmp_path: Path) -> None:
    promised = contract(source=", expect = { rows = 2_000 }", review_sample="60")
    whole = judged(tmp_path / "whole", columns(), promised, READ)
    assert whole.verdict.call is Action.ADVANCE
    rng = np.random.default_rng(4)
    for draw in range(3):
        lost = set(rng.choice(2_000, 40, replace=False).tolist())
        less = kept(columns(), lambda i, lost=lost: i not in lost)  # type: ignore[misc]
        assert judged(tmp_path / str(draw), less, promised, READ).verdict.call is Action.HOLD


def test_order_of_rows_changes_no_byte(tmp_path: Path) -> None:
    table = columns()
    order = np.random.default_rng(2).permutation(2_000)
    shuffled = {name: [values[i] for i in order] for name, values in table.items()}
    one, other = judged(tmp_path / "a", table), judged(tmp_path / "b", shuffled)
    assert canonical_bytes(one.verdict) == canonical_bytes(other.verdict)
    shown = [canonical_bytes(SHADOW.exhibits(seen.plan, seen.evidence)) for seen in (one, other)]
    assert shown[0] == shown[1]


def test_there_is_one_finding_per_check_in_the_promised_order(tmp_path: Path) -> None:
    seen = judged(tmp_path, columns())
    found = SHADOW.examine(seen.plan, seen.evidence)
    assert [finding.check for finding in found] == list(seen.plan.checks)


def test_exhibits_show_coverage_disagreement_latency_ends_and_preferences(tmp_path: Path) -> None:
    seen = judged(tmp_path, columns(), contract(review_sample="60"), READ)
    shown = SHADOW.exhibits(seen.plan, seen.evidence)
    everyone, *countries = shown["coverage"]["slices"]
    assert sum(everyone["pairs"]) == 2_000
    assert np.sum([one["pairs"] for one in countries], axis=0).tolist() == everyone["pairs"]
    assert np.sum(shown["decisions"]["counts"]) == 2_000
    assert set(shown["latency_ms"]["candidate"]) == {"p50", "p90", "p99"}
    assert shown["statuses"]["candidate"] == {"ok": 2_000}


def test_preferences_have_an_exact_interval(tmp_path: Path) -> None:
    """Oracle: scipy.stats.binomtest(30, 40), exact; pairs without a winner are left out."""
    seen = judged(tmp_path, columns(), contract(review_sample="60"), READ)
    share = SHADOW.exhibits(seen.plan, seen.evidence)["review"]["candidate_preferred"]
    exact = binomtest(30, 40).proportion_ci(0.95, method="exact")
    assert (share.low, share.high) == pytest.approx((exact.low, exact.high), rel=1e-9)


def test_a_drawn_world_is_judged_as_it_is(tmp_path: Path) -> None:
    """Truth of the world: its own statement of unsafe answers and of equal decisions."""
    world = World.model_validate(
        {
            "shipcall_world": 1,
            "name": "w",
            "seed": 5,
            "people": {"count": 2_000},
            "days": 9,
            "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}}],
            "shadow": {"days": 8, "sample": 0.5},
            "model": {"baseline": {"unsafe": 0.1}, "candidate": {"unsafe": 0.02, "skill": 1.5}},
        }
    )
    table = pa.concat_tables(
        [shadow.TABLE.rows(world, chunk) for chunk in range(shadow.TABLE.chunks(world))]
    )
    table = table.rename_columns(["user" if n == "cluster" else n for n in table.column_names])
    told = contract(
        safety='{ metric = "unsafe", at_most = 0.03 }',
        disagreement="{ decision = true, at_most = 0.2 }",
        latency=None,
    )
    seen = judged(tmp_path, table, told)
    truth = {
        str(fact["metric"]): float(fact["candidate"])
        for fact in shadow.shadow_pairs_truth(world)
        if fact["slice"] == "all"
    }
    safety, apart = (seen.finding(f"stage.{n}").measured for n in ("safety", "disagreement"))
    assert isinstance(safety, Estimate)
    assert isinstance(apart, Estimate)
    assert safety.low < truth["unsafe"] < safety.high
    assert apart.low < 1 - truth["agree"] < apart.high
    assert (seen.standing("stage.safety"), seen.standing("stage.disagreement")) == (
        "CLEAR",
        "BREACH",
    )
