"""GrowthBook buckets: the same unit in the same variation as its own SDKs put it.

Both versions hash UTF-16 code units with FNV-1a of 32 bits. Version 1 keeps three digits, which
makes experiments that share a seed depend on each other; version 2 hashes twice and keeps four.
Checked against the public cases of its SDK and against its Python package.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shipcall.assign.text import CHUNK, Text, utf16

_OFFSET, _PRIME = np.uint32(0x811C9DC5), np.uint32(0x01000193)
_DIGITS = 10
"""Decimal digits of the greatest 32-bit number."""


def positions_v1(seed: str, units: Sequence[str]) -> NDArray[np.float64]:
    """Find where units lie under version 1: thousandths in [0, 1), shape (units,)."""
    return _each(lambda part: fnv1a(utf16([u + seed for u in part])) % 1_000 / 1_000, units)


def positions_v2(seed: str, units: Sequence[str]) -> NDArray[np.float64]:
    """Find where units lie under version 2: ten-thousandths in [0, 1), shape (units,)."""
    return _each(
        lambda part: fnv1a(_decimal(fnv1a(utf16([seed + u for u in part])))) % 10_000 / 10_000,
        units,
    )


def fnv1a(text: Text) -> NDArray[np.uint32]:
    """Hash code units with FNV-1a, 32 bits; shape (names,)."""
    hashed = np.full(text.lengths.size, _OFFSET, dtype=np.uint32)
    for at in range(int(text.lengths.max(initial=0))):
        mixed = (hashed ^ text.codes[:, at].astype(np.uint32)) * _PRIME
        hashed = np.where(at < text.lengths, mixed, hashed)
    return hashed


def _decimal(numbers: NDArray[np.uint32]) -> Text:
    """Write numbers in decimal, one code unit a digit, without leading zeros."""
    powers = 10 ** np.arange(_DIGITS - 1, -1, -1, dtype=np.int64)
    digits = numbers.astype(np.int64)[:, None] // powers % 10
    lengths = _DIGITS - np.argmax(digits > 0, axis=1)
    lengths[numbers == 0] = 1
    places = np.minimum(np.arange(_DIGITS) + (_DIGITS - lengths)[:, None], _DIGITS - 1)
    return Text(np.take_along_axis(digits, places, axis=1) + ord("0"), lengths)


def _each(
    positions: Callable[[Sequence[str]], NDArray[np.float64]], units: Sequence[str]
) -> NDArray[np.float64]:
    parts = [positions(units[at : at + CHUNK]) for at in range(0, len(units), CHUNK)]
    return np.concatenate(parts) if parts else np.empty(0)
