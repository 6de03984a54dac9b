"""Names: ids and content hashes of numbered things, made for whole chunks at once."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.formats import Format
from shipcall.world.chance.draws import Ints, generator
from shipcall.world.truth import World

_DIGITS = 9
_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), "S2")


def numbered(prefix: str, numbers: Ints) -> pa.Array:
    """Name numbered things, as "item-000000012"; in the order of their names up to a billion."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), _DIGITS, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "-")


def hashes(world: World, what: str, numbers: Ints) -> pa.Array:
    """Give a content hash of 16 hexadecimal digits to each number; no two are the same."""
    start = generator(world, "hash", what).integers(2**64, dtype=np.uint64)
    text = _HEX[mixed(numbers, int(start)).astype(">u8").view(np.uint8)]
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * 16
    return pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text.tobytes())
    )


def mixed(numbers: Ints, start: int) -> NDArray[np.uint64]:
    """Mix numbers into 64 bits that look like chance; no two of them give the same.

    References:
        G. L. Steele, D. Lea, C. H. Flood (2014), Fast splittable pseudorandom number generators,
        OOPSLA: the generator known as SplitMix64, as a function of its counter.
    """
    z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(start)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def constant(text: str, rows: int) -> pa.Array:
    """Repeat one text."""
    return pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(rows, dtype=np.int8)), pa.array([text])
    ).cast(pa.string())


def chosen(texts: Sequence[str], code: Ints) -> pa.Array:
    """Write a text for each code, counted from 0; a code below 0 gives null."""
    codes = pa.array(code, mask=code < 0)
    return pa.array(list(texts), pa.string()).take(codes)


def ordered(form: Format, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Make a table: the columns of the format as they stand there, then the slices.

    Raises:
        ValueError: If a column that the format requires is not there.
    """
    missing = set(form.required) - columns.keys()
    if missing:
        raise ValueError(f"{form.name} has no column {sorted(missing)}")
    names = [name for name in form.names if name in columns]
    names += [name for name in columns if name not in names]
    return pa.table({name: columns[name] for name in names})
