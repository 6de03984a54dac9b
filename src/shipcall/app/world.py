"""Worlds as people ask for them: from a file to a folder of evidence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shipcall.world.read import parse_world, world_text
from shipcall.world.write import TRUTH, draw

View = dict[str, Any]


def draw_world(
    file: Path, folder: Path, *, progress: Callable[[int, int], None] | None = None
) -> View:
    """Draw all evidence files of a world, with their truth.

    Args:
        file: The world, a TOML file.
        folder: Where to. An earlier drawing there is replaced; anything else is refused.
        progress: Told how many chunks of how many are done.

    Raises:
        ContractError: With every fault of the file.
        UsageError: If the folder cannot be written, or holds something else.
    """
    text = world_text(file)
    world = parse_world(text, file=str(file))
    drawn = draw(world, folder, text=text, progress=progress)
    return {
        "kind": "world_drawn",
        "name": world.name,
        "seed": world.seed,
        "folder": str(folder),
        "rows": dict(drawn.rows),
        "files": drawn.files,
        "truth": str(folder / TRUTH),
    }
