"""Served: which rows of a stream a panel takes, as vectors over the axes of its law."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from scipy import special

from shipcall.practice.laws import Floats
from shipcall.world.streams.panels import OUTCOMES, SERVICES, Scene
from shipcall.world.truth import World

Rows = Mapping[str, Floats]
"""Axis of the law -> 1.0 for the places that are taken; other axes are taken whole."""

_AGES = ("1", "2", "4", "later")
_USUAL = ("nulled", "cell", "source", "service", "score", "outcome")
"""Axes that are always told apart, so that the panels of a case share one law."""
_FLAGS = ("explored", "nulled", "copied")


def bare(world: World) -> str:
    """Write a world without what its stream does not depend on.

    Points that differ only in what the log of changes says have the same stream. A fault with a
    share of 0 touches no row: all it can do is stand in the log.
    """
    faults = [
        fault.model_copy(update={"logged": False, "decoy": False})
        for fault in world.fault
        if fault.share > 0
    ]
    return world.model_copy(update={"seed": 0, "fault": faults, "write": []}).model_dump_json()


def thinned(
    world: World, where: Mapping[str, Sequence[str]], used: Collection[str]
) -> tuple[World, float, dict[str, Sequence[str]]]:
    """Leave out traits that only thin the rows, such as shards of a log.

    A trait without odds, visits and growth, which no fault and no effect names, is independent of
    everything else in a row: taking some of its levels takes that share of every rate.

    Args:
        world: As it is.
        where: Trait or other axis -> levels that count.
        used: Axes that are told apart otherwise.

    Returns:
        The world without those traits, the share of the rows that is left, what `where` still asks.
    """
    named = {
        *used,
        *(column for fault in world.fault for column in fault.where),
        *(column for effect in world.effect for column in effect.where),
    }
    idle = [
        trait
        for trait in world.trait
        if trait.column not in named
        and not (trait.odds or trait.visits or trait.growth)
        and {*where.get(trait.column, ())} <= {*trait.levels}
    ]
    share = 1.0
    for trait in idle:
        levels = {*where.get(trait.column, trait.levels)}
        share *= sum(trait.levels[level] for level in levels) / sum(trait.levels.values())
    columns = {trait.column for trait in idle}
    kept = [trait for trait in world.trait if trait.column not in columns]
    left = {axis: levels for axis, levels in where.items() if axis not in columns}
    return world.model_copy(update={"trait": kept}), share, left


def refuse_copies(worlds: Sequence[World]) -> None:
    """Refuse worlds in which rows are there twice: they are no independent rows.

    Raises:
        ValueError: If a fault copies rows.
    """
    if any(fault.kind == "replay" and fault.share for world in worlds for fault in world.fault):
        raise ValueError("a panel that counts rows has no law where a fault copies them ('replay')")


def rows_of(
    seen: Scene, levels: Mapping[str, Sequence[str]], score: Sequence[float] | None = None
) -> Rows:
    """Turn levels by axis, and a range of scores, into vectors.

    Raises:
        ValueError: If an axis or a level is unknown, or the range cuts a bin.
    """
    taken: dict[str, Floats] = {}
    for axis, some in levels.items():
        place, vector = _vector(seen, axis, some)
        taken[place] = taken.get(place, np.ones(len(vector))) * vector
    if score is not None:
        taken["score"] = _bins(seen, *score)
    return taken


def picked(
    seen: Scene, everywhere: Rows, by: Sequence[Rows], kinds: Sequence[Rows]
) -> tuple[tuple[str, ...], Floats]:
    """Give the axes that matter and the rows that each group and kind takes.

    A row belongs to the first group and to the first kind that fit.

    Returns:
        Axes in the order of the law, a few more than are asked; shape (product of their lengths,
        groups * kinds), of 0 and 1.
    """
    used = {*_USUAL, *(axis for rows in (everywhere, *by, *kinds) for axis in rows)}
    axes = tuple(axis for axis in seen.sizes if axis in used)
    sizes = [seen.sizes[axis] for axis in axes]
    whole = _spread(everywhere, axes, sizes)
    groups = _firsts([_spread(rows, axes, sizes) for rows in by])
    told = _firsts([_spread(rows, axes, sizes) for rows in kinds])
    taken: Floats = np.stack([whole * g * k for g in groups for k in told], axis=-1)
    return axes, taken.reshape(-1, len(by) * len(kinds))


def _spread(rows: Rows, axes: Sequence[str], sizes: Sequence[int]) -> Floats:
    spread: Floats = np.ones(sizes)
    for place, axis in enumerate(axes):
        if axis in rows:
            shape = [1] * len(axes)
            shape[place] = sizes[place]
            spread = spread * rows[axis].reshape(shape)
    return spread


def _firsts(masks: Sequence[Floats]) -> list[Floats]:
    left, firsts = np.ones_like(masks[0]), []
    for mask in masks:
        firsts.append(mask * left)
        left = left * (1 - mask)
    return firsts


def _vector(seen: Scene, axis: str, some: Sequence[str]) -> tuple[str, Floats]:
    if axis in seen.cells.columns:
        inside = [seen.cells.inside({axis: level}) for level in some]
        return "cell", np.any(inside, axis=0).astype(np.float64)
    if axis in {"label", "age"}:
        return "outcome", _outcomes(axis, some)
    known = {
        "who": ("known", "new", "bot"),
        "version": seen.versions,
        "source": tuple(seen.world.labels.sources),
        "service": SERVICES,
        **dict.fromkeys(_FLAGS, ("no", "yes")),
    }
    if axis not in known:
        raise ValueError(f"no axis {axis!r}; there are: {', '.join([*known, 'label', 'age'])}")
    return axis, _among(axis, known[axis], some)


def _among(axis: str, known: Sequence[str], some: Sequence[str]) -> Floats:
    strange = sorted(set(some) - set(known))
    if strange:
        raise ValueError(f"{axis} has no level {strange[0]!r}; there are: {', '.join(known)}")
    return np.array([float(level in some) for level in known])


def _outcomes(axis: str, some: Sequence[str]) -> Floats:
    labels = [("0", age) for age in _AGES] + [("1", age) for age in _AGES] + [("none", "none")]
    if len(labels) != len(OUTCOMES):
        raise ValueError("outcomes of a stream are others than this panel knows")
    place = 0 if axis == "label" else 1
    _among(axis, ("0", "1", "none") if axis == "label" else (*_AGES, "none"), some)
    return np.array([float(outcome[place] in some) for outcome in labels])


def _bins(seen: Scene, first: float, last: float) -> Floats:
    shares = special.expit(seen.edges)
    cuts = [np.flatnonzero(np.isclose(shares, end, rtol=0, atol=1e-9)) for end in (first, last)]
    if not all(len(cut) for cut in cuts):
        known = ", ".join(f"{share:g}" for share in shares)
        raise ValueError(f"scores from {first:g} to {last:g} cut a bin; ends of bins: {known}")
    inside: Floats = np.zeros(len(seen.edges) - 1)
    inside[int(cuts[0][0]) : int(cuts[1][0])] = 1.0
    return inside
