"""shipcall-v1: buckets that nest, so that a growing share never takes a unit back.

A unit's position comes from SHA-256 over the UTF-8 text `salt + "/" + unit`: the first 53 bits of
the digest, read as a big-endian number and divided by 2**53. A unit has the candidate where its
position is below the share. Another salt gives positions that have nothing to do with these.
"""

from collections.abc import Iterable
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

NAME = "shipcall-v1"
"""As recorded in every exposure."""
_WORDS = 4
"""Numbers of eight bytes in a digest."""


def position(salt: str, unit: str) -> float:
    """Find where a unit lies on the line from 0 to 1.

    Args:
        salt: Names the rollout; the same salt gives the same positions.
        unit: Name of the unit.

    Returns:
        A number in [0, 1), uniform over units.

    Examples:
        >>> round(position("ramp", "u1"), 6)
        0.685058
    """
    return float(positions(salt, [unit])[0])


def positions(salt: str, units: Iterable[str]) -> NDArray[np.float64]:
    """Find where many units lie, shape (units,)."""
    start = f"{salt}/"
    digests = b"".join([sha256((start + unit).encode()).digest() for unit in units])
    first = np.frombuffer(digests, dtype=">u8")[::_WORDS]
    return (first >> np.uint64(11)) / 2.0**53
