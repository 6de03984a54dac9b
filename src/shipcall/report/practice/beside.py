"""Beside: what a person gave each possibility, beside what the evidence allowed."""

import itertools
from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Look,
    Picture,
    column,
    frame,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.text import shorten, wrapped
from shipcall.report.words import View

_WIDTH, _ROW, _TOP = 760, 44, 26
_LEFT, _LENGTH = 300, 320
_NAME = 42
_HIGH, _BIN, _FOOT = 150, 86, 62


def percent(share: float) -> str:
    """Write a share in whole percent, and never 0 % or 100 % where it is not.

    Examples:
        >>> percent(0.25), percent(0.001), percent(0.9999)
        ('25 %', '<1 %', '>99 %')
    """
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def bin_titles(forecast: View) -> list[str]:
    """Name the bins of a forecast that is asked, the open ones at both ends included."""
    edges, unit = [f"{edge:g}" for edge in forecast["edges"]], forecast["unit"]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(edges)]
    return [f"{one} {unit}" for one in (f"below {edges[0]}", *between, f"above {edges[-1]}")]


def beside_svg(rows: Sequence[View], title: str) -> Markup:
    """Draw two bars for every row: the upper one was said, the lower one the evidence allowed.

    Args:
        rows: Each with `title` (or `text`), `stated` (a share, or None), `posterior` and `so`.
        title: What is drawn.
    """
    body = [words(0, 14, "● was so", look=MUTE)]
    body.append(words(_LEFT, 14, "full: what you said · open: what your panels allowed", look=MUTE))
    for place, row in enumerate(rows):
        top = _TOP + _ROW * place
        body += _row(row, top)
    height = _TOP + _ROW * len(rows) + 4
    body.append(upright(_LEFT, _TOP, height - 4))
    key = seed("beside", title, *(_title(row) for row in rows))
    return frame(body, Picture(key, "beside", _WIDTH, height, title, _said(rows)))


def _row(row: View, top: float) -> list[Markup]:
    mark, look = ("● ", BOLD) if row["so"] else ("", Look())
    names = wrapped(mark + _title(row), _NAME)
    names = [*names[:1], shorten(" ".join(names[1:]), _NAME)] if len(names) > 1 else names
    first = top + (24 if len(names) == 1 else 17)
    upper, lower = top + 6, top + 23
    pieces = [words(0, first + 15 * n, text, look=look) for n, text in enumerate(names)]
    pieces += [_full(upper, row["stated"]), _open(lower, row["posterior"])]
    said = "not said" if row["stated"] is None else f"{percent(row['stated'])} you"
    pieces.append(words(_LEFT + _LENGTH * (row["stated"] or 0) + 8, upper + 11, said))
    allowed = f"{percent(row['posterior'])} evidence"
    pieces.append(words(_LEFT + _LENGTH * row["posterior"] + 8, lower + 11, allowed, look=MUTE))
    return pieces


def _full(y: float, share: float | None) -> Markup:
    if share is None:
        return Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="13" fill="{}"/>').format(
        _LEFT, tenth(y), tenth(max(_LENGTH * share, 1)), paint("ink")
    )


def _open(y: float, share: float) -> Markup:
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="13" fill="{}" stroke="{}" stroke-width="1.5"/>'
    ).format(_LEFT, tenth(y), tenth(max(_LENGTH * share, 1)), paint("bg"), paint("mute"))


def _title(row: View) -> str:
    return str(row.get("title") or row["text"])


def _said(rows: Sequence[View]) -> str:
    told = [
        f"{_title(row)}: you {'nothing' if row['stated'] is None else percent(row['stated'])}, "
        f"evidence {percent(row['posterior'])}{', and it was so' if row['so'] else ''}"
        for row in rows
    ]
    return "; ".join(told) + "."


def fan_svg(bins: Sequence[View], realised: float | None, unit: str) -> Markup:
    """Draw a forecast over its bins, yours beside that of the evidence, and what then came.

    Args:
        bins: Each with `title`, `stated`, `posterior` and `came`.
        realised: What came.
        unit: Of it.
    """
    most = max(max(one["stated"], one["posterior"]) for one in bins) or 1.0
    foot = _TOP + _HIGH
    body = [words(0, 14, "full: your forecast · open: that of your panels", look=MUTE)]
    for place, one in enumerate(bins):
        left = _BIN * place
        if one["came"]:
            body.append(column(left + 2, _TOP, _BIN - 4, _HIGH + 24))
            came = "came" if realised is None else f"▲ {realised:.3g} {unit} came"
            last = place >= len(bins) - 2
            at, anchor = (left + _BIN, "end") if last else (left, "start")
            body.append(words(at, foot + 42, came, anchor=anchor, look=BOLD))
        body += _pair(one, left, foot, most)
        body.append(words(left + _BIN / 2, foot + 18, one["title"], anchor="middle"))
    body.append(
        Markup('<path d="M0 {}H{}" stroke="{}"/>').format(foot, _BIN * len(bins), paint("mute"))
    )
    width = max(_BIN * len(bins), 420)
    key = seed("fan", *(str(one["title"]) for one in bins))
    rows = [{**one, "so": one["came"]} for one in bins]
    picture = Picture(key, "fan", width, foot + _FOOT, f"Forecast, in {unit}", _said(rows))
    return frame(body, picture)


def _pair(one: View, left: float, foot: float, most: float) -> list[Markup]:
    pieces = []
    for number, (name, fill, edge) in enumerate(
        (("stated", "ink", "ink"), ("posterior", "bg", "mute"))
    ):
        high = max((_HIGH - 22) * one[name] / most, 1)
        x = left + 14 + 30 * number
        pieces.append(
            Markup(
                '<rect x="{}" y="{}" width="26" height="{}" fill="{}" stroke="{}" '
                'stroke-width="1.5"/>'
            ).format(x, tenth(foot - high), tenth(high), paint(fill), paint(edge))
        )
        look = Look() if fill == "ink" else MUTE
        text = percent(one[name]).replace(" ", "")
        pieces.append(words(x + 13, foot - high - 5, text, anchor="middle", look=look))
    return pieces
