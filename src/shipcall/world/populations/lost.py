"""Lost: populations of which rows do not come back, by chance or because it flatters."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from shipcall.world.populations.rows import Drawn, Ints, Rng, Rows

Gone = NDArray[np.bool_]


def rows_lost_at_random(population: Drawn, missing: float) -> Drawn:
    """Lose each row with the same chance, whatever was answered."""

    def gone(rows: Rows, rng: Rng) -> Gone:
        return rng.random(rows.cluster.size) < missing

    return _without(population, missing, f"{100 * missing:g} % of rows lost at random", gone)


def rows_lost_to_flatter(population: Drawn, missing: float) -> Drawn:
    """Lose as many rows as a share allows, all of them those that fell most."""

    def gone(rows: Rows, _rng: Rng) -> Gone:
        lost = np.zeros(rows.cluster.size, dtype=np.bool_)
        count = int(rows.cluster.size * missing)
        if count:
            lost[np.argpartition(rows.candidate - rows.baseline, count)[:count]] = True
        return lost

    return _without(population, missing, f"the worst {100 * missing:g} % of rows lost", gone)


def clusters_lost_to_flatter(population: Drawn, missing: float) -> Drawn:
    """Lose whole clusters, those that fell most first, as long as a share of rows allows it."""

    def gone(rows: Rows, _rng: Rng) -> Gone:
        sizes = np.bincount(rows.cluster)
        order: Ints = np.argsort(np.bincount(rows.cluster, rows.candidate - rows.baseline))
        count = np.searchsorted(np.cumsum(sizes[order]), rows.cluster.size * missing, "right")
        return np.isin(rows.cluster, order[:count])

    return _without(population, missing, f"the worst clusters lost, {100 * missing:g} %", gone)


def _without(
    population: Drawn, missing: float, words: str, gone: Callable[[Rows, Rng], Gone]
) -> Drawn:
    """Put NaN where rows are lost; the truth is that of all rows, lost ones included."""

    def draw(rng: Rng) -> Rows:
        rows = population.draw(rng)
        lost = gone(rows, rng)
        return Rows(
            baseline=np.where(lost, np.nan, rows.baseline),
            candidate=np.where(lost, np.nan, rows.candidate),
            cluster=rows.cluster,
        )

    return Drawn(
        name=f"{population.name}; {words}",
        units=population.units,
        truth=population.truth,
        step=population.step + 2 * missing,
        draw=draw,
        shape=population.shape,
    )
