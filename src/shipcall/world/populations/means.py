"""Laws of graded rows: bounded and unbounded means, in clusters of any size."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from shipcall.core import Estimand
from shipcall.world.populations.rows import (
    LOG_CONCAVE,
    OUTCOMES,
    Contribution,
    Drawn,
    Floats,
    Ints,
    Rng,
    Rows,
    Shape,
    truths,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A law with mean 0 and variance 1."""

    name: str
    draw: Callable[[Rng, int], Floats]
    skewness: float
    contribution: Contribution = Contribution.LOG_CONCAVE


def _lognormal(sigma: float, contribution: Contribution, name: str) -> Law:
    """exp(sigma z), z standard normal, with w = exp(sigma^2).

    Its mean is sqrt(w), its variance w (w - 1), its skewness (w + 2) sqrt(w - 1).
    """
    w = math.exp(sigma**2)
    mean, spread = math.sqrt(w), math.sqrt(w * (w - 1.0))
    return Law(
        name=f"{name}, tail up",
        draw=lambda rng, n: (np.exp(sigma * rng.standard_normal(n)) - mean) / spread,
        skewness=(w + 2.0) * math.sqrt(w - 1.0),
        contribution=contribution,
    )


def _turned(law: Law) -> Law:
    return replace(
        law,
        name=law.name.replace("up", "down"),
        draw=lambda rng, n: -law.draw(rng, n),
        skewness=-law.skewness,
    )


_GAMMA_HALF = Law(
    name="gamma 0.5, tail up",
    draw=lambda rng, n: (rng.gamma(0.5, size=n) - 0.5) / math.sqrt(0.5),
    skewness=2.0 / math.sqrt(0.5),
    contribution=Contribution.GAMMA_HALF,
)
_MILD = _lognormal(0.5, Contribution.LOGNORMAL_HALF, "lognormal 0.5")
_HEAVY = _lognormal(1.0, Contribution.HEAVY, "lognormal")


LAWS: Mapping[str, Law] = {
    law.name: law
    for law in (
        Law(name="normal", draw=lambda rng, n: rng.standard_normal(n), skewness=0.0),
        Law(
            name="exponential, tail up",
            draw=lambda rng, n: rng.standard_exponential(n) - 1.0,
            skewness=2.0,
        ),
        Law(
            name="exponential, tail down",
            draw=lambda rng, n: 1.0 - rng.standard_exponential(n),
            skewness=-2.0,
        ),
        _HEAVY,
        _turned(_HEAVY),
        _MILD,
        _turned(_MILD),
        _GAMMA_HALF,
        _turned(_GAMMA_HALF),
        Law(
            name="t with 3 df",
            draw=lambda rng, n: rng.standard_t(3, n) / math.sqrt(3.0),
            skewness=0.0,
            contribution=Contribution.SYMMETRIC,
        ),
    )
}
"""The laws from which cluster effects are drawn."""


def cluster_sizes(layout: str, groups: int) -> Ints:
    """Rows of each cluster: "single", "equal" (10), "4 to 16" or "one holds half"."""
    if layout == "single":
        return np.ones(groups, dtype=np.int64)
    if layout == "equal":
        return np.full(groups, 10, dtype=np.int64)
    if layout == "4 to 16":
        return np.linspace(4, 16, groups).astype(np.int64)
    return np.concatenate(([8 * (groups - 1)], np.full(groups - 1, 8))).astype(np.int64)


def cluster_means(law: Law, groups: int, layout: str, *, loss: float = 0.1) -> Drawn:
    """A mean without bounds: clusters differ by the law, rows of one cluster by normal noise.

    Half of a row's variance belongs to its cluster. With one row a cluster there is no noise, so
    that the law of the clusters is all there is.
    """
    sizes = cluster_sizes(layout, groups)
    cluster = np.repeat(np.arange(groups), sizes)
    noise = 0.0 if layout == "single" else 0.5
    scale = 1.0 if layout == "single" else 0.5

    def draw(rng: Rng) -> Rows:
        gain = scale * law.draw(rng, groups)[cluster] - loss
        if noise:
            gain += noise * rng.standard_normal(cluster.size)
        baseline = rng.standard_normal(cluster.size)
        return Rows(baseline=baseline, candidate=baseline + gain, cluster=cluster)

    shares = sizes / cluster.size
    variance = scale**2 * float((shares**2).sum()) + noise**2 / cluster.size
    kept = (1.0 + noise**2 / scale**2 / float(sizes.mean())) ** -1.5
    return Drawn(
        name=f"mean, {law.name}, {groups:,} clusters, {layout}",
        units=groups,
        truth={Estimand.DIFFERENCE: -loss},
        step=3 * math.sqrt(variance),
        draw=draw,
        shape=Shape(contribution=law.contribution, skewness=kept * law.skewness),
    )


def telling_sizes(groups: int, *, loss: float = 0.1) -> Drawn:
    """Large clusters lose more than small ones, and which clusters are large is chance.

    A cluster has 4 or 16 rows with equal chance and loses `loss` / 2 or the rest, so that the
    mean over rows loses (4 * loss / 2 + 16 * large) / 20 = `loss`.
    """
    small, large = 0.5 * loss, (20 * loss - 4 * 0.5 * loss) / 16

    def draw(rng: Rng) -> Rows:
        sizes = np.where(rng.random(groups) < 0.5, 4, 16)
        cluster = np.repeat(np.arange(groups), sizes)
        gain = 0.5 * rng.standard_normal(groups) - np.where(sizes == 4, small, large)
        baseline = rng.standard_normal(cluster.size)
        rows = gain[cluster] + 0.5 * rng.standard_normal(cluster.size)
        return Rows(baseline=baseline, candidate=baseline + rows, cluster=cluster)

    return Drawn(
        name=f"mean, large clusters lose more, {groups:,} clusters of 4 or 16",
        units=groups,
        truth={Estimand.DIFFERENCE: -loss},
        step=3 * 0.7 / math.sqrt(groups),
        draw=draw,
        shape=LOG_CONCAVE,
    )


def grades(n: int) -> Drawn:
    """Bounded grades: Beta(4, 2) for the baseline; the candidate repeats half of them.

    The other half is drawn afresh from Beta(3.5, 2), so that it loses
    (4 / 6 - 3.5 / 5.5) / 2 = 1 / 66.
    """
    before, fresh = 4.0 / 6.0, 3.5 / 5.5

    def draw(rng: Rng) -> Rows:
        baseline = rng.beta(4.0, 2.0, n)
        candidate = np.where(rng.random(n) < 0.5, baseline, rng.beta(3.5, 2.0, n))
        return Rows(baseline=baseline, candidate=candidate, cluster=np.arange(n))

    return Drawn(
        name=f"grade in [0, 1], half repeated, n = {n:,}",
        units=n,
        truth=truths(before, (before + fresh) / 2),
        step=3 * 0.19 / math.sqrt(n),
        draw=draw,
        shape=Shape(contribution=Contribution.CHANGED, changed=0.5),
    )


def ruined(n: int, share: float) -> Drawn:
    """Bounded grades, slightly better on most items and ruined on a few of them.

    Ruined items lose 0.8 on average, the others gain a quarter of the share that is ruined.
    """
    before, gain = 0.85, share / 4
    after = (1.0 - share) * (before + gain) + share * 0.05

    def draw(rng: Rng) -> Rows:
        baseline = rng.uniform(0.8, 0.9, n)
        candidate = np.where(rng.random(n) < share, 0.05, baseline + gain)
        return Rows(baseline=baseline, candidate=candidate, cluster=np.arange(n))

    return Drawn(
        name=f"grade in [0, 1], ruined on {100 * share:g} % of items, n = {n:,}",
        units=n,
        truth=truths(before, after),
        step=3 * (0.8 + gain) * math.sqrt(share * (1 - share) / n),
        draw=draw,
        shape=Shape(
            contribution=Contribution.CHANGED,
            changed=share,
            skewness=(2 * share - 1) / math.sqrt(share * (1 - share)),
        ),
    )


def positive_mean(n: int, shape: float, *, loss: float = 0.02) -> Drawn:
    """A positive mean of 1 of which the candidate loses a share; Gamma, so never below zero.

    The contrast candidate - (1 - loss) baseline is a multiple of fresh - shared, two values of
    the same law: symmetric, and log-concave from a shape of 1 on.
    """

    def draw(rng: Rng) -> Rows:
        baseline, fresh = rng.gamma(shape, 1.0 / shape, (2, n))
        candidate = (1.0 - loss) * (0.5 * baseline + 0.5 * fresh)
        return Rows(baseline=baseline, candidate=candidate, cluster=np.arange(n))

    return Drawn(
        name=f"positive mean, Gamma({shape:g}), n = {n:,}",
        units=n,
        truth=truths(1.0, 1.0 - loss),
        step=3 * math.sqrt(0.5 / shape / n),
        draw=draw,
        shape=LOG_CONCAVE if shape >= 1 else Shape(contribution=Contribution.SYMMETRIC),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Shares of items from a beta law with a given correlation between runs of one item."""

    mean: float
    correlation: float

    def draw(self, rng: Rng, size: int) -> Floats:
        """Draw the share of each item; beta-binomial runs then correlate as stated."""
        both = (1.0 - self.correlation) / self.correlation
        return rng.beta(self.mean * both, (1.0 - self.mean) * both, size)

    def all_right(self, k: int) -> float:
        """Chance that k runs of one item all succeed: B(a + k, b) / B(a, b)."""
        both = (1.0 - self.correlation) / self.correlation
        steps = ((self.mean * both + i) / (both + i) for i in range(k))
        return math.prod(steps)


def repeated(items: int, repeats: Sequence[int] | int, before: Agreement, *, loss: float) -> Drawn:
    """0/1 runs of items: a share per item, half of the items keep theirs with the candidate.

    The other half gets a fresh share from a law whose mean is lower by twice the loss.
    """
    sizes = np.broadcast_to(np.asarray(repeats, dtype=np.int64), (items,))
    cluster = np.repeat(np.arange(items), sizes)
    after = Agreement(mean=before.mean - 2 * loss, correlation=before.correlation)

    def draw(rng: Rng) -> Rows:
        shares = before.draw(rng, items)
        kept = rng.random(items) < 0.5
        moved = np.where(kept, shares, after.draw(rng, items))
        runs = rng.random((2, cluster.size))
        return Rows(
            baseline=(runs[0] < shares[cluster]).astype(np.float64),
            candidate=(runs[1] < moved[cluster]).astype(np.float64),
            cluster=cluster,
        )

    spread = 2 * before.mean * (1 - before.mean)
    inflation = float((sizes**2).sum()) / cluster.size * before.correlation + 1.0
    per = "unequal runs" if sizes.min() < sizes.max() else f"{sizes[0]} runs"
    words = f"{100 * before.mean:g} %, correlation {before.correlation:g}"
    return Drawn(
        name=f"repeated 0/1, {items:,} items of {per}, {words}",
        units=items,
        truth=truths(before.mean, before.mean - loss),
        step=3 * math.sqrt(spread * inflation / cluster.size),
        draw=draw,
        shape=OUTCOMES,
    )


def all_of_k(items: int, repeats: int, k: int, before: Agreement, *, loss: float) -> Drawn:
    """The population of `repeated`, asked for the chance that k runs of an item all succeed."""
    runs = repeated(items, repeats, before, loss=loss)
    after = Agreement(mean=before.mean - 2 * loss, correlation=before.correlation)
    right = before.all_right(k)
    return Drawn(
        name=f"{k} runs all right, {items:,} items of {repeats} runs",
        units=items,
        truth=truths(right, (right + after.all_right(k)) / 2),
        step=3 * 0.5 / math.sqrt(items),
        draw=runs.draw,
        shape=OUTCOMES,
    )


def any_of_k(items: int, repeats: int, k: int, before: Agreement, *, loss: float) -> Drawn:
    """The population of `repeated`, asked for the chance that one of k runs of an item succeeds."""
    runs = repeated(items, repeats, before, loss=loss)
    wrong = [
        Agreement(mean=1.0 - mean, correlation=before.correlation).all_right(k)
        for mean in (before.mean, before.mean - 2 * loss)
    ]
    return Drawn(
        name=f"one of {k} runs right, {items:,} items of {repeats} runs",
        units=items,
        truth=truths(1.0 - wrong[0], 1.0 - sum(wrong) / 2),
        step=3 * 0.5 / math.sqrt(items),
        draw=runs.draw,
        shape=OUTCOMES,
    )


def priced_successes(n: int) -> Drawn:
    """Cost of a run over its success: gamma costs of mean 1, of the candidate 1.05 of it.

    7 in 10 runs of either succeed, whatever they cost.
    """

    def draw(rng: Rng) -> Rows:
        cost = rng.gamma(4.0, 0.25, n)
        fresh = rng.gamma(4.0, 0.25, n)
        succeeded = (rng.random((2, n)) < 0.7).astype(np.float64)
        columns = {
            "num_baseline": cost,
            "den_baseline": succeeded[0],
            "num_candidate": 1.05 * (0.5 * cost + 0.5 * fresh),
            "den_candidate": succeeded[1],
        }
        return Rows(
            baseline=succeeded[0], candidate=succeeded[1], cluster=np.arange(n), columns=columns
        )

    return Drawn(
        name=f"cost of a success, n = {n:,}",
        units=n,
        truth=truths(1.0 / 0.7, 1.05 / 0.7),
        step=3 * 1.3 / math.sqrt(n),
        draw=draw,
        shape=OUTCOMES,
    )


def weighted_pairs(n: int, *, loss: float = 0.04) -> Drawn:
    """0/1 pairs with weights 1 or 5; all of the loss is on the heavy rows, a fifth of all.

    The weighted loss is (0.2 * 5 * heavy) / (0.8 * 1 + 0.2 * 5) = `loss`.
    """
    heavy = loss * 1.8

    def draw(rng: Rng) -> Rows:
        weight = np.where(rng.random(n) < 0.2, 5.0, 1.0)
        fallen = np.where(weight > 1, 0.1 + heavy, 0.1)
        place = rng.random(n)
        return Rows(
            baseline=(place < 0.6 + fallen).astype(np.float64),
            candidate=((place < 0.6) | (place >= 0.9)).astype(np.float64),
            cluster=np.arange(n),
            label=np.ones(n),
            weight=weight,
        )

    return Drawn(
        name=f"weighted 0/1 pairs, weights 1 and 5, n = {n:,}",
        units=n,
        truth=truths(0.7 + loss, 0.7),
        step=3 * 0.62 / math.sqrt(n),
        draw=draw,
        shape=Shape(contribution=Contribution.CHANGED, changed=0.2 * (0.2 + heavy)),
    )
