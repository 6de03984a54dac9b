"""Watching: what can be counted in the rows of a stream, measured plainly from its columns."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.world.streams.served import rows
from shipcall.world.truth import World

Columns = Mapping[str, NDArray[Any]]
DAYS = 14
"""Days before a fault, and days after it."""


def stream(world: World, days: range) -> pa.Table:
    """Rows of some days of a world whose days are one chunk each."""
    return pa.concat_tables([rows(world, day) for day in days])


def columns(table: pa.Table) -> Columns:
    """Columns as arrays; numbers that are not there are NaN."""
    return {
        name: table[name].to_numpy(zero_copy_only=False)
        if pa.types.is_string(table.schema.field(name).type)
        or pa.types.is_timestamp(table.schema.field(name).type)
        else table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        for name in table.column_names
    }


def ks(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Greatest distance of two empirical distributions."""
    one, other = np.sort(one[~np.isnan(one)]), np.sort(other[~np.isnan(other)])
    at = np.concatenate([one, other])
    return float(
        np.abs(
            np.searchsorted(one, at, side="right") / one.size
            - np.searchsorted(other, at, side="right") / other.size
        ).max()
    )


def share_difference(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Greatest difference of the share of a level."""
    levels = sorted({*one, *other})
    return max(abs(float(np.mean(one == x)) - float(np.mean(other == x))) for x in levels)


def _mean(of: Callable[[Columns], NDArray[Any]]) -> Callable[[Columns, Columns], float]:
    return lambda a, b: abs(float(np.mean(of(b))) - float(np.mean(of(a))))


def _farthest(*names: str) -> Callable[[Columns, Columns], float]:
    return lambda a, b: max(ks(a[name], b[name]) for name in names)


def _labelled(c: Columns) -> NDArray[Any]:
    return np.asarray(~np.isnan(c["label"]) & (c["fallback"] == 0))


def _reliability(a: Columns, b: Columns) -> float:
    edges = np.array([0.0, 0.2, 0.35, 0.5, 1.01])
    rates = []
    for c in (a, b):
        known = _labelled(c)
        bins = np.digitize(c["score"][known], edges)
        off = c["label"][known] - c["score"][known]
        rates.append([off[bins == k].mean() for k in range(1, len(edges))])
    return float(np.abs(np.diff(rates, axis=0)).max())


def _slope(c: Columns) -> float:
    known = _labelled(c)
    return float(np.polyfit(c["score"][known], c["label"][known], 1)[0])


def _auc(c: Columns) -> float:
    known = _labelled(c)
    score, label = c["score"][known], c["label"][known] == 1
    negative = np.sort(score[~label])
    return float(np.searchsorted(negative, score[label]).mean() / negative.size)


def _weekend(c: Columns) -> NDArray[Any]:
    day = c["at"].astype("datetime64[D]").astype(int)
    return np.asarray((day + 3) % 7 >= 5)


def _arrived(c: Columns) -> NDArray[Any]:
    days = c["at"].astype("datetime64[D]")
    with np.errstate(invalid="ignore"):
        late = (c["label_at"] - (days + 1)) / np.timedelta64(1, "D")
    return np.asarray(np.nan_to_num(late, nan=np.inf) <= 2)


def _busiest(c: Columns) -> float:
    counts = np.unique(c["unit"], return_counts=True)[1]
    return float(np.sort(counts)[-10:].sum() / counts.sum())


def _favour(c: Columns) -> float:
    known = _labelled(c) & (c["score"] >= 0.5)
    coin = c["explored"] == 1
    return float(c["label"][known & ~coin].mean() - c["label"][known & coin].mean())


def _mismatch(c: Columns) -> NDArray[Any]:
    again = ~np.isnan(c["x1_recomputed"]) & ~np.isnan(c["x1"])
    return np.asarray(c["x1"][again] != c["x1_recomputed"][again])


MEASURED: Mapping[str, Callable[[Columns, Columns], float]] = {
    "rows": lambda a, b: abs(len(b["at"]) / len(a["at"]) - 1),
    "weekend": _mean(_weekend),
    "traffic": lambda a, b: share_difference(a["country"], b["country"]),
    "inputs": _farthest("x1", "x2"),
    "offline_inputs": _farthest("x1_recomputed", "x2_recomputed"),
    "idle": _farthest("x3"),
    "score": lambda a, b: ks(a["score"][a["fallback"] == 0], b["score"][b["fallback"] == 0]),
    "reliability": _reliability,
    "labels": _mean(lambda c: c["label"][~np.isnan(c["label"])]),
    "agreement": lambda a, b: abs(_slope(b) / _slope(a) - 1),
    "ranking": lambda a, b: abs(_auc(b) - _auc(a)),
    "arrival": _mean(_arrived),
    "latency": lambda a, b: abs(
        float(np.quantile(b["latency_ms"], 0.95) / np.quantile(a["latency_ms"], 0.95) - 1)
    ),
    "fallback": _mean(lambda c: c["fallback"]),
    "nulls": _mean(lambda c: np.isnan(c["x1"])),
    "mismatch": _mean(_mismatch),
    "versions": lambda a, b: share_difference(a["version"], b["version"]),
    "newcomers": _mean(lambda c: np.array([unit[0] == "n" for unit in c["unit"]])),
    "bursts": lambda a, b: abs(_busiest(b) - _busiest(a)),
    "repeats": _mean(lambda c: np.arange(len(c["request"])) >= len(set(c["request"]))),
    "exploration": _mean(lambda c: c["explored"]),
    "favour": lambda a, b: abs(_favour(b) - _favour(a)),
}
"""Every measure of `faults.MEASURES` -> how far the second window is from the first."""


def windows(world: World) -> tuple[Columns, Columns]:
    """The days before day 14 and the days after, as far as their labels could come in time."""
    table = stream(world, range(2 * DAYS))
    at = table["at"].to_numpy()
    turn = np.datetime64((world.start + timedelta(days=DAYS)).replace(tzinfo=None))
    return columns(table.filter(pa.array(at < turn))), columns(table.filter(pa.array(at >= turn)))
