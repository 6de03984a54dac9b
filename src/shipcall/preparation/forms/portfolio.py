"""Portfolio: features of which one is built first, with ranges for what nobody knows exactly.

Data, value and leverage of each are ranges; so is its cost. What the features are about comes
from a file; how many, which, and where their ranges lie is drawn.
"""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from shipcall.preparation.material import Material, Slug, Text

SCALED = ("rows", "value", "volume", "cost")
"""Numbers whose range is moved by the drawing, and whose logarithm is even within the range."""
EVEN = ("returned", "exponent")
"""Numbers that are even within their range, and stay where the file puts them."""
SPREAD = 0.5
"""Standard deviation of the logarithm by which a range is moved."""
FEWEST, MOST = 3, 5


def _in_order(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] >= ends[1]:
        raise ValueError("a range goes from its lower end to its upper end")
    return ends


Range = Annotated[tuple[float, float], AfterValidator(_in_order)]
Positive = Annotated[float, Field(gt=0)]
PositiveRange = Annotated[tuple[Positive, Positive], AfterValidator(_in_order)]
Share = Annotated[float, Field(ge=0, le=1)]


class Idea(Material):
    """A feature that somebody wants."""

    slug: Slug
    title: Text
    data: Text
    """Where its rows come from, in a sentence."""
    rows: PositiveRange
    """Clean rows with a label, today."""
    returned: Annotated[tuple[Share, Share], AfterValidator(_in_order)]
    """Share of predictions that come back as a new clean row with a label."""
    value: PositiveRange
    """Of one right prediction, in EUR."""
    volume: PositiveRange
    """Predictions in a year."""
    exponent: PositiveRange
    """By which errors fall with rows: see `shipcall.preparation.forms.worth`."""
    cost: PositiveRange
    """To build and run it for the year, in EUR."""
    reach: Positive
    """People who asked for it."""
    pain: Annotated[int, Field(ge=1, le=5)] = 3
    """As these people rate it; drawn, so that it says nothing about the worth."""
    months: Positive
    """To build it."""
    pipeline: Slug | None = None
    """Two of the same pipeline share what moves their data."""

    def range_of(self, number: str) -> tuple[float, float]:
        """Give the range of one of its numbers."""
        found: tuple[float, float] = getattr(self, number)
        return found


class Pool(Material):
    """What portfolios are drawn from."""

    story: Text
    idea: Annotated[tuple[Idea, ...], Field(min_length=MOST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """Features to be ordered."""

    seed: int
    story: str
    features: tuple[Idea, ...]
    pair: tuple[str, str] | None
    """Two features that share a pipeline."""
    saves: float
    """EUR by which the second of the pair is cheaper once the first is built; 0: no pair."""

    @property
    def slugs(self) -> tuple[str, ...]:
        """The names of the features, as drawn."""
        return tuple(one.slug for one in self.features)


@lru_cache(maxsize=1)
def pool() -> Pool:
    """Load the features that come along."""
    text = (files("shipcall.preparation.forms") / "dvl.toml").read_text(encoding="utf-8")
    return Pool.model_validate(tomllib.loads(text))


def draw_portfolio(seed: int, attempt: int = 0) -> Portfolio:
    """Draw a portfolio; the same seed and attempt, the same portfolio.

    Args:
        seed: Where chance comes from, 0 or more.
        attempt: Of this seed, from 0: another one where a portfolio leaves nothing to decide.
    """
    rng = np.random.default_rng([seed, attempt, *b"portfolio"])
    known = pool()
    count = int(rng.integers(FEWEST, MOST + 1))
    places = rng.permutation(len(known.idea))[:count]
    features = tuple(_moved(known.idea[int(place)], rng) for place in places)
    pair = _pair(features)
    cost = {one.slug: math.sqrt(one.cost[0] * one.cost[1]) for one in features}
    share = float(rng.uniform(0.3, 0.6))
    saves = float(_rounded(share * min(cost[slug] for slug in pair))) if pair else 0.0
    return Portfolio(
        seed=seed, story=known.story.strip(), features=features, pair=pair, saves=saves
    )


def _moved(idea: Idea, rng: np.random.Generator) -> Idea:
    *moves, wanted = np.exp(rng.normal(0.0, SPREAD, size=len(SCALED) + 1))
    ranges = {
        number: tuple(_rounded(end * move) for end in idea.range_of(number))
        for number, move in zip(SCALED, moves, strict=True)
    }
    asked = {"reach": _rounded(idea.reach * wanted), "pain": int(rng.integers(1, 6))}
    return Idea.model_validate({**idea.model_dump(), **ranges, **asked})


def _pair(features: Sequence[Idea]) -> tuple[str, str] | None:
    """The first two of the same pipeline."""
    for place, one in enumerate(features):
        for other in features[place + 1 :]:
            if one.pipeline is not None and one.pipeline == other.pipeline:
                return one.slug, other.slug
    return None


def _rounded(number: float) -> float:
    """Two digits that count: nobody knows more of a range."""
    return float(f"{number:.1e}")


def drawn_numbers(
    portfolio: Portfolio, rng: np.random.Generator, count: int
) -> Mapping[tuple[str, str], np.ndarray]:
    """Draw every uncertain number of a portfolio from its range, independently.

    Args:
        portfolio: The features.
        rng: Where chance comes from.
        count: How many draws.

    Returns:
        (feature, number) -> draws, of shape (count,).
    """
    drawn = {}
    for one in portfolio.features:
        for number in SCALED:
            low, high = np.log(one.range_of(number))
            drawn[one.slug, number] = np.exp(rng.uniform(low, high, size=count))
        for number in EVEN:
            drawn[one.slug, number] = rng.uniform(*one.range_of(number), size=count)
    return drawn
