"""Outcomes: whose window has closed, what a unit's value is, and what is lost, silent or late."""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from data.ramps import (
    BEGIN,
    LATE,
    Row,
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
    units_of,
)
from shipcall.assign import shipcall_v1
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.bins import edges_of
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Counted
from shipcall.data.ramp import Entered
from shipcall.data.sources import Source, UnitColumns
from shipcall.stats.sequential.epochs import STEP
from shipcall.stats.sequential.exceedance import Rows, collect_masses
from shipcall.world.truth import World
from shipcall.world.write import draw

ALL = Slice()
NZ, BR = Slice.of({"country": "NZ"}), Slice.of({"country": "BR"})


def one(folder: Path, *rows: tuple[float, float | None], **options: Any) -> tuple[Any, int]:
    """Value and loss of one unit, exposed at hour 0.25, whose rows are (hours, value).

    A second unit logs so often that the metric never falls silent.
    """
    exposures, beats = heartbeat(30)
    own = [shown("u", "baseline", 0.25, 0.3, "own")]
    outcomes = beats + [told("u", value, hours) for hours, value in rows]
    found = state(ramp(folder, exposures + own, outcomes), 30, **options)
    missing = next(pair.baseline for cell, pair in found.missing.cells.items() if cell.share == 0.3)
    assert missing.n == 1
    epochs = found.epochs
    assert epochs is not None
    values = [pair.baseline for cell, pair in epochs.cells.items() if cell.share == 0.3]
    return (values[0].y * epochs.step if values else None), round(missing.y * STEP)


@pytest.mark.parametrize(
    ("per_unit", "value"), [("any", 1.0), ("mean", 0.4375), ("sum", 1.75), ("last", 0.125)]
)
def test_rows_of_a_window_become_one_value(tmp_path: Path, per_unit: str, value: float) -> None:
    """Between the exposure at 0.25 and 2.25, both counted: 0.5, 0.75, 0.375, 0.125."""
    rows = [(0.25, 0.5), (1.0, 0.75), (1.5, 0.375), (2.25, 0.125), (0.2, 9.0), (2.26, 9.0)]
    assert one(tmp_path, *rows, per_unit=per_unit) == (value, 0)


@pytest.mark.parametrize(("threshold", "value"), [(0.75, 1.0), (0.76, 0.0), (0.1, 1.0)])
def test_any_means_a_value_at_the_threshold_or_above(
    tmp_path: Path, threshold: float, value: float
) -> None:
    rows = [(1.0, 0.75), (1.5, 0.0)]
    assert one(tmp_path, *rows, per_unit="any", threshold=threshold) == (value, 0)


def test_the_greater_of_two_last_values_counts(tmp_path: Path) -> None:
    assert one(tmp_path, (1.0, 0.25), (1.0, 0.75), (0.5, 2.0), per_unit="last") == (0.75, 0)


def test_without_a_window_the_hour_of_the_exposure_counts(tmp_path: Path) -> None:
    """From 0.25 until before 1; what the unit did earlier in that hour is not its outcome."""
    rows = [(0.1, 8.0), (0.25, 0.5), (0.99, 0.25), (1.0, 8.0)]
    assert one(tmp_path, *rows, per_unit="sum", window_hours=0.0) == (0.75, 0)


@pytest.mark.parametrize(("zero", "value"), [(True, (0.0, 0)), (False, (None, 1))])
def test_no_row_is_zero_where_the_contract_says_so_and_lost_elsewhere(
    tmp_path: Path, *, zero: bool, value: Any
) -> None:
    assert one(tmp_path, (3.0, 1.0), zero=zero) == value


@pytest.mark.parametrize("per_unit", ["any", "mean", "sum", "last"])
@pytest.mark.parametrize("wrong", [None, 1.25, -0.25])
def test_a_null_or_a_value_out_of_range_makes_the_unit_lost(
    tmp_path: Path, per_unit: str, wrong: float | None
) -> None:
    """Also beside a good value, and also where no row would mean zero."""
    rows = [(0.5, 1.0), (1.0, wrong)]
    options: dict[str, Any] = {"per_unit": per_unit, "range": (0.0, 1.0), "zero": True}
    assert one(tmp_path, *rows, **options) == (None, 1)


def test_a_sentinel_is_no_value(tmp_path: Path) -> None:
    exposures, beats = heartbeat(5)
    exposures.append(shown("u", "candidate", 0))
    found = ramp(tmp_path, exposures, [*beats, told("u", -1, 1)])
    source = Source(format="outcomes", path="outcomes-*.csv", sentinels={"-1": "not_run"})
    found = Evidence(
        {"exposures": Source(format="exposures", path="exposures-*.csv"), "outcomes": source},
        root=tmp_path,
        unit=UnitColumns(id="unit"),
        metrics={},
    )
    (pair,) = state(found, 5).missing.cells.values()
    assert (pair.candidate.n, round(pair.candidate.y * STEP)) == (2, 1)


def test_values_out_of_range_and_rows_that_come_twice_are_counted(tmp_path: Path) -> None:
    exposures, beats = heartbeat(4)
    rows = [
        *(told("z", 0.5, 1) for _ in range(2)),
        *(told("y", 0.5, 2) for _ in range(3)),
        told("y", 0.5, 3),
        told("y", 7, 3.5),
        told("x", -7, 3.5),
        told("x", None, 3.6),
        told("x", 9, 4.5),
        *(told("a", 9, 1, metric="other") for _ in range(2)),
    ]
    found = state(ramp(tmp_path, exposures, beats + rows), 4, range=(0.0, 1.0))
    assert found.out_of_range == Counted(2, "x")
    assert found.duplicates == Counted(5, "y")


def test_an_epoch_enters_when_the_window_of_its_youngest_possible_unit_has_closed(
    tmp_path: Path,
) -> None:
    """Exposed in the first hour, a window of two: known from hour 3 on, however early it came."""
    exposures, beats = heartbeat(6)
    exposures += [shown("u", "candidate", 0.1), shown("v", "candidate", 1.9)]
    evidence = ramp(tmp_path, exposures, beats)
    for hours, closed, maturing in ((2.99, 0, 4), (3.0, 3, 1), (3.99, 3, 1), (4.0, 4, 0)):
        found = state(evidence, hours, zero=True)
        assert sum(map(sum, units_of(found.epochs).values())) == closed
        assert found.maturing == maturing
        assert found.horizon == at(int(hours)) if hours % 1 else at(hours)


def test_epochs_of_a_day_begin_at_midnight_in_utc(tmp_path: Path) -> None:
    exposures, beats = heartbeat(60)
    exposures += [shown("u", "candidate", 23.9), shown("v", "candidate", 24.0)]
    found = state(ramp(tmp_path, exposures, beats), 60, epoch_hours=24, zero=True)
    epochs = found.epochs
    assert epochs is not None
    assert {cell.epoch - BEGIN // 24: pair.candidate.n for cell, pair in epochs.cells.items()} == {
        0: 2,
        1: 1,
    }


def test_the_evidence_ends_with_its_last_row_of_any_kind(tmp_path: Path) -> None:
    exposures, beats = heartbeat(6)
    evidence = ramp(tmp_path / "a", exposures, beats)
    assert state(evidence, 7).horizon == at(6)
    later = ramp(tmp_path / "b", exposures, [*beats, told("u", 1, 6.5, metric="other")])
    assert state(later, 7).horizon == at(6.5)
    shown_later = ramp(tmp_path / "c", [*exposures, shown("u", "baseline", 6.75)], beats)
    assert state(shown_later, 7).horizon == at(6.75)


def silent(folder: Path, gap: float, rows: int = 10, **options: Any) -> Entered:
    """Both arms log ten times in the first ten hours; then only the baseline does."""
    exposures, beats = heartbeat(40)
    times = np.linspace(10 / rows, 10, rows)
    kept = [row for row in beats if row["unit"] == "beat-baseline"]
    kept += [told("beat-candidate", 0.0, float(hours)) for hours in times]
    return state(ramp(folder, exposures, kept), 10 + gap, **options)


def test_a_metric_falls_silent_where_chance_would_hardly_make_such_a_gap(tmp_path: Path) -> None:
    """One row an hour: exp(-13.8) is just above 1e-6, exp(-13.9) below."""
    talks, quiet = silent(tmp_path / "a", 13.8), silent(tmp_path / "b", 13.9)
    assert talks.silent_hours is None
    assert talks.horizon == at(23)
    assert quiet.silent_hours == pytest.approx(13.9)
    assert quiet.horizon == at(10)


def test_the_rate_of_a_metric_is_that_of_its_rows(tmp_path: Path) -> None:
    """Four rows an hour: exp(-4 * 3.45) is just above 1e-6, exp(-4 * 3.5) below."""
    assert silent(tmp_path / "a", 3.45, rows=40).silent_hours is None
    assert silent(tmp_path / "b", 3.5, rows=40).silent_hours == pytest.approx(3.5)


def test_one_row_at_once_is_no_rate_of_infinity(tmp_path: Path) -> None:
    """The rate is counted over an hour at least."""
    exposures, beats = heartbeat(20)
    rows = [row for row in beats if row["unit"] == "beat-baseline"]
    evidence = ramp(tmp_path, exposures, [*rows, told("beat-candidate", 0.0, 0.0)])
    assert state(evidence, 13.8).silent_hours is None
    assert state(evidence, 13.9).silent_hours == pytest.approx(13.9)


def test_a_metric_that_never_came_is_silent_since_the_first_window_closed(tmp_path: Path) -> None:
    exposures, beats = heartbeat(9)
    rows = [row | {"metric": "other"} for row in beats]
    evidence = ramp(tmp_path, exposures, rows)
    early, late = state(evidence, 1.5), state(evidence, 9)
    assert (early.silent_hours, early.maturing) == (None, 2)
    assert (late.silent_hours, late.maturing) == (7.0, 2)
    assert not late.missing.cells
    assert state(evidence, 9, window_hours=0.0).silent_hours == pytest.approx(8.0)


@pytest.mark.parametrize("zero", [True, False])
def test_an_arm_without_any_row_is_silent_though_the_other_talks(
    tmp_path: Path, *, zero: bool
) -> None:
    """Thirty events of one unit in the other arm: no chance that this arm had none."""
    exposures, beats = heartbeat(30)
    rows = [row for row in beats if row["unit"] == "beat-baseline"]
    found = state(ramp(tmp_path, exposures, rows), 30, zero=zero)
    assert found.silent_hours == 28.0
    assert not found.missing.cells


def test_a_rare_event_may_take_its_time(tmp_path: Path) -> None:
    """One event in 20 baseline units, none in 20 of the candidate, which chance does often.

    It is not zero where a row is due from every unit: there the candidate fell silent.
    """
    exposures = [
        shown(f"{arm}{i}", arm, 0.5) for arm in ("baseline", "candidate") for i in range(20)
    ]
    exposures.append(shown("later", "baseline", 9))
    evidence = ramp(tmp_path, exposures, [told("baseline3", 1.0, 1)])
    rare = state(evidence, 9, zero=True, per_unit="any")
    assert rare.silent_hours is None
    assert units_of(rare.epochs) == {(0, 0, 0.5): (20, 20)}
    assert state(evidence, 9, zero=False, per_unit="any").silent_hours == 6.5


def test_a_unit_that_gets_the_other_arm_within_its_window_moved(tmp_path: Path) -> None:
    exposures, beats = heartbeat(20)
    exposures += [
        shown("a", "baseline", 1, 0.5),
        shown("a", "candidate", 2.5, 0.6),
        shown("b", "baseline", 1, 0.5),
        shown("b", "candidate", 3.5, 0.6),
        shown("c", "candidate", 1, 0.5),
        shown("c", "candidate", 2, 0.6),
    ]
    found = state(ramp(tmp_path, exposures, beats), 20, zero=True)
    assert found.moved == Counted(1, "a")


def test_slices_are_as_at_the_first_exposure_in_the_step(tmp_path: Path) -> None:
    """A unit may be of another slice in another step; a second row in the step says nothing."""
    exposures, beats = heartbeat(20)
    exposures = [row | {"country": "BR"} for row in exposures]
    exposures += [
        shown("a", "baseline", 1, 0.5, country="NZ"),
        shown("a", "baseline", 2, 0.5, country="BR"),
        shown("a", "baseline", 6, 0.6, country=None),
    ]
    found = ramp(tmp_path, exposures, beats)
    none = Slice.of({"country": "(none)"})
    request = asked(zero=True, slices=(ALL, NZ, BR, none))
    states = found.entered([request], at(20))
    counts = {
        part: units_of(one.missing) for (_, part), one in states.items() if isinstance(one, Entered)
    }
    chance = (0.6 - 0.5) / (1 - 0.5)
    assert counts == {
        ALL: {(0, 0, 0.5): (1, 1), (1, 0, 0.5): (1, 0), (6, 1, chance): (1, 0)},
        NZ: {(1, 0, 0.5): (1, 0)},
        BR: {(0, 0, 0.5): (1, 1)},
        none: {(6, 1, chance): (1, 0)},
    }


def test_slices_that_are_not_there_are_absent(tmp_path: Path) -> None:
    exposures, beats = heartbeat(9)
    exposures = [row | {"country": "BR", "device": "tv"} for row in exposures]
    found = ramp(tmp_path, exposures, beats)
    cross = Slice.of({"country": "BR", "device": "phone"})
    parts = (ALL, Slice.of({"tenure": "new"}), NZ, cross, Slice.of({"country": "BR"}))
    states = found.entered([asked(slices=parts)], at(9))
    assert list(states) == [("m", part) for part in parts]
    reasons = [one.reason for one in states.values() if isinstance(one, Absent)]
    assert reasons == [Reason.WRONG_COLUMNS, Reason.NO_ROWS, Reason.NO_ROWS]
    assert isinstance(states["m", BR], Entered)


@pytest.mark.parametrize("table", ["exposures", "outcomes"])
def test_without_one_of_the_tables_every_request_is_absent(tmp_path: Path, table: str) -> None:
    exposures, beats = heartbeat(9)
    rows = {"exposures": exposures, "outcomes": beats} | {table: []}
    found = ramp(tmp_path, rows["exposures"], rows["outcomes"])
    states = found.entered([asked(slices=(ALL, NZ))], at(9))
    assert list(states) == [("m", ALL), ("m", NZ)]
    for absent in states.values():
        assert isinstance(absent, Absent)
        assert absent.reason is Reason.NO_EVIDENCE
        assert table in absent.detail


def test_who_asks_nothing_is_told_nothing(tmp_path: Path) -> None:
    exposures, beats = heartbeat(2)
    assert ramp(tmp_path, exposures, beats).entered([], at(9)) == {}


def test_before_the_first_exposure_no_unit_entered(tmp_path: Path) -> None:
    exposures, beats = heartbeat(9)
    (absent,) = ramp(tmp_path, exposures, beats).entered([asked()], at(-1)).values()
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.NO_ROWS


def test_units_are_matched_by_text(tmp_path: Path) -> None:
    """Numbers in one table and texts in the other are the same names."""
    exposures = [shown(str(i), arm, 0.5) for i, arm in enumerate(["baseline", "candidate"])]
    outcomes = [told(str(i), 0.5, 1) | {"unit": i} for i in range(2)] + [told("9", 0, 4)]
    outcomes[-1]["unit"] = 9
    found = state(ramp(tmp_path, exposures, outcomes, suffix="parquet"), 4)
    assert units_of(found.epochs) == {(0, 0, 0.5): (1, 1)}


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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": "much"}, "a finite number"),
        ({"value": "inf"}, "a finite number"),
        ({"at": "2026-11-01T03:00:00"}, "a time zone on every row, or on none"),
        ({"unit": None}, "a value on every row"),
        ({"metric": None}, "a value on every row"),
    ],
)
def test_outcomes_that_say_nothing_sure_are_refused(tmp_path: Path, wrong: Row, said: str) -> None:
    exposures, beats = heartbeat(5)
    with pytest.raises(EvidenceError, match=said):
        state(ramp(tmp_path, exposures, [*beats, told("u", 1, 1) | wrong]), 5)
