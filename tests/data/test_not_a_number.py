"""NaN in a Parquet column is seen, though it is neither the least nor the greatest number there.

The engine answers comparisons from the least and greatest value that a file states of a column,
which leave NaN out: `not x between 0 and 1` is then false on every row, also where x is NaN.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from data.ramps import at, ramp, shown, state, told
from data.tables import ITEM, evidence, request, write
from shipcall.core import EvidenceError
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import UnitColumns

NAN = float("nan")
QUERY = UnitColumns(id="query")


def logged(**of_second: float) -> list[dict[str, Any]]:
    """Two queries of two items, of which a policy showed the first; the second query may differ."""
    rows: list[dict[str, Any]] = [
        {"query": f"q{q}", "item": f"i{i}", "baseline": 0.5, "candidate": 0.5,
         "relevance": 1.0, "propensity": 0.5, "reward": None if i else 1.0, "order": "chance"}
        for q in range(2) for i in range(2)
    ]  # fmt: skip
    rows[2] |= of_second
    return rows


@pytest.mark.parametrize("column", ["propensity", "baseline"])
def test_a_chance_of_a_log_that_is_no_number_is_refused(tmp_path: Path, column: str) -> None:
    write(tmp_path / "r.parquet", logged(**{column: NAN}))
    table = evidence(tmp_path, "r.parquet", format="rankings", unit=QUERY, metrics={})
    asked = request("ips", evidence="rankings")
    with pytest.raises(EvidenceError, match="E211"):
        table.samples(StatisticsPlan(requests=(asked,)))


def test_a_share_of_a_ramp_that_is_no_number_is_refused(tmp_path: Path) -> None:
    rows = [shown("a", "baseline", 1, 0.5), shown("b", "candidate", 2, NAN)]
    with pytest.raises(EvidenceError, match="E211"):
        ramp(tmp_path, rows, suffix="parquet").steps(at(9))


@pytest.mark.parametrize("column", ["baseline", "candidate", "weight"])
def test_a_probability_or_a_weight_that_is_no_number_is_refused(
    tmp_path: Path, column: str
) -> None:
    rows = [
        {"unit": f"u{i}", "label": i % 2, "baseline": 0.3 + 0.1 * i, "candidate": 0.4 + 0.1 * i,
         "weight": 1.0}
        for i in range(4)
    ]  # fmt: skip
    rows[2] |= {column: NAN}
    write(tmp_path / "p.parquet", rows)
    table = evidence(tmp_path, "p.parquet")
    with pytest.raises(EvidenceError, match="E21"):
        table.samples(StatisticsPlan(requests=(request("brier"),)))


@pytest.mark.parametrize(("column", "value"), [("safety", 0.0), ("latency_ms", 8.0), ("cost", 0.1)])
def test_a_live_number_that_is_none_is_refused(tmp_path: Path, column: str, value: float) -> None:
    rows = [
        {"request": f"r{i}", "at": dt.datetime(2026, 3, 1, i, tzinfo=dt.UTC),
         **{f"{name}_{arm}": {"decision": "yes", "status": "ok"}.get(name, value)
            for name in ("decision", "status", column) for arm in ("baseline", "candidate")}}
        for i in range(4)
    ]  # fmt: skip
    rows[2] |= {f"{column}_candidate": NAN}
    write(tmp_path / "s.parquet", rows)
    table = evidence(tmp_path, "s.parquet", format="shadow_pairs", unit=UnitColumns(id="request"))
    with pytest.raises(EvidenceError, match="E211"):
        table.facts("shadow_pairs")


@pytest.mark.parametrize("column", ["value", "latency_ms", "cost", "tokens"])
def test_a_number_of_a_run_that_is_none_is_refused(tmp_path: Path, column: str) -> None:
    rows = [
        {"item": f"q{i}", "arm": arm, "metric": "right", "status": "ok", "value": float(i % 2),
         "latency_ms": 8.0, "cost": 0.1, "tokens": 90.0}
        for i in range(4) for arm in ("baseline", "candidate")
    ]  # fmt: skip
    rows[5] |= {column: NAN}
    write(tmp_path / "s.parquet", rows)
    table = evidence(tmp_path, "s.parquet", format="scores", unit=ITEM)
    with pytest.raises(EvidenceError, match="E211"):
        table.facts("scores")


def test_an_outcome_that_is_no_number_is_refused(tmp_path: Path) -> None:
    rows = [shown("a", "baseline", 1), shown("b", "candidate", 1)]
    seen = [told("a", 1.0, 2), told("b", NAN, 2)]
    with pytest.raises(EvidenceError, match="E211"):
        state(ramp(tmp_path, rows, seen, suffix="parquet"))
