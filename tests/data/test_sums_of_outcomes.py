"""Sums of outcomes: exact, the same in any order, and those of the rules in plain Python."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from data.ramps import (
    ALL,
    BEGIN,
    LATE,
    NZ,
    asked,
    at,
    drawn,
    heartbeat,
    plain,
    plain_epochs,
    ramp,
    shown,
    state,
    told,
)
from shipcall.assign import shipcall_v1
from shipcall.core import EvidenceError
from shipcall.data.bins import edges_of
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Counted
from shipcall.data.ramp import Entered
from shipcall.data.sources import Source, UnitColumns
from shipcall.stats.sequential.epochs import STEP
from shipcall.stats.sequential.exceedance import Rows, collect_masses
from shipcall.world.truth import World
from shipcall.world.write import draw


def test_a_value_that_cannot_be_summed_exactly_is_refused(tmp_path: Path) -> None:
    exposures, beats = heartbeat(5)
    found = ramp(tmp_path, exposures, [*beats, told("u", 1e12, 1)])
    with pytest.raises(EvidenceError, match="larger unit"):
        state(found, 5)
    assert state(found, 5, range=(0.0, 1.0)).out_of_range == Counted(1, "u")


def test_large_values_are_summed_exactly(tmp_path: Path) -> None:
    """Squares of 2^29 on a grid of 2^-20 need 98 bits each."""
    exposures, beats = heartbeat(5)
    exposures += [shown(f"u{i}", "candidate", 0.5) for i in range(3)]
    rows = [told(f"u{i}", 2.0**29 + i, 1) for i in range(3)]
    epochs = state(ramp(tmp_path, exposures, beats + rows), 5).epochs
    assert epochs is not None
    (pair,) = epochs.cells.values()
    steps = [(2**29 + i) * 2**20 for i in range(3)]
    assert pair.candidate == (4, sum(steps), sum(step * step for step in steps), 0, 0, 0)


def test_a_range_within_one_makes_the_grid_finer(tmp_path: Path) -> None:
    """0.01 lies below 2^-6, so a step is 2^-26."""
    exposures, beats = heartbeat(5)
    exposures.append(shown("u", "candidate", 0.5, 0.3, "own"))
    found = ramp(tmp_path, exposures, [*beats, told("u", 3 * 2.0**-26, 1)])
    epochs = state(found, 5, range=(0.0, 0.01)).epochs
    assert epochs is not None
    assert epochs.step == 2.0**-26
    (pair,) = (pair for cell, pair in epochs.cells.items() if cell.share == 0.3)
    assert pair.candidate[:3] == (1, 3, 9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_the_rules_in_plain_python(tmp_path: Path, seed: int) -> None:
    """Random ramps in which all that can go wrong goes wrong, at several looks."""
    exposures, outcomes = drawn(np.random.default_rng(100 + seed))
    found = ramp(tmp_path, exposures, outcomes, files=1 + seed % 3)
    requests = [
        asked(metric=fold, per_unit=fold, slices=(ALL, NZ), range=(0.0, 1.0), zero=seed % 2 == 0)
        for fold in ("any", "sum", "mean", "last")
    ]
    compared = 0
    for hours in (40.25, LATE):
        states = found.entered(requests, at(hours))
        entries = plain(exposures, at(hours)).entries
        for request in requests:
            for part in request.slices:
                seen = states[request.metric, part]
                assert isinstance(seen, Entered)
                assert seen.horizon is not None
                own = [e for e in entries if part == ALL or e.first["country"] == part.pairs[0][1]]
                epochs, missing = plain_epochs(own, outcomes, seen.horizon, request)
                assert seen.epochs is not None
                assert seen.epochs.plain() == epochs.plain()
                assert seen.missing.plain() == missing.plain()
                entered = sum(sum(arm.n for arm in pair) for pair in missing.cells.values())
                assert seen.maturing == len(own) - entered
                compared += entered
    assert compared > 250


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_order_files_and_shape_change_no_bit(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(1)
    exposures, outcomes = drawn(rng)
    requests = [
        asked(slices=(ALL, NZ)),
        asked(metric="q", quantile=True, slices=(ALL, NZ), epoch_hours=24),
    ]

    def everything(found: Evidence) -> Any:
        states = found.entered(requests, at(LATE))
        assert all(isinstance(one, Entered) for one in states.values())
        plains = [
            (state.plain() if state is not None else None)
            for one in states.values()
            if isinstance(one, Entered)
            for state in (one.epochs, one.masses, one.missing)
        ]
        return plains, states, found.steps(at(LATE)), found.integrity(at(LATE))

    wanted = everything(ramp(tmp_path / "a", exposures, outcomes))
    mixed = [[rows[i] for i in rng.permutation(len(rows))] for rows in (exposures, outcomes)]
    assert everything(ramp(tmp_path / "b", *mixed, suffix=suffix, files=3)) == wanted


@pytest.mark.slow
def test_an_earlier_look_is_the_beginning_of_a_later_one(tmp_path: Path) -> None:
    exposures, outcomes = drawn(np.random.default_rng(5))
    found = ramp(tmp_path, exposures, outcomes)
    last = state(found, LATE, zero=True).epochs
    assert last is not None
    sizes = []
    for hours in range(6, 72, 16):
        epochs = state(found, hours, zero=True).epochs
        assert epochs is not None
        latest = max((cell.epoch for cell in epochs.cells), default=0)
        assert epochs.plain() == last.until(latest).plain()
        sizes.append(len(epochs.cells))
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


@pytest.mark.parametrize("range_", [None, (0.0, 60_000.0), (5.0, 900.0), (0.0, 1e-5)])
def test_values_lie_in_the_bins_of_the_sealed_edges(
    tmp_path: Path, range_: tuple[float, float] | None
) -> None:
    """Masses are those of `collect_masses`, for values on, just beside and far from edges."""
    rng = np.random.default_rng(3)
    edges = np.array(edges_of(range_))
    some = rng.choice(edges, 60)
    values = np.concatenate([some, np.nextafter(some, 0), np.nextafter(some, 1e9), [0.0, 1e-9]])
    if range_ is None:
        values = np.concatenate([values, [1e9, -3.0, 1e300]])
    else:
        values = np.clip(values, *range_)
    units = rng.integers(30, size=values.size)
    candidate = rng.random(30) < 0.5
    exposures = [
        shown(f"u{i}", "candidate" if candidate[i] else "baseline", 0.5 + i / 100)
        for i in sorted(set(units.tolist()))
    ]
    outcomes = [
        told(f"u{unit}", float(value), 1 + i / 1000)
        for i, (unit, value) in enumerate(zip(units, values, strict=True))
    ]
    talking = [int(units[candidate[units] == arm][0]) for arm in (False, True)]
    later = [told(f"u{unit}", 1, hour) for unit in talking for hour in range(3, 31)]
    found = ramp(tmp_path, exposures, [*outcomes, *later])
    seen = state(found, 30, quantile=True, epoch_hours=24, range=range_)
    wanted = collect_masses(
        Rows(
            epoch=np.full(values.size, BEGIN // 24),
            stage=np.zeros(values.size, dtype=np.int64),
            share=np.full(values.size, 0.5),
            candidate=candidate[units],
            unit=units,
            value=values,
        ),
        tuple(edges.tolist()),
    )
    assert wanted.cells
    assert seen.epochs is None
    assert seen.masses is not None
    assert seen.masses.plain() == wanted.plain()


@pytest.mark.parametrize(
    ("range_", "first", "last"),
    [
        (None, 1e-3, 1e7),
        ((0.0, 60_000.0), 1e-3, 60_000.0),
        ((5.0, 900.0), 5.0, 900.0),
        ((-1.0, 1e-5), 1e-11, 1e-5),
        ((-2.0, 0.0), 1e-3, 1e7),
        ((0.0, float("inf")), 1e-3, 1e7),
        ((4.0, 4.0), 2.0, 4.0),
    ],
)
def test_edges_span_the_declared_range(
    range_: tuple[float, float] | None, first: float, last: float
) -> None:
    edges = edges_of(range_)
    assert edges[0] == pytest.approx(first)
    assert edges[-1] == pytest.approx(last)
    assert max(high / low for low, high in itertools.pairwise(edges)) <= 1.01 * (1 + 1e-12)


def test_a_unit_with_a_lost_row_has_no_part_in_a_quantile(tmp_path: Path) -> None:
    """Nor has one without rows, unless no row means zero: then it lies in the lowest bin."""
    exposures = [shown(u, "baseline", 0.5) for u in ("good", "torn", "none")]
    outcomes = [told("good", 5, 1), told("good", 6, 1.5), told("torn", 5, 1), told("torn", None, 2)]
    later = [told("good", 7, hour) for hour in range(3, 31)]
    found = ramp(tmp_path, exposures, outcomes + later)
    for zero, zeros in ((False, 0), (True, 2**30)):
        seen = state(found, 27, quantile=True, epoch_hours=24, zero=zero)
        assert seen.masses is not None
        (arms,) = seen.masses.cells.values()
        assert (sum(arms.baseline[1:]), arms.baseline[0]) == (2**30, zeros)
        (pair,) = seen.missing.cells.values()
        assert (pair.baseline.n, round(pair.baseline.y * STEP)) == (3, 1 if zero else 2)


def test_a_drawn_world_gives_the_sums_of_its_own_positions(tmp_path: Path) -> None:
    """Three shares and a holdback: arms and chances follow from where each name lies."""
    world = World.model_validate(
        {
            "shipcall_world": 1,
            "name": "w",
            "seed": 5,
            "people": {"count": 1_500, "churn": 0.02, "growth": 0.03},
            "days": 6,
            "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}}],
            "rollout": {"shares": [0.1, 0.4, 1.0], "hours": [24, 48, 48], "holdback": 0.1},
            "outcome": [{"name": "m", "window_hours": 2, "lost": 0.1}],
        }
    )
    draw(world, tmp_path)
    paths = {
        name: Source(format=name, path=f"{name}.parquet") for name in ("exposures", "outcomes")
    }
    found = Evidence(paths, root=tmp_path, unit=UnitColumns(id="unit"), metrics={})
    exposures, outcomes = (
        [row | {"at": row["at"].isoformat()} for row in pq.read_table(tmp_path / path).to_pylist()]
        for path in ("exposures.parquet", "outcomes.parquet")
    )
    ends = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    request = asked(per_unit="any", slices=(ALL, NZ))
    states = found.entered([request], ends)
    entries = plain(exposures, ends).entries
    assert len({entry.chance for entry in entries}) == 6
    places = shipcall_v1.positions("rollout", [entry.unit for entry in entries])
    for entry, place in zip(entries, places, strict=True):
        assert entry.candidate == (place < entry.first["share"])
    for part in request.slices:
        seen = states["m", part]
        assert isinstance(seen, Entered)
        assert seen.horizon is not None
        own = [e for e in entries if part == ALL or e.first["country"] == "NZ"]
        epochs, missing = plain_epochs(own, outcomes, seen.horizon, request)
        assert seen.epochs is not None
        assert len(seen.epochs.cells) > 50
        assert seen.epochs.plain() == epochs.plain()
        assert seen.missing.plain() == missing.plain()
        assert seen.moved == Counted()
    assert found.integrity(ends).crossed == Counted()
    assert [step.share for step in found.steps(ends)] == [0.1, 0.4, 0.9]
