"""Panel: what every kind of panel has to say: its laws, what was seen, and how it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Stack
from shipcall.practice.points import Point
from shipcall.world.truth import World

Row = Mapping[str, Any]
"""Column -> text, number or None; every row of a table has the same columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A number a person reads off a panel, with its 95 % interval."""

    name: str
    """Named by rules of bots: "useful", "useful country=NZ"."""
    title: str
    value: float
    low: float
    high: float
    unit: str = ""
    """"share", "ms", "bits"; empty: a plain number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One panel as it is seen."""

    rows: Sequence[Row] = ()
    readings: Sequence[Reading] = ()
    text: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a kind needs to know of the case: every world that may be, and the one that is."""

    points: Sequence[Point]
    worlds: Sequence[World]
    """World of every point, all with the seed of the play."""
    truth: int
    """Place of the point that is so."""

    @property
    def drawn(self) -> World:
        """The world whose files lie in the workspace."""
        return self.worlds[self.truth]


class Kind(Protocol):
    """One kind of panel; stateless."""

    def stack(self, panel: Panel, setting: Setting) -> Stack:
        """Give its law at every point.

        Numbers of rows that no point moves (how many were asked) are those of the drawn world.
        """
        ...

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Give what is there, shape (cells,): counted in the drawn world, or drawn from `stack`."""
        ...

    def shown(self, panel: Panel, seen: Floats, setting: Setting) -> Shown:
        """Show it. Reads nothing of the truth but what `seen` holds and what everybody knows."""
        ...


class FromLaw:
    """What is seen is drawn from the law of the truth; other kinds count rows of the world."""

    def seen(
        self, panel: Panel, setting: Setting, stack: Stack, rng: np.random.Generator
    ) -> Floats:
        """Draw once from `stack` where the truth is."""
        del panel
        drawn: Floats = stack.draw(setting.truth, 1, rng)[0]
        return drawn


def between(value: float, error: float) -> tuple[float, float]:
    """95 % interval of a number with a normal error."""
    return value - 1.959964 * error, value + 1.959964 * error
