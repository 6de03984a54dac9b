"""Operations: how long an answer takes, how long it is, and what it costs."""

from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats, Ints, Rng
from shipcall.world.people.cells import Cells, Fact, fact, facts, latency_ms
from shipcall.world.truth import ARMS, ArmName, World

_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99}


class Measures(NamedTuple):
    """What was measured of some runs, shape (runs,) each."""

    latency_ms: Floats
    """To a hundredth."""
    tokens: Floats
    """Whole."""
    cost: Floats


def measure(world: World, arm: ArmName, found: Cells, stratum: Ints, rng: Rng) -> Measures:
    """Draw the measures of runs: both lognormal, the price in proportion to the length.

    Args:
        world: Says what is usual.
        arm: Whose runs.
        found: Cells of the runs.
        stratum: Cell of each run, shape (runs,).
        rng: Draws them.
    """
    model = world.model_of(arm)
    waited = np.exp(model.latency_spread * rng.standard_normal(len(stratum)))
    length = np.exp(model.tokens_spread * rng.standard_normal(len(stratum)))
    return Measures(
        np.round(latency_ms(world, arm, found)[stratum] * waited, 2),
        np.maximum(np.rint(model.tokens * length), 1.0),
        model.cost * length,
    )


def operations(world: World, table: str, found: Cells) -> list[Fact]:
    """State the quantiles of latency and the means of cost and tokens, in every slice.

    Before rounding; `latency_ms_p99` is the quantile over all runs of the slice.
    """
    stated: list[Fact] = []
    for name in ("cost", "tokens"):
        usual = {arm: getattr(world.model_of(arm), name) for arm in ARMS}
        means = {
            arm: np.full(
                len(found), usual[arm] * np.exp(world.model_of(arm).tokens_spread ** 2 / 2)
            )
            for arm in ARMS
        }
        stated += facts(table, name, found, means)
    medians = {arm: latency_ms(world, arm, found) for arm in ARMS}
    for quantile, q in _QUANTILES.items():
        for name, mask in found.slices():
            baseline, candidate = (
                _quantile(
                    q, medians[arm][mask], found.weights[mask], world.model_of(arm).latency_spread
                )
                for arm in ARMS
            )
            stated.append(fact(table, f"latency_ms_{quantile}", name, baseline, candidate))
    return stated


def _quantile(q: float, medians: Floats, weights: Floats, spread: float) -> float:
    """Quantile of a mixture of lognormal laws, by halving."""
    centres = np.log(medians)
    low, high = centres.min() - 10 * spread, centres.max() + 10 * spread
    for _ in range(80):
        middle = (low + high) / 2
        below = np.average(special.ndtr((middle - centres) / spread), weights=weights)
        low, high = (middle, high) if below < q else (low, middle)
    return float(np.exp((low + high) / 2))
