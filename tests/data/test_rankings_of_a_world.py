"""Lists and logs of a drawn world: its truth, stated by a quadrature, against what is measured."""

from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from data.tables import ALL, evidence, request
from offline_worlds import plain, rows
from shipcall.core import Estimand, Estimate, Tails
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import UnitColumns
from shipcall.metrics import METRICS
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.world.evaluation.rankings import rankings_truth

TAILS = Tails(0.05, 0.05)
METRIC_OF = {"precision_at_k": "precision_at_1", "ips": "reward_at_1", "snips": "reward_at_1"}
"""Kind -> what the world states of it. The log's own chances follow the baseline's scores."""
RUNS = 24
"""Worlds, large enough for a log that shows what a ranker wants."""


@pytest.mark.slow
def test_the_truth_lies_inside_as_often_as_promised(tmp_path: Path) -> None:
    """Both ends together miss in 0.1 of the worlds at most; queries in fours."""
    missed: Counter[tuple[str, Estimand]] = Counter()
    for seed in range(RUNS):
        world = plain(
            "rankings",
            count=1200,
            seed=seed,
            items={"cluster": 4, "cluster_spread": 0.8},
            model={"candidate": {"skill": 1.4}},
        )
        stated = {f["metric"]: f for f in rankings_truth(world) if f["slice"] == "all"}
        pq.write_table(rows("rankings", world), tmp_path / "r.parquet")
        unit = UnitColumns(id="query")
        found = evidence(tmp_path, "r.parquet", format="rankings", unit=unit, metrics={})
        asked = tuple(request(kind, name=kind, k=1) for kind in METRIC_OF)
        samples = found.samples(StatisticsPlan(requests=asked))
        for kind, name in METRIC_OF.items():
            truth = {arm: float(stated[name][arm]) for arm in ("baseline", "candidate")}
            values = {
                Estimand.CANDIDATE: truth["candidate"],
                Estimand.DIFFERENCE: truth["candidate"] - truth["baseline"],
            }
            for estimand, value in values.items():
                estimator = ESTIMATORS[METRICS[kind].statistic]
                rng = np.random.default_rng(seed)
                seen = estimator(samples[kind, ALL], estimand, TAILS, rng)
                if isinstance(seen, Estimate):
                    missed[kind, estimand] += not seen.low <= value <= seen.high
                    missed[f"{kind} measured", estimand] += 1
    for kind in METRIC_OF:
        for estimand in (Estimand.CANDIDATE, Estimand.DIFFERENCE):
            measured = missed[f"{kind} measured", estimand]
            assert measured >= RUNS - 4, (kind, estimand)
            assert missed[kind, estimand] <= stats.binom.isf(0.001, measured, 0.1), (kind, estimand)
