"""Graded: an evaluation set on which every answer of both models was graded.

given = { of = "right", by = "topic", where = { topic = "other" }, paired = true }

`of = "unsafe"` counts unsafe answers instead. `paired = false` leaves only both shares: the
coarser screen, of which the paired one over the same slices tells everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Joined, Stack, Tallies
from shipcall.practice.panels.crosstabs import (
    apart_readings,
    crosstab_of,
    paired_readings,
    row_of,
)
from shipcall.practice.panels.panel import Setting, Shown
from shipcall.world.chance.draws import generator
from shipcall.world.evaluation.scores import NAME, Runs, kinds, scores_laws
from shipcall.world.models.items import items
from shipcall.world.models.quadrature import ANSWERED
from shipcall.world.people.cells import Cells, strata
from shipcall.world.truth import ARMS, World

_LEAST_VARIANCE = 10.0
Slices = Mapping[str, NDArray[np.bool_]]
"""Name of a slice -> the strata in it, shape (strata,)."""


class Given(Section):
    """What the panel counts."""

    of: Literal["right", "unsafe"] = "right"
    by: str | None = None
    """Trait with a row for each of its levels; None: one row."""
    where: dict[str, str] = {}
    """Only items of this slice."""
    paired: bool = True
    """Count item by item; False: each model's share alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Summed:
    """Counts summed over strata whose chances differ: drawn exactly, weighed as normal.

    The normal law has the exact mean and covariance, and stands for the true one where counts
    are not small. The last cell follows from the others and is not weighed.
    """

    n: Floats
    """Items of each stratum, shape (strata,)."""
    chances: Floats
    """Chance of each kind, shape (points, strata, kinds)."""
    cells: Floats
    """Which kinds a cell counts, shape (kinds, cells)."""

    def __post_init__(self) -> None:
        """Refuse counts for which a normal law would be wrong.

        Raises:
            ValueError: If the count of a cell varies by less than three items or so.
        """
        share = np.einsum("s,psk,kc->pc", self.n, self.chances, self.cells[:, :-1]) / self.n.sum()
        if (self.n.sum() * share * (1 - share)).min() < _LEAST_VARIANCE:
            raise ValueError(
                f"a slice of {self.n.sum():g} items is too small to be shown like this. Show it "
                "item by item, by every trait of the world, or enlarge the set."
            )

    def draw(self, point: int, count: int, rng: np.random.Generator) -> Floats:
        """Draw cells, shape (count, cells)."""
        shape = (count, len(self.n))
        kinds = rng.multinomial(self.n.astype(np.int64), self.chances[point], size=shape)
        drawn: Floats = kinds.sum(axis=1) @ self.cells
        return drawn

    def log_likelihoods(self, seen: Floats) -> Floats:
        """Normal density of all cells but the last, shape (draws, points)."""
        told = self.cells[:, :-1]
        each = self.chances @ told
        mean = np.einsum("s,psc->pc", self.n, each)
        square = np.einsum("s,psk,kc,kd->pcd", self.n, self.chances, told, told)
        covariance = square - np.einsum("s,psc,psd->pcd", self.n, each, each)
        off = seen[:, None, :-1] - mean
        solved = np.linalg.solve(covariance, off[..., None])[..., 0]
        density: Floats = -0.5 * ((off * solved).sum(axis=2) + np.linalg.slogdet(covariance)[1])
        return density


class Graded:
    """Counts of right and wrong, or of unsafe answers, in every slice."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """One part for each slice, and for unsafe answers one for each model in it."""
        given = Given.model_validate(panel.given)
        laws = [_runs(_read(world).model_dump_json()) for world in setting.worlds]
        n = _clusters(laws[setting.truth])
        parts: list[Stack] = []
        for inside in _slices(given, strata(setting.drawn)).values():
            if given.of == "unsafe":
                shares = np.array([law.unsafe[inside] for law in laws])
                parts.append(_unsafe(n[inside], shares))
            else:
                chances = np.array([law.kinds.marginal[inside] for law in laws])
                parts.append(_right(n[inside], chances, _cells(setting.drawn, given)))
        return Joined(tuple(parts), (_size(given),) * len(parts))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the items of the drawn world, as in its file."""
        del stack, rng
        given, world = Given.model_validate(panel.given), setting.drawn
        law = _runs(_read(world).model_dump_json())
        lines = law.draw(generator(world, NAME, "panels"))
        counts, unsafe, n = lines[:, :-2], lines[:, -2:], _clusters(law)
        found = []
        for inside in _slices(given, strata(world)).values():
            if given.of == "unsafe":
                hits = unsafe[inside].sum(axis=0)
                found.append(np.stack([hits, n[inside].sum() - hits], axis=1).ravel())
            else:
                found.append(counts[inside].sum(axis=0) @ _cells(world, given))
        return np.concatenate(found)

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row for each slice; readings are called "change", or "change topic=other"."""
        given = Given.model_validate(panel.given)
        rows, readings = [], []
        names = _slices(given, strata(setting.drawn))
        for name, cells in zip(names, seen.reshape(len(names), -1), strict=True):
            ending = "" if name == "all" else f" {name}"
            if given.of == "unsafe":
                items, counts = cells[0] + cells[1], {}
                read = apart_readings(cells[0], cells[2], items, ending)
            elif given.paired:
                table = crosstab_of(cells)
                items, read = table.n, paired_readings(table, ending)
                counts = {"won": table.only_candidate, "lost": table.only_baseline}
            else:
                items, counts = cells[2], {}
                read = apart_readings(cells[0], cells[1], items, ending)
            rows.append(row_of("all items" if name == "all" else name, items, read, **counts))
            readings += read
        return Shown(rows=rows, readings=readings, text=panel.text)


def _read(world: World) -> World:
    """Refuse what the laws here do not hold for.

    Raises:
        ValueError: If a run is lost or fails, is repeated, or shares its difficulty with others.
    """
    known = items(world)
    silent = any(world.model_of(arm).lost or world.model_of(arm).error for arm in ARMS)
    if silent or world.fault or known.repeats > 1 or known.cluster > 1:
        raise ValueError(
            "a panel of kind 'graded' counts items that both models answered once; this world "
            "has lost or failed runs, faults, repeats or clusters. Leave them out of the case."
        )
    return world


@lru_cache(maxsize=256)
def _runs(world: str) -> Runs:
    return cast("Runs", scores_laws(World.model_validate_json(world))["runs"])


def _clusters(law: Runs) -> Floats:
    """Items of each stratum, shape (strata,)."""
    return law.kinds.clusters.astype(np.float64)


def _slices(given: Given, found: Cells) -> Slices:
    inside = found.inside(given.where)
    name = ", ".join(f"{column}={level}" for column, level in given.where.items()) or "all"
    if given.by is None:
        return {name: inside}
    levels = dict.fromkeys(names[given.by] for names in found.names)
    cut = {f"{given.by}={level}": inside & found.inside({given.by: level}) for level in levels}
    return {name: mask for name, mask in cut.items() if mask.any()}


def _size(given: Given) -> int:
    return 4 if given.of == "unsafe" or given.paired else 3


def _cells(world: World, given: Given) -> Floats:
    """Say which kinds of items a cell counts, shape (kinds, cells)."""
    baseline, candidate = (np.array(kinds(world)).T > ANSWERED).astype(np.float64)
    if not given.paired:
        return np.stack([baseline, candidate, np.ones_like(baseline)], axis=1)
    b, c = baseline, candidate
    return np.stack([b * c, b * (1 - c), (1 - b) * c, (1 - b) * (1 - c)], axis=1)


def _right(n: Floats, chances: Floats, cells: Floats) -> Stack:
    """Exact where all items of the slice are alike and every kind has a cell of its own."""
    alike = bool(np.ptp(chances, axis=1).max() == 0)
    if alike and cells.shape[1] == 4:
        return Tallies(np.array([n.sum()]), chances[:, :1] @ cells)
    return Summed(n, chances, cells)


def _unsafe(n: Floats, shares: Floats) -> Stack:
    """Both models apart; a mean over strata with shares this small counts as one share."""
    mean = np.einsum("s,psa->pa", n, shares) / n.sum()
    return Tallies(np.full(len(ARMS), n.sum()), np.stack([mean, 1 - mean], axis=-1))
