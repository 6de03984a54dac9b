"""Habits: where bits are lost, how far chances can be trusted, which way a person leans."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import mean, median
from typing import Any

from scipy import special

from shipcall.core import Estimate, plain
from shipcall.practice.biases import LEAST_PLAYS, Profile, Spread, mean_of, profile
from shipcall.practice.calibration import (
    LEAST_PLAYS as LEAST_FORECASTS,
)
from shipcall.practice.calibration import (
    Covered,
    Recalibration,
    Sureness,
    claims_of,
    coverage,
    covered,
    curve,
    recalibrate,
    sureness,
)
from shipcall.practice.finished import Finished
from shipcall.practice.language import Case
from shipcall.practice.retelling.part import Part, part, percent
from shipcall.practice.tracking.losses import FEW, counted

_UNEVEN = 0.05
"""Error of the sentence that says where more bits are lost."""


def bits_part(rated: Sequence[Finished]) -> Part:
    """Tell bits lost in reading apart from bits never looked for, and which of them is more."""
    title = "Where bits are lost"
    scored = [play.score["causes"] for play in rated if play.score.get("causes")]
    if not scored:
        told = "No causes stated yet. Spread chances over all causes in the next play (`causes`)."
        return part("bits", title, [told], empty=True)
    read = [float(one["inference"]) for one in scored]
    looked = [float(one["investigation"]) for one in scored]
    return part(
        "bits",
        title,
        [
            (
                f"Reading what was opened cost {median(read):.2f} bits, not opening better panels "
                f"{median(looked):.2f} (medians of {counted(len(scored))})."
            ),
            _more(read, looked),
        ],
        empty=False,
        plays=len(scored),
        inference=median(read),
        investigation=median(looked),
    )


def _more(read: Sequence[float], looked: Sequence[float]) -> str:
    """Say where more is lost, if a sign test can tell it from chance."""
    apart = [one - two for one, two in zip(read, looked, strict=True) if abs(one - two) > 1e-9]
    reading = sum(one > 0 for one in apart)
    rarer = min(reading, len(apart) - reading)
    if not apart or min(2 * float(special.bdtr(rarer, len(apart), 0.5)), 1.0) > _UNEVEN:
        return f"Which of them costs you more cannot be told from {counted(len(read))}."
    if 2 * reading > len(apart):
        return "Reading costs you more: state chances panel by panel, and compare with the debrief."
    return "Looking costs you more: ask before each panel what would change your call."


def calibration_part(plays: Sequence[Finished]) -> Part:
    """Tell what came about of what was said with which chance; words only where there is power."""
    title, claims = "Calibration", claims_of(plays)
    if not claims:
        told = "No claims yet. Give every claim of the next case a chance (`claims`)."
        return part("calibration", title, [told], empty=True, bins=[])
    levels, line = sureness(claims), recalibrate(claims)
    return part(
        "calibration",
        title,
        [*(_sure(one) for one in levels), _sloped(line)],
        empty=False,
        claims=len(claims),
        plays=len({one.play for one in claims}),
        bins=[asdict(one) | {"shown": one.shown} for one in curve(claims)],
        levels=[asdict(one) for one in levels],
        slope=plain(line.slope) if isinstance(line.slope, Estimate) else None,
        intercept=plain(line.intercept) if isinstance(line.intercept, Estimate) else None,
    )


def _sure(one: Sureness) -> str:
    said, truth = percent(one.said), percent(one.truth)
    if one.right is None:
        more = one.needed - one.plays
        return (
            f"About {more} more plays with a claim said with about {said} tell {said} from {truth}."
        )
    came = f"What you say with about {said} is so in {percent(one.right)} of {counted(one.plays)}"
    return f"{came}: you are too sure." if one.too_sure else f"{came}: nothing speaks against it."


def _sloped(line: Recalibration) -> str:
    slope = line.slope
    if not isinstance(slope, Estimate):
        return ""
    ends = f"slope {slope.value:.2f}, {slope.low:.2f} to {slope.high:.2f}"
    if slope.high < 1:
        return f"Your chances are too extreme ({ends}): move them towards the middle."
    if slope.low > 1:
        return f"Your chances are too timid ({ends}): move them away from the middle."
    return f"Whether your chances are too extreme or too timid cannot be told ({ends})."


def forecasts_part(rated: Sequence[Finished], cases: Mapping[str, Case]) -> Part:
    """Tell how often a number came where 80 % of the forecast lay."""
    title = "Forecasts"
    said = [one for play in rated if (one := _covered(play, cases))]
    found = coverage(said)
    if found is None:
        more = LEAST_FORECASTS - len(said)
        told = f"{more} more plays with a forecast are needed until its reach can be told."
        return part("forecasts", title, [told], empty=not said, plays=len(said))
    told = "They are too narrow." if found.too_narrow else "Nothing speaks against their width."
    return part(
        "forecasts",
        title,
        [
            (
                f"To the bins you held for likely you gave {percent(found.stated)}; "
                f"{percent(found.hit)} of {found.plays} came there "
                f"({percent(found.low)} to {percent(found.high)}). {told}"
            )
        ],
        empty=False,
        **asdict(found),
    )


def _covered(play: Finished, cases: Mapping[str, Case]) -> Covered | None:
    scored, case = play.score.get("forecast"), cases.get(play.case)
    if not scored or case is None or case.forecast is None:
        return None
    if len(scored["stated"]) != len(case.forecast.edges) + 1:
        return None
    return covered(scored["stated"], bisect_left(case.forecast.edges, float(scored["realised"])))


def estimate_part(rated: Sequence[Finished]) -> Part:
    """Tell how far a person's estimate of its own calls is from what they lost."""
    title = "What you think of your calls"
    said = [play.score["estimate"] for play in rated if play.score.get("estimate")]
    if len(said) < FEW:
        told = f"{FEW - len(said)} more plays with an estimate of your own loss are needed."
        return part("estimates", title, [told], empty=not said, plays=len(said))
    gap = mean_of([float(one["stated"]) - float(one["so"]) for one in said])
    return part(
        "estimates",
        title,
        [_gap(gap), f"From {counted(len(said))}."],
        empty=False,
        plays=len(said),
        gap=gap._asdict(),
        stated=mean(float(one["stated"]) for one in said),
        so=mean(float(one["so"]) for one in said),
    )


def _gap(gap: Spread) -> str:
    ends = f"{100 * gap.low:+.0f} to {100 * gap.high:+.0f} percentage points"
    if gap.low > 0:
        return f"You think more of your calls than they are worth ({ends})."
    if gap.high < 0:
        return f"You think less of your calls than they are worth ({ends})."
    return f"Whether you think too much or too little of your calls cannot be told ({ends})."


def lean_part(rated: Sequence[Finished], cases: Mapping[str, Case]) -> Part:
    """Tell which way a person leans, from LEAST_PLAYS rated plays on."""
    title, found = "Which way you lean", profile(rated, cases)
    called = sum(bool(play.sheet.get("option")) and play.case in cases for play in rated)
    if found is None:
        more = max(LEAST_PLAYS - called, 0)
        told = (
            f"{more} more rated plays with a call are needed until a lean can be told from chance."
            if more
            else "Traps and twins have to come up both before a lean can be told."
        )
        return part("lean", title, [told], empty=True, plays=called, needed=LEAST_PLAYS)
    return part("lean", title, _leans(found), empty=False, needed=LEAST_PLAYS, **_plain(found))


def _leans(found: Profile) -> list[str]:
    lean, tells = found.lean, found.you.tells
    ends = f"{100 * lean.low:+.0f} to {100 * lean.high:+.0f} in 100 calls"
    if lean.low > 0:
        told = f"You let more go on than the evidence asks for ({ends})."
    elif lean.high < 0:
        told = f"You stop more than the evidence asks for ({ends})."
    else:
        told = f"No lean towards shipping or stopping can be told from chance ({ends})."
    return [
        told,
        (
            f"Traps stopped: {found.stops.stopped_traps} of {found.stops.traps}. Twins stopped: "
            f"{found.stops.stopped_twins} of {found.stops.twins}."
        ),
        (
            f"You tell traps from twins with d' {tells.value:.2f} ({tells.low:.2f} to "
            f"{tells.high:.2f}); the best calls on the same evidence reach "
            f"{found.best.tells.value:.2f}."
        ),
    ]


def _plain(found: Profile) -> dict[str, Any]:
    return {
        "plays": found.plays,
        "without_call": found.without_call,
        "stops": asdict(found.stops),
        "you": {"tells": found.you.tells._asdict(), "leans": found.you.leans._asdict()},
        "best": {"tells": found.best.tells._asdict(), "leans": found.best.leans._asdict()},
        "lean": found.lean._asdict(),
    }


def trigger_part(rated: Sequence[Finished]) -> Part:
    """Tell how often triggers fired without harm and missed harm, over plays."""
    title = "Triggers"
    scored = [play.score["trigger"] for play in rated if play.score.get("trigger")]
    if not scored:
        told = "No trigger written yet. Some cases ask for one (`trigger`): scope, bar and window."
        return part("triggers", title, [told], empty=True)
    false = [float(one["fired_false"]) for one in scored if one["fired_false"] is not None]
    missed = [float(one["missed"]) for one in scored if one["missed"] is not None]
    over = median(max(float(one["loss"]) - float(one["best_loss"]), 0.0) for one in scored)
    return part(
        "triggers",
        title,
        [
            (
                f"They lost {over:.1f} points more than the best rules of their form (median of "
                f"{counted(len(scored))})."
            ),
            f"Fired without harm: {_half(false)}; missed harm: {_half(missed)} (medians).",
            "" if len(scored) >= FEW else "So few plays say little about how you set triggers.",
        ],
        empty=False,
        plays=len(scored),
        fired_false=median(false) if false else None,
        missed=median(missed) if missed else None,
        over_best=over,
    )


def _half(shares: Sequence[float]) -> str:
    return percent(median(shares)) if shares else "never replayed"


def time_part(plays: Sequence[Finished], cases: Mapping[str, Case]) -> Part:
    """Tell how much of the clock and of the evidence-minutes was used."""
    title = "Time"
    timed = [play for play in plays if play.case in cases and play.mode == "stress"]
    if not timed:
        told = "No play on the clock yet."
        return part("time", title, [told], empty=True)
    clock = [play.seconds / 60 / cases[play.case].minutes for play in timed]
    looking = [play.minutes / cases[play.case].looking for play in timed]
    rushed = sum(share >= 0.98 for share in clock)
    return part(
        "time",
        title,
        [
            (
                f"You used {percent(median(clock))} of the clock and {percent(median(looking))} "
                f"of the evidence-minutes (medians of {counted(len(timed))} on the clock)."
            ),
            f"{counted(rushed)} went to the end of the clock." if rushed else "",
        ],
        empty=False,
        plays=len(timed),
        clock=median(clock),
        looking=median(looking),
        to_the_end=rushed,
        hours=math.fsum(play.seconds for play in plays) / 3600,
    )
