"""Traps: worlds in which a release looks other than it is, each with a benign twin.

A trap is a few parameters over a base world; its twin tells the same story with the harm taken
out, and is the trap again with a few more parameters. The data stands in traps_data/*.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from shipcall.world.truth import World

Parameters = Mapping[str, Any]
_FILES = ("releases", "incidents", "gates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """One way to be misled."""

    id: str
    """C01 to C40 for cases, G1 to G16 for what misleads gates."""
    title: str
    truth: str
    """What is so, in one sentence."""
    twin_truth: str
    """What is so in the twin; empty where there is none."""
    lacks: tuple[str, ...]
    """What belongs to the case and no world can draw yet."""
    base: Parameters
    trap: Parameters
    twin: Parameters

    def world(self, seed: int, *, benign: bool = False) -> World:
        """Give the world of the trap.

        Args:
            seed: The same seed gives the same world.
            benign: The twin instead.

        Raises:
            ValueError: If a twin is asked of a trap that has none.
        """
        if benign and not self.twin_truth:
            raise ValueError(f"{self.id} has no twin; ask for the trap itself")
        name = f"{self.id}-twin" if benign else self.id
        tables = merged({"shipcall_world": 1, "name": name, "seed": seed}, self.base)
        tables = merged(tables, self.trap)
        return World.model_validate(merged(tables, self.twin) if benign else tables, strict=True)


def merged(tables: Parameters, over: Parameters) -> dict[str, Any]:
    """Lay parameters over others: sections are joined, anything else is replaced."""
    joined = dict(tables)
    for key, value in over.items():
        below = joined.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        joined[key] = merged(below, value) if both and below is not None else value
    return joined


def _data(name: str) -> dict[str, Any]:
    file = resources.files("shipcall.world.faults") / "traps_data" / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _traps() -> dict[str, Trap]:
    bases = _data("bases")
    return {
        trap: Trap(
            id=trap,
            title=told["title"],
            truth=told["truth"],
            twin_truth=told.get("twin_truth", ""),
            lacks=tuple(told.get("lacks", ())),
            base=bases[told["base"]],
            trap=told.get("trap", {}),
            twin=told.get("twin", {}),
        )
        for name in _FILES
        for trap, told in _data(name).items()
    }


TRAPS: Mapping[str, Trap] = _traps()
"""Id -> trap."""
