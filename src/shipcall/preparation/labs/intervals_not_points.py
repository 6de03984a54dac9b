"""Intervals, not points: one test of two versions, and the tests that chance did not draw."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.core import Absent, Measured, Tails
from shipcall.stats.pairs import paired_difference
from shipcall.stats.proportions import newcombe_difference
from shipcall.stats.sample import Crosstab

TAILS = Tails(0.05, 0.05)
"""Each end of an interval may miss in one of twenty draws."""
Z = float(special.ndtri(0.95))
SHARE = 0.7
"""Sentences that the baseline translates well."""
DRAWS = 4000


def lab(rng: np.random.Generator, *, gain: float, apart: float, rows: float) -> Mapping[str, float]:
    """Compare two versions on the same sentences, once and many times.

    Args:
        rng: Where chance comes from.
        gain: Points by which the candidate is truly better.
        apart: Percent of the sentences on which the versions differ, at least the gain.
        rows: Sentences in a test.
    """
    n, true = round(rows), gain / 100
    won, lost = (apart / 100 + true) / 2, (apart / 100 - true) / 2
    chances = [SHARE - lost, won, lost, 1 - SHARE - won]
    tables = rng.multinomial(n, chances, DRAWS)
    both, gained, dropped, neither = tables.T
    seen = (gained - dropped) / n
    spread = np.sqrt(np.maximum((gained + dropped) / n - seen**2, 1 / n) / n)
    before, after = (both + dropped) / n, (both + gained) / n
    separate = np.sqrt((before * (1 - before) + after * (1 - after)) / n)
    first = Crosstab(
        both=int(both[0]),
        only_candidate=int(gained[0]),
        only_baseline=int(dropped[0]),
        neither=int(neither[0]),
    )
    paired = _ends(paired_difference(first, TAILS))
    hits = int(both[0] + dropped[0]), int(both[0] + gained[0])
    unpaired = _ends(newcombe_difference(hits[0], n, hits[1], n, TAILS))
    return {
        "first_baseline": 100 * float(before[0]),
        "first_candidate": 100 * float(after[0]),
        "first_gain": 100 * float(seen[0]),
        "first_low": paired[0],
        "first_high": paired[1],
        "separate_low": unpaired[0],
        "separate_high": unpaired[1],
        "not_ahead": 100 * float(np.mean(seen <= 0)),
        "usual_low": 100 * float(np.quantile(seen, 0.05)),
        "usual_high": 100 * float(np.quantile(seen, 0.95)),
        "standard_error": 100 * float(np.std(seen)),
        "covered": 100 * float(np.mean(np.abs(seen - true) <= Z * spread)),
        "paired_half_width": 100 * Z * float(np.mean(spread)),
        "separate_half_width": 100 * Z * float(np.mean(separate)),
        "rows_separate": n * float(np.mean(separate) / np.mean(spread)) ** 2,
    }


def _ends(measured: Measured) -> tuple[float, float]:
    if isinstance(measured, Absent):
        raise TypeError(f"a table with rows has an interval: {measured.detail}")
    return 100 * measured.low, 100 * measured.high
