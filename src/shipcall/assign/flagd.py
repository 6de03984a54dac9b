"""flagd buckets: three generations of its `fractional`, which disagree with each other.

All hash with MurmurHash3 (x86, 32 bits, seed 0). What they hash and how they cut differs: v1 the
text, by the absolute value of a signed number; v2 the text, by the unsigned number; v3 the
canonical CBOR of the text. A change of generation in the middle of a ramp moves units, so the
generation is recorded in every exposure. The candidate has to be the first variant.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from shipcall.assign.text import CHUNK, Text, of_bytes, utf8

Hashes = NDArray[np.uint32]
_C1, _C2 = np.uint32(0xCC9E2D51), np.uint32(0x1B873593)
_FIVE, _ADDED = np.uint32(5), np.uint32(0xE6546B64)
_END1, _END2 = np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35)
_MOST_SIGNED = 2**31 - 1


def positions_v1(flag: str, units: Sequence[str]) -> NDArray[np.float64]:
    """Find where units lie under v1, in [0, 1]; shape (units,).

    Args:
        flag: Key of the flag, which stands before the name of the unit.
        units: Targeting keys.
    """
    signed = _hashed(lambda part: utf8(part, before=flag.encode()), units).view(np.int32)
    return np.abs(signed.astype(np.float64)) / _MOST_SIGNED


def positions_v2(flag: str, units: Sequence[str]) -> NDArray[np.float64]:
    """Find where units lie under v2, in [0, 1); shape (units,)."""
    return _hashed(lambda part: utf8(part, before=flag.encode()), units) / 2.0**32


def positions_v3(
    flag: str, units: Sequence[str], *, shorthand: bool = False
) -> NDArray[np.float64]:
    """Find where units lie under v3, in [0, 1); shape (units,).

    Args:
        flag: Key of the flag.
        units: Targeting keys.
        shorthand: The rule names no bucketing value: the pair of key and unit is hashed, not
            their concatenation.
    """

    def laid(part: Sequence[str]) -> Text:
        if shorthand:
            return of_bytes([b"\x82" + cbor_text(flag) + cbor_text(unit) for unit in part])
        return of_bytes([cbor_text(flag + unit) for unit in part])

    return _hashed(laid, units) / 2.0**32


def cbor_text(text: str) -> bytes:
    """Encode a text as canonical CBOR (RFC 8949, section 3: major type 3, shortest length)."""
    content = text.encode()
    size = len(content)
    if size < 24:
        return bytes([0x60 + size]) + content
    for head, width in ((0x78, 1), (0x79, 2), (0x7A, 4)):
        if size < 256**width:
            return bytes([head]) + size.to_bytes(width, "big") + content
    raise ValueError(f"a text of {size} bytes is no key")


def murmur3(text: Text) -> Hashes:
    """Hash bytes with MurmurHash3 x86 of 32 bits and seed 0; shape (names,)."""
    words = np.ascontiguousarray(text.codes).view("<u4")
    full, rest = text.lengths // 4, text.lengths % 4
    hashed = np.zeros(text.lengths.size, dtype=np.uint32)
    for at in range(words.shape[1]):
        scrambled = _scrambled(words[:, at])
        body = _rotated(hashed ^ scrambled, 13) * _FIVE + _ADDED
        tail = np.where((at == full) & (rest > 0), hashed ^ scrambled, hashed)
        hashed = np.where(at < full, body, tail)
    return _finished(hashed ^ text.lengths.astype(np.uint32))


def _scrambled(words: Hashes) -> Hashes:
    return _rotated(words.astype(np.uint32) * _C1, 15) * _C2


def _rotated(words: Hashes, bits: int) -> Hashes:
    turned: Hashes = (words << np.uint32(bits)) | (words >> np.uint32(32 - bits))
    return turned


def _finished(hashed: Hashes) -> Hashes:
    hashed = (hashed ^ (hashed >> np.uint32(16))) * _END1
    hashed = (hashed ^ (hashed >> np.uint32(13))) * _END2
    ended: Hashes = hashed ^ (hashed >> np.uint32(16))
    return ended


def _hashed(laid: Callable[[Sequence[str]], Text], units: Sequence[str]) -> Hashes:
    parts = [murmur3(laid(units[at : at + CHUNK])) for at in range(0, len(units), CHUNK)]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.uint32)
