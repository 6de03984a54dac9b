"""preferences: which of two answers a judge, and sometimes a person, takes for the better one.

The panel `items` counts items by all that was said of them; `tally` sums it up by rater.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shipcall.formats import FORMATS
from shipcall.world.chance.draws import Floats, Ints, Rng, Table, generator
from shipcall.world.chance.given import Proposal, fill
from shipcall.world.chance.kinds import Kinds
from shipcall.world.chance.laws import Laws
from shipcall.world.chance.names import chosen, constant, ordered
from shipcall.world.models.comparer import (
    BITS,
    INVALID,
    UNASKED,
    Kind,
    decided,
    lean,
    said,
    winners,
)
from shipcall.world.models.comparer import kinds as kinds_of
from shipcall.world.models.items import (
    Layout,
    chunks,
    clusters,
    hand,
    item_columns,
    items,
    layout,
    pile,
    spread,
)
from shipcall.world.people.cells import Cells, Fact, facts, skill, strata
from shipcall.world.truth import ARMS, Judge, World

NAME = "preferences"
PEOPLE = 7
"""People among whom the comparisons of people are shared out."""
_RATERS = ("judge", "judge", "human", "human")
_WINNERS = (("second", "first", "tie", "", "invalid"), ("first", "second", "tie", "", "invalid"))
"""By who stands first: what the codes of `comparer` are in the file."""


def kinds(world: World) -> tuple[Kind, ...]:
    """Name the kinds of items."""
    return kinds_of(_judge(world))


def tally(world: World) -> dict[tuple[str, str, str], Ints]:
    """Say which kinds hold a comparison: (rater kind, model that stands first, winner) -> 0/1.

    A panel's lines times these, summed, are the comparisons of that sort, as in the file.
    """
    found: dict[tuple[str, str, str], Ints] = {}
    for showing, rater in enumerate(_RATERS):
        for code, winner in enumerate(_WINNERS[showing % 2]):
            if code != UNASKED:
                has = np.array([kind[showing] == code for kind in kinds(world)], dtype=np.int64)
                found[rater, ARMS[showing % 2], winner] = has
    return found


def preferences_laws(world: World) -> Laws:
    """Give the law of the panel `items`; its lines are those of `strata(world)`."""
    return {"items": _law(world, strata(world))}


def preferences_truth(world: World) -> list[Fact]:
    """State what is so in every slice.

    * better: share of items on which the model's answer is really the better one.
    * judge_wins: share of the judge's comparisons without ties that it wins, both orders alike.
    * human_wins: the same of people, which is what is so.
    """
    found, judge = strata(world), _judge(world)
    chance, bits = winners(world, judge, found), np.array(BITS)
    better = chance @ bits[:, 0]
    sees = (1 - judge.noise) * (chance @ bits[:, 1:].mean(axis=1)) + judge.noise / 2
    stated: list[Fact] = []
    for metric, share in (("better", better), ("judge_wins", sees), ("human_wins", better)):
        stated += facts(NAME, metric, found, {"baseline": 1 - share, "candidate": share})
    return stated


def _judge(world: World) -> Judge:
    if world.judge is None:
        raise ValueError(f"world {world.name!r} has no [judge]; it takes one to compare answers")
    return world.judge


def _law(world: World, found: Cells) -> Kinds:
    judge = _judge(world)
    law = winners(world, judge, found) @ said(judge)
    there = np.prod([(1 - m.lost) * (1 - m.error) for m in map(world.model_of, ARMS)])
    broken = np.array([INVALID in kind for kind in kinds(world)])
    chances = there * law + (1 - there) * broken / broken.sum()
    return Kinds(
        clusters=clusters(world, found),
        cluster=items(world).cluster,
        nodes=np.ones(1),
        chances=(chances / chances.sum(axis=1, keepdims=True))[:, None],
    )


class _Lengths(NamedTuple):
    """Tokens of both answers, shape (items,) each."""

    baseline: Floats
    candidate: Floats


def _rows(world: World, chunk: int) -> pa.Table:
    found = strata(world)
    whole = pile(_law(world, found).latent(generator(world, NAME, "panels")), items(world).cluster)
    place = layout(world, found, chunk)
    rng = generator(world, NAME, chunk)
    kind = spread(hand(world, NAME, whole, found, chunk), place, rng).kind
    lengths = _draw_lengths(world, found, place, kind, rng)
    of_items = pa.table(item_columns(found, place, FORMATS[NAME]))
    return pa.concat_tables(
        _shown(world, showing, codes, lengths, of_items, rng)
        for showing, codes in enumerate(np.array(kinds(world))[kind].T)
    )


def _draw_lengths(world: World, found: Cells, place: Layout, kind: Ints, rng: Rng) -> _Lengths:
    """Draw how long both answers are, given all that was said of them."""
    judge = _judge(world)
    given, chances = lean(world, judge), said(judge)
    most = chances.max(axis=0)
    accepted = np.divide(chances, most, out=np.ones_like(chances), where=most > 0)
    models = [world.model_of(arm) for arm in ARMS]
    skills = np.stack([skill(world, arm, found) for arm in ARMS], axis=1)[place.stratum]

    def propose(row: Ints) -> Proposal:
        length = rng.standard_normal((len(row), 2)) * [m.tokens_spread for m in models]
        own = rng.standard_normal((len(row), 2)) * [m.own_spread for m in models]
        quality = skills[row] - own
        margin = quality[:, 1] - quality[:, 0] + rng.logistic(size=len(row))
        middle = given.middle + judge.verbosity * (length[:, 1] - length[:, 0])
        fits = accepted[decided(margin, given.shown(middle)), kind[row]]
        return Proposal(rng.random(len(row)) < fits, length)

    factors = np.exp(fill(len(kind), propose))
    tokens = np.maximum(np.rint(factors * [m.tokens for m in models]), 1.0)
    return _Lengths(tokens[:, 0], tokens[:, 1])


def _shown(  # noqa: PLR0913, PLR0917 - the columns of one row come from five places
    world: World, showing: int, codes: Ints, lengths: _Lengths, of_items: pa.Table, rng: Rng
) -> pa.Table:
    """Rows of one sort of showing: by whom, and which model's answer came first."""
    asked = np.flatnonzero(codes != UNASKED)
    rows, first = len(asked), showing % 2
    names = (world.baseline, world.candidate)
    human = _RATERS[showing] == "human"
    rater = 1 + rng.integers(PEOPLE, size=rows) if human else np.zeros(rows, dtype=np.int64)
    missing = codes[asked] == INVALID
    taken = of_items.take(pa.array(asked))
    columns = dict(zip(taken.column_names, taken.columns, strict=True)) | {
        "first": constant(names[first], rows),
        "second": constant(names[1 - first], rows),
        "winner": chosen(_WINNERS[first], codes[asked]),
        "rater": chosen(["judge", *(f"person-{i + 1}" for i in range(PEOPLE))], rater),
        "rater_kind": constant(_RATERS[showing], rows),
        "order": constant(str(first + 1), rows),
        "length_first": pa.array(lengths[first][asked], mask=missing),
        "length_second": pa.array(lengths[1 - first][asked], mask=missing),
    }
    return ordered(FORMATS[NAME], columns)


TABLE = Table(
    format=NAME,
    asked=lambda world: world.kind == "llm" and None not in (world.items, world.judge),
    chunks=chunks,
    rows=_rows,
)
