"""Changes: what else was changed in the days of a rollout, read when somebody looks at it.

A verdict does not rest on it, so it is no part of what was recorded.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

from shipcall.contract.parse import read_contract
from shipcall.core import EvidenceError
from shipcall.data.changes import changes_within
from shipcall.release.sources import sources_of, unit_columns

View = dict[str, Any]

FORMAT = "changes"


def changes_view(file: Path, view: View) -> View | None:
    """List the changes from the first exposure of a rollout to the time of its verdict.

    Args:
        file: The contract file.
        view: A verdict.

    Returns:
        None where the contract names no table of changes or nobody was exposed; else `listed`,
        how many are `left` out, and why the table is `unreadable`, if it is.
    """
    steps = (view.get("rollout") or {}).get("steps")
    contract = read_contract(file)
    source = sources_of(contract, (FORMAT,)).get(FORMAT)
    if not steps or source is None:
        return None
    first, last = (datetime.fromisoformat(at) for at in (steps[0]["first"], view["as_of"]))
    try:
        found = changes_within(source, file.parent, unit_columns(contract), first, last)
    except EvidenceError as wrong:
        return {"listed": [], "left": 0, "unreadable": str(wrong)}
    return {
        "listed": [
            {"at": one.at.strftime("%Y-%m-%dT%H:%M:%SZ"), "kind": one.kind, "what": one.what}
            for one in found.listed
        ],
        "left": found.left,
        "unreadable": "",
    }
