"""Who stays, who moves: readers still in sight, and a mean that hides who left."""

import math
from collections.abc import Mapping

import numpy as np
from scipy import special

from shipcall.core import Estimate, Tails
from shipcall.stats.migration import Moves, migration
from shipcall.stats.sample import Floats, Ints
from shipcall.stats.survival import Exits, restricted_mean, survival_at

BEGIN = 300
"""Readers who begin in a week."""
AGE = 8
"""Weeks after which the editors ask who is still there."""
TAILS = Tails(0.025, 0.025)
READERS = (3_000, 2_100, 900)
"""Casual, regular and heavy readers of each arm, before the candidate came."""
KINDS = ("casual", "regular", "heavy")
READS = np.array([1.0, 3.0, 6.0, 0.0])
"""Days a week on which each kind reads, and who left."""
MOVES = np.array([[0.74, 0.14, 0.0, 0.12], [0.12, 0.72, 0.10, 0.06], [0.0, 0.15, 0.82, 0.03]])
"""Of casual, regular and heavy readers: the shares that become each kind, or leave."""
Z = float(special.ndtri(0.975))


def lab(
    rng: np.random.Generator, *, weeks: float, driven: float, pulled: float
) -> Mapping[str, float]:
    """Ask how long readers stay, and what the readers of two arms became.

    Args:
        rng: Where chance comes from.
        weeks: Weeks since the first reader of the survival part began.
        driven: Casual readers in a hundred whom the candidate drives away.
        pulled: Regular readers in a hundred whom the candidate turns into heavy ones.
    """
    moved = MOVES.copy()
    moved[0] += np.array([-1.0, 0.0, 0.0, 1.0]) * driven / 100
    moved[1] += np.array([0.0, -1.0, 1.0, 0.0]) * pulled / 100
    counts = [_deal(rng, shares) for shares in (MOVES, moved)]
    cells = migration(_moves(counts[0]), _moves(counts[1]), TAILS)
    gone = _estimate(cells[3].shares.difference)
    found = {"gone": 100 * gone.value, "gone_low": 100 * gone.low, "gone_high": 100 * gone.high}
    found["marked"] = float(sum(cell.marked for cell in cells))
    found["cells"] = float(len(cells))
    for name, arm in zip(("base", "cand"), counts, strict=True):
        days, there = float((arm * READS).sum()), float(arm[:, :3].sum())
        found[f"{name}_days_there"] = days / there
        found[f"{name}_days_all"] = days / float(arm.sum())
        found[f"{name}_heavy"] = 100 * float(arm[:, 2].sum()) / there
        found[f"{name}_casual_gone"] = 100 * float(arm[0, 3]) / READERS[0]
        found[f"{name}_left"] = 100 * float(arm[:, 3].sum()) / float(arm.sum())
    more, half = _days(counts)
    return {**found, "days_more": more, "days_half": half, **_staying(rng, round(weeks))}


def _deal(rng: np.random.Generator, shares: Floats) -> Ints:
    """Draw what the readers of one arm become, shape (3, 4)."""
    return np.stack([rng.multinomial(n, row) for n, row in zip(READERS, shares, strict=True)])


def _days(counts: list[Ints]) -> tuple[float, float]:
    """Give the difference of days a week over everybody, those who left included, and its reach."""
    ends = [arm.sum(axis=0) / sum(READERS) for arm in counts]
    means = [float((share * READS).sum()) for share in ends]
    spreads = [
        float((share * READS**2).sum()) - mean**2 for share, mean in zip(ends, means, strict=True)
    ]
    return means[1] - means[0], Z * math.sqrt(sum(spreads) / sum(READERS))


def _moves(counts: Ints) -> Moves:
    return Moves(before=KINDS, after=(*KINDS, "left"), counts=counts)


def _staying(rng: np.random.Generator, weeks: int) -> Mapping[str, float]:
    """Follow readers who began in different weeks, until today."""
    leaves = 0.03 + 0.11 * 0.6 ** np.arange(200)
    stays = np.cumprod(1 - leaves)
    ends = np.searchsorted(-stays, -rng.random(BEGIN * weeks)) + 1
    seen = np.repeat(np.arange(1, weeks + 1), BEGIN)
    left = ends <= seen
    exits = Exits.of(np.minimum(ends, seen), left)
    within = _estimate(restricted_mean(exits, AGE, TAILS))
    kept = _estimate(survival_at(exits, AGE, TAILS))
    mature = seen >= AGE
    return {
        "age": float(AGE),
        "begin": float(BEGIN),
        "began": float(BEGIN * weeks),
        "today": 100 * float(np.mean(~left)),
        "age_true": 100 * float(stays[AGE - 1]),
        "age_kept": 100 * kept.value,
        "age_low": 100 * kept.low,
        "age_high": 100 * kept.high,
        "immature": 100 * float(np.mean(~mature)),
        "left_mean": float(ends[left].mean()),
        "within": within.value,
        "within_true": float(np.append(1.0, stays)[:AGE].sum()),
        "mature_kept": 100 * float(np.mean(ends[mature] > AGE)),
    }


def _estimate(measured: object) -> Estimate:
    if not isinstance(measured, Estimate):
        raise TypeError(f"expected an estimate, got {measured}")
    return measured
