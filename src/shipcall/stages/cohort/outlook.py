"""Outlook: how many will still be there on day 28, from the cohorts that are far enough by now."""

from collections.abc import Sequence
from typing import Any

from shipcall.core import Absent, Reason, Tails
from shipcall.data.calendar import Both
from shipcall.data.habits import QUIET, Departures
from shipcall.stats.forecast import FEW_AGES, FEW_DROPS, Followed, Survivors, forecast_by_arm

AGE = 28
NOW = 9
"""Age from which the forecast starts, if some cohort is that far."""
FEW_OLDER = 4
"""Fewer cohorts than this, each with drops enough for a curve, do not tell how far the law errs:
the spread of so few misses would be a guess of its own."""


def outlook(left: Departures | Absent, tails: Tails) -> dict[str, Any]:
    """Forecast the share that is still there on day 28, by arm.

    The cohorts that have not reached that day are put together and followed to the age that all
    of them have reached, those younger than day 9 left out where older ones are there. Cohorts
    that have reached day 28 tell how far the law errs, if there are enough of them.

    Args:
        left: Who dropped when.
        tails: One-sided error level of each end.
    """
    if isinstance(left, Absent):
        return _absent(left)
    known = [cohort.last for cohort in left.survivors.baseline]
    young = [place for place, last in enumerate(known) if FEW_AGES <= last < AGE]
    kept = [place for place in young if known[place] >= NOW] or young
    if not kept:
        done = any(last >= AGE for last in known)
        detail = "every cohort is past day 28" if done else f"no cohort has {FEW_AGES} ages"
        return _absent(Absent(reason=Reason.MATURING, detail=detail))
    now = min(known[place] for place in kept)
    old = [p for p, last in enumerate(known) if last >= AGE and _tells(left, p, now)]
    old = old if len(old) >= FEW_OLDER else []
    arms = Both(
        *(
            Followed(_together([arm[p] for p in kept], now), [arm[p].until(AGE) for p in old])
            for arm in left.survivors
        )
    )
    found = forecast_by_arm(*arms, AGE, tails)
    return {
        "age": AGE,
        "from": now,
        "quiet_days": QUIET,
        "cohorts": len(kept),
        "older": len(arms.baseline.older),
        "first": left.cohorts[kept[0]],
        **{
            name: _absent(one)
            if isinstance(one, Absent)
            else {
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "n": one.n,
                "method": one.method,
            }
            for name, one in found._asdict().items()
        },
    }


def _tells(left: Departures, place: int, now: int) -> bool:
    """Have enough units of both arms dropped by now to draw a curve through them?"""
    counts = [arm[place].counts for arm in left.survivors]
    return min(int(one[0] - one[now]) for one in counts) >= FEW_DROPS


def _together(cohorts: Sequence[Survivors], age: int) -> Survivors:
    whole = cohorts[0].until(age)
    for cohort in cohorts[1:]:
        whole = whole.merged(cohort.until(age))
    return whole


def _absent(absent: Absent) -> dict[str, Any]:
    return {"absent": absent.reason.code, "detail": absent.detail, "n": absent.n}
