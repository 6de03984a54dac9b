"""Records: the report of a release, and what one entry of the ledger holds."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shipcall.app.board import file_of, release_view
from shipcall.app.export import export_text
from shipcall.app.ledger import entry_view
from shipcall.app.release_report import release_report
from shipcall.app.sealed_text import feasibility_sentence
from shipcall.core import UsageError
from shipcall.ledger.entry import Kind
from shipcall.report.html import pieces
from shipcall.web.contracts import contract_pieces
from shipcall.web.page import Asked, View

LONGEST = 20_000
"""Characters of a part of an entry that are shown; the JSON has all of it."""
TOLD = ("call", "action", "why", "by", "block", "agreed", "text")
"""Short parts of a body that a page tells in its own way."""


def report_page(root: Path, asked: Asked) -> View:
    """Show everything that is on record about a release."""
    release = asked["release"]
    told = release_report(file_of(root, release))
    return {**told, "id": release, "page": release_view(root, release)}


def report_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall export release FILE --json` gives."""
    return release_report(file_of(root, asked["release"]))


def report_file(root: Path, asked: Asked) -> str:
    """Give the report as one file."""
    return export_text("release", file_of(root, asked["release"]), None)


def report_pieces(view: View) -> Mapping[str, Any]:
    """Draw the parts of the report."""
    return pieces(view)


def ledger_pieces(view: View) -> Mapping[str, Any]:
    """Every kind of entry, to choose from."""
    del view
    return {"kinds": [kind.value for kind in Kind]}


def entry_page(root: Path, asked: Asked) -> View:
    """Show one entry.

    Raises:
        UsageError: If the address names no number.
    """
    index = asked["index"]
    if not (index.isascii() and index.isdigit()):
        raise UsageError(f"{index!r} is no number of an entry.")
    return entry_view(root, int(index))


def entry_pieces(view: View) -> Mapping[str, Any]:
    """Lay out the body of an entry: short facts, then long parts."""
    body = view["entries"][0]["body"]
    standings = [finding["standing"] for finding in body.get("findings") or []]
    return {
        **contract_pieces(view),
        "body": body,
        "facts": [(name, _short(body[name])) for name in body if _is_short(body[name], name)],
        "tables": _tables(body.get("evidence")),
        "chances": feasibility_sentence(body.get("feasibility")).strip(),
        "parts": list(_parts(body)),
        "tally": {one: standings.count(one) for one in dict.fromkeys(standings)},
    }


def _tables(evidence: Any) -> list[dict[str, Any]]:
    """What was read, as a verdict or a look records it."""
    if isinstance(evidence, dict):
        return [{"format": name, "sha256": sha256} for name, sha256 in evidence.items()]
    return list(evidence) if isinstance(evidence, list) else []


def _is_short(thing: Any, name: str) -> bool:
    return name not in TOLD and thing is not None and not isinstance(thing, dict | list)


def _short(thing: Any) -> str:
    if isinstance(thing, bool):
        return "yes" if thing else "no"
    return str(thing)


def _parts(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, thing in body.items():
        if isinstance(thing, dict | list) and thing and name not in ("changes", "evidence"):
            text = json.dumps(thing, indent=1, sort_keys=True, ensure_ascii=False)
        elif name == "text":
            text = str(thing)
        else:
            continue
        yield {"name": name, "text": text[:LONGEST], "left": max(0, len(text) - LONGEST)}
