"""Text: names of many units as one table of code units, for hashes that walk along them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CHUNK = 200_000
"""Names that are hashed at once; memory is this times the longest of them."""


class Text(NamedTuple):
    """Code units of many names."""

    codes: NDArray[Any]
    """Shape (names, longest), filled up with zeros."""
    lengths: NDArray[np.int64]
    """Code units of each name, shape (names,)."""


def utf8(names: Sequence[str], *, before: bytes = b"") -> Text:
    """Lay out the UTF-8 bytes of names, each after the same bytes."""
    return of_bytes([before + name.encode() for name in names])


def utf16(names: Sequence[str]) -> Text:
    """Lay out the UTF-16 code units of names, as JavaScript counts them."""
    laid = of_bytes([name.encode("utf-16-le") for name in names], unit=2)
    return Text(laid.codes.view("<u2"), laid.lengths // 2)


def of_bytes(parts: Sequence[bytes], *, unit: int = 4) -> Text:
    """Lay out byte strings; the width is a multiple of `unit`."""
    lengths = np.fromiter((len(part) for part in parts), dtype=np.int64, count=len(parts))
    longest = int(lengths.max(initial=0))
    width = max(-(-longest // unit), 1) * unit
    filled = b"".join([part.ljust(width, b"\0") for part in parts])
    codes = np.frombuffer(filled, dtype=np.uint8).reshape(len(parts), width)
    return Text(codes, lengths)
