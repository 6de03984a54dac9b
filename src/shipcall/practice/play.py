"""Play: one drawing of a case: what is so, what every panel shows, and the files of work.

The seed of a play gives the same bytes again. It is sealed before the reveal, because with it
the truth could be drawn again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from shipcall.practice.language import PRIORS, Case
from shipcall.practice.laws import Floats, Stack
from shipcall.practice.panels import PANELS, Setting, Shown
from shipcall.practice.points import Point, points, prior, world_at

WORLD_NAME = "service"
"""Name in the files of every play: a name of its own would tell the case."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Play:
    """One drawing of a case."""

    case: Case
    seed: int
    setting: Setting
    stacks: Mapping[str, Stack]
    """Panel -> its law at every point."""
    seen: Mapping[str, Floats]
    """Panel -> what it shows, flat."""

    @property
    def points(self) -> Sequence[Point]:
        """Everything that may be so."""
        return self.setting.points

    @property
    def truth(self) -> Point:
        """What is so. Not before the call."""
        return self.setting.points[self.setting.truth]

    def shown(self, panel: str) -> Shown:
        """Show one panel."""
        spec = self.case.panel_of(panel)
        return PANELS[spec.kind].shown(spec, self.seen[panel], self.setting)


def draw_play(case: Case, seed: int, *, truth: int | None = None) -> Play:
    """Draw what is so by the published chances, then what every panel shows.

    Args:
        case: The case.
        seed: Where all chance of this play comes from.
        truth: Place of the point that is so; None draws it.
    """
    found = points(case)
    if truth is None:
        truth = int(rng_of(seed, "truth").choice(len(found), p=prior(found, PRIORS[0])))
    worlds = [world_at(case, point, seed=_world_seed(seed), name=WORLD_NAME) for point in found]
    setting = Setting(points=found, worlds=worlds, truth=truth)
    stacks = {panel.name: PANELS[panel.kind].stack(panel, setting) for panel in case.panel}
    seen = {
        panel.name: PANELS[panel.kind].seen(
            panel, setting, stacks[panel.name], rng_of(seed, "panel", panel.name)
        )
        for panel in case.panel
    }
    return Play(case=case, seed=seed, setting=setting, stacks=stacks, seen=seen)


def rng_of(seed: int, *names: str) -> np.random.Generator:
    """Give the generator for one purpose; two purposes give independent streams."""
    return np.random.Generator(np.random.PCG64(_number(seed, *names)))


def _number(seed: int, *names: str) -> int:
    text = "\0".join((str(seed), *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def _world_seed(seed: int) -> int:
    return _number(seed, "world") % 2**63
