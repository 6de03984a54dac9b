"""Regime: how the rows of one day of a stream come about, as a mixture of strands.

A strand is a part of the rows that are all made in the same way. A fault either changes a share
of every strand (which splits it), or how common the strands are.

    truth    T = log odds of the label = odds of the cell + pull . x
    stated   L = sharpness (odds of the cell + usual pull . x as served) + tilt

Within a cell of a strand (T, L) is bivariate normal, which makes all laws sums and integrals.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats
from shipcall.world.faults.catalogue import strength, weekend
from shipcall.world.people.cells import Cells
from shipcall.world.truth import ArmName, Fault, Stream, Where, World

Who = Literal["known", "new", "bot"]
IMPUTED = -2.0
"""What the model reads for a null: at training, nulls stood at the low end."""
_UNIT = 100.0
_BOT_SPREAD = 0.1
_BOT_ODDS = -6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """Rows of one day that are made in the same way."""

    weight: Floats
    """Expected rows for every row of a usual day, shape (cells,)."""
    arm: ArmName
    version: str
    who: Who = "known"
    explored: bool = False
    nulled: bool = False
    """x1 is null, and the model reads IMPUTED."""
    copied: bool = False
    """Every row is there twice."""
    stale: bool = False
    """The served features are those of another row."""
    mean: Floats
    """Of the features, shape (features,)."""
    spread: Floats
    """Standard deviation of the features, shape (features,)."""
    scale: Floats
    """Factor by which features are served, shape (features,)."""
    pull: Floats
    """True log odds of the label for one unit of each feature, shape (features,)."""
    odds: Floats
    """True log odds of the label where all features are 0, shape (cells,)."""
    favour: float = 0.0
    """Log odds that being served positive by the model adds to the label."""
    tilt: float = 0.0
    """Log odds added to what the model states anyway."""
    slower: float = 1.0
    """Factor on the latency."""
    later: float = 1.0
    """Factor on the delay of labels."""
    flips: Floats
    """Share of flipped labels, shape (sources,)."""

    def taking(self, share: Floats | float) -> "Strand":
        """Keep a share of the rows, one number or shape (cells,)."""
        return replace(self, weight=self.weight * share)


class Hit(NamedTuple):
    """What one fault does on one day."""

    fault: Fault
    strength: float
    """In (0, 1]."""
    inside: Floats
    """1.0 for the cells it touches, 0.0 for the others, shape (cells,)."""
    day: int


Act = Callable[[World, list[Strand], Hit], list[Strand]]


def stream_of(world: World) -> Stream:
    """Give the section of the stream.

    Raises:
        ValueError: If the world has none.
    """
    if world.stream is None:
        raise ValueError("this world has no stream; give it a section [stream]")
    return world.stream


def odds(world: World, found: Cells) -> Floats:
    """Log odds of the label where all features are 0, as the model learned it, shape (cells,)."""
    base = float(special.logit(stream_of(world).positive))
    added = [sum(t.odds.get(name[t.column], 0.0) for t in world.trait) for name in found.names]
    return base + np.asarray(added, dtype=np.float64)


def known_pull(world: World) -> Floats:
    """Log odds for one unit of each feature, as the model learned it, shape (features,)."""
    stream = stream_of(world)
    return np.concatenate([np.full(stream.features, stream.pull), np.zeros(stream.idle)])


def usual(world: World, found: Cells) -> list[Strand]:
    """List the strands of a day on which nothing is wrong; their weights add up to 1.

    Where an effect takes skill from a model in a slice, it reads there, in a share of
    1 - exp(skill) of the rows, the features of somebody else.
    """
    stream = stream_of(world)
    traffic = found.weights * found.visits / (found.weights @ found.visits)
    served = ((stream.model, 1 - stream.canary), (_other(stream.model), stream.canary))
    units: tuple[tuple[Who, float], ...] = (("known", 1 - stream.unseen), ("new", stream.unseen))
    coins = ((False, 1 - stream.exploration), (True, stream.exploration))
    strands = []
    for (arm, by_arm), (who, by_who), (explored, by_coin), stale in itertools.product(
        served, units, coins, (False, True)
    ):
        unread = 1 - np.exp(np.minimum(0.0, _skill(world, arm, found)))
        weight = traffic * by_arm * by_who * by_coin * (unread if stale else 1 - unread)
        plain = _plain(world, arm, found).taking(weight)
        strands.append(replace(plain, who=who, explored=explored, stale=stale))
    return _there(strands)


def strands(world: World, found: Cells, day: int) -> list[Strand]:
    """List the strands of one day, after all faults of that day, in the order they are written."""
    mixture = usual(world, found)
    for fault in world.fault:
        act, strong = ACTS.get(fault.kind), strength(fault, world, day)
        if act is not None and strong > 0:
            where = {**fault.where} or _default_where(world, fault)
            inside = found.inside(where).astype(np.float64)
            mixture = _there(act(world, mixture, Hit(fault, strong, inside, day)))
    return mixture


def seen_through(strand: Strand) -> tuple[Floats, Floats]:
    """Give factor and shift by which the model reads the features, shape (features,) each."""
    weights, shift = strand.scale.copy(), np.zeros(strand.scale.size)
    if strand.who == "new":
        weights[0] = 0.0
    if strand.nulled:
        weights[0], shift[0] = 0.0, IMPUTED
    return weights, shift


def _plain(world: World, arm: ArmName, found: Cells) -> Strand:
    labels, pull = world.labels, known_pull(world)
    noisy = [labels.noise * (labels.noisy in (None, source)) for source in labels.sources]
    return Strand(
        weight=np.ones(len(found)),
        arm=arm,
        version=world.baseline if arm == "baseline" else world.candidate,
        mean=np.zeros(pull.size),
        spread=np.ones(pull.size),
        scale=np.ones(pull.size),
        pull=pull,
        odds=odds(world, found),
        flips=np.asarray(noisy, dtype=np.float64),
    )


def _there(mixture: list[Strand]) -> list[Strand]:
    """Leave out strands without rows, but one: a day without rows has its columns."""
    return [strand for strand in mixture if strand.weight.any()] or mixture[:1]


def _other(arm: ArmName) -> ArmName:
    return "candidate" if arm == "baseline" else "baseline"


def _skill(world: World, arm: ArmName, found: Cells) -> Floats:
    added = np.zeros(len(found))
    for effect in world.effect:
        if effect.model == arm:
            added = added + effect.skill * found.inside(effect.where)
    return added


def _default_where(world: World, fault: Fault) -> Where:
    if fault.kind != "traffic_mix" or not world.trait:
        return {}
    first = world.trait[0]
    return {first.column: list(first.levels)[-1]}


def _touching(change: Callable[[Strand, Hit], Strand], *, growing: float | None = None) -> Act:
    """Change the share of the rows that the fault touches, and leave the others.

    Args:
        change: What happens to those rows.
        growing: Share that is touched at strength 1, where it is the share that grows.
    """

    def act(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
        del world
        grown = 1.0 if growing is None else growing * hit.strength
        share = hit.inside * hit.fault.share * grown
        touched = [change(strand.taking(share), hit) for strand in mixture]
        return [strand.taking(1 - share) for strand in mixture] + touched

    return act


def _by_column(values: Floats, columns: slice, change: Callable[[Floats], Floats]) -> Floats:
    changed = values.copy()
    changed[columns] = change(values[columns])
    return changed


def _shifted(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, mean=strand.mean + hit.strength * (strand.pull != 0))


def _shifted_idle(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, mean=strand.mean + 2 * hit.strength * (strand.pull == 0))


def _drifted(strand: Strand, hit: Hit) -> Strand:
    pull = _by_column(strand.pull, slice(0, 1), lambda x: x * (1 - 1.8 * hit.strength))
    return replace(strand, pull=pull)


def _noisy(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    names = list(world.labels.sources)
    source = names.index(world.labels.noisy) if world.labels.noisy in names else len(names) - 1
    more = 0.25 * hit.strength * (np.arange(len(names)) == source)

    def change(strand: Strand, _: Hit) -> Strand:
        return replace(strand, flips=strand.flips + more - 2 * strand.flips * more)

    return _touching(change)(world, mixture, hit)


def _lagging(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, later=strand.later * (1 + 2.5 * hit.strength))


def _slow(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, slower=strand.slower * (1 + 4 * hit.strength))


def _scaled(strand: Strand, hit: Hit) -> Strand:
    del hit
    return replace(strand, scale=_by_column(strand.scale, slice(0, 1), lambda x: x * _UNIT))


def _nulled(strand: Strand, hit: Hit) -> Strand:
    del hit
    return replace(strand, nulled=True)


def _stale(strand: Strand, hit: Hit) -> Strand:
    del hit
    return replace(strand, stale=True)


def _restated(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, version=f"{strand.version}+1", tilt=strand.tilt + 1.2 * hit.strength)


def _copied(strand: Strand, hit: Hit) -> Strand:
    del hit
    return replace(strand, copied=True)


def _looping(strand: Strand, hit: Hit) -> Strand:
    return replace(strand, favour=strand.favour + hit.strength)


def _looped(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    gone = 0.9 * hit.strength * hit.fault.share * hit.inside
    kept = [strand.taking(1 - gone) if strand.explored else strand for strand in mixture]
    turned = [replace(s.taking(gone), explored=False) for s in mixture if s.explored]
    return _touching(_looping)(world, kept + turned, hit)


def _weekendless(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    lost = (0.7 + 0.3 * hit.strength) * hit.fault.share * hit.inside * weekend(world, hit.day)
    return [strand.taking(1 - lost) for strand in mixture]


def _busier(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    del world
    return [strand.taking(1 + 0.6 * hit.strength * hit.inside) for strand in mixture]


def _mixed(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    del world
    before = sum(strand.weight.sum() for strand in mixture)
    mixed = [strand.taking(np.exp(2 * hit.strength * hit.inside)) for strand in mixture]
    return [strand.taking(before / sum(s.weight.sum() for s in mixed)) for strand in mixed]


def _newcomers(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    del world
    moved = 0.5 * hit.strength * hit.fault.share * hit.inside
    known = [strand for strand in mixture if strand.who == "known"]
    others = [strand for strand in mixture if strand.who != "known"]
    new = [replace(strand.taking(moved), who="new") for strand in known]
    return others + [strand.taking(1 - moved) for strand in known] + new


def _botted(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    del world
    bots = [
        replace(
            strand.taking(0.4 * hit.strength * hit.fault.share * hit.inside),
            who="bot",
            spread=np.full(strand.spread.size, _BOT_SPREAD),
            odds=np.full(strand.odds.size, _BOT_ODDS),
            pull=np.zeros(strand.pull.size),
        )
        for strand in mixture
    ]
    return mixture + bots


def _bled(world: World, mixture: list[Strand], hit: Hit) -> list[Strand]:
    stream = stream_of(world)
    moved = 0.1 * hit.strength * hit.fault.share * hit.inside
    other = _other(stream.model)
    name = world.baseline if other == "baseline" else world.candidate
    own = [strand for strand in mixture if strand.arm == stream.model]
    others = [strand for strand in mixture if strand.arm != stream.model]
    gone = [replace(strand.taking(moved), arm=other, version=name) for strand in own]
    return others + [strand.taking(1 - moved) for strand in own] + gone


ACTS: Mapping[str, Act] = {
    "season": _busier,
    "benign_covariate": _touching(_shifted_idle),
    "covariate_shift": _touching(_shifted),
    "concept_drift": _touching(_drifted),
    "label_noise": _noisy,
    "label_lag": _touching(_lagging),
    "latency": _touching(_slow),
    "missing_partition": _weekendless,
    "unit_change": _touching(_scaled, growing=1.0),
    "null_surge": _touching(_nulled, growing=0.6),
    "skew": _touching(_stale, growing=0.8),
    "serving_change": _touching(_restated),
    "feedback_loop": _looped,
    "traffic_mix": _mixed,
    "cold_start": _newcomers,
    "replay": _touching(_copied, growing=0.3),
    "bots": _botted,
    "bleed": _bled,
}
"""Kind of fault -> what it makes of the strands of a day. Others do not touch a stream."""
