"""Laws of decisions and of numbers: what calls are worth, how far answers lie from the truth."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from scipy import special

from shipcall.world.populations.rows import (
    LOG_CONCAVE,
    OUTCOMES,
    WEIGHED,
    Drawn,
    Floats,
    Rng,
    Rows,
    Shape,
    truths,
)

POSITIVE, FOUND = 0.3, 0.7
"""Share of positive rows, and of those that are called."""
FALSE_ALARM, MISSED = 1.0, 5.0
"""Prices of a false positive and of a false negative."""
THRESHOLD = 0.2
"""Probability from which on a row is acted on, where benefit is net of false alarms."""


def _f1(rate: float) -> float:
    """Hits over the mean of calls and positives."""
    hits = POSITIVE * FOUND
    return hits / (0.5 * (hits + (1.0 - POSITIVE) * rate + POSITIVE))


def _cost(rate: float) -> float:
    return POSITIVE * (1.0 - FOUND) * MISSED + (1.0 - POSITIVE) * rate * FALSE_ALARM


def _benefit(rate: float) -> float:
    odds = THRESHOLD / (1.0 - THRESHOLD)
    return POSITIVE * FOUND - (1.0 - POSITIVE) * rate * odds


_WORTH: Mapping[str, Callable[[float], float]] = {
    "specificity": lambda rate: 1.0 - rate,
    "balanced accuracy": lambda rate: (FOUND + 1.0 - rate) / 2,
    "F1": _f1,
    "expected cost": _cost,
    "net benefit": _benefit,
}
"""What is asked of calls -> its true value at a false-positive rate."""


def calls(n: int, asked: str, rates: tuple[float, float] = (0.10, 0.13)) -> Drawn:
    """Calls of rows of which 3 in 10 are positive and 7 in 10 of those are called.

    The models share most of their chance, as in `scores.precise_calls`.

    Args:
        n: Rows.
        asked: A key of what calls can be asked for.
        rates: False-positive rate of each model.
    """

    def draw(rng: Rng) -> Rows:
        positive = rng.random(n) < POSITIVE
        shared = rng.random(n)
        said = []
        for rate in rates:
            own = np.where(rng.random(n) < 0.7, shared, rng.random(n))
            said.append((own < np.where(positive, FOUND, rate)).astype(np.float64))
        label = positive.astype(np.float64)
        return Rows(baseline=said[0], candidate=said[1], cluster=np.arange(n), label=label)

    worth = _WORTH[asked]
    return Drawn(
        name=f"{asked}, false-positive rates {rates[0]:g} and {rates[1]:g}, n = {n:,}",
        units=n,
        truth=truths(*(worth(rate) for rate in rates)),
        step=3 * (MISSED if asked == "expected cost" else 1.0) * 0.4 / math.sqrt(n),
        draw=draw,
        shape=OUTCOMES,
    )


def found_amounts(n: int, *, loss: float = 0.04) -> Drawn:
    """Amounts of 1, and of 5 in a fifth of the positive rows; what is lost is lost of the large.

    Weighted recall of the candidate: (0.8 * 0.7 + 0.2 * 5 * large) / (0.8 + 0.2 * 5).
    """
    large = 0.7 - loss * 1.8

    def draw(rng: Rng) -> Rows:
        label = (rng.random(n) < 0.4).astype(np.float64)
        amount = np.where(rng.random(n) < 0.2, 5.0, 1.0)
        shared, fresh = rng.random((2, n))
        own = np.where(rng.random(n) < 0.7, shared, fresh)
        found = np.where(amount > 1, large, 0.7)
        return Rows(
            baseline=(shared < 0.7).astype(np.float64),
            candidate=(own < found).astype(np.float64),
            cluster=np.arange(n),
            label=label,
            weight=amount,
        )

    return Drawn(
        name=f"recall of amounts 1 and 5, n = {n:,}, 40 % positive",
        units=n,
        truth=truths(0.7, 0.7 - loss),
        step=3 * 0.7 / math.sqrt(0.4 * n),
        draw=draw,
        shape=WEIGHED,
    )


Q = 0.8
"""Quantile that is meant, where a quantile is predicted."""


def _folded(bias: float, spread: float) -> float:
    """E|x| of a normal law: s sqrt(2 / pi) exp(-b^2 / 2 s^2) + b (1 - 2 Phi(-b / s))."""
    z = bias / spread
    tail = float(special.ndtr(-z))
    return spread * math.sqrt(2 / math.pi) * math.exp(-z * z / 2) + bias * (1 - 2 * tail)


def _pinball(bias: float, spread: float) -> float:
    """(1 - q) E[x+] + q E[x-] with E[x+] - E[x-] = bias and E[x+] + E[x-] = E|x|."""
    size = _folded(bias, spread)
    return (1 - Q) * (size + bias) / 2 + Q * (size - bias) / 2


_DISTANCE: Mapping[str, Callable[[float, float], float]] = {
    "absolute error": _folded,
    "root of the squared error": math.hypot,
    "mean error": lambda bias, _spread: bias,
    "pinball loss": _pinball,
}
"""What is asked of errors -> its true value, from their mean and standard deviation."""


def answered_numbers(n: int, asked: str) -> Drawn:
    """Numbers with normal errors; the candidate errs more, and a little upwards.

    Args:
        n: Rows.
        asked: A key of what errors can be asked for.
    """
    laws = ((0.0, 1.0), (0.1, 1.1))

    def draw(rng: Rng) -> Rows:
        label = rng.normal(5.0, 2.0, n)
        shared = rng.standard_normal(n)
        errors: list[Floats] = [
            bias + spread * (0.8 * shared + 0.6 * rng.standard_normal(n)) for bias, spread in laws
        ]
        return Rows(
            baseline=label + errors[0],
            candidate=label + errors[1],
            cluster=np.arange(n),
            label=label,
        )

    distance = _DISTANCE[asked]
    mean = asked == "mean error"
    return Drawn(
        name=f"numbers with normal errors, {asked}, n = {n:,}",
        units=n,
        truth=truths(*(distance(*law) for law in laws)),
        step=3 * 0.9 / math.sqrt(n),
        draw=draw,
        shape=LOG_CONCAVE if mean else Shape(),
    )
