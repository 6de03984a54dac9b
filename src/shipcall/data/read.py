"""Read: files become one relation whose columns are called c0, c1, …, whatever their names are.

Column names are data. No name from a file is ever written into a query except as a quoted
name of a Parquet column, a JSON pointer in a text constant, or not at all (CSV).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from shipcall.core import EvidenceError, Fault
from shipcall.data.connect import Engine, guarded, quoted, text
from shipcall.data.faults import Place, Trouble, fault, listed, refuse, shown
from shipcall.data.files import File, Shape, file_at
from shipcall.data.lines import csv_fault, csv_header, json_fault, line_of

_KEPT = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR")
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_NUMERIC = (*_WHOLE, "FLOAT", "DOUBLE")
_UNSIGNED = {"UTINYINT": "SMALLINT", "USMALLINT": "INTEGER", "UINTEGER": "BIGINT"}
_OBJECT_BYTES = 64 << 20

Types = Mapping[str, str]
"""Column name -> type of the engine, in the order of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """A table as its files hold it."""

    table: Any
    """Expression with the columns c0, c1, …; text files hold text only."""
    names: Mapping[str, str]
    """Column of the file -> c0, c1, …"""
    files: tuple[File, ...]
    selects: tuple[tuple[File, str], ...]
    """The query that reads one file alone, for finding a row again."""

    def find(self, engine: Engine, predicate: Any, value: Any) -> tuple[Place, object] | None:
        """Find the first row for which a predicate holds, and what stands there.

        Args:
            engine: Where the files are read.
            predicate: Function of a table expression that gives a boolean.
            value: Function of a table expression that gives what to show.
        """
        for file, select in self.selects:
            view = f"CREATE OR REPLACE TEMP VIEW one_file AS {select}"
            numbered = "CREATE OR REPLACE TEMP VIEW numbered AS SELECT *, row_number() OVER () \
AS at_row FROM one_file"
            with guarded(file.name):
                engine.run(view)
                engine.run(numbered)
                t = engine.table("numbered")
                first = t.filter(predicate(t)).order_by("at_row").limit(1)
            hits = engine.fetch(first.select(at_row="at_row", seen=value(first)), file.name)
            if hits.num_rows:
                hit = hits.to_pylist()[0]
                return _place(file, hit["at_row"]), hit["seen"]
        return None


def read_header(path: Path) -> tuple[str, ...]:
    """Read the column names of one file, in the order of the file.

    Raises:
        EvidenceError: If the file is not there or is no table.
    """
    file = file_at(path)
    engine = Engine([file.path])
    try:
        return tuple(_types(engine, file))
    finally:
        engine.close()


def read(engine: Engine, files: Sequence[File], name: str) -> Raw:
    """Read the files of one table.

    Text files are read once, as text, into the engine; Parquet files stay where they are and are
    read column by column.

    Args:
        engine: Allowed to open these files.
        files: Files of one shape, at least one.
        name: Name for the table in the engine.

    Raises:
        EvidenceError: If a file cannot be read to its end, or the files disagree.
    """
    headers = [_types(engine, file) for file in files]
    _refuse_disagreement(files, headers)
    columns = _merged(headers)
    if not columns:
        raise refuse(
            Trouble.EMPTY,
            files[0].name,
            seen="no column at all",
            expected="a table",
            fix="Write the file again; if nothing was measured, leave the file out.",
        )
    _refuse_two_arms(files, columns)
    selects = tuple(
        (file, _select([file], header, columns))
        for file, header in zip(files, headers, strict=True)
    )
    whole = _union(files, headers, columns)
    kind = "TEMP VIEW" if files[0].shape is Shape.PARQUET else "TEMP TABLE"
    try:
        engine.run(f"CREATE {kind} {quoted(name)} AS {whole}")
    except duckdb.Error as error:
        found = _first_fault(files, headers)
        if found is not None:
            raise EvidenceError([found]) from error
        with guarded(files[0].name):
            raise
    with guarded(files[0].name):
        table = engine.table(name)
    names = {column: f"c{i}" for i, column in enumerate(columns)}
    if files[0].arm is not None:
        names["arm"] = f"c{len(columns)}"
    return Raw(table=table, names=names, files=tuple(files), selects=selects)


def _place(file: File, row: int) -> Place:
    line = None if file.shape is Shape.PARQUET or file.copied else line_of(file, row)
    return Place(file.name, line, row)


def _types(engine: Engine, file: File) -> Types:
    types: Types
    if file.shape is Shape.CSV:
        names = csv_header(file)
        types = dict.fromkeys(names, "VARCHAR")
    elif file.shape is Shape.LINES:
        names = _keys(engine, file)
        types = dict.fromkeys(names, "VARCHAR")
    else:
        names, types = _parquet_types(engine, file)
    _refuse_twice(file, names)
    return types


def _parquet_types(engine: Engine, file: File) -> tuple[tuple[str, ...], Types]:
    path = text(str(file.path))
    try:
        schema = engine.run(f"SELECT name, num_children FROM parquet_schema({path})")  # noqa: S608 - quoted by text()
        described = engine.run(
            f"DESCRIBE SELECT * FROM read_parquet({path}, hive_partitioning = false)"  # noqa: S608 - quoted by text()
        )
    except duckdb.Error as error:
        raise refuse(
            Trouble.DAMAGED,
            file.name,
            seen=f"{file.path.stat().st_size:,} bytes that are no whole Parquet file",
            expected="a Parquet file",
            fix="Write or copy the file again.",
        ) from error
    types = [str(row[1]) for row in described]
    names = _top_level(schema)
    return names, dict(zip(names, types, strict=True))


def _top_level(schema: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """Names of the columns themselves, without the fields inside nested ones."""
    names, deeper = [], 0
    for name, children in schema[1:]:
        if deeper == 0:
            names.append(str(name))
        else:
            deeper -= 1
        deeper += children or 0
    return tuple(names)


def _keys(engine: Engine, file: File) -> tuple[str, ...]:
    objects = _objects([file])
    try:
        whole, *_ = engine.run(
            "SELECT coalesce(bool_and(json_type(json) = 'OBJECT' AND len(json_keys(json)) = "  # noqa: S608 - quoted by text()
            f"len(list_distinct(json_keys(json)))), true) FROM {objects}"
        )
        keys = engine.run(f"SELECT DISTINCT unnest(json_keys(json)) FROM {objects}")  # noqa: S608 - quoted by text()
    except duckdb.Error as error:
        found = json_fault(file)
        if found is not None:
            raise EvidenceError([found]) from error
        with guarded(file.name):
            raise
    if not whole[0]:
        found = json_fault(file)
        raise (
            EvidenceError([found])
            if found
            else refuse(
                Trouble.DAMAGED,
                file.name,
                seen="a line that is not one JSON object",
                expected="one JSON object on each line",
                fix="Write the file again.",
            )
        )
    return tuple(sorted(str(key) for (key,) in keys))


def _refuse_twice(file: File, names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name or names.count(name) > 1:
            raise refuse(
                Trouble.TWICE,
                Place(file.name, 1) if file.shape is Shape.CSV else file.name,
                seen=f"columns {shown(other)} and {shown(name)}",
                expected="each name once, whatever its case",
                fix="Rename or drop one of the two columns.",
            )


def _refuse_disagreement(files: Sequence[File], headers: Sequence[Types]) -> None:
    if files[0].shape is Shape.LINES:
        return
    first = set(headers[0])
    for file, header in zip(files, headers, strict=True):
        if set(header) != first:
            lacking, extra = first - set(header), set(header) - first
            raise refuse(
                Trouble.DISAGREE,
                file.name,
                seen=f"lacks {listed(sorted(lacking))}; has more: {listed(sorted(extra))}",
                expected=f"the columns of {files[0].name}",
                fix="Write all files of a table with the same columns.",
            )


def _refuse_two_arms(files: Sequence[File], columns: Types) -> None:
    """An arm by file and an arm by column could contradict each other."""
    if files[0].arm is not None and "arm" in columns:
        raise refuse(
            Trouble.MAPPING,
            files[0].name,
            seen="a column 'arm', in a file that was named for one arm",
            expected="one or the other",
            fix="Give one path for all files, or leave the column out.",
        )


def _merged(headers: Sequence[Types]) -> Types:
    """Columns of all files with the type that holds the values of each."""
    found: dict[str, set[str]] = {}
    for header in headers:
        for name, kind in header.items():
            found.setdefault(name, set()).add(_UNSIGNED.get(kind, kind))
    return {name: _widest(kinds) for name, kinds in found.items()}


def _widest(kinds: set[str]) -> str:
    if len(kinds) == 1:
        (kind,) = kinds
        if kind.startswith("DECIMAL"):
            return "DOUBLE"
        return kind if kind in _KEPT or kind.startswith(("TIMESTAMP", "DATE")) else "VARCHAR"
    if kinds <= set(_WHOLE):
        return "BIGINT"
    return "DOUBLE" if kinds <= set(_NUMERIC) else "VARCHAR"


def _union(files: Sequence[File], headers: Sequence[Types], columns: Types) -> str:
    groups: dict[tuple[str | None, tuple[tuple[str, str], ...]], list[File]] = {}
    for file, header in zip(files, headers, strict=True):
        key = () if file.shape is Shape.LINES else tuple(header.items())
        groups.setdefault((file.arm, key), []).append(file)
    return " UNION ALL ".join(
        _select(members, dict(header), columns) for (_, header), members in groups.items()
    )


def _select(files: Sequence[File], header: Types, columns: Types) -> str:
    """Write the query that reads files with one header; it gives c0, c1 and so on."""
    if files[0].shape is Shape.CSV:
        own = {name: f"f{i}" for i, name in enumerate(header)}
        sources = {name: own[name] for name in columns}
        relation = _csv(files, tuple(own.values()))
    elif files[0].shape is Shape.LINES:
        sources = {name: f"json ->> {text(_pointer(name))}" for name in columns}
        relation = _objects(files)
    else:
        sources = {name: quoted(name) for name in columns}
        relation = f"read_parquet([{_paths(files)}], hive_partitioning = false)"
    picked = ", ".join(
        f"CAST({sources[name]} AS {kind}) AS c{i}" for i, (name, kind) in enumerate(columns.items())
    )
    if files[0].arm is not None:
        picked += f", {text(files[0].arm)} AS c{len(columns)}"
    return f"SELECT {picked} FROM {relation}"  # noqa: S608 - every part is quoted


def _csv(files: Sequence[File], names: Sequence[str]) -> str:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    return (
        f"read_csv([{_paths(files)}], columns = {{{columns}}}, auto_detect = false, "
        "header = true, delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
        "null_padding = false, nullstr = '', hive_partitioning = false)"
    )


def _objects(files: Sequence[File]) -> str:
    return (
        f"read_ndjson_objects([{_paths(files)}], maximum_object_size = {_OBJECT_BYTES}, "
        "hive_partitioning = false)"
    )


def _paths(files: Sequence[File]) -> str:
    return ", ".join(text(str(file.path)) for file in files)


def _pointer(key: str) -> str:
    """JSON pointer to a key of the object itself (RFC 6901, section 3)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _first_fault(files: Sequence[File], headers: Sequence[Types]) -> Fault | None:
    for file, header in zip(files, headers, strict=True):
        if file.shape is Shape.CSV:
            found = csv_fault(file, len(header))
        elif file.shape is Shape.LINES:
            found = json_fault(file)
        else:
            found = fault(
                Trouble.DAMAGED,
                file.name,
                seen="data that cannot be decoded",
                expected="a Parquet file that can be read to its end",
                fix="Write or copy the file again.",
            )
        if found is not None:
            return found
    return None
