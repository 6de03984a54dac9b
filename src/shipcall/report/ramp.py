"""Ramp: what a page tells of a rollout: its shares, its bands, and warnings beside them."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.band import band
from shipcall.report.course import Rung, ladder, looks_of, mixed_text, since_text
from shipcall.report.findings import by_urgency, grouped
from shipcall.report.health import Vital, health
from shipcall.report.rollout import maturing_texts, situation_text
from shipcall.report.words import View


class Followed(NamedTuple):
    """One check over the looks of a rollout."""

    finding: View
    svg: Markup
    since: str
    mixed: str
    """Warning where a plain comparison would say otherwise; empty where it would not."""
    looks: Sequence[View]


class Ramp(NamedTuple):
    """A rollout as a page shows it."""

    situation: str
    rungs: list[Rung]
    followed: list[Followed]
    left: int
    """Checks that only the JSON follows."""
    maturing: list[str]
    health: list[Vital]
    changes: View | None
    """What else was changed in these days; None where nobody keeps a table of it."""


def ramp(view: View, most: int) -> Ramp:
    """Gather what a page tells of a rollout.

    Args:
        view: A verdict with `rollout`.
        most: Most bands that are drawn; those that made the call come first.
    """
    groups = grouped(view["findings"])
    every = [f for f in (*groups.checks, *groups.slices) if looks_of(view, f)]
    shown = by_urgency(every, view["because"])[:most] if len(every) > most else every
    return Ramp(
        situation=situation_text(view["rollout"]),
        rungs=ladder(view["rollout"], view["as_of"]),
        followed=[_followed(view, finding) for finding in shown],
        left=len(every) - len(shown),
        maturing=maturing_texts(view),
        health=health(view),
        changes=view.get("changes"),
    )


def _followed(view: View, finding: View) -> Followed:
    looks = looks_of(view, finding)
    return Followed(
        finding=finding,
        svg=band(finding, looks, view["rollout"]["steps"], view["as_of"], _changes(view)),
        since=since_text(looks),
        mixed=mixed_text(view, finding),
        looks=looks,
    )


def _changes(view: View) -> Sequence[View]:
    listed: Sequence[View] = (view.get("changes") or {}).get("listed", ())
    return listed
