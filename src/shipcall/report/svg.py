"""SVG pieces that the charts share; every text is escaped by `Markup.format`."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from shipcall.report.palette import paint

_DASHED = Markup('stroke-width="2" stroke-dasharray="4 3"')
_THIN = Markup('stroke-width="1"')
_BOLD = Markup(' font-weight="650"')
_ANCHORS = {
    "start": Markup(""),
    "middle": Markup(' text-anchor="middle"'),
    "end": Markup(' text-anchor="end"'),
}


class Point(NamedTuple):
    """A place in an image, in pixels from its upper left corner."""

    x: float
    y: float


class Look(NamedTuple):
    """Colour and weight of a text."""

    colour: str = "ink"
    bold: bool = False


MUTE, BOLD = Look("mute"), Look(bold=True)


def seed(*names: str) -> str:
    """A short id that depends on the names only."""
    return hashlib.sha256("\x1f".join(names).encode("utf-8", "replace")).hexdigest()[:10]


def tenth(number: float) -> str:
    """A coordinate, rounded to a tenth, without a trailing zero."""
    text = f"{number + 0.0:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


class Picture(NamedTuple):
    """What an image is, in words and pixels."""

    key: str
    """Seeds every id inside."""
    css: str
    width: int
    height: int
    title: str
    desc: str
    """The finding that the image shows, as a sentence."""
    leads: bool = False
    """Whether parts of it lead elsewhere: then it is a group, as an image hides what is in it."""


def frame(body: Iterable[str], picture: Picture) -> Markup:
    """Put pieces into an image that says in words what it shows."""
    return Markup(
        '<svg class="{css}" role="{role}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
        'aria-labelledby="t{k} d{k}" font-family="system-ui,sans-serif" font-size="12">'
        '<title id="t{k}">{title}</title><desc id="d{k}">{desc}</desc>'
        '<defs><pattern id="h{k}" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V6" stroke="{mute}" stroke-opacity=".5" '
        'stroke-width="1.5"/></pattern></defs>{body}</svg>'
    ).format(
        css=picture.css,
        role="group" if picture.leads else "img",
        w=picture.width,
        h=picture.height,
        k=picture.key,
        title=picture.title,
        desc=picture.desc,
        mute=paint("mute"),
        body=Markup("").join(body),
    )


def hatched(key: str, x: float, y: float, width: float, height: float) -> Markup:
    """An area that is not there or not allowed."""
    if width <= 0:
        return Markup("")
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="url(#h{})"/>').format(
        tenth(x), tenth(y), tenth(width), tenth(height), key
    )


def upright(x: float, top: float, bottom: float, *, requirement: bool = False) -> Markup:
    """A thin line for zero; a thick dashed one for a requirement."""
    return Markup('<path d="M{} {}V{}" stroke="{}" {}/>').format(
        tenth(x),
        tenth(top),
        tenth(bottom),
        paint("ink" if requirement else "mute"),
        _DASHED if requirement else _THIN,
    )


def across(y: float, left: float, right: float, *, requirement: bool = False) -> Markup:
    """A thin level line for zero; a thick dashed one for a requirement."""
    return Markup('<path d="M{} {}H{}" stroke="{}" {}/>').format(
        tenth(left),
        tenth(y),
        tenth(right),
        paint("ink" if requirement else "mute"),
        _DASHED if requirement else _THIN,
    )


def column(x: float, y: float, width: float, height: float) -> Markup:
    """A shaded stretch of time."""
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
        tenth(x), tenth(y), tenth(width), tenth(height), paint("panel")
    )


def area(
    upper: Sequence[Point], lower: Sequence[Point], *, tone: str, faint: bool = False
) -> Markup:
    """A band between two lines, with a thin edge; faint where bands lie over each other."""
    corners = " ".join(f"{tenth(x)},{tenth(y)}" for x, y in (*upper, *reversed(lower)))
    fill, edge = (".1", ".6") if faint else (".28", "1")
    return Markup(
        '<polygon points="{}" fill="{}" fill-opacity="{}" stroke="{}" stroke-width="{}"/>'
    ).format(corners, paint(tone), fill, paint(tone), edge)


def curve(points: Sequence[Point], *, tone: str) -> Markup:
    """A thick line through points."""
    corners = " ".join(f"{tenth(x)},{tenth(y)}" for x, y in points)
    return Markup('<polyline points="{}" fill="none" stroke="{}" stroke-width="2.2"/>').format(
        corners, paint(tone)
    )


def shapes(places: Sequence[float], y: float, shape: str, *, tone: str) -> Markup:
    """The same small shape at several places of one line."""
    return Markup(
        '<text x="{}" y="{}" fill="{}" font-size="9" text-anchor="middle">{}</text>'
    ).format(" ".join(tenth(place) for place in places), tenth(y), paint(tone), shape * len(places))


def words(
    x: float, y: float, text: str, *, anchor: str = "start", look: Look | None = None
) -> Markup:
    """A line of text."""
    look = look or Look()
    return Markup('<text x="{}" y="{}" fill="{}"{}{}>{}</text>').format(
        tenth(x),
        tenth(y),
        paint(look.colour),
        _ANCHORS[anchor],
        _BOLD if look.bold else "",
        text,
    )


def bar(start: float, stop: float, y: float, *, tone: str, arrows: tuple[bool, bool]) -> Markup:
    """An interval; an arrow head stands where nothing bounds it."""
    pieces = [
        Markup('<path d="M{} {}H{}" stroke="{}" stroke-width="6" stroke-linecap="{}"/>').format(
            tenth(start), tenth(y), tenth(stop), paint(tone), "butt" if any(arrows) else "round"
        )
    ]
    for there, x, way in ((arrows[0], start, -1), (arrows[1], stop, 1)):
        if there:
            tip = Markup('<path d="M{} {}l{} 7v-14z" fill="{}"/>')
            pieces.append(tip.format(tenth(x + way * 7), tenth(y), -way * 9, paint(tone)))
    return Markup("").join(pieces)


def dot(x: float, y: float, *, tone: str) -> Markup:
    """A point estimate: an open circle."""
    return Markup(
        '<circle cx="{}" cy="{}" r="4.5" fill="{}" stroke="{}" stroke-width="2.2"/>'
    ).format(tenth(x), tenth(y), paint("bg"), paint(tone))


def marker(arm: str, x: float, y: float) -> Markup:
    """The shape of a model in its colour: the baseline a circle, the candidate a diamond."""
    if arm == "baseline":
        shape = Markup('<circle cx="{}" cy="{}" r="3.6" fill="{}" stroke="{}" stroke-width="1.8"/>')
        return shape.format(tenth(x), tenth(y), paint("bg"), paint(arm))
    shape = Markup('<path d="M{} {}l4.6 4.6-4.6 4.6-4.6-4.6z" fill="{}"/>')
    return shape.format(tenth(x), tenth(y - 4.6), paint(arm))


def box(  # noqa: PLR0913, PLR0917 - one rectangle
    x: float, y: float, width: float, height: float, tint: str, depth: float, edge: str
) -> Markup:
    """A cell of a grid: how deep it is filled, and the colour of its edge; "ink" is a thick one."""
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="3" fill="{}" fill-opacity="{}" '
        'stroke="{}" stroke-width="{}"/>'
    ).format(
        tenth(x),
        tenth(y),
        tenth(width),
        tenth(height),
        paint(tint),
        f"{depth:.3g}",
        "none" if edge == "none" else paint(edge),
        2.5 if edge == "ink" else 1,
    )
