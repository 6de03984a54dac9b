"""Row laws: metrics whose samples need the rows themselves: AUC, calibration, quantiles.

Rows are drawn from a parametric law and summed by the functions that sum real rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy import special

from shipcall.core import Absent, Reason, Slice
from shipcall.release.foresight.laws import MOST_REFERENCE, Drawn, Place
from shipcall.stats.calibration import bin_sample, quantile_edges
from shipcall.stats.clusters import Clusters
from shipcall.stats.ranking import auc_pair_sample
from shipcall.stats.sample import (
    BinSample,
    Floats,
    Ints,
    Lost,
    PairSample,
    QuantileSample,
    Sample,
)

MOST_ROWS, MOST_FOR_QUANTILES = 4_000, 10_000
"""More rows than this are drawn as this many. What the sums of more would be follows from the root
of their number, but for quantiles: there more rows count as this many, which is careful."""

Columns = dict[str, Floats]


class RowLaw(Protocol):
    """A law whose rows are drawn and then summed."""

    @property
    def rows_each(self) -> int:
        """Rows of one unit."""
        ...

    @property
    def most_rows(self) -> int:
        """More rows than this are not drawn."""
        return MOST_ROWS

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """Draw every row: effect and unit of each row in, columns out; shapes (rows,)."""
        ...

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:
        """Sum the rows of one slice."""
        ...

    def draw(
        self, place: Place, effect: Floats, rng: np.random.Generator, draws: int
    ) -> Sequence[Drawn]:
        """As `Law.draw`, with at most `most_rows` rows."""
        few = _fewer(place, self.most_rows // self.rows_each)
        looks: list[Drawn] = [{part: [] for part in few.parts} for _ in few.units]
        for _ in range(draws):
            for look, drawn in enumerate(self._once(few, effect, rng, influence=False)):
                for part, sample in drawn.items():
                    looks[look][part].append(sample)
        times = float(place.units[-1].sum() / max(few.units[-1].sum(), 1))
        if times <= 1:
            return looks
        return [{part: _grown(own, times) for part, own in look.items()} for look in looks]

    def reference(self, place: Place, rng: np.random.Generator) -> dict[Slice, Sample | Absent]:
        """As `Law.reference`."""
        few = place.sample(MOST_REFERENCE)
        nothing = np.zeros(few.units.shape[1])
        return self._once(few, nothing, rng, influence=True)[-1]

    def _once(
        self, place: Place, effect: Floats, rng: np.random.Generator, *, influence: bool
    ) -> list[dict[Slice, Sample | Absent]]:
        cells, look = _rows_of(place, self.rows_each)
        units = np.repeat(np.arange(cells.size // self.rows_each), self.rows_each)
        columns = self.rows(effect[cells], units, rng)
        usable = rng.random(cells.size) >= place.lost if place.lost else np.ones(cells.size, bool)
        looks = []
        for number in range(len(place.units)):
            seen: dict[Slice, Sample | Absent] = {}
            for at, part in enumerate(place.parts):
                held = place.members[at][cells] & (look <= number)
                kept = held & usable
                if not kept.any():
                    seen[part] = Absent(reason=Reason.NO_ROWS, detail=f"no row in {part}")
                    continue
                own = {name: values[kept] for name, values in columns.items()}
                lost = Lost(rows=int(held.sum() - kept.sum()))
                seen[part] = self.summed(own, units[kept], lost, influence=influence)
            looks.append(seen)
        return looks


def _fewer(place: Place, most: int) -> Place:
    total = int(place.units[-1].sum())
    if total <= most:
        return place
    return replace(place, units=np.maximum(place.units * most // total, np.minimum(place.units, 1)))


def _grown(samples: list[Sample | Absent], times: float) -> list[Sample | Absent]:
    """The same draws with so many times the rows: errors shrink with the root of their number."""
    pairs = [s for s in samples if isinstance(s, PairSample)]
    bins = [s for s in samples if isinstance(s, BinSample)]
    if len(pairs) == len(samples) and all(s.baseline is not None for s in pairs):
        values = [(s.baseline or 0.0, s.candidate or 0.0) for s in pairs]
        centre = np.mean(np.array(values), axis=0)
        return [_grown_pair(sample, centre, times) for sample in pairs]
    if len(bins) == len(samples) and len({s.gaps.shape for s in bins}) == 1:
        gaps = np.mean([s.gaps for s in bins], axis=0)
        return [
            replace(
                sample,
                rows=round(sample.rows * times),
                clusters=round(sample.clusters * times),
                gaps=gaps + (sample.gaps - gaps) / np.sqrt(times),
                covariance=sample.covariance / times,
                df=sample.df * times,
            )
            for sample in bins
        ]
    return samples


def _grown_pair(sample: PairSample, centre: Floats, times: float) -> PairSample:
    values = np.array([sample.baseline, sample.candidate], dtype=np.float64)
    baseline, candidate = (centre + (values - centre) / np.sqrt(times)).tolist()
    return replace(
        sample,
        rows=round(sample.rows * times),
        clusters=round(sample.clusters * times),
        baseline=baseline,
        candidate=candidate,
        weight_baseline=round(sample.weight_baseline * times),
        weight_candidate=round(sample.weight_candidate * times),
        var_baseline=sample.var_baseline / times,
        var_candidate=sample.var_candidate / times,
        covariance=sample.covariance / times,
        df=sample.df * times,
        largest_share=sample.largest_share / times,
    )


def _rows_of(place: Place, rows_each: int) -> tuple[Ints, Ints]:
    """Cell and look of each row, look by look."""
    cells, looks = [], []
    for look, step in enumerate(place.steps):
        own = np.repeat(np.arange(step.size), step * rows_each)
        cells.append(own)
        looks.append(np.full(own.size, look))
    return np.concatenate(cells), np.concatenate(looks)


def _two_normals(size: int, alike: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Standard normal numbers of both models with that correlation."""
    first = rng.standard_normal(size)
    second = alike * first + np.sqrt(max(1.0 - alike**2, 0.0)) * rng.standard_normal(size)
    return first, second


@dataclass(frozen=True, kw_only=True, eq=False)
class AucLaw(RowLaw):
    """Scores of both classes are normal with one spread (the binormal law)."""

    value: float
    """AUC of the baseline, in (0.5, 1)."""
    positive: float
    """Share of positive rows, in (0, 1)."""
    alike: float
    """Correlation of the two models' scores within a class."""

    @property
    def rows_each(self) -> int:
        """As `RowLaw.rows_each`."""
        return 1

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """As `RowLaw.rows`."""
        label = (rng.random(units.size) < self.positive).astype(np.float64)
        baseline, candidate = _two_normals(units.size, self.alike, rng)
        return {
            "label": label,
            "score_baseline": baseline + label * _apart(np.full(units.size, self.value)),
            "score_candidate": candidate + label * _apart(self.value + effect),
        }

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:
        """As `RowLaw.summed`."""
        return auc_pair_sample(**columns, cluster=units, lost=lost, influence=influence)


def _apart(auc: Floats) -> Floats:
    """Distance of two normal laws, in standard deviations, that has this AUC."""
    apart: Floats = np.sqrt(2.0) * special.ndtri(np.clip(auc, 0.001, 0.999))
    return apart


@dataclass(frozen=True, kw_only=True, eq=False)
class EceLaw(RowLaw):
    """Confidences are off by one amount everywhere, up or down; the chances follow a beta law."""

    value: float
    """Calibration error of the baseline, in [0, 1)."""
    bins: int
    noise: float
    """Standard deviation of what the candidate says otherwise than the baseline."""

    @property
    def rows_each(self) -> int:
        """As `RowLaw.rows_each`."""
        return 1

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """As `RowLaw.rows`."""
        chance = 0.1 + 0.8 * rng.beta(1.0, 1.0, units.size)
        happened = (rng.random(units.size) < chance).astype(np.float64)
        stated = np.clip(chance + self.value, 0.0, 1.0)
        other = chance + np.maximum(self.value + effect, 0.0)
        other += self.noise * rng.standard_normal(units.size)
        return {
            "confidence_baseline": stated,
            "outcome_baseline": happened,
            "confidence_candidate": np.clip(other, 0.0, 1.0),
            "outcome_candidate": happened,
        }

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:  # noqa: ARG002 - no influence in bins
        """As `RowLaw.summed`."""
        edges = quantile_edges(columns["confidence_baseline"], self.bins)
        return bin_sample(**columns, cluster=units, edges=edges, lost=lost)


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantileLaw(RowLaw):
    """Values are lognormal: latencies, costs, lengths."""

    q: float
    value: float
    """This quantile of the baseline, greater than 0."""
    spread: float
    """Standard deviation of the logarithm."""
    alike: float
    """Correlation of the logarithms of both models on one row."""
    repeats: int = 1
    together: float = 0.0
    """Correlation of the rows of one unit, in [0, 1)."""

    @property
    def rows_each(self) -> int:
        """As `RowLaw.rows_each`."""
        return self.repeats

    @property
    def most_rows(self) -> int:
        """As `RowLaw.most_rows`."""
        return MOST_FOR_QUANTILES

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """As `RowLaw.rows`."""
        first, second = _two_normals(units.size, self.alike, rng)
        if self.together and self.repeats > 1:
            count = int(units[-1]) + 1 if units.size else 0
            shared = _two_normals(count, self.alike, rng)
            own = np.sqrt(1.0 - self.together)
            root = np.sqrt(self.together)
            first, second = (
                own * rows + root * of_units[units]
                for rows, of_units in zip((first, second), shared, strict=True)
            )
        tail = self.spread * float(special.ndtri(self.q))
        return {
            "value_baseline": self.value * np.exp(self.spread * first - tail),
            "value_candidate": np.maximum(self.value + effect, 1e-12)
            * np.exp(self.spread * second - tail),
        }

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:  # noqa: ARG002 - no influence in quantiles
        """As `RowLaw.summed`."""
        baseline, candidate = columns["value_baseline"], columns["value_candidate"]
        first, second = np.argsort(baseline, kind="stable"), np.argsort(candidate, kind="stable")
        return QuantileSample(
            q=self.q,
            baseline=baseline[first],
            candidate=candidate[second],
            cluster_baseline=units[first],
            cluster_candidate=units[second],
            clusters=Clusters.of(units).count,
            lost=lost,
        )
