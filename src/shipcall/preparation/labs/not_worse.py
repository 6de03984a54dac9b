"""Not worse: what "no significant difference" and a bar say of a release that does harm."""

from collections.abc import Mapping

import numpy as np
from scipy import special

Z = float(special.ndtri(0.95))
"""Each end of an interval may miss in one of twenty draws."""


def lab(rng: np.random.Generator, *, harm: float, bar: float, rows: float) -> Mapping[str, float]:
    """Judge the same harmful release many times, by absence of significance and by a bar.

    Args:
        rng: Where chance comes from.
        harm: True loss in points of a share of 80 percent.
        bar: Points that may be lost.
        rows: Of each arm, in the longer of two tests; the short one has a tenth.
    """
    found: dict[str, float] = {}
    for name, n in (("short", round(rows / 10)), ("long", round(rows))):
        baseline = rng.binomial(n, 0.8, 4000) / n
        candidate = rng.binomial(n, 0.8 - harm / 100, 4000) / n
        lost = 100 * (baseline - candidate)
        spread = 100 * np.sqrt((baseline * (1 - baseline) + candidate * (1 - candidate)) / n)
        found[f"{name}_rows"] = n
        found[f"{name}_not_significant"] = 100 * float(np.mean(lost - Z * spread <= 0))
        found[f"{name}_shown"] = 100 * float(np.mean(lost + Z * spread <= bar))
        found[f"{name}_half_width"] = float(np.mean(Z * spread))
    return found
