"""Models: from what is taken of a metric to the law by which its samples are drawn."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from shipcall.contract.plan import Measure
from shipcall.core import Absent, Reason, Slice
from shipcall.metrics import METRICS, Statistic
from shipcall.release.foresight.laws import Drawn, Law, NormalLaw, Place
from shipcall.release.foresight.nuisance import MetricNuisance, TableNuisance
from shipcall.release.foresight.oddslaws import FindsLaw, LineLaw
from shipcall.release.foresight.outcomes import paired_law, passing, precision_law, runs_law, solved
from shipcall.release.foresight.rowlaws import AucLaw, EceLaw, QuantileLaw, RowLaw
from shipcall.stats.sample import Floats, Sample

MOST_RUNS = 12
"""More runs of a unit than this are taken as a normal mean."""
SEVERAL = 1.05
"""More units to a cluster than this, and clusters are what is drawn."""


_MEANS = (Statistic.RATIO, Statistic.BALANCED, Statistic.ROOT, Statistic.PREFERENCE)
"""Statistics that are means of clusters, or nearly."""


def _unchanged(effect: float) -> float:
    return effect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """How the samples of one metric are drawn."""

    metric: str
    source: str
    """What is drawn; metrics with the same source come from the same rows."""
    law: Law
    spread: float
    """Standard deviation of one unit's paired difference, in the unit of the metric."""
    moved: Callable[[float], float] = _unchanged
    """Effect on this metric -> effect on its source."""


def model_of(how: Measure, taken: MetricNuisance, table: TableNuisance) -> Model:
    """Choose the law of a metric.

    Args:
        how: How the metric is measured.
        taken: What is taken of it.
        table: What is taken of the table it reads.
    """
    statistic = METRICS[how.kind].statistic
    if statistic not in _MEANS:
        rows, spread = _of_rows(how, taken, table)
        return Model(metric=how.name, source=how.name, law=rows, spread=spread)
    if taken.differ is not None:
        return _of_outcomes(how, taken, table)
    law = _normal(how, taken, table)
    return Model(
        metric=how.name,
        source=how.name,
        law=law,
        spread=law.difference * math.sqrt(law.units_each),
    )


def _of_outcomes(how: Measure, taken: MetricNuisance, table: TableNuisance) -> Model:
    value, differ = taken.value.value, taken.differ.value if taken.differ else 0.0
    runs, counting = round(table.runs.value), taken.counting.value if taken.counting else 1.0
    together = taken.together.value if taken.together else 1.0
    spread = math.sqrt(differ / counting)
    if table.cluster.value > SEVERAL or runs > MOST_RUNS:
        law = _normal_outcomes(how, taken, table)
        spread = law.difference * math.sqrt(law.units_each)
        return Model(metric=how.name, source=how.name, law=law, spread=spread)
    if how.kind == "precision":
        tallied = precision_law(value, differ, counting)
        return Model(metric=how.name, source=how.name, law=tallied, spread=spread)
    if how.evidence != "scores" or (runs == 1 and how.kind != "pass_k"):
        tallied = paired_law(value, differ, counting)
        return Model(metric=how.name, source=how.name, law=tallied, spread=spread)
    graded = runs_law(value, differ, together, runs)
    spread = math.sqrt(together * differ + (1 - together) * differ / runs)
    source = f"{how.options.name}>={how.options.threshold:g}"
    if how.kind != "pass_k":
        return Model(metric=how.name, source=source, law=graded, spread=spread)
    k = how.options.k or 1
    if k > runs:
        detail = f"pass^{k} needs {k} runs of a unit; {runs} are promised"
        return Model(metric=how.name, source=source, law=NoLaw(detail), spread=spread)
    passed = runs_law(value, differ, together, runs, k)
    return Model(
        metric=how.name,
        source=source,
        law=passed,
        spread=spread,
        moved=lambda effect: solved(lambda e: passing(passed, e), effect) if effect else 0.0,
    )


def _normal_outcomes(how: Measure, taken: MetricNuisance, table: TableNuisance) -> NormalLaw:
    """Shares over clusters with many rows."""
    value, differ = taken.value.value, taken.differ.value if taken.differ else 0.0
    noise = value * (1 - value)
    counting = taken.counting.value if taken.counting else 1.0
    rows = max(table.cluster.value * table.runs.value * counting, 1.0)
    together = taken.together.value if taken.together else 1.0 / rows
    apart = min((1 - together) * 2 * noise, differ)
    between = max(differ - apart, 0.0) + apart / rows
    return NormalLaw(
        value=value,
        spread=math.sqrt(noise * (together + (1 - together) / rows)),
        difference=math.sqrt(between),
        units_each=table.cluster.value,
        rows_each=table.cluster.value * table.runs.value,
        counting=counting,
        limits=how.options.range or METRICS[how.kind].range,
        differing=1.0 - (1.0 - differ) ** rows,
    )


def _normal(how: Measure, taken: MetricNuisance, table: TableNuisance) -> NormalLaw:
    rows = max(table.cluster.value * table.runs.value, 1.0)
    together = taken.together.value if taken.together else (1.0 if rows <= 1 else 0.0)
    shrunk = math.sqrt(together + (1 - together) / rows)
    spread = taken.spread.value if taken.spread else 0.0
    difference = taken.difference.value if taken.difference else 0.0
    return NormalLaw(
        value=taken.value.value,
        spread=max(spread, difference / 2) * shrunk,
        difference=difference * shrunk,
        units_each=table.cluster.value,
        rows_each=table.cluster.value * table.runs.value,
        limits=how.options.range or METRICS[how.kind].range,
    )


def _of_rows(how: Measure, taken: MetricNuisance, table: TableNuisance) -> tuple[RowLaw, float]:
    value, spread = taken.value.value, taken.spread.value if taken.spread else 1.0
    difference = taken.difference.value if taken.difference else spread
    alike = min(max(1.0 - difference**2 / (2 * spread**2), -1.0), 0.9999)
    statistic = METRICS[how.kind].statistic
    if statistic is Statistic.RANKS:
        positive = taken.counting.value if taken.counting else 0.5
        rare = min(positive, 1 - positive)
        law = AucLaw(value=value, positive=positive, alike=alike)
        return law, math.sqrt((1 - alike) * value * (1 - value) / max(rare, 1e-6))
    if statistic is Statistic.AVERAGE_PRECISION:
        positive = taken.counting.value if taken.counting else 0.5
        finds = FindsLaw(value=value, positive=positive, alike=alike)
        return finds, math.sqrt((1 - alike) * value * (1 - value) / max(positive, 1e-6))
    if statistic in (Statistic.SLOPE, Statistic.INTERCEPT):
        return LineLaw(value=value, slope=statistic is Statistic.SLOPE), 1.0
    if statistic is Statistic.BINS:
        return EceLaw(value=value, bins=how.options.bins, noise=difference), 1.0
    q = how.options.q or 0.5
    quantile = QuantileLaw(
        q=q,
        value=value,
        spread=spread,
        alike=alike,
        repeats=round(table.runs.value),
        together=taken.together.value if taken.together else 0.0,
    )
    return quantile, difference * value * math.sqrt(q * (1 - q)) * 2.5


@dataclass(frozen=True, slots=True)
class NoLaw:
    """A metric that will have no data, whatever is brought."""

    why: str

    def draw(
        self,
        place: Place,
        effect: Floats,  # noqa: ARG002 - nothing can move what is not there
        rng: np.random.Generator,  # noqa: ARG002 - nor chance
        draws: int,
    ) -> Sequence[Drawn]:
        """As `Law.draw`: absent, always."""
        absent: list[Sample | Absent] = [self._absent] * draws
        return [dict.fromkeys(place.parts, absent) for _ in place.units]

    def reference(self, place: Place, rng: np.random.Generator) -> dict[Slice, Sample | Absent]:  # noqa: ARG002 - nothing is drawn
        """As `Law.reference`."""
        return dict.fromkeys(place.parts, self._absent)

    @property
    def _absent(self) -> Absent:
        return Absent(reason=Reason.ROWS_MISSING, detail=self.why)
