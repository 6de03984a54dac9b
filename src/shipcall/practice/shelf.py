"""Shelf: the cases that come along, each a folder with its case file and its contract."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from pydantic import ValidationError

from shipcall.core import UsageError
from shipcall.practice.language import Case

CASE, CONTRACT = "case.toml", "contract.toml"


def slugs() -> list[str]:
    """List the names of all cases, in the order of their ids."""
    found = [entry.name for entry in _shelf().iterdir() if (entry / CASE).is_file()]
    return sorted(found, key=lambda slug: load_case(slug).id)


@lru_cache(maxsize=64)
def load_case(name: str) -> Case:
    """Load a case by its slug or its id.

    Raises:
        UsageError: If there is none of this name, or its file is wrong.
    """
    entries = {entry.name: entry for entry in _shelf().iterdir() if (entry / CASE).is_file()}
    by_id = (slug for slug, entry in entries.items() if _id(entry) == name.upper())
    slug = name if name in entries else next(by_id, None)
    if slug is None:
        raise UsageError(f"no case {name!r}. There are: {', '.join(sorted(entries))}.")
    return read_case((entries[slug] / CASE).read_text(encoding="utf-8"), name=slug)


def shelf() -> dict[str, Case]:
    """Give the cases that come along by their ids."""
    cases = (load_case(slug) for slug in slugs())
    return {case.id: case for case in cases}


def read_case(text: str, *, name: str) -> Case:
    """Read a case file.

    Raises:
        UsageError: With everything that is wrong with it.
    """
    try:
        return Case.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        raise UsageError(f"{name}/{CASE} is no TOML: {wrong}") from wrong
    except ValidationError as wrong:
        told = "\n".join(
            f"  {'.'.join(str(part) for part in fault['loc']) or 'case'}: {fault['msg']}"
            for fault in wrong.errors()
        )
        raise UsageError(f"{name}/{CASE} is no case:\n{told}") from wrong


def contract_text(case: Case) -> str | None:
    """Give the contract that comes with a case; None: it has none."""
    file = _shelf() / case.slug / CONTRACT
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _id(entry: Traversable) -> str:
    told = tomllib.loads((entry / CASE).read_text(encoding="utf-8"))
    return str(told.get("id", ""))


def _shelf() -> Traversable:
    return files("shipcall.practice") / "cases"
