"""Pictures of preparing: which feature is first, a dial by slice, packets of a rehearsal."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.practice.beside import percent
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Look,
    Picture,
    Point,
    across,
    bar,
    column,
    curve,
    dot,
    frame,
    marker,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import View

_WIDTH, _ROW, _TOP = 760, 30, 26
_LEFT, _LENGTH = 220, 420
_NAME = 34
_DIAL_LEFT, _DIAL_WIDE, _DIAL_HIGH = 70, 520, 240
_ARMS = ("baseline", "candidate")
"""Colour and shape of the two slices of a dial."""


def first_svg(features: Sequence[View], chosen: str, probability: float) -> Markup:
    """Draw in how many draws each feature is worth most, and what was stated of the first chosen.

    Args:
        features: Each with `slug` and `first`, a share.
        chosen: The one that was put first.
        probability: Stated of it.
    """
    body = [
        words(0, 14, "● you put it first", look=MUTE),
        words(_LEFT, 14, "share of draws in which it is worth most · ◇ what you said", look=MUTE),
    ]
    for place, one in enumerate(features):
        top = _TOP + _ROW * place
        mine = one["slug"] == chosen
        name = shorten(("● " if mine else "") + one["slug"], _NAME)
        body.append(words(0, top + 16, name, look=BOLD if mine else Look()))
        body.append(_bar(top + 5, one["first"], full=mine))
        body += _shares(top, one["first"], probability if mine else None)
    height = _TOP + _ROW * len(features) + 4
    body.append(upright(_LEFT, _TOP, height - 4))
    said = "; ".join(f"{one['slug']}: {percent(one['first'])}" for one in features)
    told = f"{said}. You put {chosen} first and said {percent(probability)}."
    key = seed("first", told)
    return frame(body, Picture(key, "beside", _WIDTH, height, "Which feature is first", told))


def _bar(y: float, share: float, *, full: bool) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="14" fill="{}" stroke="{}" stroke-width="1.5"/>'
    ).format(
        _LEFT, tenth(y), tenth(max(_LENGTH * share, 1)), paint("ink" if full else "bg"),
        paint("ink" if full else "mute"),
    )  # fmt: skip


def _shares(top: float, share: float, stated: float | None) -> list[Markup]:
    """The share beside its bar, and what was stated at its own place; never over each other."""
    end, told = _LEFT + _LENGTH * share, percent(share)
    if stated is None:
        return [words(end + 8, top + 16, told)]
    x, said = _LEFT + _LENGTH * stated, percent(stated)
    diamond = Markup(
        '<path d="M{} {}l6 6-6 6-6-6z" fill="{}" stroke="{}" stroke-width="1.8"/>'
    ).format(tenth(x), tenth(top + 6), paint("bg"), paint("fail"))
    if x > end + 60:
        return [words(end + 8, top + 16, told), diamond, words(x + 11, top + 16, said, look=MUTE)]
    both = f"{told}, you said {said}"
    return [diamond, words(max(end, x + 6) + 8, top + 16, both)]


def dial_svg(curves: Sequence[Mapping[str, float]], slices: Sequence[View]) -> Markup:
    """Draw what a dial is worth to each slice at every setting, and where it was put.

    Args:
        curves: Each with `setting` (0 to 100) and EUR a year for each unit, by slice.
        slices: Two, each with `slice`, `setting` and `best_setting`.
    """
    names = [one["slice"] for one in slices]
    every = [one[name] for one in curves for name in names]
    low, span = min(*every, 0.0), (max(*every, 0.0) - min(*every, 0.0)) or 1.0
    foot = _TOP + _DIAL_HIGH

    def at(setting: float, worth: float) -> Point:
        y = foot - _DIAL_HIGH * (worth - low) / span
        return Point(_DIAL_LEFT + _DIAL_WIDE * setting / 100, y)

    zero = at(0, 0.0).y
    body = [
        column(_DIAL_LEFT, _TOP, _DIAL_WIDE, _DIAL_HIGH),
        across(zero, _DIAL_LEFT, _DIAL_LEFT + _DIAL_WIDE),
        words(_DIAL_LEFT - 8, zero + 4, "0", anchor="end", look=MUTE),
        *(
            words(at(k, 0).x, foot + 18, f"{k}", anchor="middle", look=MUTE)
            for k in (0, 25, 50, 75, 100)
        ),
        words(_DIAL_LEFT + _DIAL_WIDE / 2, foot + 38, "setting", anchor="middle", look=MUTE),
        words(0, 14, "EUR a year for each", look=MUTE),
    ]
    ends = []
    for arm, one in zip(_ARMS, slices, strict=True):
        line = [at(row["setting"], row[one["slice"]]) for row in curves]
        body.append(curve(line, tone=arm))
        mine = at(one["setting"], _between(curves, one["slice"], one["setting"]))
        above = -10 if arm == _ARMS[0] else 20
        body += [marker(arm, *mine), words(mine.x, mine.y + above, "yours", anchor="middle")]
        ends.append((line[-1], arm, one["slice"]))
    for (end, arm, name), y in zip(ends, _apart([end.y for end, _, _ in ends]), strict=True):
        body.append(words(end.x + 10, y + 4, shorten(name, 18), look=Look(arm, bold=True)))
    told = "; ".join(
        f"{one['slice']}: yours {one['setting']:g}, best {one['best_setting']}" for one in slices
    )
    picture = Picture(seed("dial", told), "dial", _WIDTH, foot + 46, "The dial by slice", told)
    return frame(body, picture)


def _between(curves: Sequence[Mapping[str, float]], name: str, setting: float) -> float:
    """On the line that is drawn between two settings."""
    place = min(int(setting // 10), len(curves) - 2)
    one, other = curves[place], curves[place + 1]
    part = (setting - one["setting"]) / (other["setting"] - one["setting"])
    return one[name] + part * (other[name] - one[name])


def _apart(heights: Sequence[float]) -> list[float]:
    one, other = heights
    if abs(one - other) >= 16:
        return [one, other]
    middle = (one + other) / 2
    return [middle - 8, middle + 8] if one <= other else [middle + 8, middle - 8]


def packets_svg(packets: Sequence[View]) -> Markup:
    """Draw the share of criteria met in every round that was read, with its interval.

    Args:
        packets: Each with `name`, `met`, `criteria`, `low`, `high` (None: not read) and `veto`.
    """
    body = [
        *(
            words(_LEFT + _LENGTH * s, 14, percent(s), anchor="middle", look=MUTE)
            for s in (0, 0.5, 1)
        )
    ]
    height = _TOP + _ROW * len(packets) + 4
    body.append(upright(_LEFT + _LENGTH / 2, _TOP, height - 4))
    for place, one in enumerate(packets):
        middle = _TOP + _ROW * place + 12
        veto = " (veto)" if one["veto"] else ""
        body.append(words(0, middle + 4, shorten(one["name"] + veto, _NAME)))
        if not one["criteria"]:
            body.append(words(_LEFT, middle + 4, "○ not read", look=MUTE))
            continue
        ends = (_LEFT + _LENGTH * one["low"], _LEFT + _LENGTH * one["high"])
        body += [
            bar(*ends, middle, tone="mute", arrows=(False, False)),
            dot(_LEFT + _LENGTH * one["met"] / one["criteria"], middle, tone="ink"),
            words(_LEFT + _LENGTH + 16, middle + 4, f"{one['met']} of {one['criteria']}"),
        ]
    told = "; ".join(_packet(one) for one in packets) + "."
    picture = Picture(seed("packets", told), "packets", _WIDTH, height, "Criteria met", told)
    return frame(body, picture)


def _packet(one: View) -> str:
    if not one["criteria"]:
        return f"{one['name']}: not read"
    ends = f"{percent(one['low'])} to {percent(one['high'])}"
    return f"{one['name']}: {one['met']} of {one['criteria']}, {ends}"
