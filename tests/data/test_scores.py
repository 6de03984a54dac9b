"""Scores: graded runs become pairs, and what is lost stays lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.tables import ITEM, Row, evidence, graded, open_pack, pair, sample, scores
from shipcall.core import Absent, Reason, Slice
from shipcall.data.sources import MetricUse
from shipcall.stats.sample import Lost, QuantileSample

GPT = "gpt-4-1106-preview"


@pytest.mark.parametrize(
    ("model", "mean", "lost"), [("unify", 8.757862, 1), ("martian", 8.3125, 0)]
)
def test_an_unparsed_verdict_of_mt_bench_is_not_averaged_in(
    model: str, mean: float, lost: int
) -> None:
    """RouteLLM benchmarks/README.md: unify 8.757862, martian 8.3125.

    One grade of unify is -1, a verdict the judge's text did not hold; averaged in, it gives
    8.696875.
    """
    found = evidence(
        open_pack() / "llm_pairs",
        "mtbench_judge_scores.parquet",
        format="scores",
        unit=ITEM,
        metrics={"right": MetricUse(name="right", range=(1.0, 10.0))},
        columns={"item": "question_id", "repeat": "turn", "arm": "model", "value": "score"},
        constants={"metric": "right", "status": "ok"},
        arms={"baseline": GPT, "candidate": model},
        sentinels={"-1": "judge_error"},
        expect_units=80,
    )
    one = pair(found, "mean", range=(1.0, 10.0))
    facts = found.facts("scores")
    assert one.candidate == pytest.approx(mean, abs=5e-7)
    assert (one.clusters, one.lost) == (80, Lost(rows=lost, range=(1.0, 10.0)))
    assert facts.unparsed == ({"judge_error": 1} if lost else {})
    assert facts.errored == ({("candidate", "judge_error"): 1} if lost else {})
    assert tuple(facts.lost_pairs) == (0, lost, 0)


def test_a_grade_outside_the_declared_range_is_a_judge_error() -> None:
    """The same file without the sentinel: -1 lies outside 1 to 10."""
    found = evidence(
        open_pack() / "llm_pairs",
        "mtbench_judge_scores.parquet",
        format="scores",
        unit=ITEM,
        metrics={"right": MetricUse(name="right", range=(1.0, 10.0))},
        columns={"item": "question_id", "repeat": "turn", "arm": "model", "value": "score"},
        constants={"metric": "right", "status": "ok"},
        arms={"baseline": GPT, "candidate": "unify"},
    )
    assert pair(found, "mean", range=(1.0, 10.0)).candidate == pytest.approx(8.757862, abs=5e-7)
    assert found.facts("scores").out_of_range.count == 1


def test_mmlu_comes_in_wide_and_shows_the_slice_that_broke() -> None:
    """RouteLLM responses on MMLU: 68.08 % -> 80.58 %; 2,497 gained, 742 lost; 57 domains.

    high_school_mathematics, 270 items: 31.9 % -> 3.0 %, below the 25 % of guessing.
    """
    found = evidence(
        open_pack() / "llm_pairs",
        "mmlu_mixtral_vs_gpt4.parquet",
        format="scores",
        unit=ITEM,
        columns={
            "item": "item_id",
            "baseline": "mixtral_correct",
            "candidate": "gpt4_correct",
            "item_hash": "prompt_sha",
        },
        constants={"metric": "right", "status": "ok"},
        expect_units=14_042,
    )
    whole = pair(found, "proportion")
    levels = found.levels(["domain"], "scores")
    broken = Slice.of({"domain": "high_school_mathematics"})
    part = pair(found, "proportion", broken)
    assert whole.baseline == pytest.approx(0.6808, abs=5e-5)
    assert whole.candidate == pytest.approx(0.8058, abs=5e-5)
    assert whole.crosstab is not None
    assert (whole.crosstab.only_candidate, whole.crosstab.only_baseline) == (2497, 742)
    assert len(levels) == 57
    assert sum(levels.values()) == 14_042
    assert levels[broken] == part.rows == 270
    assert part.baseline == pytest.approx(0.319, abs=5e-4)
    assert part.candidate == pytest.approx(0.030, abs=5e-4)
    assert found.columns("scores") == ("contaminated", "domain", "prompt_chars")


@pytest.mark.parametrize(
    ("status", "value", "means", "lost"),
    [
        ("model_error", None, (0.75, 0.5), 0),
        ("model_error", 1.0, (0.75, 0.5), 0),
        ("infra_error", 1.0, (2 / 3, 2 / 3), 1),
        ("judge_error", 0.0, (2 / 3, 2 / 3), 1),
        ("not_run", None, (2 / 3, 2 / 3), 1),
        ("ok", None, (2 / 3, 2 / 3), 1),
    ],
)
def test_only_a_model_error_says_something_about_the_model(
    tmp_path: Path, status: str, value: float | None, means: tuple[float, float], lost: int
) -> None:
    """Grades 1 1 0 1 against 1 1 0 x: by hand 3/4 against 2/4, or 2/3 each on three pairs."""
    rows = graded((1, 1), (1, 1), (0, 0), (1, 1))
    rows[-1] |= {"status": status, "value": value}
    found = scores(tmp_path, rows)
    one = pair(found, "proportion")
    final = "judge_error" if status == "ok" else status
    assert (one.baseline, one.candidate) == pytest.approx(means)
    assert one.lost == Lost(rows=lost, range=(0.0, 1.0))
    assert found.facts("scores").errored == {("candidate", final): 1}
    assert found.facts("scores").lost_pairs.total == lost


@pytest.mark.parametrize(("better", "worst"), [("higher", 0.0), ("lower", 1.0)])
def test_a_model_error_is_the_worst_end_of_the_range(
    tmp_path: Path, better: str, worst: float
) -> None:
    rows = graded((0.5, 0.5), (0.5, None))
    rows[-1]["status"] = "model_error"
    use = MetricUse(name="right", range=(0.0, 1.0), better=better)
    found = scores(tmp_path, rows, {"right": use})
    assert pair(found, "mean").candidate == pytest.approx((0.5 + worst) / 2)


def test_a_model_error_without_a_range_is_lost(tmp_path: Path) -> None:
    rows = graded((5, 5), (5, 6), (5, None))
    rows[-1]["status"] = "model_error"
    one = pair(scores(tmp_path, rows, {"right": MetricUse(name="right")}), "mean")
    assert (one.rows, one.lost) == (2, Lost(rows=1, range=None))


def test_repeats_are_rows_of_one_cluster(tmp_path: Path) -> None:
    rows = [row | {"repeat": r} for r in range(3) for row in graded((1, 0), (0, 1), (1, 1))]
    one = pair(scores(tmp_path, rows), "proportion")
    assert (one.rows, one.clusters) == (9, 3)


def test_an_arm_that_lost_its_rows_loses_the_pairs(tmp_path: Path) -> None:
    rows = graded((1, 1), (0, 1), (1, 0), (1, 1), country=lambda _, i: "NZ" if i < 2 else "BR")
    rows = [row for row in rows if (row["arm"], row["item"]) != ("candidate", "q3")]
    found = scores(tmp_path, rows)
    facts = found.facts("scores")
    assert pair(found, "proportion").lost.rows == 1
    assert pair(found, "proportion", Slice.of({"country": "BR"})).lost.rows == 1
    assert pair(found, "proportion", Slice.of({"country": "NZ"})).lost.rows == 0
    assert facts.unmatched == {"baseline": 1, "candidate": 0}
    assert (facts.pairs, facts.rows, facts.units) == (4, 7, 4)


def test_two_rows_of_one_key_are_no_evidence(tmp_path: Path) -> None:
    """The last line of others wins; here neither counts, and the pair is lost."""
    rows = graded((1, 1), (0, 1), (1, 0))
    rows.append(rows[-1] | {"value": 1})
    found = scores(tmp_path, rows)
    facts = found.facts("scores")
    one = pair(found, "proportion")
    assert (one.rows, one.lost.rows) == (2, 1)
    assert (facts.duplicates.count, facts.duplicates.example) == (2, "q2")


@pytest.mark.parametrize("column", ["item_hash", "prompt_hash", "cluster"])
def test_other_content_under_one_name_is_mispaired(tmp_path: Path, column: str) -> None:
    def named(arm: str, i: int) -> str:
        return f"{arm}-{i}" if i == 1 else f"{i}"

    facts = scores(tmp_path, graded((1, 1), (0, 1), **{column: named})).facts("scores")
    assert (facts.mispaired.count, facts.mispaired.example) == (1, "q1")


def test_pairs_are_hashed_only_if_both_runs_carry_one(tmp_path: Path) -> None:
    whole = graded((1, 1), (0, 1), item_hash=lambda _, i: f"h{i}")
    part = graded((1, 1), (0, 1), item_hash=lambda arm, i: f"h{i}" if arm == "baseline" else "")
    assert scores(tmp_path / "a", whole).facts("scores").hashed
    assert not scores(tmp_path / "b", part).facts("scores").hashed
    assert not scores(tmp_path / "c", graded((1, 1))).facts("scores").hashed


def test_a_slice_that_is_not_the_same_for_both_arms_loses_the_pair(tmp_path: Path) -> None:
    rows = graded((1, 1), (0, 1), (1, 1), country=lambda a, i: "BR" if (a, i) == MOVED else "NZ")
    found = scores(tmp_path, rows)
    part = pair(found, "proportion", Slice.of({"country": "NZ"}))
    assert (part.rows, part.lost.rows) == (2, 1)
    assert found.levels(["country"], "scores") == {Slice.of({"country": "NZ"}): 3}


MOVED = ("candidate", 1)


@pytest.mark.parametrize("column", ["scorer", "eval_set"])
def test_another_judge_for_one_arm_is_named(tmp_path: Path, column: str) -> None:
    rows = graded((1, 1), (0, 1), **{column: lambda arm, _: f"v-{arm}"})
    (differing,) = scores(tmp_path, rows).facts("scores").differing
    assert differing == (column, ("v-baseline",), ("v-candidate",))


def test_grades_that_never_vary_are_named(tmp_path: Path) -> None:
    facts = scores(tmp_path, graded((1, 1), (0, 1), (1, 1))).facts("scores")
    assert facts.constant == (("candidate", "right"),)


def test_rows_of_other_metrics_and_arms_are_left_alone(tmp_path: Path) -> None:
    other = [row | {"metric": "tone", "value": "NaN"} for row in graded((1, 1), (1, 1))]
    third = [row | {"arm": "a third model", "value": 7} for row in graded((1, 1))][:1]
    found = scores(tmp_path, [*graded((1, 1), (0, 1)), *other, *third])
    facts = found.facts("scores")
    assert pair(found, "proportion").rows == 2
    assert (facts.pairs, facts.out_of_range.count, facts.rows) == (2, 0, 9)


def test_a_metric_that_is_not_there_is_no_rows(tmp_path: Path) -> None:
    absent = sample(scores(tmp_path, graded((1, 1), (0, 1))), "mean", name="tone")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.NO_ROWS


def test_a_measure_that_is_not_there_is_wrong_columns(tmp_path: Path) -> None:
    absent = sample(scores(tmp_path, graded((1, 1), (0, 1))), "mean", column="latency_ms")
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.WRONG_COLUMNS


def test_latency_counts_for_runs_that_ran(tmp_path: Path) -> None:
    """A run that failed by the model or the judge took its time; one of the machine did not."""
    rows = graded((1, 1), (0, 1), (1, 1), (1, 1), latency_ms=lambda _, i: 100.0 * (i + 1))
    rows[1]["status"], rows[3]["status"], rows[5]["status"] = (
        "model_error",
        "judge_error",
        "infra_error",
    )
    found = scores(tmp_path, rows)
    one = pair(found, "mean", column="latency_ms")
    assert one.candidate == pytest.approx((100 + 200 + 400) / 3)
    assert one.lost.rows == 1


def test_a_quantile_gets_the_values_sorted_with_their_clusters(tmp_path: Path) -> None:
    grades = [(0.3, 0.1), (0.1, 0.2), (0.2, None)]
    rows = [row | {"repeat": r} for r in (0, 1) for row in graded(*grades)]
    found = sample(scores(tmp_path, rows), "quantile", q=0.9)
    assert isinstance(found, QuantileSample)
    assert found.baseline.tolist() == [0.1, 0.1, 0.3, 0.3]
    assert found.cluster_baseline.tolist() == [1, 1, 0, 0]
    assert found.candidate.tolist() == [0.1, 0.1, 0.2, 0.2]
    assert found.cluster_candidate.tolist() == [0, 0, 1, 1]
    assert (found.clusters, found.lost.rows) == (2, 2)


def test_pass_k_counts_hits_per_item_and_loses_an_item_with_a_lost_run(tmp_path: Path) -> None:
    """Hits of 3: baseline 3, 2, 1 and candidate 3, 1, 2; k = 2: C(c,2)/C(3,2) = 1, 1/3, 0.

    The fourth item has a run that the machine lost.
    """
    hits = {0: (3, 3), 1: (2, 1), 2: (1, 2), 3: (3, 3)}
    rows = [
        row | {"repeat": r}
        for r in range(3)
        for row in graded(*((float(r < a), float(r < b)) for a, b in hits.values()))
    ]
    rows[-1] |= {"status": "infra_error", "value": None}
    one = pair(scores(tmp_path, rows, expect_units=5), "pass_k", k=2)
    assert one.baseline == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert one.candidate == pytest.approx((1 + 0 + 1 / 3) / 3)
    assert (one.clusters, one.lost.rows) == (3, 2)


def test_pass_at_k_counts_misses_per_item_and_loses_an_item_with_fewer_runs(
    tmp_path: Path,
) -> None:
    """Hits of 3: baseline 2, 1, 0 and candidate 1, 3, 0; k = 2: 1 - C(3 - c, 2) / 3 = 1, 2/3, 0.

    The fourth item has a run that the machine lost, and two are fewer than k = 3.
    """
    hits = {0: (2, 1), 1: (1, 3), 2: (0, 0), 3: (3, 3)}
    rows = [
        row | {"repeat": r}
        for r in range(3)
        for row in graded(*((float(r < a), float(r < b)) for a, b in hits.values()))
    ]
    rows[-1] |= {"status": "infra_error", "value": None}
    one = pair(scores(tmp_path, rows, expect_units=4), "pass_at_k", k=2)
    assert one.baseline == pytest.approx((1 + 2 / 3 + 0) / 3)
    assert one.candidate == pytest.approx((2 / 3 + 1 + 0) / 3)
    three = pair(scores(tmp_path, rows, expect_units=4), "pass_at_k", k=3)
    assert (three.clusters, three.lost.rows) == (3, 1)
    assert three.baseline == pytest.approx(2 / 3)


def _drop_item(row: Row) -> bool:
    return bool(row["item"] != "q1")


def _drop_run(row: Row) -> bool:
    return (row["item"], row["repeat"]) != ("q1", 1)


def _drop_half_a_run(row: Row) -> bool:
    return (row["arm"], row["item"], row["repeat"]) != ("candidate", "q1", 1)


@pytest.mark.parametrize(("keep", "lost"), [(_drop_item, 2), (_drop_run, 1), (_drop_half_a_run, 1)])
@pytest.mark.parametrize("promise", ["expect_units", "expect_rows"])
def test_what_was_promised_is_missed_in_every_way_of_losing_it(
    tmp_path: Path, keep: Callable[[Row], bool], lost: int, promise: str
) -> None:
    """Three items, two runs each: an item lost is two pairs, a run lost is one.

    Where rows are promised the two rows of a pair cannot be told from two pairs of one row.
    """
    rows = [row | {"repeat": r} for r in (0, 1) for row in graded((1, 0), (0, 1), (1, 1))]
    kept = [row for row in rows if keep(row)]
    expected: dict[str, Any] = {promise: {"expect_units": 3, "expect_rows": 12}[promise]}
    one = pair(scores(tmp_path, kept, **expected), "proportion")
    half = keep is _drop_half_a_run
    assert one.lost.rows == (lost if promise == "expect_units" or half else 2 * lost)
