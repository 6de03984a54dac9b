"""Looking every day: what many looks do to an interval made for one, and one made for all."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats
from shipcall.stats.sequential.mixtures import normal, tuned_rho

DRAWS = 2_000
BASE = 0.3
LEVEL = 0.05
Z = float(special.ndtri(1 - LEVEL / 2))


def lab(
    rng: np.random.Generator, *, days: float, per_day: float, lift: float
) -> Mapping[str, float]:
    """Look each day, once without any effect and once with one.

    Args:
        rng: Where chance comes from.
        days: Days, with one look at the end of each.
        per_day: Units that enter each arm on a day.
        lift: True gain in points, in the second world.
    """
    looks, daily = round(days), round(per_day)
    units = daily * np.arange(1.0, looks + 1)
    tuning = tuned_rho(2 * daily * looks * BASE * (1 - BASE), LEVEL, two_sided=True)
    found: dict[str, float] = {"looks": float(looks), "most": 100 * LEVEL, "base": 100 * BASE}
    for name, more in (("nothing", 0.0), ("lift", lift / 100)):
        gained, variance = _course(rng, units, daily, more)
        plain = np.abs(gained) > Z * np.sqrt(variance)
        always = normal(gained, variance, tuning) >= -np.log(LEVEL)
        first = np.argmax(plain, axis=1)
        stopped = np.where(plain.any(axis=1), first, looks - 1)
        at = 100 * gained[np.arange(DRAWS), stopped] / units[stopped]
        found |= {
            f"{name}_peeked": 100 * float(plain.any(axis=1).mean()),
            f"{name}_first_half": 100 * float(plain[:, : (looks + 1) // 2].any(axis=1).mean()),
            f"{name}_once": 100 * float(plain[:, -1].mean()),
            f"{name}_always": 100 * float(always.any(axis=1).mean()),
            f"{name}_stopped_at": float(at[plain.any(axis=1)].mean()) if plain.any() else 0.0,
        }
        when = np.argmax(always, axis=1)[always.any(axis=1)] + 1
        found[f"{name}_day"] = float(np.median(when)) if when.size else float(looks)
        last = variance[:, -1]
        wide = np.sqrt((last + tuning) * (np.log1p(last / tuning) - 2 * np.log(LEVEL)))
        found[f"{name}_once_half"] = 100 * Z * float(np.sqrt(last).mean() / units[-1])
        found[f"{name}_always_half"] = 100 * float(wide.mean() / units[-1])
    return found


def _course(
    rng: np.random.Generator, units: Floats, daily: int, more: float
) -> tuple[Floats, Floats]:
    """Give the candidate's gain in counts up to each day, and its estimated variance."""
    base, cand = (
        np.cumsum(rng.binomial(daily, share, (DRAWS, units.size)), axis=1)
        for share in (BASE, BASE + more)
    )
    gained = np.asarray(cand - base, dtype=np.float64)
    return gained, base * (1 - base / units) + cand * (1 - cand / units)
