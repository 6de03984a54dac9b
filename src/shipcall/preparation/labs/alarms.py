"""Alarms: how often one bar on a divergence rings for nothing, and what it does not hear."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats, Ints

CELLS = 20
"""Equally likely while nothing has changed."""
TIMES = 50
"""Windows of the large service hold so many times the rows."""
RUNS = 8_000
YEARS = 1_000
"""Runs of 52 weeks, each with a reference of its own."""
WEEKS = 52
FALSE = 0.01
"""Share of quiet weeks in which the bar that is set by chance may ring."""


def lab(rng: np.random.Generator, *, rows: float, shift: float, bar: float) -> Mapping[str, float]:
    """Watch one number about donors, week by week, against a reference of the same size.

    Args:
        rng: Where chance comes from.
        rows: Of a week, and of the reference.
        shift: By how many standard deviations the mean moves.
        bar: Of the divergence, in nats.
    """
    edges = special.ndtri(np.arange(CELLS + 1) / CELLS)
    quiet = np.full(CELLS, 1 / CELLS)
    drifted = np.diff(special.ndtr(edges - shift))
    between = float((drifted * np.log(np.maximum(drifted, 1e-300) / quiet)).sum())
    found: dict[str, float] = {"true_kl": max(between, 0.0)}
    for name, n in (("small", round(rows)), ("large", TIMES * round(rows))):
        reference = rng.multinomial(n, quiet, RUNS)
        calm = _kl(rng.multinomial(n, quiet, RUNS), reference)
        moved = _kl(rng.multinomial(n, drifted, RUNS), reference)
        found[f"{name}_rows"] = n
        found[f"{name}_mean"] = float(calm.mean())
        found[f"{name}_false"] = 100 * float(np.mean(calm > bar))
        found[f"{name}_found"] = 100 * float(np.mean(moved > bar))
        own = float(np.quantile(calm, 1 - FALSE))
        again = _kl(rng.multinomial(n, quiet, RUNS), rng.multinomial(n, quiet, RUNS))
        weeks = rng.multinomial(n, drifted, (WEEKS, YEARS))
        rings = _kl(weeks, rng.multinomial(n, quiet, YEARS)) > own
        first = np.where(rings.any(axis=0), rings.argmax(axis=0) + 1, WEEKS)
        found[f"{name}_own_bar"] = own
        found[f"{name}_own_false"] = 100 * float(np.mean(again > own))
        found[f"{name}_own_found"] = 100 * float(rings.mean())
        found[f"{name}_own_delay"] = float(np.median(first))
        found[f"{name}_own_unheard"] = 100 * float(np.mean(~rings.any(axis=0)))
    return found


def _kl(now: Ints, reference: Ints) -> Floats:
    """Kullback-Leibler divergence of counts from those of the reference, half a row in each."""
    p, q = ((n + 0.5) / (n + 0.5).sum(axis=-1, keepdims=True) for n in (now, reference))
    return np.asarray((p * np.log(p / q)).sum(axis=-1))
