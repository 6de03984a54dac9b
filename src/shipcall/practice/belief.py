"""Belief: what somebody believes who knows the published world and reads every panel rightly."""

from collections.abc import Collection, Mapping

import numpy as np

from shipcall.practice.language import PRIORS, Case
from shipcall.practice.laws import Floats, weigh
from shipcall.practice.play import Play
from shipcall.practice.points import prior


def log_likelihoods(play: Play) -> dict[str, Floats]:
    """Log chance of what each panel shows, at every point; panel -> (points,)."""
    return {
        name: stack.log_likelihoods(play.seen[name][None, :])[0]
        for name, stack in play.stacks.items()
    }


def telling(case: Case, opened: Collection[str]) -> list[str]:
    """Leave out opened panels of which another opened one tells everything."""
    held = {name for panel in case.panel if panel.name in opened for name in panel.holds}
    return [panel.name for panel in case.panel if panel.name in opened and panel.name not in held]


def believed(
    play: Play,
    opened: Collection[str],
    *,
    which: str = PRIORS[0],
    logs: Mapping[str, Floats] | None = None,
) -> Floats:
    """Give the chance of every point, given the panels that were opened.

    Args:
        play: The play.
        opened: Names of panels; none: the prior.
        which: One of PRIORS.
        logs: What `log_likelihoods` returned, where it is at hand.

    Returns:
        Shape (points,), adding up to 1.
    """
    found = log_likelihoods(play) if logs is None else logs
    total: Floats = np.zeros(len(play.points))
    for name in telling(play.case, opened):
        total = total + found[name]
    return weigh(prior(play.points, which), total)
