"""The demo: three releases, sealed, judged and reported in a fresh workspace."""

import shutil
from importlib import resources
from pathlib import Path
from typing import Any

from shipcall.app.place import FOLDER
from shipcall.app.release import judge_release, seal_release
from shipcall.app.reveal import reveal
from shipcall.app.world import draw_world
from shipcall.app.writing import write_whole
from shipcall.core import UsageError
from shipcall.report.html import html_report

RELEASES = ("digit-reader", "tumour-screen", "support-answers")
"""The first is shown in full."""
REASONS = {"tumour-screen": "569 biopsies are all there are until spring"}
"""Why a release was sealed although its contract can hardly decide."""
WORLD, EVIDENCE = "world.toml", "evidence"


def examples() -> Path:
    """Folder of the examples: inside the installed package, else in the source tree.

    Raises:
        UsageError: If this installation came without them.
    """
    package = Path(str(resources.files("shipcall")))
    for folder in (package / "examples", package.parent.parent / "examples"):
        if folder.is_dir():
            return folder
    raise UsageError("this installation came without examples; install the wheel of shipcall.")


def demo(folder: Path) -> dict[str, Any]:
    """Make the demo workspace. Invented releases are drawn from their world anew.

    Args:
        folder: Where to. An earlier demo there is replaced; anything else is refused.

    Raises:
        UsageError: If the folder holds something that no demo made.
    """
    _prepare(folder)
    releases = []
    for name in RELEASES:
        shutil.copytree(
            examples() / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
        )
        releases.append(_release(folder / name))
    return {"kind": "demo", "folder": str(folder), "releases": releases}


def _prepare(folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder} is a file; choose another folder with --dir.")
    if folder.exists():
        known = {*RELEASES, FOLDER}
        strange = sorted(p.name for p in folder.iterdir() if p.name not in known)
        if strange:
            raise UsageError(
                f"{folder} holds {', '.join(strange[:3])}, which no demo made. Nothing was "
                "changed; choose another folder with --dir."
            )
        shutil.rmtree(folder)
    (folder / FOLDER).mkdir(parents=True)
    (folder / FOLDER / ".gitignore").write_text("*\n", encoding="utf-8")


def _release(folder: Path) -> dict[str, Any]:
    contract, world = folder / "contract.toml", folder / WORLD
    if world.exists():
        draw_world(world, folder / EVIDENCE)
    seal_release(contract, even_so=REASONS.get(folder.name))
    judged = judge_release(contract, "gate", unblind=True)
    report = folder / "report.html"
    write_whole(report, html_report(judged.view))
    return {
        "id": judged.view["release"]["id"],
        "call": judged.view["call"],
        "sentence": judged.view["sentence"],
        "contract": f"{folder.name}/{contract.name}",
        "report": str(report),
        "view": judged.view,
        "world": f"{folder.name}/{WORLD}" if world.exists() else None,
        "truth": reveal(contract, folder / EVIDENCE, judged.view["findings"])
        if world.exists()
        else [],
    }
