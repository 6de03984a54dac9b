"""Cells: every combination of the levels by which people differ, and what holds in each.

A cell is the finest slice of a world; any other slice is a sum of cells. Traits are independent,
so a cell weighs the product of the weights of its levels.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.world.chance.draws import Floats, Ints
from shipcall.world.truth import ArmName, Effect, Where, World

MOST_CELLS = 10_000
"""More combinations than this cannot be held for every panel."""
OVERLAP = "overlap"
"""Column that says whether an item was seen in training, where some were."""
SOURCE = "source"
"""Column that says where a label comes from, where there are several sources."""

Fact = dict[str, str | float]
"""One true value: table, metric, slice, baseline, candidate, difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """All cells of a world, in the order of `itertools.product` over its traits."""

    names: tuple[Where, ...]
    """Trait -> level of each cell."""
    weights: Floats
    """Share of the people in each cell, shape (cells,); adds up to 1."""
    visits: Floats
    """Factor on the requests of a person there, shape (cells,); its mean over people is 1."""
    growth: Floats
    """Change a day of the log weight among new people, shape (cells,)."""

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def columns(self) -> tuple[str, ...]:
        """The traits, as written."""
        return tuple(self.names[0])

    def inside(self, where: Where) -> NDArray[np.bool_]:
        """Which cells lie in a slice, shape (cells,).

        Raises:
            ValueError: If a trait or level is not one of this world: nobody would be there.
        """
        mask = np.ones(len(self), dtype=bool)
        for column, level in where.items():
            if column not in self.columns:
                raise ValueError(f"no trait is called {column!r}; traits: {list(self.columns)}")
            own = np.array([name[column] == level for name in self.names])
            if not own.any():
                known = sorted({name[column] for name in self.names})
                raise ValueError(f"trait {column!r} has no level {level!r}; levels: {known}")
            mask &= own
        return mask

    def slices(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Everybody, then each level of each trait, as "country=NZ", with the cells in it."""
        yield "all", np.ones(len(self), dtype=bool)
        for column in self.columns:
            for level in dict.fromkeys(name[column] for name in self.names):
                yield f"{column}={level}", self.inside({column: level})

    def crossed(self, column: str, levels: Mapping[str, float]) -> "Cells":
        """Split every cell by one more column.

        Raises:
            ValueError: If a trait has that name, or there are too many cells.
        """
        if column in self.columns:
            raise ValueError(f"the trait {column!r} needs another name: the world writes its own")
        weights = np.array(list(levels.values())) / sum(levels.values())
        _refuse_many(len(self) * len(levels))
        return replace(
            self,
            names=tuple({**name, column: level} for name in self.names for level in levels),
            weights=np.outer(self.weights, weights).ravel(),
            visits=np.repeat(self.visits, len(levels)),
            growth=np.repeat(self.growth, len(levels)),
        )

    def texts(self, cell: Ints) -> dict[str, pa.Array]:
        """Level of every trait for rows in given cells, as columns of text."""
        texts = {}
        for column in self.columns:
            levels = [name[column] for name in self.names]
            known = list(dict.fromkeys(levels))
            code = np.array([known.index(level) for level in levels])[cell]
            texts[column] = pa.array(known, pa.string()).take(pa.array(code))
        return texts


def cells(world: World) -> Cells:
    """Give the cells of the people of a world; one nameless cell where there are no traits.

    Raises:
        ValueError: If two traits share a column, or there are more than 10,000 cells.
    """
    names = list(world.traits)
    if len(set(names)) < len(names):
        raise ValueError(f"two traits share a column; traits: {names}")
    _refuse_many(math.prod(len(trait.levels) for trait in world.trait))
    combinations = list(itertools.product(*(trait.levels for trait in world.trait)))
    weights = _each(combinations, [trait.levels for trait in world.trait], 1.0).prod(axis=1)
    visits = _each(combinations, [trait.visits for trait in world.trait], 1.0).prod(axis=1)
    weights = weights / weights.sum()
    return Cells(
        names=tuple(dict(zip(names, levels, strict=True)) for levels in combinations),
        weights=weights,
        visits=visits / float(weights @ visits),
        growth=_each(combinations, [trait.growth for trait in world.trait], 0.0).sum(axis=1),
    )


def strata(world: World) -> Cells:
    """Give the cells of its items: those of its people, split by what only items have.

    Items differ by overlap with the training data where some leaked, and by the source of
    their label where there are several; both are columns of the files too.
    """
    found = cells(world)
    leaked = world.items.leaked if world.items else 0.0
    if leaked:
        found = found.crossed(OVERLAP, {"none": 1 - leaked, "training": leaked})
    if len(world.labels.sources) > 1:
        found = found.crossed(SOURCE, world.labels.sources)
    return found


def skill(world: World, arm: ArmName, found: Cells) -> Floats:
    """Skill of one model in each cell: its own, all effects there, and what leaked to it."""
    value = world.model_of(arm).skill + _added(world, arm, found, lambda e: e.skill)
    if arm == "candidate" and OVERLAP in found.columns and world.items is not None:
        value = value + world.items.leaked_skill * found.inside({OVERLAP: "training"})
    return value


def unsafe(world: World, arm: ArmName, found: Cells) -> Floats:
    """Share of unsafe answers of one model in each cell, kept within [0, 1]."""
    added = _added(world, arm, found, lambda e: e.unsafe)
    return np.clip(world.model_of(arm).unsafe + added, 0.0, 1.0)


def latency_ms(world: World, arm: ArmName, found: Cells) -> Floats:
    """Median time to an answer of one model in each cell, in milliseconds."""
    factor = np.exp(_added(world, arm, found, lambda e: math.log(e.latency)))
    return world.model_of(arm).latency_ms * factor


def facts(
    table: str,
    metric: str,
    found: Cells,
    values: Mapping[ArmName, Floats],
    weights: Floats | None = None,
) -> list[Fact]:
    """State a mean for both models in all slices.

    Args:
        table: Evidence table it belongs to.
        metric: Name of what is stated.
        found: Cells of which `values` are means.
        values: Arm -> value in each cell, shape (cells,).
        weights: What a cell counts, shape (cells,); None: its people. Slices without any weight
            have no such value and are left out.
    """
    count = found.weights if weights is None else weights
    stated = []
    for name, mask in found.slices():
        if count[mask].sum() > 0:
            baseline, candidate = (
                float(np.average(values[arm][mask], weights=count[mask]))
                for arm in ("baseline", "candidate")
            )
            stated.append(fact(table, metric, name, baseline, candidate))
    return stated


def fact(table: str, metric: str, name: str, baseline: float, candidate: float) -> Fact:
    """State one true value of both models."""
    return {
        "table": table,
        "metric": metric,
        "slice": name,
        "baseline": baseline,
        "candidate": candidate,
        "difference": candidate - baseline,
    }


def _each(
    combinations: Sequence[Sequence[str]], values: Sequence[Mapping[str, float]], default: float
) -> Floats:
    """Value of every trait in every combination, shape (cells, traits)."""
    rows = [
        [of.get(level, default) for level, of in zip(levels, values, strict=True)]
        for levels in combinations
    ]
    return np.array(rows, dtype=np.float64).reshape(len(combinations), len(values))


def _added(world: World, arm: ArmName, found: Cells, what: Callable[[Effect], float]) -> Floats:
    """Sum what the effects on one model add in each cell."""
    total = np.zeros(len(found))
    for effect in world.effect:
        if effect.model == arm:
            total += what(effect) * found.inside(effect.where)
    return total


def _refuse_many(count: int) -> None:
    if count > MOST_CELLS:
        raise ValueError(f"{count:,} combinations of levels; at most {MOST_CELLS:,} can be held")
