"""Sure and right: what a stated confidence is worth, and what a bar on it lets through."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.core import Absent, Estimand, Tails
from shipcall.stats.calibration import bin_sample, ece_estimate, plug_in_ece, quantile_edges
from shipcall.stats.sample import BinSample, Lost

TAILS = Tails(0.05, 0.05)
"""Each end of an interval may miss in one of twenty draws."""
BINS = 10
LIVE = 100_000
Floats = NDArray[np.float64]


def lab(rng: np.random.Generator, *, over: float, bar: float, rows: float) -> Mapping[str, float]:
    """Post receipts without a person where the model says that it is sure enough.

    Args:
        rng: Where chance comes from.
        over: How far the model overstates: its log-odds are this many times what they should be.
        bar: Percent of stated confidence from which nobody looks.
        rows: Receipts with a known amount, on which calibration is measured.
    """
    n, least = round(rows), bar / 100
    odds = float(special.logit(least))
    true = rng.normal(1.0, 1.1, LIVE)
    stated = special.expit(over * true)
    right = rng.random(LIVE) < special.expit(true)
    posted = stated >= least
    honest = special.expit(true) >= least
    measured = _bins(stated[:n], right[:n].astype(np.float64))
    error = ece_estimate(measured, Estimand.CANDIDATE, TAILS, rng)
    if isinstance(error, Absent):
        raise TypeError(f"{n} receipts have a calibration error: {error.detail}")
    calm = _bins(special.expit(true[:n]), right[:n].astype(np.float64))
    return {
        "at_bar": 100 * float(special.expit(odds / over)),
        "posted": 100 * float(np.mean(posted)),
        "posted_said": 100 * float(np.mean(stated[posted])),
        "posted_right": 100 * float(np.mean(right[posted])),
        "posted_wrong": 1000 * float(np.mean(posted & ~right)),
        "honest_bar": 100 * float(special.expit(over * odds)),
        "honest_posted": 100 * float(np.mean(honest)),
        "honest_right": 100 * float(np.mean(right[honest])),
        "honest_wrong": 1000 * float(np.mean(honest & ~right)),
        "error": 100 * error.value,
        "error_low": 100 * error.low,
        "error_high": 100 * error.high,
        "calm_plain": 100 * plug_in_ece(calm).candidate,
        "all_right": 100 * float(np.mean(right)),
    }


def _bins(stated: Floats, right: Floats) -> BinSample:
    """Gaps of one model, in bins of equally many rows."""
    edges, each = quantile_edges(stated, BINS), np.arange(stated.size)
    return bin_sample(stated, right, stated, right, each, edges, lost=Lost())
