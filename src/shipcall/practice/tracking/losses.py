"""Losses: what a person's calls cost over many plays, overall and by archetype."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

from shipcall.core import Tails
from shipcall.practice.finished import Finished
from shipcall.practice.language import Case
from shipcall.practice.rating import Course, band, loss_share_of
from shipcall.practice.retelling.part import Part, part, percent
from shipcall.practice.scoring.score import GRADES
from shipcall.stats.proportions import binomial_ends

FEW = 10
"""Plays below which a row is said to say little."""
WORST = 3
_TAILS = Tails(0.025, 0.025)


class Good(NamedTuple):
    """Share of calls that lost at most what is graded as good, with an exact 95 % interval."""

    share: float
    low: float
    high: float


def good(plays: Sequence[Finished]) -> Good:
    """Count the good calls among plays, at least one."""
    held = sum(loss_share_of(play) <= GRADES["good"] for play in plays)
    ends = binomial_ends(held, len(plays), _TAILS)
    return Good(held / len(plays), ends.low, ends.high)


def loss_part(rated: Sequence[Finished], cases: Mapping[str, Case]) -> Part:
    """Tell the median loss of these plays, the share of good calls, and the three dearest."""
    title = "What your calls cost"
    if not rated:
        told = "Nothing is rated yet. Begin with `shipcall practice`: the first case is drawn."
        return part("loss", title, [told], empty=True)
    middle, held = median(loss_share_of(play) for play in rated), good(rated)
    return part(
        "loss",
        title,
        [
            f"Median loss of {counted(len(rated))}: {percent(middle)} of the stake.",
            f"Good calls (at most 3 % lost): {percent(held.share)}. "
            + little(len(rated), held, "such calls"),
        ],
        empty=False,
        plays=len(rated),
        median=middle,
        good=held._asdict(),
        worst=_worst(rated, cases),
    )


def _worst(rated: Sequence[Finished], cases: Mapping[str, Case]) -> list[Part]:
    dear = [play for play in rated if _cost(play) > 0]
    dear.sort(key=lambda play: (-_cost(play), play.at))
    return [
        {
            "id": play.id,
            "at": play.at,
            "case": play.case,
            "title": title_of(play.case, cases),
            "loss": _cost(play),
            "loss_share": loss_share_of(play),
            "grade": play.score["decision"]["grade"],
            "rule": play.rule,
        }
        for play in dear[:WORST]
    ]


def _cost(play: Finished) -> float:
    return float(play.score["decision"]["loss"])


def archetype_part(course: Course, rated: Sequence[Finished], cases: Mapping[str, Case]) -> Part:
    """Tell the loss by archetype and by stage, the dearest first; never finer than it is known."""
    title = "By kind of case"
    played = list(dict.fromkeys(play.case for play in rated))
    rows = [
        _row(course, name, title_of(name, cases), [name], rated, groups=len(played))
        for name in played
    ]
    rows.sort(key=lambda row: (-float(row["mean"]), row["key"]))
    left = [
        {"case": case.id, "title": case.title, "slug": case.slug}
        for name, case in sorted(cases.items())
        if name not in played
    ]
    return part(
        "archetypes",
        title,
        [
            f"{len(played)} of {len(played) + len(left)} kinds of cases played."
            if played
            else "No kind of case has been played yet; the mixed queue brings one after another."
        ],
        empty=not played,
        rows=rows,
        stages=_stages(course, rated, cases),
        unplayed=left,
    )


def _stages(course: Course, rated: Sequence[Finished], cases: Mapping[str, Case]) -> list[Part]:
    of: dict[str, list[str]] = {}
    for name in dict.fromkeys(play.case for play in rated):
        if name in cases:
            of.setdefault(cases[name].stage or "no stage", []).append(name)
    return [_row(course, stage, stage, names, rated, groups=len(of)) for stage, names in of.items()]


def _row(  # noqa: PLR0913, PLR0917 - columns of one row
    course: Course,
    key: str,
    title: str,
    names: Sequence[str],
    rated: Sequence[Finished],
    groups: int,
) -> Part:
    plays = [play for play in rated if play.case in names]
    held, found = good(plays), band(course, names, groups=groups)
    return {
        "key": key,
        "title": title,
        "plays": len(plays),
        "mean": sum(loss_share_of(play) for play in plays) / len(plays),
        "good": held._asdict(),
        "band": found._asdict() if found else None,
        "says": little(len(plays), held, "such calls"),
    }


def little(plays: int, held: Good, what: str) -> str:
    """Say how little (or much) some plays say, with the interval itself.

    Examples:
        >>> little(3, Good(2 / 3, 0.094, 0.992), "such calls")
        '3 plays say little: between 9 % and 99 % of such calls would be good.'
    """
    says = "say little" if plays > 1 else "says little"
    begin = f"{counted(plays)} {says}" if plays < FEW else f"As {plays} plays tell"
    return f"{begin}: between {percent(held.low)} and {percent(held.high)} of {what} would be good."


def counted(plays: int) -> str:
    """Count plays.

    Examples:
        >>> counted(1), counted(2)
        ('1 play', '2 plays')
    """
    return f"{plays} play{'' if plays == 1 else 's'}"


def title_of(name: str, cases: Mapping[str, Case]) -> str:
    """Give the title of a case, or its id where it is no longer on the shelf."""
    return cases[name].title if name in cases else name
