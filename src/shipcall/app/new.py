"""A new contract from a template, with a proposed mapping for a table that exists already."""

import os
import re
from functools import partial
from pathlib import Path
from typing import Any

from shipcall.app.writing import write_whole
from shipcall.contract.templates import proposed_mapping, template
from shipcall.core import UsageError
from shipcall.data.evidence import read_header
from shipcall.formats import READ, Format

NAME = "contract.toml"
MOST_SLICES = 2
"""Columns proposed for slicing."""
_KEYS = ("id", "uuid", "hash", "key", "index", "at", "date", "time", "seed", "repeat", "run")
_TEXTS = ("answer", "output", "response", "prompt", "question", "text", "input", "target", "label")
_NUMBERS = ("score", "grade", "value", "prob", "probability", "pred", "prediction", "weight")
_MEASURES = ("latency", "ms", "cost", "price", "tokens", "epoch", "trial")
NO_SLICES = frozenset((*_KEYS, *_TEXTS, *_NUMBERS, *_MEASURES))
"""Words in the name of a column that is hardly a slice."""


def new_contract(kind: str, folder: Path, source: Path | None) -> dict[str, Any]:
    """Write contract.toml into a folder.

    Args:
        kind: classifier, ranker, llm or regressor.
        folder: Where to; made if it is not there.
        source: A table of evidence whose columns are to be mapped.

    Raises:
        UsageError: If the file is there already.
        EvidenceError: If the table cannot be read.
    """
    file = folder / NAME
    if file.exists():
        raise UsageError(f"{file} is there already; nothing was written. Choose another folder.")
    text, mapping = template(kind), []
    if source is not None:
        form = _format_of(text)
        columns = read_header(source)
        proposed = proposed_mapping(columns, form.name)
        text = _with_source(text, form.name, source, folder, proposed)
        text = _with_columns(text, form, proposed, columns)
        mapping = _explained(form, proposed, columns)
    write_whole(file, text)
    return {"kind": "new", "file": str(file), "mapping": mapping}


def _format_of(text: str) -> Format:
    """The first table of the template that this version can read, else predictions."""
    named = re.findall(r"^(\w+)\s*=\s*\{\s*path", text, flags=re.MULTILINE)
    return next((READ[name] for name in named if name in READ), READ["predictions"])


def _with_source(text: str, form: str, source: Path, folder: Path, proposed: dict[str, str]) -> str:
    inner = ", ".join(f"{ours} = {_quoted(theirs)}" for ours, theirs in proposed.items())
    path = Path(os.path.relpath(source.resolve(), folder.resolve()))
    columns = f", columns = {{ {inner} }}" if inner else ""
    line = f"{form} = {{ path = {_quoted(path.as_posix())}{columns} }}"
    changed, count = re.subn(rf"(?m)^{form}\s*=.*$", lambda _: line, text, count=1)
    if count:
        return changed
    return re.sub(r"(?m)^\[evidence\].*$", lambda found: f"{found[0]}\n{line}", text, count=1)


def _with_columns(
    text: str, form: Format, proposed: dict[str, str], columns: tuple[str, ...]
) -> str:
    """Name the table's own columns in [unit] and [slices]; what it does not have is commented."""
    named = next(name for name in ("unit", "query", "item") if name in form.names)
    parts = {"id": proposed.get(named)}
    parts |= {"cluster": proposed.get("cluster"), "time": proposed.get("at")}
    for key, column in parts.items():
        line = partial(_unit_line, key, column)
        text = re.sub(rf"(?ms)(^\[unit\].*?^){key}\s+=[^\n]*", line, text, count=1)
    rest = [name for name in columns if _may_slice(name, proposed)][:MOST_SLICES]
    if rest:
        by = f"by = [{', '.join(_quoted(name) for name in rest)}]  # columns to look at one by one"
        text = re.sub(r"(?m)^by\s+=.*$", lambda _: by, text, count=1)
    nobody = 'protected = []  # such as "country=NZ": here it must be shown; no data is a HOLD'
    return re.sub(r"(?m)^protected\s+=.*$", lambda _: nobody, text, count=1)


def _may_slice(name: str, proposed: dict[str, str]) -> bool:
    """A column that its name does not show to be an id, an answer, a grade or a measurement."""
    words = set(re.split(r"[^a-z]+", name.lower()))
    return name not in proposed.values() and not words & NO_SLICES


def _unit_line(key: str, column: str | None, found: re.Match[str]) -> str:
    if column:
        return f"{found[1]}{key} = {_quoted(column)}"
    written = found[0][len(found[1]) :]
    return found[0] if key == "id" else f"{found[1]}# {written}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _explained(form: Format, proposed: dict[str, str], columns: tuple[str, ...]) -> list[str]:
    lines = [f"  {ours:<12} <- {theirs}" for ours, theirs in proposed.items()]
    absent = [name for name in form.required if name not in proposed]
    if absent:
        lines.append(f"  still to be mapped: {', '.join(absent)}")
    rest = [name for name in columns if name not in proposed.values()]
    lines.append(f"  other columns, possible slices: {', '.join(rest) or 'none'}")
    return lines
