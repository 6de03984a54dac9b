"""shadow_pairs: live requests that both models answered before anybody was exposed.

Each person is asked from in proportion to its habit, over the first `shadow.days`; a share
`sample` of the requests is copied, none of those of skipped people. What both models decide
follows `answers`; breaking a safety rule, failing and being lost come on top, independently for
both models. A model that failed, or whose answer was lost, has decided nothing.

The panel counts requests by cell and by what became of them under both models. It is given the
people of the world, because a cell with busier people asks more.
"""

from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shipcall.formats import FORMATS
from shipcall.world.chance.dealing import split_events, splits
from shipcall.world.chance.draws import CHUNK, Floats, Ints, Rng, Table, generator
from shipcall.world.chance.laws import Law, Poisson, draw
from shipcall.world.chance.names import chosen, ordered
from shipcall.world.models.answers import decisions
from shipcall.world.models.operations import measure
from shipcall.world.models.quadrature import with_silence
from shipcall.world.people import crowd
from shipcall.world.people.cells import Fact, fact, unsafe
from shipcall.world.people.population import population
from shipcall.world.people.traffic import moments, shadow_days
from shipcall.world.rollout.exposures import TIME
from shipcall.world.truth import ARMS, ArmName, World

NAME = "shadow_pairs"
ENDS = ("lost", "failed", "no", "no, unsafe", "yes", "yes, unsafe")
"""What becomes of a request under one model."""
STATUS = ("infra_error", "model_error", "ok", "ok", "ok", "ok")
DECISIONS = ("no", "yes")


def shadow_pairs_laws(world: World, people: Floats | None = None) -> dict[str, Law]:
    """Give the law of "pairs": requests by cell and ENDS under both models.

    Args:
        world: A world with shadow mode.
        people: The panel "people" of `exposures_laws`; None: that of the seed.

    Returns:
        Counts of shape (cells, 36): the baseline's end counts slowest.
    """
    counts = crowd.panel(world) if people is None else np.asarray(people, dtype=np.int64).ravel()
    asked = _asked(world, counts)
    return {"pairs": Poisson(asked[:, None] * ends(world).reshape(len(asked), -1))}


def ends(world: World) -> Floats:
    """Chance of ENDS under both models in each cell, (cells, baseline, candidate)."""
    found = population(world).cells
    law = with_silence(world, decisions(world, found).sum(axis=1))
    for axis, arm in ((1, ARMS[0]), (2, ARMS[1])):
        law = np.moveaxis(law, axis, -1)
        breaks = np.stack([1 - unsafe(world, arm, found), unsafe(world, arm, found)], axis=-1)
        answered = law[..., 2:, None] * breaks[:, None, None, :]
        silent = law[..., :2]
        law = np.concatenate([silent, answered.reshape(*silent.shape[:2], -1)], axis=-1)
        law = np.moveaxis(law, -1, axis)
    return law


def panel(world: World) -> Ints:
    """Count the requests, as drawn for this seed; of the shape of the law."""
    return _panel(world.model_dump_json())


@lru_cache(maxsize=2)
def _panel(text: str) -> Ints:
    world = World.model_validate_json(text)
    panels = draw(shadow_pairs_laws(world), generator(world, "panels", NAME))
    counts: Ints = panels["pairs"].astype(np.int64)
    return counts


def _asked(world: World, people: Ints) -> Floats:
    """Expected copied requests of the people of each kind, added up by cell, (cells,)."""
    known = population(world)
    counts = people.reshape(known.shape).sum(axis=2)
    asked = np.einsum("chp,chp,h->c", counts, _busy(world), known.rates)
    copied: Floats = asked * known.cells.visits * _copied(world)
    return copied


def _copied(world: World) -> Floats:
    """Share of the requests that is copied in each cell."""
    known = population(world).cells
    if world.shadow is None:
        return np.zeros(len(known))
    skipped = known.inside(world.shadow.skipped) if world.shadow.skipped else False
    return np.where(skipped, 0.0, world.shadow.sample) * np.ones(len(known))


def _busy(world: World) -> Floats:
    """Expected busy days of shadow mode for people of a kind, (cells, habits, patterns)."""
    return _busy_of(world.model_dump_json())


@lru_cache(maxsize=2)
def _busy_of(text: str) -> Floats:
    world = World.model_validate_json(text)
    people = population(world)
    busy = _spans(world, people.spells.joined, people.spells.left)
    busy = busy[1] - busy[0]
    expected = np.empty((people.shape[0], people.shape[1], people.shape[3]))
    for factor in np.unique(people.cells.visits):
        chances = people.pattern_chances(float(factor))
        for cell in np.flatnonzero(people.cells.visits == factor):
            weight = people.spells.chances[:, cell, None, None] * chances
            total = weight.sum(axis=0)
            spent = np.einsum("s,shp->hp", busy, weight)
            expected[cell] = np.divide(spent, total, out=np.zeros_like(total), where=total > 0)
    return expected


def _spans(world: World, joined: Floats, left: Floats) -> Floats:
    """Busy time at which shadow mode begins and ends for people there from joined to left."""
    people = population(world)
    end = 24 * shadow_days(world)
    return people.clock.busy(np.stack([np.minimum(joined, end), np.minimum(left, end)]))


def shadow_pairs_truth(world: World) -> list[Fact]:
    """State what holds for all requests of the people of the first day, in every slice.

    `agree` is the share of equal decisions where both answered; `unsafe` is by answer, `failed`
    by request that was not lost. With skipped people, the slice "copied" says what the file can
    show of them all.
    """
    known = population(world).cells
    asked = known.weights * known.visits
    law = ends(world)
    slices = [(name, asked * mask) for name, mask in known.slices()]
    if world.shadow and world.shadow.skipped:
        slices.append(("copied", asked * _copied(world)))
    facts = []
    for name, weight in slices:
        if weight.sum() > 0:
            whole = np.einsum("c,cab->ab", weight / weight.sum(), law)
            facts += _facts(name, whole)
    return facts


def _facts(name: str, law: Floats) -> list[Fact]:
    answers = law[2:, 2:].reshape(2, 2, 2, 2).sum(axis=(1, 3))
    agree = float(np.trace(answers) / answers.sum())
    own = (law.sum(axis=1), law.sum(axis=0))
    stated: list[Fact] = [fact(NAME, "agree", name, agree, agree)]
    for metric, some, among in (
        ("unsafe", (3, 5), (2, 3, 4, 5)),
        ("yes", (4, 5), (2, 3, 4, 5)),
        ("failed", (1,), (1, 2, 3, 4, 5)),
    ):
        shares = [float(arm[list(some)].sum() / arm[list(among)].sum()) for arm in own]
        stated.append(fact(NAME, metric, name, shares[0], shares[1]))
    return stated


def chunks(world: World) -> int:
    """Chunks of the table: as many for each chunk of people as their requests need."""
    return crowd.chunks(world) * _parts(world)


def _parts(world: World) -> int:
    asked = _asked(world, crowd.panel(world)).sum() / crowd.chunks(world)
    return max(1, -(-int(asked) // CHUNK))


def rows(world: World, chunk: int) -> pa.Table:
    """Rows of one chunk, in the order of time."""
    block, part = divmod(chunk, _parts(world))
    known, who = population(world).cells, crowd.crowd(world, block)
    counts = _dealt(world, block)[part]
    rng = generator(world, "shadow", chunk)
    flat = rng.permutation(np.repeat(np.arange(counts.size), counts.ravel()))
    cell, kind = np.divmod(flat, counts.shape[1])
    span = _spans(world, who.joined, who.left)
    person = _choose(who.cell, who.rate * (span[1] - span[0]), cell, rng)
    begin, end = span[:, person]
    hour = population(world).clock.when(begin + rng.random(len(person)) * (end - begin))
    order = np.argsort(hour, kind="stable")
    cell, person, hour = cell[order], person[order], hour[order]
    columns = {
        "request": _requests(chunk, len(person)),
        "at": pa.array(moments(world, hour)).cast(TIME),
        "cluster": crowd.units(world, block, who.band).take(pa.array(person)),
    }
    for arm, end_of in zip(ARMS, np.divmod(kind[order], len(ENDS)), strict=True):
        columns |= _answers(world, arm, cell, end_of, rng)
    return ordered(FORMATS[NAME], columns | known.texts(cell))


def _dealt(world: World, block: int) -> Ints:
    """Counts of requests of one chunk of people, dealt to its parts: (parts, cells, 36)."""
    counts = panel(world)
    for split in splits(world, crowd.panel(world), crowd.sizes(world), block):
        rng = generator(world, "shadow", "split", *split.name)
        weights = _asked(world, split.whole), _asked(world, split.left)
        counts = split.half(counts, split_events(counts, *weights, rng))
    parts = _parts(world)
    rng = generator(world, "shadow", "parts", block)
    return np.moveaxis(rng.multinomial(counts, np.full(parts, 1 / parts)), -1, 0)


def _choose(home: Ints, weight: Floats, cell: Ints, rng: Rng) -> Ints:
    """Choose a person of its cell for every request, in proportion to the weights.

    Where nobody of a cell was there in time, everybody of the cell is as likely.
    """
    cells = int(home.max()) + 1
    absent = np.bincount(home, weight, cells) <= 0
    weight = np.where(absent[home], 1.0, weight)
    order = np.argsort(home, kind="stable")
    total = np.concatenate(([0.0], np.cumsum(weight[order])))
    edges = np.concatenate(([0], np.cumsum(np.bincount(home, minlength=cells))))
    low, high = total[edges[cell]], total[edges[cell + 1]]
    place = np.searchsorted(total, low + rng.random(len(cell)) * (high - low), side="right") - 1
    chosen_people: Ints = order[np.clip(place, edges[cell], edges[cell + 1] - 1)]
    return chosen_people


def _requests(chunk: int, rows: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(np.arange(rows)).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(pa.scalar(f"r{chunk:05d}"), digits, "-")


def _answers(world: World, arm: ArmName, cell: Ints, end: Ints, rng: Rng) -> dict[str, pa.Array]:
    """Columns of one model; a lost answer was not measured either."""
    measures = measure(world, arm, population(world).cells, cell, rng)
    lost, silent = end == ENDS.index("lost"), end <= ENDS.index("failed")
    return {
        f"decision_{arm}": chosen(DECISIONS, np.where(silent, -1, (end - 2) // 2)),
        f"safety_{arm}": pa.array(((end - 2) % 2).astype(np.float64), mask=silent),
        f"latency_ms_{arm}": pa.array(measures.latency_ms, mask=lost),
        f"cost_{arm}": pa.array(measures.cost, mask=lost),
        f"status_{arm}": chosen(STATUS, end),
    }


TABLE = Table(
    format=NAME,
    asked=lambda world: world.shadow is not None,
    chunks=chunks,
    rows=rows,
)
