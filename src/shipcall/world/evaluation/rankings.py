"""rankings: every item that could have been shown for every query, scored by both models.

The panel `queries` counts queries by whether a relevant item comes first under each model.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shipcall.formats import FORMATS
from shipcall.world.chance.draws import Floats, Ints, Rng, Table, generator
from shipcall.world.chance.given import Proposal, fill
from shipcall.world.chance.kinds import Kinds
from shipcall.world.chance.laws import Laws
from shipcall.world.chance.names import numbered, ordered
from shipcall.world.models import quadrature
from shipcall.world.models.items import (
    Layout,
    Spread,
    chunks,
    clusters,
    hand,
    item_columns,
    items,
    layout,
    pile,
    spread,
)
from shipcall.world.models.ranker import pairs_in_order, relevant_first
from shipcall.world.people.cells import Cells, Fact, facts, skill, strata
from shipcall.world.truth import ARMS, Items, World

NAME = "rankings"
STATES = 3
"""Under one model: 0 not ranked, 1 an irrelevant item comes first, 2 a relevant one."""
KINDS: tuple[tuple[int, ...], ...] = tuple(np.ndindex(STATES, STATES))
"""Kinds of queries: state under the baseline, state under the candidate."""
PAID, UNPAID = 0.6, 0.05
"""Chance that showing a relevant item brings a reward of 1, and an irrelevant one."""


def rankings_laws(world: World) -> Laws:
    """Give the law of the panel `queries`; its lines are those of `strata(world)`."""
    return {"queries": _law(world, strata(world))}


def rankings_truth(world: World) -> list[Fact]:
    """State what is so in every slice, for queries that a model ranked.

    * precision_at_1: share of queries with a relevant item in the first place; a query without
      any relevant item counts as none. By quadrature over difficulty and the best noise.
    * reward_at_1: mean reward of showing that item.
    * pairs_in_order: chance that a relevant item is scored above an irrelevant one, mean over
      queries.

    Measures of the whole list, such as NDCG, have no closed form here and are not stated.
    """
    found = strata(world)
    nodes = quadrature.cluster_nodes(items(world)).weights
    law = np.einsum("q,sqab->sab", nodes, relevant_first(world, found))
    first = dict(zip(ARMS, (law.sum(axis=2)[:, 1], law.sum(axis=1)[:, 1]), strict=True))
    rewards = {arm: UNPAID + (PAID - UNPAID) * share for arm, share in first.items()}
    return [
        *facts(NAME, "precision_at_1", found, first),
        *facts(NAME, "reward_at_1", found, rewards),
        *facts(NAME, "pairs_in_order", found, pairs_in_order(world, found)),
    ]


def _law(world: World, found: Cells) -> Kinds:
    known = items(world)
    law = quadrature.without_reason(quadrature.with_silence(world, relevant_first(world, found)))
    return Kinds(
        clusters=clusters(world, found),
        cluster=known.cluster,
        nodes=quadrature.cluster_nodes(known).weights,
        chances=law.reshape(*law.shape[:2], -1),
    )


def _rows(world: World, chunk: int) -> pa.Table:
    found, known = strata(world), items(world)
    whole = pile(_law(world, found).latent(generator(world, NAME, "panels")), known.cluster)
    place = layout(world, found, chunk)
    rng = generator(world, NAME, chunk)
    drawn = _draw(
        world, found, place, spread(hand(world, NAME, whole, found, chunk), place, rng), rng
    )
    query = pa.array(np.repeat(np.arange(len(place.stratum)), known.depth))
    of_queries = item_columns(found, place, FORMATS[NAME])
    columns = {name: values.take(query) for name, values in of_queries.items()}
    first = place.first * known.depth
    columns["item"] = numbered("doc", np.arange(first, first + len(query)))
    return ordered(FORMATS[NAME], columns | _logged(drawn, rng))


class _Lists(NamedTuple):
    """Lists of items, shape (queries, depth) each."""

    relevant: Floats
    scores: dict[str, Floats]
    ranked: dict[str, NDArray[np.bool_]]
    """Arm -> did it rank the query, shape (queries,)."""


def _draw(world: World, found: Cells, place: Layout, of: Spread, rng: Rng) -> _Lists:
    """Draw lists whose first places are as their kinds say."""
    known = items(world)
    state: Ints = np.array(KINDS)[of.kind]
    skills = np.stack([skill(world, arm, found) for arm in ARMS], axis=1)[place.stratum]
    skills = skills - quadrature.cluster_nodes(known).at[of.node][:, None]
    own = np.array([world.model_of(arm).own_spread for arm in ARMS])

    def propose(row: Ints) -> Proposal:
        signal = np.exp(skills[row] - _difficulty(known, own, len(row), rng))
        relevant = (rng.random((len(row), known.depth)) < known.positive).astype(np.float64)
        noise = rng.standard_normal((len(row), len(ARMS), known.depth))
        scores = signal[..., None] * relevant[:, None] + noise
        first = np.take_along_axis(relevant[:, None], scores.argmax(axis=2)[..., None], axis=2)
        fits = (state[row] == 0) | (state[row] == first[..., 0] + 1)
        values = np.concatenate([relevant[:, None], scores], axis=1)
        return Proposal(fits.all(axis=1), values)

    lists = fill(len(state), propose)
    return _Lists(
        lists[:, 0],
        {arm: lists[:, 1 + i] for i, arm in enumerate(ARMS)},
        {arm: state[:, i] > 0 for i, arm in enumerate(ARMS)},
    )


def _difficulty(known: Items, own: Floats, rows: int, rng: Rng) -> Floats:
    """Difficulty of queries within their cluster, shape (rows, 2)."""
    shared = quadrature.item_spread(known) * rng.standard_normal(rows)
    return shared[:, None] + own * rng.standard_normal((rows, len(own)))


def _logged(lists: _Lists, rng: Rng) -> dict[str, pa.Array]:
    """Write lists out, with what the logging policy showed and what that brought.

    It shows one item of each query, with chances in proportion to the exponential of the
    baseline's score; only that item has a reward.
    """
    depth = lists.relevant.shape[1]
    odds = np.exp(lists.scores["baseline"] - lists.scores["baseline"].max(axis=1, keepdims=True))
    chance = odds / odds.sum(axis=1, keepdims=True)
    drawn = rng.random((len(chance), 1)) > chance.cumsum(axis=1)
    shown = np.arange(depth) == np.minimum(drawn.sum(axis=1), depth - 1)[:, None]
    paid = rng.random(chance.shape) < np.where(lists.relevant == 1, PAID, UNPAID)
    columns = {
        arm: pa.array(scores.ravel(), mask=np.repeat(~lists.ranked[arm], depth))
        for arm, scores in lists.scores.items()
    }
    columns["relevance"] = pa.array(lists.relevant.ravel())
    columns["propensity"] = pa.array(chance.ravel())
    columns["reward"] = pa.array(paid.ravel().astype(np.float64), mask=~shown.ravel())
    return columns


TABLE = Table(
    format=NAME,
    asked=lambda world: world.kind == "ranker" and world.items is not None,
    chunks=chunks,
    rows=_rows,
)
