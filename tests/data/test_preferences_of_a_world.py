"""Comparisons of a drawn world: its truth, stated by a quadrature, against what is measured."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.tables import ITEM, evidence, request
from offline_worlds import plain, rows
from shipcall.core import Estimand, Estimate, Slice, Tails
from shipcall.data.plan import StatisticsPlan
from shipcall.metrics import METRICS
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.world.evaluation.preferences import preferences_truth

TAILS = Tails(0.05, 0.05)
BIASED = {"position": 0.5, "verbosity": 0.8, "own_kind": 0.5, "noise": 0.1, "people": 0.3}
CASES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("judged", "win_rate", "judge_wins", {}),
    ("asked", "win_rate", "human_wins", {"raters": "human"}),
    ("corrected", "corrected_win_rate", "human_wins", {}),
)
"""Name, kind, what the world states of it, options."""
PARTS = 40


@pytest.mark.slow
def test_the_truth_lies_inside_as_often_as_promised(tmp_path: Path) -> None:
    """Both ends together miss in 0.1; more than 10 of 40 have chance 0.002.

    One world of 16,000 items in clusters of four, cut into 40 parts by the name of the cluster.
    The judge leans to one place, to length and to the candidate, so that its own rate is another
    number than that of people: taken for it, it misses in most parts.
    """
    world = plain(
        "preferences",
        count=400 * PARTS,
        judge=BIASED,
        items={"cluster": 4, "cluster_spread": 0.8},
        model={"candidate": {"skill": 1.2}},
    )
    stated = {f["metric"]: f for f in preferences_truth(world) if f["slice"] == "all"}
    table = rows("preferences", world)
    names = np.unique(table["cluster"].to_pylist(), return_inverse=True)[1]
    part = pa.array([f"{code % PARTS}" for code in names.ravel()])
    pq.write_table(table.append_column("part", part), tmp_path / "p.parquet")
    arms = {"baseline": world.baseline, "candidate": world.candidate}
    found = evidence(tmp_path, "p.parquet", format="preferences", unit=ITEM, metrics={}, arms=arms)
    slices = [Slice.of({"part": str(i)}) for i in range(PARTS)]
    asked = tuple(request(kind, *slices, name=name, **options) for name, kind, _, options in CASES)
    samples = found.samples(StatisticsPlan(requests=asked))
    people = float(stated["human_wins"]["candidate"])
    missed: Counter[str] = Counter()
    for name, kind, truth, _ in CASES:
        for number, one in enumerate(slices):
            estimator = ESTIMATORS[METRICS[kind].statistic]
            rng = np.random.default_rng(number)
            seen = estimator(samples[name, one], Estimand.CANDIDATE, TAILS, rng)
            assert isinstance(seen, Estimate), (name, seen)
            missed[name] += not seen.low <= float(stated[truth]["candidate"]) <= seen.high
            missed[f"{name} for people"] += not seen.low <= people <= seen.high
    assert missed["judged"] <= 10
    assert missed["asked"] <= 10
    assert missed["corrected"] <= 10
    assert missed["judged for people"] >= PARTS / 2
