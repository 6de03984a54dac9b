"""Outcomes: what a unit's value is, in which slice it counts, and what is lost or refused."""

from pathlib import Path
from typing import Any

import pytest

from data.ramps import (
    ALL,
    BR,
    NZ,
    Row,
    asked,
    at,
    heartbeat,
    ramp,
    shown,
    state,
    told,
    units_of,
)
from shipcall.core import Absent, EvidenceError, Reason, Slice
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Counted
from shipcall.data.ramp import Entered
from shipcall.data.sources import Source, UnitColumns
from shipcall.stats.sequential.epochs import STEP


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
