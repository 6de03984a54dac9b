"""Right and wrong: the same camera on a balanced test and on a belt where cracks are rare."""

from collections.abc import Mapping

import numpy as np

from shipcall.core import Absent, Measured, Tails
from shipcall.stats.proportions import clopper_pearson

TAILS = Tails(0.05, 0.05)
"""Each end of an interval may miss in one of twenty draws."""
BALANCED = 1000
"""Bottles of the test: half of them cracked."""
SHIFT = 50_000
"""Bottles of one shift."""
QUIET = 1000
"""Bottles without an alarm that a person looks at."""


def lab(
    rng: np.random.Generator, *, recall: float, precision: float, cracked: float
) -> Mapping[str, float]:
    """Take a camera from its test to the belt; its two error rates travel, its precision does not.

    Args:
        rng: Where chance comes from.
        recall: Percent of the cracked bottles that raise an alarm.
        precision: Percent of the alarms that are right where half of the bottles are cracked.
        cracked: Cracked bottles in a thousand on the belt.
    """
    found, right = recall / 100, precision / 100
    false_alarm = found * (1 - right) / right
    there = int(rng.binomial(SHIFT, cracked / 1000))
    caught = int(rng.binomial(there, found))
    wrong = int(rng.binomial(SHIFT - there, false_alarm))
    missed, quiet = there - caught, SHIFT - caught - wrong
    seen = int(rng.hypergeometric(missed, quiet - missed, QUIET))
    low, high = _ends(clopper_pearson(seen, QUIET, TAILS))
    rare = cracked / 1000
    alarms = rare * found + (1 - rare) * false_alarm
    return {
        "test_rows": BALANCED,
        "false_alarm_rate": 100 * false_alarm,
        "bottles": SHIFT,
        "cracked_there": there,
        "caught": caught,
        "missed": missed,
        "false_alarms": wrong,
        "live_precision": 100 * caught / max(caught + wrong, 1),
        "expected_precision": 100 * rare * found / alarms,
        "live_right": 100 * (caught + quiet - missed) / SHIFT,
        "never_right": 100 * (SHIFT - there) / SHIFT,
        "quiet": QUIET,
        "quiet_cracked": seen,
        "missed_low": low * quiet,
        "missed_high": high * quiet,
        "recall_low": 100 * caught / max(caught + high * quiet, 1),
        "recall_high": 100 * caught / max(caught + low * quiet, 1),
    }


def _ends(measured: Measured) -> tuple[float, float]:
    if isinstance(measured, Absent):
        raise TypeError(f"bottles were looked at: {measured.detail}")
    return measured.low, measured.high
