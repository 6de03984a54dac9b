"""New, then tired: a gain that wears off with age, and hazards that fall though nobody changes."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.core import Estimate, Tails
from shipcall.stats.fatigue import Exposed, Wear, novelty_decay
from shipcall.stats.sample import Floats

UNITS = 6_000
DAYS = 28
FADE = 0.25
"""Part of their activity that people of either arm lose over the four weeks."""
IMPATIENT, EASY, HARD = 0.3, 0.2, 0.01
"""Share of the impatient, and the chance to mute after any message: theirs and the others'."""

Z = float(special.ndtri(0.975))


def lab(
    rng: np.random.Generator, *, first_day: float, lasting: float, halves: float
) -> Mapping[str, float]:
    """Follow everybody of both arms for four weeks after the day on which they began.

    Args:
        rng: Where chance comes from.
        first_day: Points that novelty adds to the chance to train on the first day.
        lasting: Points that the candidate adds on every day, for good.
        halves: Days in which novelty loses half of what is left.
    """
    age = np.arange(DAYS)
    effect = lasting + first_day * 0.5 ** (age / halves)
    base, cand = _active(rng, np.zeros(DAYS)), _active(rng, effect / 100)
    arms = [Wear.of(arm[:, :7].mean(axis=1), arm[:, 21:].mean(axis=1)) for arm in (base, cand)]
    worn = novelty_decay(arms[0], arms[1], Tails(0.025, 0.025)).difference
    if not isinstance(worn, Estimate):
        raise TypeError(worn.detail)
    found = {
        "units": float(UNITS),
        "true_last_week": float(effect[21:].mean()),
    }
    for name, days in (("three_days", slice(0, 3)), ("week", slice(0, 7)), ("last", slice(21, 28))):
        own = [arm[:, days].mean(axis=1) for arm in (base, cand)]
        spread = np.sqrt(sum(float(mean.var(ddof=1)) for mean in own) / UNITS)
        found[name] = 100 * float(own[1].mean() - own[0].mean())
        found[f"{name}_half"] = 100 * Z * float(spread)
    found |= {"worn": 100 * worn.value, "worn_low": 100 * worn.low, "worn_high": 100 * worn.high}
    for name, arm in (("base", base), ("cand", cand)):
        for day in (1, 7, 27):
            found[f"{name}_{day}"] = 100 * float(arm[:, day].mean())
    return {**found, **_muting(rng)}


def _active(rng: np.random.Generator, effect: Floats) -> Floats:
    """Draw on which days of their age people train, shape (units, days)."""
    own = 0.1 + 0.6 * rng.beta(1.2, 2.8, UNITS)
    faded = own[:, None] * (1 - FADE * np.linspace(0.0, 1.0, DAYS))
    return np.asarray(rng.random((UNITS, DAYS)) < faded + effect, dtype=np.float64)


def _muting(rng: np.random.Generator) -> Mapping[str, float]:
    """Count who mutes after which message, where each person's own chance never moves."""
    impatient = rng.random(4 * UNITS) < IMPATIENT
    last = rng.geometric(np.where(impatient, EASY, HARD))
    muted = Exposed.of(np.minimum(last, 20), last <= 20)
    hazard = 100 * muted.dropped / muted.at_risk
    return {
        "mutes_first": float(hazard[0]),
        "mutes_tenth": float(hazard[9]),
        "impatient_first": 100 * float(impatient.mean()),
        "impatient_tenth": 100 * float(impatient[last >= 10].mean()),
    }
