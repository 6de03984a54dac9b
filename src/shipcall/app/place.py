"""Place: the folder that is a workspace, found without opening what it holds.

Apart from `workspace`, because a ledger brings a database and keys, and practice needs neither.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = ".shipcall"
DEPTH = 4
"""Folders below the workspace in which contracts and tables are looked for."""


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


def files_below(folder: Path, endings: Sequence[str], depth: int = DEPTH) -> Iterator[Path]:
    """Find files by their endings, in order; links, what is hidden and what is deeper is left out.

    Args:
        folder: Where to look; one that cannot be read holds nothing.
        endings: Such as ".toml".
        depth: Folders below it that are looked into.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        return
    for path in inside:
        if path.is_symlink() or path.name.startswith("."):
            continue
        if path.is_dir():
            if depth:
                yield from files_below(path, endings, depth - 1)
        elif path.suffix in endings and path.is_file():
            yield path
