"""Laws of whole releases: several metrics on the same items, in slices."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from shipcall.world.populations.means import LAWS
from shipcall.world.populations.rows import Floats, Ints, Rng, Rows

SIZES = (20, 30, 50, 80, 120, 200, 300, 500, 1_000, 2_000)
"""Units of ten slices, from small to large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Graded items of one release."""

    metrics: Mapping[str, Rows]
    """Name -> grades of both models; the same rows and clusters in all of them."""
    slices: Mapping[str, Ints]
    """Column -> number of the level of each row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A law of whole releases."""

    name: str
    levels: Mapping[str, Mapping[int, int]]
    """Column -> level -> units, which are the same in every draw."""
    draw: Callable[[Rng], Items]
    truth: Mapping[str, float]
    """Metric -> true difference (or share, for `unsafe`), the same in every slice unless said."""
    units: int = 0
    moved: Mapping[int, float] = field(default_factory=dict)
    """Level of the first column -> true difference of `right` there, where it is another."""


def sliced_grades(
    law: str, *, loss: float = 0.02, copies: int = 1, overlapping: bool = False
) -> Release:
    """Grades in slices, all of which lose the same.

    Args:
        law: Law of one item's difference; a key of LAWS.
        loss: What the candidate loses in every slice.
        copies: How often the ten sizes are there.
        overlapping: A second column cuts the same items otherwise, into as many slices.
    """
    sizes = np.tile(SIZES, copies)
    column = np.repeat(np.arange(sizes.size), sizes)
    other = column[np.random.default_rng(sizes.size).permutation(column.size)]
    slices = {"part": column} | ({"cut": other} if overlapping else {})

    def draw(rng: Rng) -> Items:
        baseline = rng.standard_normal(column.size)
        candidate = baseline - loss + 0.5 * LAWS[law].draw(rng, column.size)
        rows = Rows(baseline=baseline, candidate=candidate, cluster=np.arange(column.size))
        return Items(metrics={"m": rows}, slices=slices)

    return _sliced(f"{_cuts(sizes.size, slices)} of grades, {law}", slices, draw, -loss)


def sliced_answers(*, differing: float = 0.2, loss: float = 0.02) -> Release:
    """Right or wrong in ten slices, all of which lose the same."""
    column = np.repeat(np.arange(len(SIZES)), SIZES)
    fallen, gained = (differing + loss) / 2, (differing - loss) / 2

    def draw(rng: Rng) -> Items:
        place = rng.random(column.size)
        rows = Rows(
            baseline=(place < 0.6 + fallen).astype(np.float64),
            candidate=((place < 0.6) | (place >= 1.0 - gained)).astype(np.float64),
            cluster=np.arange(column.size),
        )
        return Items(metrics={"m": rows}, slices={"part": column})

    slices = {"part": column}
    return _sliced(f"{_cuts(len(SIZES), slices)} of right or wrong", slices, draw, -loss)


def _cuts(parts: int, slices: Mapping[str, Ints]) -> str:
    return (
        f"{parts} slices" if len(slices) == 1 else f"{parts} slices by each of {len(slices)} cuts"
    )


def _sliced(
    name: str, slices: Mapping[str, Ints], draw: Callable[[Rng], Items], truth: float
) -> Release:
    levels = {name: _counted(codes) for name, codes in slices.items()}
    units = next(iter(slices.values())).size
    return Release(name=name, levels=levels, draw=draw, truth={"m": truth}, units=units)


def _counted(codes: Ints) -> dict[int, int]:
    return {int(level): int(count) for level, count in enumerate(np.bincount(codes))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """True values of a release with a goal, two guardrails and a protected slice."""

    right: float = 0.12
    """Candidate minus baseline, in right answers, over all items."""
    grade: float = 0.05
    """Candidate minus baseline, in the mean grade, which lies in [0, 1]."""
    unsafe: float = 0.004
    """Share of the candidate's answers that are unsafe."""
    protected: float | None = None
    """Candidate minus baseline, in right answers, in level 0 of `country`; None: as over all."""


COUNTRIES = (0.2, 0.3, 0.5)
"""Share of the items in each level of `country`."""
RIGHT = 0.7
"""Share of the baseline's answers that are right."""


def release(n: int, promise: Promise, *, correlation: float, name: str) -> Release:
    """Items with three metrics that lean on one hidden difficulty, in three countries.

    Right answers are a normal variable below a point, so their shares are exact; grades are
    0.2 + 0.6 uniform for the baseline and the same plus `grade` for the candidate; unsafe
    answers are the candidate's lowest `unsafe` and the baseline's lowest 1 %. All variables have
    the given correlation, those of the two models for one metric have 0.8 beside it.

    Args:
        n: Items; the countries hold the stated shares of them, exactly.
        promise: True values.
        correlation: Between metrics, in [0, 1).
        name: For the table.
    """
    ends = np.round(np.cumsum(COUNTRIES) * n).astype(np.int64)
    country = np.searchsorted(ends, np.arange(n), side="right")
    cuts = _cut_points(promise)[country]

    def draw(rng: Rng) -> Items:
        order = rng.permutation(n)
        where = country[order]
        hard = math.sqrt(correlation) * rng.standard_normal(n)

        def pair() -> Floats:
            shared = math.sqrt(0.8) * rng.standard_normal(n)
            own = shared + math.sqrt(0.2) * rng.standard_normal((2, n))
            return np.asarray(hard + math.sqrt(1.0 - correlation) * own)

        answered, graded, behaved = pair(), pair(), pair()
        grades = 0.2 + 0.6 * special.ndtr(graded)
        ids = np.arange(n)
        right = _below(answered, float(special.ndtri(RIGHT)), cuts[order])
        unsafe = _below(behaved, float(special.ndtri(0.01)), float(special.ndtri(promise.unsafe)))
        metrics = {
            "right": Rows(baseline=right[0], candidate=right[1], cluster=ids),
            "grade": Rows(baseline=grades[0], candidate=grades[1] + promise.grade, cluster=ids),
            "unsafe": Rows(baseline=unsafe[0], candidate=unsafe[1], cluster=ids),
        }
        return Items(metrics=metrics, slices={"country": where})

    return Release(
        name=name,
        levels={"country": _counted(country)},
        draw=draw,
        truth={"right": promise.right, "grade": promise.grade, "unsafe": promise.unsafe},
        units=n,
        moved={} if promise.protected is None else {0: promise.protected},
    )


def _cut_points(promise: Promise) -> Floats:
    """Points below which the candidate is right, per country; the mean gain is `right`."""
    if promise.protected is None:
        gains = np.full(len(COUNTRIES), promise.right)
    else:
        rest = (promise.right - COUNTRIES[0] * promise.protected) / (1.0 - COUNTRIES[0])
        gains = np.array([promise.protected, rest, rest])
    return np.asarray(special.ndtri(RIGHT + gains))


def _below(values: Floats, baseline: float, candidate: Floats | float) -> list[Floats]:
    return [
        (values[0] < baseline).astype(np.float64),
        (values[1] < candidate).astype(np.float64),
    ]
