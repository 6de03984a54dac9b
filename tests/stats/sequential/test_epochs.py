"""The state: any order and any batching of the same units give the same bytes."""

import json
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipcall.stats.sequential.epochs import (
    Cell,
    Entries,
    Epochs,
    Pair,
    Sums,
    collect,
    conditional_share,
)


def _entries(seed: int, n: int = 400) -> Entries:
    rng = np.random.default_rng(seed)
    epoch = rng.integers(0, 5, n)
    share = np.where(epoch < 2, 0.1, 0.5)
    return Entries(
        epoch=epoch,
        stage=(epoch >= 2).astype(np.int64),
        share=share,
        candidate=rng.random(n) < share,
        outcome=rng.normal(100, 30, n),
        covariate=rng.normal(-3, 1, n),
    )


def _taken(entries: Entries, places: np.ndarray) -> Entries:
    assert entries.covariate is not None
    return Entries(
        epoch=entries.epoch[places],
        stage=entries.stage[places],
        share=entries.share[places],
        candidate=entries.candidate[places],
        outcome=entries.outcome[places],
        covariate=entries.covariate[places],
    )


@given(seed=st.integers(0, 10_000), batches=st.integers(1, 9))
def test_any_order_and_batching_gives_the_same_bytes(seed: int, batches: int) -> None:
    entries = _entries(seed)
    whole = collect(entries)
    order = np.random.default_rng(seed).permutation(entries.epoch.size)
    merged = Epochs()
    for part in np.array_split(order, batches):
        merged = collect(_taken(entries, part)).merge(merged)
    assert json.dumps(merged.plain()) == json.dumps(whole.plain())


def test_a_state_survives_being_written() -> None:
    state = collect(_entries(1))
    assert Epochs.from_plain(json.loads(json.dumps(state.plain()))) == state


def test_sums_are_exact_on_the_grid_however_large() -> None:
    """Squares of 1023.9 at 2^-20 need 61 bits each; 1,000 of them overflow 64."""
    values = np.full(1000, 1023.9)
    entries = Entries(
        epoch=np.zeros(1000, dtype=np.int64),
        stage=np.zeros(1000, dtype=np.int64),
        share=np.full(1000, 0.5),
        candidate=np.ones(1000, dtype=bool),
        outcome=values,
        covariate=-values,
    )
    sums = collect(entries).cells[Cell(0, 0, 0.5)].candidate
    step = round(Fraction(1023.9) * 2**20)
    assert sums == Sums(
        1000, 1000 * step, 1000 * step**2, -1000 * step, 1000 * step**2, -1000 * step**2
    )


def test_the_size_of_the_state_does_not_grow_with_units() -> None:
    assert len(collect(_entries(1, 100_000)).cells) == len(collect(_entries(1, 400)).cells)


def test_until_keeps_exposures_up_to_an_epoch() -> None:
    kept = collect(_entries(1)).until(2)
    assert {cell.epoch for cell in kept.cells} == {0, 1, 2}


def test_closes_are_the_last_cells_of_epochs() -> None:
    cells = {Cell(0, 0, 0.1): Pair(), Cell(1, 1, 0.2): Pair(), Cell(1, 1, 0.5): Pair()}
    assert Epochs(cells=cells).table().closes.tolist() == [0, 2]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_missing_outcome_never_enters(value: float) -> None:
    entries = _entries(1)
    entries.outcome[3] = value
    with pytest.raises(ValueError, match="missing or infinite"):
        collect(entries)


def test_values_beyond_the_grid_are_refused() -> None:
    entries = _entries(1)
    entries.outcome[3] = 2.0**11
    with pytest.raises(ValueError, match="coarser grid"):
        collect(entries)
    assert collect(entries, step=2.0**-10).cells


def test_an_arm_that_the_share_rules_out_is_refused() -> None:
    entries = _entries(1)
    entries.share[:] = 1.0
    with pytest.raises(ValueError, match="rules out"):
        collect(entries)
    entries.share[:] = 10.0
    with pytest.raises(ValueError, match="not percent"):
        collect(entries)


def test_sums_on_two_grids_do_not_merge() -> None:
    with pytest.raises(ValueError, match="grids differ"):
        collect(_entries(1)).merge(Epochs(step=0.5))


def test_no_unit_gives_an_empty_state() -> None:
    assert collect(_taken(_entries(1), np.array([], dtype=np.int64))) == Epochs()


def test_conditional_shares_of_a_nested_ramp() -> None:
    """10 -> 30 -> 50 %: of the 90 % left, 20 points move: 2/9; of 70 %, 20 points: 2/7."""
    assert conditional_share(0.1, 0.3) == pytest.approx(2 / 9)
    assert conditional_share(0.3, 0.5) == pytest.approx(2 / 7)
    assert conditional_share(0.0, 0.1) == 0.1
    with pytest.raises(ValueError, match="grow"):
        conditional_share(0.5, 0.3)
