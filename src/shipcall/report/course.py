"""Course: how one check of a rollout went, look by look, and what a plain comparison would say."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shipcall.report.words import ANSWERS, View, bounds_of, measure, moment


class Rung(NamedTuple):
    """One share of a rollout: served before, served now, or still to come."""

    share: float
    state: str
    """served, now or to come."""
    shape: str
    letter: str
    """Stands for the shape where the stream knows only ASCII."""
    attempt: int
    since: str
    """First exposure, ISO 8601; empty where there was none yet."""
    hours: float | None
    baseline: int | None
    candidate: int | None
    """Units of the arms."""


_STATES = {"served": ("\u25cf", "x"), "now": ("\u25c9", ">"), "to come": ("\u25cb", ".")}


def ladder(rollout: View, until: str) -> list[Rung]:
    """List the shares in the order in which they are served; those to come last.

    Args:
        rollout: `view["rollout"]`.
        until: Time of the verdict.
    """
    steps, progress = rollout["steps"], rollout["progress"]
    ends = [*(step["first"] for step in steps[1:]), until]
    rungs = [
        _served(step, end, now=step is steps[-1]) for step, end in zip(steps, ends, strict=False)
    ]
    served = steps[-1]["share"] if steps else 0.0
    position = progress["position"]
    known = progress["shares"][position + 1 :] if position >= 0 else progress["shares"]
    return rungs + [
        Rung(share, "to come", *_STATES["to come"], progress["attempt"], "", None, None, None)
        for share in known
        if share > served
    ]


def _served(step: View, end: str, *, now: bool) -> Rung:
    state = "now" if now else "served"
    lasted = hours_between(step["first"], end)
    units = step["baseline"], step["candidate"]
    return Rung(
        step["share"], state, *_STATES[state], step["attempt"], step["first"], lasted, *units
    )


def hours_between(start: str, stop: str) -> float:
    """Count the hours from one ISO time to another."""
    return (instant(stop) - instant(start)) / 3600


def instant(stamp: str) -> float:
    """Seconds since 1970 of an ISO 8601 time."""
    return datetime.fromisoformat(stamp).timestamp()


def looks_of(view: View, finding: View) -> list[View]:
    """List the looks of a check as findings, oldest first; empty where nothing was followed.

    Each is the finding as it would have stood after that look, with `at` and `share` beside it.
    """
    looks = view["rollout"]["sequences"].get(finding["id"], [])
    return [_at(finding, look) for look in looks]


def _at(finding: View, look: View) -> View:
    own = {"at": look["at"], "share": look["share"]}
    if "value" not in look:
        absent = {"code": look["absent"], "sentence": "", "detail": "", "next_step": "", "n": 0}
        return {**finding, **own, "estimate": None, "absent": absent, "standing": "ABSENT"}
    now = finding.get("estimate") or {}
    level = {name: now[name] for name in ("tails", "level") if name in now}
    ends = {name: look[name] for name in ("value", "low", "high", "n")}
    estimate = {"census": False, "method": "", "level": 0.0, **level, **ends}
    stands = _standing(look["low"], look["high"], finding["bar"])
    return {**finding, **own, "estimate": estimate, "absent": None, "standing": stands}


def _standing(low: float | None, high: float | None, bar: View) -> str:
    """Where an interval stands to a bar; None bounds nothing."""
    floor, ceiling = bar["low"], bar["high"]
    under = floor is not None and high is not None and high < floor
    over = ceiling is not None and low is not None and low > ceiling
    if under or over:
        return "BREACH"
    above = floor is None or (low is not None and low >= floor)
    below = ceiling is None or (high is not None and high <= ceiling)
    return "CLEAR" if above and below else "OPEN"


def since_text(looks: Sequence[View]) -> str:
    """Say since when a check has stood where it stands at its newest look."""
    if not looks:
        return ""
    now = looks[-1]["standing"]
    first = looks[-1]
    for look in reversed(looks):
        if look["standing"] != now:
            break
        first = look
    return f"{ANSWERS[now].word} since {moment(first['at'])}"


def mixed_text(view: View, finding: View) -> str:
    """Warn where a plain comparison of all units would say otherwise; empty where it would not.

    Over a ramp the share of the candidate grows while the season and the mix of people move, so
    plain means of the arms compare different days. The warning stands where the plain comparison
    has the other sign, answers otherwise, or lies outside the sequence.
    """
    plain = view["rollout"]["pooled"].get(finding["id"])
    estimate = finding.get("estimate")
    if plain is None or estimate is None or finding["estimand"] not in _COMPARED:
        return ""
    if not _differs(finding, estimate, plain):
        return ""
    how = measure({**finding, "estimand": "difference", "estimate": {**estimate, **plain}})
    own = measure(finding)
    return (
        f"a plain comparison of all units would say {how.write(plain['value'])} "
        f"[{how.bare(plain['low'])}, {how.bare(plain['high'])}]; it mixes the effect with the days "
        f"and the people of each share. Compared within each share and hour it is "
        f"{own.write(estimate['value'])}."
    )


_COMPARED = ("difference", "relative")


def _differs(finding: View, estimate: View, plain: View) -> bool:
    sure = _excludes_zero(plain) or _excludes_zero(estimate)
    if plain["value"] * estimate["value"] < 0 and sure:
        return True
    if finding["estimand"] == "relative" or not bounds_of(finding):
        return False
    answer = _standing(plain["low"], plain["high"], finding["bar"])
    decided = {answer, finding["standing"]} == {"CLEAR", "BREACH"}
    low, high = estimate["low"], estimate["high"]
    outside = (low is not None and plain["value"] < low) or (
        high is not None and plain["value"] > high
    )
    return decided or outside


def _excludes_zero(interval: View) -> bool:
    low, high = interval["low"], interval["high"]
    return (low is not None and low > 0) or (high is not None and high < 0)
