"""Suite: which items a table holds, by content, and who graded them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from shipcall.data.cells import as_text, as_value
from shipcall.data.connect import Engine
from shipcall.data.sources import MetricUse
from shipcall.data.views import Bound, in_use


class Suite(NamedTuple):
    """What was asked and who graded the answers: not who answered."""

    items: int
    """Different items."""
    sha256: str
    """Of the sorted names of the items, with the hash of their content and their label where the
    table has them. Order and repetition of rows do not count."""
    scorers: tuple[str, ...]
    """Different values of the column `scorer`, sorted; empty where there is none."""


def suite_of(bound: Bound, uses: Mapping[str, MetricUse], engine: Engine) -> Suite:
    """Name the items of a table, whoever answered them.

    Two tables with the same suite were asked the same: same names, same content hashes, same
    labels. Without hashes the names alone are compared.

    Args:
        bound: The table.
        uses: Metrics in use; rows of others do not count.
        engine: Where the table is.
    """
    t, parts = bound.table, bound.parts
    scores = parts.format.name == "scores"
    rows = t.filter(in_use(bound, uses, t)) if scores else t
    columns: dict[str, Any] = {"item": as_text(parts.cell(rows, "item" if scores else "unit"))}
    if parts.has("item_hash"):
        columns["hash"] = as_text(parts.cell(rows, "item_hash"))
    if not scores:
        columns["label"] = as_value(parts.cell(rows, "label"))
    seen = engine.fetch(rows.select(**columns).distinct(), bound.source.path)
    content = hashlib.sha256()
    lines = sorted(json.dumps(list(row.values())) for row in seen.to_pylist())
    for line in lines:
        content.update(f"{line}\n".encode())
    return Suite(
        items=len(set(seen.column("item").to_pylist())),
        sha256=content.hexdigest(),
        scorers=_scorers(bound, rows, engine),
    )


def _scorers(bound: Bound, rows: Any, engine: Engine) -> tuple[str, ...]:
    if not bound.parts.has("scorer"):
        return ()
    names = rows.select(scorer=as_text(bound.parts.cell(rows, "scorer")).fill_null("(none)"))
    return tuple(sorted(engine.fetch(names.distinct(), bound.source.path)["scorer"].to_pylist()))
