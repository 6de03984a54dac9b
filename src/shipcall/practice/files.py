"""Files: a play as a workspace: the contract and the evidence of work, and nothing of the truth."""

from pathlib import Path

from shipcall.contract.parse import contract_text as read_text
from shipcall.contract.parse import parse_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import UsageError
from shipcall.practice.panels import PANELS
from shipcall.practice.play import Play
from shipcall.practice.shelf import CONTRACT, contract_text
from shipcall.world.tables import asked
from shipcall.world.truth import World
from shipcall.world.write import write_columns, write_tables

EVIDENCE = "evidence"


def write_contract(play: Play, folder: Path, text: str | None = None) -> Path | None:
    """Write the contract of a play into a folder, which becomes a workspace.

    Args:
        play: The play.
        folder: Made if it is not there.
        text: Another contract than the one of the case.

    Returns:
        Path of the contract; None where the case has none.

    Raises:
        UsageError: If there is a contract already.
    """
    written = text if text is not None else contract_text(play.case)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / CONTRACT
    if path.exists():
        raise UsageError(f"{path} is there already. Open the case in an empty folder.")
    (folder / ".shipcall").mkdir(exist_ok=True)
    (folder / ".shipcall" / ".gitignore").write_text("*\n", encoding="utf-8")
    if written is None:
        return None
    path.write_text(written, encoding="utf-8")
    return path


def write_evidence(play: Play, folder: Path) -> dict[str, int]:
    """Write the evidence of a play beside its contract; the rows are those the panels count.

    Returns:
        Table -> rows in its file.
    """
    made = folder / EVIDENCE
    made.mkdir(parents=True, exist_ok=True)
    world = _as_served(play, folder)
    rows = write_tables(world, made) if asked(world) else {}
    for kind in dict.fromkeys(panel.kind for panel in play.case.panel):
        files = getattr(PANELS[kind], "files", None)
        panels = [(one, play.seen[one.name]) for one in play.case.panel if one.kind == kind]
        for name, columns in (files(panels, play.setting) if files else {}).items():
            rows[name] = write_columns(name, columns, made)
    return rows


def write_files(play: Play, folder: Path, contract: str | None = None) -> Path | None:
    """Write contract and evidence; see `write_contract`."""
    path = write_contract(play, folder, contract)
    write_evidence(play, folder)
    return path


def _as_served(play: Play, folder: Path) -> World:
    """The world of the play with the digest of the contract in every exposure."""
    world, path = play.setting.drawn, folder / CONTRACT
    if world.rollout is None or not path.exists():
        return world
    digest = contract_digest(parse_contract(read_text(path), file=path.name))
    served = world.rollout.model_copy(update={"contract": digest})
    return world.model_copy(update={"rollout": served})
