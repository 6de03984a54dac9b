"""Every metric of the gate against another library or hand arithmetic, from file to value."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from builders import HEAD, run_gate, score_rows, write_csv
from shipcall.core import Arms

Floats = NDArray[np.float64]

CLASSIFIER = HEAD.replace('kind = "llm"', 'kind = "classifier"').replace('"item"', '"unit"')
RNG = np.random.default_rng(12)
LABEL = RNG.integers(0, 2, 300).astype(float)
OLD = np.clip(0.3 + 0.3 * LABEL + RNG.normal(0, 0.25, 300), 0.01, 0.99)
NEW = np.clip(0.3 + 0.4 * LABEL + RNG.normal(0, 0.25, 300), 0.01, 0.99)


def false_positive_rate(label: Floats, score: Floats) -> float:
    (true_negative, false_positive), _ = sk.confusion_matrix(label, score >= 0.5)
    return float(false_positive / (false_positive + true_negative))


BINARY: dict[str, Callable[[Floats, Floats], float]] = {
    "accuracy": lambda y, p: float(sk.accuracy_score(y, p >= 0.5)),
    "precision": lambda y, p: float(sk.precision_score(y, p >= 0.5)),
    "recall": lambda y, p: float(sk.recall_score(y, p >= 0.5)),
    "false_positive_rate": false_positive_rate,
    "log_loss": lambda y, p: float(sk.log_loss(y, p)),
    "brier": lambda y, p: float(sk.brier_score_loss(y, p)),
    "roc_auc": lambda y, p: float(sk.roc_auc_score(y, p)),
}


def arms_of(folder: Path, evidence: str, spec: str, head: str) -> Arms:
    text = f"""{head}
[evidence]
{evidence}
[metric]
m = {{ level = "model", {spec} }}
[[check]]
id = "gate.m"
stage = "gate"
role = "watch"
metric = "m"
may_lose = 1000.0
"""
    verdict = run_gate(folder, text).verdict
    arms = next(f.arms for f in verdict.findings if f.check.id == "gate.m")
    assert arms is not None
    return arms


@pytest.mark.parametrize("kind", BINARY)
def test_binary_metrics_match_scikit_learn(tmp_path: Path, kind: str) -> None:
    """scikit-learn, threshold 0.5: accuracy_score, precision_score, … on the same 300 rows."""
    rows = [
        {"unit": f"u{i}", "label": int(y), "baseline": o, "candidate": n}
        for i, (y, o, n) in enumerate(zip(LABEL, OLD, NEW, strict=True))
    ]
    write_csv(tmp_path / "rows.csv", rows)
    evidence = 'predictions = { path = "rows.csv", expect = { units = 300 } }'
    arms = arms_of(tmp_path, evidence, f'kind = "{kind}"', CLASSIFIER)
    assert arms.baseline == pytest.approx(BINARY[kind](LABEL, OLD), rel=1e-12)
    assert arms.candidate == pytest.approx(BINARY[kind](LABEL, NEW), rel=1e-12)


@pytest.mark.parametrize("kind", ["accuracy", "precision", "recall"])
def test_words_for_classes_match_scikit_learn(tmp_path: Path, kind: str) -> None:
    """Three named classes; precision and recall of the class "cat"."""
    rng = np.random.default_rng(5)
    names = np.array(["ant", "bee", "cat"])
    label, said = names[rng.integers(0, 3, 200)], names[rng.integers(0, 3, 200)]
    rows = [
        {"unit": i, "label": y, "baseline": a, "candidate": y}
        for i, (y, a) in enumerate(zip(label, said, strict=True))
    ]
    write_csv(tmp_path / "rows.csv", rows)
    evidence = 'predictions = { path = "rows.csv", expect = { units = 200 } }'
    positive = "" if kind == "accuracy" else ', positive = "cat"'
    arms = arms_of(tmp_path, evidence, f'kind = "{kind}"{positive}', CLASSIFIER)
    truth = {
        "accuracy": sk.accuracy_score(label, said),
        "precision": sk.precision_score(label == "cat", said == "cat"),
        "recall": sk.recall_score(label == "cat", said == "cat"),
    }
    assert arms.baseline == pytest.approx(float(truth[kind]), rel=1e-12)
    assert arms.candidate == 1.0


def scores(folder: Path, baseline: list[float], candidate: list[float], repeats: int = 1) -> str:
    write_csv(folder / "scores.csv", score_rows(baseline, candidate, repeats=repeats))
    units = len(baseline) // repeats
    return f'scores = {{ path = "scores.csv", expect = {{ units = {units} }} }}'


def test_the_mean_and_the_share_are_those_of_all_runs(tmp_path: Path) -> None:
    """By hand: (0 + 1 + .5 + .25) / 4 = .4375; at least .5: two of four."""
    old, new = [0.0, 1.0, 0.5, 0.25], [1.0, 1.0, 0.5, 0.0]
    evidence = scores(tmp_path, old, new)
    mean = 'kind = "mean", better = "higher", name = "right"'
    share = 'kind = "proportion", better = "higher", name = "right"'
    assert arms_of(tmp_path, evidence, mean, HEAD) == Arms(baseline=0.4375, candidate=0.625)
    (tmp_path / "ledger.db").unlink()
    assert arms_of(tmp_path, evidence, share, HEAD) == Arms(baseline=0.5, candidate=0.75)


@pytest.mark.parametrize(("k", "old"), [(1, 10 / 16), (2, 10 / 24)])
def test_pass_k_is_the_mean_of_c_choose_k_over_n_choose_k(
    tmp_path: Path, k: int, old: float
) -> None:
    """Yao et al. 2024, tau-bench: C(c, k) / C(n, k) per item, then the mean over items.

    Items with 4 of 4, 3 of 4, 1 of 4 and 2 of 4 successes: k = 1 gives 10/16; for k = 2 the
    items give 6/6, 3/6, 0/6, 1/6, in all 10/24.
    """
    runs = [1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0]
    evidence = scores(tmp_path, [float(r) for r in runs], [1.0] * 15 + [0.0], repeats=4)
    spec = f'kind = "pass_k", k = {k}, name = "right"'
    arms = arms_of(tmp_path, evidence, spec, HEAD)
    new = (3 + math.comb(3, k) / math.comb(4, k)) / 4
    assert arms.baseline == pytest.approx(old)
    assert arms.candidate == pytest.approx(new)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_pass_at_k_is_the_mean_of_the_published_product(tmp_path: Path, k: int) -> None:
    """Chen et al. 2021, figure 3: 1 - prod(1 - k / arange(n - c + 1, n + 1)), 1 where n - c < k.

    Items with 4, 3, 1 and 2 of 4 successes; for k = 2 the items give 1, 1, 1 - 3/6, 1 - 1/6.
    """
    runs = [1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 0]
    evidence = scores(tmp_path, [float(r) for r in runs], [1.0] * 12 + [0.0] * 4, repeats=4)
    arms = arms_of(tmp_path, evidence, f'kind = "pass_at_k", k = {k}, name = "right"', HEAD)
    each = [
        1.0 if 4 - c < k else 1.0 - float(np.prod(1.0 - k / np.arange(4 - c + 1, 4 + 1)))
        for c in (4, 3, 1, 2)
    ]
    assert arms.baseline == pytest.approx(sum(each) / 4)
    assert arms.candidate == pytest.approx(0.75)


def test_the_quantile_is_the_inverted_distribution_function(tmp_path: Path) -> None:
    """numpy.quantile(method="inverted_cdf"): the smallest value with a share q at or below."""
    rng = np.random.default_rng(8)
    old, new = rng.lognormal(5, 1, (2, 401)).round(3)
    evidence = scores(tmp_path, old.tolist(), new.tolist())
    spec = 'kind = "quantile", q = 0.9, better = "lower", name = "right"'
    arms = arms_of(tmp_path, evidence, spec, HEAD)
    assert arms.baseline == pytest.approx(float(np.quantile(old, 0.9, method="inverted_cdf")))
    assert arms.candidate == pytest.approx(float(np.quantile(new, 0.9, method="inverted_cdf")))
