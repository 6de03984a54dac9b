"""Terminal plan: what each check can see before any evidence is judged."""

from collections.abc import Sequence
from typing import TypeVar

from shipcall.report.outlook import (
    Table,
    advice,
    assumed_sentences,
    chance_table,
    curve_table,
    outlook_sentence,
    sensitivity_sentences,
)
from shipcall.report.rollout_plan import (
    rollout_sentences,
    rollout_tables,
    rollout_taken,
    rollout_verdict,
)
from shipcall.report.screen import Screen
from shipcall.report.table import Cell, Column, fitted
from shipcall.report.text import isolated
from shipcall.report.words import View, counted, level_text, measure, odds, significant, whole

_Thing = TypeVar("_Thing")
_COLUMNS = [
    Column("check", least=14, whole=True),
    Column("role"),
    Column("needs"),
    Column("units", right=True),
    Column("can see", right=True),
    Column("power", right=True),
    Column("against", least=12),
    Column("to prove", right=True),
]
PLAN_TITLES = tuple(column.title for column in _COLUMNS)
"""Titles of the columns that `cells_of` fills."""
_AGAINST = PLAN_TITLES.index("against")
_NAMED = 3
_LEGEND = "can see: smallest loss or gain it can tell with these units; to prove: units needed"
_BLIND = 0.5
"""A check with less power than this misses more often than it sees."""


def draw(view: View, screen: Screen) -> list[str]:
    """Write a plan as lines: the checks, then what is promised of the whole."""
    release = view["release"]
    name = f"{release['candidate']} against {release['baseline']}"
    head = screen.joined(["plan", name, view["stage"]])
    lines = [*screen.head(head), "", *_outlook(view, screen), *_checks(view, screen)]
    for check in view["checks"]:
        if check["why"]:
            lines += screen.wrap(f"{check['id']}: {check['why']}")
    for column, count in view["levels"].items():
        lines += screen.wrap(f"slices: {column} has {counted(count, 'level')}")
    for lint in view["lints"]:
        lines += screen.wrap(f"lint {lint['code']}: {lint['title']}. {lint['fix']}")
    lines += _rollout(view, screen)
    taken = [*assumed_sentences(view), *sensitivity_sentences(view), *rollout_taken(view)]
    lines += screen.bullets(taken)
    lines += screen.bullets(view["notes"])
    for sentence in view["promised"]["text"]:
        lines += screen.wrap(f"Promised: {sentence}")
    return [*lines, screen.rule(), *screen.wrap(verdict_of(view))]


def _outlook(view: View, screen: Screen) -> list[str]:
    """The chance of each call, at the promised units and at others, and what would help."""
    lines: list[str] = []
    for table in (chance_table(view), curve_table(view)):
        if table.rows:
            lines += [*_drawn(table, screen), ""]
    said = screen.bullets(advice(view))
    return [*lines, *said, ""] if said else lines


def _rollout(view: View, screen: Screen) -> list[str]:
    """What the rollout would find, and how it would go."""
    said = rollout_sentences(view)
    if not said:
        return []
    lines = ["", *screen.head("rollout"), *screen.bullets(said), ""]
    for table in rollout_tables(view):
        lines += [*_drawn(table, screen), ""]
    return lines


def _drawn(table: Table, screen: Screen) -> list[str]:
    last = len(table.titles) - 1
    numbers = table.titles[0] == "units"
    columns = [
        Column(title, right=0 < i < last or numbers, least=0 if 0 < i < last else 14, whole=i == 0)
        for i, title in enumerate(table.titles)
    ]
    rows = [[Cell(text) for text in row] for row in table.rows]
    blocks = fitted(columns, rows, screen.width, screen.painter)
    if blocks:
        return [line for block in blocks for line in block]
    pairs = [zip(table.titles[1:], row[1:], strict=True) for row in table.rows]
    return [
        line
        for row, facts in zip(table.rows, pairs, strict=True)
        for line in (
            *screen.wrap(row[0]),
            *screen.wrap("; ".join(f"{title} {text}" for title, text in facts), indent=2),
        )
    ]


def _checks(view: View, screen: Screen) -> list[str]:
    if not view["checks"]:
        return []
    rows = [[Cell(text) for text in cells_of(check)] for check in view["checks"]]
    columns = _without_against(_COLUMNS)
    narrow = [_without_against(row) for row in rows]
    blocks = fitted(columns, narrow, screen.width, screen.painter)
    if blocks:
        lines = [line for block in blocks for line in block]
        return [*lines, *screen.wrap(_LEGEND), *_against(view["checks"], screen)]
    stacked = []
    for cells in rows:
        facts = zip(_COLUMNS[1:], cells[1:], strict=True)
        said = "; ".join(f"{column.title} {cell.text}" for column, cell in facts)
        stacked += [*screen.wrap(cells[0].text), *screen.wrap(said, indent=2)]
    return stacked


def _without_against(things: Sequence[_Thing]) -> list[_Thing]:
    return [*things[:_AGAINST], *things[_AGAINST + 1 :]]


def _against(checks: Sequence[View], screen: Screen) -> list[str]:
    named: dict[str, list[str]] = {}
    for check in checks:
        if check.get("at"):
            named.setdefault(check["at"], []).append(check["id"])
    lines = []
    for what, ids in named.items():
        whose = ", ".join(ids) if len(ids) <= _NAMED else counted(len(ids), "check")
        lines += screen.wrap(f"power of {whose}: {what}")
    return lines


def cells_of(check: View) -> list[str]:
    """The cells of one planned check, in the order of the columns; unknown is a dash."""
    unknown = "\u2013"
    seen, power = check.get("smallest_seen"), check.get("power")
    how = measure(check)
    smallest = unknown
    if seen is not None:
        smallest = significant(seen * how.factor, 2) + how.suffix
    units, needed = check.get("units"), check.get("units_needed")
    return [
        isolated(check["id"]),
        check["role"],
        check["bar"]["text"],
        unknown if units is None else whole(units),
        smallest,
        unknown if power is None else level_text(power),
        check.get("at") or unknown,
        unknown if needed is None else whole(needed),
    ]


def verdict_of(view: View) -> str:
    """One sentence on whether the contract can decide with the units there are."""
    chance = outlook_sentence(view)
    checks = [check for check in view["checks"] if check["role"] in ("goal", "guardrail")]
    blind = [c for c in checks if c.get("power") is not None and c["power"] < _BLIND]
    unknown = [c for c in checks if c.get("power") is None and c.get("smallest_seen") is None]
    said = []
    if blind:
        names = ", ".join(c["id"] for c in blind[:5])
        said.append(
            f"{counted(len(blind), 'check')} would more often fail to pass than pass even if "
            f"nothing changed ({names}): bring the units needed, or allow more."
        )
    if unknown and not chance:
        said.append(
            f"{counted(len(unknown), 'check')} could not be planned: units or spread are not known."
        )
    if checks and not said:
        said.append(
            "Every check that has to be shown passes more often than not if nothing changed."
        )
    return " ".join(part for part in (chance, *said, rollout_verdict(view), _error(view)) if part)


def _error(view: View) -> str:
    level = view["promised"].get("alpha")
    return f"A wrong SHIP is promised at most {odds(level)}." if level else ""
