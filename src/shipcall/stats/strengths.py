"""Strengths: how strong several models are, from comparisons of two of them at a time."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.bounds import HIDDEN, Lean, student_ends
from shipcall.stats.clusters import Clusters, inner
from shipcall.stats.moments import lean
from shipcall.stats.sample import Floats, Ints

_STEPS = 100
_STILL = 1e-12
"""A step of Newton's method below this changes nothing that is shown."""
_NOTHING = 1e-9
"""A root of summed squares below this is rounding: nothing varies."""
METHOD = "Bradley-Terry, clustered t"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Games:
    """Comparisons of two models each."""

    first: Ints
    """Number of the model that was shown first, from 0; shape (rows,)."""
    second: Ints
    """Number of the other one; shape (rows,)."""
    won: Floats
    """1 where the first won, 0.5 for a tie, 0 where it lost; shape (rows,)."""
    clusters: Clusters
    """Which rows belong together: at least those of one item."""
    models: int
    """How many models there are; one without a row has no strength."""

    @property
    def wins(self) -> Floats:
        """Wins of the row over the column, ties half; shape (models, models)."""
        wins = np.zeros((self.models, self.models))
        np.add.at(wins, (self.first, self.second), self.won)
        np.add.at(wins, (self.second, self.first), 1.0 - self.won)
        return wins


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strengths:
    """Strengths in log odds, and what each cluster adds to their error."""

    ability: Floats
    """Log odds against the first model, which is 0; shape (models,)."""
    influence: Floats
    """What each cluster adds to each ability; shape (clusters, models). Summed squares are the
    variance, the factor G / (G - 1) of few clusters included."""

    def between(self, one: int, other: int, tails: Tails) -> Measured:
        """Estimate the log odds that one model beats another.

        Args:
            one: Number of the model, from 0.
            other: Number of another one.
            tails: One-sided error level of each end.
        """
        weights = np.zeros(self.ability.size)
        weights[one], weights[other] = 1.0, -1.0
        return self.contrast(weights, tails)

    def over_mean(self, one: int, tails: Tails) -> Measured:
        """Estimate by how many log odds a model lies above the mean of all, itself included."""
        weights = np.full(self.ability.size, -1.0 / self.ability.size)
        weights[one] += 1.0
        return self.contrast(weights, tails)

    def contrast(self, weights: Floats, tails: Tails) -> Measured:
        """Estimate a weighted sum of strengths.

        Args:
            weights: Summing to 0; shape (models,).
            tails: One-sided error level of each end.

        Returns:
            The estimate in log odds, clustered t with G - 1 degrees of freedom; Absent where
            every cluster says the same.
        """
        value = float(np.sum(weights * self.ability))
        return _bounded(value, np.sum(self.influence * weights, axis=1), tails)

    def chance(self, first: ArrayLike, second: ArrayLike) -> Floats:
        """Work out the chance that each first model beats the second, in (0, 1)."""
        gap = self.ability[np.asarray(second)] - self.ability[np.asarray(first)]
        return np.asarray(1.0 / (1.0 + np.exp(gap)))


def strengths(games: Games) -> Strengths | Absent:
    """Estimate how strong several models are from comparisons of two of them.

    P(i beats j) = 1 / (1 + exp(b_j - b_i)), b_0 = 0, by maximum likelihood (Newton). A tie is
    half a win for each. The errors are those of the score equations summed by cluster, times
    sqrt(G / (G - 1)), so that the law of single comparisons need not be right. Assumes one order
    of strength for all items, and that the place in which a model is shown changes nothing.

    Args:
        games: The comparisons, of at least two models.

    Returns:
        Absent where strengths have no finite value, because some models won or lost everything
        against the rest or never met it (Ford 1957), or there are too few clusters.

    References:
        Bradley & Terry (1952), Rank analysis of incomplete block designs, Biometrika 39, 324-345.
        Ford (1957), Solution of a ranking problem from binary comparisons, American Mathematical
        Monthly 64(8), 28-33 (when there is a solution).
    """
    wins, clusters = games.wins, games.clusters
    absent = _no_order(wins, clusters)
    if absent is not None:
        return absent
    ability = _fitted(wins)
    found = Strengths(ability=ability, influence=np.zeros((clusters.count, ability.size)))
    surprise = games.won - found.chance(games.first, games.second)
    scores = np.stack(
        [
            clusters.sums(surprise * (1.0 * (games.first == model) - (games.second == model)))
            for model in range(1, ability.size)
        ],
        axis=1,
    )
    own = scores @ np.linalg.inv(_information(wins, ability)[1:, 1:])
    found.influence[:, 1:] = _few(clusters) * own
    return found


class Group(NamedTuple):
    """Models that can be told apart from each other, and not from the others."""

    models: tuple[int, ...]
    beat: bool
    """Some of them won against some outside: with no way back, the group is out of reach above."""
    lost: bool
    """Some of them lost against some outside."""


def groups(wins: Floats) -> list[Group]:
    """Part models into groups within which there is a way of wins from each to each other.

    Only with one group do all strengths have a finite value.

    Args:
        wins: Of the row over the column; shape (models, models).
    """
    reach = _reach(wins)
    both = reach & reach.T
    found = []
    for number, row in enumerate(both):
        members = np.flatnonzero(row)
        if members[0] == number:
            inside = wins[members].copy(), wins[:, members].copy()
            inside[0][:, members] = inside[1][members] = 0.0
            beat, lost = (bool((part > 0).any()) for part in inside)
            found.append(Group(tuple(members.tolist()), beat, lost))
    return found


def first_surplus(seen: Strengths, games: Games, tails: Tails) -> Measured:
    """Estimate how much more often the first of two is preferred than strengths alone would say.

    The mean of won less the chance by strength, so it does not matter whether the stronger model
    stood first more often. Strengths were fitted to the same comparisons, and the error knows.

    Args:
        seen: Strengths from these very comparisons.
        games: The comparisons.
        tails: One-sided error level of each end.

    Returns:
        A difference of shares, in (-1, 1); 0 where place does not count. Where a pair was always
        shown in one order, some of a habit is taken for strength, and this is too near to 0.
    """
    chance = seen.chance(games.first, games.second)
    surplus = games.won - chance
    value = float(surplus.mean())
    moved = np.zeros(seen.ability.size)
    pull = chance * (1.0 - chance) / chance.size
    np.add.at(moved, games.first, pull)
    np.add.at(moved, games.second, -pull)
    own = _few(games.clusters) * games.clusters.sums(surplus - value) / chance.size
    return _bounded(value, own - np.sum(seen.influence * moved, axis=1), tails)


def one_order(games: Games) -> list[tuple[int, int]]:
    """List pairs of which one and the same model always stood first, as (first, second)."""
    shown = set(zip(games.first.tolist(), games.second.tolist(), strict=True))
    return sorted(pair for pair in shown if pair[::-1] not in shown)


def _few(clusters: Clusters) -> float:
    return math.sqrt(clusters.count / (clusters.count - 1.0))


def _bounded(value: float, influence: Floats, tails: Tails) -> Measured:
    count = influence.size
    variance = inner(influence, influence)
    if variance < _NOTHING**2:
        return Absent(reason=Reason.CONSTANT, detail="every cluster says the same", n=count)
    seen = min(max(lean(influence, count), -1.0), 1.0)
    unseen = HIDDEN * np.sqrt(6.0) / count
    ends = student_ends(
        value, variance, count - 1.0, tails, Lean(float(unseen - seen), float(unseen + seen))
    )
    return Estimate(value=value, low=ends.low, high=ends.high, tails=tails, n=count, method=METHOD)


def _reach(wins: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Is there a way of wins from the row to the column?"""
    reach = (wins > 0) | np.eye(len(wins), dtype=np.bool_)
    for middle in range(len(wins)):
        reach |= np.outer(reach[:, middle], reach[middle])
    return np.asarray(reach)


def _no_order(wins: Floats, clusters: Clusters) -> Absent | None:
    """Without a way of wins from every model to every other, strengths run away."""
    if not wins.size:
        return Absent(reason=Reason.NO_ROWS, detail="no model was compared")
    if not _reach(wins).all():
        detail = "some models won, or lost, every comparison with the others, or were not compared"
        return Absent(reason=Reason.NOT_CONNECTED, detail=detail, n=clusters.count)
    if clusters.count < 2:
        detail = "all comparisons lie in one cluster"
        return Absent(reason=Reason.TOO_FEW_CLUSTERS, detail=detail, n=clusters.count)
    return None


def _fitted(wins: Floats) -> Floats:
    """Newton's method with halved steps; the likelihood is concave, so it cannot end elsewhere."""
    ability = np.zeros(len(wins))
    for _ in range(_STEPS):
        chance = 1.0 / (1.0 + np.exp(ability[None, :] - ability[:, None]))
        games = wins + wins.T
        gradient = (wins - games * chance).sum(axis=1)
        step = np.linalg.solve(_information(wins, ability)[1:, 1:], gradient[1:])
        step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
        ability[1:] += step
        if np.abs(step).max() < _STILL:
            break
    return ability


def _information(wins: Floats, ability: Floats) -> Floats:
    chance = 1.0 / (1.0 + np.exp(ability[None, :] - ability[:, None]))
    cell = (wins + wins.T) * chance * (1.0 - chance)
    return np.asarray(np.diag(cell.sum(axis=1)) - cell)
