"""Slow and fast: a small model first, a large one where it is unsure, and who waits for both."""

from collections.abc import Mapping

import numpy as np
from scipy import special

REQUESTS = 40_000
LIMIT_MS = 2_000.0
"""After so long a traveller turns away."""
SMALL_MS = 280.0
PRICE_SMALL, PRICE_LARGE = 0.1, 1.2
"""In cents of one answer."""


def lab(
    rng: np.random.Generator, *, bar: float, oversure: float, large_ms: float
) -> Mapping[str, float]:
    """Send the same requests through either model alone and through a cascade of both.

    Args:
        rng: Where chance comes from.
        bar: The small model's answer is kept from this stated sureness on, in percent.
        oversure: What the small model states has so many times the log odds of the truth.
        large_ms: Time that half of the large model's answers stay below.
    """
    odds = rng.normal(1.6, 1.5, REQUESTS)
    small = rng.random(REQUESTS) < special.expit(odds)
    large = rng.random(REQUESTS) < special.expit(0.6 * odds + 2.2)
    stated = 100 * special.expit(oversure * odds)
    kept = stated >= bar
    near = np.abs(stated - bar) <= 1
    small_wait = SMALL_MS * np.exp(0.25 * rng.standard_normal(REQUESTS))
    large_wait = large_ms * np.exp(0.35 * rng.standard_normal(REQUESTS))
    both_wait = small_wait + np.where(kept, 0.0, large_wait)
    found = {
        "requests": float(REQUESTS),
        "limit": LIMIT_MS,
        "passed_on": 100 * float((~kept).mean()),
        "kept_stated": float(stated[kept].mean()),
        "kept_right": 100 * float(small[kept].mean()),
        "near_right": 100 * float(small[near].mean()),
        "cascade_right": 100 * float(np.where(kept, small, large).mean()),
        "small_right": 100 * float(small.mean()),
        "large_right": 100 * float(large.mean()),
        "cost": 1_000 * (PRICE_SMALL + PRICE_LARGE * float((~kept).mean())) / 100,
        "large_cost": 1_000 * PRICE_LARGE / 100,
        "passed_on_late": 100 * float((both_wait[~kept] > LIMIT_MS).mean()),
    }
    found["lost"] = found["large_right"] - found["cascade_right"]
    for name, wait in (("large", large_wait), ("cascade", both_wait)):
        found[f"{name}_mean"] = float(wait.mean())
        found[f"{name}_half"] = float(np.quantile(wait, 0.5))
        found[f"{name}_tail"] = float(np.quantile(wait, 0.99))
        found[f"{name}_late"] = 100 * float((wait > LIMIT_MS).mean())
    return found
