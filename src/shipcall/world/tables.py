"""Tables: every evidence table a world can write, and what is true of it."""

from collections.abc import Callable, Mapping

from shipcall.world.chance.draws import Table
from shipcall.world.evaluation import predictions, preferences, rankings, scores
from shipcall.world.evaluation.predictions import predictions_truth
from shipcall.world.evaluation.preferences import preferences_truth
from shipcall.world.evaluation.rankings import rankings_truth
from shipcall.world.evaluation.scores import scores_truth
from shipcall.world.people.cells import Fact
from shipcall.world.rollout import activity, exposures, outcomes, shadow
from shipcall.world.rollout.activity import activity_truth
from shipcall.world.rollout.exposures import exposures_truth
from shipcall.world.rollout.overlap import outcomes_truth
from shipcall.world.rollout.shadow import shadow_pairs_truth
from shipcall.world.streams import changes, lineage, served
from shipcall.world.streams.truth import stream_truth
from shipcall.world.truth import World

TABLES: Mapping[str, Table] = {
    module.TABLE.format: module.TABLE
    for module in (
        predictions,
        scores,
        rankings,
        preferences,
        shadow,
        exposures,
        outcomes,
        activity,
        served,
        changes,
        lineage,
    )
}
"""Key of FORMATS -> how it is drawn."""

TRUTHS: Mapping[str, Callable[[World], list[Fact]]] = {
    "predictions": predictions_truth,
    "scores": scores_truth,
    "rankings": rankings_truth,
    "preferences": preferences_truth,
    "shadow_pairs": shadow_pairs_truth,
    "exposures": exposures_truth,
    "outcomes": outcomes_truth,
    "activity": activity_truth,
    "stream": stream_truth,
}
"""Key of FORMATS -> what is true of it. A log of changes and of jobs has no such values."""


def asked(world: World) -> list[str]:
    """List the tables that a world writes: those it names, else all it has the sections of."""
    able = [name for name, table in TABLES.items() if table.asked(world)]
    return [name for name in able if name in world.write] if world.write else able
