"""Spool: lines on disk say the same as they came, in blocks that no cluster crosses."""

import errno

import numpy as np
import pyarrow as pa
import pytest

from shipcall.core import EvidenceError
from shipcall.data.spool import spooled


def pieces(size: int, names: list[str], x: list[float | None]) -> list[pa.RecordBatch]:
    """Lines in batches of so many."""
    table = pa.table({"cluster": names, "x": x, "s": [name.upper() for name in names]})
    return [*table.to_batches(max_chunksize=size), *table.slice(0, 0).to_batches()]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize("block", [1, 4, 100])
def test_blocks_hold_whole_clusters_in_order(size: int, block: int) -> None:
    names = ["a", "b", "b", "b", "b", "b", "b", "c", "d", "d"]
    x = [0.5, 1.0, 2.0, None, 4.0, 300.0, 6.0, 7.0, 8.0, 9.25]
    with spooled(pieces(size, names, x), ("x",), ("s",), block=block, what="x") as spool:
        held = [{name: found[name] for name in ("cluster", "x", "s")} for found in spool.blocks()]
        levels = spool.levels["s"]
        files = spool.files
        assert spool.lines == 10
    codes = [set(one["cluster"].tolist()) for one in held]
    assert sum(map(len, codes)) == len(set.union(*codes)) == 4
    assert np.concatenate([one["cluster"] for one in held]).tolist() == [0] + [1] * 6 + [2, 3, 3]
    np.testing.assert_equal(np.concatenate([one["x"] for one in held]), np.array(x, dtype=float))
    told = [levels[code] for one in held for code in one["s"]]
    assert told == [name.upper() for name in names]
    assert not any(file.exists() for file in files)


def test_small_whole_numbers_take_a_byte() -> None:
    with spooled(pieces(2, ["a", "b"], [0.0, 1.0]), ("x",), (), block=10, what="x") as spool:
        assert [block["x"].dtype for block in spool.blocks()] == [np.dtype(np.int8)]


def test_a_query_without_lines_has_no_block() -> None:
    with spooled([], ("x",), ("s",), block=10, what="x") as spool:
        assert (spool.lines, list(spool.blocks()), spool.levels) == (0, [], {"s": []})


def test_a_disk_without_room_is_a_fault_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_columns: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with (
        pytest.raises(EvidenceError, match="No space left on device"),
        spooled(pieces(2, ["a"], [0.0]), ("x",), (), block=1, what="rows.parquet"),
    ):
        pass
