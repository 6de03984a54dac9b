"""Link: what an offline number is worth online, in one release and across a family of them.

    online lift = rate * (share right, candidate - baseline, for live people) + scatter * z

with z standard normal, drawn once for each world from its seed. What was drawn is then as true
as anything written in the world: truth and laws use the realised lift. What the candidate only
knows because items leaked into its training is in the offline number and in no online one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.world.chance.draws import generator
from shipcall.world.models.answers import rights
from shipcall.world.people.cells import Cells, cells, strata
from shipcall.world.truth import Model, World


class Member(NamedTuple):
    """One release of a family, with what is true about it."""

    world: World
    offline: float
    """Candidate minus baseline in the share of right answers on the evaluation set."""
    online: float
    """Lasting effect on the outcome that the link names, in its unit."""


def offline_difference(world: World, found: Cells) -> float:
    """Candidate minus baseline in the share of right answers, by the law of `answers`.

    Args:
        world: Says how good both models are.
        found: `strata(world)` for the items of the evaluation set, `cells(world)` for live people.
    """
    right = rights(world, found)
    return float(found.weights @ (right[:, 1] - right[:, 0]))


def realised_lift(world: World, outcome: str) -> float:
    """Lift that the link gives to an outcome of this world; 0 for one it does not name."""
    link = world.link
    if link is None or link.outcome != outcome:
        return 0.0
    luck = float(generator(world, "link", link.family).standard_normal())
    return link.rate * offline_difference(world, cells(world)) + link.scatter * luck


def family(world: World, skills: Sequence[float]) -> list[Member]:
    """Make a family of releases of one product: one world for each skill of the candidate.

    Args:
        world: What all of them share; it has a link.
        skills: Skill of each candidate, as `Model.skill`; the other parameters of the candidate
            are those of `world`.

    Returns:
        One member for each skill. Names and seeds differ, so that each can be drawn by itself.

    Raises:
        ValueError: If the world has no link: nothing would tie its releases together.
    """
    link = world.link
    if link is None:
        raise ValueError(
            f"world {world.name!r} has no [link]: a family of releases needs one, "
            "with the outcome it speaks of and a rate"
        )
    lift = sum(outcome.lift for outcome in world.outcome if outcome.name == link.outcome)
    members = []
    for number, skill in enumerate(skills, start=1):
        candidate = world.model_of("candidate").model_dump() | {"skill": skill}
        release = world.model_copy(
            update={
                "name": f"{world.name}-{number}",
                "seed": int(generator(world, "family", number).integers(2**62)),
                "candidate": f"{world.candidate}-{number}",
                "model": {**world.model, "candidate": Model(**candidate)},
            }
        )
        online = lift + realised_lift(release, link.outcome)
        members.append(Member(release, offline_difference(release, strata(release)), online))
    return members
