"""Traps: every one is a world that can be drawn, and so is its twin."""

from pathlib import Path

import pytest

from shipcall.world.faults.traps import TRAPS, merged
from shipcall.world.read import parse_world
from shipcall.world.sense import remarks
from shipcall.world.streams.truth import stream_truth
from shipcall.world.truth import World
from shipcall.world.write import as_toml, draw

SMALL = {"items": {"count": 100}, "people": {"count": 120}, "stream": {"rows_per_day": 20}}


def small(world: World) -> World:
    """The same world with less of everything, its faults as they were."""
    plain = world.model_dump(exclude_unset=True)
    over = {key: value for key, value in SMALL.items() if key in plain}
    if plain.get("items", {}).get("count", 100) < 100:
        over.pop("items")
    return World.model_validate(merged(plain, over))


def test_all_cases_and_all_traps_of_gates_are_there() -> None:
    assert {f"C{n:02}" for n in range(1, 41)} <= TRAPS.keys()
    assert {f"G{n}" for n in range(1, 17)} <= TRAPS.keys()


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_and_its_twin_make_sense_and_differ(name: str) -> None:
    trap = TRAPS[name]
    assert trap.title
    assert trap.truth.endswith(".")
    assert trap.twin_truth or trap.lacks
    trapped = trap.world(3)
    assert list(remarks(trapped)) == []
    assert parse_world(as_toml(trapped), file="trap.toml") == trapped
    if trap.twin_truth:
        twin = trap.world(3, benign=True)
        assert list(remarks(twin)) == []
        assert twin.model_copy(update={"name": trapped.name}) != trapped
    else:
        with pytest.raises(ValueError, match="has no twin"):
            trap.world(3, benign=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAPS)
def test_a_trap_and_its_twin_can_be_drawn(name: str, tmp_path: Path) -> None:
    for benign in (False, True)[: 1 + bool(TRAPS[name].twin_truth)]:
        drawn = draw(small(TRAPS[name].world(3, benign=benign)), tmp_path / str(benign))
        assert name == "G1" or max(drawn.rows.values()) > 0


def test_what_a_trap_says_is_so_in_its_world() -> None:
    """C26 loses its weekends; its twin has weekends that are quiet."""

    def weekend(world: World) -> float:
        rows = {
            f["day"]: float(f["value"])
            for f in stream_truth(world)
            if f["metric"] == "rows" and "day" in f
        }
        return (rows[19] + rows[20]) / (rows[16] + rows[17])

    assert weekend(TRAPS["C26"].world(1)) == 0.0
    assert weekend(TRAPS["C26"].world(1, benign=True)) == pytest.approx(0.5 / 1.2)


def test_parameters_are_laid_over_others_section_by_section() -> None:
    below = {"a": {"x": 1, "y": 2}, "b": [1], "c": 3}
    assert merged(below, {"a": {"y": 5}, "b": [2, 3]}) == {
        "a": {"x": 1, "y": 5},
        "b": [2, 3],
        "c": 3,
    }
    assert below == {"a": {"x": 1, "y": 2}, "b": [1], "c": 3}
