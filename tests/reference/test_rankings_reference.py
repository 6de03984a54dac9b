"""Lists and logs against published numbers and other programs, from file to value."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from sklearn import metrics as sk

from builders import HEAD, run_gate
from data.tables import ALL, evidence, open_pack, pair, request
from shipcall.core import Absent, Action, Estimate, Finding, Slice, Tails, Verdict
from shipcall.core.check import Estimand
from shipcall.data.evidence import Evidence
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import UnitColumns
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.metrics.metric import Statistic

QUERY = UnitColumns(id="query")
DEPTHS = (5, 10, 15, 20, 30, 100, 200, 500, 1000)


def lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8") as file:
        yield from (line.split() for line in file)


def trec(folder: Path, qrels: str) -> Evidence:
    """The run of three topics joined with its judgements; what nobody judged is null."""
    pack = open_pack() / "rank" / "trec3"
    judged = {(topic, item): float(grade) for topic, _, item, grade in lines(pack / qrels)}
    run = {(row[0], row[2]): float(row[4]) for row in lines(pack / "results.test")}
    topics = {topic for topic, _ in run}
    rows = [
        {
            "query": topic,
            "item": item,
            "topic": topic,
            "relevance": judged.get((topic, item)),
            "baseline": run.get((topic, item)),
            "candidate": run.get((topic, item)),
        }
        for topic, item in sorted({*judged, *run})
        if topic in topics
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "r.parquet")
    return evidence(folder, "r.parquet", format="rankings", unit=QUERY, metrics={})


def measures() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name in trec_eval -> kind and options here."""
    found: dict[str, tuple[str, dict[str, Any]]] = {
        "map": ("map", {}),
        "recip_rank": ("mrr", {}),
        "ndcg": ("ndcg", {"k": 100_000}),
    }
    for k in DEPTHS:
        found |= {
            f"P_{k}": ("precision_at_k", {"k": k}),
            f"recall_{k}": ("recall_at_k", {"k": k}),
            f"ndcg_cut_{k}": ("ndcg", {"k": k}),
            f"map_cut_{k}": ("map", {"k": k}),
        }
    return found | {f"success_{k}": ("hit_rate", {"k": k}) for k in (1, 5, 10)}


@pytest.mark.parametrize(
    ("printed", "qrels", "level"),
    [("out.test.aq", "qrels.test", 1.0), ("out.test.aql", "qrels.rel_level", 2.0)],
)
def test_every_topic_and_average_is_what_trec_eval_prints(
    tmp_path: Path, printed: str, qrels: str, level: float
) -> None:
    """trec_eval -a -q (-l 2): 42 measures of 3 topics and their averages, to 4 decimals."""
    found = trec(tmp_path, qrels)
    topics = {"all": ALL, **{t: Slice.of({"topic": t}) for t in ("301", "302", "303")}}
    cut: dict[str, Any] = {"threshold": level}
    asked = [
        request(
            kind,
            *[part for part in topics.values() if part != ALL],
            name=name,
            unjudged="irrelevant",
            **options,
            **({} if kind == "ndcg" else cut),
        )
        for name, (kind, options) in measures().items()
    ]
    samples = found.samples(StatisticsPlan(requests=tuple(asked)))
    truth = {
        (row[0], row[1]): row[2]
        for row in lines(open_pack() / "rank" / "trec3" / printed)
        if len(row) == 3
    }
    seen = {
        (name, topic): f"{getattr(samples[name, part], 'candidate', None):.4f}"
        for name in measures()
        for topic, part in topics.items()
    }
    assert len(seen) == 168
    assert seen == {key: truth[key] for key in seen}


def test_published_averages_are_those_of_the_read_me(tmp_path: Path) -> None:
    """trec_eval's out.test: map .1785, ndcg .4021, ndcg_cut_10 .3016, P_10 .3000."""
    found = trec(tmp_path, "qrels.test")
    for kind, k, value in (
        ("map", None, 0.1785),
        ("ndcg", 100_000, 0.4021),
        ("ndcg", 10, 0.3016),
        ("precision_at_k", 10, 0.3000),
    ):
        assert pair(found, kind, k=k, unjudged="irrelevant").candidate == pytest.approx(
            value, abs=5e-5
        )


@pytest.mark.parametrize("gain", ["linear", "exponential"])
def test_ndcg_without_ties_is_that_of_scikit_learn(tmp_path: Path, gain: str) -> None:
    """scikit-learn: ndcg_score(gains, scores, k=5); it is linear, so gains go in as 2^grade - 1."""
    rng = np.random.default_rng(6)
    grades, scores = rng.integers(0, 4, (40, 12)), rng.permuted(np.arange(480.0)).reshape(40, 12)
    rows = [
        {
            "query": str(i),
            "item": str(j),
            "relevance": int(grades[i, j]),
            "baseline": scores[i, j],
            "candidate": -scores[i, j],
        }
        for i in range(40)
        for j in range(12)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "r.parquet")
    found = evidence(tmp_path, "r.parquet", format="rankings", unit=QUERY, metrics={})
    seen = pair(found, "ndcg", k=5, gain=gain)
    gains = grades if gain == "linear" else 2.0**grades - 1
    assert seen.baseline == pytest.approx(sk.ndcg_score(gains, scores, k=5))
    assert seen.candidate == pytest.approx(sk.ndcg_score(gains, -scores, k=5))


def zozo(folder: Path) -> None:
    """Write 10,000 choices of a random policy, with the chances of Thompson sampling."""
    pack = open_pack() / "ope"
    log, policy = (
        pq.read_table(pack / "obd_all_random.parquet"),
        pc.read_csv(pack / "bts_policy_all.csv"),
    )
    keys = zip(*(policy[name].to_pylist() for name in ("item_id", "position")), strict=True)
    chance = dict(zip(keys, policy["prob"].to_pylist(), strict=True))
    chosen = zip(*(log[name].to_pylist() for name in ("item_id", "position")), strict=True)
    table = {
        "query": [f"q{i}" for i in range(log.num_rows)],
        "item": log["item_id"].cast("string"),
        "relevance": pa.nulls(log.num_rows, "float64"),
        "baseline": log["propensity_score"],
        "candidate": [chance[key] for key in chosen],
        "propensity": log["propensity_score"],
        "reward": log["click"],
    }
    pq.write_table(pa.table(table), folder / "r.parquet")


def test_the_open_bandit_value_and_its_diagnostics_are_those_published(tmp_path: Path) -> None:
    """obd.ipynb: IPW 0.004553, relative 1.198126. From the weights by hand: 1,639.5, 19.6."""
    zozo(tmp_path)
    found = evidence(
        tmp_path,
        "r.parquet",
        format="rankings",
        unit=QUERY,
        metrics={},
        constants={"order": "chance"},
    )
    seen = pair(found, "ips")
    assert seen.candidate == pytest.approx(0.004553, abs=5e-7)
    assert seen.baseline == pytest.approx(38 / 10_000)
    assert (seen.candidate or 0.0) / (seen.baseline or 1.0) == pytest.approx(1.198126, abs=5e-7)
    estimate = ESTIMATORS[Statistic.LOGGED](
        seen, Estimand.CANDIDATE, Tails(0.025, 0.025), np.random.default_rng(0)
    )
    assert isinstance(estimate, Estimate)
    assert estimate.method.endswith("effective sample size 1,639.5 of 10,000, largest weight 19.6")
    # the published percentile bootstrap is no wider than what holds its level on rare rewards
    assert estimate.low < 0.001531
    assert estimate.high > 0.009254


OFF_POLICY = """
[evidence]
rankings = {{ path = "r.parquet", constants = {{ order = "chance" }} }}
[metric]
clicks = {{ level = "product", kind = "{kind}" }}
[[check]]
id = "gate.clicks"
stage = "gate"
role = "goal"
metric = "clicks"
{bar}
"""


def finding(verdict: Verdict) -> Finding:
    return next(f for f in verdict.findings if f.check.id == "gate.clicks")


@pytest.mark.parametrize("bar", ["better_by = 0.0", 'may_lose = "10%"', "at_least = 0.0042"])
@pytest.mark.parametrize("kind", ["ips", "snips"])
def test_the_open_bandit_log_cannot_tell(tmp_path: Path, kind: str, bar: str) -> None:
    """On-policy the new policy brought 0.0042; the log of the random one is no proof of it."""
    zozo(tmp_path)
    head = HEAD.replace('kind = "llm"', 'kind = "ranker"').replace('"item"', '"query"')
    verdict = run_gate(tmp_path, head + OFF_POLICY.format(kind=kind, bar=bar)).verdict
    assert verdict.call is Action.HOLD
    seen = finding(verdict)
    assert str(seen.standing) == "OPEN"
    assert not isinstance(seen.measured, Absent)
    assert "effective sample size 1,639.5 of 10,000, largest weight 19.6" in seen.measured.method
