"""predictions: what a classifier or a regressor said of every labelled item, both models at once.

The panel `items` counts items by what is written as their label and what both models decided
(classifier), or by how far off both were (regressor).
"""

import pyarrow as pa

from shipcall.formats import FORMATS
from shipcall.world.chance.draws import Table, generator
from shipcall.world.chance.kinds import Kinds
from shipcall.world.chance.laws import Laws
from shipcall.world.chance.names import constant, hashes, ordered
from shipcall.world.models import classifier, classifier_truth, quadrature, regressor
from shipcall.world.models.items import (
    chunks,
    clusters,
    hand,
    item_columns,
    items,
    layout,
    pile,
    spread,
)
from shipcall.world.people.cells import Cells, Fact, strata
from shipcall.world.truth import World

NAME = "predictions"
SOURCES = {"classifier": classifier, "regressor": regressor}
"""Kind of world -> where its predictions come from."""


def kinds(world: World) -> tuple[tuple[int, ...], ...]:
    """Name the kinds of items: `classifier.KINDS` or `regressor.KINDS`."""
    found: tuple[tuple[int, ...], ...] = SOURCES[world.kind].KINDS
    return found


def predictions_laws(world: World) -> Laws:
    """Give the law of the panel `items`; its lines are those of `strata(world)`."""
    return {"items": _law(world, strata(world))}


def predictions_truth(world: World) -> list[Fact]:
    """State what is so in every slice; see `classifier_truth.truth` and `regressor.truth`."""
    if world.kind == "classifier":
        return classifier_truth.truth(world, strata(world))
    return regressor.truth(world, strata(world))


def _law(world: World, found: Cells) -> Kinds:
    known = items(world)
    return Kinds(
        clusters=clusters(world, found),
        cluster=known.cluster,
        nodes=quadrature.cluster_nodes(known).weights,
        chances=SOURCES[world.kind].chances(world, found),
    )


def _rows(world: World, chunk: int) -> pa.Table:
    found = strata(world)
    whole = pile(_law(world, found).latent(generator(world, NAME, "panels")), items(world).cluster)
    place = layout(world, found, chunk)
    rng = generator(world, NAME, chunk)
    placed = spread(hand(world, NAME, whole, found, chunk), place, rng)
    columns = item_columns(found, place, FORMATS[NAME])
    columns |= SOURCES[world.kind].draw(world, found, place.stratum, placed, rng)
    if items(world).hashed:
        columns["item_hash"] = hashes(world, "item", place.numbers)
    columns["eval_set"] = constant(f"{world.name}-items", len(place.stratum))
    return ordered(FORMATS[NAME], columns)


TABLE = Table(
    format=NAME,
    asked=lambda world: world.kind in SOURCES and world.items is not None,
    chunks=chunks,
    rows=_rows,
)
