"""Assignment: which unit gets which model, as a pure function of its name."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shipcall.assign import flagd, growthbook, shipcall_v1

Positions = Callable[[str, Sequence[str]], NDArray[np.float64]]
"""(salt, seed or flag key, units) -> where each lies; the candidate where below its share."""

BUCKETINGS: Mapping[str, Positions] = {
    shipcall_v1.NAME: shipcall_v1.positions,
    "growthbook-v1": growthbook.positions_v1,
    "growthbook-v2": growthbook.positions_v2,
    "flagd-v1": flagd.positions_v1,
    "flagd-v2": flagd.positions_v2,
    "flagd-v3": flagd.positions_v3,
}
"""Every algorithm a contract may name. Under each a growing share only adds units."""

__all__ = ["BUCKETINGS", "Positions"]
