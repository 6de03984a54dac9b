"""Judges: a model that compares answers and leans to the longer one, beside people."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.core import Absent, Measured, Tails
from shipcall.stats.agreement import cohen
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import slope
from shipcall.stats.proportions import wilson

TAILS = Tails(0.05, 0.05)
"""Each end of an interval may miss in one of twenty draws."""
Z = float(special.ndtri(0.95))
PAIRS = 2000
SPREAD = 3.0
"""Of the true differences between two replies, in log-odds of being preferred."""
VARIES = 0.4
"""Of the logarithm of the quotient of two lengths."""
DRAWS = 1000


def lab(
    rng: np.random.Generator, *, longer: float, lean: float, people: float
) -> Mapping[str, float]:
    """Let a leaning judge compare two versions that people like equally.

    Args:
        rng: Where chance comes from.
        longer: Percent by which the candidate's replies are longer.
        lean: Log-odds that the judge adds for every doubling of length; people add none.
        people: Pairs that a person compares as well.
    """
    graded = round(people)
    judge, first, second, length = _compared(rng, PAIRS, longer, lean)
    low, high = _ends(wilson(int(judge.sum()), PAIRS, TAILS))
    alone = _ends(wilson(int(first[:graded].sum()), graded, TAILS))
    short = length < 0
    means, halves = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        says, person, _, _ = _compared(rng, PAIRS, longer, lean)
        means[draw], halves[draw] = _corrected(says, person, graded)
    corrected, half = _corrected(judge, first, graded)
    own, clusters = slice(0, graded), Clusters.singles(graded)
    steeper = slope(length / math.log(2), judge, Clusters.singles(PAIRS), TAILS)
    level = slope(length[own] / math.log(2), first[own], clusters, TAILS)
    kappa = cohen(judge[own], first[own], clusters, TAILS)
    between = cohen(first[own], second[own], clusters, TAILS)
    return {
        "pairs": PAIRS,
        "judge_wins": 100 * float(judge.mean()),
        "judge_low": low,
        "judge_high": high,
        "people_wins": 100 * float(first[own].mean()),
        "people_low": alone[0],
        "people_high": alone[1],
        "short_pairs": int(np.count_nonzero(short)),
        "short_wins": 100 * float(np.sum(judge[short])) / max(int(np.count_nonzero(short)), 1),
        "agree": 100 * float(np.mean(judge[own] == first[own])),
        "kappa": _value(kappa),
        "people_agree": 100 * float(np.mean(first[own] == second[own])),
        "people_kappa": _value(between),
        "judge_slope": 100 * _value(steeper),
        "people_slope": 100 * _value(level),
        "people_slope_low": _ends(level)[0],
        "people_slope_high": _ends(level)[1],
        "corrected": corrected,
        "corrected_low": corrected - half,
        "corrected_high": corrected + half,
        "corrected_covers": 100 * float(np.mean(np.abs(means - 50) <= halves)),
        "narrower": float(100 * (1 - 2 * np.mean(halves) / (alone[1] - alone[0]))),
    }


def _compared(
    rng: np.random.Generator, pairs: int, longer: float, lean: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Who prefers the candidate: the judge, two people; and how much longer it is."""
    better = SPREAD * rng.standard_normal(pairs)
    length = math.log(1 + longer / 100) + VARIES * rng.standard_normal(pairs)
    chances = (better + lean * length / math.log(2), better, better)
    judge, first, second = (
        (rng.random(pairs) < special.expit(chance)).astype(np.int64) for chance in chances
    )
    return judge, first, second, length


def _corrected(
    judge: NDArray[np.int64], person: NDArray[np.int64], graded: int
) -> tuple[float, float]:
    """People's share, moved by what the judge says of the pairs that no person compared.

    How far it is moved depends on how well the judge tells what people say, so that a judge who
    tells nothing moves nothing.
    """
    says, rest, said = judge[:graded], judge[graded:], person[:graded]
    together = np.cov(says, said, ddof=1)
    weight = float(together[0, 1] / max(together[0, 0], 1e-9)) / (1 + graded / rest.size)
    value = float(said.mean() + weight * (rest.mean() - says.mean()))
    own = (said - weight * says).var(ddof=1) / graded
    variance = float(own + weight**2 * rest.var(ddof=1) / rest.size)
    return 100 * value, 100 * Z * math.sqrt(variance)


def _ends(measured: Measured) -> tuple[float, float]:
    if isinstance(measured, Absent):
        raise TypeError(f"pairs were compared: {measured.detail}")
    return 100 * measured.low, 100 * measured.high


def _value(measured: Measured) -> float:
    if isinstance(measured, Absent):
        raise TypeError(f"pairs were compared: {measured.detail}")
    return measured.value
