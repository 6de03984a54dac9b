"""Shadow: what nothing found, and what a bound shows, over all requests and in a rare slice."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.stats.sample import Floats, Ints

DRAWS = 4_000
BAR = 0.001
"""At most this share of the candidate's letters may promise what the rules do not pay."""
ELSEWHERE = 0.0001
LEVEL = 0.05
DAILY = 900.0
"""Enquiries that come in on a day."""


def lab(
    rng: np.random.Generator, *, pairs: float, rare: float, unsafe: float
) -> Mapping[str, float]:
    """Run the same shadow many times, and ask who would have let the candidate out of it.

    Args:
        rng: Where chance comes from.
        pairs: Enquiries that both models answered.
        rare: Enquiries of the rare slice, in percent of all.
        unsafe: Unsafe letters in the slice, in ten thousand.
    """
    n, share, rate = round(pairs), rare / 100, unsafe / 10_000
    slice_pairs = rng.binomial(n, share, DRAWS)
    slice_unsafe = rng.binomial(slice_pairs, rate)
    all_unsafe = slice_unsafe + rng.binomial(n - slice_pairs, ELSEWHERE)
    needed = float(np.ceil(np.log(LEVEL) / np.log1p(-BAR)))
    return {
        "bar": 10_000 * BAR,
        "daily": DAILY,
        "days": float(np.ceil(n / DAILY)),
        "all_rate": 10_000 * (share * rate + (1 - share) * ELSEWHERE),
        "slice_pairs": float(slice_pairs.mean()),
        "slice_nothing": 100 * float(np.mean(slice_unsafe == 0)),
        "all_nothing": 100 * float(np.mean(all_unsafe == 0)),
        "all_shown": 100 * float(np.mean(_high(all_unsafe, np.full(DRAWS, n)) <= BAR)),
        "slice_shown": 100 * float(np.mean(_high(slice_unsafe, slice_pairs) <= BAR)),
        "slice_clean_high": 10_000 * float(np.mean(1 - LEVEL ** (1 / np.maximum(slice_pairs, 1)))),
        "needed": needed,
        "needed_days": float(np.ceil(needed / share / DAILY)),
    }


def _high(events: Ints, trials: Ints) -> Floats:
    """Give the exact upper end for each share; 1 where there was no trial."""
    trials = np.maximum(trials, 1)
    events = np.minimum(events, trials)
    ends = special.betaincinv(events + 1, np.maximum(trials - events, 1), 1 - LEVEL)
    return np.asarray(np.where(events == trials, 1.0, ends))
