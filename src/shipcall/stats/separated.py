"""Separated: the area under an ROC curve where no positive row stands among the negative ones."""

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.sample import PairSample


def separated_area(sample: PairSample, value: float | None, tails: Tails) -> Estimate | None:
    """Bound the area of a model that put every pair of rows in the right order, or none.

    Exact and wide. Of m positive and n negative rows k = min(m, n) pairs can be formed that share
    no row, so that they are independent. Each is in the right order with a chance of at most the
    area A, hence all of them with a chance of at most A^k: an area below `tail`^(1 / k) is
    refuted. Ties count half in the area and are not in the right order, so the bound holds with
    them.

    Not for rows that depend on each other or weigh differently: such pairs are no independent
    ones.

    Args:
        sample: From `ranking.auc_pair_sample`.
        value: The area of one of its models.
        tails: One-sided error level of each end.

    Returns:
        An estimate, or None where the area is neither 0 nor 1 or rows are not independent.
    """
    independent = sample.rows == sample.clusters
    unweighted = sample.weight_baseline + sample.weight_candidate == sample.rows
    if value is None or value not in (0.0, 1.0) or not (independent and unweighted):
        return None
    pairs = min(sample.weight_baseline, sample.weight_candidate)
    return Estimate(
        value=value,
        low=tails.low ** (1 / pairs) if value else 0.0,
        high=1.0 if value else 1.0 - tails.high ** (1 / pairs),
        tails=tails,
        n=sample.clusters,
        method="exact, pairs that share no row",
    )


def halved(tails: Tails) -> Tails:
    """Give each of two models half of the error level of an end of their difference."""
    return Tails(tails.low / 2, tails.high / 2)


def apart(before: Measured, after: Measured, tails: Tails, *, relative: bool) -> Measured:
    """Bound a difference of two areas, or their ratio less 1, by the ends of each.

    Each model's end has half of the level, so the difference lies in their box whatever the two
    have to do with each other: without a spread nobody knows their correlation.

    Args:
        before: Area of the baseline; its upper end at half of `tails.low`, its lower one at half
            of `tails.high`.
        after: Area of the candidate, at half of `tails`.
        tails: One-sided error level of each end of the difference.
        relative: Give the change as a share of the baseline's area.
    """
    if isinstance(before, Absent) or isinstance(after, Absent):
        return before if isinstance(before, Absent) else after
    value = after.value - before.value
    low, high = after.low - before.high, after.high - before.low
    if relative:
        if before.low <= 0:
            detail = f"a baseline of {before.value:g} cannot be told from zero"
            return Absent(reason=Reason.BASELINE_NEAR_ZERO, detail=detail, n=before.n)
        value = after.value / before.value - 1.0
        low, high = after.low / before.high - 1.0, after.high / before.low - 1.0
    return Estimate(
        value=value,
        low=low,
        high=high,
        tails=tails,
        n=after.n,
        method=f"box of two areas ({before.method}; {after.method})",
    )
