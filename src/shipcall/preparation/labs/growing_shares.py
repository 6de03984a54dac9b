"""Growing shares: a ramp over changing days, pooled and day by day, and a trigger at each step."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats

DRAWS = 2_000
DAILY = 4_000
START = 0.4
SHARES, DAYS = (0.01, 0.1, 0.5), (3, 4, 7)
Z = float(special.ndtri(0.975))
TRIGGER = 0.01
"""Chance with which a harmless candidate trips the trigger of a step."""
Z_TRIGGER = float(-special.ndtri(TRIGGER))


def lab(rng: np.random.Generator, *, fall: float, gain: float, harm: float) -> Mapping[str, float]:
    """Ramp a candidate that gains, and one that harms, while the days themselves change.

    Args:
        rng: Where chance comes from.
        fall: Points by which both arms fall from the first day of the ramp to its last.
        gain: True gain of the candidate in points, the same on every day.
        harm: Points that another, broken candidate loses.
    """
    share = np.repeat(SHARES, DAYS)
    rate = START - fall / 100 * np.linspace(0.0, 1.0, share.size)
    pooled, pooled_half, within, within_half = _ramp(rng, share, rate, gain / 100)
    found = {
        "daily": float(DAILY),
        "start": 100 * START,
        "end": 100 * float(rate[-1]),
        "pooled": 100 * float(pooled.mean()),
        "within": 100 * float(within.mean()),
        "pooled_back": 100 * float(np.mean(pooled + pooled_half < 0)),
        "within_back": 100 * float(np.mean(within + within_half < 0)),
        "pooled_holds": 100 * float(np.mean(np.abs(pooled - gain / 100) <= pooled_half)),
        "within_holds": 100 * float(np.mean(np.abs(within - gain / 100) <= within_half)),
        "trip": 100 * TRIGGER,
    }
    steps = np.repeat(np.arange(len(SHARES)), DAYS)
    caught = np.zeros(DRAWS, dtype=bool)
    for step, name in enumerate(("one", "ten", "half")):
        days = steps == step
        *_, loss, half = _ramp(rng, share[days], rate[days], -harm / 100)
        found[f"met_{name}"] = float(DAILY * SHARES[step] * DAYS[step])
        tripped = loss + half / Z * Z_TRIGGER < 0
        found[f"tripped_{name}"] = 100 * float(tripped.mean())
        caught |= tripped
        found[f"caught_{name}"] = 100 * float(caught.mean())
    return found


def _ramp(
    rng: np.random.Generator, share: Floats, rate: Floats, more: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Draw ramps; give the pooled difference and the one within days, each with a half width."""
    shape = (DRAWS, share.size)
    dealt = rng.binomial(DAILY, share, shape)
    units = np.stack([DAILY - dealt, dealt]).astype(np.float64)
    back = np.stack([rng.binomial(DAILY - dealt, rate), rng.binomial(dealt, rate + more)]).astype(
        np.float64
    )
    whole = back.sum(axis=2) / units.sum(axis=2)
    pooled_variance = (whole * (1 - whole) / units.sum(axis=2)).sum(axis=0)
    weight = units[0] * units[1] / DAILY
    daily = back / np.maximum(units, 1)
    both = back.sum(axis=0) / DAILY
    total = weight.sum(axis=1)
    within = (weight * (daily[1] - daily[0])).sum(axis=1) / total
    variance = (weight * both * (1 - both)).sum(axis=1) / total**2
    return (
        whole[1] - whole[0],
        Z * np.sqrt(pooled_variance),
        np.asarray(within),
        np.asarray(Z * np.sqrt(variance)),
    )
