"""Forecasts: probability spread over bins, held against what the posterior would have said."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from shipcall.practice.language import Forecast
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play, rng_of
from shipcall.practice.points import line
from shipcall.practice.scoring.score import ForecastScore


def forecast_score(
    play: Play, asked: Forecast | None, stated: Sequence[float], belief: Floats
) -> ForecastScore | None:
    """Score a forecast by bins; 0 is best.

    Args:
        play: The play.
        asked: The forecast of the case; None: it asks for none.
        stated: Weight of each bin, at least 0, not all 0; they are made to add up to 1.
        belief: Posterior at the panels that were opened, shape (points,).

    Returns:
        None where nothing was asked or stated.
    """
    if asked is None or not stated:
        return None
    edges, means = np.array(asked.edges), line(asked.of, play.points)
    below = special.ndtr((edges[:, None] - means) / asked.error) @ belief
    bins = np.array(stated) / np.sum(stated)
    said = np.cumsum(bins)[:-1]
    rng = rng_of(play.seed, "forecast")
    realised = float(means[play.setting.truth] + asked.error * rng.standard_normal())
    return ForecastScore(
        excess=float(((said - below) ** 2).sum()),
        posterior=[float(chance) for chance in np.diff(below, prepend=0.0, append=1.0)],
        stated=[float(chance) for chance in bins],
        realised=realised,
        realised_score=ranked_probability_score(said, realised <= edges),
    )


def ranked_probability_score(said: Floats, seen: NDArray[np.bool_]) -> float:
    """Score a forecast over ranked bins by what was seen; near misses cost less than far ones.

    RPS = sum_k (F_k - O_k)^2 over the inner edges k, with F_k the probability stated below edge k
    and O_k whether the value lies there. Its expectation under a law P is
    sum_k (F_k - P_k)^2 + P_k (1 - P_k), least at F = P: the score is proper.

    Args:
        said: F, cumulative, shape (edges,).
        seen: O, shape (edges,).

    Returns:
        From 0 (all on the right bin) to the number of edges.

    References:
        Epstein (1969), A scoring system for probability forecasts of ranked categories, Journal of
        Applied Meteorology 8, 985-987; in the form of Murphy (1971), A note on the ranked
        probability score, same journal 10, 155-156, without division by the number of edges.
    """
    return float(((said - seen) ** 2).sum())
