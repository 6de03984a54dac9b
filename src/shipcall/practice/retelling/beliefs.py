"""Beliefs: causes, claims, forecast, size and trigger, yours beside what the evidence allowed."""

import itertools
from bisect import bisect_left
from collections.abc import Sequence

from shipcall.core import plain
from shipcall.practice.belief import believed
from shipcall.practice.language import Trigger
from shipcall.practice.play import Play
from shipcall.practice.points import caused, holds
from shipcall.practice.retelling.part import Part, part, percent, points
from shipcall.practice.scoring.causes import complete
from shipcall.practice.scoring.score import Causes, ForecastScore, Score, TriggerScore
from shipcall.practice.timeline import Account

CLOSE = 0.15
"""Bits below which stated causes are called close to the evidence. A guess."""


def causes_part(play: Play, account: Account, score: Score) -> Part:
    """Hold stated causes and claims against the posterior at the panels that were opened."""
    belief = believed(play, account.opened)
    by_cause = caused(play.case, play.points)
    said = account.sheet.causes
    stated = complete(play.case, said) if said else [None] * len(play.case.cause)
    rows = [
        {
            "cause": cause.name,
            "title": cause.title,
            "stated": None if yours is None else float(yours),
            "posterior": float(line @ belief),
            "so": cause.name == play.truth.state.cause,
        }
        for cause, line, yours in zip(play.case.cause, by_cause, stated, strict=True)
    ]
    return part(
        "causes",
        "Causes and claims",
        _bits(score.causes),
        rows=rows,
        claims=_claims(play, account, score),
        given=score.causes is not None,
        inference=score.causes.inference if score.causes else None,
        investigation=score.causes.investigation if score.causes else None,
        realised=score.causes.realised if score.causes else None,
    )


def _bits(causes: Causes | None) -> list[str]:
    if causes is None:
        return ["You gave no probabilities of causes; beside them stands what your panels allowed."]
    close = causes.inference < CLOSE
    read = "close to what they say" if close else "further from them than the evidence asks for"
    larger = "reading" if causes.inference >= causes.investigation else "choosing panels"
    both = max(causes.inference, causes.investigation) >= CLOSE
    return [
        f"Reading what you opened cost you {causes.inference:.2f} bits: your chances are {read}.",
        f"What you did not look for cost {causes.investigation:.2f} bits on average.",
        f"More was lost in {larger}." if both else "",
    ]


def _claims(play: Play, account: Account, score: Score) -> list[Part]:
    scored = {one.name: one for one in score.claims}
    so = holds(play.case, play.points)[:, play.setting.truth]
    there = holds(play.case, play.points) @ believed(play, account.opened)
    return [
        {
            "name": claim.name,
            "text": claim.text,
            "stated": scored[claim.name].stated if claim.name in scored else None,
            "posterior": float(chance),
            "so": bool(came),
            "excess": scored[claim.name].excess if claim.name in scored else None,
        }
        for claim, came, chance in zip(play.case.claim, so, there, strict=True)
    ]


def forecast_part(play: Play, score: Score) -> Part:
    """Lay a forecast beside that of the evidence and what then came; the luck in it stays apart."""
    asked, scored = play.case.forecast, score.forecast
    title = "Forecast and size"
    size = None if score.size is None else plain(score.size)
    sizes = [_size(score)] if score.size else []
    if asked is None:
        says = sizes or ["This case asks for no forecast."]
        return part("forecast", title, says, given=False, asked=False, size=size)
    if scored is None:
        told = "You gave no forecast: spread chances over all bins next time, also over far ones."
        return part("forecast", title, [told, *sizes], given=False, asked=True, size=size)
    came = bisect_left(asked.edges, scored.realised)
    return part(
        "forecast",
        title,
        [*_forecast(scored, came, asked.unit), *sizes],
        given=True,
        asked=True,
        text=asked.text,
        unit=asked.unit,
        bins=[
            {"title": name, "stated": yours, "posterior": theirs, "came": place == came}
            for place, (name, yours, theirs) in enumerate(
                zip(bin_titles(asked.edges), scored.stated, scored.posterior, strict=True)
            )
        ],
        realised=scored.realised,
        excess=scored.excess,
        realised_score=scored.realised_score,
        size=size,
    )


def bin_titles(edges: Sequence[float]) -> list[str]:
    """Name the bins of a forecast, the open ones at both ends included.

    Examples:
        >>> bin_titles([0.0, 1.5])
        ['to 0', '0 to 1.5', 'above 1.5']
    """
    inner = [f"{low:g} to {high:g}" for low, high in itertools.pairwise(edges)]
    return [f"to {edges[0]:g}", *inner, f"above {edges[-1]:g}"]


def _forecast(scored: ForecastScore, came: int, unit: str) -> list[str]:
    yours, theirs = scored.stated[came], scored.posterior[came]
    return [
        (
            f"Against the forecast of your own evidence you lost {scored.excess:.3f} (ranked "
            "probability score; 0 is best). Only this is yours."
        ),
        (
            f"Luck, apart: {scored.realised:.3g} {unit} came. To its bin you gave "
            f"{percent(yours)}, the evidence {percent(theirs)}."
        ),
    ]


def _size(score: Score) -> str:
    if score.size is None:
        return ""
    near = "within" if score.size.within else "outside"
    return (
        f"Size: you said {score.size.stated:,.0f}; the formula says {score.size.reference:,.0f}, "
        f"and you are {near} a factor of 1.5."
    )


def trigger_part(play: Play, account: Account, score: Score) -> Part:
    """Tell what the trigger did on replays of what might have been so."""
    asked, rule, scored = play.case.trigger, account.sheet.trigger, score.trigger
    title = "Your trigger, replayed"
    if asked is None:
        return part("trigger", title, ["This case asks for no trigger."], given=False, asked=False)
    about = {"text": asked.text, "metric": asked.metric, "unit": asked.unit, "days": asked.days}
    if scored is None or rule is None:
        told = "You wrote no trigger: nothing would have taken the release back by itself."
        return part("trigger", title, [told], given=False, asked=True, **about)
    return part(
        "trigger",
        title,
        _trigger(scored, asked),
        given=True,
        asked=True,
        rule=plain(rule),
        scopes={scope.name: scope.title for scope in asked.scope},
        **about,
        **plain(scored),
    )


def _trigger(scored: TriggerScore, asked: Trigger) -> list[str]:
    days, best = scored.days_to_fire, scored.best
    where = {scope.name: scope.title for scope in asked.scope}[str(best["scope"])]
    return [
        f"It was run on {scored.replays:,} replays of what the evidence leaves open.",
        _share(scored.fired_false, "fired in {} of the replays without harm", "All held harm"),
        _share(scored.missed, "missed {} of the replays with harm", "None held harm"),
        f"Where it found harm, it took {days:g} days (median)." if days is not None else "",
        (
            f"It lost {points(scored.loss)} on average; the best rule of this form, a bar of "
            f"{best['bar']:.3g} {asked.unit} on “{where}”, loses {points(scored.best_loss)}."
        ),
    ]


def _share(share: float | None, told: str, otherwise: str) -> str:
    return f"{otherwise}." if share is None else f"It {told.format(percent(share))}."
