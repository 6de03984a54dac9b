"""Tracker in the terminal: a table of what plays have told so far, and how little that is."""

from collections.abc import Callable, Mapping

from shipcall.cli.practise_paper import View, bar, head, number, paper, sentences, table
from shipcall.report.screen import Screen
from shipcall.report.table import Column


def tracker_text(view: View, *, width: int, unicode: bool | None = None) -> str:
    """Write the tracker as one text.

    Args:
        view: What `practice.tracker.tracker` made, with its strings made harmless.
        width: Columns to fill, at least 60.
        unicode: May bars be drawn in blocks? None asks the terminal.
    """
    on = paper(width, unicode=unicode)
    lines: list[str] = []
    for one in view["parts"]:
        drawn = [] if one["empty"] else _DRAWN.get(one["key"], _nothing)(on, one)
        lines += [*head(on, one["title"]), *sentences(on, one["says"]), *drawn]
    return "\n".join([*lines, on.rule(), *sentences(on, [view["note"]])])


def _nothing(on: Screen, one: View) -> list[str]:
    del on, one
    return []


def _loss(on: Screen, one: View) -> list[str]:
    rows = [
        (row["at"][:10], row["title"], bar(on, row["loss_share"]), number(row["loss"]))
        for row in one["worst"]
    ]
    columns = [Column("the dearest"), Column("", least=20), Column("lost of the stake")]
    return table(on, [*columns, Column("points", right=True)], rows) if rows else []


def _rating(on: Screen, one: View) -> list[str]:
    marks = [(row["who"], f"{row['rating']:.0f}") for row in one["bots"]]
    return table(on, [Column("on the same scale"), Column("", right=True)], marks) if marks else []


def _archetypes(on: Screen, one: View) -> list[str]:
    columns = [Column("plays", right=True), Column("mean loss"), Column("good calls, 95 %")]
    lines: list[str] = []
    for title, rows in (("kind of case", one["rows"]), ("stage", one["stages"])):
        told = [
            (
                row["title"],
                str(row["plays"]),
                bar(on, row["mean"]),
                f"{row['good']['low']:.0%} to {row['good']['high']:.0%}",
                _band(row["band"]),
            )
            for row in rows
        ]
        named = [Column(title, least=20), *columns, Column("rating")]
        lines += table(on, named, told) if told else []
    return lines


def _band(band: View | None) -> str:
    if band is None:
        return "too early"
    told = f"{band['low']:.0f} to {band['high']:.0f}"
    return told if band["stands"] == "alike" else f"{told}, {band['stands']}"


def _calibration(on: Screen, one: View) -> list[str]:
    rows = [
        (
            f"{row['low']:.0%} to {row['high']:.0%}",
            str(row["claims"]),
            str(row["plays"]),
            bar(on, row["so"]) if row["shown"] else "too few",
            f"{row['so_low']:.0%} to {row['so_high']:.0%}" if row["shown"] else "",
        )
        for row in one["bins"]
    ]
    columns = [Column("said with"), Column("claims", right=True), Column("plays", right=True)]
    return table(on, [*columns, Column("was so"), Column("95 %")], rows)


_DRAWN: Mapping[str, Callable[[Screen, View], list[str]]] = {
    "loss": _loss,
    "rating": _rating,
    "archetypes": _archetypes,
    "calibration": _calibration,
}
