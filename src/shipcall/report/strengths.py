"""Strengths: how strong each model is, and which places in the ranking are open."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from shipcall.report.cohort import PLAIN, said
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.palette import DEEPEST
from shipcall.report.svg import BOLD, MUTE, Picture, box, frame, seed, words
from shipcall.report.text import shorten
from shipcall.report.words import View, counted

_TOP, _HIGH, _WIDE, _NAME = 40, 26, 34, 26
MOST_PLACES = 40
"""Models in a picture of places; more would be too fine to read."""


def strengths_svg(view: View) -> Markup | None:
    """Draw the strengths of a study, the strongest first, with what each rank may be.

    Args:
        view: A study in plain form.

    Returns:
        None for another study, and where no strength has a value.
    """
    if view["study"] != "strengths":
        return None
    table = _table(view)
    lines = [_line(row) for row in table["rows"] if not _is_absent(row["strength"])]
    if not lines:
        return None
    told = "; ".join(f"{line.name} {line.marks[0].text}, {line.note}" for line in lines)
    return intervals("strengths", "Strength in log odds", f"{table['title']}. {told}.", lines)


def ranks_svg(view: View) -> Markup | None:
    """Draw for each model the places that are left to it; all of them hold together.

    Args:
        view: A study in plain form.

    Returns:
        None for another study, where nobody could be ranked, and for more than `MOST_PLACES`.
    """
    if view["study"] != "strengths":
        return None
    rows = [(row["model"], *_ends(row["rank"])) for row in _table(view)["rows"] if row["rank"]]
    if not rows or len(rows) > MOST_PLACES:
        return None
    title, key = "Places that are left to each model", seed("ranks", str(rows))
    names = [shorten(model, _NAME) for model, *_ in rows]
    left = 20 + 8 * max(5, *map(len, names))
    size = max(left + _WIDE * len(rows) + 4, 240), _TOP + _HIGH * len(rows) + 4
    body = [words(0, 14, title, look=BOLD), words(left - 8, _TOP - 6, "place", anchor="end")]
    body += [
        words(left + _WIDE * (place - 0.5), _TOP - 6, f"{place}", anchor="middle", look=MUTE)
        for place in range(1, len(rows) + 1)
    ]
    for line, (_, best, worst) in enumerate(rows):
        y = _TOP + _HIGH * line
        body.append(words(0, y + 17, names[line]))
        for place in range(best, worst + 1):
            x = left + _WIDE * (place - 1)
            body.append(box(x + 1, y + 1, _WIDE - 2, _HIGH - 2, "candidate", DEEPEST / 2, "line"))
            shape = "\u25cf" if best == worst else "\u25cb"
            body.append(words(x + _WIDE / 2, y + 17, shape, anchor="middle"))
    open_ = sum(best < worst for _, best, worst in rows)
    told = "; ".join(f"{model} {best} to {worst}" for model, best, worst in rows)
    said_ = f"{counted(open_, 'model')} with more than one place. {told}."
    return frame(body, Picture(key, "ranks", *size, title, said_))


def strength_rows(view: View) -> list[dict[str, Any]]:
    """Give strengths and ranks as the rows of a table with plain numbers.

    Args:
        view: A study of strengths in plain form.
    """
    return [_row(row) for row in _table(view)["rows"]]


def _row(row: View) -> dict[str, Any]:
    best, worst = _ends(row["rank"]) if row["rank"] else (None, None)
    return {
        "model": row["model"],
        "rank_best": best,
        "rank_worst": worst,
        **_numbers("strength", row["strength"]),
        **_numbers("chance", row["chance"]),
        "comparisons": row["comparisons"],
        "won": row["won"],
        "lost": row.get("lost"),
    }


def _numbers(name: str, cell: Any) -> dict[str, Any]:
    """Value, ends and why there is none; a number by agreement has no ends."""
    told = cell if isinstance(cell, dict) else {"value": cell}
    ends = {f"{name}_{end}": told.get(end) for end in ("low", "high")}
    return {name: told.get("value"), **ends, f"{name}_why_none": told.get("detail", "")}


def _table(view: View) -> View:
    found: View = next(table for table in view["tables"] if table["name"] == "strengths")
    return found


def _ends(rank: str) -> Sequence[int]:
    """Best and worst place of a rank as it is written: "3", "1 to 2"."""
    best, _, worst = rank.partition(" to ")
    return int(best), int(worst or best)


def _is_absent(cell: View | float) -> bool:
    return isinstance(cell, dict) and "reason" in cell


def _line(row: View) -> Line:
    strength, rank = row["strength"], f"rank {row['rank']}"
    if isinstance(strength, dict):
        mark = Mark(strength, said(strength, PLAIN, signed=True), tone="candidate")
    else:
        at = {"value": strength, "low": strength, "high": strength}
        mark = Mark(at, "0 by agreement", tone="baseline")
    return Line(row["model"], [mark], note=rank, landmark=0.0)
