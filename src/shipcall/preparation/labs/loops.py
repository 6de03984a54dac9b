"""Loops: a ranker that learns from what it has shown, with and without a share left to chance."""

from collections.abc import Mapping

import numpy as np

from shipcall.stats.sample import Floats

TITLES, SLOTS = 30, 3
VISITORS = 300
"""Of one day."""
MEAN, LIKE = 0.08, 60.0
"""Of the beta law of true appeal: its mean, and how alike titles are."""
WEIGHT = 25.0
"""Showings that the mean of the catalogue counts for, in the estimate of a title."""
BEST = 0.20
"""True appeal of the title that arrives without history."""
RUNS = 200


def lab(
    rng: np.random.Generator, *, explore: float, history: float, days: float
) -> Mapping[str, float]:
    """Fill a shelf of three for many days, by estimated appeal alone and with some chance.

    Args:
        rng: Where chance comes from.
        explore: Percent of visitors whose shelf is drawn by lot.
        history: Showings of each earlier title before the first day.
        days: For which the shelf is filled.
    """
    appeal = rng.beta(MEAN * LIKE, (1 - MEAN) * LIKE, (RUNS, TITLES))
    appeal = np.minimum(appeal, BEST)
    appeal[:, 0] = BEST
    shown = np.full((RUNS, TITLES), float(round(history)))
    shown[:, 0] = 0.0
    opened = rng.binomial(round(history), appeal).astype(np.float64) * (shown > 0)
    best = np.sort(appeal, axis=1)[:, -SLOTS:].sum(axis=1)
    found = {"titles": TITLES, "best_opens": 100 * float(best.mean()), "best_appeal": 100 * BEST}
    for name, share in (("greedy", 0.0), ("open", explore / 100)):
        found |= {
            f"{name}_{key}": value
            for key, value in _filled(rng, appeal, (shown, opened), share, round(days)).items()
        }
    return found


def _filled(
    rng: np.random.Generator,
    appeal: Floats,
    before: tuple[Floats, Floats],
    share: float,
    days: int,
) -> Mapping[str, float]:
    """Fill the shelf every day from all showings so far; `share` of visitors get one by lot."""
    shown, opened = (start.copy() for start in before)
    lots = round(VISITORS * share)
    opens, on_shelf = np.zeros((days, 2)), np.zeros((RUNS, TITLES), dtype=bool)
    for day in range(days):
        estimate = (opened + WEIGHT * MEAN) / (shown + WEIGHT)
        estimate += 1e-9 * rng.random(estimate.shape)
        on_shelf = estimate >= np.sort(estimate, axis=1)[:, -SLOTS, None]
        lot = rng.binomial(lots, SLOTS / TITLES, estimate.shape)
        chosen = rng.binomial((VISITORS - lots) * on_shelf, appeal)
        lucky = rng.binomial(lot, appeal)
        shown += (VISITORS - lots) * on_shelf + lot
        opened += chosen + lucky
        opens[day] = (chosen + lucky).sum(), (chosen + lucky * on_shelf).sum()
    visits, logged = RUNS * VISITORS / 100, shown - before[0]
    return {
        "opens": float(opens[:, 0].mean()) / visits,
        "last_opens": float(opens[-1, 0]) / visits,
        "own": 100 * float(opens[:, 1].sum() / max(opens[:, 0].sum(), 1.0)),
        "found": 100 * float(on_shelf[:, 0].mean()),
        "new_never": 100 * float(np.mean(logged[:, 0] == 0)),
        "new_shown": float(logged[:, 0].mean()),
        "unseen": float(np.mean((logged == 0).sum(axis=1))),
    }
