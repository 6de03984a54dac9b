"""Who loses: the worst of many slices, the same slice again, and slices of one source."""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.core import Estimate, Tails
from shipcall.stats.gaps import spread
from shipcall.stats.sample import Floats
from shipcall.stats.together import Together

RIGHT = 0.85
"""Share of calls understood where nothing is lost."""
FED = 3
"""Slices whose recordings came from one contractor."""
DRAWINGS = 4_000
JUDGED = 100
"""Drawings for which the spread without its noise is estimated."""
ERROR = 0.05


def lab(
    rng: np.random.Generator, *, loss: float, slices: float, rows: float
) -> Mapping[str, float]:
    """Measure slices of which three share a source that may have cost them something.

    Args:
        rng: Where chance comes from.
        loss: Points that the slices of the contractor truly lose.
        slices: Dialects that are looked at.
        rows: Calls of each of them.
    """
    k, n = round(slices), round(rows)
    truth = np.full(k, RIGHT)
    truth[:FED] -= loss / 100
    alike = rng.binomial(n, RIGHT, (DRAWINGS, k)) / n
    seen, again = (rng.binomial(n, truth, (DRAWINGS, k)) / n for _ in range(2))
    worst, every = seen.argmin(axis=1), np.arange(DRAWINGS)
    whole, whole_again = seen.mean(axis=1), again.mean(axis=1)
    fed, rest = seen[:, :FED].mean(axis=1), seen[:, FED:].mean(axis=1)
    variance = fed * (1 - fed) / (FED * n) + rest * (1 - rest) / ((k - FED) * n)
    reach = -special.ndtri(ERROR) * np.sqrt(variance)
    own = seen[:, :FED]
    others = (seen.sum(axis=1)[:, None] - own) / (k - 1)
    noise = own * (1 - own) / n + others * (1 - others) / ((k - 1) * n)
    alone = others - own > -special.ndtri(ERROR / k) * np.sqrt(noise)
    return {
        "alike_gap": 100 * float(np.mean(np.ptp(alike, axis=1))),
        "gap": 100 * float(np.mean(np.ptp(seen, axis=1))),
        "worst_short": 100 * float(np.mean(whole - seen[every, worst])),
        "worst_again": 100 * float(np.mean(whole_again - again[every, worst])),
        "worst_fed": 100 * float(np.mean(worst < FED)),
        "alone_shown": 100 * float(np.mean(alone.any(axis=1))),
        "source_gap": 100 * float(np.mean(rest - fed)),
        "source_reach": 100 * float(np.mean(reach)),
        "source_shown": 100 * float(np.mean(rest - fed > reach)),
        "spread_seen": 100 * float(np.mean(seen.std(axis=1, ddof=1))),
        "spread_clean": 100 * float(np.mean([_clean(row, n) for row in seen[:JUDGED]])),
        "spread_true": 100 * float(truth.std(ddof=1)),
    }


def _clean(shares: Floats, n: int) -> float:
    """Spread between the true shares of slices; none where they agree more closely than noise."""
    kept = (shares * n + 0.5) / (n + 1)
    slices = Together(
        values=shares, errors=np.sqrt(kept * (1 - kept) / n), n=(n,) * int(shares.size)
    )
    found = spread(slices, Tails(ERROR, ERROR))
    return found.value if isinstance(found, Estimate) else 0.0
