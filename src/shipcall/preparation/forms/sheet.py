"""Sheet: an answer in TOML, read to its end; every fault is named by its place."""

import tomllib
from typing import TypeVar

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
        told = "\n".join(f"  {_place(one['loc'])}: {one['msg']}" for one in wrong.errors())
        raise UsageError(f"the answer does not fit the form:\n{told}\n{shown}") from wrong
    except (ValueError, RecursionError) as wrong:
        raise UsageError(f"the answer is no TOML: {wrong}. {shown}") from wrong


def _place(parts: tuple[int | str, ...]) -> str:
    """Where it stands, counted as people count: `input.source.1.gaps`."""
    return ".".join(_named(part) for part in parts) or "the answer"


def _named(part: int | str) -> str:
    if isinstance(part, int):
        return str(part + 1)
    return part if part.isprintable() else repr(part)
