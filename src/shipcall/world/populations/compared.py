"""Laws of comparisons, of ranked lists and of stated probabilities that are off by a line."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from scipy import special

from shipcall.core import Estimand
from shipcall.world.populations.rows import OUTCOMES, Drawn, Floats, Rng, Rows, Shape, truths
from shipcall.world.populations.scores import binormal

K = 5
"""Places of a list that count."""
LENGTH = 10
"""Items of a list, one of which is worth anything."""


def _own(rate: float) -> dict[Estimand, float]:
    """A win rate and the other model's, which is one less it."""
    return {
        Estimand.CANDIDATE: rate,
        Estimand.BASELINE: 1.0 - rate,
        Estimand.DIFFERENCE: 2.0 * rate - 1.0,
    }


def judged_pairs(items: int, rate: float, *, place: float = 0.1, first: float = 0.5) -> Drawn:
    """Comparisons of items, two each, by a judge who leans to what stands first.

    The candidate wins with chance `rate` + `place` where it stands first and `rate` - `place`
    where it stands second, so the mean of both orders is `rate`, whatever the share of orders.

    Args:
        items: Items, each compared twice.
        rate: True win rate.
        place: What standing first is worth.
        first: Share of comparisons in which the candidate stands first.
    """
    cluster = np.repeat(np.arange(items), 2)

    def draw(rng: Rng) -> Rows:
        ahead = (rng.random(cluster.size) < first).astype(np.float64)
        chance = rate + place * (2.0 * ahead - 1.0)
        merit = rng.random(items)[cluster]
        luck = np.where(rng.random(cluster.size) < 0.5, merit, rng.random(cluster.size))
        won = (luck < chance).astype(np.float64)
        return Rows(
            baseline=1.0 - won, candidate=won, cluster=cluster, columns={"won": won, "first": ahead}
        )

    return Drawn(
        name=f"win rate {rate:g}, first place worth {place:g}, shown first {first:g}, "
        f"{items:,} items twice",
        units=items,
        truth=_own(rate),
        step=3 * 2 * 0.45 / math.sqrt(items),
        draw=draw,
        shape=OUTCOMES,
    )


def corrected_pairs(items: int, labelled: float, rate: float, *, follows: float) -> Drawn:
    """Items that a judge compares, and people a share of them, chosen by lot.

    The judge says what people would with chance `follows`, else the candidate.

    Args:
        items: Items.
        labelled: Chance with which people are asked.
        rate: Share of items of which people prefer the candidate.
        follows: How often the judge says what people would.
    """

    def draw(rng: Rng) -> Rows:
        human = (rng.random(items) < rate).astype(np.float64)
        judge = np.where(rng.random(items) < follows, human, 1.0)
        asked = (rng.random(items) < labelled).astype(np.float64)
        ones = np.ones(items)
        columns = {
            "labelled": asked,
            "chance": ones,
            "truth_baseline": asked * (1.0 - human),
            "truth_candidate": asked * human,
            "machine_baseline": 1.0 - judge,
            "machine_candidate": judge,
        }
        return Rows(
            baseline=1.0 - human, candidate=human, cluster=np.arange(items), columns=columns
        )

    return Drawn(
        name=f"win rate {rate:g}, a judge follows {follows:g}, {items:,} items, "
        f"people on {100 * labelled:g} %",
        units=round(items * labelled),
        truth=_own(rate),
        step=3 * 2 * 0.5 / math.sqrt(items * labelled),
        draw=draw,
        shape=OUTCOMES,
    )


PLACES: Mapping[str, Callable[[Floats], Floats]] = {
    "ndcg": lambda rank: np.where(rank <= K, 1.0 / np.log2(1.0 + rank), 0.0),
    "mrr": lambda rank: np.where(rank <= K, 1.0 / rank, 0.0),
    "map": lambda rank: np.where(rank <= K, 1.0 / rank, 0.0),
    "hit_rate": lambda rank: (rank <= K).astype(np.float64),
    "recall_at_k": lambda rank: (rank <= K).astype(np.float64),
    "precision_at_k": lambda rank: (rank <= K) / K,
}
"""What a list is worth whose only relevant item stands at a rank, by kind of metric, at K."""


def ranked_lists(queries: int, asked: str) -> Drawn:
    """Lists of ten items with one that is relevant; the candidate puts it a little lower.

    Ranks are geometric, cut at ten; half of the queries keep theirs.

    Args:
        queries: Lists.
        asked: A key of PLACES.
    """
    ranks = np.arange(1.0, LENGTH + 1.0)
    before, after = (decay**ranks / (decay**ranks).sum() for decay in (0.70, 0.76))
    worth = PLACES[asked](ranks)
    value = float(before @ worth), float((before + after) @ worth) / 2

    def draw(rng: Rng) -> Rows:
        baseline = rng.choice(ranks, queries, p=before)
        fresh = rng.choice(ranks, queries, p=after)
        candidate = np.where(rng.random(queries) < 0.5, baseline, fresh)
        return Rows(baseline=baseline, candidate=candidate, cluster=np.arange(queries))

    spread = math.sqrt(float(before @ worth**2) - value[0] ** 2)
    return Drawn(
        name=f"{asked.replace('_', ' ')} at {K}, one relevant item of ten, {queries:,} queries",
        units=queries,
        truth=truths(*value),
        step=3 * spread / math.sqrt(queries),
        draw=draw,
        shape=OUTCOMES,
    )


def off_by_a_line(n: int, *, slope: float = 1.0, shift: float = 0.0) -> Drawn:
    """True chances from Beta(2, 2); the candidate states slope times their log odds plus shift.

    The slope of what is so on what is stated is 1 / slope, with an intercept of its own; what has
    to be added to all stated log odds at a slope of 1 is -shift. The baseline is calibrated.

    Args:
        n: Rows.
        slope: Above 1: overconfident; 1 where the intercept is asked for.
        shift: In log odds; 0 where the slope is asked for.
    """

    def draw(rng: Rng) -> Rows:
        chance = np.clip(rng.beta(2.0, 2.0, n), 1e-12, 1 - 1e-12)
        label = (rng.random(n) < chance).astype(np.float64)
        said = special.expit(slope * special.logit(chance) + shift)
        return Rows(baseline=chance, candidate=said, cluster=np.arange(n), label=label)

    words = f"slope {slope:g}" if slope != 1 else f"shift {shift:g}"
    value = (1.0, 1.0 / slope) if slope != 1 else (0.0, -shift)
    return Drawn(
        name=f"stated log odds off by a {words}, n = {n:,}",
        units=n,
        truth=truths(*value),
        step=3 * 2.5 / math.sqrt(n),
        draw=draw,
        shape=Shape(),
    )


def ordered_finds(n: int, auc: float) -> Drawn:
    """The scores of `scores.binormal`, asked for the mean precision over the positive rows.

    With a quarter positive, P(t) = R / (R + 3 F) where R and F are the shares of positive and of
    negative rows above t, and the average precision is the integral of P over R: a sum over
    200,001 thresholds from -10 to 14 (trapezoid rule).
    """
    drawn = binormal(n, auc)
    grid = np.linspace(14.0, -10.0, 200_001)
    areas = []
    for area in (auc, auc - 0.02):
        shift = math.sqrt(2.0) * float(special.ndtri(area))
        found, alarms = special.ndtr(shift - grid), special.ndtr(-grid)
        precision = found / (found + 3.0 * alarms)
        areas.append(float(((precision[1:] + precision[:-1]) / 2 * np.diff(found)).sum()))
    return Drawn(
        name=drawn.name.replace("AUC", "average precision at AUC"),
        units=drawn.units,
        truth=truths(areas[0], areas[1]),
        step=2 * drawn.step,
        draw=drawn.draw,
    )
