"""Stated: how sure a classifier says it is, and how often it is right when it says so.

given = { edges = [0.6, 0.7, 0.85, 0.95], bar = 0.85 }

Items fall into bins of the probability that the candidate states for the class it chose, from one
half on. Without edges there is one bin: how often both are right. A panel whose edges are all
among those of another is told wholly by that one. Below `bar` a fallback answers.
"""

import itertools
from functools import lru_cache
from typing import Annotated

import numpy as np
from pydantic import Field, field_validator, model_validator
from scipy import special

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.crosstabs import crosstab_of, paired_readings, share_of
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown, between
from shipcall.stats.sample import Crosstab
from shipcall.world.evaluation.predictions import TABLE
from shipcall.world.models.classifier import SERVED, Scoring, scoring
from shipcall.world.models.errors import rectangles
from shipcall.world.models.items import items
from shipcall.world.people.cells import strata
from shipcall.world.truth import ARMS, World

CELLS = 4
"""Both right, only the baseline, only the candidate, neither: in every bin."""
_ENOUGH = 4
"""Fewer bins are too wide for their middle to stand for what was stated in them."""


class Given(Section):
    """Where the bins lie."""

    edges: list[Annotated[float, Field(gt=SERVED, lt=1)]] = []
    """Inner edges, rising; the first bin begins at one half, the last one ends at 1."""
    bar: float | None = None
    """The edge around which readings are taken."""

    @field_validator("edges")
    @classmethod
    def _rising(cls, edges: list[float]) -> list[float]:
        if sorted(set(edges)) != edges:
            raise ValueError("the edges of the bins rise")
        return edges

    @model_validator(mode="after")
    def _at_an_edge(self) -> "Given":
        if self.bar is not None and self.bar not in self.edges:
            raise ValueError(f"the bar {self.bar:g} is none of the edges: {self.edges}")
        return self


class Stated:
    """Counts of right and wrong decisions in every bin of the stated probability."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Every item falls into one cell of one bin, independently of the others."""
        edges = Given.model_validate(panel.given).edges
        chances = np.array([_law(_read(world), edges).ravel() for world in setting.worlds])
        return Tallies(np.array([float(items(setting.drawn).count)]), chances[:, None, :])

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows of the file."""
        del stack, rng
        edges = Given.model_validate(panel.given).edges
        counts = np.zeros((len(edges) + 1, 2, 2))
        label, baseline, candidate = _predictions(setting.drawn.model_dump_json())
        bins = np.searchsorted(edges, np.maximum(candidate, 1 - candidate), side="right")
        wrong = [np.asarray((said >= SERVED) != label, int) for said in (baseline, candidate)]
        np.add.at(counts, (bins, wrong[0], wrong[1]), 1)
        return counts.ravel()

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """A row for each bin; readings of all items, and of those below and from the bar on."""
        del setting
        given = Given.model_validate(panel.given)
        tables = [crosstab_of(cells) for cells in seen.reshape(-1, CELLS)]
        rows = [
            _row(bounds, table, sum(t.n for t in tables))
            for bounds, table in zip(_bounds(given.edges), tables, strict=True)
        ]
        readings = paired_readings(crosstab_of(seen.reshape(-1, CELLS).sum(axis=0)))
        if given.bar is not None:
            place = given.edges.index(given.bar) + 1
            readings += _around(tables[:place], tables[place:])
        if len(tables) >= _ENOUGH:
            readings.append(_overstated(given.edges, tables))
        return Shown(rows=rows, readings=readings, text=panel.text)


def _read(world: World) -> World:
    """Refuse what the law here does not hold for.

    Raises:
        ValueError: If an item is lost or fails, is of a cluster, or is told apart by its slice.
    """
    known, found = items(world), strata(world)
    silent = any(world.model_of(arm).lost or world.model_of(arm).error for arm in ARMS)
    skills = scoring(world, found).skill
    alike = bool((np.ptp(skills, axis=0) == 0).all() and (skills > 0).all())
    if silent or world.fault or known.cluster > 1 or not alike or world.labels.noisy is not None:
        raise ValueError(
            "a panel of kind 'stated' counts items that both models answered and that are alike "
            "in every slice; this world has lost or failed items, faults, clusters, labels of "
            "one noisy source, or effects on skill. Leave them out of the case."
        )
    return world


@lru_cache(maxsize=4)
def _predictions(world: str) -> tuple[Floats, Floats, Floats]:
    """Read label and stated probabilities of all items of the file, shape (items,) each."""
    drawn = World.model_validate_json(world)
    chunks = [TABLE.rows(drawn, chunk) for chunk in range(TABLE.chunks(drawn))]
    label, baseline, candidate = (
        np.concatenate([chunk[name].to_numpy().astype(np.float64) for chunk in chunks])
        for name in ("label", "baseline", "candidate")
    )
    return label, baseline, candidate


def _law(world: World, edges: list[float]) -> Floats:
    """Chance of every cell of every bin, shape (bins, 2 baseline, 2 candidate); 0 is right."""
    found = strata(world)
    given, share = scoring(world, found), items(world).positive
    flipped = float(given.flips[0])
    law = np.zeros((len(edges) + 1, 2, 2))
    for so, written in itertools.product((0, 1), repeat=2):
        weight = (share if so else 1 - share) * (1 - flipped if written == so else flipped)
        # decisions of the baseline (0, 1) by bins of the candidate's probability of class 1
        joint = rectangles(*_edges(given, so, edges), given.errors.correlation)
        no, yes = joint[:, len(edges) :: -1], joint[:, len(edges) + 1 :]
        for baseline in (0, 1):
            law[:, int(baseline != written), int(written != 0)] += weight * no[baseline]
            law[:, int(baseline != written), int(written != 1)] += weight * yes[baseline]
    return law


def _edges(given: Scoring, so: int, edges: list[float]) -> tuple[Floats, Floats]:
    """Edges of the error of both models around their decision and the candidate's bins.

    Decided is class 1 from log odds of 0 on; bins of the class chosen lie on both sides of it.
    """
    bars = special.logit(np.array(edges))
    log_odds = (np.zeros(1), np.concatenate([-bars[::-1], [0.0], bars]))
    sides = []
    for arm, stated in enumerate(log_odds):
        x = ((stated - given.tilt[arm]) / given.sharpness[arm] - given.prior) / given.skill[0, arm]
        inner = (x - given.centres[0, 0, so, arm]) / given.errors.item[arm]
        sides.append(np.concatenate([[-np.inf], inner, [np.inf]]))
    return sides[0], sides[1]


def _bounds(edges: list[float]) -> list[tuple[float, float]]:
    return list(itertools.pairwise([SERVED, *edges, 1.0]))


def _row(bounds: tuple[float, float], table: Crosstab, whole: int) -> Row:
    after = table.both + table.only_candidate
    right = next(iter(share_of("", "", after, table.n)), None)
    return {
        "from": bounds[0],
        "to": bounds[1],
        "items": table.n,
        "share": table.n / whole,
        "right": right.value if right else None,
        "low": right.low if right else None,
        "high": right.high if right else None,
        "baseline": (table.both + table.only_baseline) / table.n if table.n else None,
    }


def _around(below: list[Crosstab], above: list[Crosstab]) -> list[Reading]:
    """Read how many items the fallback answers, and how many errors get past it."""
    under, over = sum(table.n for table in below), sum(table.n for table in above)
    past = sum(table.neither + table.only_baseline for table in above)
    return [
        *share_of("below", "stated below the bar: the fallback answers", under, under + over),
        *share_of("right", "right, of those stated from the bar on", over - past, over),
        *share_of("past", "wrong and stated from the bar on, of all items", past, under + over),
    ]


def _overstated(edges: list[float], tables: list[Crosstab]) -> Reading:
    """Mean of stated less right, where the middle of a bin stands for what was stated in it."""
    middles = np.array([sum(bounds) / 2 for bounds in _bounds(edges)])
    n = np.array([table.n for table in tables], dtype=np.float64)
    right = np.array([table.both + table.only_candidate for table in tables]) / np.maximum(n, 1)
    value = float(n @ (middles - right) / n.sum())
    error = float(np.sqrt(n @ (right * (1 - right))) / n.sum())
    low, high = between(value, error)
    title = "stated less right, mean over items"
    return Reading(name="overstated", title=title, value=value, low=low, high=high, unit="share")
