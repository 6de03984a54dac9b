"""Spoils: what happens to the rows of a file after they were drawn.

A spoil sees one chunk of a table and nothing else. Where a fault names a slice or begins on a
later day, it touches only those rows.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.world.chance.draws import Rng, generator
from shipcall.world.faults.catalogue import FAULTS
from shipcall.world.truth import Fault, World

Mask = NDArray[np.bool_]
Spoil = Callable[[pa.Table, Mask, Fault, Rng], pa.Table]
"""(rows, which of them the fault may touch, fault, rng) -> rows."""


def spoiled(world: World, table: str, chunk: int, rows: pa.Table) -> pa.Table:
    """Give the rows of one chunk as the faults of files leave them.

    Args:
        world: Names the faults, in the order in which they strike.
        table: Key of FORMATS.
        chunk: Number of the chunk, which has its own chance.
        rows: As drawn.
    """
    for number, fault in enumerate(world.fault):
        if fault.kind in SPOILS and table in FAULTS[fault.kind].tables and table != "stream":
            rng = generator(world, "spoil", number, table, chunk)
            rows = SPOILS[fault.kind](rows, _touched(world, fault, rows), fault, rng)
    return rows


def _touched(world: World, fault: Fault, rows: pa.Table) -> Mask:
    mask = np.ones(len(rows), dtype=bool)
    for column, level in fault.where.items():
        if column in rows.column_names:
            mask &= _equal(rows, column, level)
    if "at" in rows.column_names and len(rows):
        begins = world.start + timedelta(days=int(fault.day))
        moments = rows["at"].cast(pa.timestamp("us", tz="UTC")).to_numpy()
        mask &= moments >= np.datetime64(begins.replace(tzinfo=None), "us")
    return mask


def _equal(rows: pa.Table, column: str, value: str) -> Mask:
    return np.asarray(pc.fill_null(pc.equal(rows[column], value), fill_value=False).to_numpy())


def _candidate(rows: pa.Table) -> Mask:
    return _equal(rows, "arm", "candidate")


def _some(mask: Mask, share: float, rng: Rng) -> Mask:
    return np.asarray(mask & (rng.random(mask.size) < share))


def _with(rows: pa.Table, column: str, values: pa.Array) -> pa.Table:
    if column not in rows.column_names:
        return rows
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.schema.field(place), values.cast(rows.schema.types[place]))


def _where(rows: pa.Table, column: str, mask: Mask, value: pa.Scalar | pa.Array) -> pa.Table:
    if column not in rows.column_names:
        return rows
    return _with(rows, column, pc.if_else(pa.array(mask), value, rows[column]))


def _null(rows: pa.Table, column: str) -> pa.Scalar:
    return pa.scalar(None, rows.schema.field(column).type)


def _emptied(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    del mask, fault, rng
    return rows.slice(0, 0)


def _lost(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    gone = _some(mask & _candidate(rows), 0.99 * fault.severity * fault.share, rng)
    return rows.filter(pa.array(~gone))


def _bled(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    gone = _some(mask & _candidate(rows), 0.2 * fault.severity * fault.share, rng)
    return rows.filter(pa.array(~gone))


def _other_content(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    touched = mask & _candidate(rows)
    for column in ("item_hash", "prompt_hash"):
        if column in rows.column_names:
            other = pc.utf8_reverse(rows[column])
            rows = _where(rows, column, _some_items(rows, touched, fault), other)
    del rng
    return rows


def _some_items(rows: pa.Table, mask: Mask, fault: Fault) -> Mask:
    """Choose whole items, the same in every chunk: by the order of their names."""
    share = fault.severity * fault.share
    if share >= 1:
        return mask
    names = rows["item"].combine_chunks().dictionary_encode()
    code = names.indices.to_numpy()
    number = np.array([int(name.rsplit("-", 1)[-1]) for name in names.dictionary.to_pylist()])
    return np.asarray(mask & ((number[code] * 0.6180339887498949) % 1.0 < share))


def _disagreeing(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    again = rows.filter(pa.array(_some(mask, 0.5 * fault.severity * fault.share, rng)))
    return pa.concat_tables([rows, _with(again, "value", pc.subtract(1.0, again["value"]))])


def _renamed(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    del rng
    again = rows.filter(pa.array(_some_items(rows, mask, fault)))
    names = pc.binary_join_element_wise(again["item"].combine_chunks(), "again", "-")
    return pa.concat_tables([rows, _with(again, "item", names)])


def _without_value(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    failed = _some(mask & _candidate(rows), 0.4 * fault.severity * fault.share, rng)
    rows = _where(rows, "value", failed, _null(rows, "value"))
    return _where(rows, "status", failed, pa.scalar("ok"))


def _zeroed(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    failed = _some(mask & _candidate(rows), 0.4 * fault.severity * fault.share, rng)
    rows = _where(rows, "value", failed, pa.scalar(0.0))
    return _where(rows, "status", failed, pa.scalar("ok"))


def _constant(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    del fault, rng
    graded = mask & _candidate(rows) & _equal(rows, "status", "ok")
    return _where(rows, "value", graded, pa.scalar(1.0))


def _crashed(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    del fault, rng
    last = pc.max(rows["repeat"].cast(pa.int64())).as_py() if len(rows) else None
    gone = mask & _candidate(rows) & _equal(rows, "repeat", str(last))
    return rows.filter(pa.array(~gone))


def _replayed(rows: pa.Table, mask: Mask, fault: Fault, rng: Rng) -> pa.Table:
    again = _some(mask, 0.3 * fault.severity * fault.share, rng)
    return pa.concat_tables([rows, rows.filter(pa.array(again))])


SPOILS: Mapping[str, Spoil] = {
    "empty_table": _emptied,
    "lost_rows": _lost,
    "other_content": _other_content,
    "disagreeing_duplicates": _disagreeing,
    "renamed_repeats": _renamed,
    "errors_as_null": _without_value,
    "errors_as_zero": _zeroed,
    "constant": _constant,
    "lost_epoch": _crashed,
    "replay": _replayed,
    "bleed": _bled,
}
"""Kind of fault -> what it does to the rows of a chunk."""
