"""Shape: how deep sessions go as a whole distribution, by arm, and how far two of them differ."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, Hits, share_by_arm
from shipcall.stats.sample import Floats, Ints

_CELLS = 4_000_000
"""Numbers held at once while units are dealt again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Depths:
    """Units of one arm by depth: one value a unit, such as the depth of its median session.

    Rows of one unit are not independent; a unit with many sessions must not count many times.

    Raises:
        ValueError: On depths that do not ascend, negative counts, shapes that differ.
    """

    depths: Floats
    """Possible depths, ascending and the same for both arms, shape (D,)."""
    units: Ints
    """Units at each, shape (D,)."""

    def __post_init__(self) -> None:
        if self.depths.shape != self.units.shape or self.depths.size < 2:
            raise ValueError("expected one count for each of at least two depths")
        if not np.isfinite(self.depths).all() or (np.diff(self.depths) <= 0).any():
            raise ValueError("depths do not ascend, or one is not finite")
        if (self.units < 0).any():
            raise ValueError("a count is negative")

    def merged(self, other: "Depths") -> "Depths":
        """Add other units of the same arm."""
        _alike(self, other)
        return Depths(depths=self.depths, units=self.units + other.units)

    @property
    def n(self) -> int:
        """Number of units."""
        return int(self.units.sum())

    @property
    def below(self) -> Floats:
        """Share of units at or below each depth, shape (D,)."""
        return np.cumsum(self.units) / self.n


class Quantile(NamedTuple):
    """One quantile of depth."""

    q: float
    values: ByArm


def quantiles_by_arm(
    baseline: Depths, candidate: Depths, at: tuple[float, ...], tails: Tails
) -> list[Quantile]:
    """Compare whole quantile functions with bands that hold at all quantiles at once.

    Each arm's band is that of Dvoretzky, Kiefer, Wolfowitz and Massart: exact at every number
    of units and for every law, ties included; a depth that the band cannot exclude stays in. A
    difference lies in the box of both bands at half the error level each, which also holds at
    all quantiles at once. Wide: it needs about 100 units to say anything of a median. For one
    quantile fixed beforehand `quantiles.quantile_estimate` is tighter.

    Args:
        baseline: The baseline's units.
        candidate: The candidate's, over the same depths.
        at: Quantiles, each in (0, 1); asking for more costs nothing.
        tails: One-sided error level of each end, over all quantiles together.

    Returns:
        Absent where a band reaches beyond the possible depths on both sides, that is says nothing.

    References:
        Massart (1990), The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality, Annals of
        Probability 18(3), 1269-1283, corollary 1 (one-sided, for tails up to one half).
    """
    _alike(baseline, candidate)
    if not all(0 < q < 1 for q in at):
        raise ValueError(f"quantiles {at} are not all between 0 and 1")
    return [Quantile(q, _quantile(baseline, candidate, q, tails)) for q in at]


def _quantile(baseline: Depths, candidate: Depths, q: float, tails: Tails) -> ByArm:
    half = Tails(tails.low / 2, tails.high / 2)
    own = _band(baseline, q, tails), _band(candidate, q, tails)
    before, after = _band(baseline, q, Tails(half.high, half.low)), _band(candidate, q, half)
    if isinstance(before, Absent) or isinstance(after, Absent):
        difference: Measured = before if isinstance(before, Absent) else after
        return ByArm(own[0], own[1], difference)
    difference = Estimate(
        value=after.value - before.value,
        low=after.low - before.high,
        high=after.high - before.low,
        tails=tails,
        n=before.n + after.n,
        method="box of simultaneous bands",
    )
    return ByArm(own[0], own[1], difference)


def _band(arm: Depths, q: float, tails: Tails) -> Measured:
    if arm.n == 0:
        return Absent(reason=Reason.NO_ROWS, detail="no unit in an arm")
    below, last = arm.below, arm.depths.size - 1
    low, value, high = (
        int(np.searchsorted(below, level - 1e-12))
        for level in (q - reach(arm.n, tails.low), q, q + reach(arm.n, tails.high))
    )
    if q - reach(arm.n, tails.low) <= 0 and high > last:
        detail = f"{arm.n} units say nothing of the quantile {q:g} at this level"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=arm.n)
    low = 0 if q - reach(arm.n, tails.low) <= 0 else low
    low, high = _apart(arm, min(low, value), min(max(high, value), last))
    depths = arm.depths
    return Estimate(
        value=float(depths[value]),
        low=float(depths[low]),
        high=float(depths[high]),
        tails=tails,
        n=arm.n,
        method="Dvoretzky-Kiefer-Wolfowitz-Massart band",
    )


def _apart(arm: Depths, low: int, high: int) -> tuple[int, int]:
    """Widen a band that a tie has closed by a step to each side."""
    return (low, high) if low < high else (max(low - 1, 0), min(high + 1, arm.depths.size - 1))


def reach(units: int, tail: float) -> float:
    """Tell how far a share of units below any depth lies off at most, one-sided, at every depth."""
    return math.sqrt(math.log(1.0 / min(tail, 0.5)) / (2 * units))


def wasserstein(baseline: Depths, candidate: Depths, tails: Tails) -> Measured:
    """Estimate how far depth must be moved to turn one arm's distribution into the other's.

    In the unit of depth; the area between the two curves of shares below. Two samples of one
    law are never at distance 0, so the value leans upwards: its ends come from the bands of both
    arms and the low one is 0 unless the bands leave each other. It has no direction: see
    `quantiles_by_arm` for where depth grew and where it fell.

    Args:
        baseline: The baseline's units.
        candidate: The candidate's, over the same depths; they bound what depth can be.
        tails: One-sided error level of each end.
    """
    _alike(baseline, candidate)
    if min(baseline.n, candidate.n) == 0:
        return Absent(reason=Reason.NO_ROWS, detail="no unit in an arm")
    gaps = np.abs(candidate.below - baseline.below)[:-1]
    steps = np.diff(baseline.depths)
    arms = baseline.n, candidate.n
    down, up = (sum(reach(n, tail / 4) for n in arms) for tail in tails)
    return Estimate(
        value=float(np.sum(steps * gaps)),
        low=float(np.sum(steps * np.maximum(gaps - down, 0.0))),
        high=float(np.sum(steps * np.minimum(gaps + up, 1.0))),
        tails=tails,
        n=sum(arms),
        method="area between bands",
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sessions:
    """Sessions of each independent unit of one arm by depth, for dealing units again."""

    depths: Floats
    """Ascending, shape (D,)."""
    counts: Ints
    """Sessions of each unit at each depth, shape (n, D); a unit has at least one."""

    def __post_init__(self) -> None:
        if self.counts.ndim != 2 or self.counts.shape[1] != self.depths.size:
            raise ValueError("expected one count for each unit and depth")
        if (np.diff(self.depths) <= 0).any():
            raise ValueError("depths do not ascend")
        if (self.counts < 0).any() or (self.counts.sum(axis=1) == 0).any():
            raise ValueError("a count is negative, or a unit has no session")


class Distances(NamedTuple):
    """How far the arms' distributions of depth lie apart, and how far noise alone would."""

    wasserstein: float
    """In the unit of depth."""
    wasserstein_noise: float
    """Mean over deals."""
    wasserstein_p: float
    energy: float
    """Square root of twice the integral of the squared difference of the shares below."""
    energy_noise: float
    energy_p: float
    n: int
    """Units, not sessions."""


def distances(
    baseline: Sessions, candidate: Sessions, rng: np.random.Generator, *, permutations: int = 999
) -> Distances | Absent:
    """Ask whether depth is distributed alike in both arms, dealing whole units again.

    Every unit counts once, whatever the number of its sessions: its own distribution is averaged
    with those of the others. p counts the deals at least as far apart as the one seen, itself
    included; it holds its level for any number of units. It speaks of "alike in all": use
    `wasserstein` for how much.

    Args:
        baseline: Sessions of the baseline's units.
        candidate: The candidate's, over the same depths.
        rng: Deals the units.
        permutations: Number of deals.

    References:
        Szekely & Rizzo (2013), Energy statistics: a class of statistics based on distances,
        Journal of Statistical Planning and Inference 143(8), 1249-1272, for the energy distance.
    """
    if not np.array_equal(baseline.depths, candidate.depths):
        raise ValueError("the arms must have the same depths")
    sizes = len(baseline.counts), len(candidate.counts)
    n = sum(sizes)
    if min(sizes) < 2:
        detail = f"{sizes[0]} and {sizes[1]} units"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=n)
    counts = np.concatenate((baseline.counts, candidate.counts)).astype(np.float64)
    below = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    if float(np.ptp(below, axis=0).max()) <= 0:
        return Absent(reason=Reason.CONSTANT, detail=f"{n} units, one distribution", n=n)
    steps = np.diff(baseline.depths)
    seen = _apartness(np.arange(n)[None, :], below, steps, sizes)
    dealt = [seen]
    batch = max(1, _CELLS // n)
    for start in range(0, permutations, batch):
        size = min(batch, permutations - start)
        deals = rng.permuted(np.broadcast_to(np.arange(n), (size, n)), axis=1)
        dealt.append(_apartness(deals, below, steps, sizes))
    every = np.concatenate(dealt)
    p = (every >= seen * (1 - 1e-9)).mean(axis=0)
    noise = every[1:].mean(axis=0)
    values = [(float(seen[0, i]), float(noise[i]), float(p[i])) for i in range(2)]
    return Distances(*values[0], *values[1], n)


def _apartness(deals: Ints, below: Floats, steps: Floats, sizes: tuple[int, int]) -> Floats:
    """Both distances of each deal; the first units of a deal are the baseline's; shape (B, 2)."""
    member = np.zeros(deals.shape)
    np.put_along_axis(member, deals[:, sizes[0] :], 1.0, axis=1)
    own = member @ below
    gaps = own / sizes[1] - (below.sum(axis=0) - own) / sizes[0]
    energy = np.sqrt(2 * (gaps**2 @ steps))
    return np.column_stack((np.abs(gaps) @ steps, energy))


class Class(NamedTuple):
    """The share of units in one class of depth."""

    least: float
    """Least depth of the class; it ends before the next one's."""
    shares: ByArm


def depth_classes(
    baseline: Depths, candidate: Depths, starts: tuple[float, ...], tails: Tails
) -> list[Class]:
    """Compare the share of units in each class of depth; differences hold for all classes at once.

    Args:
        baseline: The baseline's units.
        candidate: The candidate's, over the same depths.
        starts: Least depth of each class, ascending; what lies below the first is left out of
            the classes, not of the units.
        tails: One-sided error level of each end; over all classes together for differences.
    """
    _alike(baseline, candidate)
    if list(starts) != sorted(set(starts)) or not starts:
        raise ValueError(f"starts {starts} do not ascend")
    place = np.searchsorted(np.asarray(starts), baseline.depths, side="right") - 1
    joint = Tails(tails.low / len(starts), tails.high / len(starts))
    classes = []
    for index, least in enumerate(starts):
        hits = [Hits(int(arm.units[place == index].sum()), arm.n) for arm in (baseline, candidate)]
        own = share_by_arm(hits[0], hits[1], tails)
        difference = share_by_arm(hits[0], hits[1], joint).difference
        classes.append(Class(least, own._replace(difference=difference)))
    return classes


def _alike(baseline: Depths, candidate: Depths) -> None:
    if not np.array_equal(baseline.depths, candidate.depths):
        raise ValueError("both tables must count the same depths")
