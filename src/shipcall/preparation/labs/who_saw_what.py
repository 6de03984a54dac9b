"""Who saw what: how units are dealt, and what a log does that loses some of one arm."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.assign.shipcall_v1 import positions
from shipcall.stats.sample import Ints

DRAWS = 4_000
SLOW = 0.3
FAST_BOOKS, SLOW_BOOKS = 0.45, 0.2
"""Share of visitors who book, by phone."""
VISITS = 4
DEALT = 10_000
"""Visitors whose arms are followed while a share grows."""
STRICT = 0.001
Z, Z_STRICT = float(special.ndtri(0.975)), float(-special.ndtri(STRICT / 2))


def lab(rng: np.random.Generator, *, units: float, lost: float, gain: float) -> Mapping[str, float]:
    """Compare two arms of which one loses some units before the log sees them.

    Args:
        rng: Where chance comes from.
        units: Visitors that are dealt, half to each arm on average.
        lost: Of the candidate's visitors with a slow phone, percent that never reach the log.
        gain: True gain of the candidate in points, alike on all phones.
    """
    n = round(units)
    dealt = rng.binomial(n, 0.5, DRAWS)
    base, base_booked = _arm(rng, n - dealt, gone=0.0, more=0.0)
    cand, cand_booked = _arm(rng, dealt, gone=lost / 100, more=gain / 100)
    uneven = (cand - base) / np.sqrt(cand + base)
    shares = base_booked / base, cand_booked / cand
    seen = 100 * (shares[1] - shares[0])
    variance = shares[0] * (1 - shares[0]) / base + shares[1] * (1 - shares[1]) / cand
    half = 100 * Z * np.sqrt(variance)
    return {
        "base": float(base[0]),
        "cand": float(cand[0]),
        "apart": float(abs(cand[0] - base[0])),
        "may_be_apart": Z_STRICT * float(np.sqrt(cand[0] + base[0])),
        "seen_first": float(seen[0]),
        "first_low": float(seen[0] - half[0]),
        "first_high": float(seen[0] + half[0]),
        "seen": float(seen.mean()),
        "claimed": 100 * float(np.mean(seen - half > 0)),
        "missed": 100 * float(np.mean(np.abs(seen - gain) > half)),
        "flagged": 100 * float(np.mean(np.abs(uneven) > Z_STRICT)),
        **_dealing(rng),
    }


def _arm(rng: np.random.Generator, dealt: Ints, *, gone: float, more: float) -> tuple[Ints, Ints]:
    """Draw the visitors of an arm that are logged, and those of them who book."""
    slow = rng.binomial(dealt, SLOW)
    there = rng.binomial(slow, 1 - gone)
    fast_booked = rng.binomial(dealt - slow, FAST_BOOKS + more)
    return dealt - slow + there, fast_booked + rng.binomial(there, SLOW_BOOKS + more)


def _dealing(rng: np.random.Generator) -> Mapping[str, float]:
    """Let a share grow from a tenth to a half, dealt by visitor, and deal single requests."""
    names = [f"visitor-{number}" for number in range(DEALT)]
    salts = [f"prices-{number}" for number in rng.integers(10**9, size=2)]
    first, fresh = (positions(salt, names) for salt in salts)
    early = first < 0.1
    requests = rng.random((DEALT, VISITS)) < 0.5
    mixed = requests.any(axis=1) & ~requests.all(axis=1)
    return {
        "visits": float(VISITS),
        "taken_back": 100 * float(np.mean(first[early] >= 0.5)),
        "taken_back_fresh": 100 * float(np.mean(fresh[early] >= 0.5)),
        "mixed": 100 * float(mixed.mean()),
    }
