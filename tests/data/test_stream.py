"""Stream: pieces become columns that say the same as the lines did."""

import numpy as np
import pyarrow as pa
import pytest

from shipcall.data.slices import arranged
from shipcall.data.stream import stream


def pieces(**columns: list[list[object]]) -> list[pa.RecordBatch]:
    """One batch for each place in the lists."""
    return [
        pa.RecordBatch.from_pydict(dict(zip(columns, parts, strict=True)))
        for parts in zip(*columns.values(), strict=True)
    ]


def test_pieces_are_joined_and_put_in_another_order() -> None:
    lines = stream(
        pieces(unit=[["b", "a"], ["c"]], x=[[0.5, None], [2.0]], s=[["tv", "web"], ["tv"]]),
        keys=("unit",),
        numbers=("x",),
        levels=("s",),
    )
    order = np.array([2, 0, 1])
    assert lines.keys["unit"].to_pylist() == ["b", "a", "c"]
    np.testing.assert_equal(lines.numbers["x"].take(order), [2.0, 0.5, np.nan])
    codes = lines.levels["s"].take(order)
    assert [codes.values[code] for code in codes.codes] == ["tv", "tv", "web"]
    places = arranged(codes).places
    assert {level: list(at) for level, at in places.items()} == {"tv": [0, 1], "web": [2]}


def test_a_number_that_never_varies_takes_no_room() -> None:
    lines = stream(pieces(x=[[1.0, 1.0], [1.0]]), keys=(), numbers=("x",), levels=())
    column = lines.numbers["x"].take(np.arange(3))
    assert column.tolist() == [1.0, 1.0, 1.0]
    assert column.strides == (0,)


@pytest.mark.parametrize("packed", [False, True])
def test_a_number_that_varies_late_is_whole(packed: bool) -> None:  # noqa: FBT001
    batches = pieces(x=[[1.0, 1.0], [1.0], [], [0.25, 1.0]])
    lines = stream(batches, keys=(), numbers=("x",), levels=(), packed=packed)
    column = lines.numbers["x"].take(np.arange(5))
    assert column.tolist() == [1.0, 1.0, 1.0, 0.25, 1.0]


def test_small_whole_numbers_are_packed_and_others_are_not() -> None:
    batches = pieces(hit=[[0.0, 1.0], [1.0]], big=[[0.0, 1.0], [300.0]], lost=[[0.0, 1.0], [None]])
    names = ("hit", "big", "lost")
    lines = stream(batches, keys=(), numbers=names, levels=(), packed=True)
    columns = {name: lines.numbers[name].take(np.arange(3)) for name in names}
    assert {name: column.dtype.itemsize for name, column in columns.items()} == {
        "hit": 1,
        "big": 8,
        "lost": 8,
    }
    np.testing.assert_equal(columns["big"], [0.0, 1.0, 300.0])
    np.testing.assert_equal(columns["lost"], [0.0, 1.0, np.nan])


def test_a_query_without_lines_has_empty_columns() -> None:
    lines = stream([], keys=("unit",), numbers=("x",), levels=("s",))
    nothing = np.arange(0)
    assert lines.keys.num_rows == 0
    assert lines.numbers["x"].take(nothing).size == 0
    assert arranged(lines.levels["s"].take(nothing)).places == {}
