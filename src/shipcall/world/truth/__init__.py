"""Truth: everything that is so in a world, as named parameters. One file, one seed.

    people x traits -> requests -> two models -> answers -> labels, judges, outcomes
                                   faults change any of it from some day on

Shares are in [0, 1], durations carry their unit, "log odds" are natural. A parameter that is not
written has its default, and with all defaults nothing is wrong: both models are alike.
"""

from shipcall.world.truth.models import Effect, Items, Judge, Labels, Link, Model
from shipcall.world.truth.people import Migration, Outcome, People, Trait
from shipcall.world.truth.section import ARMS, ArmName, Where
from shipcall.world.truth.service import Fault, Rollout, Shadow, Stream
from shipcall.world.truth.world import World

__all__ = [
    "ARMS",
    "ArmName",
    "Effect",
    "Fault",
    "Items",
    "Judge",
    "Labels",
    "Link",
    "Migration",
    "Model",
    "Outcome",
    "People",
    "Rollout",
    "Shadow",
    "Stream",
    "Trait",
    "Where",
    "World",
]
