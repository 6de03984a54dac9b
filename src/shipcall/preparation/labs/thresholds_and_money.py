"""Thresholds and money: where to cut a score of risk, and what each way to choose costs."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import special

APART = 2.5
"""How far the scores of bad bearings lie above those of good ones, in standard deviations."""
DRAWS = 200
Floats = NDArray[np.float64]


def lab(rng: np.random.Generator, *, ratio: float, bad: float, rows: float) -> Mapping[str, float]:
    """Cut one score by four rules, and pay for all of them in the same coin.

    The unit of money is one needless inspection. A wagon that is pulled and is bad costs nothing
    that it would not have cost anyway.

    Args:
        rng: Where chance comes from.
        ratio: What one missed bearing costs, in needless inspections.
        bad: Percent of the bearings that are bad.
        rows: Wagons on which thresholds are chosen.
    """
    share, n = bad / 100, round(rows)
    by_f1, by_cost = np.empty(DRAWS), np.empty(DRAWS)
    for draw in range(DRAWS):
        worn = max(int(rng.binomial(n, share)), 1)
        score = np.concatenate([rng.normal(APART, 1, worn), rng.normal(0, 1, n - worn)])
        by_f1[draw], by_cost[draw] = _chosen(score, worn, ratio)
    even = _score_at(0.5, share)
    price = _score_at(1 / (1 + ratio), share)
    least = float(_cost(price, share, ratio))
    benefit = (1000 * share * ratio - least) / ratio
    return {
        "cut": 100 / (1 + ratio),
        "cut_cost": least,
        "cut_pulled": 1000 * _pulled(price, share),
        "cut_missed": 1000 * share * float(special.ndtr(price - APART)),
        "even_cost": float(_cost(even, share, ratio)),
        "even_pulled": 1000 * _pulled(even, share),
        "even_missed": 1000 * share * float(special.ndtr(even - APART)),
        "f1_cost": float(np.mean(_cost(by_f1, share, ratio))),
        "nobody_cost": 1000 * share * ratio,
        "everybody_cost": 1000 * (1 - share),
        "chosen_cost": float(np.mean(_cost(by_cost, share, ratio))),
        "chosen_low": 100 * float(_chance_at(float(np.quantile(by_cost, 0.05)), share)),
        "chosen_high": 100 * float(_chance_at(float(np.quantile(by_cost, 0.95)), share)),
        "net_benefit": benefit,
        "everybody_benefit": 1000 * (share - (1 - share) / ratio),
        "bad_there": 1000 * share,
    }


def _chosen(score: Floats, worn: int, ratio: float) -> tuple[float, float]:
    """Thresholds with the best F1 and with the least cost on these very rows."""
    order = np.argsort(-score)
    found = np.cumsum(order < worn)
    pulled = np.arange(1, score.size + 1)
    f1 = 2 * found / (pulled + worn)
    cost = (pulled - found) + ratio * (worn - found)
    return float(score[order[np.argmax(f1)]]), float(score[order[np.argmin(cost)]])


def _cost(cut: Floats | float, share: float, ratio: float) -> Floats:
    """True cost of a thousand wagons."""
    missed, needless = special.ndtr(cut - APART), special.ndtr(-np.asarray(cut))
    return np.asarray(1000 * (share * missed * ratio + (1 - share) * needless))


def _pulled(cut: float, share: float) -> float:
    return float(share * special.ndtr(APART - cut) + (1 - share) * special.ndtr(-cut))


def _score_at(chance: float, share: float) -> float:
    """Score at which a bearing is bad with this chance."""
    odds = math.log(chance / (1 - chance)) - math.log(share / (1 - share))
    return odds / APART + APART / 2


def _chance_at(score: float, share: float) -> Floats:
    odds = math.log(share / (1 - share)) + APART * (score - APART / 2)
    return np.asarray(special.expit(odds))
