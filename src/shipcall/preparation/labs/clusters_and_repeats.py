"""Clusters and repeats: intervals that count rows, and intervals that count who is independent."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

TAIL = 0.05
"""Each end of an interval may miss in one of twenty draws."""
EASE, PUPIL, QUESTION = 1.3, 1.0, 1.0
"""Log-odds that the helper solves a question: their mean, their spread over pupils, and within."""
CELLS = 2_000_000


def lab(
    rng: np.random.Generator, *, pupils: float, questions: float, runs: float
) -> Mapping[str, float]:
    """Estimate the share of questions solved, from pupils who bring many each.

    Args:
        rng: Where chance comes from.
        pupils: Drawn at random, at least 2.
        questions: Of each pupil.
        runs: How often each question is asked in the test with repeats.
    """
    groups, each, repeats = round(pupils), round(questions), round(runs)
    draws = max(60, min(4000, CELLS // (groups * each)))
    ease = EASE + PUPIL * rng.standard_normal((draws, groups, 1))
    chance = special.expit(ease + QUESTION * rng.standard_normal((draws, groups, each)))
    once = rng.binomial(1, chance) / 1.0
    often = rng.binomial(repeats, chance) / repeats
    again = rng.binomial(1, chance) / 1.0
    rows = groups * each
    by_row, by_pupil = _widths(once, rows)
    repeated_row, repeated_pupil = _widths(often, rows * repeats)
    deviation = [np.abs(tried.mean(axis=(1, 2)) - _truth()) for tried in (once, often)]
    effect = float(np.mean(by_pupil**2) / np.mean(by_row**2))
    return {
        "rows": rows,
        "rows_repeated": rows * repeats,
        "truth": 100 * _truth(),
        "row_half_width": 100 * float(np.mean(by_row)),
        "row_covers": 100 * float(np.mean(deviation[0] <= by_row)),
        "pupil_half_width": 100 * float(np.mean(by_pupil)),
        "pupil_covers": 100 * float(np.mean(deviation[0] <= by_pupil)),
        "design_effect": effect,
        "worth_rows": rows / effect,
        "again_moves": 100 * float(np.mean(np.abs((again - once).mean(axis=(1, 2))))),
        "repeated_row_half_width": 100 * float(np.mean(repeated_row)),
        "repeated_row_covers": 100 * float(np.mean(deviation[1] <= repeated_row)),
        "repeated_pupil_half_width": 100 * float(np.mean(repeated_pupil)),
        "repeated_pupil_covers": 100 * float(np.mean(deviation[1] <= repeated_pupil)),
    }


def _widths(
    solved: NDArray[np.float64], rows: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Half widths of each draw: as if every row were independent, and by pupils."""
    groups = solved.shape[1]
    share = np.clip(solved.mean(axis=(1, 2)), 0.5 / rows, 1 - 0.5 / rows)
    by_row = -float(special.ndtri(TAIL)) * np.sqrt(share * (1 - share) / rows)
    spread = solved.mean(axis=2).std(axis=1, ddof=1) / math.sqrt(groups)
    by_pupil = -float(special.stdtrit(groups - 1.0, TAIL)) * spread
    return by_row, by_pupil


def _truth() -> float:
    """Share of questions solved over all pupils there could be."""
    points, weights = np.polynomial.hermite_e.hermegauss(64)
    chance = special.expit(EASE + math.hypot(PUPIL, QUESTION) * points)
    return float(np.sum(weights * chance) / np.sum(weights))
