"""Fatigue: whether each further exposure makes it likelier to drop; and gains that wear off."""

import math
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from shipcall.core import Absent, Estimate, Measured, Reason, Tails
from shipcall.stats.arms import ByArm, Hits, joined, share_by_arm
from shipcall.stats.sample import Ints

FEW_DROPS = 20
"""Fewer drops than this, or drops at fewer than three counts, carry no slope."""
_STEPS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposed:
    """Units of one arm at each number of exposures: in sight, and dropped right after it.

    A unit adds 1 to `at_risk` at every count it reached and whose outcome is known (it came
    back, or the window to come back has closed), and at most one drop, at its last count.

    Raises:
        ValueError: On counts that do not ascend, shapes that differ, more drops than units.
    """

    exposures: Ints
    """Cumulative number of exposures, ascending from 1 or more, shape (K,)."""
    at_risk: Ints
    """Shape (K,)."""
    dropped: Ints
    """Shape (K,)."""

    def __post_init__(self) -> None:
        if not self.exposures.shape == self.at_risk.shape == self.dropped.shape:
            raise ValueError("exposures, at_risk and dropped are one number for each count")
        if (np.diff(self.exposures) <= 0).any() or (self.exposures < 1).any():
            raise ValueError("numbers of exposures do not ascend from 1")
        if not ((self.dropped >= 0) & (self.dropped <= self.at_risk)).all():
            raise ValueError("expected 0 <= dropped <= at_risk at every number of exposures")

    @classmethod
    def of(cls, last: ArrayLike, dropped: ArrayLike) -> Self:
        """Count units by their last exposure whose outcome is known.

        Args:
            last: That exposure's number, 1 or more, shape (n,).
            dropped: 1 where the unit dropped after it, 0 where it is out of sight, shape (n,).
        """
        reached = np.asarray(last, dtype=np.int64)
        events = np.asarray(dropped, dtype=bool)
        most = int(reached.max(initial=0))
        ended = np.bincount(reached, minlength=most + 1)[1:]
        gone = np.bincount(reached[events], minlength=most + 1)[1:]
        risk = np.cumsum(ended[::-1])[::-1]
        return cls(exposures=np.arange(1, most + 1), at_risk=risk, dropped=gone)

    def merged(self, other: "Exposed") -> "Exposed":
        """Add other units of the same arm."""
        exposures = np.union1d(self.exposures, other.exposures)
        at_risk, dropped = np.zeros((2, exposures.size), dtype=np.int64)
        for part in (self, other):
            place = np.searchsorted(exposures, part.exposures)
            at_risk[place] += part.at_risk
            dropped[place] += part.dropped
        return Exposed(exposures=exposures, at_risk=at_risk, dropped=dropped)

    def upto(self, most: int) -> "Exposed":
        """Forget what came after so many exposures: both arms must be asked about the same."""
        kept = (self.exposures <= most) & (self.at_risk > 0)
        return Exposed(
            exposures=self.exposures[kept],
            at_risk=self.at_risk[kept],
            dropped=self.dropped[kept],
        )

    @property
    def n(self) -> int:
        """Units that were at risk at all: those of the first count."""
        return int(self.at_risk.max(initial=0))


class Hazard(NamedTuple):
    """Chance to drop right after so many exposures, of those who came that far."""

    exposures: int
    shares: ByArm


def hazard_by_arm(baseline: Exposed, candidate: Exposed, tails: Tails) -> list[Hazard]:
    """Compare the chance to drop at each number of exposures; the fatigue curve.

    Intervals hold at each number alone. Only the first number compares like with like: those
    who reach the tenth exposure are whom the first nine did not drive away, and the arms differ
    in whom they drove away. Read a difference there as where it happens, not as an effect; what
    the release does to people is in `survival`, over all who began.

    Args:
        baseline: Counts of the baseline's units.
        candidate: The candidate's.
        tails: One-sided error level of each end.

    Returns:
        One entry for each number that either arm reached; an arm without units there is Absent.
    """
    both = baseline.merged(candidate).exposures.tolist()
    tables = [
        {int(k): Hits(int(d), int(n)) for k, n, d in zip(*columns, strict=True)}
        for columns in ((arm.exposures, arm.at_risk, arm.dropped) for arm in (baseline, candidate))
    ]
    nobody = Hits(0, 0)
    return [
        Hazard(
            count,
            share_by_arm(tables[0].get(count, nobody), tables[1].get(count, nobody), tails),
        )
        for count in both
    ]


def fatigue_slope(exposed: Exposed, tails: Tails) -> Measured:
    """Estimate by how much the log odds of dropping rise with each doubling of exposures.

    Above 0: exposures tire; below: the patient ones remain, or a habit forms. A line through
    the logit of the hazard over log2 of the count, by maximum likelihood; the variance counts
    each count's own drops, so it holds also where the truth is no line (the slope is then that
    of the best line for these units at risk). At a given count a unit drops or not whatever it
    did before, so counts add like independent ones although units run through several.

    A slope of one arm mixes fatigue with selection: where units differ, hazards fall with the
    count although nobody changes. The difference between arms dealt at random (`slope_by_arm`)
    does not need that away, but says only that fatigue or selection differs.

    Args:
        exposed: One arm; cut with `upto` to the counts you mean.
        tails: One-sided error level of each end.

    Returns:
        Log odds per doubling; Absent with fewer than `FEW_DROPS` drops, drops or survivors at
        fewer than three counts, or no finite slope.

    References:
        Singer & Willett (1993), It's about time: using discrete-time survival analysis to study
        duration and the timing of events, J. Educational Statistics 18(2), 155-195.
    """
    kept = exposed.upto(int(exposed.exposures.max(initial=1)))
    drops, n = int(kept.dropped.sum()), kept.n
    counts = int(np.count_nonzero(kept.dropped))
    staying = int(np.count_nonzero(kept.at_risk > kept.dropped))
    if drops < FEW_DROPS or min(counts, staying) < 3:
        detail = f"{drops} drops at {counts} numbers of exposures"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=n)
    line = _line(kept)
    if line is None:
        return Absent(reason=Reason.UNDEFINED, detail="no finite slope fits the drops", n=n)
    error = math.sqrt(line.variance)
    return Estimate(
        value=line.slope,
        low=line.slope + float(special.ndtri(tails.low)) * error,
        high=line.slope - float(special.ndtri(tails.high)) * error,
        tails=tails,
        n=n,
        method="discrete-time logistic hazard, robust",
    )


def slope_by_arm(baseline: Exposed, candidate: Exposed, tails: Tails) -> ByArm:
    """Compare fatigue slopes over the numbers of exposures that both arms reached."""
    most = min(_most(baseline), _most(candidate))
    return joined(
        partial(fatigue_slope, baseline.upto(most)),
        partial(fatigue_slope, candidate.upto(most)),
        tails,
    )


def _most(exposed: Exposed) -> int:
    return int(exposed.exposures[exposed.at_risk > 0].max(initial=1))


class Trend(NamedTuple):
    """Whether the chance to drop moves with the number of exposures at all."""

    z: float
    """Above 0: it rises."""
    p: float
    """Two-sided, in (0, 1]."""


def hazard_trend(exposed: Exposed) -> Trend | Absent:
    """Ask whether the chance to drop is the same at every number of exposures.

    Cochran-Armitage over log2 of the count, with the hypergeometric variance; normal, therefore
    Absent with fewer than `FEW_DROPS` drops. Against "the same at every count" only: where units
    differ the hazard falls on its own, so no rise does not mean no fatigue.

    References:
        Armitage (1955), Tests for linear trends in proportions and frequencies, Biometrics
        11(3), 375-386.
    """
    risk, gone = exposed.at_risk.astype(np.float64), exposed.dropped.astype(np.float64)
    whole, drops = float(risk.sum()), float(gone.sum())
    if drops < FEW_DROPS or whole - drops < FEW_DROPS or np.count_nonzero(risk) < 2:
        detail = f"{drops:g} drops at {np.count_nonzero(risk)} numbers of exposures"
        return Absent(reason=Reason.TOO_FEW_EVENTS, detail=detail, n=exposed.n)
    x = np.log2(exposed.exposures)
    centred = x - float(np.sum(risk * x)) / whole
    spread = drops * (whole - drops) / (whole * (whole - 1)) * float(np.sum(risk * centred**2))
    z = float(np.sum(gone * centred)) / math.sqrt(spread)
    return Trend(z, float(2 * special.ndtr(-abs(z))))


class _Line(NamedTuple):
    slope: float
    variance: float


def _line(exposed: Exposed) -> _Line | None:
    x = np.log2(exposed.exposures)
    design = np.column_stack((np.ones_like(x), x - x.mean()))
    risk, gone = exposed.at_risk.astype(np.float64), exposed.dropped.astype(np.float64)
    at = np.array([float(special.logit(gone.sum() / risk.sum())), 0.0])
    for _ in range(_STEPS):
        share = special.expit(design @ at)
        bread = design.T @ (design * (risk * share * (1 - share))[:, None])
        if not np.linalg.cond(bread) < 1e12:
            return None
        step = np.linalg.solve(bread, design.T @ (gone - risk * share))
        at = at + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    else:
        return None
    own = gone / risk
    spread = np.maximum(risk * own * (1 - own), risk * share * (1 - share))
    inverse = np.linalg.inv(bread)
    return _Line(
        float(at[1]), float((inverse @ (design.T @ (design * spread[:, None])) @ inverse)[1, 1])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """Sums over the units of one arm of (mean outcome early) - (mean outcome late).

    Early and late are ages since first exposure, the same for every unit and fixed beforehand,
    as days 0-6 and 21-27; only units whose late window has closed, absent days counted as 0.
    """

    units: int
    total: float
    squares: float

    @classmethod
    def of(cls, early: ArrayLike, late: ArrayLike) -> Self:
        """Sum over units; one early and one late mean for each, shape (n,)."""
        fall = np.asarray(early, dtype=np.float64) - np.asarray(late, dtype=np.float64)
        if not np.isfinite(fall).all():
            raise ValueError("an early or late mean is not known: leave the unit out, as lost")
        return cls(units=fall.size, total=float(fall.sum()), squares=float(np.sum(fall**2)))

    def merged(self, other: "Wear") -> "Wear":
        """Add other units of the same arm."""
        return Wear(
            units=self.units + other.units,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )


def novelty_decay(baseline: Wear, candidate: Wear, tails: Tails) -> ByArm:
    """Estimate how much of an early gain has gone later: (early - late), candidate - baseline.

    Above 0: the gain of the first days is wearing off; below: people are still learning to use
    it. The baseline's own fall takes season and habit out. It is a causal contrast, over all who
    began; t with Welch's degrees of freedom for each end, each arm on its own for the arms.

    Args:
        baseline: Sums of the baseline's units.
        candidate: The candidate's.
        tails: One-sided error level of each end.

    References:
        Welch (1947), The generalization of Student's problem when several different population
        variances are involved, Biometrika 34, 28-35.
    """
    before, after = _worn(baseline), _worn(candidate)
    own = _student(before, tails), _student(after, tails)
    return ByArm(own[0], own[1], _student(_welch(before, after), tails))


class _Mean(NamedTuple):
    value: float
    variance: float
    df: float
    n: int


def _worn(wear: Wear) -> _Mean | Absent:
    if wear.units < 2:
        detail = f"{wear.units} units with both windows closed"
        return Absent(reason=Reason.TOO_FEW_UNITS, detail=detail, n=wear.units)
    mean = wear.total / wear.units
    square = (wear.squares - wear.units * mean**2) / (wear.units - 1)
    if square <= 1e-12 * max(wear.squares / wear.units, 0.0):
        detail = f"{wear.units} units, the same fall in each"
        return Absent(reason=Reason.CONSTANT, detail=detail, n=wear.units)
    return _Mean(mean, square / wear.units, wear.units - 1.0, wear.units)


def _welch(before: _Mean | Absent, after: _Mean | Absent) -> _Mean | Absent:
    if isinstance(before, Absent) or isinstance(after, Absent):
        return before if isinstance(before, Absent) else after
    whole = before.variance + after.variance
    parts = before.variance**2 / before.df + after.variance**2 / after.df
    return _Mean(after.value - before.value, whole, whole**2 / parts, before.n + after.n)


def _student(mean: _Mean | Absent, tails: Tails) -> Measured:
    if isinstance(mean, Absent):
        return mean
    error = math.sqrt(mean.variance)
    return Estimate(
        value=mean.value,
        low=mean.value + float(special.stdtrit(mean.df, tails.low)) * error,
        high=mean.value - float(special.stdtrit(mean.df, tails.high)) * error,
        tails=tails,
        n=mean.n,
        method="early less late, Welch t",
    )
