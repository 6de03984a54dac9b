"""Odds laws: stated log odds that are off by a line, and the order into which scores put rows."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from shipcall.release.foresight.rowlaws import AucLaw, Columns, RowLaw
from shipcall.stats.average_precision import average_precision_sample
from shipcall.stats.clusters import Clusters
from shipcall.stats.recalibration import intercept_sample, slope_sample
from shipcall.stats.sample import Floats, Ints, Lost, Sample

ODDS = 1.5
"""Standard deviation that is taken for the true log odds of rows."""
_LEAST_SLOPE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class LineLaw(RowLaw):
    """True log odds are normal; what is stated is off by a factor, or by an amount."""

    value: float
    """Calibration slope or intercept of the baseline."""
    slope: bool
    """Whether the slope is asked for, and not the intercept."""

    @property
    def rows_each(self) -> int:
        """As `RowLaw.rows_each`."""
        return 1

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """As `RowLaw.rows`."""
        odds = ODDS * rng.standard_normal(units.size)
        happened = (rng.random(units.size) < special.expit(odds)).astype(np.float64)
        stated = [self._stated(odds, self.value), self._stated(odds, self.value + effect)]
        return {
            "confidence_baseline": special.expit(stated[0]),
            "outcome_baseline": happened,
            "confidence_candidate": special.expit(stated[1]),
            "outcome_candidate": happened,
        }

    def _stated(self, odds: Floats, value: Floats | float) -> Floats:
        stated: Floats = odds / np.maximum(value, _LEAST_SLOPE) if self.slope else odds - value
        return stated

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:
        """As `RowLaw.summed`."""
        summed = slope_sample if self.slope else intercept_sample
        return summed(**columns, clusters=Clusters.of(units), lost=lost, influence=influence)


@dataclass(frozen=True, kw_only=True, eq=False)
class FindsLaw(AucLaw):
    """Scores as for the area under the ROC curve; what is asked is the average precision."""

    @cached_property
    def _areas(self) -> tuple[Floats, Floats]:
        """Average precision at many areas under the ROC curve, both ascending.

        With a share s of positive rows, precision above t is s R / (s R + (1 - s) F), R and F
        being the shares of positive and negative rows above t; its mean over R by the trapezoid
        rule on 801 thresholds.
        """
        areas = np.linspace(0.501, 0.999, 200)
        shift = np.sqrt(2.0) * special.ndtri(areas)[:, None]
        grid = np.linspace(10.0, -8.0, 801)[None, :]
        found, alarms = special.ndtr(shift - grid), special.ndtr(-grid)
        precision = self.positive * found / (self.positive * found + (1 - self.positive) * alarms)
        steps = np.diff(found, axis=1)
        means = ((precision[:, 1:] + precision[:, :-1]) / 2 * steps).sum(axis=1)
        return areas, means

    def area(self, precision: Floats) -> Floats:
        """Area under the ROC curve at which the average precision is this."""
        areas, means = self._areas
        found: Floats = np.interp(precision, means, areas)
        return found

    def rows(self, effect: Floats, units: Ints, rng: np.random.Generator) -> Columns:
        """As `RowLaw.rows`."""
        before, after = self.area(np.array([self.value])), self.area(self.value + effect)
        binormal = AucLaw(value=float(before[0]), positive=self.positive, alike=self.alike)
        return binormal.rows(after - before[0], units, rng)

    def summed(self, columns: Columns, units: Ints, lost: Lost, *, influence: bool) -> Sample:
        """As `RowLaw.summed`."""
        weight = np.ones(units.size)
        return average_precision_sample(
            **columns, weight=weight, cluster=units, lost=lost, influence=influence
        )
