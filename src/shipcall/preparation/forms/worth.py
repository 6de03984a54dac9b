"""Worth: what building a feature first brings in, over everything nobody knows exactly.

Of the errors that a model makes which learned from 100 rows or fewer, `(rows / 100) ** -exponent`
are left with more. A year of use is counted month by month, and rows that come back are learned
from in the month after. A feature that shares a pipeline makes the other of the pair cheaper,
which counts where that other then pays for itself or loses less by it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from shipcall.core import UsageError
from shipcall.preparation.forms.portfolio import Portfolio, draw_portfolio, drawn_numbers
from shipcall.preparation.material import Material

DRAWS = 20_000
BEGIN = 100.0
"""Rows from which on a model is better than having none."""
MONTHS = 12
FLOOR = 0.01
"""Probabilities are read as at least this, and at most one minus this."""
BINS = 20
CLEAR = 3.0
"""Standard errors from which on a gain is taken for one: up to thirty numbers are looked at."""
SURE = 0.9
"""Where one feature is first in more draws than that, there is nothing to decide."""
TRIALS = 2_000
ATTEMPTS = 100

Numbers = Mapping[tuple[str, str], np.ndarray]


class DvlAnswer(Material):
    """The order in which a person would build, and how sure they are of the first."""

    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Of the portfolio that is answered."""
    order: tuple[str, ...]
    """Every feature, the one to be built first in front."""
    probability: Annotated[float, Field(ge=0, le=1)]
    """That the first of the order is worth most to build first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One feature over all draws."""

    slug: str
    first: float
    """Probability that it is worth most to build first."""
    worth: float
    """Expected EUR in a year less the cost, with what a shared pipeline saves."""
    low: float
    """A tenth of the draws lies below, in EUR."""
    high: float
    """A tenth lies above."""
    per_cost: float
    """Expected EUR that come in, for each EUR of expected cost."""
    wanted: float
    """Reach times pain over months: what a ranking by pain puts in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """One number that nobody knows exactly."""

    feature: str
    number: str
    worth: float
    """Expected EUR gained by knowing it before choosing the first feature."""
    error: float
    """Standard error of it."""
    shown: bool
    """Is it more than chance in the draws would make of nothing?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What putting one feature first costs."""

    first: str
    loses: float
    """Expected EUR against the best first feature."""
    share: float
    """Of the stake, which is best less worst; 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DvlScore:
    """An order held against the draws."""

    features: tuple[Ranked, ...]
    """The best first."""
    chosen: Choice
    by_pain: Choice
    """What a ranking by pain would have put first."""
    stake: float
    """Expected EUR between the best and the worst first feature."""
    pairs: float
    """Expected share of pairs that the order has right."""
    best_pairs: float
    """The same for the order by expected worth."""
    probability: float
    """As stated."""
    bits: float
    """Expected log score of it, base 2; 0 would be knowing."""
    bits_lost: float
    """Less than the log score of the true probability; 0 is best."""
    unknowns: tuple[Unknown, ...]
    """What is worth knowing first in front."""
    all_known: float
    """Expected EUR gained by knowing everything before choosing."""
    draws: int
    error: float
    """Standard error of the probabilities from drawing so often, at most."""


def left(rows: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """Give the share of errors that is left after learning from rows.

    Args:
        rows: Clean rows with a label.
        exponent: Of the learning curve, above 0.
    """
    shares: np.ndarray = np.maximum(rows / BEGIN, 1.0) ** -exponent
    return shares


def income(drawn: Numbers, slug: str) -> np.ndarray:
    """Give what a feature brings in over its first year, in EUR, before any cost."""
    monthly = drawn[slug, "volume"] / MONTHS
    rows = drawn[slug, "rows"]
    came = [
        1.0 - left(rows + month * monthly * drawn[slug, "returned"], drawn[slug, "exponent"])
        for month in range(MONTHS)
    ]
    total: np.ndarray = monthly * drawn[slug, "value"] * np.sum(came, axis=0)
    return total


def worths(portfolio: Portfolio, drawn: Numbers) -> np.ndarray:
    """Give what each feature is worth when it is built first.

    Returns:
        EUR, of shape (draws, features), in the order of the portfolio.
    """
    slugs = portfolio.slugs
    alone = np.column_stack([income(drawn, slug) - drawn[slug, "cost"] for slug in slugs])
    worth = alone.copy()
    if portfolio.pair:
        one, other = (slugs.index(slug) for slug in portfolio.pair)
        for place, helped in ((one, other), (other, one)):
            then = np.maximum(alone[:, helped] + portfolio.saves, 0.0)
            worth[:, place] += then - np.maximum(alone[:, helped], 0.0)
    return worth


def contested(seed: int) -> Portfolio:
    """Draw a portfolio that has a feature worth building and no first one beyond doubt.

    Args:
        seed: Where chance comes from, 0 or more; the same seed, the same portfolio.

    Raises:
        UsageError: If none of the attempts is so.
    """
    for attempt in range(ATTEMPTS):
        portfolio = draw_portfolio(seed, attempt)
        rng = np.random.default_rng([seed, attempt, *b"contested"])
        worth = worths(portfolio, drawn_numbers(portfolio, rng, TRIALS))
        firsts = np.bincount(worth.argmax(axis=1)) / TRIALS
        if worth.mean(axis=0).max() > 0 and firsts.max() <= SURE:
            return portfolio
    raise UsageError(f"seed {seed} draws nothing to decide in {ATTEMPTS} attempts. Take another.")


class Gain(NamedTuple):
    """What is expected to be gained by knowing something, in EUR."""

    worth: float
    error: float
    """Standard error from drawing so often."""


def knowing(number: np.ndarray, worth: np.ndarray, *, bins: int = BINS) -> Gain:
    """Give the expected gain from knowing one number before choosing (partial perfect information).

    The draws are sorted by the number and cut into bins. Within each, one half of the draws says
    which column to take and the other half what that brings, then the other way round: so chance
    in a bin is not taken for knowledge. In expectation it is no larger than the truth; by chance
    it can be below 0, or above where nothing is gained, so hold it against its error.

    Args:
        number: Draws of it, of shape (draws,), independent of each other.
        worth: Of each column when it is chosen, of shape (draws, columns).
        bins: Into how many parts of equal size; with at least 4 draws each.
    """
    size = len(number) // bins // 2 * 2
    kept = np.argsort(number, kind="stable")[: size * bins]
    cut = worth[kept].reshape(bins, size, -1)
    gained = np.concatenate(
        [
            _gained(chosen_by.mean(axis=1), brings)
            for chosen_by, brings in ((cut[:, ::2], cut[:, 1::2]), (cut[:, 1::2], cut[:, ::2]))
        ]
    )
    return Gain(float(gained.mean()), float(gained.std() / math.sqrt(len(gained))))


def _gained(means: np.ndarray, brings: np.ndarray) -> np.ndarray:
    """Each draw's worth of the column its bin chooses, less that of the column all choose."""
    informed = np.take_along_axis(brings, means.argmax(axis=1)[:, None, None], axis=2)[..., 0]
    gained: np.ndarray = informed - brings[..., means.mean(axis=0).argmax()]
    return gained.ravel()


def score_order(portfolio: Portfolio, answer: DvlAnswer) -> DvlScore:
    """Hold an order and a probability against what the ranges say.

    Args:
        portfolio: The features that were shown.
        answer: The order of all of them, and how sure the person is of the first.

    Raises:
        UsageError: If the order does not name each feature once, or another seed is answered.
    """
    _refuse_other_order(portfolio, answer)
    rng = np.random.default_rng([portfolio.seed, *b"worth"])
    drawn = drawn_numbers(portfolio, rng, DRAWS)
    worth = worths(portfolio, drawn)
    features = _ranked(portfolio, drawn, worth)
    found = {one.slug: one for one in features}
    chance = found[answer.order[0]].first
    stake = features[0].worth - features[-1].worth
    wanted = max(features, key=lambda one: one.wanted)
    stated = min(max(answer.probability, FLOOR), 1 - FLOOR)
    return DvlScore(
        features=features,
        chosen=_choice(found[answer.order[0]], features[0], stake),
        by_pain=_choice(wanted, features[0], stake),
        stake=stake,
        pairs=_pairs_right([portfolio.slugs.index(slug) for slug in answer.order], worth),
        best_pairs=_pairs_right([portfolio.slugs.index(one.slug) for one in features], worth),
        probability=answer.probability,
        bits=_bits(chance, stated),
        bits_lost=_bits(chance, chance) - _bits(chance, stated),
        unknowns=_unknowns(drawn, worth),
        all_known=float(worth.max(axis=1).mean() - worth.mean(axis=0).max()),
        draws=DRAWS,
        error=0.5 / math.sqrt(DRAWS),
    )


def _refuse_other_order(portfolio: Portfolio, answer: DvlAnswer) -> None:
    if answer.seed is not None and answer.seed != portfolio.seed:
        raise UsageError(
            f"the answer is to seed {answer.seed}, the portfolio is of seed {portfolio.seed}. "
            "Leave --seed out, or answer the portfolio that it shows."
        )
    if sorted(answer.order) != sorted(portfolio.slugs):
        raise UsageError(
            f"order names {', '.join(map(repr, answer.order)) or 'nothing'}. Name each of these "
            f"once, the first to build in front: {', '.join(portfolio.slugs)}."
        )


def _ranked(portfolio: Portfolio, drawn: Numbers, worth: np.ndarray) -> tuple[Ranked, ...]:
    count = len(portfolio.features)
    firsts = np.bincount(worth.argmax(axis=1), minlength=count) / len(worth)
    lows, highs = np.quantile(worth, (0.1, 0.9), axis=0)
    found = [
        Ranked(
            slug=one.slug,
            first=float(firsts[place]),
            worth=float(worth[:, place].mean()),
            low=float(lows[place]),
            high=float(highs[place]),
            per_cost=float(income(drawn, one.slug).mean() / drawn[one.slug, "cost"].mean()),
            wanted=one.reach * one.pain / one.months,
        )
        for place, one in enumerate(portfolio.features)
    ]
    return tuple(sorted(found, key=lambda one: -one.worth))


def _choice(first: Ranked, best: Ranked, stake: float) -> Choice:
    loses = best.worth - first.worth
    return Choice(first=first.slug, loses=loses, share=loses / stake if stake > 0 else 0.0)


def _pairs_right(places: Sequence[int], worth: np.ndarray) -> float:
    """Share of pairs in which the earlier is worth more, over all draws."""
    right = [
        (worth[:, one] > worth[:, other]).mean()
        for at, one in enumerate(places)
        for other in places[at + 1 :]
    ]
    return float(np.mean(right))


def _bits(chance: float, stated: float) -> float:
    """Expected log score, base 2, of a stated probability of something with a true chance."""
    parts = ((chance, stated), (1 - chance, 1 - stated))
    return sum(weight * math.log2(told) for weight, told in parts if weight > 0)


def _unknowns(drawn: Numbers, worth: np.ndarray) -> tuple[Unknown, ...]:
    found = []
    for (slug, number), draws in drawn.items():
        gain = knowing(draws, worth)
        shown = gain.worth > CLEAR * gain.error
        found.append(
            Unknown(feature=slug, number=number, worth=gain.worth, error=gain.error, shown=shown)
        )
    return tuple(sorted(found, key=lambda one: (-one.worth, one.feature, one.number)))
