"""Pages: what the pages of a release show: what was recorded or written, never judged anew."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from shipcall.app.amendments import amendments_of
from shipcall.app.board import demand_file, file_of, find, release_view, view_of
from shipcall.app.changes import changes_view
from shipcall.app.recalled import recall
from shipcall.app.release import check_release, recorded
from shipcall.app.watch import files_state
from shipcall.contract.contract import Contract
from shipcall.contract.parse import contract_text
from shipcall.core import ContractError, UsageError, plain

View = dict[str, Any]


def stage_view(root: Path, release: str, stage: str) -> View:
    """Show the newest recorded verdict of one stage; covered where a call is due first.

    Where nothing was judged yet the view says so, and whether the stage has a promise to judge.
    """
    one = find(root, release)
    file = demand_file(one)
    around = {"id": release, "page": view_of(one), "review": _to_read(one.contract, stage)}
    entry = one.verdicts.get(stage)
    if entry is None:
        promised = one.contract is not None and stage in one.contract.stages
        return {"kind": "unjudged", "stage": stage, "promised": promised, **around}
    recalled = recall(root, release, stage)
    beside = {"recorded": entry.at, "grown": _grown(file, stage, entry.at)}
    changes = changes_view(file, recalled.view) if recalled.judged.shown else None
    return {**recalled.view, **around, **beside, "changes": changes}


def _to_read(contract: Contract | None, stage: str) -> int:
    """Pairs that a person has to read at this stage."""
    asked = contract.shadow if contract is not None and stage == "shadow" else None
    return asked.review_sample if asked else 0


def _grown(file: Path, stage: str, recorded_at: str) -> bool:
    """Was a file of evidence written after the newest verdict was recorded?"""
    recorded_by = datetime.fromisoformat(recorded_at).timestamp() + 1
    return any(changed / 1e9 > recorded_by for _, _, changed in files_state(file, stage))


def stage_twin(root: Path, release: str, stage: str) -> View:
    """Give the facts and their envelope: the bytes of `shipcall show FILE --stage STAGE --json`."""
    return recorded(file_of(root, release), stage).json


def contract_view(root: Path, release: str) -> View:
    """Show a contract with everything that is wrong with it or could be asked of it, at its lines.

    A file that cannot be read as a contract is shown with its faults, not refused.
    """
    one = find(root, release)
    if one.file is None:
        raise UsageError(f"no contract file of {release} lies in this workspace.")
    text = contract_text(one.file)
    try:
        told: Mapping[str, Any] = check_release(one.file)
        faults: list[View] = []
    except ContractError as wrong:
        told = {"lints": [], "contract": None}
        faults = [plain(fault) for fault in wrong.faults]
    return {
        "kind": "contract",
        "id": release,
        "file": str(one.file),
        "digest": told["contract"],
        "lines": _lines(text, faults, told["lints"]),
        "faults": faults,
        "lints": list(told["lints"]),
        "history": amendments_of(one.entries, release, one.file),
        "page": release_view(root, release),
    }


def contract_twin(root: Path, release: str) -> View:
    """Give what `shipcall check FILE --json` gives."""
    return check_release(file_of(root, release))


def _lines(text: str, faults: list[View], lints: list[View]) -> list[View]:
    said: dict[int, list[View]] = {}
    for kind, told in (("fault", faults), ("lint", lints)):
        for one in told:
            said.setdefault(int(one.get("line") or 0), []).append({"kind": kind, **one})
    lines = text.splitlines()
    return [{"number": n, "text": line, "said": said.get(n, [])} for n, line in enumerate(lines, 1)]
