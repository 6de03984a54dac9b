"""Published truths of live experiments, replayed look by look (numbers: shared DATA.md)."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from shipcall.core import Estimand, Estimate, Tails
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Entries, Epochs, collect
from shipcall.stats.sequential.mixtures import normal
from shipcall.stats.sequential.score import ScorePlan, anytime_p, score_estimate

HERE = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SHIPCALL_DATA", str(HERE.parent / "shared" / "data")))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no shared data at {DATA}")

Table = Mapping[str, np.ndarray]
"""Columns of snapshots."""
TAU = {1: 1.30e-05, 2: 1.07e-05, 3: 6.48e-06, 4: 5.92e-06}
"""Variance of Cohen's d over experiments, by metric (the paper's own estimate)."""
TABLE_2 = {
    1: {"both": 19, "only mSPRT": 2, "neither": 71, "only Welch": 7},
    2: {"both": 20, "only mSPRT": 18, "neither": 49, "only Welch": 7},
    3: {"both": 16, "only mSPRT": 6, "neither": 63, "only Welch": 9},
    4: {"both": 16, "only mSPRT": 4, "neither": 63, "only Welch": 11},
}
NOT_EVALUABLE = {1: 0, 2: 5, 3: 5, 4: 5}
"""Treatments of which no snapshot has a variance; as "neither" they would make 54, 68 and 68."""


def verdict(snapshots: Table) -> str:
    """Replay the snapshots of one treatment as looks; Welch's t looks once, at the last."""
    with np.errstate(invalid="ignore"):
        spread = snapshots["variance_c"] / snapshots["count_c"]
        spread = spread + snapshots["variance_t"] / snapshots["count_t"]
    known = {name: column[spread > 0] for name, column in snapshots.items()}
    spread = spread[spread > 0]
    if not spread.size:
        return "not evaluable"
    tau = TAU[int(known["metric_id"][0])] * known["variance_c"]
    effect = known["mean_t"] - known["mean_c"]
    evidence = [
        float(normal(d / v, 1.0 / v, 1.0 / t)) for d, v, t in zip(effect, spread, tau, strict=True)
    ]
    always = len(evidence) > 1 and anytime_p(np.array(evidence[1:]))[-1] < 0.05
    last = {name: column[-1] for name, column in known.items()}
    once = stats.ttest_ind_from_stats(
        last["mean_c"],
        last["variance_c"] ** 0.5,
        last["count_c"],
        last["mean_t"],
        last["variance_t"] ** 0.5,
        last["count_t"],
        equal_var=False,
    ).pvalue
    return {
        (True, True): "both",
        (True, False): "only mSPRT",
        (False, False): "neither",
        (False, True): "only Welch",
    }[bool(always), bool(once < 0.05)]


def treatments() -> Iterator[tuple[int, Table]]:
    """Every metric of every treatment, its snapshots in order of time."""
    table = pq.read_table(DATA / "ab" / "asos_experiments.parquet")
    named = {name: np.array(table[name].to_pylist()) for name in table.column_names}
    columns = {name: named[name].astype(float) for name in named if name != "experiment_id"}
    keys = [named["experiment_id"], columns["variant_id"], columns["metric_id"]]
    order = np.lexsort((columns["time_since_start"], keys[2], keys[1], keys[0]))
    changes = np.any([key[order][1:] != key[order][:-1] for key in keys], axis=0)
    for rows in np.split(order, np.flatnonzero(changes) + 1):
        yield int(keys[2][rows[0]]), {name: column[rows] for name, column in columns.items()}


def test_the_sixteen_counts_of_asos() -> None:
    """Liu, Cardoso, Couturier & McCoy (2021), Datasets for online controlled experiments, NeurIPS
    Datasets and Benchmarks, Table 2 at 0.05: mSPRT over snapshots against Welch's t at the end.
    """
    found = {metric: Counter[str]() for metric in TABLE_2}
    for metric, snapshots in treatments():
        found[metric][verdict(snapshots)] += 1
    assert {metric: counts.pop("not evaluable", 0) for metric, counts in found.items()} == (
        NOT_EVALUABLE
    )
    assert {metric: dict(counts) for metric, counts in found.items()} == TABLE_2


Counts = Sequence[tuple[int, ...]]
"""Stratum: hits and units of the baseline, then of the candidate."""


def strata(counts: Counts) -> Epochs:
    """One epoch for each stratum, dealt at the share it came to have."""
    epochs, shares, candidates, outcomes = [], [], [], []
    for number, (hits0, n0, hits1, n1) in enumerate(counts):
        epochs += [number] * (n0 + n1)
        shares += [n1 / (n0 + n1)] * (n0 + n1)
        candidates += [False] * n0 + [True] * n1
        outcomes += [1.0] * hits0 + [0.0] * (n0 - hits0) + [1.0] * hits1 + [0.0] * (n1 - hits1)
    when = np.array(epochs, dtype=np.int64)
    return collect(
        Entries(
            epoch=when,
            stage=when,
            share=np.array(shares),
            candidate=np.array(candidates),
            outcome=np.array(outcomes),
        )
    )


def effect(counts: Counts) -> Estimate:
    plan = ScorePlan(information=30.0, start=Start(0.5, 1.0))
    found = score_estimate(strata(counts), plan, Estimand.DIFFERENCE, Tails(0.05, 0.05))
    assert isinstance(found, Estimate)
    return found


def pooled(counts: Counts) -> float:
    hits0, n0, hits1, n1 = (sum(part) for part in zip(*counts, strict=True))
    return float(hits1 / n1 - hits0 / n0)


def overlap_weighted(counts: Counts) -> float:
    """Sum of n0 n1 / (n0 + n1) times the difference of each stratum, over the sum of weights."""
    weights = [n0 * n1 / (n0 + n1) for _, n0, _, n1 in counts]
    gaps = [hits1 / n1 - hits0 / n0 for hits0, n0, hits1, n1 in counts]
    return float(np.average(gaps, weights=weights))


def oracle(name: str) -> dict[str, Any]:
    text = (DATA / "oracles" / "stat_oracles.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)[name]["rows"]
    return found


def test_kidney_stones_have_the_sign_of_their_strata() -> None:
    """Charig et al. (1986): A is better for small stones and for large ones, and worse pooled."""
    rows = oracle("simpson_kidney")
    counts = [(*rows[size]["B"], *rows[size]["A"]) for size in ("small", "large")]
    assert pooled(counts) < 0 < overlap_weighted(counts)
    assert effect(counts).value == pytest.approx(overlap_weighted(counts), abs=1e-9)


def test_berkeley_admissions_have_the_sign_of_their_departments() -> None:
    """Bickel, Hammel & O'Connell (1975): women far behind pooled, not so within departments."""
    rows = oracle("simpson_berkeley")
    counts = [(men, of_men, women, of_women) for men, of_men, women, of_women in rows.values()]
    assert pooled(counts) == pytest.approx(0.304 - 0.445, abs=0.001)
    found = effect(counts)
    assert found.value == pytest.approx(overlap_weighted(counts), abs=1e-9)
    assert found.value > -0.01
    assert found.low < 0 < found.high
