"""Metrics of decisions and of numbers against another library or hand arithmetic, from the file."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from builders import HEAD, run_gate, score_rows, write_csv
from measured import reason
from shipcall.core import Arms, Estimate, EvidenceError, Finding, Reason

Floats = NDArray[np.float64]

CLASSIFIER = HEAD.replace('kind = "llm"', 'kind = "classifier"').replace('"item"', '"unit"')
RNG = np.random.default_rng(29)
ROWS = 400
LABEL = (RNG.random(ROWS) < 0.3).astype(float)
OLD = np.clip(0.3 + 0.3 * LABEL + RNG.normal(0, 0.25, ROWS), 0.01, 0.99).round(2)
NEW = np.clip(0.3 + 0.4 * LABEL + RNG.normal(0, 0.25, ROWS), 0.01, 0.99).round(2)
WEIGHT = RNG.uniform(0.5, 2.0, ROWS).round(3)
AMOUNT = RNG.lognormal(3, 1, ROWS).round(2)


def specificity(label: Floats, score: Floats, weight: Floats) -> float:
    """Recall of the other class."""
    return float(sk.recall_score(1 - label, score < 0.5, sample_weight=weight))


def expected_cost(label: Floats, score: Floats, weight: Floats) -> float:
    """By hand: 2 for each false positive, 11 for each false negative, -1 for each hit."""
    called = score >= 0.5
    prices = np.where(label == 1, np.where(called, -1.0, 11.0), np.where(called, 2.0, 0.0))
    return float(np.average(prices, weights=weight))


def net_benefit(label: Floats, score: Floats, weight: Floats) -> float:
    """Vickers & Elkin 2006, decision curves: TP/n - FP/n * t / (1 - t), here at t = 0.2."""
    called = score >= 0.2
    hits = float(weight @ (called & (label == 1)))
    alarms = float(weight @ (called & (label == 0)))
    return (hits - alarms * 0.2 / 0.8) / float(weight.sum())


def priced(prices: str, more: str = "") -> str:
    return f'kind = "expected_cost", prices = {{ {prices} }}{more}'


Truth = Callable[[Floats, Floats, Floats], float]
TRUTHS: dict[str, tuple[str, Truth]] = {
    "specificity": ('kind = "specificity"', specificity),
    "f1": (
        'kind = "f1"',
        lambda y, p, w: float(sk.f1_score(y, p >= 0.5, sample_weight=w)),
    ),
    "balanced_accuracy": (
        'kind = "balanced_accuracy"',
        lambda y, p, w: float(sk.balanced_accuracy_score(y, p >= 0.5, sample_weight=w)),
    ),
    "average_precision": (
        'kind = "average_precision"',
        lambda y, p, w: float(sk.average_precision_score(y, p, sample_weight=w)),
    ),
    "weighted_recall": (
        'kind = "weighted_recall", weight = "amount"',
        lambda y, p, w: float(sk.recall_score(y, p >= 0.5, sample_weight=w * AMOUNT)),
    ),
    "expected_cost": (
        priced("false_positive = 2, false_negative = 11, true_positive = -1"),
        expected_cost,
    ),
    "expected_cost of amounts": (
        priced("false_positive = 0.1, false_negative = 1", ', weight = "amount"'),
        lambda y, p, w: float(
            np.average(
                AMOUNT * np.where(y == 1, 1.0 * (p < 0.5), 0.1 * (p >= 0.5)),
                weights=w,
            )
        ),
    ),
    "net_benefit": ('kind = "net_benefit", threshold = 0.2', net_benefit),
    "mae": (
        'kind = "mae"',
        lambda y, p, w: float(sk.mean_absolute_error(y, p, sample_weight=w)),
    ),
    "rmse": (
        'kind = "rmse"',
        lambda y, p, w: float(sk.root_mean_squared_error(y, p, sample_weight=w)),
    ),
    "pinball": (
        'kind = "pinball", q = 0.9',
        lambda y, p, w: float(sk.mean_pinball_loss(y, p, sample_weight=w, alpha=0.9)),
    ),
}


def table(
    label: Sequence[Any] | Floats,
    baseline: Sequence[Any] | Floats,
    candidate: Sequence[Any] | Floats,
    **more: Sequence[Any] | Floats,
) -> list[dict[str, Any]]:
    columns = {"label": label, "baseline": baseline, "candidate": candidate, **more}
    return [
        {"unit": f"u{i}", **{name: values[i] for name, values in columns.items()}}
        for i in range(len(label))
    ]


def judged(folder: Path, specs: Mapping[str, str], **more: Any) -> dict[str, Finding]:
    """What the gate finds of each metric on rows.csv."""
    bar = more.get("bar", "may_lose = 1000.0")
    source = f'path = "rows.csv", expect = {{ units = {more["units"]} }}, max_missing = 0.5'
    lines = [
        more.get("head", CLASSIFIER),
        "[evidence]",
        f"{more.get('format', 'predictions')} = {{ {source} }}",
        "[metric]",
        *(f'"{name}" = {{ level = "model", {spec} }}' for name, spec in specs.items()),
    ]
    for name in specs:
        lines.append(f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "watch"')
        lines.append(f'metric = "{name}"\n{bar}')
    verdict = run_gate(folder, "\n".join(lines)).verdict
    return {f.check.metric: f for f in verdict.findings if f.check.id.startswith("gate.")}


def found(folder: Path, rows: list[dict[str, Any]], spec: str, **more: Any) -> Finding:
    """What the gate finds of one metric."""
    write_csv(folder / "rows.csv", rows)
    return judged(folder, {"m": spec}, **{"units": len(rows), **more})["m"]


def arms(finding: Finding) -> Arms:
    assert finding.arms is not None
    return finding.arms


@pytest.mark.parametrize("weighted", [False, True])
def test_values_match_scikit_learn_or_hand_arithmetic(tmp_path: Path, *, weighted: bool) -> None:
    """scikit-learn's function of the same name, with and without sample weights."""
    more = {"weight": WEIGHT} if weighted else {}
    write_csv(tmp_path / "rows.csv", table(LABEL.astype(int), OLD, NEW, amount=AMOUNT, **more))
    seen = judged(tmp_path, {name: spec for name, (spec, _) in TRUTHS.items()}, units=ROWS)
    weight = WEIGHT if weighted else np.ones(ROWS)
    assert set(seen) == set(TRUTHS)
    for name, (_, truth) in TRUTHS.items():
        both = arms(seen[name])
        assert both.baseline == pytest.approx(truth(LABEL, OLD, weight), rel=1e-12), name
        assert both.candidate == pytest.approx(truth(LABEL, NEW, weight), rel=1e-12), name
        assert isinstance(seen[name].measured, Estimate), name


def test_balanced_accuracy_of_named_classes_is_the_mean_of_their_recalls(tmp_path: Path) -> None:
    """scikit-learn: balanced_accuracy_score with three classes of unequal size."""
    names = np.array(["ant", "bee", "cat"])
    label = names[RNG.choice(3, 300, p=[0.7, 0.2, 0.1])]
    said = np.where(RNG.random(300) < 0.6, label, names[RNG.integers(0, 3, 300)])
    seen = found(tmp_path, table(label, said, label), 'kind = "balanced_accuracy"')
    assert arms(seen).baseline == pytest.approx(float(sk.balanced_accuracy_score(label, said)))
    assert arms(seen).candidate == 1.0
    assert isinstance(seen.measured, Estimate)


def test_the_mean_error_has_the_sign_of_answers_that_are_too_high(tmp_path: Path) -> None:
    """By hand: errors 1, 3, -1 and 0, -1, 1."""
    rows = table([10.0, 20.5, 30.0], [11.0, 23.5, 29.0], [10.0, 19.5, 31.0])
    seen = arms(found(tmp_path, rows, 'kind = "mean_error"', bar="within = 1000.0"))
    assert (seen.baseline, seen.candidate) == (1.0, 0.0)


def test_cost_of_a_success_is_all_cost_over_all_successes(tmp_path: Path) -> None:
    """By hand: 40 runs of 0.5 and 20 successes: 1.0; 40 runs of 0.6 and 30: 0.8."""
    old, new = [1.0, 0.0] * 20, [1.0, 1.0, 1.0, 0.0] * 10
    rows = [
        {**row, "cost": 0.5 if row["arm"] == "baseline" else 0.6}
        for row in score_rows(old * 2, new * 2)
    ]
    spec = 'kind = "unit_cost", column = "cost", per = "value", name = "right"'
    seen = found(tmp_path, rows, spec, head=HEAD, format="scores", units=80)
    assert arms(seen).baseline == pytest.approx(1.0)
    assert arms(seen).candidate == pytest.approx(0.8)
    assert isinstance(seen.measured, Estimate)


def test_a_time_out_is_a_late_answer_at_the_gate(tmp_path: Path) -> None:
    """By hand: 900 ms or more in 10 and 20 of 40 runs."""
    right = [1.0, 0.0] * 20
    rows = [
        {**row, "latency_ms": 900 if i % (4 if row["arm"] == "baseline" else 2) == 0 else 200}
        for i, row in enumerate(score_rows(right, right))
    ]
    spec = 'kind = "timeout_share", threshold = 900, name = "right"'
    seen = found(tmp_path, rows, spec, head=HEAD, format="scores", units=40)
    assert arms(seen) == Arms(baseline=0.25, candidate=0.5)


UNBOUNDED = {
    "recall of amounts": 'kind = "weighted_recall", weight = "amount"',
    "average precision": 'kind = "average_precision"',
    "mae": 'kind = "mae"',
    "rmse": 'kind = "rmse"',
    "cost of amounts": priced("false_positive = 1, false_negative = 2", ', weight = "amount"'),
}


def test_a_lost_answer_that_nothing_bounds_leaves_no_data(tmp_path: Path) -> None:
    """One positive row of 400 has no answer of the candidate."""
    new = [None if i == int(np.argmax(LABEL)) else score for i, score in enumerate(NEW)]
    write_csv(tmp_path / "rows.csv", table(LABEL.astype(int), OLD, new, amount=AMOUNT))
    unknown = {"another column": 'kind = "weighted_recall", weight = "amounts"'}
    seen = judged(tmp_path, UNBOUNDED | unknown, units=ROWS)
    why = {name: reason(finding.measured) for name, finding in seen.items()}
    assert why.pop("another column") is Reason.WRONG_COLUMNS
    assert set(why.values()) == {Reason.ROWS_MISSING}
    assert set(why) == set(UNBOUNDED)


BOUNDED = {
    "f1": 'kind = "f1"',
    "specificity": 'kind = "specificity"',
    "balanced": 'kind = "balanced_accuracy"',
    "benefit": 'kind = "net_benefit", threshold = 0.3',
    "cost": 'kind = "expected_cost", prices = { false_positive = 1, false_negative = 5 }',
}


def test_lost_answers_are_filled_at_their_worst_where_something_bounds_them(tmp_path: Path) -> None:
    """The interval with 8 answers lost holds the value that any answers would have given."""
    lost = set(np.flatnonzero(LABEL == 1)[:4]) | set(np.flatnonzero(LABEL == 0)[:4])
    new = [None if i in lost else score for i, score in enumerate(NEW)]
    write_csv(tmp_path / "rows.csv", table(LABEL.astype(int), OLD, new))
    seen = judged(tmp_path, BOUNDED, units=ROWS)
    ends = []
    for best in (True, False):
        filled = NEW.copy()
        filled[list(lost)] = LABEL[list(lost)] if best else 1 - LABEL[list(lost)]
        folder = tmp_path / str(best)
        folder.mkdir()
        write_csv(folder / "rows.csv", table(LABEL.astype(int), OLD, filled))
        ends.append(judged(folder, BOUNDED, units=ROWS))
    for name, finding in seen.items():
        assert isinstance(finding.measured, Estimate), name
        assert "worst-case fill of 8 rows" in finding.measured.method
        for other in ends:
            whole = other[name].measured
            assert isinstance(whole, Estimate)
            assert finding.measured.low <= whole.low < whole.high <= finding.measured.high, name


@pytest.mark.parametrize("column", ["label", "baseline", "candidate"])
def test_words_have_no_distance(tmp_path: Path, column: str) -> None:
    rows = table([10.0, 20.0, 30.0], [11.0, 23.5, 29.0], [10.0, 19.5, 31.0])
    rows[1][column] = "late"
    with pytest.raises(EvidenceError) as caught:
        found(tmp_path, rows, 'kind = "mae"')
    assert [fault.code for fault in caught.value.faults] == ["E211"]
