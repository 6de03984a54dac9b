"""Which cause: what a clue says of causes, and what waiting for certainty costs."""

from collections.abc import Mapping

import numpy as np

CAUSES = ("release", "sensor", "wear", "nothing")
OTHERS = (0.25, 0.25, 0.5)
"""Shares of the other three causes among the mornings that no release made."""
SPLIT_RELEASE = 0.9
"""Chance that phones with the release mark more bikes than those without, if it is the release."""
FALSE_HOUR, HAND_HOUR = 400.0, 60.0
"""EUR an hour of rides lost to bikes marked wrongly; and of sorting marked bikes by hand."""
HOURS = 3.0
"""Until the cause is known."""
MORNINGS = 200_000


def lab(rng: np.random.Generator, *, prior: float, busy: float, worn: float) -> Mapping[str, float]:
    """Draw mornings on which twice as many bikes are marked, with their cause and their clues.

    Args:
        rng: Where chance comes from.
        prior: Percent of such mornings that a release has caused.
        busy: Percent of ordinary mornings with a release in the log of the last two days.
        worn: EUR an hour that it costs to leave truly worn bikes on the street.
    """
    made = prior / 100
    chances = (made, *((1 - made) * share for share in OTHERS))
    cause = rng.choice(len(CAUSES), MORNINGS, p=np.array(chances))
    release = cause == 0
    logged = release | (rng.random(MORNINGS) < busy / 100)
    seen = rng.random(MORNINGS)
    split = logged & np.where(release, seen < SPLIT_RELEASE, seen < 1 - SPLIT_RELEASE)
    found = {
        "release_first": 100 * float(release.mean()),
        "logged": 100 * float(logged.mean()),
        "innocent_logged": 100 * float(logged[~release].mean()),
        "after_log": 100 * float(release[logged].mean()),
        "after_split": 100 * float(release[split].mean()),
        "after_no_split": 100 * float(release[logged & ~split].mean()),
        "split_release": 100 * SPLIT_RELEASE,
        "split_others": 100 * (1 - SPLIT_RELEASE),
        "false_hour": FALSE_HOUR,
        "hand_hour": HAND_HOUR,
        "hours": HOURS,
    }
    for name, mornings in (("log", logged), ("split", split)):
        among = np.bincount(cause[mornings], minlength=len(CAUSES)) / max(int(mornings.sum()), 1)
        found[f"wait_{name}"] = HOURS * FALSE_HOUR * float(among[0] + among[1])
        found[f"contain_{name}"] = HOURS * (HAND_HOUR + worn * float(among[2]))
        found[f"wear_{name}"] = 100 * float(among[2])
    return found
