"""Terminal plan: what each check can see before any evidence is judged."""

from shipcall.report.screen import Screen
from shipcall.report.table import Cell, Column, fitted
from shipcall.report.text import isolated
from shipcall.report.words import View, counted, level_text, measure, odds, significant, whole

_COLUMNS = [
    Column("check", least=14, whole=True),
    Column("role"),
    Column("needs", least=15, whole=True),
    Column("units", right=True),
    Column("can see", right=True),
    Column("power", right=True),
    Column("against", least=12),
    Column("to prove", right=True),
]
PLAN_TITLES = tuple(column.title for column in _COLUMNS)
"""Titles of the columns that `cells_of` fills."""
_LEGEND = (
    "can see: smallest loss or gain it can tell with these units; power: chance that it does, "
    "against what is named; to prove: units needed"
)
_BLIND = 0.5
"""A check with less power than this misses more often than it sees."""


def draw(view: View, screen: Screen) -> list[str]:
    """Write a plan as lines: the checks, then what is promised of the whole."""
    release = view["release"]
    name = f"{release['candidate']} against {release['baseline']}"
    head = screen.joined(["plan", name, view["stage"]])
    lines = [screen.paint(head, "head"), "", *_checks(view, screen)]
    for check in view["checks"]:
        if check["why"]:
            lines += screen.wrap(f"{check['id']}: {check['why']}")
    for column, count in view["levels"].items():
        lines += screen.wrap(f"slices: {column} has {counted(count, 'level')}")
    for lint in view["lints"]:
        lines += screen.wrap(f"lint {lint['code']}: {lint['title']}. {lint['fix']}")
    lines += screen.bullets(view["notes"])
    for sentence in view["promised"]["text"]:
        lines += screen.wrap(f"Promised: {sentence}")
    return [*lines, screen.rule(), *screen.wrap(verdict_of(view))]


def _checks(view: View, screen: Screen) -> list[str]:
    rows = [[Cell(text) for text in cells_of(check)] for check in view["checks"]]
    blocks = fitted(_COLUMNS, rows, screen.width, screen.painter)
    if blocks:
        return [*(line for block in blocks for line in block), *screen.wrap(_LEGEND)]
    stacked = []
    for cells in rows:
        facts = zip(_COLUMNS[1:], cells[1:], strict=True)
        said = "; ".join(f"{column.title} {cell.text}" for column, cell in facts)
        stacked += [*screen.wrap(cells[0].text), *screen.wrap(said, indent=2)]
    return stacked


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
    checks = [check for check in view["checks"] if check["role"] in ("goal", "guardrail")]
    blind = [c for c in checks if c.get("power") is not None and c["power"] < _BLIND]
    unknown = [c for c in checks if c.get("power") is None]
    said = []
    if blind:
        names = ", ".join(c["id"] for c in blind[:5])
        said.append(
            f"{counted(len(blind), 'check')} would miss more often than see what it is there "
            f"for ({names}): bring the units needed, or promise less."
        )
    if unknown:
        said.append(
            f"{counted(len(unknown), 'check')} could not be planned: nothing is known of its power."
        )
    if not said:
        said.append("Every goal and guardrail sees what it is there for at least half of the time.")
    return " ".join([*said, _error(view)])


def _error(view: View) -> str:
    level = view["promised"].get("alpha")
    return f"A wrong SHIP is promised at most {odds(level)}." if level else ""
