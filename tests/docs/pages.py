"""Pages: the Markdown which people read, cut into its blocks."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
GENERATED = ("cli.md", "metrics.md", "words.md", "faults.md", "mission.md", "world-parameters.md")
"""Pages which scripts/docs writes."""

_FENCE = re.compile(r"^```(\S*)[ ]?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One fenced block."""

    language: str
    title: str
    """Name of the file it is, or nothing."""
    text: str


def guides() -> list[Path]:
    """Pages that people wrote for people, README first."""
    written = [path for path in sorted(DOCS.glob("**/*.md")) if path.name not in GENERATED]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *written]


def every_page() -> list[Path]:
    """Those, and the generated ones, the decision records and the examples."""
    others = [*(DOCS / name for name in GENERATED), *sorted((ROOT / "design").glob("*.md"))]
    return [*guides(), *others, *sorted((ROOT / "examples").glob("*/README.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    for language, rest, text in _FENCE.findall(page.read_text(encoding="utf-8")):
        named = re.search(r"title=(\S+)", rest)
        yield Block(language, named[1] if named else "", text)


def prose(page: Path) -> str:
    """A page without its code."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]+`", "``", text)


def name(page: Path) -> str:
    """What a page is called in a message."""
    return page.relative_to(ROOT).as_posix()
