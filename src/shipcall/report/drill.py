"""Drill: words for one estimate told whole, and its lines on a terminal."""

from collections.abc import Mapping
from typing import NamedTuple

from shipcall.report.differences import Differences, differences
from shipcall.report.text import shorten, wrapped
from shipcall.report.words import (
    View,
    counted,
    finding_sentence,
    interval_text,
    level_text,
    mark_of,
    significant,
    units_text,
    value_text,
    whole,
)

WIDTH = 100
"""Columns of a line on a terminal."""
LONG = 280
"""Characters of a text from which on it is folded."""
GROUPS: Mapping[str, str] = {
    "losses": "worst losses",
    "wins": "best wins",
    "ties": "ties",
    "lost": "lost rows",
}
"""Group of rows -> what people call it."""
TOLD: Mapping[str, str] = {
    "losses": "rows on which the candidate does worse by this number, the worst first",
    "wins": "rows on which the candidate does better by this number, the best first",
    "ties": "rows on which both models come out alike",
    "lost": "rows of which at least one model has no usable value",
}


_MOVES = {
    "losses": ("rows that lower it most", "rows that lower this number, which is best at a point"),
    "wins": ("rows that raise it most", "rows that raise this number, which is best at a point"),
}


def groups_of(finding: View) -> Mapping[str, str]:
    """Say what people call the groups of rows; a number that is best at a point has no losses."""
    if finding["better"]:
        return GROUPS
    return {**GROUPS, **{group: name for group, (name, _) in _MOVES.items()}}


def told_of(finding: View) -> Mapping[str, str]:
    """Say what is in each group of rows."""
    if finding["better"]:
        return TOLD
    return {**TOLD, **{group: said for group, (_, said) in _MOVES.items()}}


class Way(NamedTuple):
    """Another way to estimate, in words."""

    title: str
    says: str


WAYS: Mapping[str, Way] = {
    "own": Way("The method of the check", "worked out again on this one check, by itself"),
    "normal": Way("Normal law", "cluster-robust error, no correction for few clusters"),
    "student": Way("Student's t", "cluster-robust error, no correction for skewness"),
    "bootstrap": Way("Bootstrap over clusters", "clusters drawn again with replacement"),
    "lost_ignored": Way("Lost rows left out", "as if they had never been promised"),
    "lost_at_worst": Way(
        "Lost rows at their worst", "each at the end of its range that hurts most"
    ),
    "apart": Way(
        "Without clusters", "as if all rows were independent: too narrow where they are not"
    ),
}


class Answers(NamedTuple):
    """What both models said under one name, with its differences."""

    name: str
    baseline: str
    candidate: str
    marked: Differences
    long: bool

    @property
    def differ(self) -> bool:
        """Do the two texts differ?"""
        return self.baseline != self.candidate


def answers_of(row: View) -> list[Answers]:
    """Put what both models said side by side, name by name.

    Args:
        row: One example, with `baseline` and `candidate` as lists of names with texts.
    """
    first, second = texts_of(row, "baseline"), texts_of(row, "candidate")
    if not first and not second:
        first, second = _numbers(row, "_baseline"), _numbers(row, "_candidate")
    found = []
    for name in dict.fromkeys((*first, *second)):
        one, other = first.get(name, ""), second.get(name, "")
        long = max(len(one), len(other)) > LONG
        found.append(Answers(name, one, other, differences(one, other), long))
    return found


def _numbers(row: View, arm: str) -> dict[str, str]:
    """What the metric read of one model, where the files say nothing else of it."""
    values = row["values"].items()
    return {
        name.removesuffix(arm): "nothing" if value is None else significant(value, 4)
        for name, value in values
        if name.endswith(arm)
    }


def texts_of(row: View, part: str) -> dict[str, str]:
    """Name -> text of one part of an example: about, baseline or candidate."""
    return {told["name"]: told["text"] for told in row[part]}


def worth_text(row: View, finding: View) -> str:
    """Say what a row is worth: a loss, a win or nothing, with its size where it is no plain one."""
    worth = row["worth"]
    if worth is None:
        return "lost: " + (", ".join(_unusable(row)) or "no usable value")
    if worth == 0:
        return "tie"
    size = significant(abs(worth))
    if not finding["better"]:
        return f"{'raises' if worth > 0 else 'lowers'} it by {size}"
    word = "win" if worth > 0 else "loss"
    return word if size == "1" and finding["unit"] == "share" else f"{word} of {size}"


def _unusable(row: View) -> list[str]:
    arms = ("baseline", "candidate")
    gone = [a for a in arms if any(v is None for n, v in row["values"].items() if n.endswith(a))]
    return [f"no usable value of the {arm}" for arm in gone]


def drill_lines(view: View) -> list[str]:
    """Write one estimate told whole for a terminal, at most `WIDTH` columns wide where words allow.

    Args:
        view: From `drill_view`, cleaned of control characters.
    """
    finding, definition = view["finding"], view["definition"]
    lines = [*wrapped(f"{mark_of(finding).text()}  {finding_sentence(finding)}", WIDTH), ""]
    if definition["doc"]:
        lines += [*wrapped(f"{definition['title']}: {definition['doc']}", WIDTH), ""]
    wide = max(len(line["label"]) for line in view["lines"])
    for line in view["lines"]:
        first, *rest = wrapped(line["text"], WIDTH - wide - 2)
        lines += [f"{line['label']:<{wide}}  {first}", *(f"{'':<{wide}}  {more}" for more in rest)]
    if view["sensitivity"]:
        lines += ["", *sensitivity_lines(view["sensitivity"])]
    return [*lines, "", *_row_lines(view)]


def sensitivity_lines(sensitivity: View) -> list[str]:
    """Write what other ways of estimating would have said."""
    if not sensitivity["shown"]:
        return [f"Other ways of estimating: {sensitivity['why']}"]
    lines = ["Exploratory: what other ways of estimating would have said. No call rests on it."]
    for way in sensitivity["ways"]:
        said = (
            f"{value_text(way)} {interval_text(way)}"
            if way["estimate"]
            else way["absent"]["detail"]
        )
        level = level_text(way["estimate"]["level"]) if way["estimate"] else ""
        lines.append(
            f"  {WAYS[way['name']].title:<26} {said:<32} {level:<9} n {units_text(way):<9} "
            f"{mark_of(way).text()}"
        )
    return lines


def _row_lines(view: View) -> list[str]:
    rows, finding = view["rows"], view["finding"]
    if not rows["shown"]:
        return wrapped(f"Rows: none shown. {rows['why']}", WIDTH)
    counts, groups = rows["counts"], groups_of(finding)
    told = ", ".join(f"{whole(counts[group])} {name}" for group, name in groups.items())
    lines = [f"Rows: {told}.", ""]
    if not rows["rows"]:
        return [*lines, f"No row among the {groups[rows['group']]} on page {rows['page']}."]
    lines.append(
        f"{groups[rows['group']].capitalize()}, page {rows['page']} of {rows['pages']} "
        f"({counted(rows['found'], 'row')}):"
    )
    for row in rows["rows"]:
        beside = texts_of(row, "about").items()
        about = ", ".join(f"{name} {shorten(_flat(text), 40)}" for name, text in beside)
        lines.append(f"  {row['unit']}  {worth_text(row, finding)}  {shorten(about, 100)}")
        lines += [f"      {line}" for line in _said(row)]
    return lines


def _said(row: View) -> list[str]:
    lines = []
    for said in answers_of(row):
        one, other = (shorten(_flat(text or "-"), 80) for text in (said.baseline, said.candidate))
        if one == other:
            lines.append(f"{said.name}: {one} (both)")
        else:
            lines += [f"{said.name}: baseline  {one}", f"{' ' * len(said.name)}  candidate {other}"]
    return lines


def _flat(text: str) -> str:
    return " ".join(text.split())
