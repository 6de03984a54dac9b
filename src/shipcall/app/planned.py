"""Planned: what was said of a contract's chances when it was sealed, and what a plan hangs on."""

from pathlib import Path
from typing import Any

from shipcall import __version__
from shipcall.app.assumptions import Assumptions
from shipcall.app.board import find
from shipcall.app.sealed_text import feasibility_sentence
from shipcall.contract.parse import contract_text, parse_contract
from shipcall.core import digest
from shipcall.data.databases import outside
from shipcall.release.history import sealed_contract
from shipcall.release.sources import sources_of

View = dict[str, Any]


def sealed_chances(root: Path, release: str) -> View | None:
    """Give the chances as they were worked out at the seal or the newest amendment.

    Returns:
        The recorded form with its sentence; None where nothing is sealed or nobody asked.
    """
    sealed = sealed_contract(find(root, release).entries, release)
    form = sealed.feasibility if sealed else None
    if sealed is None or form is None:
        return None
    at = sealed.amendments[-1]["at"] if sealed.amendments else sealed.at
    return {"at": at, "sentence": feasibility_sentence(form).strip(), **form}


def plan_key(root: Path, release: str, file: Path, assumptions: Assumptions) -> str:
    """Name everything a plan hangs on: two plans of one name say the same.

    Args:
        root: A folder of the workspace.
        release: Id of the release.
        file: Its contract.
        assumptions: What is taken beside it; without pilots.
    """
    text = contract_text(file)
    contract = parse_contract(text, file=str(file))
    seals = [entry.hash for entry in find(root, release).entries]
    tables = [
        seen
        for source in sources_of(contract).values()
        for pattern in (source.path.split(" | ") if source.arm_paths else (source.path,))
        for seen in outside(pattern, file.parent)
    ]
    return digest(
        {
            "engine": __version__,
            "text": text,
            "entries": seals,
            "tables": [[name, size, str(changed)] for name, size, changed in tables],
            "taken": assumptions.plain,
        }
    )
