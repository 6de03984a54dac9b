"""Bills: how often people ask, which nobody wrote down, and what it does to a price."""

import math
from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.studies.bill import DAYS_OF_A_YEAR, MONTHS, Span, inference_bill

CLAIMED = 10.0
"""Millions of dollars a month, as a sheet of paper says."""
PILOT = 2_000
UNEVEN = 1.3
"""Standard deviation of the logarithm of people's own mean number of calls."""
WORTH = 5.0
"""Cents that adverts bring for a user in a month."""
WIDTH, RIGHT, RARE = 0.02, 0.8, 0.04
"""Wanted half width of an interval, share of right forecasts, share of days with a storm."""
LABEL, READERS = 0.6, 2
"""Dollars of one reading, and readers of one forecast."""
Z = float(special.ndtri(0.975))


def lab(
    rng: np.random.Generator, *, price: float, users: float, calls: float
) -> Mapping[str, float]:
    """Multiply a price, and ask a pilot for the factor that is left out.

    Args:
        rng: Where chance comes from.
        price: Of one call, in cents.
        users: Daily users, in millions.
        calls: Calls of a user in a day, on average over all users.
    """
    days = DAYS_OF_A_YEAR / MONTHS
    line = inference_bill(price / 100, Span.of(users * 1e6), Span.of(1.0)).low
    once = (line.day or 0.0) * days / 1e6
    own = calls * np.exp(UNEVEN * rng.standard_normal(PILOT) - UNEVEN**2 / 2)
    counted = rng.poisson(own).astype(np.float64)
    spread = Z * float(counted.std(ddof=1)) / math.sqrt(PILOT)
    mean, heavy = float(counted.mean()), np.sort(counted)[-PILOT // 10 :]
    labels = math.ceil(Z**2 * RIGHT * (1 - RIGHT) / WIDTH**2)
    rare_labels = math.ceil(labels / RARE)
    return {
        "claimed": CLAIMED,
        "once_day": once * 1e6 / days,
        "once_month": 1e6 * once,
        "implied": CLAIMED / once,
        "month": once * calls,
        "pilot": float(PILOT),
        "pilot_calls": mean,
        "pilot_low": once * max(mean - spread, 0.0),
        "pilot_high": once * (mean + spread),
        "middle_calls": float(np.median(counted)),
        "middle_month": once * float(np.median(counted)),
        "heavy_part": 100 * float(heavy.sum() / max(counted.sum(), 1.0)),
        "worth": WORTH,
        "user_cost": price * calls * days,
        "heavy_cost": price * float(heavy.mean()) * days,
        "width": 100 * WIDTH,
        "right": 100 * RIGHT,
        "rare": 100 * RARE,
        "label": LABEL,
        "labels": labels,
        "label_bill": labels * LABEL * READERS,
        "rare_labels": rare_labels,
        "rare_label_bill": rare_labels * LABEL * READERS,
    }
