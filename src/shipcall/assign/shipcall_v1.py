"""shipcall-v1: buckets that nest, so that a growing share never takes a unit back.

A unit's position comes from SHA-256 over the UTF-8 text `salt + "/" + unit`: the first 53 bits of
the digest, read as a big-endian number and divided by 2**53. A unit has the candidate where its
position is below the share. Another salt gives positions that have nothing to do with these.
"""

import hashlib
from collections.abc import Iterable

NAME = "shipcall-v1"
"""As recorded in every exposure."""


def position(salt: str, unit: str) -> float:
    """Find where a unit lies on the line from 0 to 1.

    Args:
        salt: Names the rollout; the same salt gives the same positions.
        unit: Name of the unit.

    Returns:
        A number in [0, 1), uniform over units.
    """
    return _position(hashlib.sha256(f"{salt}/".encode()), unit)


def positions(salt: str, units: Iterable[str]) -> list[float]:
    """Find where many units lie; the salt is hashed once."""
    start = hashlib.sha256(f"{salt}/".encode())
    return [_position(start, unit) for unit in units]


def _position(start: "hashlib._Hash", unit: str) -> float:
    whole = start.copy()
    whole.update(unit.encode())
    return (int.from_bytes(whole.digest()[:8], "big") >> 11) / 2**53
