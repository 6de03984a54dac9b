"""Shift: from the share of positives in the evaluation to the share that is met live."""

from shipcall.core import Absent, Estimate, Measured, Reason, Tails


def corrected(probability: float, evaluated: float, live: float) -> float:
    """Correct a probability for another share of positives than it was calibrated with.

    By Bayes' rule: if positives and negatives each look as before, the odds of being positive
    change by the factor (live / (1 - live)) / (evaluated / (1 - evaluated)). Applied to a
    threshold it gives the place on the corrected scale that the same rows exceed.

    Args:
        probability: As the model says it, in [0, 1].
        evaluated: Share of positives it was calibrated with, in (0, 1).
        live: Share of positives now, in (0, 1).

    References:
        Saerens, Latinne & Decaestecker (2002), Adjusting the outputs of a classifier to new a
        priori probabilities: a simple procedure, Neural Computation 14(1), 21-41.
    """
    for share in (evaluated, live):
        if not 0 < share < 1:
            raise ValueError(f"a share of positives of {share} is not between 0 and 1")
    if not 0 <= probability <= 1:
        raise ValueError(f"{probability} is no probability")
    positive = probability * live / evaluated
    negative = (1 - probability) * (1 - live) / (1 - evaluated)
    return positive / (positive + negative)


def live_rate(called: Measured, alarms: Measured, misses: Measured) -> Measured:
    """Estimate the live share of positives from how many live rows are called positive.

    (called - FPR) / (1 - FNR - FPR), cut to [0, 1]. It grows with `called`, falls with the
    false-positive rate and grows with the false-negative rate as long as `called` lies between
    FPR and 1 - FNR; so its ends come from the ends of the three. Give each of them a third of
    the error level: then the ends hold at the whole level, whatever the three have in common.

    Assumes that positives and negatives live look like those of the evaluation. Not for a model
    that hardly tells them apart: the denominator is then near zero and the interval is [0, 1].

    Args:
        called: Share of live rows that the model calls positive, measured live or a census.
        alarms: False-positive rate at the same threshold, from the evaluation.
        misses: False-negative rate at the same threshold, from the evaluation.

    Returns:
        The estimate; Absent where one of the three is, or the model does no better than chance.

    References:
        Rogan & Gladen (1978), Estimating prevalence from the results of a screening test,
        American Journal of Epidemiology 107, 71-76.
    """
    for part in (called, alarms, misses):
        if isinstance(part, Absent):
            return part
    assert isinstance(called, Estimate)  # noqa: S101 - narrowed above, for the type checker
    assert isinstance(alarms, Estimate)  # noqa: S101
    assert isinstance(misses, Estimate)  # noqa: S101
    value = _solved(called.value, alarms.value, misses.value)
    n = min(part.n for part in (alarms, misses))
    if value is None:
        detail = "the model calls negatives positive at least as often as positives"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=n)
    low = _solved(called.low, alarms.high, misses.low) or 0.0
    high = _solved(called.high, alarms.low, misses.high)
    if low == high:
        detail = f"{called.value:.4g} called positive live cannot come of these error rates"
        return Absent(reason=Reason.UNSOUND, detail=detail, n=n)
    tails = Tails(
        min(called.tails.low + alarms.tails.high + misses.tails.low, 0.5),
        min(called.tails.high + alarms.tails.low + misses.tails.high, 0.5),
    )
    return Estimate(
        value=value,
        low=low,
        high=1.0 if high is None else high,
        tails=tails,
        n=n,
        method="Rogan-Gladen, ends of three rates",
    )


def _solved(called: float, alarms: float, misses: float) -> float | None:
    separated = 1 - misses - alarms
    if separated <= 0:
        return None
    return min(max((called - alarms) / separated, 0.0), 1.0)
