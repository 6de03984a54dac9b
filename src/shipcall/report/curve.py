"""Curve: the chance of each call against the number of units, as one picture per situation."""

from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.outlook import situation_text
from shipcall.report.palette import paint
from shipcall.report.svg import MUTE, Look, Picture, frame, seed, tenth, upright, words
from shipcall.report.text import shorten
from shipcall.report.words import View, whole

_WIDTH, _PLOT, _LEFT, _TOP, _GAP = 1040, (390, 150), 56, 40, 64
_CALLS = (("go", "goes on", "pass"), ("hold", "HOLD", "open"), ("refuse", "NO SHIP", "fail"))
_TITLE = 66
"""Most characters above a panel; more would run into the next."""
_CLOSE = 15
"""Labels nearer than this, in pixels, would touch."""


def chance_curve(view: View) -> Markup:
    """Draw the chance of each call against the units, one panel per situation.

    Circle: goes on (ADVANCE or SHIP). Diamond: HOLD. Square: NO SHIP. Bars are the exact 95 %
    intervals of what was drawn; the dashed line stands at the promised units.

    Args:
        view: A plan with at least two points of a curve.
    """
    points: Sequence[View] = view["curve"]
    names = [one["situation"] for one in points[0]["chances"]]
    rows = (len(names) + 1) // 2
    height = _TOP + rows * (_PLOT[1] + _GAP)
    body: list[Markup] = []
    for place, name in enumerate(names):
        column, row = place % 2, place // 2
        left = _LEFT + column * (_WIDTH // 2)
        body += _panel(points, name, left, _TOP + row * (_PLOT[1] + _GAP))
    title = "Chance of each call against the number of units"
    key = seed("curve", *names, str(points[-1]["units"]))
    return frame(body, Picture(key, "curve", _WIDTH, height, title, _said(points)))


def _panel(points: Sequence[View], name: str, left: int, top: int) -> list[Markup]:
    found = [next(c for c in p["chances"] if c["situation"] == name) for p in points]
    width, height = _PLOT
    title = shorten(situation_text(found[0]), _TITLE)
    body = [words(left, top - 14, title, look=Look(bold=True))]
    for share in (0.0, 0.5, 1.0):
        y = top + height * (1 - share)
        body.append(_line([(left, y), (left + width, y)], "line", 1))
        body.append(words(left - 8, y + 4, f"{100 * share:.0f} %", anchor="end", look=MUTE))
    for place, point in enumerate(points):
        x = _x(place, points, left)
        units = max(point["units"].values())
        body.append(words(x, top + height + 18, whole(units), anchor="middle", look=MUTE))
        if point["factor"] == 1.0:
            body.append(upright(x, top, top + height, requirement=True))
    taken: list[float] = []
    for call, word, tone in _CALLS:
        places = [
            (_x(i, points, left), top + height * (1 - one[call]["value"]))
            for i, one in enumerate(found)
        ]
        body.append(_line(places, tone, 2))
        for (x, y), one in zip(places, found, strict=True):
            low, high = (top + height * (1 - one[call][end]) for end in ("low", "high"))
            body.append(_line([(x, low), (x, high)], tone, 1))
            body.append(_mark(call, x, y, tone))
        label = _free(places[-1][1], taken)
        taken.append(label)
        body.append(words(left + width + 10, label + 4, word, look=Look(tone, bold=True)))
    return body


def _x(place: int, points: Sequence[View], left: int) -> float:
    return left + 24 + (_PLOT[0] - 48) * place / max(len(points) - 1, 1)


def _free(wanted: float, taken: Sequence[float]) -> float:
    """The nearest height below or above at which a label touches no other."""
    for step in range(20):
        for height in (wanted - step * 5, wanted + step * 5):
            if all(abs(height - other) >= _CLOSE for other in taken):
                return height
    return wanted


def _line(places: Sequence[tuple[float, float]], tone: str, width: int) -> Markup:
    path = "L".join(f"{tenth(x)} {tenth(y)}" for x, y in places)
    return Markup('<path d="M{}" fill="none" stroke="{}" stroke-width="{}"/>').format(
        path, paint(tone), width
    )


def _mark(call: str, x: float, y: float, tone: str) -> Markup:
    if call == "go":
        return Markup('<circle cx="{}" cy="{}" r="4.5" fill="{}"/>').format(
            tenth(x), tenth(y), paint(tone)
        )
    shape = "h8v8h-8z" if call == "refuse" else "l5 5-5 5-5-5z"
    start = (x - 4, y - 4) if call == "refuse" else (x, y - 5)
    return Markup('<path d="M{} {}{}" fill="{}"/>').format(
        tenth(start[0]), tenth(start[1]), shape, paint(tone)
    )


def _said(points: Sequence[View]) -> str:
    last, first = points[-1], points[0]
    parts = []
    for small, large in zip(first["chances"], last["chances"], strict=True):
        call = "go" if small["situation"] in ("gain", "no_change") else "refuse"
        word = "goes on" if call == "go" else "is refused"
        parts.append(
            f"{situation_text(small)} {word} in {small[call]['value']:.0%} of releases at "
            f"{whole(max(first['units'].values()))} units and in {large[call]['value']:.0%} at "
            f"{whole(max(last['units'].values()))}"
        )
    return f"{'; '.join(parts)}."
