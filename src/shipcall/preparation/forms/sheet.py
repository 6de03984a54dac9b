"""Sheet: an answer in TOML, read to its end; every fault is named by its place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shipcall.core import UsageError

MOST = 50_000
"""Characters of a sheet; a long one has a tenth of it."""

Filled = TypeVar("Filled", bound=BaseModel)


def read_sheet(text: str, form: type[Filled], *, name: str, shows: str = "") -> Filled:
    """Read an answer.

    Args:
        text: TOML.
        form: The shape of the answer.
        name: Of the form, for messages.
        shows: Command that shows the form; empty: `shipcall practice form` and its name.

    Raises:
        UsageError: With every fault at once, each by its place in the answer.
    """
    shown = f"`{shows or f'shipcall practice form {name}'}` shows the form."
    if len(text) > MOST:
        raise UsageError(f"an answer has at most {MOST:,} characters; this one has {len(text):,}.")
    try:
        return form.model_validate(tomllib.loads(text))
    except ValidationError as wrong:
        told = "\n".join(f"  {one.path}: {one.says}" for one in faults_in(wrong))
        raise UsageError(f"the answer does not fit the form:\n{told}\n{shown}") from wrong
    except (ValueError, RecursionError) as wrong:
        raise UsageError(f"the answer is no TOML: {wrong}. {shown}") from wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One place at which an answer does not fit its form."""

    path: str
    """Counted as people count: `input.source.1.gaps`."""
    says: str


def faults(told: Mapping[str, Any], form: type[BaseModel]) -> list[Fault]:
    """Say where an answer does not fit its form; nothing: it fits.

    Args:
        told: The answer, as it would stand in TOML.
        form: The shape of the answer.
    """
    try:
        form.model_validate(told)
    except ValidationError as wrong:
        return faults_in(wrong)
    return []


def faults_in(wrong: ValidationError) -> list[Fault]:
    """Say each fault by its place, in the order in which they were found."""
    return [
        Fault(path=_place(one["loc"]), says=one["msg"].removeprefix("Value error, "))
        for one in wrong.errors()
    ]


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(_named(part) for part in parts) or "the answer"


def _named(part: int | str) -> str:
    if isinstance(part, int):
        return str(part + 1)
    return part if part.isprintable() else repr(part)
