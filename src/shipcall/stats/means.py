"""Means: intervals for two means or ratios on the same rows, their difference and their quotient.

Three ways, chosen by what the sample can bear and never by what the answer would be: exact
methods for 0/1 rows, t with a cluster-robust variance, and bounds on the share of clusters that
differ where too few of them do.
"""

import math
from dataclasses import replace
from typing import NamedTuple

from shipcall.core.check import Estimand
from shipcall.core.estimate import Absent, Estimate, Measured, Tails
from shipcall.core.reasons import Reason
from shipcall.stats.bounds import (
    Arm,
    arm_of,
    at_edge,
    constant_ends,
    edge_ends,
    hull,
    lean_of,
    leaning,
    quantile,
    rare_ends,
    sparse_ends,
    student_ends,
)
from shipcall.stats.fill import fills
from shipcall.stats.pairs import paired_difference
from shipcall.stats.proportions import Ends, clopper_pearson
from shipcall.stats.sample import PairSample

FEW_CLUSTERS = 10
"""Fewer differing clusters than this, and no more than half of all, are sparse: t would lie."""
FEW_FOR_QUOTIENT = 60
"""Below this many differing clusters a quotient is bounded from its parts."""
FEW_EVENTS = 10
"""Fewer events than this in either model carry no quotient."""
FEW_COUNTING = 30
"""Denominators that differ between the models need at least this weight each."""
_NOISE = 1e-14
"""A variance below this share of its parts is rounding."""


def pair_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate a difference, a relative change or one model's value, each end at its own level.

    Assumes independent clusters. Each end holds alone: an interval with tails (0.05, 0.0025) is
    two one-sided statements. An end misses no more often than its level, from 0.05 to 0.0025, in
    these classes; design/0011 and design/0016 have the measured rates.

    | what clusters contribute | holds from |
    |---|---|
    | 0/1 outcomes, one per cluster | 1 outcome; a difference from 1 pair |
    | a log-concave density: normal, uniform, exponential either way, Laplace, gamma from shape 1 |
      2 clusters |
    | symmetric with heavier tails: t with 3 degrees of freedom | 2 clusters |
    | log-normal, sigma 0.5 | 2 clusters |
    | gamma with shape 0.5 | 300 clusters |
    | small changes, and ruin in a share p of the clusters | p * clusters = -log(level): 3 at 0.05,
      6 at 0.0025 |
    | 0/1 rows in clusters that agree (intraclass correlation to 0.5) | 2 clusters |

    Outside, the data cannot tell: a tail that was not drawn leaves no trace. Log-normal effects
    with sigma 1, Pareto tails, and the log loss of a model that is often sure, with fewer than
    some hundred units, miss more often than promised. Few clusters make wide ends: at level 0.05
    and normal effects, 2.4 times Student's with 5, 1.4 times with 10, 1.09 with 30, 1.02 with 100.

    Args:
        sample: Sums of the rows, from `pair_sample` or from another statistic that fills it.
        estimand: DIFFERENCE (candidate - baseline), RELATIVE (candidate / baseline - 1, by
            Fieller), CANDIDATE or BASELINE.
        tails: One-sided error level of each end.

    Returns:
        The estimate, widened by what lost rows could have said at worst; or Absent where there
        are fewer than two clusters, a denominator is zero, nothing varies and no range is known,
        rows are lost and no range bounds them, or events are too few for the estimand.

    References:
        Fieller (1954), Some problems in interval estimation, J. R. Stat. Soc. B 16(2), 175-185.
        Korn & Graubard (1998), Confidence intervals for proportions with small expected number
        of positive counts estimated from survey data, Survey Methodology 24(2), 193-201.
    """
    absent = _unusable(sample, estimand)
    if absent:
        return absent
    seen = _seen(sample, estimand, tails)
    if isinstance(seen, Absent) or not sample.lost.rows:
        return seen
    low, high = seen.low, seen.high
    for filled in fills(sample):
        measured = _seen(filled, estimand, tails)
        if isinstance(measured, Absent):
            return measured
        low, high = min(low, measured.low), max(high, measured.high)
    method = f"{seen.method}, worst-case fill of {sample.lost.rows} rows"
    return replace(seen, low=low, high=high, method=method)


def _seen(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate from the rows of a sample as if none were lost."""
    if estimand is Estimand.DIFFERENCE:
        return _difference(sample, tails)
    if estimand is Estimand.RELATIVE:
        return _relative(sample, tails)
    return _single(arm_of(sample, estimand), sample, tails)


class _Draft(NamedTuple):
    """An interval before possible values are considered."""

    value: float
    ends: Ends
    method: str


def _unusable(sample: PairSample, estimand: Estimand) -> Absent | None:
    needed = {Estimand.BASELINE: (sample.baseline,), Estimand.CANDIDATE: (sample.candidate,)}
    values = needed.get(estimand, (sample.baseline, sample.candidate))
    if estimand is Estimand.COUNT:
        raise ValueError("a count is a fact about the evidence; use census")
    if sample.rows == 0:
        return _absent(sample, Reason.NO_ROWS, "no row counts for either model")
    if any(value is None or not math.isfinite(value) for value in values):
        return _absent(sample, Reason.UNDEFINED, "a denominator is zero or a sum is not finite")
    if sample.clusters < 2 or not sample.df > 0:
        detail = f"{sample.clusters} clusters, {sample.df:.3g} degrees of freedom"
        return _absent(sample, Reason.TOO_FEW_CLUSTERS, detail)
    return _untrusted(sample, values)


def _untrusted(sample: PairSample, values: tuple[float | None, ...]) -> Absent | None:
    spread = (sample.var_baseline, sample.var_candidate, sample.covariance)
    if not all(math.isfinite(part) for part in spread):
        return _absent(sample, Reason.UNDEFINED, "the spread of the values is not finite")
    if sample.lost.rows and sample.lost.range is None:
        return _absent(sample, Reason.ROWS_MISSING, f"{sample.lost.rows} rows lost, no range")
    if not _in_range(sample, values):
        return _absent(sample, Reason.UNSOUND, f"a value lies outside the range {sample.range}")
    return None


def _absent(sample: PairSample, reason: Reason, detail: str) -> Absent:
    return Absent(reason=reason, detail=detail, n=sample.clusters)


def _in_range(sample: PairSample, values: tuple[float | None, ...]) -> bool:
    if sample.range is None:
        return True
    low, high = sample.range
    slack = 1e-9 * (high - low)
    return all(low - slack <= (value or 0.0) <= high + slack for value in values if value)


def _difference(sample: PairSample, tails: Tails) -> Measured:
    draft = _difference_draft(sample, tails)
    if isinstance(draft, Absent):
        return draft
    limits = sample.range
    width = limits[1] - limits[0] if limits else math.inf
    possible = Ends(-width, width)
    return _settled(sample, draft, possible, tails)


def _difference_draft(sample: PairSample, tails: Tails) -> _Draft | Absent:
    sample = _compared(sample)
    if sample.crosstab:
        return _drafted(sample, paired_difference(sample.crosstab, tails))
    uneven = _uneven(sample)
    least = min(sample.weight_baseline, sample.weight_candidate)
    if uneven and least < FEW_COUNTING:
        return _absent(sample, Reason.TOO_FEW_EVENTS, f"only {least:g} rows count in one model")
    value = arm_of(sample, Estimand.CANDIDATE).value - arm_of(sample, Estimand.BASELINE).value
    parts = sample.var_baseline + sample.var_candidate
    variance = max(parts - 2.0 * sample.covariance, 0.0)
    constant = _rounding(variance, parts, sample)
    lean = lean_of(sample, Estimand.DIFFERENCE)
    student = student_ends(value, 0.0 if constant else variance, sample.df, tails, lean)
    if not (constant or _differing_below(FEW_CLUSTERS, sample)):
        if not _differing_below(sample.clusters, sample):
            return _Draft(value, student, "clustered t, CR2")
        ends = hull(student, rare_ends(value, variance, sample, tails))
        return _Draft(value, ends, "clustered t, CR2, and score of clusters that differ")
    if sample.range is None:
        differing = sample.gained_clusters + sample.lost_clusters
        reason = Reason.CONSTANT if constant else Reason.TOO_FEW_EVENTS
        return _absent(sample, reason, f"{differing} of {sample.clusters} clusters differ")
    return _Draft(
        value, hull(student, sparse_ends(sample, sample.range, tails, split=not uneven)), _SPARSE
    )


def _compared(sample: PairSample) -> PairSample:
    """The sample with the degrees of freedom of what compares the two models."""
    if sample.df_apart is None:
        return sample
    return replace(sample, df=min(sample.df, sample.df_apart))


_SPARSE = "sparse: exact share of clusters that differ"


def _drafted(sample: PairSample, measured: Measured) -> _Draft | Absent:
    if isinstance(measured, Absent):
        return _absent(sample, measured.reason, measured.detail)
    return _Draft(measured.value, Ends(measured.low, measured.high), measured.method)


def _uneven(sample: PairSample) -> bool:
    """Do the denominators of the two models differ?"""
    if sample.hits_baseline and sample.hits_candidate and sample.crosstab is None:
        return True
    return not math.isclose(sample.weight_baseline, sample.weight_candidate, rel_tol=1e-12)


def _differing_below(bound: int, sample: PairSample) -> bool:
    """Do fewer clusters than this differ, and at most half of all?"""
    differing = sample.gained_clusters + sample.lost_clusters
    return differing < bound and 2 * differing <= sample.clusters


def _rounding(variance: float, parts: float, sample: PairSample) -> bool:
    """Is a variance no more than the rounding of the numbers it was made of?"""
    digit = 1e-13 * max(abs(sample.baseline or 0.0), abs(sample.candidate or 0.0))
    return variance <= max(_NOISE * parts, digit * digit)


def _single(arm: Arm, sample: PairSample, tails: Tails) -> Measured:
    draft = _single_draft(arm, sample, tails)
    if isinstance(draft, Absent):
        return draft
    possible = Ends(*(sample.range or (-math.inf, math.inf)))
    return _settled(sample, draft, possible, tails)


def _single_draft(arm: Arm, sample: PairSample, tails: Tails) -> _Draft | Absent:
    if arm.hits:
        return _drafted(sample, clopper_pearson(*arm.hits, tails))
    limits = sample.range
    if _rounding(arm.variance, 0.0, sample):
        if limits is None:
            return _absent(sample, Reason.CONSTANT, f"{sample.clusters} clusters, one value")
        ends = constant_ends(arm.value, sample, limits, tails)
        return _Draft(arm.value, ends, "exact share of clusters at another value")
    student = student_ends(arm.value, arm.variance, sample.df, tails, arm.lean)
    if limits is None or not at_edge(arm, limits):
        return _Draft(arm.value, student, "clustered t, CR2")
    ends = hull(student, edge_ends(arm, sample, limits, tails))
    return _Draft(arm.value, ends, "Korn-Graubard, clustered")


def _settled(sample: PairSample, draft: _Draft, possible: Ends, tails: Tails) -> Measured:
    low = min(max(draft.ends.low, possible.low), draft.value)
    high = max(min(draft.ends.high, possible.high), draft.value)
    if math.isnan(low) or math.isnan(high) or not low < high:
        detail = f"{draft.method}: no interval around {draft.value:g}"
        return _absent(sample, Reason.CONSTANT, detail)
    return Estimate(
        value=draft.value, low=low, high=high, tails=tails, n=sample.clusters, method=draft.method
    )


def _relative(sample: PairSample, tails: Tails) -> Measured:
    absent = _no_quotient(sample)
    if absent:
        return absent
    parts = sample.var_baseline + sample.var_candidate
    constant = _rounding(max(parts - 2.0 * sample.covariance, 0.0), parts, sample)
    if constant or _differing_below(FEW_FOR_QUOTIENT, sample):
        return _relative_sparse(sample, tails)
    return _fieller(sample, tails)


def _no_quotient(sample: PairSample) -> Absent | None:
    arms = arm_of(sample, Estimand.BASELINE), arm_of(sample, Estimand.CANDIDATE)
    if arms[0].value <= 0:
        detail = f"the baseline is {arms[0].value:g}: a relative change has no direction"
        return _absent(sample, Reason.BASELINE_NEAR_ZERO, detail)
    least = min(arm.weight for arm in arms)
    if _uneven(sample) and least < FEW_COUNTING:
        return _absent(sample, Reason.TOO_FEW_EVENTS, f"only {least:g} rows count in one model")
    if sample.range is not None and sample.range[0] == 0:
        events = min(
            arm.hits[0] if arm.hits else arm.value * arm.weight / sample.range[1] for arm in arms
        )
        if events < FEW_EVENTS:
            return _absent(sample, Reason.TOO_FEW_EVENTS, f"only {events:g} events in one model")
    return None


def _relative_sparse(sample: PairSample, tails: Tails) -> Measured:
    """Divide the bounds of the difference by those of the baseline, half the error for each."""
    half = Tails(tails.low / 2, tails.high / 2)
    difference = _difference(sample, half)
    baseline = _single(arm_of(sample, Estimand.BASELINE), sample, Tails(min(half), min(half)))
    if isinstance(difference, Absent) or isinstance(baseline, Absent):
        return difference if isinstance(difference, Absent) else baseline
    if baseline.low <= 0:
        return _near_zero(sample)
    ends = Ends(
        difference.low / (baseline.low if difference.low < 0 else baseline.high),
        difference.high / (baseline.high if difference.high < 0 else baseline.low),
    )
    value = difference.value / baseline.value
    return Estimate(
        value=value,
        low=min(max(ends.low, _least_relative(sample)), value),
        high=max(ends.high, value),
        tails=tails,
        n=sample.clusters,
        method=f"quotient of bounds ({difference.method})",
    )


def _near_zero(sample: PairSample) -> Absent:
    detail = f"a baseline of {sample.baseline or 0.0:g} cannot be told from zero"
    return _absent(sample, Reason.BASELINE_NEAR_ZERO, detail)


def _least_relative(sample: PairSample) -> float:
    return -1.0 if sample.range is not None and sample.range[0] >= 0 else -math.inf


def _fieller(sample: PairSample, tails: Tails) -> Measured:
    """Keep every quotient at which the contrast candidate - quotient * baseline may be zero."""
    sample = _compared(sample)
    before, after = arm_of(sample, Estimand.BASELINE), arm_of(sample, Estimand.CANDIDATE)
    lean = lean_of(sample, Estimand.DIFFERENCE)
    down = leaning(quantile(sample.df, tails.low), lean.low)
    up = leaning(quantile(sample.df, tails.high), lean.high)
    low = _root(sample, before.value, after.value, -down)
    high = _root(sample, before.value, after.value, up)
    if low is None or high is None:
        return _near_zero(sample)
    value = after.value / before.value - 1.0
    draft = _Draft(value, Ends(low - 1.0, high - 1.0), "Fieller, CR2")
    return _settled(sample, draft, Ends(_least_relative(sample), math.inf), tails)


def _root(sample: PairSample, baseline: float, candidate: float, point: float) -> float | None:
    """End of Fieller's set on the side of the point's sign; None if it is no interval.

    Solved around the quotient itself, where the contrast is zero, so that nothing cancels.
    """
    square = point * point
    lead = baseline * baseline - square * sample.var_baseline
    if baseline <= 0 or not lead > 0:
        return None
    quotient = candidate / baseline
    slope = square * (quotient * sample.var_baseline - sample.covariance)
    spread = sample.var_candidate + quotient * quotient * sample.var_baseline
    floor = max(spread - 2.0 * quotient * sample.covariance, _NOISE * spread)
    root = math.sqrt(slope * slope + lead * square * floor)
    return quotient + (slope + math.copysign(root, point)) / lead
