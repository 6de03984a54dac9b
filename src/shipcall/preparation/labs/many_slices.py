"""Many slices: how many look worse although nothing changed, and what finds the one that is."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.stats.power import units_for_power

LEVEL = 0.05
APART = 0.1
"""Photos on which the versions differ where nothing changed on balance."""
DRAWS = 4000


def lab(
    rng: np.random.Generator, *, slices: float, rows: float, harm: float
) -> Mapping[str, float]:
    """Ask of every slice whether it got worse, one at a time and all together.

    Sizes fall with the place: the second slice has half the rows of the first, the third a third.
    The harmed slice is the one in the middle.

    Args:
        rng: Where chance comes from.
        slices: Their number, at least 2.
        rows: Photos in all slices together.
        harm: Points that the harmed slice truly loses, greater than 0.
    """
    count, middle = round(slices), round(slices) // 2
    falling = 1 / np.arange(1, count + 1)
    sizes = np.maximum(np.rint(rows * falling / falling.sum()), 1).astype(np.int64)
    n, share = int(sizes[middle]), LEVEL / count
    harmed = APART + harm / 100
    calm, _ = _losses(rng, sizes, np.full(count, APART / 2))
    lost = np.full(count, APART / 2)
    lost[middle] = harmed - APART / 2
    broken, whole = _losses(rng, sizes, lost)
    spread = math.sqrt(harmed - (harm / 100) ** 2)
    needed = units_for_power(harm / 100, spread, 0.8, share)
    if needed is None:
        raise ValueError(f"no number of rows finds a loss of {harm} points")
    alone, joint = (-float(special.ndtri(tail)) for tail in (LEVEL, share))
    return {
        "largest_rows": float(sizes[0]),
        "harmed_rows": n,
        "smallest_rows": float(sizes[-1]),
        "alone_any": 100 * float(np.mean((calm <= LEVEL).any(axis=1))),
        "alone_red": float(np.mean((calm <= LEVEL).sum(axis=1))),
        "joint_any": 100 * float(np.mean((calm <= share).any(axis=1))),
        "alone_found": 100 * float(np.mean(broken[:, middle] <= LEVEL)),
        "joint_found": 100 * float(np.mean(broken[:, middle] <= share)),
        "total_found": 100 * float(np.mean(whole <= LEVEL)),
        "total_loss": harm * n / float(sizes.sum()),
        "smallest_alone": 100 * alone * math.sqrt(APART / float(sizes[-1])),
        "largest_alone": 100 * alone * math.sqrt(APART / float(sizes[0])),
        "wider": 100 * (joint / alone - 1),
        "needed": needed,
    }


def _losses(
    rng: np.random.Generator, sizes: NDArray[np.int64], lost: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """P-values of a loss, exact for pairs: of every slice in every draw, and of all rows."""
    only_baseline = rng.binomial(sizes, lost, (DRAWS, sizes.size))
    rest = APART / 2 / (1 - lost)
    only_candidate = rng.binomial(sizes - only_baseline, rest)
    each = _p(only_candidate, only_baseline)
    return each, _p(only_candidate.sum(axis=1), only_baseline.sum(axis=1))


def _p(gained: NDArray[np.int64], dropped: NDArray[np.int64]) -> NDArray[np.float64]:
    """`pairs.mcnemar_exact` with the alternative of a loss, for whole arrays."""
    return np.asarray(special.bdtr(gained, gained + dropped, 0.5), dtype=np.float64)
