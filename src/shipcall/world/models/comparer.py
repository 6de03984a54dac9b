"""Comparer: what is so of two answers, and what a judge and people say of them.

    margin = quality of the candidate's answer - quality of the baseline's
           = skills - difficulties that are the models' own + a logistic number

so that what makes an item hard for both models cancels. The candidate's answer is really better
where the margin is above zero. A judge decides by

    margin + own kind + verbosity * log of the ratio of lengths +- position

unless it decides like a coin; a person decides by the margin alone.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.models.quadrature import SHARED_NODES, normal
from shipcall.world.people.cells import Cells, skill
from shipcall.world.truth import ARMS, Judge, World

CANDIDATE, BASELINE, TIE, UNASKED, INVALID = 0, 1, 2, 3, 4
"""What a rater said; UNASKED: it was not shown so, INVALID: an answer was missing."""
_SAID = (CANDIDATE, BASELINE, TIE)
BITS = tuple(itertools.product((0, 1), (0, 1), (0, 1)))
"""Does the candidate's answer win: really, with the baseline's first, with its own first?"""
_STRETCH = 40
_FAR = 9.0


class Kind(NamedTuple):
    """All that was said of one item."""

    judge_baseline_first: int
    judge_candidate_first: int
    person_baseline_first: int
    person_candidate_first: int


def kinds(judge: Judge) -> tuple[Kind, ...]:
    """Name the kinds of items; the last ones are those with a missing answer."""
    once = [(code, UNASKED) for code in _SAID] + [(UNASKED, code) for code in _SAID]
    shown = list(itertools.product(_SAID, _SAID)) if judge.both_orders else once
    broken = [(INVALID, INVALID)] if judge.both_orders else [(INVALID, UNASKED), (UNASKED, INVALID)]
    nobody = (UNASKED, UNASKED)
    people = [nobody, *once]
    pairs = [*itertools.product(shown, people), *((pair, nobody) for pair in broken)]
    return tuple(Kind(*by_judge, *by_person) for by_judge, by_person in pairs)


def said(judge: Judge) -> Floats:
    """Chance of each kind given who would win, shape (bits, kinds); zero for missing answers."""
    table = np.zeros((len(BITS), len(kinds(judge))))
    order = 1.0 if judge.both_orders else 0.5
    for j, kind in enumerate(kinds(judge)):
        if INVALID not in kind:
            alone = kind[2:] == (UNASKED, UNASKED)
            asked = 1 - judge.people if alone else judge.people / 2
            for i, (really, *shown) in enumerate(BITS):
                by_judge = [
                    _says(wins, code, judge.noise, judge.ties)
                    for wins, code in zip(shown, kind[:2], strict=True)
                ]
                by_person = [_says(really, code, 0.0, judge.ties) for code in kind[2:]]
                table[i, j] = order * asked * math.prod(by_judge) * math.prod(by_person)
    return table


def _says(wins: int, code: int, noise: float, ties: float) -> float:
    """Chance that a rater says so of an answer that would win or lose with it."""
    if code == UNASKED:
        return 1.0
    if code == TIE:
        return ties
    sees_it = (code == CANDIDATE) == bool(wins)
    return (1 - ties) * (noise / 2 + (1 - noise) * sees_it)


class Lean(NamedTuple):
    """What a judge adds to the margin."""

    middle: float
    """Own kind, and verbosity at usual lengths."""
    spread: float
    """Standard deviation, as lengths differ from item to item."""
    position: float

    def shown(self, middle: Floats) -> Floats:
        """Add the position: with the baseline's answer first, then with the candidate's."""
        return np.stack([middle - self.position, middle + self.position], axis=-1)


def lean(world: World, judge: Judge) -> Lean:
    """Tell how a judge leans."""
    baseline, candidate = (world.model_of(arm) for arm in ARMS)
    ratio = np.log(candidate.tokens / baseline.tokens)
    spread = np.hypot(baseline.tokens_spread, candidate.tokens_spread)
    return Lean(
        float(judge.own_kind + judge.verbosity * ratio),
        float(abs(judge.verbosity) * spread),
        judge.position,
    )


def winners(world: World, judge: Judge, found: Cells) -> Floats:
    """Chance of each of BITS, shape (strata, bits).

    Over the difference of difficulties by Gauss-Hermite; over lengths by Gauss-Legendre between
    the points at which another order of the three decisions begins.
    """
    given = lean(world, judge)
    at, weights = _pieces(given)
    bounds = np.concatenate([np.zeros((len(at), 1)), -given.shown(at)], axis=1)
    advantage = skill(world, "candidate", found) - skill(world, "baseline", found)
    different, of = np.unique(advantage, return_inverse=True)
    own = math.hypot(*(world.model_of(arm).own_spread for arm in ARMS))
    own_nodes = normal(own, SHARED_NODES)
    chances = np.zeros((len(different), len(BITS)))
    for i, bits in enumerate(BITS):
        won = np.array(bits, dtype=bool)
        low = np.where(won, bounds, -np.inf).max(axis=1)
        high = np.maximum(np.where(won, np.inf, bounds).min(axis=1), low)
        centre = different[:, None, None] + own_nodes.at
        inside = special.expit(centre - low[:, None]) - special.expit(centre - high[:, None])
        chances[:, i] = np.einsum("sud,u,d->s", inside, weights, own_nodes.weights)
    chances /= chances.sum(axis=1, keepdims=True)
    found_chances: Floats = chances[of.ravel()]
    return found_chances


def _pieces(given: Lean) -> tuple[Floats, Floats]:
    """Values of the lean before position, and their chances."""
    if given.spread == 0:
        return np.array([given.middle]), np.ones(1)
    ends = given.middle + given.spread * np.array([-_FAR, _FAR])
    cuts = np.clip([-abs(given.position), abs(given.position)], *ends)
    edges = np.array([ends[0], *cuts, ends[1]])
    x, w = special.roots_legendre(_STRETCH)
    half = np.diff(edges) / 2
    at = (edges[:-1] + half)[:, None] + half[:, None] * x
    density = np.exp(-(((at - given.middle) / given.spread) ** 2) / 2)
    weights = (half[:, None] * w * density).ravel()
    return at.ravel(), weights / weights.sum()


def decided(margin: Floats, leans: Floats) -> Ints:
    """Place in BITS of items with given margins and leans.

    Args:
        margin: Shape (items,).
        leans: With the baseline's answer first and with the candidate's, shape (items, 2).
    """
    wins = np.column_stack([margin > 0, margin[:, None] + leans > 0])
    places: Ints = wins @ np.array([4, 2, 1])
    return places
