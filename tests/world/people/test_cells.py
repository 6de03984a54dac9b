"""Cells: combinations of levels, their weights, and what effects change there."""

import numpy as np
import pytest

from offline_worlds import make
from shipcall.world.people.cells import cells, facts, latency_ms, skill, strata, unsafe

TRAITS = [
    {"column": "country", "levels": {"NZ": 1, "BR": 3}, "visits": {"NZ": 2.0}},
    {"column": "tenure", "levels": {"fresh": 1, "long": 1}, "growth": {"fresh": 0.1}},
]


def test_cells_are_all_combinations_and_their_weights_multiply() -> None:
    """By hand: NZ 1/4, BR 3/4, each halved by tenure."""
    found = cells(make(trait=TRAITS))
    assert [tuple(name.values()) for name in found.names] == [
        ("NZ", "fresh"),
        ("NZ", "long"),
        ("BR", "fresh"),
        ("BR", "long"),
    ]
    assert found.weights == pytest.approx([0.125, 0.125, 0.375, 0.375])
    assert found.growth == pytest.approx([0.1, 0.0, 0.1, 0.0])


def test_the_mean_factor_on_visits_is_one() -> None:
    """By hand: 1/4 of people at 2, 3/4 at 1, mean 1.25."""
    found = cells(make(trait=TRAITS))
    assert found.visits == pytest.approx([1.6, 1.6, 0.8, 0.8])


def test_a_world_without_traits_is_one_cell() -> None:
    found = cells(make())
    assert (len(found), found.columns, found.weights.tolist()) == (1, (), [1.0])
    assert [name for name, _ in found.slices()] == ["all"]


def test_slices_are_everybody_and_every_level() -> None:
    found = cells(make(trait=TRAITS))
    assert {name: int(mask.sum()) for name, mask in found.slices()} == {
        "all": 4,
        "country=NZ": 2,
        "country=BR": 2,
        "tenure=fresh": 2,
        "tenure=long": 2,
    }


def test_effects_add_up_where_they_hold() -> None:
    world = make(
        trait=TRAITS,
        model={"candidate": {"skill": 1.0, "unsafe": 0.01, "latency_ms": 100}},
        effect=[
            {"skill": 0.2, "latency": 2.0},
            {"where": {"country": "NZ", "tenure": "long"}, "skill": -0.5, "unsafe": -0.5},
            {"model": "baseline", "skill": 9.0},
            {"where": {"country": "NZ"}, "outcome": "clicks", "lift": 0.3},
        ],
    )
    found = cells(world)
    assert skill(world, "candidate", found) == pytest.approx([1.2, 0.7, 1.2, 1.2])
    assert unsafe(world, "candidate", found) == pytest.approx([0.01, 0.0, 0.01, 0.01])
    assert latency_ms(world, "candidate", found) == pytest.approx([200.0] * 4)


def test_items_are_split_by_what_leaked_and_by_source_of_their_label() -> None:
    """By hand: .25 leaked, sources 1 : 3."""
    world = make(
        items={"leaked": 0.25, "leaked_skill": 2.0}, labels={"sources": {"desk": 1, "crowd": 3}}
    )
    found = strata(world)
    assert found.columns == ("overlap", "source")
    assert found.weights == pytest.approx([0.1875, 0.5625, 0.0625, 0.1875])
    assert skill(world, "candidate", found) == pytest.approx([1.0, 1.0, 3.0, 3.0])
    assert skill(world, "baseline", found) == pytest.approx([1.0] * 4)


@pytest.mark.parametrize(
    ("where", "sentence"),
    [
        ({"region": "NZ"}, "no trait is called 'region'"),
        ({"country": "ZZ"}, "has no level 'ZZ'; levels: \\['BR', 'NZ'\\]"),
    ],
)
def test_an_effect_on_nobody_is_refused(where: dict[str, str], sentence: str) -> None:
    world = make(trait=TRAITS, effect=[{"where": where, "skill": 1.0}])
    with pytest.raises(ValueError, match=sentence):
        skill(world, "candidate", cells(world))


def test_more_cells_than_can_be_held_are_refused() -> None:
    levels = {str(i): 1 for i in range(101)}
    traits = [{"column": name, "levels": levels} for name in ("a", "b")]
    with pytest.raises(ValueError, match="10,201 combinations"):
        cells(make(trait=traits))


def test_two_traits_in_one_column_are_refused() -> None:
    with pytest.raises(ValueError, match="two traits share a column"):
        cells(make(trait=[TRAITS[0], TRAITS[0]]))


def test_a_mean_over_a_slice_weighs_its_people_and_nobody_has_none() -> None:
    """By hand: everybody (1 + 3 * 2) / 4."""
    found = cells(make(trait=TRAITS[:1]))
    values = np.array([1.0, 2.0])
    stated = facts("t", "m", found, {"baseline": values, "candidate": values + 1})
    assert stated[0] == {
        "table": "t",
        "metric": "m",
        "slice": "all",
        "baseline": 1.75,
        "candidate": 2.75,
        "difference": 1.0,
    }
    weights = np.array([0.0, 1.0])
    kept = facts("t", "m", found, {"baseline": values, "candidate": values}, weights)
    assert [fact["slice"] for fact in kept] == ["all", "country=BR"]
