"""Labels come late: what fresh weeks seem to say before their labels have come."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats

SETTLED = 70.0
"""Percent of the marked pairs that come back in the end."""
PAIRS = 400
"""Marked in one week."""
WINDOW = 60.0
"""Days after which a pair that has not come back counts as kept."""
DECIDES, POST = 12.0, 4.0
"""Mean days until a pair is sent, and on the road; sums of two exponential times each."""
MONDAYS = 3_000
PAST = 8
"""Weeks whose window has closed."""
Z = float(special.ndtri(0.95))


def lab(rng: np.random.Generator, *, age: float, drop: float, slow: float) -> Mapping[str, float]:
    """Read a fresh week of marked pairs on many Mondays, against weeks that have settled.

    Args:
        rng: Where chance comes from.
        age: Days since the pairs of the fresh week were bought.
        drop: Points of the settled share that the fresh week truly has lost.
        slow: Days by which parcels have become slower.
    """
    days = _days(rng)
    grown, grown_now = (float(np.mean(d <= age)) for d in (days, days + slow))
    ever, ever_now = (float(np.mean(d <= WINDOW)) for d in (days, days + slow))
    total, share = PAIRS * PAST, SETTLED / 100
    settled = rng.binomial(total, share, MONDAYS) / total
    matured = grown / ever
    then = rng.binomial(total, share * matured, MONDAYS) / total
    now = share - drop / 100
    fresh = rng.binomial(PAIRS, now * grown_now / ever, MONDAYS) / PAIRS
    spread = np.sqrt(fresh * (1 - fresh) / PAIRS)
    adjusted = fresh / matured
    return {
        "pairs": PAIRS,
        "window": WINDOW,
        "arrived": 100 * matured,
        "settled": 100 * float(settled.mean()),
        "raw": 100 * float(fresh.mean()),
        "then": 100 * float(then.mean()),
        "truth": 100 * now * ever_now / ever,
        "adjusted": 100 * float(adjusted.mean()),
        "reach": 100 * float(np.mean(Z * spread / matured)),
        "alarm_raw": 100 * float(np.mean(_lost(settled, fresh))),
        "alarm_age": 100 * float(np.mean(_lost(then, fresh))),
    }


def _days(rng: np.random.Generator) -> Floats:
    """Draw the days between the sale and the scan of pairs that come back."""
    return rng.gamma(2.0, DECIDES / 2, 100_000) + rng.gamma(2.0, POST / 2, 100_000)


def _lost(before: Floats, fresh: Floats) -> Floats:
    """Say on which Mondays the fresh share lies below the other by more than chance makes it."""
    variance = before * (1 - before) / (PAIRS * PAST) + fresh * (1 - fresh) / PAIRS
    return np.asarray(before - fresh > Z * np.sqrt(variance))
