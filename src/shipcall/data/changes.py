"""Changes: what was changed in the world while people were exposed. No verdict rests on it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from shipcall.data.cells import as_seconds, as_text
from shipcall.data.columns import match
from shipcall.data.connect import Engine
from shipcall.data.gathered import Gathered
from shipcall.data.quality import check
from shipcall.data.read import read
from shipcall.data.sources import Source, UnitColumns
from shipcall.data.views import Bound

MOST = 200
"""Changes of one span that are listed."""


class Change(NamedTuple):
    """One dated change."""

    at: datetime
    kind: str
    """As the file says: deploy, policy, prompt, …; empty where it says nothing."""
    what: str


class Changes(NamedTuple):
    """Changes within a span, oldest first."""

    listed: tuple[Change, ...]
    left: int
    """Later ones that are not listed."""


def changes_within(
    source: Source, root: Path, unit: UnitColumns, first: datetime, last: datetime
) -> Changes:
    """List what was changed in a span of time; nothing where there is no file.

    Args:
        source: Where the table `changes` lies and how its columns are named.
        root: Folder of the contract.
        unit: Column names of the contract's [unit].
        first: Begin of the span, included; changes are read to the second.
        last: End of the span, included.

    Raises:
        EvidenceError: If a file is there and is no table of changes.
    """
    gathered = Gathered({"changes": source}, root)
    files = gathered.files.get("changes")
    if not files:
        return Changes((), 0)
    engine = Engine([file.path for file in files])
    try:
        raw = read(engine, files, "raw_changes")
        bound = Bound(table=raw.table, parts=match(source, raw, unit), source=source)
        check(bound, raw, {}, engine)
        t, parts = bound.table, bound.parts
        rows = t.select(
            at=as_seconds(parts.cell(t, "at")),
            kind=as_text(parts.cell(t, "kind")).fill_null(""),
            what=as_text(parts.cell(t, "what")).fill_null(""),
        )
        rows = rows.filter(rows.at.between(int(first.timestamp()), int(last.timestamp())))
        listed = rows.order_by(["at", "kind", "what"]).limit(MOST)
        found = engine.fetch(listed, source.path).to_pylist()
        count = engine.row(rows.aggregate(n=rows.count()), source.path)["n"]
    finally:
        engine.close()
        gathered.close()
    return Changes(tuple(_change(**row) for row in found), count - len(found))


def _change(at: int, kind: str, what: str) -> Change:
    return Change(datetime.fromtimestamp(at, UTC), kind, what)
