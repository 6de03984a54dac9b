"""Replays: what a trigger would have done at every bar, on replays of what might be so."""

from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.practice.beside import percent
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Picture,
    Point,
    across,
    column,
    curve,
    frame,
    seed,
    upright,
    words,
)
from shipcall.report.words import View

_WIDTH, _HEIGHT = 760, 268
_LEFT, _RIGHT, _TOP, _FOOT = 52, 590, 30, 216
_LINES = (("fired_false", "fired without harm", "mute"), ("missed", "missed harm", "ink"))
_CLOSE = 16


def replays_svg(points: Sequence[View], rule: View, unit: str) -> Markup:
    """Draw how often a trigger fires without harm and misses harm, against its bar.

    Args:
        points: Each with `bar`, `fired_false` and `missed` (shares, or None), by rising bar.
        rule: The person's own, with `bar`.
        unit: Of the bar.
    """
    first, last = float(points[0]["bar"]), float(points[-1]["bar"])
    span = (last - first) or 1.0

    def x(number: float) -> float:
        share = min(max((number - first) / span, 0.0), 1.0)
        return _LEFT + (_RIGHT - _LEFT) * share

    def y(share: float) -> float:
        return _FOOT - (_FOOT - _TOP) * share

    body: list[Markup] = [column(_LEFT, _TOP, _RIGHT - _LEFT, _FOOT - _TOP)]
    for share in (0.0, 0.5, 1.0):
        body.append(across(y(share), _LEFT, _RIGHT))
        body.append(words(_LEFT - 8, y(share) + 4, percent(share), anchor="end", look=MUTE))
    taken: list[float] = []
    for name, word, tone in _LINES:
        places = [Point(x(p["bar"]), y(p[name])) for p in points if p[name] is not None]
        if not places:
            continue
        body.append(curve(places, tone=tone))
        label = places[-1].y
        while any(abs(label - other) < _CLOSE for other in taken):
            label -= _CLOSE
        taken.append(label)
        body.append(words(_RIGHT + 8, label + 4, word, look=BOLD if tone == "ink" else MUTE))
    body.append(upright(x(rule["bar"]), _TOP - 6, _FOOT + 4, requirement=True))
    yours = f"your bar, {rule['bar']:.3g} {unit}"
    body.append(words(x(rule["bar"]), _TOP - 12, yours, anchor="middle", look=BOLD))
    body += [
        words(x(number), _FOOT + 20, f"{number:.3g}", anchor="middle", look=MUTE)
        for number in (first, (first + last) / 2, last)
    ]
    body.append(
        words((_LEFT + _RIGHT) / 2, _FOOT + 40, f"bar, in {unit}", anchor="middle", look=MUTE)
    )
    return frame(body, _picture(points, rule, unit))


def _picture(points: Sequence[View], rule: View, unit: str) -> Picture:
    near = min(points, key=lambda point: abs(point["bar"] - rule["bar"]))
    said = [f"{word} {percent(near[name])}" for name, word, _ in _LINES if near[name] is not None]
    desc = f"At a bar of {near['bar']:.3g} {unit}: {', '.join(said) or 'never replayed'}."
    title = "Your trigger, replayed at other bars"
    return Picture(seed("replays", desc, str(len(points))), "curve", _WIDTH, _HEIGHT, title, desc)
