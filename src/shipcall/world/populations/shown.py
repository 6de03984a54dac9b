"""Laws of what lists show, of answers that come late, and of logs that speak of other models."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy import special

from shipcall.core import Estimand
from shipcall.world.populations.compared import K
from shipcall.world.populations.rows import (
    OUTCOMES,
    Drawn,
    Floats,
    Ints,
    Pairs,
    Rng,
    Rows,
    Tabled,
    paired_share,
    truths,
)

KEPT = 0.6
"""Share of the places on which the candidate shows what the baseline shows."""


def _shown(rng: Rng, queries: int, chances: Floats) -> tuple[Ints, Ints]:
    """Fill the places of both models' lists, shape (queries, K) each.

    Args:
        rng: Where chance comes from.
        queries: Lists.
        chances: Of what is shown: of the baseline, and in the places that the candidate fills
            anew; shape (2, items).
    """
    size = (queries, K)
    baseline, fresh = (rng.choice(own.size, size, p=own) for own in chances)
    return baseline, np.where(rng.random(size) < KEPT, baseline, fresh)


def _overall(chances: Floats) -> tuple[Floats, Floats]:
    """Chances over all places of the baseline's lists, and of the candidate's."""
    baseline, anew = chances
    return baseline, KEPT * baseline + (1.0 - KEPT) * anew


def covering_lists(queries: int, items: int) -> Drawn:
    """Lists of five from a catalogue in five shelves; each place shows an item of its own shelf.

    Chances within a shelf fall as a power of the rank: 1 of the baseline, and 1.3 in the places
    that the candidate fills anew, so that over all its places an item has the chance
    0.6 p + 0.4 q. An item of chance c is shown to somebody in n queries with chance
    1 - (1 - c)^n, and the share of the catalogue is the mean of that over the items.

    Args:
        queries: Lists, and the number of them to which the value belongs.
        items: Of the catalogue; five shelves hold a fifth each.
    """
    rank = np.arange(1.0, items // K + 1)
    chances = np.array([rank**-power / (rank**-power).sum() for power in (1.0, 1.3)])
    value = [float(np.mean(1.0 - (1.0 - one) ** queries)) for one in _overall(chances)]
    shelf = np.arange(K) * rank.size

    def draw(rng: Rng) -> Rows:
        query = np.repeat(np.arange(queries), K)
        both = [(one + shelf).ravel() for one in _shown(rng, queries, chances)]
        codes = [query * items + one for one in both]
        lines = np.unique(np.concatenate(codes))
        shown = [np.isin(lines, one).astype(np.float64) for one in codes]
        return Rows(
            baseline=shown[0],
            candidate=shown[1],
            cluster=lines // items,
            columns={
                "item": (lines % items).astype(np.float64),
                "shown_baseline": shown[0],
                "shown_candidate": shown[1],
                "catalogue": np.full(lines.size, float(items)),
            },
        )

    return Drawn(
        name=f"share of {items:,} items shown to somebody, {queries:,} queries of {K} places",
        units=queries,
        truth=truths(*value),
        step=6 * math.sqrt(K * queries) / items * 0.3,
        draw=draw,
    )


def _worth_of_lists(
    queries: int, chances: Floats, read: Callable[[Ints], Floats]
) -> Callable[[Rng], Rows]:
    """Draw what lists are worth; `read` takes classes of items, shape (lists, K)."""

    def draw(rng: Rng) -> Rows:
        baseline, candidate = (read(lists) for lists in _shown(rng, queries, chances))
        return Rows(
            baseline=baseline,
            candidate=candidate,
            cluster=np.arange(queries),
            columns={
                "num_baseline": baseline,
                "den_baseline": np.ones(queries),
                "num_candidate": candidate,
                "den_candidate": np.ones(queries),
            },
        )

    return draw


CATEGORIES = np.array([[0.4, 0.3, 0.2, 0.1], [0.55, 0.25, 0.15, 0.05]])
"""Shares of four categories: of the baseline, and of places that the candidate fills anew."""


def varied_lists(queries: int) -> Drawn:
    """Lists of five items whose categories are drawn place by place.

    Two places of one list are independent, so a pair differs with chance 1 - sum(p^2); p are the
    shares of the categories, for the candidate 0.6 of the baseline's and 0.4 of its own.
    """

    def unlike(category: Ints) -> Floats:
        counts = (category[:, :, None] == np.arange(CATEGORIES.shape[1])).sum(axis=1)
        alike: Floats = (counts * (counts - 1)).sum(axis=1) / (K * (K - 1))
        return 1.0 - alike

    return Drawn(
        name=f"pairs of a list of {K} that differ in category, {queries:,} queries",
        units=queries,
        truth=truths(*(1.0 - float(p @ p) for p in _overall(CATEGORIES))),
        step=3 * 0.2 / math.sqrt(queries),
        draw=_worth_of_lists(queries, CATEGORIES, unlike),
    )


BITS = np.array([1.0, 2.0, 4.0, 8.0])
"""Minus the binary logarithm of how many people have met an item, in four classes of items."""
RARITY = np.array([[0.3, 0.3, 0.3, 0.1], [0.5, 0.3, 0.15, 0.05]])
"""Shares of the classes: of the baseline, and of places that the candidate fills anew."""


def novel_lists(queries: int) -> Drawn:
    """Lists of five items of known popularity; the mean of their bits, sum(p * bits)."""
    return Drawn(
        name=f"bits of the items in a list of {K}, {queries:,} queries",
        units=queries,
        truth=truths(*(float(p @ BITS) for p in _overall(RARITY))),
        step=3 * 1.0 / math.sqrt(queries),
        draw=_worth_of_lists(queries, RARITY, lambda rarity: BITS[rarity].mean(axis=1)),
    )


LATE_AT = 2_000.0
"""Milliseconds from which on an answer is late."""


def late_answers(n: int, late: tuple[float, float]) -> Drawn:
    """Log-normal times of answers, of which a stated share reaches 2,000 ms.

    With a standard deviation of 0.5 in logarithms, log t = log 2000 - 0.5 z where z is the
    normal quantile of 1 less the share. The models share most of what makes an answer slow.

    Args:
        n: Requests.
        late: Share of late answers of each model.
    """
    centre = [math.log(LATE_AT) + 0.5 * float(special.ndtri(share)) for share in late]

    def draw(rng: Rng) -> Rows:
        shared = rng.standard_normal(n)
        times = [np.exp(c + 0.5 * (0.8 * shared + 0.6 * rng.standard_normal(n))) for c in centre]
        return Rows(baseline=times[0], candidate=times[1], cluster=np.arange(n))

    return Drawn(
        name=f"late answers, {100 * late[0]:g} % and {100 * late[1]:g} %, n = {n:,}",
        units=n,
        truth=truths(*late),
        step=3 * math.sqrt(2 * late[1] * (1 - late[1]) / n),
        draw=draw,
        shape=OUTCOMES,
    )


def changed_answers(n: int, differing: float) -> Tabled:
    """Answers of which a stated share is another than the baseline's; as many gained as lost."""
    pairs = Pairs(differing=differing, loss=0.0, right=0.7)
    return replace(
        paired_share(n, pairs),
        name=f"answers of which {100 * differing:g} % differ, n = {n:,}",
        truth={Estimand.CANDIDATE: differing},
        step=3 * math.sqrt(differing * (1.0 - differing) / n),
    )


LOG = np.array([0.3, 0.5, 0.7])
"""Chance with which the log showed the first of two items, in three kinds of queries."""
POLICIES = np.array([0.4, 0.6, 0.5]), np.array([0.2, 0.5, 0.8])
"""The same chance of the baseline and of the candidate."""
REWARDS = np.array([[0.30, 0.20], [0.40, 0.25], [0.20, 0.45]])
"""Chance of a reward for the first and for the second item."""


def expected_rewards() -> Floats:
    """What a reward model says, which is wrong: 0.05 more than four fifths of the truth."""
    said: Floats = 0.05 + 0.8 * REWARDS
    return said


def logged_choices(n: int, kind: str) -> Drawn:
    """Logged choices between two items; a third of the queries is of each of three kinds.

    A model that shows the first item with chance c is worth c r1 + (1 - c) r2, on average over
    the kinds, and that is what the rewards weighed by quotients of chances are in expectation,
    also those corrected by a reward model however wrong it is. The quotient of sums (`snips`) is
    so up to about one part in n.

    Args:
        n: Queries, one logged choice each.
        kind: `ips`, `snips` or `doubly_robust`.
    """
    value = [float(np.mean(c * REWARDS[:, 0] + (1 - c) * REWARDS[:, 1])) for c in POLICIES]

    def draw(rng: Rng) -> Rows:
        of = rng.integers(0, LOG.size, n)
        second = (rng.random(n) >= LOG[of]).astype(np.int64)
        reward = (rng.random(n) < REWARDS[of, second]).astype(np.float64)
        chance = np.where(second == 0, LOG[of], 1.0 - LOG[of])
        columns: dict[str, Floats] = {}
        said = expected_rewards()[of]
        surprise = reward - said[np.arange(n), second] if kind == "doubly_robust" else reward
        for arm, chances in zip(("baseline", "candidate"), POLICIES, strict=True):
            own = chances[of]
            weight = np.where(second == 0, own, 1.0 - own) / chance
            direct = own * said[:, 0] + (1.0 - own) * said[:, 1]
            worth = weight * surprise
            columns[f"num_{arm}"] = direct + worth if kind == "doubly_robust" else worth
            columns[f"den_{arm}"] = weight if kind == "snips" else np.ones(n)
            columns[f"weight_{arm}"] = weight
        return Rows(
            baseline=columns["num_baseline"],
            candidate=columns["num_candidate"],
            cluster=np.arange(n),
            columns=columns | {"surprise": surprise},
        )

    return Drawn(
        name=f"value told from a log, {kind.replace('_', ' ')}, {n:,} choices",
        units=n,
        truth=truths(*value),
        step=3 * 0.6 / math.sqrt(n),
        draw=draw,
    )
