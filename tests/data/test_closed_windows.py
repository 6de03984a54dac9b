"""Windows of outcomes: when an epoch enters, where the evidence ends, and what fell silent."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.ramps import (
    BEGIN,
    at,
    heartbeat,
    ramp,
    shown,
    state,
    told,
    units_of,
)
from shipcall.data.ramp import Entered


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
