"""Roots: the root of a mean of squares, such as a typical error, for two models."""

import math
from collections.abc import Callable
from dataclasses import replace

from shipcall.core import Absent, Estimand, Measured, Reason, Tails
from shipcall.stats.bounds import hull, lean_of, student_ends, third_side
from shipcall.stats.means import pair_estimate
from shipcall.stats.proportions import Ends
from shipcall.stats.sample import Lost, PairSample

_GREATEST = 700.0
"""Logarithm of about the greatest number there is."""
Limits = tuple[float, float] | None


def root_sample(squares: PairSample) -> PairSample:
    """Take the roots of two means of squares, with their covariance by the delta method.

    The root r of a mean m moves by dm / (2 r), so contributions are divided by 2 r. A mean of
    zero has no such slope: its root varies by nothing here, and `root_estimate` refuses it.

    Args:
        squares: Sums of squares, from `moments.pair_sample`.
    """
    roots = tuple(
        None if value is None else math.sqrt(max(value, 0.0))
        for value in (squares.baseline, squares.candidate)
    )
    slopes = tuple(1.0 / (2.0 * root) if root else 0.0 for root in roots)
    return _scaled(squares, (roots[0], roots[1]), (slopes[0], slopes[1]), math.sqrt)


def squares_of(roots: PairSample) -> PairSample:
    """Undo `root_sample`."""
    values = tuple(
        None if value is None else value**2 for value in (roots.baseline, roots.candidate)
    )
    slopes = (2.0 * (roots.baseline or 0.0), 2.0 * (roots.candidate or 0.0))
    return _scaled(roots, (values[0], values[1]), slopes, lambda end: end**2)


def _scaled(
    sample: PairSample,
    values: tuple[float | None, float | None],
    slopes: tuple[float, float],
    moved: Callable[[float], float],
) -> PairSample:
    def limits(ends: Limits) -> Limits:
        return None if ends is None else (moved(ends[0]), moved(ends[1]))

    own = sample.influence
    return replace(
        sample,
        baseline=values[0],
        candidate=values[1],
        var_baseline=sample.var_baseline * slopes[0] ** 2,
        var_candidate=sample.var_candidate * slopes[1] ** 2,
        covariance=sample.covariance * slopes[0] * slopes[1],
        range=limits(sample.range),
        lost=Lost(rows=sample.lost.rows, range=limits(sample.lost.range)),
        influence=own
        and replace(own, baseline=own.baseline * slopes[0], candidate=own.candidate * slopes[1]),
    )


def root_estimate(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate the root of a mean of squares, a difference or a relative change of two.

    One model's value and a relative change get the wider, at each end, of the root of the end of
    the means of squares, in which they are monotone, and of t on the logarithmic scale: squares
    are skewed, and a value that came out low comes with a spread that is too small. A
    difference of two roots gets the wider of t after linearising (delta method), corrected as
    means are, and of ends joined from the two models' own with their correlation.

    With normal errors or lighter tails an end misses no more often than its level from 10 rows, a
    relative change in 6 of 100 cases at 0.05 with 20 clusters; so it does with 200 errors of
    t with 5 degrees of freedom (design/0029). Heavier tails leave no trace in a sample.

    Args:
        sample: From `root_sample`.
        estimand: DIFFERENCE, RELATIVE, CANDIDATE or BASELINE.
        tails: One-sided error level of each end.

    Returns:
        The estimate, or Absent: as for means of squares, and where a model makes no error at
        all, as nobody can say how small its errors are.
    """
    for model, value in (("baseline", sample.baseline), ("candidate", sample.candidate)):
        if value == 0.0:
            detail = f"the {model} makes no error in {sample.clusters} clusters"
            return Absent(reason=Reason.CONSTANT, detail=detail, n=sample.clusters)
    if estimand is Estimand.DIFFERENCE:
        return _difference(sample, tails)
    return _of_squares(sample, estimand, tails)


def _of_squares(sample: PairSample, estimand: Estimand, tails: Tails) -> Measured:
    """Estimate one value or a relative change, which are monotone in the means of squares."""
    squares = pair_estimate(squares_of(sample), estimand, tails)
    if isinstance(squares, Absent):
        return squares
    base = 1.0 if estimand is Estimand.RELATIVE else 0.0
    value, low, high = (
        math.sqrt(max(end + base, 0.0)) for end in (squares.value, squares.low, squares.high)
    )
    ends = hull(Ends(low, high), _log_ends(value, sample, estimand, tails))
    return replace(
        squares,
        value=value - base,
        low=ends.low - base,
        high=ends.high - base,
        method=f"root of {squares.method}, and t of the logarithm",
    )


def _difference(sample: PairSample, tails: Tails) -> Measured:
    """Estimate a difference of roots: the wider of its own t and of the two models' ends joined."""
    plain = pair_estimate(sample, Estimand.DIFFERENCE, tails)
    after = _of_squares(sample, Estimand.CANDIDATE, tails)
    before = _of_squares(sample, Estimand.BASELINE, Tails(tails.high, tails.low))
    if isinstance(plain, Absent):
        return plain
    if isinstance(after, Absent) or isinstance(before, Absent):
        return after if isinstance(after, Absent) else before
    rho = sample.covariance / math.sqrt(sample.var_baseline * sample.var_candidate)
    down = third_side(after.value - after.low, before.high - before.value, rho)
    up = third_side(after.high - after.value, before.value - before.low, rho)
    joined = Ends(plain.value - down, plain.value + up)
    low, high = hull(Ends(plain.low, plain.high), joined)
    return replace(plain, low=low, high=high, method=f"difference of roots ({plain.method})")


def _log_ends(value: float, sample: PairSample, estimand: Estimand, tails: Tails) -> Ends:
    """Ends of a root, or of a quotient of two, from t on the logarithmic scale."""
    before, after = sample.baseline or math.inf, sample.candidate or math.inf
    variance = sample.var_baseline / before**2
    if estimand is Estimand.CANDIDATE:
        variance = sample.var_candidate / after**2
    if estimand is Estimand.RELATIVE:
        variance += sample.var_candidate / after**2 - 2.0 * sample.covariance / (before * after)
    lean = lean_of(sample, estimand)
    ends = student_ends(math.log(value), max(variance, 0.0), sample.df, tails, lean)
    return Ends(*(math.exp(min(end, _GREATEST)) for end in ends))
