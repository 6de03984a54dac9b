"""Moved: how people move between behaviours: who is hardly seen any more, and who comes daily.

given = { show = "week", begun = ["casual"], day = 21, where = { counter = "members" } }
given = { show = "depth", day = 27, where = { counter = "nightly" } }

"week" counts the people who were active in the first week by how many days of a later week, from
`day` on, they were active on: for each behaviour before and each model. "depth" counts the people
who were active on one day by the depth of their sessions. See `practice.weeks` for both laws.
Panels of one case are independent where their people are others: another `begun` or `where`.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from shipcall.practice.language import Panel, Section
from shipcall.practice.laws import Floats, Stack, Tallies
from shipcall.practice.panels.panel import Reading, Row, Setting, Shown, between
from shipcall.practice.weeks import (
    DEPTHS,
    WEEK,
    counted_depths,
    counted_weeks,
    depth_chances,
    doings,
    week_chances,
)
from shipcall.world.people.behaviour import BEHAVIOURS
from shipcall.world.truth import ARMS

WEEKS = {"not seen": (0, 0), "1 or 2 days": (1, 2), "3 to 5 days": (3, 5), "6 or 7 days": (6, 7)}
"""Behaviour in a later week -> fewest and most active days."""
_DEPTHS = {
    "1 request": (0.0, 1.0),
    "up to 1.5": (1.0, 1.5),
    "up to 2": (1.5, 2.0),
    "up to 3": (2.0, 3.0),
    "over 3": (3.0, np.inf),
}


class Given(Section):
    """What is counted."""

    show: Literal["week", "depth"]
    day: Annotated[int, Field(ge=WEEK)]
    """First day of the later week, or the day of the sessions; days are counted from 0."""
    begun: list[Literal["lapsed", "casual", "regular", "heavy"]] = []
    """Behaviours before, for "week"; empty: all."""
    where: dict[str, str] = {}
    """Trait -> level: whose rows are counted."""

    @property
    def behaviours(self) -> list[str]:
        """Behaviours before that are told apart."""
        return list(self.begun or BEHAVIOURS)


class Moved:
    """Counts of people, each of them once, by what they do some weeks later."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Multinomial for each model (and behaviour before), given how many people there were."""
        told = Given.model_validate(panel.given)
        counts = _counted(told, setting)
        if told.show == "depth":
            chances = depth_chances(setting.worlds, told.day)
        else:
            chances = _classed(week_chances(setting.worlds, told.behaviours, told.day))
        return Tallies(counts.sum(axis=1), chances.reshape(len(setting.worlds), *counts.shape))

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Count the rows of `activity` that the drawn world writes."""
        del stack, rng
        return _counted(Given.model_validate(panel.given), setting).ravel()

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Shares of both models and their difference, with its 95 % interval."""
        del setting
        told = Given.model_validate(panel.given)
        lines = list(_depth_lines(seen) if told.show == "depth" else _week_lines(told, seen))
        return Shown(rows=[r for r, _ in lines], readings=[r for _, r in lines], text=panel.text)


def _counted(told: Given, setting: Setting) -> Floats:
    """Counts in groups, shape (groups, kinds)."""
    rows = doings(setting.drawn, told.where)
    if told.show == "depth":
        return counted_depths(rows, told.day)
    counts = _classed(counted_weeks(rows, told.behaviours, told.day))
    return counts.reshape(-1, len(WEEKS))


def _classed(by_days: Floats) -> Floats:
    """Add up numbers of days to the classes of WEEKS, along the last axis."""
    return np.stack([by_days[..., low : high + 1].sum(axis=-1) for low, high in WEEKS.values()], -1)


def _week_lines(told: Given, seen: Floats) -> Iterator[tuple[Row, Reading]]:
    counts = seen.reshape(len(told.behaviours), len(ARMS), len(WEEKS))
    for began, (one, other) in zip(told.behaviours, counts, strict=True):
        for place, name in enumerate(WEEKS):
            found = _difference(one[place], one.sum(), other[place], other.sum())
            reading = Reading(
                name=f"{began} {name}",
                title=f"Began {began}, then {name}: candidate less baseline",
                value=found[2],
                low=found[3],
                high=found[4],
                unit="share",
            )
            yield _row(f"{began}: {name}", (one.sum(), other.sum()), found), reading


def _depth_lines(seen: Floats) -> Iterator[tuple[Row, Reading]]:
    one, other = seen.reshape(len(ARMS), -1)
    means = [float(arm @ DEPTHS / arm.sum()) for arm in (one, other)]
    squares = [
        float(arm @ (DEPTHS - mean) ** 2) / (arm.sum() - 1) / arm.sum()
        for arm, mean in zip((one, other), means, strict=True)
    ]
    change = means[1] - means[0]
    low, high = between(change, float(np.sqrt(sum(squares))))
    mean = Reading(name="depth", title="Depth", value=change, low=low, high=high)
    found = (means[0], means[1], change, low, high)
    yield _row("requests in the mean session", None, found), mean
    for name, (above, most) in _DEPTHS.items():
        some = (above < DEPTHS) & (most >= DEPTHS)
        found = _difference(one[some].sum(), one.sum(), other[some].sum(), other.sum())
        title = f"Share of people at {name}: candidate less baseline"
        share = Reading(
            name=name, title=title, value=found[2], low=found[3], high=found[4], unit="share"
        )
        yield _row(f"share of people: {name}", None, found), share


def _difference(
    hits: float, n: float, others: float, m: float
) -> tuple[float, float, float, float, float]:
    """Give two shares, their difference and its 95 % interval.

    References:
        Agresti and Caffo (2000), Simple and effective confidence intervals for proportions and
        differences of proportions: one more of either kind in each group. Never of width zero.
    """
    p, q = hits / n, others / m
    near, far = (hits + 1) / (n + 2), (others + 1) / (m + 2)
    error = np.sqrt(near * (1 - near) / (n + 2) + far * (1 - far) / (m + 2))
    low, high = between(float(far - near), float(error))
    return float(p), float(q), float(q - p), low, high


def _row(
    what: str,
    people: tuple[float, float] | None,
    found: tuple[float, float, float, float, float],
) -> Row:
    counts = {"people": float(people[0]), "candidate people": float(people[1])} if people else {}
    named = ("baseline", "candidate", "difference", "low", "high")
    return {"what": what, **counts, **dict(zip(named, found, strict=True))}
