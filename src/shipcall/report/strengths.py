"""Strengths: how strong each model is, as a dot with its interval below each other."""

from markupsafe import Markup

from shipcall.report.cohort import PLAIN, said
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.words import View


def strengths_svg(view: View) -> Markup | None:
    """Draw the strengths of a study, the strongest first, with what each rank may be.

    Args:
        view: A study in plain form.

    Returns:
        None for another study, and where no strength has a value.
    """
    if view["study"] != "strengths":
        return None
    table = next(table for table in view["tables"] if table["name"] == "strengths")
    lines = [_line(row) for row in table["rows"] if not _is_absent(row["strength"])]
    if not lines:
        return None
    told = "; ".join(f"{line.name} {line.marks[0].text}, {line.note}" for line in lines)
    return intervals("strengths", "Strength in log odds", f"{table['title']}. {told}.", lines)


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
