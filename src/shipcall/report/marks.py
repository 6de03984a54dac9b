"""Marks: what requirement, zero and interval of a finding look like on a scale."""

from markupsafe import Markup

from shipcall.report.strip import Scale, cut_ends, shows_zero
from shipcall.report.svg import MUTE, bar, dot, hatched, upright, words
from shipcall.report.words import View, mark_of, measure

_CLOSE = 34
"""Labels nearer than this, in pixels, would touch."""


def forbidden(key: str, scale: Scale, left: float, top: float, height: float) -> Markup:
    """Hatch the side of each bound on which the number must not be."""
    low, high = scale.fence_low, scale.fence_high
    parts = []
    if low is not None:
        parts.append(hatched(key, left, top, low, height))
    if high is not None:
        parts.append(hatched(key, left + high, top, scale.length - high, height))
    return Markup("").join(parts)


def landmarks(finding: View, scale: Scale, left: float, top: float, bottom: float) -> list[Markup]:
    """Thin zero and dashed requirement."""
    lines = []
    if shows_zero(finding):
        lines.append(upright(left + scale.place(0.0), top, bottom))
    fences = [fence for fence in (scale.fence_low, scale.fence_high) if fence is not None]
    lines += [upright(left + fence, top, bottom, requirement=True) for fence in fences]
    return lines


def labels(finding: View, scale: Scale, left: float, y: float) -> list[Markup]:
    """Numbers at the requirement, and a 0 at zero where it does not touch them."""
    how = measure(finding)
    places: list[float] = []
    texts = []
    for fence, bound in ((scale.fence_low, scale.low), (scale.fence_high, scale.high)):
        if fence is not None and bound is not None and _free(fence, places):
            places.append(fence)
            x = min(max(left + fence, 26), left + scale.length - 18)
            texts.append(words(x, y, how.bare(bound), anchor="middle"))
    zero = scale.place(0.0)
    if shows_zero(finding) and _free(zero, places):
        texts.append(words(left + zero, y, "0", anchor="middle", look=MUTE))
    return texts


def _free(place: float, taken: list[float]) -> bool:
    return all(abs(place - other) >= _CLOSE for other in taken)


def interval(finding: View, scale: Scale, left: float, middle: float) -> list[Markup]:
    """Thick bar with an open circle; arrows where nothing bounds it or the axis is too short.

    A count has no interval: it is a circle alone.
    """
    estimate, tone = finding["estimate"], mark_of(finding).tone
    point = dot(left + scale.place(estimate["value"]), middle, tone=tone)
    if estimate.get("census"):
        return [point]
    low, high = estimate.get("low"), estimate.get("high")
    cut_low, cut_high = cut_ends(estimate, scale.axis)
    start = left + (8 if cut_low else scale.place(low))
    stop = left + (scale.length - 8 if cut_high else scale.place(high))
    return [bar(start, stop, middle, tone=tone, arrows=(cut_low, cut_high)), point]
