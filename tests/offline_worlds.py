"""Worlds that draw one offline table each: as they come, and with everything at once."""

from typing import Any

import pyarrow as pa

from shipcall.world.chance.draws import Table
from shipcall.world.evaluation import predictions, preferences, rankings, scores
from shipcall.world.truth import World

TABLES: dict[str, Table] = {
    "scores": scores.TABLE,
    "classifier": predictions.TABLE,
    "regressor": predictions.TABLE,
    "rankings": rankings.TABLE,
    "preferences": preferences.TABLE,
}
LAWS = {
    "scores": scores.scores_laws,
    "classifier": predictions.predictions_laws,
    "regressor": predictions.predictions_laws,
    "rankings": rankings.rankings_laws,
    "preferences": preferences.preferences_laws,
}
TRUTHS = {
    "scores": scores.scores_truth,
    "classifier": predictions.predictions_truth,
    "regressor": predictions.predictions_truth,
    "rankings": rankings.rankings_truth,
    "preferences": preferences.preferences_truth,
}
_KINDS = {"classifier": "classifier", "regressor": "regressor", "rankings": "ranker"}

RICH: dict[str, Any] = {
    "trait": [
        {"column": "country", "levels": {"NZ": 1, "BR": 3}},
        {"column": "tenure", "levels": {"fresh": 1, "long": 1}},
    ],
    "model": {
        "baseline": {"skill": 0.8, "lost": 0.02, "unsafe": 0.05},
        "candidate": {"skill": 1.1, "error": 0.04, "lost": 0.03, "unsafe": 0.1, "tokens": 360},
    },
    "effect": [{"where": {"country": "NZ"}, "skill": -0.5, "unsafe": 0.05, "latency": 1.5}],
}


def make(**parts: Any) -> World:
    """A world with the sections given."""
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 1, **parts})


def plain(table: str, *, count: int = 1_000, seed: int = 1, **parts: Any) -> World:
    """A world in which nothing is wrong, for one table."""
    more = parts.pop("items", {})
    if table == "preferences":
        parts.setdefault("judge", {})
    items = {"count": count, "depth": 6, **more}
    return make(kind=_KINDS.get(table, "llm"), seed=seed, items=items, **parts)


def rich(table: str, *, count: int = 1_200, seed: int = 1, **parts: Any) -> World:
    """A world with traits, effects, clusters, leaked items and lost runs."""
    items = {
        "repeats": 2 if table == "scores" else 1,
        "cluster": 4,
        "cluster_spread": 0.8,
        "leaked": 0.2,
        **parts.pop("items", {}),
    }
    if table == "preferences":
        judge = {"position": 0.5, "verbosity": 0.8, "own_kind": 0.3, "people": 0.4}
        parts = {"judge": judge, **parts}
    return plain(table, count=count, seed=seed, items=items, **{**RICH, **parts})


def rows(table: str, world: World) -> pa.Table:
    """All rows of a world's table."""
    drawn = TABLES[table]
    return pa.concat_tables(drawn.rows(world, chunk) for chunk in range(drawn.chunks(world)))
