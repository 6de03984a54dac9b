"""Passes over blocks give the samples that holding every row gives."""

from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from sklearn.metrics import roc_auc_score

from data.tables import ALL, RIGHT, exact, request, write
from shipcall.core import Absent, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.passes import Room
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.sources import Source, UnitColumns
from shipcall.stats.resample import bucketed
from shipcall.stats.sample import PairSample, QuantileSample, Sample

SLICES = (
    ALL,
    Slice.of({"country": "NZ"}),
    Slice.of({"country": "one"}),
    Slice.of({"country": "BR", "device": "(none)"}),
    Slice.of({"country": "nowhere"}),
    Slice.of({"unheard": "x"}),
)
KINDS: dict[str, dict[str, Any]] = {
    "accuracy": {},
    "precision": {"positive": "1"},
    "recall": {"positive": "1"},
    "log_loss": {},
    "brier": {},
    "ece": {"bins": 7},
    "roc_auc": {},
    "average_precision": {},
    "balanced_accuracy": {},
    "calibration_slope": {},
    "calibration_intercept": {},
}
LINES = ("calibration_slope", "calibration_intercept")
"""Kinds that are found by steps; where rows are held the last one may be eight digits away."""


def rows(n: int, *, clusters: int, lost: bool, weights: bool) -> list[dict[str, Any]]:
    """Rows with ties, clusters of unequal size, a rare slice of one cluster, and losses."""
    rng = np.random.default_rng(11)
    label = rng.integers(0, 2, n)
    said = np.clip(np.round(rng.normal(0.35 + 0.3 * label, 0.3, (2, n)), 2), 0.01, 0.99)
    member = (clusters * rng.random(n) ** 2).astype(int) if clusters else np.arange(n)
    return [
        {
            "unit": f"u{i}",
            "cluster": f"c{member[i]}",
            "label": int(label[i]),
            "baseline": float(said[0, i]),
            "candidate": None if lost and i % 41 == 0 else float(said[1, i]),
            **({"weight": float(rng.choice([0.1, 0.7, 1.3]))} if weights else {}),
            "country": "one" if member[i] == 3 else ["NZ", "BR"][i % 2],
            "device": ["tv", None, "phone"][i % 3],
        }
        for i in range(n)
    ]


def samples(
    root: Path, asked: list[Request], **how: Any
) -> dict[tuple[str, Slice], Sample | Absent]:
    """Sum requests on the rows of a folder."""
    found = Evidence(
        {"predictions": Source(format="predictions", path="rows.parquet", **how.pop("source", {}))},
        root=root,
        unit=UnitColumns(id="unit", cluster="cluster"),
        metrics={},
        **how,
    )
    result = dict(found.samples(StatisticsPlan(requests=tuple(asked))))
    found.close()
    return result


def same(found: Any, wanted: Any, where: str = "", *, digits: float = 1e-9) -> None:
    """Every field is the same: counts to the last, numbers to nine digits."""
    if isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=digits, abs=1e-15), where
    elif isinstance(wanted, np.ndarray):
        slack = max(digits * float(np.abs(wanted).max(initial=0.0)), 1e-15)
        np.testing.assert_allclose(found, wanted, rtol=0.0, atol=slack, err_msg=where)
    elif is_dataclass(wanted) and not isinstance(wanted, type):
        assert type(found) is type(wanted), where
        for field in fields(wanted):
            name = field.name
            one, other = getattr(found, name), getattr(wanted, name)
            same(one, other, f"{where}.{name}", digits=digits)
    elif isinstance(wanted, tuple):
        assert len(found) == len(wanted), where
        for one, other in zip(found, wanted, strict=True):
            same(one, other, where, digits=digits)
    else:
        assert found == wanted, where


def unsure(sample: Sample | Absent) -> Sample | Absent:
    """Leave out what one cluster alone contributes to its own value, which is rounding."""
    if not isinstance(sample, PairSample) or sample.clusters > 1:
        return sample
    assert max(sample.var_baseline, sample.var_candidate) < 1e-12
    return replace(
        sample,
        var_baseline=0.0,
        var_candidate=0.0,
        covariance=0.0,
        gained_clusters=0,
        lost_clusters=0,
        influence=None,
    )


def settled(sample: Sample | Absent, wanted: Sample | Absent) -> Sample | Absent:
    """Take over which clusters gained where that hangs on the last bit of a sum of weights."""
    if not isinstance(sample, PairSample) or not isinstance(wanted, PairSample):
        return sample
    assert abs(sample.gained_clusters - wanted.gained_clusters) <= 2
    assert abs(sample.lost_clusters - wanted.lost_clusters) <= 2
    return replace(
        sample, gained_clusters=wanted.gained_clusters, lost_clusters=wanted.lost_clusters
    )


def in_buckets(sample: Sample | Absent) -> Sample | Absent:
    """What a sample of very many rows would hold of its clusters."""
    if isinstance(sample, PairSample) and sample.influence is not None:
        return replace(sample, influence=bucketed(sample.influence))
    return sample


def asked(kinds: dict[str, dict[str, Any]], evidence: str = "predictions") -> list[Request]:
    """All kinds on all slices, with the contributions of clusters."""
    return [
        replace(request(kind, *SLICES[1:], name=kind, evidence=evidence, **options), influence=True)
        for kind, options in kinds.items()
    ]


@pytest.mark.parametrize(
    ("clusters", "lost", "weights"),
    [(0, True, False), (90, False, False), (90, True, True), (7, False, True)],
)
def test_passes_give_what_holding_every_row_gives(
    tmp_path: Path,
    clusters: int,
    lost: bool,  # noqa: FBT001
    weights: bool,  # noqa: FBT001
) -> None:
    write(tmp_path / "rows.parquet", rows(600, clusters=clusters, lost=lost, weights=weights))
    source = {"expect_units": 605, "expect_rows": None}
    wanted = samples(tmp_path, asked(KINDS), source=source)
    found = samples(tmp_path, asked(KINDS), source=source, room=Room(10, 50))
    assert list(found) == list(wanted)
    for (name, part), sample in wanted.items():
        mine = settled(found[name, part], sample) if weights else found[name, part]
        digits = 1e-8 if name in LINES else 1e-9
        same(unsure(mine), unsure(in_buckets(sample)), f"{name} in {part}", digits=digits)


def test_the_size_of_blocks_changes_nothing_but_rounding(tmp_path: Path) -> None:
    write(tmp_path / "rows.parquet", rows(400, clusters=60, lost=True, weights=True))
    one = samples(tmp_path, asked(KINDS), room=Room(0, 10_000))
    for block in (1, 37):
        many = samples(tmp_path, asked(KINDS), room=Room(0, block))
        for key, sample in one.items():
            digits = 1e-8 if key[0] in LINES else 1e-9
            same(unsure(settled(many[key], sample)), unsure(sample), str(key), digits=digits)


def test_the_order_of_rows_changes_no_bit_of_passes(tmp_path: Path) -> None:
    made = rows(500, clusters=80, lost=True, weights=True)
    write(tmp_path / "rows.parquet", made)
    one = samples(tmp_path, asked(KINDS), room=Room(0, 64))
    np.random.default_rng(3).shuffle(made)
    write(tmp_path / "rows.parquet", made)
    other = samples(tmp_path, asked(KINDS), room=Room(0, 64))
    assert exact(one) == exact(other)


def test_comparisons_are_the_same_in_passes(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    made = [
        {
            "item": f"q{i // 3}",
            "rater": f"r{i % 3}",
            "rater_kind": "human",
            "first": ["candidate", "baseline"][i % 2],
            "second": ["baseline", "candidate"][i % 2],
            "winner": ["first", "second", "tie"][int(rng.integers(3))],
            "cluster": f"c{i // 12}",
            "country": ["NZ", "BR"][i // 3 % 2],
            "device": "tv" if i // 3 % 3 else None,
        }
        for i in range(600)
    ]
    write(tmp_path / "rows.parquet", made)
    wanted_of = replace(
        request("win_rate", *SLICES[1:], evidence="preferences", raters="human"), influence=True
    )
    found = []
    for room in (Room(), Room(0, 37)):
        table = Evidence(
            {"preferences": Source(format="preferences", path="rows.parquet")},
            root=tmp_path,
            unit=UnitColumns(id="item", cluster="cluster"),
            metrics={},
            room=room,
        )
        found.append(table.samples(StatisticsPlan(requests=(wanted_of,))))
        table.close()
    assert isinstance(found[0]["right", ALL], PairSample)
    for key, sample in found[0].items():
        same(found[1][key], in_buckets(sample), str(key))


def answers(n: int) -> list[dict[str, Any]]:
    """Three runs of each item by both models; the last run of the first items never came."""
    rng = np.random.default_rng(4)
    return [
        {
            "arm": arm,
            "item": f"q{i}",
            "repeat": run,
            "metric": "right",
            "value": int(rng.random() < 0.6),
            "status": "ok" if rng.random() < 0.97 else "infra_error",
            "cluster": f"d{i // 4}",
            "country": ["NZ", "BR"][i % 2],
            "device": "tv" if i % 3 else None,
        }
        for i in range(n)
        for run in (1, 2, 3)
        for arm in ("baseline", "candidate")
        if run < 3 or i > 5
    ]


@pytest.mark.parametrize(
    ("kind", "options"), [("proportion", {}), ("pass_k", {"k": 2}), ("quantile", {"q": 0.9})]
)
@pytest.mark.parametrize("promise", ["expect_units", "expect_rows"])
def test_graded_runs_lose_the_same_runs_in_passes(
    tmp_path: Path, kind: str, options: dict[str, Any], promise: str
) -> None:
    promised: dict[str, Any] = {promise: {"expect_units": 95, "expect_rows": 540}[promise]}
    write(tmp_path / "rows.parquet", answers(90))
    wanted_of = replace(request(kind, *SLICES[1:], evidence="scores", **options), influence=True)
    found = []
    for room in (Room(), Room(0, 37)):
        table = Evidence(
            {"scores": Source(format="scores", path="rows.parquet", **promised)},
            root=tmp_path,
            unit=UnitColumns(id="item", cluster="cluster"),
            metrics={"right": RIGHT},
            room=room,
        )
        found.append(table.samples(StatisticsPlan(requests=(wanted_of,))))
        table.close()
    for key, sample in found[0].items():
        same(found[1][key], in_buckets(sample), str(key))
    whole = found[0]["right", ALL]
    assert isinstance(whole, PairSample | QuantileSample)
    assert whole.lost.rows > 0


def test_roots_of_squared_errors_are_the_same_in_passes(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    made = rows(300, clusters=50, lost=True, weights=False)
    numbers = [{**row, "label": float(rng.normal())} for row in made]
    write(tmp_path / "rows.parquet", numbers)
    kinds: dict[str, dict[str, Any]] = {"rmse": {}, "mae": {}}
    wanted, found = samples(tmp_path, asked(kinds)), samples(tmp_path, asked(kinds), room=Room(0))
    for key, sample in wanted.items():
        same(found[key], in_buckets(sample), str(key))


def test_areas_slopes_and_intercepts_weigh_rows(tmp_path: Path) -> None:
    """scikit-learn's roc_auc_score and statsmodels' GLM, with the weights of the rows."""
    made = rows(400, clusters=0, lost=False, weights=True)
    write(tmp_path / "rows.parquet", made)
    kinds: dict[str, dict[str, Any]] = {
        "roc_auc": {},
        "calibration_slope": {},
        "calibration_intercept": {},
    }
    found = samples(tmp_path, asked(kinds))
    label, said, weight = (
        np.array([row[name] for row in made], dtype=float)
        for name in ("label", "candidate", "weight")
    )
    odds = np.log(said / (1 - said))
    binomial = sm.families.Binomial()
    line = np.column_stack((np.ones(400), odds))
    sloped = sm.GLM(label, line, family=binomial, freq_weights=weight).fit()
    shifted = sm.GLM(label, line[:, 0], family=binomial, offset=odds, freq_weights=weight).fit()
    wanted = {
        "roc_auc": roc_auc_score(label, said, sample_weight=weight),
        "calibration_slope": sloped.params[1],
        "calibration_intercept": shifted.params[0],
    }
    for name, value in wanted.items():
        sample = found[name, ALL]
        assert isinstance(sample, PairSample)
        assert sample.candidate == pytest.approx(value, rel=1e-6), name
