"""Rollout: shares, looks and warnings of a ramp, as lines for a terminal."""

from collections.abc import Sequence

from shipcall.report.course import Rung, ladder, looks_of, mixed_text, since_text
from shipcall.report.findings import by_urgency, grouped
from shipcall.report.screen import Screen
from shipcall.report.strip import axis_of_many
from shipcall.report.table import Cell, Column, fitted
from shipcall.report.words import (
    ANSWERS,
    View,
    counted,
    interval_text,
    mark_of,
    moment,
    share_text,
    value_text,
    whole,
)

_FOLLOWED = 8
_ROWS = 12
_NAME = 30
_SINCE = 34


def situation_text(rollout: View) -> str:
    """Say where a ramp stands: share, time at it, day, attempt."""
    progress = rollout["progress"]
    if not rollout["steps"]:
        return "nobody is exposed"
    share = rollout["steps"][-1]["share"]
    said = f"{share_text(share)} served for {progress['hours']:.1f} h, day {progress['days']:.1f}"
    return f"{said}, attempt {progress['attempt']}" if progress["attempt"] > 1 else said


def rollout_lines(view: View, screen: Screen) -> list[str]:
    """Write the shares, the looks of each check, and what a plain comparison would get wrong.

    Args:
        view: A verdict with `rollout`.
        screen: Where it is written.
    """
    groups = grouped(view["findings"])
    followed = [f for f in (*groups.checks, *groups.slices) if looks_of(view, f)]
    shown = followed if screen.every_slice else by_urgency(followed, view["because"])[:_FOLLOWED]
    lines = ["", *_shares(ladder(view["rollout"], view["as_of"]), screen)]
    if shown:
        lines += ["", *_looks(view, shown, screen)]
        left = len(followed) - len(shown)
        lines += screen.wrap(f"{whole(left)} more with --slices all") if left else []
    lines += [line for text in maturing_texts(view) for line in screen.wrap(text)]
    for finding in followed:
        warning = mixed_text(view, finding)
        if warning:
            said = f"{_letter(screen)} {finding['id']}: {warning}"
            lines += [screen.paint(line, "open") for line in screen.wrap(said)]
    return lines


def maturing_texts(view: View) -> list[str]:
    """Say of each metric how many units are too young to be judged."""
    counts = view["rollout"]["maturing"].items()
    return [
        f"{counted(count, 'unit')} maturing for {metric}: {_THEIR} has not closed yet"
        for metric, count in counts
        if count
    ]


_THEIR = "the window of their epoch"


def _letter(screen: Screen) -> str:
    return "\u26a0" if screen.unicode else "!"


def _shares(rungs: Sequence[Rung], screen: Screen) -> list[str]:
    columns = [Column("share", right=True), Column(""), *_UNITS]
    attempts = len({rung.attempt for rung in rungs}) > 1
    rows = [
        [
            Cell(share_text(rung.share)),
            Cell(_state(rung, screen, attempts=attempts), "" if rung.since else "mute"),
            Cell("" if rung.baseline is None else whole(rung.baseline)),
            Cell("" if rung.candidate is None else whole(rung.candidate)),
            Cell("" if rung.hours is None else f"{rung.hours:.1f} h"),
            Cell(moment(rung.since) if rung.since else "", "mute"),
        ]
        for rung in rungs
    ]
    blocks = fitted(columns, rows, screen.width, screen.painter)
    return [line for block in blocks or [] for line in block]


_UNITS = [
    Column("baseline", right=True),
    Column("candidate", right=True),
    Column("lasted", right=True),
    Column("since", least=10),
]


def _state(rung: Rung, screen: Screen, *, attempts: bool) -> str:
    said = f"{rung.shape if screen.unicode else rung.letter} {rung.state}"
    return f"{said}, attempt {rung.attempt}" if attempts else said


def _looks(view: View, findings: Sequence[View], screen: Screen) -> list[str]:
    """One mark for each of the last looks, and since when the newest answer has stood."""
    named = max(len(finding["id"]) for finding in findings)
    name = min(max(named, 5), _NAME)
    room = max(screen.width - name - _SINCE - 4, 10)
    rows = []
    for finding in findings:
        looks = looks_of(view, finding)
        tone = mark_of(looks[-1]).tone
        shapes = "".join(_shape(look, screen) for look in looks[-room:])
        rows.append([Cell(finding["id"]), Cell(shapes, tone), Cell(since_text(looks), tone)])
    columns = [Column("looks", least=name), Column(_key(screen)), Column("", least=10)]
    blocks = fitted(columns, rows, screen.width, screen.painter)
    return [line for block in blocks or [] for line in block]


def _shape(look: View, screen: Screen) -> str:
    mark = mark_of(look)
    return mark.shape if screen.unicode else mark.letter


def _key(screen: Screen) -> str:
    return " ".join(mark.text(unicode=screen.unicode) for mark in ANSWERS.values())


def course_lines(view: View, finding: View, screen: Screen) -> list[str]:
    """Draw the looks of one check under each other, on one axis with its requirement.

    Args:
        view: A verdict with `rollout`.
        finding: The finding of the check.
        screen: Where it is written.
    """
    looks = looks_of(view, finding)
    if not looks:
        return []
    every = max(1, -(-len(looks) // _ROWS))
    some = looks[::-1][::every][::-1]
    axis = axis_of_many(some)
    rows = [
        [
            Cell(moment(look["at"])),
            Cell(share_text(look["share"])),
            Cell(value_text(look)),
            Cell(interval_text(look)),
            Cell(screen.strip(look, 25, axis), mark_of(look).tone),
            Cell(mark_of(look).text(unicode=screen.unicode), mark_of(look).tone),
        ]
        for look in some
    ]
    blocks = fitted(_COURSE, rows, screen.width, screen.painter)
    lines = [line for block in blocks or [] for line in block]
    warning = mixed_text(view, finding)
    said = screen.wrap(f"{_letter(screen)} {warning}") if warning else []
    return [*lines, *said, ""]


_COURSE = [
    Column("look", least=10),
    Column("share", right=True),
    Column("estimate", right=True, least=6),
    Column("interval", least=8),
    Column(""),
    Column("answer", least=8),
]
