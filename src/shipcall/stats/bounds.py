"""Bounds: the interval ends from which the estimates of means and ratios are put together."""

import math
from typing import NamedTuple

from scipy import special

from shipcall.core.check import Estimand
from shipcall.core.estimate import Tails
from shipcall.stats.pairs import paired_ends
from shipcall.stats.proportions import Ends, binomial_ends
from shipcall.stats.sample import Crosstab, PairSample

EDGE_EVENTS = 30
"""Fewer effective events than this on the rarer side are at the edge of a range."""
EDGE_SHARE = 0.1
"""Closer to an end than this share of the range, ten times as many events are needed."""
HIDDEN = 4 / 3
"""Standard errors of a skewness by which the tail may be longer than the sample shows."""
BEND = 1 / 3
"""Weight of the square of the skewness in `leaning`."""
FARTHEST = 1e100
"""Distances beyond this are not squared as they are: the square would be no number."""


class Lean(NamedTuple):
    """How much the law of an estimate may lean towards each end, as in `Skew`, at most."""

    low: float
    high: float


class Arm(NamedTuple):
    """One model of a sample."""

    value: float
    weight: float
    variance: float
    hits: tuple[int, int] | None
    lean: Lean


def lean_of(sample: PairSample, estimand: Estimand) -> Lean:
    """Bound the skewness of a model's value or, for other estimands, of the difference.

    What was seen, at most the 1 that equal clusters can show, and 4/3 of its standard error
    under normality: few clusters hide their tail.
    """
    seen, unseen = sample.skew.difference, sample.skew.unseen
    if unseen is None:
        unseen = HIDDEN * math.sqrt(6.0) / (sample.df + 1.0)
    if estimand is Estimand.BASELINE:
        seen = sample.skew.baseline
    if estimand is Estimand.CANDIDATE:
        seen = sample.skew.candidate
    if math.isnan(seen):
        return Lean(unseen + 1.0, unseen + 1.0)
    seen = min(max(seen, -1.0), 1.0)
    return Lean(unseen - seen, unseen + seen)


def arm_of(sample: PairSample, estimand: Estimand) -> Arm:
    """Pick the baseline for BASELINE and the candidate for anything else; None becomes 0."""
    if estimand is Estimand.BASELINE:
        value, weight = sample.baseline, sample.weight_baseline
        variance, hits = sample.var_baseline, sample.hits_baseline
        return Arm(value or 0.0, weight, variance, hits, lean_of(sample, estimand))
    value, weight = sample.candidate, sample.weight_candidate
    variance, hits = sample.var_candidate, sample.hits_candidate
    return Arm(value or 0.0, weight, variance, hits, lean_of(sample, Estimand.CANDIDATE))


def quantile(df: float, tail: float) -> float:
    """Find the point which Student's t exceeds with chance `tail`; inf where it is not finite."""
    point = -float(special.stdtrit(df, tail))
    return math.inf if math.isnan(point) else max(point, 0.0)


def student_ends(value: float, variance: float, df: float, tails: Tails, lean: Lean) -> Ends:
    """Give value -+ t * standard error, further out for skewness; the value if nothing varies.

    Args:
        value: The estimate.
        variance: Its variance.
        df: Degrees of freedom of the variance.
        tails: One-sided error level of each end.
        lean: Greatest skewness towards each end.
    """
    error = math.sqrt(variance)
    if error == 0:
        return Ends(value, value)
    low = leaning(quantile(df, tails.low), lean.low)
    return Ends(value - low * error, value + leaning(quantile(df, tails.high), lean.high) * error)


def leaning(point: float, lean: float) -> float:
    """Move a t point outwards for the tail on its side; never inwards.

    With L the greatest skewness that the mean may have, the point becomes
    t + L (1 + 2 t^2) / 6 + L^2 t^3 / 3. The first term is Johnson's. The second, and how far L
    lies above the skewness that was seen, are set by simulation: contributions with the law of
    an exponential variable, the most skewed with a log-concave density, hold their level with
    2 clusters or any greater number, at levels from 0.05 to 0.0025 (design/0011).

    Args:
        point: Student's t at the level of the end.
        lean: Skewness as in `Skew`, positive towards that end.

    References:
        Johnson (1978), Modified t tests and confidence intervals for asymmetrical populations,
        J. Am. Stat. Assoc. 73, 536-544: t + skew (1 + 2 t^2) / 6, solved for the bound.
    """
    if not 0 < point < math.inf or lean <= 0:
        return point
    if point > FARTHEST:
        return math.inf
    return point + lean * (1.0 + 2.0 * point**2) / 6.0 + BEND * lean**2 * point**3


def hull(one: Ends, other: Ends) -> Ends:
    """Find the least interval that holds both."""
    return Ends(min(one.low, other.low), max(one.high, other.high))


def third_side(one: float, other: float, rho: float) -> float:
    """Join the distances of two intervals' ends into that of their difference.

    Args:
        one: Distance of the end that matters of one value.
        other: Distance of the opposite end of the value that is taken away.
        rho: Correlation of the two values.

    References:
        Zou & Donner (2008), Construction of confidence limits about effect measures, Statistics
        in Medicine 27, 1693-1702.
    """
    scale = max(abs(one), abs(other))
    if scale > FARTHEST:
        return scale * third_side(one / scale, other / scale, rho) if scale < math.inf else scale
    return math.sqrt(max(one**2 + other**2 - 2.0 * rho * one * other, 0.0))


def sparse_ends(
    sample: PairSample, limits: tuple[float, float], tails: Tails, *, split: bool
) -> Ends:
    """Bound a difference by the shares of clusters in which anything can have changed.

    A cluster that gains can move the difference by the width of the range times its share of
    the rows; how many such clusters there are at most is an exact binomial bound. Nothing is
    assumed about the sizes of the gains.

    Args:
        sample: Counts of clusters that gained and lost, and the greatest share of one cluster.
        limits: Least and greatest value of a row.
        tails: One-sided error level of each end.
        split: Gains and losses are told apart; otherwise every differing cluster counts as both.
    """
    reach = (limits[1] - limits[0]) * max(sample.largest_share * sample.clusters, 1.0)
    gained, fallen = sample.gained_clusters, sample.lost_clusters
    if not split:
        gained = fallen = min(gained + fallen, sample.clusters)
    return Ends(
        -most(fallen, sample.clusters, tails.low) * reach,
        most(gained, sample.clusters, tails.high) * reach,
    )


def most(events: float, trials: float, tail: float) -> float:
    """Bound a share from above, exactly."""
    return binomial_ends(events, trials, Tails(tail, tail)).high


def rare_ends(value: float, variance: float, sample: PairSample, tails: Tails) -> Ends:
    """Bound a difference that few clusters make, by how often they do it.

    Counts of clusters that gained and lost get the paired interval of 0/1 outcomes, stretched to
    the variance and moved to the value. That carries the skewness which t does not know of: with
    25 losses and no gain t misses in 9 of 100 cases at a level of 0.05. Sizes of gains and losses
    that vary a lot add skewness of their own, which this does not carry.
    """
    clusters, gained, fallen = sample.clusters, sample.gained_clusters, sample.lost_clusters
    table = Crosstab(
        both=0,
        only_baseline=fallen,
        only_candidate=gained,
        neither=clusters - gained - fallen,
    )
    net = (gained - fallen) / clusters
    counted = paired_ends(table, tails)
    size = math.sqrt(variance * clusters / ((gained + fallen) / clusters - net * net))
    return Ends(value - size * (net - counted.low), value + size * (counted.high - net))


def constant_ends(
    value: float, sample: PairSample, limits: tuple[float, float], tails: Tails
) -> Ends:
    """Bound a value that was the same in every cluster by the clusters that could be elsewhere."""
    reach = max(sample.largest_share * sample.clusters, 1.0)
    return Ends(
        value - most(0, sample.clusters, tails.low) * reach * (value - limits[0]),
        value + most(0, sample.clusters, tails.high) * reach * (limits[1] - value),
    )


def at_edge(arm: Arm, limits: tuple[float, float]) -> bool:
    """Is a bounded value so near an end of its range, or known so little, that t is skewed?"""
    events = _events(arm, limits)
    return events < EDGE_EVENTS or (_rarer(arm, limits) < EDGE_SHARE and events < 10 * EDGE_EVENTS)


def edge_ends(arm: Arm, sample: PairSample, limits: tuple[float, float], tails: Tails) -> Ends:
    """Give a bounded value the exact binomial interval of its effective sample size.

    The effective size is that of independent 0/1 rows with the same variance, reduced for the
    degrees of freedom of that variance, and never more than the rows. Those degrees are no more
    than the effective events: a variance that three clusters with events make is known no better
    than from three clusters, however many there are without.

    It is never less than 1 / P, where P is the share of the largest cluster: rows of a cluster
    that always agree make every cluster one row, and a value in a range spreads no further. For
    cluster sums T in [0, m], (T - p m)^2 is convex in T, so its sum is at most
    p (1 - p) max(m) n for p up to one half.

    References:
        Korn & Graubard (1998), Confidence intervals for proportions with small expected number
        of positive counts estimated from survey data, Survey Methodology 24(2), 193-201.
    """
    share, size = _share(arm, limits), _effective(arm, limits)
    df = min(sample.df, _events(arm, limits))
    least = 1.0 / max(sample.largest_share, 1.0 / sample.clusters)
    ends = []
    for tail in tails:
        point = quantile(df, tail)
        ratio = quantile(sample.rows - 1.0, tail) / point if 0 < point < math.inf else 0.0
        trials = max(min(size * ratio**2, float(sample.rows)), least)
        ends.append(binomial_ends(share * trials, trials, Tails(tail, tail)))
    width = limits[1] - limits[0]
    return Ends(limits[0] + width * ends[0].low, limits[0] + width * ends[1].high)


def _share(arm: Arm, limits: tuple[float, float]) -> float:
    return min(max((arm.value - limits[0]) / (limits[1] - limits[0]), 0.0), 1.0)


def _rarer(arm: Arm, limits: tuple[float, float]) -> float:
    share = _share(arm, limits)
    return min(share, 1.0 - share)


def _effective(arm: Arm, limits: tuple[float, float]) -> float:
    share = _share(arm, limits)
    return share * (1.0 - share) * (limits[1] - limits[0]) ** 2 / arm.variance


def _events(arm: Arm, limits: tuple[float, float]) -> float:
    """Effective number of events on the rarer side."""
    return _rarer(arm, limits) * _effective(arm, limits)
