"""Lists: two rankers by what people want, and by what people clicked in the list they saw."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

Z = float(special.ndtri(0.95))
"""Each end of an interval may miss in one of twenty draws."""
SEARCHES, ITEMS = 3000, 20
WANTED = 0.2
"""Share of the items of a list that the searcher would like."""
SIGNAL = 1.0
"""How far the baseline scores wanted items above others, in standard deviations of its noise."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def lab(
    rng: np.random.Generator, *, attention: float, top: float, signal: float
) -> Mapping[str, float]:
    """Compare two rankers of the same items by truth, by clicks, and by weighed clicks.

    Every click is on a wanted item that was looked at; the list that was looked at is the
    baseline's.

    Args:
        rng: Where chance comes from.
        attention: Exponent with which the chance to look falls with the place; 0: it does not.
        top: Places that count.
        signal: What `SIGNAL` is for the baseline, for the candidate.
    """
    k, size = round(top), (SEARCHES, ITEMS)
    wanted = (rng.random(size) < WANTED).astype(np.float64)
    baseline = _places(SIGNAL * wanted + rng.standard_normal(size))
    candidate = _places(signal * wanted + rng.standard_normal(size))
    looked = 1.0 / (1.0 + baseline) ** attention
    clicks = wanted * (rng.random(size) < looked)
    lead = _ndcg(wanted, candidate, k) - _ndcg(wanted, baseline, k)
    turned = np.where(baseline < k, k - 1 - baseline, baseline)
    return {
        "searches": SEARCHES,
        "items": ITEMS,
        "baseline_precision": 100 * _precision(wanted, baseline, k),
        "candidate_precision": 100 * _precision(wanted, candidate, k),
        "baseline_ndcg": 100 * float(np.mean(_ndcg(wanted, baseline, k))),
        "candidate_ndcg": 100 * float(np.mean(_ndcg(wanted, candidate, k))),
        "turned_ndcg": 100 * float(np.mean(_ndcg(wanted, turned, k))),
        "lead": 100 * float(np.mean(lead)),
        "lead_half_width": 100 * Z * float(np.std(lead)) / math.sqrt(SEARCHES),
        "fifth_looked": 100 * 5.0**-attention,
        "last_looked": 100 * float(ITEMS) ** -attention,
        "true_ratio": _ratio(wanted, baseline, candidate, k),
        "click_ratio": _ratio(clicks, baseline, candidate, k),
        "weighed_ratio": _ratio(clicks / looked, baseline, candidate, k),
        "weighed_half_width": _half_width(clicks / looked, baseline, candidate, k),
        "heaviest": float(np.max(1 / looked)),
    }


def _places(score: Floats) -> Ints:
    """Place of each item, from 0."""
    return np.argsort(np.argsort(-score, axis=1), axis=1).astype(np.int64)


def _precision(wanted: Floats, place: Ints, k: int) -> float:
    return float(np.sum(wanted * (place < k))) / (k * SEARCHES)


def _credit(worth: Floats, place: Ints, k: int) -> Floats:
    """DCG of each list: the worth of its first k items, less the further down they stand."""
    return np.asarray((worth * (place < k) / np.log2(place + 2.0)).sum(axis=1))


def _ndcg(worth: Floats, place: Ints, k: int) -> Floats:
    """Credit over that of the best possible order; a list without a wanted item has 0."""
    best = _credit(worth, _places(worth), k)
    return np.asarray(_credit(worth, place, k) / np.where(best > 0, best, 1.0))


def _ratio(worth: Floats, baseline: Ints, candidate: Ints, k: int) -> float:
    """By how many percent the candidate's lists earn more credit than the baseline's."""
    own, other = (float(np.sum(_credit(worth, place, k))) for place in (candidate, baseline))
    return 100 * (own / max(other, 1e-9) - 1)


def _half_width(worth: Floats, baseline: Ints, candidate: Ints, k: int) -> float:
    """Half an interval of the ratio, by the delta method; searches are independent."""
    own, other = _credit(worth, candidate, k), _credit(worth, baseline, k)
    whole = max(float(other.mean()), 1e-9)
    spread = float(np.std(own - own.mean() / whole * other)) / whole
    return 100 * Z * spread / math.sqrt(SEARCHES)
