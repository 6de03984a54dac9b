"""Traps in which gates elsewhere passed evidence that must not pass; each is a test here.

The numbers are those of runs of other tools (see the docs on traps): what they called GO or SHIP
must never be ADVANCE or SHIP, and what they blocked without reason must not be blocked.
"""

from pathlib import Path

import numpy as np
import pytest

from builders import (
    HEAD,
    judge_scores,
    run_gate,
    score_rows,
    scores_contract,
    standing,
    write_csv,
)
from shipcall.core import Absent, Action, Estimate, Standing, Verdict

GOOD = {Action.SHIP, Action.ADVANCE}


def of(verdict: Verdict, check: str) -> Estimate:
    measured = next(f.measured for f in verdict.findings if f.check.id == check)
    assert isinstance(measured, Estimate)
    return measured


def broken(verdict: Verdict) -> set[str]:
    return {f.check.id for f in verdict.findings if not f.satisfied}


def test_g1_a_contract_without_checks_and_evidence_holds(tmp_path: Path) -> None:
    verdict = run_gate(tmp_path, HEAD).verdict
    assert (verdict.call, verdict.rule.number) == (Action.HOLD, 7)


def test_g1_promised_evidence_that_is_not_there_holds(tmp_path: Path) -> None:
    verdict = run_gate(tmp_path, scores_contract(100)).verdict
    assert verdict.call is Action.HOLD
    assert standing(verdict, "gate.right") == "ABSENT"


@pytest.mark.parametrize("items", [5, 10])
def test_g2_a_handful_of_perfect_items_is_not_certainty(tmp_path: Path, items: int) -> None:
    """0 flips of 10: the exact one-sided 95 % bound is 1 - .05^(1/10) = 0.259."""
    half = [1.0] * items
    half[0] = 0.0
    verdict = judge_scores(
        tmp_path, scores_contract(items, bar="may_lose = 0.01"), score_rows(half, half)
    )
    estimate = of(verdict, "gate.right")
    assert verdict.call is Action.HOLD
    assert estimate.low <= -(1 - 0.05 ** (1 / items)) + 0.01
    assert estimate.low < estimate.high


def test_g3_a_candidate_that_lost_990_of_1000_rows_holds(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    rows = [
        r for r in score_rows(scores, scores) if r["arm"] == "baseline" or int(r["item"][1:]) < 10
    ]
    verdict = judge_scores(tmp_path, scores_contract(1000, bar="may_lose = 0.3"), rows)
    assert verdict.call is Action.HOLD
    assert "sanity.scores.lost" in broken(verdict)


def test_g3b_a_candidate_that_lost_45_of_100_cases_holds(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 50
    rows = [
        r for r in score_rows(scores, scores) if r["arm"] == "baseline" or int(r["item"][1:]) < 55
    ]
    verdict = judge_scores(tmp_path, scores_contract(100, bar="may_lose = 0.9"), rows)
    assert verdict.call is Action.HOLD
    assert {"sanity.scores.lost", "sanity.scores.uneven_loss"} <= broken(verdict)


def test_g3_rows_that_both_models_lost_are_missed_too(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 50
    verdict = judge_scores(
        tmp_path, scores_contract(1000, bar="may_lose = 0.5"), score_rows(scores, scores)
    )
    assert verdict.call is Action.HOLD
    assert "sanity.scores.found" in broken(verdict)


def test_g4_same_names_with_other_prompts_hold(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    rows = score_rows(scores, scores, prompt_hash=lambda arm, i: f"{arm}-{i}" if i < 50 else f"{i}")
    verdict = judge_scores(tmp_path, scores_contract(1000), rows)
    assert verdict.call is Action.HOLD
    assert "sanity.scores.mispaired" in broken(verdict)


def test_g5_duplicate_rows_hold(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    rows = score_rows(scores, scores)
    failed = [{**row, "value": 0.0} for row in rows if row["arm"] == "candidate"]
    verdict = judge_scores(tmp_path, scores_contract(1000), [*failed, *rows])
    assert verdict.call is Action.HOLD
    assert "sanity.scores.duplicates" in broken(verdict)


def test_g6_identical_truth_is_rarely_refused_by_a_relative_bar(tmp_path: Path) -> None:
    """Elsewhere 42 % of such pairs were refused; the promise here is at most 5 %.

    60 draws of two models of one truth: more than 8 refusals have a chance below 0.01 at 5 %.
    """
    rng = np.random.default_rng(6)
    refused = 0
    for draw in range(60):
        pair = rng.integers(0, 2, (2, 100)).astype(float)
        text = scores_contract(100, bar='may_lose = "2%"', role="guardrail")
        verdict = judge_scores(tmp_path / str(draw), text, score_rows(*pair.tolist()))
        refused += verdict.call is Action.NO_SHIP
    assert refused <= 8


def test_g8_a_metric_that_is_not_in_the_file_is_no_data(tmp_path: Path) -> None:
    """Two benchmarks judged on one file: each has to find its own rows."""
    scores = [1.0, 0.0] * 500
    text = scores_contract(1000).replace(
        "[[check]]",
        'other = { level = "model", kind = "proportion", better = "higher" }\n[[check]]',
        1,
    )
    text += '\n[[check]]\nid = "gate.other"\nstage = "gate"\nrole = "guardrail"\n'
    text += 'metric = "other"\nmay_lose = 0.02\n'
    verdict = judge_scores(tmp_path, text, score_rows(scores, scores))
    assert verdict.call is Action.HOLD
    assert standing(verdict, "gate.other") == "ABSENT"


def test_g10_ten_thousand_pairs_with_fifty_flips_each_way_are_enough(tmp_path: Path) -> None:
    """The 95 % interval is +-0.2 points; a tolerance of 5 points is cleared, not inconclusive."""
    baseline = [1.0] * 5050 + [0.0] * 4950
    candidate = [1.0] * 5000 + [0.0] * 50 + [1.0] * 50 + [0.0] * 4900
    verdict = judge_scores(
        tmp_path, scores_contract(10_000, bar="may_lose = 0.05"), score_rows(baseline, candidate)
    )
    estimate = of(verdict, "gate.right")
    assert verdict.call is Action.SHIP
    assert estimate.high - estimate.low == pytest.approx(0.0036, abs=0.0006)


def test_g11_a_tiny_steady_drop_is_held_against_the_bar_in_its_own_unit(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    baseline = rng.uniform(0.4, 0.9, 500)
    candidate = baseline - 0.001 + rng.normal(0, 0.0005, 500)
    text = scores_contract(500, kind="mean", bar="may_lose = 0.05", options=", range = [0, 1]")
    verdict = judge_scores(tmp_path, text, score_rows(baseline.tolist(), candidate.tolist()))
    assert verdict.call is Action.SHIP
    assert of(verdict, "gate.right").value == pytest.approx(-0.001, abs=0.0002)


def test_g13_all_runs_errored_is_no_data(tmp_path: Path) -> None:
    none: list[float | None] = [None] * 100
    verdict = judge_scores(tmp_path, scores_contract(100), score_rows(none, none))
    assert verdict.call is Action.HOLD
    assert standing(verdict, "gate.right") == "ABSENT"


def test_g14_a_crashed_repeat_is_counted_and_not_averaged_over(tmp_path: Path) -> None:
    baseline: list[float | None] = [1.0, 0.0] * 100
    candidate = [None if i == 7 else v for i, v in enumerate(baseline)]
    verdict = judge_scores(
        tmp_path, scores_contract(100), score_rows(baseline, candidate, repeats=2)
    )
    assert verdict.call is Action.HOLD
    assert "sanity.scores.lost" in broken(verdict)


def test_g15_repeats_of_an_item_are_one_unit(tmp_path: Path) -> None:
    rng = np.random.default_rng(15)
    scores = rng.integers(0, 2, (2, 400)).astype(float).tolist()
    verdict = judge_scores(tmp_path, scores_contract(100), score_rows(*scores, repeats=4))
    assert of(verdict, "gate.right").n == 100


def test_fewer_repeats_than_the_harness_promises_hold(tmp_path: Path) -> None:
    rng = np.random.default_rng(16)
    scores = rng.integers(0, 2, (2, 600)).astype(float).tolist()
    rows = score_rows(*scores, repeats=2)
    two, three = (
        scores_contract(300, bar="may_lose = 0.2", rest=f"[harness]\nrepeats = {repeats}\n")
        for repeats in (2, 3)
    )
    kept = judge_scores(tmp_path / "a", two, rows)
    fewer = judge_scores(tmp_path / "b", three, rows)
    assert kept.call is Action.SHIP
    assert fewer.call is Action.HOLD
    assert "sanity.scores.found" in broken(fewer)


def test_constant_grades_hold_however_many(tmp_path: Path) -> None:
    ones = [1.0] * 5000
    verdict = judge_scores(tmp_path, scores_contract(5000), score_rows(ones, ones))
    assert verdict.call is Action.HOLD
    assert "sanity.scores.constant" in broken(verdict)


def test_a_safety_event_that_never_happened_is_an_answer_with_an_exact_bound(
    tmp_path: Path,
) -> None:
    """0 of 1,500: the exact one-sided 95 % bound is 1 - .05^(1/1500) = .001995."""
    zeros = [0.0] * 1500
    text = scores_contract(1500, bar="at_most = 0.002", role="goal").replace(
        'level = "model", kind = "proportion", better = "higher"',
        'level = "safety", kind = "proportion", better = "lower"',
    )
    verdict = judge_scores(tmp_path, text, score_rows(zeros, zeros))
    assert of(verdict, "gate.right").high == pytest.approx(1 - 0.05 ** (1 / 1500), rel=1e-6)
    assert verdict.call is Action.SHIP
    assert any("can fire at all was not assessed" in said for said in verdict.not_assessed)


def test_latency_is_read_from_the_rows_of_the_graded_metric(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 2, (2, 500)).astype(float).tolist()
    rows = score_rows(*scores, latency_ms=lambda arm, i: 100 + i % 97 + 5 * (arm == "candidate"))
    text = scores_contract(500, bar="may_lose = 0.2").replace(
        "[[check]]",
        'slow = { level = "operations", kind = "quantile", q = 0.9, column = "latency_ms", '
        'better = "lower" }\n[[check]]',
    )
    text += '\n[[check]]\nid = "gate.slow"\nstage = "gate"\nrole = "guardrail"\n'
    text += 'metric = "slow"\nmay_lose = 40\n'
    verdict = judge_scores(tmp_path, text, rows)
    assert of(verdict, "gate.slow").value == pytest.approx(5.0)
    assert verdict.call is Action.SHIP


def test_truncated_evidence_holds(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    file = write_csv(tmp_path / "scores.csv", score_rows(scores, scores))
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[: len(lines) - 300]), encoding="utf-8")
    verdict = run_gate(tmp_path, scores_contract(1000, bar="may_lose = 0.5")).verdict
    assert verdict.call is Action.HOLD
    assert "sanity.scores.lost" in broken(verdict)


def test_another_scorer_for_the_candidate_holds(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    rows = score_rows(scores, scores, scorer=lambda arm, _: f"judge-{arm}")
    verdict = judge_scores(tmp_path, scores_contract(1000), rows)
    assert verdict.call is Action.HOLD
    assert "sanity.scores.differing" in broken(verdict)


def test_another_eval_set_for_the_candidate_holds(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 500
    rows = score_rows(scores, scores, eval_set=lambda arm, _: f"v-{arm}")
    verdict = judge_scores(tmp_path, scores_contract(1000), rows)
    assert "sanity.scores.differing" in broken(verdict)


def test_a_model_below_chance_holds_and_says_where_to_look(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    baseline = (rng.random(1000) < 0.7).astype(float).tolist()
    candidate = (rng.random(1000) < 0.1).astype(float).tolist()
    text = scores_contract(1000, options=", chance = 0.25", bar="may_lose = 0.02")
    verdict = judge_scores(tmp_path, text, score_rows(baseline, candidate))
    finding = next(f for f in verdict.findings if f.check.id == "sanity.chance.right.candidate.all")
    assert (verdict.call, verdict.rule.number) == (Action.HOLD, 1)
    assert finding.standing is Standing.BREACH
    assert finding.note == "below chance: check the harness"


def test_lost_rows_within_the_promise_widen_the_interval(tmp_path: Path) -> None:
    """10 of 1,000 lost: both ends move by at least a point, and the call has to survive it."""
    rng = np.random.default_rng(4)
    whole = rng.integers(0, 2, 1000).astype(float).tolist()
    lost: list[float | None] = [None if i < 10 else v for i, v in enumerate(whole)]
    more = ", max_missing = 0.02"
    ship = judge_scores(
        tmp_path / "a",
        scores_contract(1000, more=more, bar="may_lose = 0.05"),
        score_rows(lost, lost),
    )
    hold = judge_scores(
        tmp_path / "b",
        scores_contract(1000, more=more, bar="may_lose = 0.01"),
        score_rows(lost, lost),
    )
    assert ship.call is Action.SHIP
    assert of(ship, "gate.right").low < -0.01
    assert hold.call is Action.HOLD


def test_a_model_error_is_an_outcome_at_the_worst_end(tmp_path: Path) -> None:
    whole = [1.0, 1.0, 1.0, 0.0] * 100
    rows = score_rows(whole, whole)
    for row in rows:
        if row["arm"] == "candidate" and int(row["item"][1:]) < 100 and row["value"] == 1.0:
            row |= {"value": None, "status": "model_error"}
    verdict = judge_scores(tmp_path, scores_contract(400, role="guardrail"), rows)
    assert of(verdict, "gate.right").value == pytest.approx(-75 / 400)
    assert verdict.call is Action.NO_SHIP


def test_losing_a_slice_after_sealing_is_a_hold(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    scores = rng.integers(0, 2, 2000).astype(float).tolist()
    rows = score_rows(scores, scores, country=lambda _, i: "NZ" if i % 4 == 0 else "BR")
    rest = '[slices]\nby = ["country"]\nmetric = "right"\nmay_lose = 0.05\nmin_units = 50\n'
    text = scores_contract(2000, rest=rest, bar="may_lose = 0.05").replace(
        "expect = { units = 2000 }", "expect = { units = 1 }"
    )
    assert judge_scores(tmp_path, text, rows).call is Action.SHIP
    verdict = judge_scores(tmp_path, text, [row for row in rows if row["country"] == "BR"])
    measured = next(f.measured for f in verdict.findings if f.check.id == "slice.country=NZ")
    assert verdict.call is Action.HOLD
    assert isinstance(measured, Absent)


def test_slices_of_a_metric_without_evidence_hold(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    scores = rng.integers(0, 2, 1000).astype(float).tolist()
    rest = '[slices]\nby = ["country"]\nmetric = "ranked"\nmay_lose = 0.05\n'
    text = scores_contract(1000, rest=rest, bar="may_lose = 0.1").replace(
        "[[check]]", 'ranked = { level = "model", kind = "win_rate" }\n[[check]]'
    )
    rows = score_rows(scores, scores, country=lambda _, i: "BR" if i % 4 else "NZ")
    verdict = judge_scores(tmp_path, text, rows)
    assert standing(verdict, "gate.right") == "CLEAR"
    assert standing(verdict, "slice.country=(levels not read)") == "ABSENT"
    assert verdict.call is Action.HOLD


def test_an_empty_first_look_does_not_seal_empty_slices(tmp_path: Path) -> None:
    rest = '[slices]\nby = ["country"]\nmetric = "right"\nmay_lose = 0.05\nmin_units = 50\n'
    text = scores_contract(2000, rest=rest, bar="may_lose = 0.1")
    empty = run_gate(tmp_path, text).verdict
    assert standing(empty, "slice.country=(levels not read)") == "ABSENT"
    rng = np.random.default_rng(7)
    scores = rng.integers(0, 2, 2000).astype(float).tolist()
    fine = [1.0 if i % 4 else value for i, value in enumerate(scores)]
    broken = [0.0 if i % 4 == 0 else value for i, value in enumerate(fine)]
    rows = score_rows(fine, broken, country=lambda _, i: "BR" if i % 4 else "NZ")
    verdict = judge_scores(tmp_path, text, rows)
    assert standing(verdict, "slice.country=NZ") == "BREACH"


def test_slices_that_were_all_too_small_are_said_to_be_unguarded(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    scores = rng.integers(0, 2, 500).astype(float).tolist()
    rows = score_rows(scores, scores, country=lambda _, i: f"c{i % 50}")
    rest = '[slices]\nby = ["country"]\nmetric = "right"\nmay_lose = 0.05\nmin_units = 50\n'
    verdict = judge_scores(tmp_path, scores_contract(500, rest=rest, bar="may_lose = 0.1"), rows)
    said = "50 of 50 levels, with 500 of 500 units, had fewer units"
    assert any(said in sentence for sentence in verdict.not_assessed)


def test_no_interval_of_any_trap_has_zero_width(tmp_path: Path) -> None:
    scores = [1.0, 0.0] * 20
    verdict = judge_scores(tmp_path, scores_contract(40), score_rows(scores, scores))
    sampled = [f.measured for f in verdict.findings if isinstance(f.measured, Estimate)]
    assert all(e.low < e.high for e in sampled if not e.census)
    assert any(not e.census for e in sampled)
