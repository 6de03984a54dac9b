"""Migration: which behaviour people had before the release and which one afterwards, by arm."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.core import Absent, Reason, Tails
from shipcall.stats.arms import ByArm, Hits, share_by_arm
from shipcall.stats.multiplicity import holm
from shipcall.stats.sample import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moves:
    """Units of one arm by behaviour before exposure (rows) and afterwards (columns).

    Raises:
        ValueError: On negative counts or a shape that does not fit the names.
    """

    before: tuple[str, ...]
    """Behaviours before anybody was exposed; never ones measured afterwards."""
    after: tuple[str, ...]
    """Behaviours afterwards, with one for those who left: every unit is in one of them."""
    counts: Ints
    """Shape (before, after)."""

    def __post_init__(self) -> None:
        if self.counts.shape != (len(self.before), len(self.after)) or (self.counts < 0).any():
            raise ValueError(
                f"expected counts of {len(self.before)} x {len(self.after)} behaviours"
            )

    def merged(self, other: "Moves") -> "Moves":
        """Add other units of the same arm."""
        if (self.before, self.after) != (other.before, other.after):
            raise ValueError("only tables of the same behaviours can be added")
        return Moves(before=self.before, after=self.after, counts=self.counts + other.counts)


class Move(NamedTuple):
    """Of those who began with one behaviour, the share that ended with another."""

    before: str
    after: str
    shares: ByArm
    """Each arm's own interval at the given tails; the difference at its share of them."""
    p: float
    """Exact two-sided p of "both arms move alike here", in (0, 1]; 1 where an arm is absent."""
    marked: bool
    """Whether the arms differ here beyond noise, over all moves together."""


def migration(baseline: Moves, candidate: Moves, tails: Tails) -> list[Move]:
    """Compare all moves between behaviours, and mark those that differ beyond noise.

    The chance that any move is marked although none differs is at most the sum of the tails:
    Holm's procedure over Fisher's exact p-values of all moves, absent ones counted. The intervals
    of the differences are simultaneous too, at an equal share of each tail, so that all of them
    hold together; because Holm looks again at what is left, a mark may stand beside an interval
    that touches 0.

    Units dealt at random have the same behaviour before exposure in both arms, so a difference
    is the model's doing. Moves within one arm are not: people change by themselves and extremes
    fall back to the middle.

    Args:
        baseline: Counts of the baseline's units.
        candidate: The candidate's, with the same behaviours.
        tails: One-sided error level of each end, over all moves together for differences.

    Returns:
        Row by row, as many as the tables have cells.

    References:
        Fisher (1935), The logic of inductive inference, J. Royal Stat. Soc. 98, 39-82.
        Holm (1979), A simple sequentially rejective multiple test procedure.
    """
    _alike(baseline, candidate)
    share = 1.0 / max(baseline.counts.size, 1)
    joint = Tails(tails.low * share, tails.high * share)
    cells, p_values = [], []
    for i, j in np.ndindex(*baseline.counts.shape):
        hits = _hits(baseline, i, j), _hits(candidate, i, j)
        own = share_by_arm(hits[0], hits[1], tails)
        difference = share_by_arm(hits[0], hits[1], joint).difference
        cells.append((baseline.before[i], baseline.after[j], own._replace(difference=difference)))
        p_values.append(fisher_exact(hits[0], hits[1]))
    marks = holm(p_values, tails.low + tails.high)
    return [
        Move(*cell, p, mark.rejected) for cell, p, mark in zip(cells, p_values, marks, strict=True)
    ]


def _hits(moves: Moves, before: int, after: int) -> Hits:
    return Hits(int(moves.counts[before, after]), int(moves.counts[before].sum()))


def fisher_exact(baseline: Hits, candidate: Hits) -> float:
    """Ask how likely so uneven a split of the events is where both arms have one share.

    Two-sided: sums the chance of every split that is no likelier than the one seen.

    Returns:
        The exact p, in (0, 1]; 1 where an arm has no unit.
    """
    if min(baseline.units, candidate.units) == 0:
        return 1.0
    events = baseline.events + candidate.events
    least, most = max(0, events - baseline.units), min(events, candidate.units)
    chances = _hypergeometric(np.arange(least, most + 1), events, baseline.units, candidate.units)
    seen = chances[candidate.events - least]
    return float(min(np.sum(chances[chances <= seen * (1 + 1e-7)]) / np.sum(chances), 1.0))


def _hypergeometric(own: Ints, events: int, baseline: int, candidate: int) -> Floats:
    """Chance of each number of the candidate's events, up to a factor."""

    def choose(n: int, k: Ints) -> Floats:
        return np.asarray(-special.betaln(n - k + 1.0, k + 1.0))

    log = choose(candidate, own) + choose(baseline, events - own)
    return np.asarray(np.exp(log - log.max()))


class Homogeneity(NamedTuple):
    """Whether the arms move alike in all."""

    distance: float
    """Pearson's chi-squared, summed over behaviours before exposure."""
    noise: float
    """Its mean where arms move alike, as dealt out again."""
    p: float
    """In (0, 1]."""
    n: int


def homogeneity(
    baseline: Moves, candidate: Moves, rng: np.random.Generator, *, permutations: int = 1_999
) -> Homogeneity | Absent:
    """Ask whether both arms move alike in all, exactly also where cells are nearly empty.

    Units are dealt to the arms again and again within each behaviour before exposure; p counts
    the deals at least as uneven as the one seen, itself included, so it holds its level at any
    size. Assumes independent units.

    Args:
        baseline: Counts of the baseline's units.
        candidate: The candidate's, with the same behaviours.
        rng: Deals the units.
        permutations: Number of deals.

    Returns:
        Absent where no behaviour has units of both arms, or all of them moved to the same one.
    """
    _alike(baseline, candidate)
    arms = np.stack((baseline.counts, candidate.counts))
    n = int(arms.sum())
    kept = arms.sum(axis=2).min(axis=0) > 0
    spread = np.count_nonzero(arms.sum(axis=0), axis=1) > 1
    if not (kept & spread).any():
        detail = "no behaviour with units of both arms and more than one way to go"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=n)
    seen, dealt = 0.0, np.zeros(permutations)
    for i in np.flatnonzero(kept & spread):
        whole, own = arms[:, i].sum(axis=0), int(arms[1, i].sum())
        draws = rng.multivariate_hypergeometric(whole, own, size=permutations, method="marginals")
        seen += float(_uneven(arms[1, i][None, :], whole, own)[0])
        dealt += _uneven(draws, whole, own)
    beyond = int(np.count_nonzero(dealt >= seen * (1 - 1e-12)))
    return Homogeneity(seen, float(dealt.mean()), (1 + beyond) / (1 + permutations), n)


def _uneven(own: Ints, whole: Ints, size: int) -> Floats:
    """Pearson's chi-squared of a two-row table, for each draw of the second row."""
    reached = whole > 0
    share = size / whole.sum()
    expected = whole[reached] * share
    parts = (own[:, reached] - expected) ** 2 / (expected * (1 - share))
    return np.asarray(parts.sum(axis=1), dtype=np.float64)


def _alike(baseline: Moves, candidate: Moves) -> None:
    if (baseline.before, baseline.after) != (candidate.before, candidate.after):
        raise ValueError("the arms must have the same behaviours, in the same order")
