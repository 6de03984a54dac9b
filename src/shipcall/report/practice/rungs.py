"""Rungs: what a person and fixed players lost on the same evidence, and what panels weighed."""

from collections.abc import Sequence

from markupsafe import Markup

from shipcall.report.palette import paint
from shipcall.report.practice.beside import percent
from shipcall.report.svg import BOLD, MUTE, Look, Picture, frame, seed, tenth, upright, words
from shipcall.report.text import shorten
from shipcall.report.words import View

GRADES = (0.03, 0.08, 0.20)
"""Shares of the stake up to which a call is good, an inaccuracy, a mistake."""
_WIDTH, _ROW, _TOP = 760, 26, 34
_LEFT, _LENGTH = 270, 380
_MOST = 6.0
"""Bits at which a bar of evidence ends; 64 to 1."""


def ladder_svg(rows: Sequence[View]) -> Markup:
    """Draw the share of the stake that everybody lost, the least first.

    Args:
        rows: Each with `who`, `call`, `loss_share` and `you`.
    """
    height = _TOP + _ROW * len(rows) + 8
    most = max(0.25, *(row["loss_share"] for row in rows))
    said = "lost of the stake; lines: good to 3 %, inaccuracy to 8 %, mistake to 20 %"
    body = [words(0, 14, said, look=MUTE)]
    for share in GRADES:
        line = Markup('<path d="M{} {}V{}" stroke="{}" stroke-width="1.5"/>')
        x = tenth(_LEFT + _LENGTH * share / most)
        body.append(line.format(x, _TOP - 6, height - 8, paint("line")))
    for place, row in enumerate(rows):
        body += _rung(row, _TOP + _ROW * place, most)
    body.append(upright(_LEFT, _TOP - 4, height - 8))
    said = "; ".join(f"{row['who']} {percent(row['loss_share'])}" for row in rows)
    key = seed("ladder", said)
    title = "What everybody lost on the evidence"
    return frame(body, Picture(key, "ladder", _WIDTH, height, title, f"{said}."))


def _rung(row: View, top: float, most: float) -> list[Markup]:
    look = BOLD if row["you"] else Look()
    mark = "▶ " if row["you"] else ""
    length = _LENGTH * row["loss_share"] / most
    return [
        words(0, top + 17, mark + str(row["who"]), look=look),
        words(_LEFT - 10, top + 17, row["call"] or "no call", anchor="end", look=MUTE),
        Markup('<rect x="{}" y="{}" width="{}" height="14" fill="{}"/>').format(
            _LEFT, tenth(top + 6), tenth(max(length, 1.5)), paint("ink" if row["you"] else "mute")
        ),
        words(_LEFT + length + 8, top + 17, percent(row["loss_share"]), look=look),
    ]


def weights_svg(rows: Sequence[View]) -> Markup:
    """Draw how strongly each panel spoke for the trap (right) or for its twin (left).

    Args:
        rows: Each with `title`, `bits`, `ratio`, `opened`, `missed` and `told_by`.
    """
    zero, half = _LEFT + _LENGTH / 2, _LENGTH / 2
    height = _TOP + _ROW * len(rows) + 8
    body = [
        words(0, 14, "full: opened · open: not opened", look=MUTE),
        words(zero - 8, 14, "◀ for the twin", anchor="end", look=MUTE),
        words(zero + 8, 14, "for the trap ▶", look=MUTE),
    ]
    for place, row in enumerate(rows):
        top = _TOP + _ROW * place
        reach = half * min(abs(row["bits"]), _MOST) / _MOST
        left = zero if row["bits"] >= 0 else zero - reach
        opened = row["opened"] is not None
        name = f"{row['opened']}. {row['title']}" if opened else str(row["title"])
        said = str(row["ratio"]) + _how(row)
        body += [
            words(0, top + 17, shorten(name, 38), look=BOLD if opened else Look()),
            Markup(
                '<rect x="{}" y="{}" width="{}" height="14" fill="{}" stroke="{}" '
                'stroke-width="1.5"/>'
            ).format(
                tenth(left),
                tenth(top + 6),
                tenth(max(reach, 1)),
                paint("ink" if opened else "bg"),
                paint("ink" if opened else "mute"),
            ),
            words(_LEFT + _LENGTH + 14, top + 17, said, look=MUTE),
        ]
    body.append(upright(zero, _TOP - 4, height - 8))
    told = "; ".join(f"{row['title']} {row['ratio']}, {row['text']}" for row in rows)
    title = "What each panel said, trap to twin"
    return frame(body, Picture(seed("weights", told), "ladder", _WIDTH, height, title, f"{told}."))


def _how(row: View) -> str:
    if row["told_by"]:
        return ", held"
    return ", missed" if row["missed"] else ""


def path_svg(path: Sequence[View], titles: dict[str, str]) -> Markup:
    """Draw what who reads the panels rightly believed after each of them.

    Args:
        path: Each with `after` (a panel, or None), `trap`, `twin` and `other`.
        titles: Panel -> title.
    """
    height = _TOP + _ROW * len(path) + 8
    body = [words(_LEFT, 14, "trap · twin · something else", look=MUTE)]
    for place, step in enumerate(path):
        top = _TOP - 8 + _ROW * place
        name = "before looking" if step["after"] is None else f"after {titles[step['after']]}"
        body.append(words(0, top + 17, shorten(name, 40)))
        body += _parts(step, top)
    said = "; ".join(f"{step['after'] or 'before'}: trap {percent(step['trap'])}" for step in path)
    title = "What a sound reader believed, panel by panel"
    return frame(body, Picture(seed("path", said), "ladder", _WIDTH, height, title, f"{said}."))


def _parts(step: View, top: float) -> list[Markup]:
    pieces, x = [], float(_LEFT)
    looks = (("trap", "ink", "bg"), ("twin", "mute", "bg"), ("other", "panel", "ink"))
    for name, fill, text in looks:
        wide = (_LENGTH + 60) * step[name]
        pieces.append(
            Markup(
                '<rect x="{}" y="{}" width="{}" height="20" fill="{}" stroke="{}" '
                'stroke-width="1"/>'
            ).format(tenth(x), tenth(top + 3), tenth(wide), paint(fill), paint("bg"))
        )
        if wide > 64:
            said = f"{name} {percent(step[name])}"
            pieces.append(words(x + 6, top + 17, said, look=Look(text, bold=name == "trap")))
        x += wide
    return pieces
