"""Faults: what must move moves in the rows, what is quiet stays quiet, and both over time."""

from datetime import UTC, datetime

import pytest

from shipcall.formats import FORMATS
from shipcall.world.faults.altered import CHANGES, altered
from shipcall.world.faults.catalogue import FAULTS, MEASURES, strength
from shipcall.world.faults.spoils import SPOILS
from shipcall.world.streams.regime import ACTS
from shipcall.world.truth import Fault, Items, Labels, Stream, Trait, World
from world.streams.watching import DAYS, MEASURED, windows

TOLERANCE = {
    "inputs": 0.025,
    "offline_inputs": 0.05,
    "idle": 0.025,
    "score": 0.025,
    "reliability": 0.05,
    "agreement": 0.08,
    "ranking": 0.015,
    "latency": 0.04,
    "fallback": 0.01,
    "favour": 0.06,
}
"""How far two windows of 35,000 rows may be apart by chance; a share: 0.02."""
STREAMED = sorted(kind for kind, fault in FAULTS.items() if "stream" in fault.tables)


def world(*faults: Fault, days: int = 2 * DAYS + 4) -> World:
    return World(
        shipcall_world=1,
        name="watched",
        seed=11,
        days=days,
        stream=Stream(rows_per_day=2_500, exploration=0.25, recomputed=0.2),
        trait=[Trait(column="country", levels={"US": 0.7, "NZ": 0.3}, odds={"NZ": -0.5})],
        labels=Labels(sources={"review": 0.5, "users": 0.5}),
        fault=list(faults),
    )


def moved(fault: Fault) -> set[str]:
    before, after = windows(world(fault))
    return {m for m, far in MEASURED.items() if far(before, after) > TOLERANCE.get(m, 0.02)}


@pytest.mark.slow
@pytest.mark.parametrize("severity", [0.5, 1.0])
@pytest.mark.parametrize("kind", STREAMED)
def test_what_must_move_moves_and_what_is_quiet_stays_quiet(kind: str, severity: float) -> None:
    seen = moved(Fault(kind=kind, day=DAYS, severity=severity))
    assert set(FAULTS[kind].moves) <= seen
    assert seen.isdisjoint(FAULTS[kind].quiet)


@pytest.mark.slow
def test_nothing_moves_where_nothing_is_wrong() -> None:
    assert moved(Fault(kind="none", day=DAYS, decoy=True)) == set()


def test_every_kind_is_told_whole_and_acts_somewhere() -> None:
    for kind, fault in FAULTS.items():
        assert set(fault.moves) | set(fault.quiet) <= MEASURES.keys()
        assert set(fault.tables) <= FORMATS.keys()
        assert all((fault.title, fault.change, fault.act, fault.tempting, fault.number))
        acts = (kind in ACTS) + (kind in CHANGES) + (kind in SPOILS)
        assert bool(acts) == bool(fault.tables), kind
        if "stream" in fault.tables:
            assert kind in ACTS
            assert fault.moves
            assert fault.quiet
    assert set(ACTS) | set(SPOILS) | set(CHANGES) == FAULTS.keys() - {"none"}
    assert MEASURED.keys() == MEASURES.keys()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(kind="bots", severity=0.8, day=2), [0, 0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]),
        (Fault(kind="bots", severity=0.8, day=2.9), [0, 0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8]),
        (Fault(kind="bots", severity=0.8, day=2, days=3), [0, 0, 0.8, 0.8, 0.8, 0, 0, 0]),
        (
            Fault(kind="bots", severity=0.8, day=2, days=4, shape="ramp"),
            [0, 0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.8],
        ),
        (Fault(kind="bots", severity=0.8, day=2, shape="pulse"), [0, 0, 0.8, 0, 0, 0, 0, 0]),
        (Fault(kind="bots", severity=0.8, day=2, shape="weekly"), [0, 0, 0, 0, 0, 0.8, 0.8, 0]),
    ],
    ids=["step", "in the middle of a day", "step that ends", "ramp", "pulse", "weekly"],
)
def test_a_fault_has_its_shape_over_time(fault: Fault, expected: list[float]) -> None:
    """5 October 2026 is a Monday: days 5 and 6 of the world are Saturday and Sunday."""
    started = world().model_copy(update={"start": datetime(2026, 10, 5, tzinfo=UTC)})
    assert [strength(fault, started, day) for day in range(8)] == pytest.approx(expected)


def test_contamination_leaks_items_to_the_candidate() -> None:
    leaking = world(Fault(kind="contamination", severity=0.5)).model_copy(
        update={"items": Items(count=100, leaked=0.1)}
    )
    items = altered(leaking).items
    assert items is not None
    assert items.leaked == pytest.approx(0.28)
    assert altered(leaking).fault == []


@pytest.mark.parametrize(("count", "clusters"), [(1_000, 5), (100, 5), (7, 1), (3, 3)])
def test_few_clusters_hold_all_items(count: int, clusters: int) -> None:
    few = world(Fault(kind="few_clusters", severity=1.0)).model_copy(
        update={"items": Items(count=count)}
    )
    items = altered(few).items
    assert items is not None
    assert items.count == count
    assert items.count / items.cluster == clusters
