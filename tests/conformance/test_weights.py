"""Weights of rows: every kind reads them as so many rows, or refuses a table that has them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.tables import ALL, Row, request, write
from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Slice, Tails
from shipcall.data.evidence import Evidence
from shipcall.data.passes import Room
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.ramp import OutcomeRequest
from shipcall.data.sources import MetricUse, Source, UnitColumns
from shipcall.metrics import METRICS, Prices, Statistic
from shipcall.metrics.estimators import ESTIMATORS, arms_of
from shipcall.stats.sample import Sample

TAILS = Tails(0.05, 0.05)
WEIGHED = [kind for kind, metric in METRICS.items() if "predictions" in metric.formats]
REFUSED = [
    (kind, table)
    for kind, metric in METRICS.items()
    for table in metric.formats
    if table not in ("predictions", "activity")
]
OPTIONS: dict[str, dict[str, Any]] = {
    "weighted_recall": {"weight": "amount"},
    "expected_cost": {"prices": Prices(1.0, 5.0)},
    "pinball": {"q": 0.8},
    "ece": {"bins": 6},
    "unit_cost": {"column": "cost", "per": "value"},
}
IN_NUMBERS = [kind for kind in WEIGHED if METRICS[kind].numbers]
EITHER_SIDE = Slice.of({"side": "left"})


def asked(kind: str, table: str) -> Request:
    metric = METRICS[kind]
    plain = {"k": 2, "q": 0.9, "threshold": 0.5, "column": metric.column, "positive": None}
    options = {name: value for name, value in plain.items() if name in metric.options}
    options |= {"positive": "1"} if "positive" in options else {}
    name = "right" if table == "scores" else kind
    return request(kind, EITHER_SIDE, name=name, evidence=table, **options | OPTIONS.get(kind, {}))


def sums(root: Path, wanted: Request, rows: Sequence[Row], **how: Any) -> dict[Slice, Any]:
    """What is summed of a file of these rows, in all and on one slice."""
    write(root / "rows.parquet", rows)
    table = wanted.evidence
    ids = {"predictions": "unit", "scores": "item", "rankings": "query", "preferences": "item"}
    found = Evidence(
        {table: Source(format=table, path="rows.parquet", constants=how.pop("constants", {}))},
        root=root,
        unit=UnitColumns(id=ids.get(table, "user")),
        metrics={"right": MetricUse(name="right", range=(0.0, 1.0))} if table == "scores" else {},
        **how,
    )
    samples = found.samples(StatisticsPlan(requests=(wanted,)))
    found.close()
    return {part: samples[wanted.metric, part] for part in wanted.slices}


def measured(kind: str, sample: Sample) -> list[Measured]:
    estimate = ESTIMATORS[METRICS[kind].statistic]
    estimands = (Estimand.DIFFERENCE, Estimand.CANDIDATE)
    return [estimate(sample, one, TAILS, np.random.default_rng(3)) for one in estimands]


def labelled(*, numbers: bool, heavy: bool = True) -> list[dict[str, Any]]:
    """Rows in clusters of one to some; outcomes follow what is stated, heavy rows less so."""
    rng = np.random.default_rng(19)
    n = 240
    weight = rng.integers(1, 5, n) if heavy else np.full(n, 2)
    chance = rng.beta(2.0, 2.0, n)
    label = (rng.random(n) < np.where(weight > 2, 0.7 * chance, chance)).astype(int)
    said = np.clip(chance + rng.normal(0.0, 0.12, (2, n)), 0.02, 0.98)
    member = (120 * rng.random(n) ** 1.5).astype(int)
    return [
        {
            "unit": f"u{i}",
            "cluster": f"c{member[i]}",
            "label": float(4.0 * chance[i]) if numbers else int(label[i]),
            "baseline": float(said[0, i]),
            "candidate": float(said[1, i]),
            "weight": float(weight[i]),
            "amount": float(1 + i % 7),
            "side": ("left", "right")[i % 2],
        }
        for i in range(n)
    ]


def without(rows: Sequence[Row], column: str = "weight") -> list[dict[str, Any]]:
    return [{name: cell for name, cell in row.items() if name != column} for row in rows]


def written_out(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every row as often as it weighs, under names of its own, in the same cluster."""
    return [
        {**row, "unit": f"{row['unit']}.{again}"}
        for row in rows
        for again in range(int(row["weight"]))
    ]


@pytest.mark.parametrize("kind", WEIGHED)
def test_weights_that_are_all_alike_change_nothing(kind: str, tmp_path: Path) -> None:
    """Value, both ends, method and count of units, in all and on a slice."""
    rows = labelled(numbers=kind in IN_NUMBERS, heavy=False)
    plain = sums(tmp_path, asked(kind, "predictions"), without(rows))
    twice = sums(tmp_path, asked(kind, "predictions"), rows)
    tenth = sums(tmp_path, asked(kind, "predictions"), [{**row, "weight": 0.1} for row in rows])
    for part, sample in plain.items():
        for found in (twice[part], tenth[part]):
            for one, other in zip(measured(kind, sample), measured(kind, found), strict=True):
                assert type(one) is type(other), (one, other)
                assert one.n == other.n
                assert values_of(one) == pytest.approx(values_of(other), rel=1e-9)


def values_of(one: Measured) -> tuple[float, ...]:
    return (one.value, one.low, one.high) if isinstance(one, Estimate) else ()


@pytest.mark.parametrize("kind", WEIGHED)
def test_a_weight_counts_as_so_many_rows(kind: str, tmp_path: Path) -> None:
    """The value of both models is that of the rows written out; the units are those there are."""
    rows = labelled(numbers=kind in IN_NUMBERS)
    weighed = sums(tmp_path, asked(kind, "predictions"), rows)
    repeated = sums(tmp_path, asked(kind, "predictions"), without(written_out(rows)))
    light = sums(tmp_path, asked(kind, "predictions"), without(rows))
    for part, sample in repeated.items():
        mine, yours = arms_of(weighed[part]), arms_of(sample)
        assert mine is not None
        assert yours is not None
        assert (mine.baseline, mine.candidate) == pytest.approx(
            (yours.baseline, yours.candidate), rel=1e-9, abs=1e-9
        )
        assert arms_of(light[part]) != pytest.approx(mine)
        assert weighed[part].clusters == sample.clusters
        for one in measured(kind, weighed[part]):
            assert isinstance(one, Estimate), one
            assert one.low < one.value < one.high or kind == "ece"


@pytest.mark.parametrize("kind", WEIGHED)
def test_blocks_of_rows_are_weighed_as_all_rows_are(kind: str, tmp_path: Path) -> None:
    rows = labelled(numbers=kind in IN_NUMBERS)
    at_once = sums(tmp_path, asked(kind, "predictions"), rows)
    in_blocks = sums(tmp_path, asked(kind, "predictions"), rows, room=Room(10, 60))
    for part, sample in at_once.items():
        for one, other in zip(measured(kind, sample), measured(kind, in_blocks[part]), strict=True):
            assert values_of(one) == pytest.approx(values_of(other), rel=1e-7, abs=1e-9)


def graded() -> list[dict[str, Any]]:
    return [
        {"arm": arm, "item": f"q{i}", "repeat": run, "metric": "right", "status": "ok",
         "value": float((i + run + (arm == "candidate")) % 3 > 0), "latency_ms": 100.0 + i,
         "cost": 0.1 + 0.01 * i, "fallback": 0.0}
        for arm in ("baseline", "candidate") for i in range(40) for run in range(2)
    ]  # fmt: skip


def served() -> list[dict[str, Any]]:
    named = {"fallback": i_of(7), "latency_ms": i_of(11), "cost": i_of(5), "value": i_of(2)}
    return [
        {
            "request": f"r{i}", "at": f"2026-10-05T{i % 24:02}:00:00Z", "user": f"u{i}",
            "status_baseline": "ok", "status_candidate": "ok",
            "decision_baseline": "no", "decision_candidate": ("no", "yes")[i % 2],
            **{f"{name}_baseline": float(of(i) == 0) for name, of in named.items()},
            **{f"{name}_candidate": float(of(i) == 1) for name, of in named.items()},
        }
        for i in range(40)
    ]  # fmt: skip


def i_of(modulus: int) -> Any:
    return lambda i: i % modulus


def ranked() -> list[dict[str, Any]]:
    return [
        {"query": f"q{i}", "item": f"i{place}", "relevance": float(place == i % 3),
         "baseline": (0.5, 0.3, 0.2)[place], "candidate": (0.3, 0.5, 0.2)[place],
         "propensity": (0.4, 0.4, 0.2)[place], "reward": float(i % 2) if place == i % 2 else None,
         "expected_reward": 0.5, "popularity": 0.1, "category": ("x", "y")[place % 2]}
        for i in range(60) for place in range(3)
    ]  # fmt: skip


def compared() -> list[dict[str, Any]]:
    return [
        {"item": f"q{i}", "first": ahead, "second": after, "winner": ("first", "second")[i % 2],
         "rater": rater, "rater_kind": ("human", "judge")[rater == "j"]}
        for i in range(50) for rater in ("j", "p")
        for ahead, after in (("baseline", "candidate"), ("candidate", "baseline"))
    ]  # fmt: skip


TABLES = {
    "scores": graded,
    "shadow_pairs": served,
    "rankings": ranked,
    "preferences": compared,
}


@pytest.mark.parametrize(("kind", "table"), REFUSED)
def test_a_table_whose_weights_no_metric_reads_is_refused(
    kind: str, table: str, tmp_path: Path
) -> None:
    rows = TABLES[table]()
    weighed = [{**row, "weight": 1.0 + i % 4} for i, row in enumerate(rows)]
    wanted = replace(asked(kind, table), slices=(ALL,))
    chances = {"order": "chance"} if METRICS[kind].statistic is Statistic.LOGGED else {}
    plain = sums(tmp_path, wanted, rows, constants=chances)[ALL]
    assert not isinstance(plain, Absent), plain
    refused = sums(tmp_path, wanted, weighed, constants=chances)[ALL]
    assert isinstance(refused, Absent)
    assert refused.reason is Reason.NOT_MEASURABLE
    assert "column 'weight'" in refused.detail
    assert "only predictions are weighed" in refused.detail


def test_every_kind_is_held_to_one_of_the_two_rules() -> None:
    by_cohorts = {k for k, m in METRICS.items() if m.statistic is Statistic.COHORTS}
    assert {*WEIGHED, *(kind for kind, _ in REFUSED)} == METRICS.keys() - by_cohorts


def test_a_column_called_weight_that_is_sliced_by_is_no_weight(tmp_path: Path) -> None:
    rows = [{**row, "weight": ("light", "heavy")[i % 2]} for i, row in enumerate(graded())]
    part = Slice.of({"weight": "heavy"})
    wanted = replace(asked("proportion", "scores"), slices=(ALL, part))
    found = sums(tmp_path, wanted, rows)
    assert not any(isinstance(sample, Absent) for sample in found.values())


def test_weights_of_outcomes_and_of_activity_are_refused(tmp_path: Path) -> None:
    """What is followed while people are exposed takes all people alike."""
    day, own = "2026-10-05", {"unit": "u1", "weight": 2}
    shown = {"unit": "u1", "arm": "candidate", "at": f"{day}T08:00:00Z", "stage": 50, "share": 50}
    write(tmp_path / "exposures.csv", [shown])
    said = {"metric": "useful", "value": 1, "at": f"{day}T09:00:00Z"}
    write(tmp_path / "outcomes.csv", [{**own, **said}])
    write(tmp_path / "activity.csv", [{**own, "day": day}])
    names = ("exposures", "outcomes", "activity")
    found = Evidence(
        {name: Source(format=name, path=f"{name}.csv") for name in names},
        root=tmp_path,
        unit=UnitColumns(id="unit"),
        metrics={},
    )
    late = datetime(2026, 10, 9, tzinfo=UTC)
    asked_online = OutcomeRequest(metric="m", name="useful", window_hours=24.0, slices=(ALL,))
    states = found.entered([asked_online], late)
    for refused in (found.people(late), states["m", ALL]):
        assert isinstance(refused, Absent)
        assert "take all rows alike" in refused.detail
