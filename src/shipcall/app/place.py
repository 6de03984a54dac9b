"""Place: the folder that is a workspace, found without opening what it holds.

Apart from `workspace`, because a ledger brings a database and keys, and practice needs neither.
"""

from pathlib import Path

FOLDER = ".shipcall"


def root_of(place: Path) -> Path:
    """Find the workspace of a contract file or folder: the nearest .shipcall, else its folder."""
    folder = (place if place.is_dir() else place.parent).resolve()
    return next((one for one in (folder, *folder.parents) if (one / FOLDER).is_dir()), folder)


def begin(root: Path) -> None:
    """Make a folder a workspace, unless it lies in one: then a seal below it is found from it."""
    make(root_of(root) / FOLDER)


def make(folder: Path) -> None:
    """Make the folder of a workspace, unless it is there; git leaves it alone."""
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
