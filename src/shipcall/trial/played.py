"""Played: runs of one model in the place of a release, once it is drawn which plays which model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Absent, Slice
from shipcall.data.alike import MANY
from shipcall.data.facts import Counted, Facts, LostPairs
from shipcall.data.held import HeldRows, HeldRuns, HeldView
from shipcall.data.kernel import Frame, sum_up
from shipcall.data.plan import StatisticsPlan
from shipcall.data.sources import ARMS
from shipcall.stats.sample import Floats, Ints, Sample

Samples = dict[tuple[str, Slice], Sample | Absent]


@dataclass(frozen=True, kw_only=True, eq=False)
class Played:
    """What a stage asks of its evidence, answered by runs of a model that was not changed.

    Within one cluster one run is the baseline and one is the candidate, for every metric alike.
    """

    runs: HeldRuns
    cast: Ints
    """Number of the run that plays the baseline (row 0) and the candidate (row 1) in each
    cluster of the evidence; shape (2, clusters)."""

    def samples(self, plan: StatisticsPlan, /) -> Samples:
        """Sum what was asked for when the runs were read."""
        found: Samples = dict(self.runs.gone)
        for view in self.runs.views:
            found |= sum_up(self._frame(view), view.asked, view.unfound)
        return {(r.metric, part): found[r.metric, part] for r in plan.requests for part in r.slices}

    def undecided(self, _plan: StatisticsPlan, /) -> Mapping[str, Absent]:
        """Metrics of decisions in which some run never decides otherwise."""
        return self.runs.undecided

    def facts(self, _format: str, /) -> Facts:
        """Count what is lost, constant, alike and out of range in this casting."""
        return self._facts

    @cached_property
    def _facts(self) -> Facts:
        lost, outside = LostPairs(), 0
        more = np.zeros(self.cast.shape[1], dtype=np.int64)
        constant: list[tuple[str, str]] = []
        alike: int | None = None
        for rows in self.runs.rows:
            values, graded, beyond = (
                self._pick(part, rows.owner) for part in (rows.value, rows.graded, rows.outside)
            )
            lost = _added(lost, np.isnan(values))
            more += _more_lost(rows.owner, np.isnan(values), more.size)
            outside += int(beyond.sum())
            constant += [
                (arm, rows.metric)
                for arm, own, ok in zip(ARMS, values, graded, strict=True)
                if _never_varies(own[ok], rows)
            ]
            if not rows.metric:
                alike = _variety(*values)
        return replace(
            self.runs.facts,
            lost_pairs=lost,
            lost_clusters=LostPairs(int((more > 0).sum()), int((more < 0).sum())),
            constant=tuple(sorted(constant)),
            alike=alike,
            out_of_range=Counted(outside),
        )

    def _frame(self, view: HeldView) -> Frame:
        columns = []
        for own, shared in zip(view.own, view.shared, strict=True):
            column: dict[str, Floats] = dict(shared)
            for name, values in own.items():
                for arm, cast in zip(ARMS, self._pick(values, view.owner), strict=True):
                    column[f"{name}_{arm}"] = cast
            columns.append(column)
        return Frame(
            clusters=view.clusters, units=None, runs=None, columns=columns, slices=view.slices
        )

    def _pick(self, values: NDArray[Any], owner: Ints) -> NDArray[Any]:
        """Values of the run that plays each model on each line; (runs, lines) to (2, lines)."""
        return values[self.cast[:, owner], np.arange(owner.size)]


def _added(before: LostPairs, lost: NDArray[np.bool_]) -> LostPairs:
    baseline, candidate = lost
    return LostPairs(
        before.only_baseline + int((baseline & ~candidate).sum()),
        before.only_candidate + int((candidate & ~baseline).sum()),
        before.both + int((baseline & candidate).sum()),
    )


def _more_lost(owner: Ints, lost: NDArray[np.bool_], owners: int) -> Ints:
    """Pairs that the baseline lost in each cluster, less those of the candidate."""
    baseline, candidate = (np.bincount(owner[part], minlength=owners) for part in lost)
    return baseline - candidate


def _variety(baseline: Floats, candidate: Floats) -> int | None:
    """Count different answers of predictions as `alike.variety` does; None where one differs."""
    both = ~(np.isnan(baseline) | np.isnan(candidate))
    if both.sum() < 2 or (baseline[both] != candidate[both]).any():
        return None
    return min(np.unique(baseline[~np.isnan(baseline)]).size, MANY)


def _never_varies(values: Floats, rows: HeldRows) -> bool:
    if values.size < 2:
        return False
    least, most = values.min(), values.max()
    return bool(least == most or any(least >= cut or most < cut for cut in rows.thresholds))


def whole(runs: HeldRuns, baseline: int, candidate: int) -> Played:
    """Let one run play the baseline on all items, and another the candidate."""
    cast = np.repeat(np.array([[baseline], [candidate]], dtype=np.int64), runs.clusters, axis=1)
    return Played(runs=runs, cast=cast)


def relabelled(runs: HeldRuns, rng: np.random.Generator) -> Played:
    """Draw in each cluster anew which two runs play, and which of them is the baseline."""
    count = len(runs.names)
    baseline = rng.integers(count, size=runs.clusters)
    candidate = (baseline + rng.integers(1, count, size=runs.clusters)) % count
    return Played(runs=runs, cast=np.stack([baseline, candidate]))
