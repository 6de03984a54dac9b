"""Shadow pictures: which pairs were seen, how far both models are apart, what readers preferred.

The baseline is a blue circle, the candidate an orange diamond; words stand beside both. Hatching
means that there is no pair, or that nobody can tell.
"""

from collections.abc import Callable, Mapping, Sequence
from math import floor, log10
from typing import Any, NamedTuple

from markupsafe import Markup

from shipcall.report.cohort import ARMS, LEGEND, SHARE, absent, said
from shipcall.report.palette import DEEPEST, paint
from shipcall.report.shadow import (
    NO_ANSWER,
    OTHERS,
    Row,
    brief,
    decisions_of,
    decisions_text,
    holes_text,
    ms_text,
    part_text,
    preferred_text,
    quantiles_of,
    review_text,
    slices_of,
)
from shipcall.report.svg import (
    BOLD,
    MUTE,
    Look,
    Picture,
    Point,
    across,
    box,
    curve,
    frame,
    hatched,
    marker,
    seed,
    tenth,
    upright,
    words,
)
from shipcall.report.text import shorten
from shipcall.report.words import View, counted, significant, whole

_STEPS = 4
NEUTRAL_DEEPEST = 0.3
"""Strongest tint of a cell that is neither better nor worse; text on it keeps its contrast."""
_NAMES, _TOP = 210, 52
_DAY, _DAY_HIGH = 86, 30
_MOST_SLICES = 15
_CELL_HIGH = 40
_GRID = 820
"""Room for the columns of the matrix."""
_WIDEST = 120
_MARKED = 3
"""Most frequent differences, which have a thick edge."""
_LEFT, _RIGHT = 44, 300
"""Ends of the axis of a picture with rows."""
_WIDTH = 470
"""A picture with rows fits a phone."""
_ROW = 40


def shadow_svgs(exhibits: Mapping[str, Any]) -> dict[str, Markup]:
    """Draw the exhibits of a shadow stage.

    Args:
        exhibits: As the shadow stage gives them, in plain form.

    Returns:
        Name -> picture; a picture of which nothing is known is not there.
    """
    drawn = {
        "coverage": coverage(exhibits.get("coverage") or {}),
        "decisions": decisions(exhibits.get("decisions") or {}),
        "latency": latency(exhibits.get("latency_ms") or {}),
        "review": review(exhibits.get("review") or {}),
    }
    return {name: picture for name, picture in drawn.items() if picture is not None}


def coverage(view: View) -> Markup | None:
    """Draw the pairs of each slice on each day of the week, the thinnest slices first."""
    rows = slices_of(view)
    if not rows:
        return None
    days, shown = view["weekdays"], rows[: _MOST_SLICES + 1]
    key = seed("coverage", str(rows))
    body = [words(0, 14, "Darker: more pairs of that slice. Hatched: none.", look=MUTE)]
    for x, title in enumerate((*days, "week")):
        body.append(words(_NAMES + _DAY * (x + 0.5), _TOP - 8, title, anchor="middle", look=MUTE))
    for y, row in enumerate(shown):
        body += _covered(key, row, _TOP + _DAY_HIGH * y)
    left = len(rows) - len(shown)
    bottom = _TOP + _DAY_HIGH * len(shown) + 4
    text = f"{counted(len(rows), 'row')}, the thinnest slices first. {holes_text(rows, days)}"
    if left:
        more = f"{counted(left, 'slice')} with more pairs {'is' if left == 1 else 'are'} not drawn."
        body.append(words(0, bottom + 14, more, look=MUTE))
        bottom, text = bottom + 22, f"{text} {more}"
    width = _NAMES + _DAY * (len(days) + 1)
    title = "Pairs of each slice by day of the week, in UTC"
    return frame(body, Picture(key, "coverage", width, bottom, title, text.strip()))


def _covered(key: str, row: Row, y: float) -> list[Markup]:
    whole_row = row.name == "all"
    most = max(row.days, default=0)
    pieces = [words(0, y + 19, shorten(row.name, 29), look=Look(bold=whole_row))]
    for place, pairs in enumerate(row.days):
        x = _NAMES + _DAY * place
        if not pairs:
            pieces += _unknown(key, x, y, _DAY, _DAY_HIGH, "none")
            continue
        depth = NEUTRAL_DEEPEST * max(1, round(_STEPS * pairs / most)) / _STEPS
        pieces.append(box(x + 1.5, y + 1.5, _DAY - 3, _DAY_HIGH - 3, "mute", depth, "line"))
        pieces.append(words(x + _DAY / 2, y + 19, brief(pairs), anchor="middle"))
    middle = _NAMES + _DAY * (len(row.days) + 0.5)
    return [*pieces, words(middle, y + 19, brief(row.pairs), anchor="middle", look=BOLD)]


def _unknown(  # noqa: PLR0913, PLR0917 - one cell
    key: str, x: float, y: float, width: float, height: float, text: str
) -> list[Markup]:
    middle = y + height / 2
    room = min(7.5 * len(text) + 8, width - 6)
    return [
        hatched(key, x + 1, y + 1, width - 2, height - 2),
        box(x + (width - room) / 2, middle - 9, room, 18, "bg", 0.85, "none"),
        words(x + width / 2, middle + 4, text, anchor="middle", look=MUTE),
    ]


class _Matrix(NamedTuple):
    """What the cells of the matrix need to know of each other."""

    key: str
    names: Sequence[str]
    pairs: int
    largest: int
    marked: frozenset[tuple[str, str]]
    wide: float


def decisions(view: View) -> Markup | None:
    """Draw how often each decision of the baseline met each of the candidate."""
    found = decisions_of(view)
    if not found.pairs:
        return None
    names = view["classes"]
    matrix = _Matrix(
        key=seed("decisions", *names, str(view["counts"])),
        names=names,
        pairs=found.pairs,
        largest=found.largest[0].pairs if found.largest else 0,
        marked=frozenset((one.baseline, one.candidate) for one in found.largest[:_MARKED]),
        wide=min(_GRID / len(names), _WIDEST),
    )
    legend = (
        "Rows: baseline. Columns: candidate. =: the same. Thick edge: most frequent difference."
    )
    body = [words(0, 14, legend, look=MUTE)]
    room = max(6, int(matrix.wide / 7))
    for x, name in enumerate(names):
        middle = _NAMES + matrix.wide * (x + 0.5)
        body.append(words(middle, _TOP - 8, shorten(name, room), anchor="middle"))
    for y, (name, row) in enumerate(zip(names, view["counts"], strict=True)):
        body.append(words(0, _TOP + _CELL_HIGH * y + 25, shorten(name, 29)))
        for x, pairs in enumerate(row):
            body += _met(matrix, (y, x), pairs)
    title = "Decisions of the baseline against those of the candidate"
    width, height = _NAMES + matrix.wide * len(names) + 2, _TOP + _CELL_HIGH * len(names) + 4
    picture = Picture(matrix.key, "decisions", round(width), height, title, decisions_text(found))
    return frame(body, picture)


def _met(matrix: _Matrix, place: tuple[int, int], pairs: int) -> list[Markup]:
    """One cell: how many pairs, and which share of all of them."""
    row, column = place
    x, y = _NAMES + matrix.wide * column, _TOP + _CELL_HIGH * row
    middle, names = x + matrix.wide / 2, matrix.names
    if row == column and names[row] in (OTHERS, NO_ANSWER):
        return _unknown(matrix.key, x, y, matrix.wide, _CELL_HIGH, f"? {brief(pairs)}")
    marked = (names[row], names[column]) in matrix.marked
    tint, depth = "panel", 1.0 if row == column else 0.0
    if row != column and pairs:
        step = max(1, round(_STEPS * pairs / matrix.largest))
        tint, depth = "candidate", DEEPEST * step / _STEPS
    edge = "ink" if marked else "line"
    cell = box(x + 1.5, y + 1.5, matrix.wide - 3, _CELL_HIGH - 3, tint, depth, edge)
    if not pairs:
        return [cell, words(middle, y + 24, "0", anchor="middle", look=MUTE)]
    number = f"= {brief(pairs)}" if row == column else brief(pairs)
    return [
        cell,
        words(middle, y + 18, number, anchor="middle", look=Look(bold=marked)),
        words(middle, y + 33, part_text(pairs, matrix.pairs), anchor="middle"),
    ]


def latency(view: View) -> Markup | None:
    """Draw the quantiles of both models as pairs of dots on one axis that begins at 0."""
    quantiles = quantiles_of(view)
    if not quantiles:
        return None
    most = _reach(max(v for arm in ARMS for v in (view.get(arm) or {}).values()))
    key = seed("latency", str(view))
    bottom = 12 + _ROW * len(quantiles)
    body = []
    for quarter in range(5):
        x = _LEFT + (_RIGHT - _LEFT) * quarter / 4
        body.append(curve([Point(x, 6), Point(x, bottom)], tone="line"))
        label = significant(most * quarter / 4) + (" ms" if quarter == 4 else "")
        body.append(words(x, bottom + 16, label, anchor="middle", look=MUTE))
    for y, name in enumerate(quantiles):
        body += _pace(view, name, 12 + _ROW * (y + 0.5), most)
    texts = (
        f"{name}: {', '.join(f'{arm} {ms_text(view, arm, name)}' for arm in ARMS)}"
        for name in quantiles
    )
    title = "Latency of both models in ms"
    text = f"{'; '.join(texts)}. {LEGEND}."
    return frame(body, Picture(key, "latency", _WIDTH, bottom + 24, title, text))


def _reach(most: float) -> float:
    """The least end of an axis that a number does not pass, whose quarters are short numbers."""
    if most <= 0:
        return 1.0
    power = 10.0 ** floor(log10(most))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if most <= step * power)


def _pace(view: View, quantile: str, y: float, most: float) -> list[Markup]:
    places = {
        arm: _LEFT + (_RIGHT - _LEFT) * view[arm][quantile] / most
        for arm in ARMS
        if quantile in (view.get(arm) or {})
    }
    pieces = [words(0, y + 4, quantile, look=BOLD)]
    if len(places) == len(ARMS):
        pieces.append(curve([Point(x, y) for x in places.values()], tone="line"))
    pieces += [marker(arm, x, y) for arm, x in places.items()]
    for side, arm in enumerate(ARMS):
        x, at = _RIGHT + 34, y - 8 + 16 * side
        pieces.append(marker(arm, x, at))
        look = Look(arm if arm in places else "mute")
        pieces.append(words(x + 10, at + 4, f"{arm} {ms_text(view, arm, quantile)}", look=look))
    return pieces


def review(view: View) -> Markup | None:
    """Draw which way preferences went, with the exact interval and the middle line."""
    share = view.get("candidate_preferred")
    if share is None or absent(share):
        return None
    key = seed("review", str(view))
    left, right = _LEFT, _WIDTH - 6

    def place(part: float) -> float:
        return left + (right - left) * part

    ends = {"baseline": view.get("baseline", 0), "candidate": view.get("candidate", 0)}
    body = [
        marker("baseline", left + 4, 10),
        words(left + 14, 14, f"baseline {whole(ends['baseline'])}", look=Look("baseline")),
        words(place(0.5), 14, f"neither {whole(view.get('same', 0))}", anchor="middle", look=MUTE),
        marker("candidate", right - 4, 10),
        words(
            right - 14,
            14,
            f"candidate {whole(ends['candidate'])}",
            anchor="end",
            look=Look("candidate"),
        ),
        *_votes(view, place),
        words(0, 68, "share", look=BOLD),
        across(64, left, right),
        upright(place(0.5), 48, 82, requirement=True),
        curve([Point(place(share[end]), 64) for end in ("low", "high")], tone="candidate"),
        marker("candidate", place(share["value"]), 64),
        words(left, 122, f"candidate {said(share, SHARE)}", look=Look("candidate", bold=True)),
        words(left, 98, "0 %: all the baseline", look=MUTE),
        words(place(0.5), 98, "50 %", anchor="middle", look=MUTE),
        words(right, 98, "100 %: all the candidate", anchor="end", look=MUTE),
    ]
    title = "Share of preferences that went to the candidate"
    text = f"{preferred_text(view)} {review_text(view)}"
    return frame(body, Picture(key, "review", _WIDTH, 130, title, text))


def _votes(view: View, place: Callable[[float], float]) -> list[Markup]:
    """Every pair that was compared, as one bar: the baseline, neither, the candidate."""
    parts = [(name, view.get(name, 0)) for name in ("baseline", "same", "candidate")]
    total, start, pieces = sum(n for _, n in parts), 0, [words(0, 36, "pairs", look=BOLD)]
    for name, n in parts:
        tone = "line" if name == "same" else name
        x, stop = place(start / total), place((start + n) / total)
        if n:
            pieces.append(_stretch(x, stop, tone))
        start += n
    return pieces


def _stretch(start: float, stop: float, tone: str) -> Markup:
    return Markup('<rect x="{}" y="24" width="{}" height="14" fill="{}"/>').format(
        tenth(start), tenth(max(stop - start - 1, 1)), paint(tone)
    )
