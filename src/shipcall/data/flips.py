"""Flips: units on which one model did better than the other, for people to read."""

from typing import Any, NamedTuple

from shipcall.data.connect import Engine
from shipcall.data.sources import ARMS


class Flip(NamedTuple):
    """One unit on which the models differ; values are means over its runs."""

    unit: str
    baseline: float
    candidate: float


class Flips(NamedTuple):
    """How the units of one metric fall."""

    units: int
    gained: int
    """Units on which the candidate's mean is higher."""
    lost: int
    examples: tuple[Flip, ...]
    """The greatest losses first, then by name."""
    binary: bool
    """Every grade is 0 or 1."""
    runs: int
    """Most runs of one unit by one model."""
    mixed: dict[str, int]
    """Arm -> units with several runs that do not agree."""


def flips_of(lines: Any, engine: Engine, what: str, limit: int) -> Flips:
    """Count flips and show some.

    Args:
        lines: One line per unit and run with A_value of both arms.
        engine: Where the lines live.
        what: Names the evidence in an error.
        limit: Most examples.
    """
    both = lines.filter(lines.baseline_value.notnull(), lines.candidate_value.notnull())
    spread: dict[str, Any] = {}
    for arm in ARMS:
        value = both[f"{arm}_value"]
        spread |= {
            arm: value.mean(),
            f"{arm}_mixed": value.max() > value.min(),
            f"{arm}_bits": (value.isin([0.0, 1.0])).all(),
        }
    units = both.group_by("unit").aggregate(runs=both.count(), **spread)
    better, worse = units.candidate > units.baseline, units.candidate < units.baseline
    seen = engine.row(
        units.aggregate(
            units=units.count(),
            gained=better.sum(),
            lost=worse.sum(),
            runs=units.runs.max(),
            binary=(units.baseline_bits & units.candidate_bits).all(),
            **{arm: units[f"{arm}_mixed"].sum() for arm in ARMS},
        ),
        what,
    )
    differing = units.filter(better | worse)
    change = differing.candidate - differing.baseline
    shown = differing.order_by([change, differing.unit]).limit(limit)
    rows = engine.fetch(shown.select("unit", "baseline", "candidate"), what).to_pylist()
    return Flips(
        units=seen["units"],
        gained=seen["gained"] or 0,
        lost=seen["lost"] or 0,
        examples=tuple(Flip(**row) for row in rows),
        binary=bool(seen["binary"]),
        runs=seen["runs"] or 0,
        mixed={arm: seen[arm] or 0 for arm in ARMS},
    )
