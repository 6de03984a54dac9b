"""shadow_pairs as lines: which answers count, what is lost, and what is only a failure."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.tables import ALL, evidence, exact, pair, sample, write
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.facts import LostPairs
from shipcall.data.pairbook import NO_ANSWER, OTHERS
from shipcall.data.sources import UnitColumns
from shipcall.stats.sample import Crosstab, PairSample, QuantileSample

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
OK = ("ok", "ok")


def row(number: int, **columns: Any) -> dict[str, Any]:
    """One request an hour; a pair of values becomes one column for each model."""
    made: dict[str, Any] = {
        "request": f"r{number:04}",
        "at": (MONDAY + timedelta(hours=number)).isoformat(),
        "user": f"u{number}",
    }
    for name, value in ({"status": OK, "decision": ("no", "yes")} | columns).items():
        if isinstance(value, tuple):
            made |= {f"{name}_baseline": value[0], f"{name}_candidate": value[1]}
        else:
            made[name] = value
    return made


def book(folder: Path, rows: list[dict[str, Any]], **source: Any) -> Evidence:
    write(folder / "p.csv", rows)
    unit = UnitColumns(id="user")
    return evidence(folder, "p.csv", format="shadow_pairs", unit=unit, metrics={}, **source)


def measured(found: Evidence, kind: str, part: Slice = ALL, **options: Any) -> Any:
    return sample(found, kind, part, evidence="shadow_pairs", **options)


def summed(found: Evidence, kind: str, **options: Any) -> PairSample:
    return pair(found, kind, evidence="shadow_pairs", **options)


def test_safety_is_counted_pair_by_pair(tmp_path: Path) -> None:
    graded = [(1, 1), (1, 0), (0, 0), (0, 0), (0, 1)]
    found = book(tmp_path, [row(i, safety=values) for i, values in enumerate(graded)])
    seen = summed(found, "proportion", column="safety")
    assert seen.crosstab == Crosstab(both=1, only_baseline=1, only_candidate=1, neither=2)


def test_requests_of_one_person_are_one_unit(tmp_path: Path) -> None:
    found = book(tmp_path, [row(i, safety=(0, i % 2), user=f"u{i // 4}") for i in range(40)])
    seen = summed(found, "proportion", column="safety")
    assert (seen.rows, seen.clusters) == (40, 10)


def test_a_run_that_is_not_ok_has_no_value(tmp_path: Path) -> None:
    ends = [OK, ("ok", "infra_error"), ("model_error", "ok"), ("ok", "judge_error"), ("ok", None)]
    found = book(tmp_path, [row(i, safety=(0, 0), status=s) for i, s in enumerate(ends)])
    seen = summed(found, "proportion", column="safety")
    assert (seen.rows, seen.lost.rows, seen.lost.range) == (1, 4, (0.0, 1.0))


def test_a_failed_model_is_an_outcome_and_what_nobody_knows_is_not(tmp_path: Path) -> None:
    ends = [OK, OK, ("ok", "model_error"), ("model_error", "model_error"), ("infra_error", "ok")]
    found = book(tmp_path, [row(i, status=s) for i, s in enumerate(ends)])
    seen = summed(found, "error_share")
    assert seen.crosstab == Crosstab(both=1, only_baseline=0, only_candidate=1, neither=2)
    assert seen.lost.rows == 1


def test_latency_is_measured_on_failures_too_and_never_before_the_question(tmp_path: Path) -> None:
    rows = [row(i, latency_ms=(10 + i, 20 + i)) for i in range(3)]
    rows.append(row(3, latency_ms=(13, 900), status=("ok", "model_error")))
    rows.append(row(4, latency_ms=(14, -1)))
    seen = measured(book(tmp_path, rows), "quantile", column="latency_ms", q=0.5)
    assert isinstance(seen, QuantileSample)
    assert seen.candidate.tolist() == [20, 21, 22, 900]
    assert seen.lost.rows == 1


def test_a_negative_safety_grade_is_out_of_range_and_never_safe(tmp_path: Path) -> None:
    rows = [row(i, safety=(0, 0)) for i in range(4)]
    rows.append(row(4, safety=(0, -1)))
    found = book(tmp_path, rows)
    facts = found.facts("shadow_pairs")
    assert (facts.out_of_range.count, facts.out_of_range.example) == (1, "r0004")
    assert summed(found, "proportion", column="safety").lost.rows == 1


def test_decisions_and_outputs_disagree_where_they_differ(tmp_path: Path) -> None:
    said = [("a", "a"), ("a", "b"), ("1.0", "1"), ("b", "b")]
    found = book(tmp_path, [row(i, decision=d, output=d) for i, d in enumerate(said)])
    for column in ("decision", "output"):
        seen = summed(found, "disagreement", column=column)
        assert (seen.baseline, seen.candidate) == (0.0, 0.25)


@pytest.mark.parametrize(
    ("baseline", "candidate", "k", "apart"),
    [
        ("a b c d", "d c b a", 4, 0.0),
        ("a b c d", "a b x y", 4, 0.5),
        ("a b c d", "a b x y", 2, 0.0),
        ("a b", "a b", 10, 0.0),
        ("a b", "a b c d", 10, 0.5),
        ("a", "x", 3, 1.0),
        ("a  b ", " b a", 2, 0.0),
    ],
)
def test_lists_disagree_by_what_they_do_not_share(
    tmp_path: Path, baseline: str, candidate: str, k: int, apart: float
) -> None:
    """1 - |A and B| / k by hand; the longer list stands for k where both are shorter."""
    rows = [row(i, top_k=(baseline, candidate)) for i in range(3)]
    seen = summed(book(tmp_path, rows), "disagreement", column="top_k", k=k)
    assert seen.candidate == apart


def test_an_empty_list_is_no_answer(tmp_path: Path) -> None:
    rows = [row(0, top_k=("a", "a")), row(1, top_k=("a", " "))]
    seen = summed(book(tmp_path, rows), "disagreement", column="top_k", k=3)
    assert (seen.rows, seen.lost.rows) == (1, 1)


def test_numbers_can_be_compared_by_how_far_they_are_apart(tmp_path: Path) -> None:
    found = book(tmp_path, [row(i, output=(0.5, 0.5 + 0.1 * i)) for i in range(3)])
    assert summed(found, "mean", column="score_gap").candidate == pytest.approx(0.1)
    assert summed(found, "mean", column="output").candidate == pytest.approx(0.6)


def test_columns_of_your_own_are_read_for_both_models(tmp_path: Path) -> None:
    found = book(tmp_path, [row(i, cited=(1, i % 2)) for i in range(4)])
    seen = summed(found, "proportion", column="cited")
    assert (seen.baseline, seen.candidate) == (1.0, 0.5)


def test_a_column_that_is_not_there_says_so(tmp_path: Path) -> None:
    seen = measured(book(tmp_path, [row(i) for i in range(4)]), "cost", column="cost")
    assert isinstance(seen, Absent)
    assert seen.reason is Reason.WRONG_COLUMNS


def test_neither_of_two_rows_of_one_request_counts(tmp_path: Path) -> None:
    rows = [row(i, safety=(0, 0)) for i in range(5)]
    rows.append(row(2, safety=(0, 1)))
    found = book(tmp_path, rows)
    facts = found.facts("shadow_pairs")
    assert (facts.duplicates.count, facts.duplicates.example) == (2, "r0002")
    assert facts.lost_pairs == LostPairs(both=2)
    assert summed(found, "proportion", column="safety").rows == 4


def test_losses_are_counted_by_the_model_that_lost(tmp_path: Path) -> None:
    ends = [OK, ("ok", "infra_error"), ("ok", None), ("not_run", "ok"), ("ok", "model_error")]
    facts = book(tmp_path, [row(i, status=s) for i, s in enumerate(ends)]).facts("shadow_pairs")
    assert facts.lost_pairs == LostPairs(only_baseline=1, only_candidate=2)
    assert facts.unmatched == {"baseline": 2, "candidate": 1}
    assert facts.errored["candidate", "model_error"] == 1
    assert facts.hashed


def test_ok_without_an_answer_is_lost(tmp_path: Path) -> None:
    rows = [row(i) for i in range(3)] + [row(3, decision=("no", None))]
    facts = book(tmp_path, rows).facts("shadow_pairs")
    assert facts.lost_pairs == LostPairs(only_candidate=1)


def test_without_statuses_an_answer_is_a_run(tmp_path: Path) -> None:
    rows = [
        {
            name: value
            for name, value in row(i, decision=("a", said)).items()
            if "status" not in name
        }
        for i, said in enumerate(["a", "b", None])
    ]
    assert book(tmp_path, rows).facts("shadow_pairs").lost_pairs == LostPairs(only_candidate=1)


@pytest.mark.parametrize("said", [("x", "y"), ("x", None)])
def test_a_model_that_says_one_thing_or_nothing_is_constant(
    tmp_path: Path, said: tuple[str, str | None]
) -> None:
    status = ("ok", "ok" if said[1] else "model_error")
    rows = [row(i, decision=(f"d{i % 3}", said[1]), status=status) for i in range(6)]
    assert book(tmp_path, rows).facts("shadow_pairs").constant == (("candidate", ""),)


def test_days_are_counted_from_pairs_that_can_be_compared(tmp_path: Path) -> None:
    rows = [row(i) for i in range(25)] + [row(60, status=("ok", "infra_error"))]
    facts = book(tmp_path, rows).facts("shadow_pairs")
    assert facts.weekdays == (24, 1, 0, 0, 0, 0, 0)
    assert facts.span is not None
    assert facts.span.last - facts.span.first == timedelta(hours=24)


def test_order_of_rows_changes_no_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = [row(i, latency_ms=(rng.random(), rng.random()), user=f"u{i % 9}") for i in range(99)]
    one = book(tmp_path / "a", rows)
    other = book(tmp_path / "b", [rows[i] for i in rng.permutation(99)])
    for kind in ("mean", "quantile"):
        options: dict[str, Any] = {"column": "latency_ms", "q": 0.5}
        assert exact(measured(one, kind, **options)) == exact(measured(other, kind, **options))
    assert one.facts("shadow_pairs") == other.facts("shadow_pairs")


def test_an_unknown_status_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="timeout"):
        book(tmp_path, [row(0, status=("ok", "timeout"))]).facts("shadow_pairs")


def test_slices_are_counted_by_day_of_the_week(tmp_path: Path) -> None:
    found = book(tmp_path, [row(12 * i, country="NZ" if i % 2 else "US") for i in range(6)])
    nz, other = Slice.of({"country": "NZ"}), Slice.of({"planet": "Mars"})
    calendar = found.pairs().calendar([ALL, nz, other])
    assert calendar[ALL] == (2, 2, 2, 0, 0, 0, 0)
    assert calendar[nz] == (1, 1, 1, 0, 0, 0, 0)
    assert not any(calendar[other])
    assert found.levels(["country"], "shadow_pairs")[nz] == 3


def test_rare_decisions_stand_together_in_the_matrix(tmp_path: Path) -> None:
    said = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "c"), ("a", None)]
    rows = [
        row(i, decision=d, status=OK if d[1] else ("ok", "model_error")) for i, d in enumerate(said)
    ]
    matrix = book(tmp_path, rows).pairs().decisions(2)
    assert matrix.classes == ("a", "b", NO_ANSWER, OTHERS)
    assert matrix.counts == ((2, 1, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0), (0, 0, 0, 0))
    assert book(tmp_path, rows).pairs().decisions(9).classes == ("a", "b", NO_ANSWER, "c")


def test_quantiles_statuses_and_silent_scorers_are_there_for_the_eye(tmp_path: Path) -> None:
    rows = [row(i, latency_ms=(i, 2 * i), safety=(i % 2, 0)) for i in range(101)]
    pairs = book(tmp_path, rows).pairs()
    assert pairs.latency()["candidate"] == {"p50": 100.0, "p90": 180.0, "p99": 198.0}
    assert pairs.statuses() == {"baseline": {"ok": 101}, "candidate": {"ok": 101}}
    assert pairs.silent() == ("candidate",)


def test_pairs_to_read_say_what_they_are_about(tmp_path: Path) -> None:
    rows = [row(0, prompt="why?", output=("so", "because")), row(1, status=("ok", "not_run"))]
    rows[1] |= {"prompt": "?", "output_baseline": "x", "output_candidate": None}
    pairs = book(tmp_path, rows).pairs()
    (only,) = pairs.readable()
    assert (only.request, only.agrees) == ("r0000", False)
    read = pairs.read(["r0000"])["r0000"]
    assert read.about == {"prompt": "why?"}
    assert read.candidate == {"output": "because", "decision": "yes"}


@pytest.mark.parametrize("with_decision", [True, False])
def test_columns_of_one_model_alone_are_a_model_that_never_answered(
    tmp_path: Path, *, with_decision: bool
) -> None:
    dropped = "_candidate" if with_decision else ("_candidate", "decision_baseline")
    rows = [
        {
            k: v
            for k, v in row(i, latency_ms=(i, i), safety=(0, 0)).items()
            if not k.endswith(dropped)
        }
        for i in range(6)
    ]
    found = book(tmp_path, rows)
    facts = found.facts("shadow_pairs")
    assert facts.lost_pairs == LostPairs(only_candidate=6)
    assert ("candidate", "") in facts.constant
    for kind, column in (("proportion", "safety"), ("disagreement", "decision")):
        assert isinstance(measured(found, kind, column=column), Absent)
