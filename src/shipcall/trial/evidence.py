"""Drawn evidence: rows in memory that answer what a stage asks of the files of a release."""

from collections.abc import Mapping, Sequence

import numpy as np

from shipcall.core import Absent, Slice
from shipcall.data.facts import Facts
from shipcall.data.kernel import Frame, Quantities, sum_up
from shipcall.data.plan import Request, StatisticsPlan
from shipcall.data.slices import Coded
from shipcall.metrics import Granularity
from shipcall.stats.sample import Floats, Ints, Sample
from shipcall.trial.columns import columns_of
from shipcall.world.populations.releases import Items
from shipcall.world.populations.rows import Rows

Samples = dict[tuple[str, Slice], Sample | Absent]


class DrawnEvidence:
    """Drawn items in the place of evidence files; sums are those of the kernel.

    Nothing is lost but what is NaN, nothing is promised about counts, and every threshold
    divides the grades, so the facts have nothing to report but constant grades.
    """

    def __init__(self, items: Items) -> None:
        self.items = items

    def samples(self, plan: StatisticsPlan) -> Samples:
        """Sum what a plan asks for: one entry per request and slice."""
        found: Samples = {}
        for granularity in Granularity:
            asked = [r for r in plan.requests if r.granularity is granularity]
            if asked:
                found |= self._summed(asked)
        return found

    def undecided(self, _plan: StatisticsPlan) -> Mapping[str, Absent]:
        """No metric of decisions is without any: drawn answers fall on both sides."""
        return {}

    def facts(self, _format: str) -> Facts:
        """Count the rows; grades that never vary are said, as of files."""
        metrics = self.items.metrics
        rows = next(iter(metrics.values()))
        units = int(np.unique(rows.cluster).size)
        return Facts(
            rows=2 * len(metrics) * rows.baseline.size,
            units=units,
            clusters=units,
            pairs=len(metrics) * rows.baseline.size,
            constant=tuple(
                (arm, name)
                for name, one in metrics.items()
                for arm, grades in (("baseline", one.baseline), ("candidate", one.candidate))
                if grades.size > 1 and np.nanmin(grades) == np.nanmax(grades)
            ),
        )

    def _summed(self, asked: Sequence[Request]) -> Samples:
        members = [self.items.metrics[request.options.name] for request in asked]
        columns = [
            columns_of(request.kind, rows, request.options)
            for request, rows in zip(asked, members, strict=True)
        ]
        frame = Frame(
            clusters=_clusters(members[0], asked[0]),
            units=None,
            runs=None,
            columns=columns,
            slices={name: _coded(codes) for name, codes in self.items.slices.items()},
        )
        quantities = [
            Quantities(request, request.options, one)
            for request, one in zip(asked, columns, strict=True)
        ]
        return sum_up(frame, quantities, 0)


def _clusters(rows: Rows, request: Request) -> Ints:
    if request.granularity is not Granularity.UNIT:
        return rows.cluster
    return np.arange(int(rows.cluster.max()) + 1, dtype=np.int64)


def _coded(codes: Ints) -> Coded:
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    parts = np.split(order, np.cumsum(counts)[:-1])
    return Coded(
        codes=codes,
        places={f"p{level}": part for level, part in enumerate(parts) if part.size},
    )


def first_items(items: Items, count: int) -> Items:
    """Keep the items of an earlier look: the first of them, in the order they were drawn."""
    return Items(
        metrics={
            name: Rows(
                baseline=_first(rows.baseline, count),
                candidate=_first(rows.candidate, count),
                cluster=rows.cluster[:count],
            )
            for name, rows in items.metrics.items()
        },
        slices={name: codes[:count] for name, codes in items.slices.items()},
    )


def _first(values: Floats, count: int) -> Floats:
    return values[:count]
