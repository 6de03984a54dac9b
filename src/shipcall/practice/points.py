"""Points: everything that may be so in a case, as a finite list with its chances.

The posterior over a finite list is a sum, not an opinion.
"""

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from shipcall.practice.language import PRIORS, Case, Linear, Option, State
from shipcall.practice.laws import Floats
from shipcall.world.faults.altered import altered
from shipcall.world.truth import World

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One thing that may be so."""

    state: State
    values: Values
    """Every parameter of the case; 0 where the state does not name it."""
    chances: tuple[float, ...]
    """How common it is under each of PRIORS."""


def points(case: Case) -> list[Point]:
    """List the points of a case, state by state."""
    return [point for state in case.state for point in _points(case, state)]


def _points(case: Case, state: State) -> Iterator[Point]:
    lists = [state.values.get(parameter.name, [0.0]) for parameter in case.parameter]
    combinations = list(itertools.product(*lists))
    for values in combinations:
        named = zip((p.name for p in case.parameter), values, strict=True)
        each = tuple(chance / len(combinations) for chance in state.chances)
        yield Point(state=state, values=dict(named), chances=each)


def prior(found: Sequence[Point], which: str = PRIORS[0]) -> Floats:
    """Chance of every point before looking, under one of PRIORS; shape (points,)."""
    return np.array([point.chances[PRIORS.index(which)] for point in found])


def line(of: Linear, found: Sequence[Point]) -> Floats:
    """Value of a linear form at every point, shape (points,)."""
    constant = of.get("1", 0.0)
    terms = [(name, factor) for name, factor in of.items() if name != "1"]
    return np.array(
        [constant + sum(factor * point.values[name] for name, factor in terms) for point in found]
    )


def worth_of(case: Case, option: Option, found: Sequence[Point]) -> Floats:
    """Worth of an option at every point, in points of the case; see `Option` for the formula.

    Args:
        case: Has the worth that the option earns.
        option: What is done.
        found: The points.

    Returns:
        Shape (points,).
    """
    w = line(case.worth[option.of], found)
    besides = line(case.worth[option.besides], found) if option.besides else 0.0
    bonus = np.array([option.bonus.get(point.state.cause, 0.0) for point in found])
    kept = special.ndtr(w / option.error)
    value: Floats = option.now * w + option.later * w * kept + besides - option.costs + bonus
    return value


def worths(case: Case, found: Sequence[Point]) -> Floats:
    """Worth of every option at every point, shape (options, points)."""
    return np.stack([worth_of(case, option, found) for option in case.option])


def holds(case: Case, found: Sequence[Point]) -> Floats:
    """1.0 where a claim is so, shape (claims, points)."""
    lines = [
        [float(point.state.cause in claim.causes) for point in found]
        if claim.causes
        else (line(claim.of, found) > claim.above).astype(np.float64)
        for claim in case.claim
    ]
    return np.array(lines, dtype=np.float64).reshape(len(case.claim), len(found))


def caused(case: Case, found: Sequence[Point]) -> Floats:
    """1.0 where a cause is the one, shape (causes, points)."""
    return np.array(
        [[float(point.state.cause == cause.name) for point in found] for cause in case.cause]
    )


def world_at(case: Case, point: Point, *, seed: int, name: str) -> World:
    """Build the world of a point.

    Args:
        case: The case.
        point: What is so.
        seed: Where chance comes from.
        name: Stands in its files; it must not tell anything.

    Raises:
        ValueError: If a path of a parameter leads nowhere.
    """
    plain = _laid_over(copy.deepcopy(case.world), point.state.world)
    for parameter in case.parameter:
        for path, factor in parameter.sets.items():
            _add(plain, path.split("."), factor * point.values[parameter.name])
    return altered(World.model_validate({"shipcall_world": 1, "name": name, "seed": seed} | plain))


def _laid_over(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        merged = dict(below)
        for key, value in above.items():
            merged[key] = _laid_over(below[key], value) if key in below else copy.deepcopy(value)
        return merged
    return copy.deepcopy(above)


def _add(plain: Any, path: Sequence[str], amount: float) -> None:
    place = plain
    try:
        for step in path[:-1]:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[path[-1]] = place.get(path[-1], 0.0) + amount
    except (KeyError, IndexError, ValueError, AttributeError) as wrong:
        raise ValueError(f"the path {'.'.join(path)!r} leads nowhere in this world") from wrong
