"""Reliability: what happened against what was said, for both models, with the rows behind it."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.svg import (
    MUTE,
    Look,
    Picture,
    Point,
    across,
    area,
    curve,
    frame,
    marker,
    seed,
    tenth,
    words,
)
from shipcall.report.words import (
    View,
    counted,
    finding_sentence,
    interval_text,
    mark_of,
    value_text,
    whole,
)

ARMS = ("baseline", "candidate")
_SIDE, _LEFT, _TOP = 380, 52, 34
_BARS = 56
_GAP = 16


def reliability_svg(view: View) -> Markup:
    """Draw how often things came true at each stated confidence, for both models.

    On the dashed diagonal a model is as sure as it should be; below it, too sure. Lines: the
    non-decreasing curve, without bins; shaded: where the whole of it lies. Points: bins, each with
    its own interval. Bars under the axis: how many rows were given such a confidence, baseline
    left and candidate right.

    Args:
        view: With `bins`, `curve`, `band` and `spread` of both models (see `app.calibration`) and
            the release.
    """
    bins = view["bins"]
    key = seed("reliability", view["release"]["id"], view["slice"], view["as_of"])
    bands = [_band(view["band"][arm], arm) for arm in ARMS if view["band"][arm]]
    curves = [_curve(view["curve"][arm], arm) for arm in ARMS if view["curve"][arm]]
    points = [point for arm in ARMS for point in _points(bins[arm], arm)]
    body = [*_ground(), *bands, *curves, *points, *_counts(view["spread"]), *_legend()]
    size = _LEFT + _SIDE + 24, _TOP + _SIDE + _GAP + _BARS + 44
    title = "Reliability: outcome against stated confidence"
    return frame(body, Picture(key, "reliability", *size, title, sentence(view)))


def sentence(view: View) -> str:
    """Say what the picture says: where each model is furthest from what it said."""
    said = []
    for arm in ARMS:
        seen = [b for b in view["bins"][arm] if b["rows"] and b["outcome"] is not None]
        if not seen:
            continue
        most = max(seen, key=lambda b: abs(b["outcome"]["value"] - b["confidence"]))
        said.append(
            f"{arm}: furthest off where it said {100 * most['confidence']:.0f} % and "
            f"{100 * most['outcome']['value']:.0f} % came true ({whole(most['rows'])} rows)"
        )
    return "; ".join(said) + "." if said else "No bin has an estimate."


def reliability_lines(view: View) -> list[str]:
    """Write the calibration of both models for a terminal.

    Args:
        view: From `app.calibration`, cleaned of control characters.
    """
    if not view["shown"]:
        return [f"Nothing is shown. {view['why']}", *_check_lines(view)]
    where = "" if view["slice"] == "all" else f" of {view['slice']}"
    lines = [f"Exploratory, {counted(view['rows'], 'row')}{where}: {view['about']}.", ""]
    for one in (*view["scores"], *view["parts"]):
        said = f"{value_text(one)} {interval_text(one)}"
        if one["estimate"] is None:
            said = f"no data: {one['absent']['detail']}"
        lines.append(f"  {one['metric_title']:<24} {one['estimand']:<11} {said}")
    lines += ["", f"  {'model':<10} {'rows':>7}  stated  came true  95 % interval"]
    for row in reliability_rows(view):
        if row["rows"]:
            happened = "no estimate" if row["outcome"] is None else f"{row['outcome']:.3f}"
            ends = "" if row["low"] is None else f"[{row['low']:.3f}, {row['high']:.3f}]"
            lines.append(
                f"  {row['model']:<10} {whole(row['rows']):>7}  {row['confidence']:.3f}  "
                f"{happened:<9}  {ends}"
            )
    return [*lines, *_check_lines(view)]


def _check_lines(view: View) -> list[str]:
    told = [f"  {mark_of(f).text()}  {finding_sentence(f)}" for f in view["checks"]]
    return ["", "Promised:", *told] if told else ["", "No check bounds calibration."]


def reliability_rows(view: View) -> list[dict[str, Any]]:
    """Write the bins of both models as the rows of a table."""
    return [
        {
            "model": arm,
            "from": one["low"],
            "to": one["high"],
            "rows": one["rows"],
            "confidence": one["confidence"],
            "outcome": one["outcome"] and one["outcome"]["value"],
            "low": one["outcome"] and one["outcome"]["low"],
            "high": one["outcome"] and one["outcome"]["high"],
        }
        for arm in ARMS
        for one in view["bins"][arm]
    ]


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _ground() -> list[Markup]:
    box = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>').format(
        _LEFT, _TOP, _SIDE, _SIDE, paint("panel")
    )
    diagonal = Markup(
        '<path d="M{} {}L{} {}" stroke="{}" stroke-width="2" stroke-dasharray="4 3"/>'
    ).format(_x(0), tenth(_y(0)), _x(1), tenth(_y(1)), paint("ink"))
    parts = [box]
    for share in (0.25, 0.5, 0.75):
        line = Markup('<path d="{}" stroke="{}" stroke-width="1"/>')
        parts.append(line.format(f"M{_x(share):g} {_TOP}V{_TOP + _SIDE}", paint("line")))
        parts.append(line.format(f"M{_LEFT} {_y(share):g}H{_LEFT + _SIDE}", paint("line")))
    parts.append(diagonal)
    for share in (0.0, 0.5, 1.0):
        text = f"{100 * share:.0f} %"
        parts.append(words(_LEFT - 8, _y(share) + 4, text, anchor="end", look=MUTE))
        foot = _TOP + _SIDE + _GAP + _BARS + 16
        parts.append(words(_x(share), foot, text, anchor="middle", look=MUTE))
    foot = _TOP + _SIDE + _GAP + _BARS + 34
    parts.append(words(_LEFT, 12, "share that came true", look=MUTE))
    label = "stated confidence; bars: rows"
    return [*parts, words(_x(0.5), foot, label, anchor="middle", look=MUTE)]


def _band(band: Sequence[View], arm: str) -> Markup:
    """Where the whole curve lies; level over a stretch."""
    most, least = (
        [Point(_x(one[side]), _y(one[end])) for one in band for side in ("low", "high")]
        for end in ("most", "least")
    )
    return area(most, least, tone=arm, faint=True)


def _curve(steps: Sequence[View], arm: str) -> Markup:
    """The non-decreasing curve; level over a stretch."""
    ends = [Point(_x(one[side]), _y(one["level"])) for one in steps for side in ("low", "high")]
    return curve(ends, tone=arm)


def curve_rows(view: View) -> list[dict[str, Any]]:
    """Write the steps of the non-decreasing curves of both models as the rows of a table."""
    return [{"model": arm, **step} for arm in ARMS for step in view["curve"][arm]]


def band_rows(view: View) -> list[dict[str, Any]]:
    """Write where the whole curve of each model lies, stretch by stretch."""
    return [{"model": arm, **stretch} for arm in ARMS for stretch in view["band"][arm]]


def _points(bins: Sequence[View], arm: str) -> list[Markup]:
    parts = []
    shift = -2.5 if arm == "baseline" else 2.5
    for one in bins:
        outcome = one["outcome"]
        if not one["rows"] or outcome is None:
            continue
        x = _x(one["confidence"]) + shift
        parts.append(
            Markup('<path d="M{} {}V{}" stroke="{}" stroke-width="2"/>').format(
                tenth(x), tenth(_y(outcome["high"])), tenth(_y(outcome["low"])), paint(arm)
            )
        )
        parts.append(marker(arm, x, _y(outcome["value"])))
    return parts


def _counts(spread: View) -> list[Markup]:
    """Bars of rows in equally wide cells: the baseline's left, the candidate's right."""
    most = max((count for arm in ARMS for count in spread[arm]), default=0) or 1
    foot = _TOP + _SIDE + _GAP + _BARS
    parts = [across(foot, _LEFT, _LEFT + _SIDE)]
    for number, arm in enumerate(ARMS):
        wide = _SIDE / max(len(spread[arm]), 1)
        for cell, count in enumerate(spread[arm]):
            if count:
                left = _LEFT + wide * cell + 1 + number * (wide / 2 - 1)
                high = max(_BARS * count / most, 1.0)
                bar = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>')
                size = tenth(wide / 2 - 1.5), tenth(high), paint(arm)
                parts.append(bar.format(tenth(left), tenth(foot - high), *size))
    return [*parts, words(_LEFT - 8, foot - _BARS + 9, whole(most), anchor="end", look=MUTE)]


def _legend() -> list[Markup]:
    parts = []
    for arm, x in (("baseline", _LEFT + 14), ("candidate", _LEFT + 100)):
        parts += [marker(arm, x, _TOP + 16), words(x + 10, _TOP + 20, arm, look=Look(bold=True))]
    return parts
