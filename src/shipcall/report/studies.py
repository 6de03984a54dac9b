"""Studies: the answer, the open questions and the tables of a study, as text."""

from collections.abc import Sequence
from typing import NamedTuple

from shipcall.report.screen import Screen
from shipcall.report.table import Cell, Column, fitted
from shipcall.report.words import View, interval_text, measure, significant, whole

_LEAST, _WORDS = 16, 40
"""Widths down to which the first column, and another column of text, may shrink."""
_DIGITS = 6
"""Of a number without a unit: thresholds that differ have to look different."""
_REASONS = 5
"""Most reasons below a table."""


class StudyTable(NamedTuple):
    """A table of a study as text."""

    title: str
    titles: tuple[str, ...]
    rows: list[list[str]]
    absent: list[str]
    """Why some cells have no number, each reason once."""


def study_tables(view: View) -> list[StudyTable]:
    """Write the tables of a study, every estimate with its interval.

    Columns in which no row says anything are left out.

    Args:
        view: A study.
    """
    return [_table(table) for table in view["tables"]]


def draw(view: View, screen: Screen) -> list[str]:
    """Write a study as lines; the answer stands last, and what has to be said before it."""
    lines = screen.head(screen.joined([f"study {view['study']}", view["title"]]))
    for table in study_tables(view):
        lines += ["", *screen.head(table.title), *_drawn(table, screen)]
        lines += [line for why in table.absent for line in screen.wrap(why)]
    if view["stated"]:
        lines += ["", *screen.head("Stated, not measured"), *screen.bullets(view["stated"])]
    lines += ["", *screen.bullets(view["notes"])] if view["notes"] else []
    if view["questions"]:
        lines += ["", *screen.head("Open", "open"), *screen.bullets(view["questions"])]
    return [*lines, screen.rule(), *screen.wrap(view["sentence"])]


def draw_list(view: View, screen: Screen) -> list[str]:
    """Write which studies there are, what each has to be told, and what it can read here."""
    lines: list[str] = []
    for one in view["studies"]:
        lines += screen.head(screen.joined([f"shipcall study {one['study']}", one["title"]]))
        lines += screen.wrap(one["answers"])
        lines += screen.wrap(f"Say first: {one['asks']}", indent=2)
        reads = f"Reads {one['reads']}."
        lines += [*screen.wrap(reads + _here(one), indent=2), ""]
    return lines[:-1]


def _here(one: View) -> str:
    """Which contracts or tables of the workspace a study can read."""
    kind = "contract" if one["contract"] else "table"
    said = f" Here: {', '.join(one['files'])}." if one["files"] else f" Here: no {kind} fits."
    return said if one["contract"] else f" Needs no contract.{said}"


def cell_text(cell: View | float | str | None, column: View) -> str:
    """Write one cell: a number with its interval, a count, a text, or nothing.

    Numbers stand without their unit: it is in the title of their column.

    Args:
        cell: As in the view.
        column: Says the unit, and whether it is a difference.
    """
    if cell is None or isinstance(cell, str):
        return cell or ""
    if isinstance(cell, int | float):
        return _bare(float(cell), column["unit"])
    if "reason" in cell:
        return "no data"
    if cell["census"]:
        return _bare(cell["value"], column["unit"])
    estimand = "difference" if column["difference"] else "candidate"
    row = {"unit": column["unit"], "estimand": estimand, "estimate": cell}
    return f"{measure(row).bare(cell['value'])} {interval_text(row)}"


def _bare(number: float, unit: str) -> str:
    if unit == "share":
        return significant(100 * number)
    if abs(number) >= 1000 and (unit or number == int(number)):
        return whole(number)
    return significant(number, 3 if unit else _DIGITS)


def _title(column: View) -> str:
    """Title of a column with the unit of its numbers."""
    unit = column["unit"]
    if unit == "share":
        unit = "pp" if column["difference"] else "%"
    return f"{column['title']}, {unit}" if unit else str(column["title"])


def _table(table: View) -> StudyTable:
    shown = [c for c in table["columns"] if any(_says(row.get(c["name"])) for row in table["rows"])]
    rows = [[cell_text(row.get(c["name"]), c) for c in shown] for row in table["rows"]]
    return StudyTable(table["title"], tuple(map(_title, shown)), rows, _absent(table))


def _absent(table: View) -> list[str]:
    """Why cells have no number: each reason once, with the columns that it is about."""
    reasons: dict[str, list[str]] = {}
    for column in table["columns"]:
        for row in table["rows"]:
            cell = row.get(column["name"])
            if _is_absent(cell) and column["title"] not in reasons.setdefault(_why(cell), []):
                reasons[_why(cell)].append(column["title"])
    return [f"{', '.join(titles)}: {why}" for why, titles in reasons.items()][:_REASONS]


def _says(cell: View | float | str | None) -> bool:
    return cell is not None and cell != "" and not _is_absent(cell)


def _is_absent(cell: View | float | str | None) -> bool:
    return isinstance(cell, dict) and "reason" in cell


def _why(cell: View) -> str:
    reason = cell["reason"]
    return f"no data. {reason['sentence']} {cell['detail']}. {reason['next_step']}"


def _drawn(table: StudyTable, screen: Screen) -> list[str]:
    """Write a table in as many blocks as it takes; every block begins with the first column."""
    if not table.rows:
        return ["nothing to show"]
    lines: list[str] = []
    places = list(range(1, len(table.titles)))
    while places:
        taken = len(places)
        while taken > 1 and _block(table, places[:taken], screen) is None:
            taken -= 1
        block = _block(table, places[:taken], screen) or _stacked(table, places[:taken], screen)
        lines += [*([""] if lines else []), *block]
        places = places[taken:]
    return lines


def _block(table: StudyTable, places: Sequence[int], screen: Screen) -> list[str] | None:
    """Some columns beside the first one; None where they do not fit."""
    columns = [Column(table.titles[0], right=_numeric(table, 0), least=_LEAST, whole=True)]
    for i in places:
        number = _numeric(table, i)
        columns.append(Column(table.titles[i], right=number, least=0 if number else _WORDS))
    rows = [[Cell(row[i]) for i in (0, *places)] for row in table.rows]
    blocks = fitted(columns, rows, screen.width, screen.painter)
    return None if blocks is None else [line for block in blocks for line in block]


def _numeric(table: StudyTable, place: int) -> bool:
    """Do most cells of a column begin like a number?"""
    texts = [row[place] for row in table.rows if row[place]]
    return 2 * sum(text.lstrip("+\u2212")[:1].isdigit() for text in texts) > len(texts)


def _stacked(table: StudyTable, places: Sequence[int], screen: Screen) -> list[str]:
    """Every row on lines of its own, where not even two columns fit beside each other."""
    lines: list[str] = []
    for row in table.rows:
        said = "; ".join(f"{table.titles[i]} {row[i]}" for i in places if row[i])
        lines += [*screen.wrap(f"{table.titles[0]} {row[0]}"), *screen.wrap(said, indent=2)]
    return lines
