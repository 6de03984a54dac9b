"""Laws of labelled scores and probabilities, of calls they lead to, and of latencies."""

import math
from collections.abc import Callable

import numpy as np
from scipy import special

from shipcall.core import Estimand
from shipcall.world.populations.rows import (
    OUTCOMES,
    Contribution,
    Drawn,
    Floats,
    Ints,
    Pairs,
    Rng,
    Rows,
    Shape,
    truths,
)

_GRID = np.linspace(-40.0, 40.0, 40_001)
"""Log odds at which expectations over a beta law are summed."""


def binormal(n: int, auc: float, *, loss: float = 0.02, rows_each: int = 1) -> Drawn:
    """Normal scores of two classes, a quarter positive, of two models that share most noise.

    A shift of sqrt(2) ndtri(A) between unit normals gives the area A. Clusters hold one class
    each, so that every pair of a positive and a negative row lies in two clusters.
    """
    clusters = n // rows_each
    cluster = np.repeat(np.arange(clusters), rows_each)
    label = (cluster < clusters // 4).astype(np.float64)

    def draw(rng: Rng) -> Rows:
        shared = rng.standard_normal(clusters)[cluster]
        scores = [
            0.8 * shared + 0.6 * rng.standard_normal(cluster.size) + _shift(area) * label
            for area in (auc, auc - loss)
        ]
        return Rows(baseline=scores[0], candidate=scores[1], cluster=cluster, label=label)

    each = "" if rows_each == 1 else f" in clusters of {rows_each}"
    return Drawn(
        name=f"binormal scores, AUC {auc:g}, n = {cluster.size:,}{each}, a quarter positive",
        units=clusters,
        truth=truths(auc, auc - loss),
        step=3 * math.sqrt(auc * (1 - auc) / (clusters // 4)),
        draw=draw,
    )


def _shift(auc: float) -> float:
    return math.sqrt(2.0) * float(special.ndtri(auc))


def latencies(n: int, q: float, *, rise: float = 10.0, runs: int = 1) -> Drawn:
    """Lognormal milliseconds around 100; every answer of the candidate is later by `rise`.

    Runs of one item share half of the logarithm's variance, the two models half of what is left.
    """
    cluster = np.repeat(np.arange(n), runs)
    quantile = 100.0 * math.exp(0.3 * float(special.ndtri(q)))
    density = (
        math.exp(-(float(special.ndtri(q)) ** 2) / 2) / math.sqrt(2 * math.pi) / 0.3 / quantile
    )

    def draw(rng: Rng) -> Rows:
        shared = rng.standard_normal(n)[cluster]
        own = rng.standard_normal((2, cluster.size))
        slow = 100.0 * np.exp(0.3 * math.sqrt(0.5) * (shared + own))
        return Rows(baseline=slow[0], candidate=slow[1] + rise, cluster=cluster)

    each = "" if runs == 1 else f" items of {runs} runs"
    return Drawn(
        name=f"latency, quantile {q:g}, {n:,}{each or ' items'}",
        units=n,
        truth=truths(quantile, quantile + rise),
        step=3 * math.sqrt(2 * q * (1 - q) / n) / density,
        draw=draw,
    )


def one_sided_gaps(n: int, before: float, after: float) -> Drawn:
    """Probabilities that are too high everywhere by a constant.

    With a gap of one sign the binned calibration error is the mean gap, whatever the bins.
    """

    def draw(rng: Rng) -> Rows:
        chance = rng.uniform(0.05, 0.85, n)
        label = (rng.random(n) < chance).astype(np.float64)
        return Rows(
            baseline=chance + before, candidate=chance + after, cluster=np.arange(n), label=label
        )

    return Drawn(
        name=f"probabilities too high by {before:g} and {after:g}, n = {n:,}",
        units=n,
        truth=truths(before, after),
        step=0.05,
        draw=draw,
    )


def overconfident(n: int, kept: float) -> Drawn:
    """Probabilities uniform on [0, 1] of which the true chance is drawn towards one half.

    The gap (1 - kept) (c - 1/2) changes its sign at one half, where two of an even number of
    equally wide bins meet: the binned error is (1 - kept) E|c - 1/2| = (1 - kept) / 4.
    """

    def draw(rng: Rng) -> Rows:
        said = rng.random(n)
        label = (rng.random(n) < 0.5 + kept * (said - 0.5)).astype(np.float64)
        baseline = 0.5 + kept * (said - 0.5)
        return Rows(baseline=baseline, candidate=said, cluster=np.arange(n), label=label)

    return Drawn(
        name=f"overconfident probabilities, slope {kept:g}, n = {n:,}",
        units=n,
        truth=truths(0.0, (1.0 - kept) / 4),
        step=0.05,
        draw=draw,
    )


def sharpened(n: int, slopes: tuple[float, float], loss: str, concentration: float = 2.0) -> Drawn:
    """True chances from Beta(a, a); each model multiplies their log odds by its slope.

    Expected losses are sums over a grid of 40,001 log odds from -40 to 40 (trapezoid rule; the
    integrand decays exponentially on both sides, so the rule is exact to rounding).

    Args:
        n: Rows.
        slopes: Slope of each model; 1 is calibrated, more is overconfident.
        loss: "log" (nats) or "brier".
        concentration: a; the less, the surer most rows are.
    """

    def draw(rng: Rng) -> Rows:
        chance = np.clip(rng.beta(concentration, concentration, n), 1e-12, 1 - 1e-12)
        label = (rng.random(n) < chance).astype(np.float64)
        said = [special.expit(slope * special.logit(chance)) for slope in slopes]
        return Rows(baseline=said[0], candidate=said[1], cluster=np.arange(n), label=label)

    words = f"{loss} loss, Beta({concentration:g}), slopes {slopes[0]:g} and {slopes[1]:g}"
    moments = _LossMoments(slopes, _LOSSES[loss], concentration)
    spread = math.sqrt(moments.central(2))
    return Drawn(
        name=f"{words}, n = {n:,}",
        units=n,
        truth=truths(*moments.means),
        step=3 * spread / math.sqrt(n),
        draw=draw,
        shape=Shape(
            contribution=Contribution.SURE_LOSS if loss == "log" else Contribution.OTHER,
            skewness=moments.central(3) / spread**3,
        ),
    )


_Loss = Callable[[Floats], Floats]
"""Log odds given to what then happened -> loss."""

_LOSSES: dict[str, _Loss] = {
    "log": lambda odds: np.logaddexp(0.0, -odds),
    "brier": lambda odds: special.expit(-odds) ** 2,
}


class _LossMoments:
    """Moments of the losses of two models over a beta law of true chances."""

    def __init__(self, slopes: tuple[float, float], loss: _Loss, a: float) -> None:
        density = np.exp(a * special.log_expit(_GRID) + a * special.log_expit(-_GRID))
        self.mass = density / density.sum()
        self.happens = special.expit(_GRID)
        self.losses = [(loss(slope * _GRID), loss(-slope * _GRID)) for slope in slopes]
        self.means = self._mean(*self.losses[0]), self._mean(*self.losses[1])

    def central(self, power: int) -> float:
        """Central moment of candidate minus baseline."""
        (yes_b, no_b), (yes_c, no_c) = self.losses
        mean = self.means[1] - self.means[0]
        return self._mean((yes_c - yes_b - mean) ** power, (no_c - no_b - mean) ** power)

    def _mean(self, yes: Floats, no: Floats) -> float:
        return float(np.sum(self.mass * (self.happens * yes + (1.0 - self.happens) * no)))


def precise_calls(n: int, precision: tuple[float, float]) -> Drawn:
    """Calls of two models with given precision: 30 % positive, of which 70 % are called.

    A negative row is called with chance 0.3 * 0.7 * (1 - precision) / precision / 0.7. Seven
    calls in ten lean on the same draw for both models.
    """
    rates = [0.3 * (1.0 - one) / one for one in precision]

    def draw(rng: Rng) -> Rows:
        positive = rng.random(n) < 0.3
        shared = rng.random(n)
        said = []
        for rate in rates:
            own = np.where(rng.random(n) < 0.7, shared, rng.random(n))
            said.append((own < np.where(positive, 0.7, rate)).astype(np.float64))
        return Rows(
            baseline=said[0],
            candidate=said[1],
            cluster=np.arange(n),
            label=positive.astype(np.float64),
        )

    called = 0.3 * 0.7 / min(precision)
    return Drawn(
        name=f"precision {precision[0]:g} and {precision[1]:g}, n = {n:,}",
        units=n,
        truth=truths(*precision),
        step=3 * math.sqrt(0.16 * 1.2 / (n * called)),
        draw=draw,
        shape=OUTCOMES,
    )


def found_positives(n: int, pairs: Pairs, *, positive: float = 0.2) -> Drawn:
    """Recall: each row is positive with the same chance, and positive rows are 0/1 pairs."""

    def draw(rng: Rng) -> Rows:
        label = rng.random(n) < positive
        outcome = np.where(label, rng.choice(4, n, p=pairs.chances), 3)
        return Rows(
            baseline=(outcome <= 1).astype(np.float64),
            candidate=((outcome == 0) | (outcome == 2)).astype(np.float64),
            cluster=np.arange(n),
            label=label.astype(np.float64),
        )

    return Drawn(
        name=f"recall, n = {n:,}, {100 * positive:g} % positive",
        units=n,
        truth=pairs.truth,
        step=3 * pairs.spread / math.sqrt(n * positive),
        draw=draw,
        shape=OUTCOMES,
    )


def clustered_calls(groups: int, rate: tuple[float, float]) -> Drawn:
    """False-positive rates over rows in clusters: ten negatives and five positives in each.

    A cluster's rates are its models' rates times a factor that is 0.5 or 1.5.
    """
    label = np.tile(np.repeat([0.0, 1.0], [10, 5]), groups)
    cluster: Ints = np.repeat(np.arange(groups), 15)

    def draw(rng: Rng) -> Rows:
        factor = rng.choice([0.5, 1.5], groups)[cluster]
        noise = rng.random((2, cluster.size))
        said = [
            np.where(label > 0, noise[i] < 0.7, noise[i] < rate[i] * factor).astype(np.float64)
            for i in range(2)
        ]
        return Rows(baseline=said[0], candidate=said[1], cluster=cluster, label=label)

    return Drawn(
        name=f"false-positive rates {rate[0]:g} and {rate[1]:g}, {groups:,} clusters",
        units=groups,
        truth=truths(*rate) | {Estimand.CANDIDATE: rate[1]},
        step=3 * math.sqrt(2 * rate[0] / (10 * groups)),
        draw=draw,
        shape=OUTCOMES,
    )
