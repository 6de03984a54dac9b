"""Strengths: the rating as it may be shown, with its +- or not at all."""

from collections.abc import Mapping

from shipcall.practice.rating import SHOWN_BELOW, Course, Strength, plays_until_shown
from shipcall.practice.retelling.part import Part, part
from shipcall.practice.tracking.losses import counted

UNPLACED = (
    "Nobody has measured how hard these cases are: each of them counts as an average one, and "
    "there are no fixed players to read the scale by."
)
_Z = 1.96


def rating_part(course: Course, bots: Mapping[str, float]) -> Part:
    """Tell the rating with its doubt, the bots on the same scale, and how it came about.

    Args:
        course: All rated plays.
        bots: Bot -> rating; the marks by which the scale is read.
    """
    at, title = course.strength, "Rating"
    if not course.plays:
        told = "No rated play yet. First looks without hints are rated, whole from the mixed queue."
        return part("rating", title, [told], empty=True, shown=False)
    return part(
        "rating",
        title,
        [
            _said(at),
            _marked(course.marked),
            "It compares you with the cases of this shelf, and with nothing else.",
            "" if bots else UNPLACED,
        ],
        empty=False,
        shown=at.shown,
        rating=at.rating if at.shown else None,
        deviation=at.deviation,
        low=at.rating - _Z * at.deviation if at.shown else None,
        high=at.rating + _Z * at.deviation if at.shown else None,
        marked=course.marked,
        history=[_day(day.on.isoformat(), day.plays, day.strength) for day in course.days],
        bots=[
            {"who": who, "rating": rating}
            for who, rating in sorted(bots.items(), key=lambda item: -item[1])
        ],
    )


def _said(at: Strength) -> str:
    if not at.shown:
        more = plays_until_shown(at)
        return (
            f"No number yet: it would be uncertain by +-{at.deviation:.0f}, and is shown from "
            f"+-{SHOWN_BELOW:.0f} on. That takes about {more} more from the mixed queue."
        )
    low, high = at.rating - _Z * at.deviation, at.rating + _Z * at.deviation
    return f"{at.rating:.0f} +-{at.deviation:.0f}; with 95 % between {low:.0f} and {high:.0f}."


def _marked(plays: int) -> str:
    return f"Marked: {counted(plays)} with extra time or without a clock." if plays else ""


def _day(on: str, plays: int, at: Strength) -> Part:
    shown = at.rating if at.shown else None
    return {"on": on, "plays": plays, "rating": shown, "deviation": at.deviation}
