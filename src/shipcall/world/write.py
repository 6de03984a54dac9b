"""Write: a world as a folder of evidence files, with its truth beside them.

The folder appears whole or not at all: everything is written beside it under another name.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shipcall import __version__
from shipcall.core.canonical import canonical_bytes
from shipcall.core.errors import UsageError
from shipcall.formats import FORMATS
from shipcall.world.chance.names import ordered
from shipcall.world.faults.altered import altered
from shipcall.world.faults.catalogue import FAULTS
from shipcall.world.faults.spoils import spoiled
from shipcall.world.people.cells import Fact
from shipcall.world.tables import TABLES, TRUTHS, asked
from shipcall.world.truth import Fault, World

GROUP = 100_000
"""Rows of a row group."""
LINES = ("lineage",)
"""Tables that are written as JSON lines; the others are Parquet."""
TRUTH, SOURCE = "truth.json", "world.toml"

Progress = Callable[[int, int], None]
"""(chunks done, chunks in all)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What was written."""

    folder: Path
    rows: Mapping[str, int]
    """Table -> rows in its file."""

    @property
    def files(self) -> list[str]:
        """Names of the files, the truth and the copy of the world last."""
        return [*(file_of(table) for table in self.rows), TRUTH, SOURCE]


def file_of(table: str) -> str:
    """Name the file of a table."""
    return f"{table}.jsonl" if table in LINES else f"{table}.parquet"


def draw(
    world: World, folder: Path, *, text: str | None = None, progress: Progress | None = None
) -> Drawn:
    """Draw all tables of a world into a folder, chunk by chunk.

    The same world gives the same bytes. Memory does not grow with the rows.

    Args:
        world: What is so.
        folder: Where to. An earlier drawing there is replaced; anything else is refused.
        text: The file the world was read from, kept beside the tables; None: written anew.
        progress: Told after every chunk.

    Raises:
        UsageError: If the folder holds something else, or cannot be written.
    """
    _refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    except OSError as wrong:
        raise UsageError(f"{folder} cannot be written: {wrong.strerror}.") from wrong
    try:
        made = aside / "made"
        made.mkdir()
        rows = write_tables(altered(world), made, progress)
        (made / TRUTH).write_bytes(canonical_bytes(truth(world, rows)) + b"\n")
        (made / SOURCE).write_text(as_toml(world) if text is None else text, encoding="utf-8")
        if folder.exists():
            folder.rename(aside / "before")
        made.rename(folder)
    except OSError as wrong:
        raise UsageError(f"{folder} cannot be written: {wrong.strerror}.") from wrong
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Drawn(folder=folder, rows=rows)


def write_columns(name: str, columns: Mapping[str, Any], folder: Path) -> int:
    """Write rows that were drawn elsewhere as one evidence table.

    Args:
        name: Key of FORMATS.
        columns: Column -> values, all of one length; arrays or lists.
        folder: The folder, which is there.

    Returns:
        Rows written.
    """
    table = ordered(FORMATS[name], {key: pa.array(value) for key, value in columns.items()})
    pq.write_table(table, folder / file_of(name), compression="zstd")
    return len(table)


def truth(world: World, rows: Mapping[str, int]) -> dict[str, Any]:
    """Gather what is so: every estimand of every table, and what is wrong.

    Args:
        world: As it was written; faults of its parameters are worked in here.
        rows: Table -> rows in its file.
    """
    so = altered(world)
    facts: list[Fact] = []
    for table in rows:
        facts += TRUTHS[table](so) if table in TRUTHS else []
    return {
        "shipcall_world": world.shipcall_world,
        "name": world.name,
        "seed": world.seed,
        "drawn_by": __version__,
        "rows": dict(rows),
        "faults": [_wrong(fault) for fault in world.fault],
        "facts": facts,
    }


def as_toml(world: World) -> str:
    """Write a world as TOML: only what differs from the defaults, in the order of the sections."""
    plain = world.model_dump(exclude_defaults=True)
    head = {"shipcall_world": 1, "name": world.name, "seed": world.seed}
    return "\n".join(_section({**head, **plain}, ())) + "\n"


def _section(section: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    for key, value in section.items():
        if not _opens(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in section.items():
        path = (*place, _key(key))
        if isinstance(value, dict) and _opens(value):
            yield f"\n[{'.'.join(path)}]"
            yield from _section(value, path)
        elif _opens(value):
            for one in value:
                yield f"\n[[{'.'.join(path)}]]"
                yield from _section(one, path)


def _opens(value: Any) -> bool:
    """Does a value need a header: a section, or sections in an array?"""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, dict) and any(isinstance(v, dict) for v in value.values())


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if plain else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _wrong(fault: Fault) -> dict[str, Any]:
    kind = {k: v for k, v in asdict(FAULTS[fault.kind]).items() if k not in ("moves", "quiet")}
    return fault.model_dump() | kind


def _refuse_foreign(folder: Path) -> None:
    if folder.is_file():
        raise UsageError(f"{folder} is a file; choose another folder.")
    if not folder.exists():
        return
    known = {TRUTH, SOURCE, *(file_of(table) for table in TABLES)}
    held = {path.name for path in folder.iterdir()}
    strange = sorted(held - known if TRUTH in held else held)
    if strange:
        raise UsageError(
            f"{folder} holds {', '.join(strange[:3])}, which no drawing made. Nothing was "
            "changed; choose another folder."
        )


def write_tables(world: World, made: Path, progress: Progress | None = None) -> dict[str, int]:
    """Write the tables alone, without their truth, into a folder that is there.

    Args:
        world: As it is drawn: faults of its parameters are worked in (`altered`).
        made: The folder.
        progress: Told after every chunk.

    Returns:
        Table -> rows in its file.

    Raises:
        UsageError: If there is no table to write.
    """
    names = asked(world)
    if not names:
        raise UsageError(
            f"the world {world.name!r} has no section that a table is drawn from, so there is "
            "nothing to write; add [items], [rollout], [shadow] or [stream]."
        )
    planned = {name: TABLES[name].chunks(world) for name in names}
    done, rows = 0, {}
    for name, chunks in planned.items():
        written = _lines if name in LINES else _parquet
        rows[name] = 0
        for count in written(made / file_of(name), _drawn(world, name, chunks)):
            rows[name] += count
            done += 1
            (progress or _silent)(done, sum(planned.values()))
    return rows


def _drawn(world: World, name: str, chunks: int) -> Iterator[pa.Table]:
    for chunk in range(chunks):
        yield spoiled(world, name, chunk, TABLES[name].rows(world, chunk))


def _parquet(path: Path, drawn: Iterator[pa.Table]) -> Iterator[int]:
    first = next(drawn)
    with pq.ParquetWriter(path, first.schema, compression="zstd") as file:
        file.write_table(first, row_group_size=GROUP)
        yield len(first)
        for table in drawn:
            file.write_table(table, row_group_size=GROUP)
            yield len(table)


def _lines(path: Path, drawn: Iterator[pa.Table]) -> Iterator[int]:
    with path.open("wb") as file:
        for table in drawn:
            for row in table.to_pylist():
                file.write(canonical_bytes(_known(row)) + b"\n")
            yield len(table)


def _known(thing: Any) -> Any:
    """Leave out what is null, at every depth."""
    if isinstance(thing, dict):
        return {key: _known(value) for key, value in thing.items() if value is not None}
    return [_known(one) for one in thing] if isinstance(thing, list) else thing


def _silent(done: int, planned: int) -> None:
    del done, planned
