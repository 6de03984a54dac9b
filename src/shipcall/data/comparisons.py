"""Comparisons: a table in which any two of several models were compared, without a contract."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from shipcall.core import EvidenceError, Fault
from shipcall.data.cells import as_text
from shipcall.data.connect import Engine
from shipcall.data.faults import Place, Trouble, fault, listed, near, refuse, shown
from shipcall.data.files import File, file_at
from shipcall.data.read import Raw, read
from shipcall.stats.sample import Floats, Ints

TIE, INVALID = "tie", "invalid"
"""What stands in `preferred` where both are as good, and where nobody gave a usable answer."""
NEEDED = ("item", "first", "second", "preferred")
FREE = ("cluster", "judge")
"""Columns that are read where they are there, under this name or another one."""


class Columns(NamedTuple):
    """How the columns that a table need not have are called in it; None: as in `FREE`."""

    cluster: str | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compared:
    """Comparisons of two models each, in the order of cluster, item, judge and places."""

    models: tuple[str, ...]
    """Every model that is named, by its number, in the order of the alphabet."""
    first: Ints
    """Number of the model that was shown first; shape (rows,)."""
    second: Ints
    won: Floats
    """1 where the first is preferred, 0.5 for a tie, 0, NaN without a usable answer."""
    item: Ints
    cluster: Ints
    """Number of what the comparison depends on together with others; the item where nothing is
    said."""
    judges: tuple[str, ...]
    """Who compared; empty where no column says so."""
    judge: Ints
    """Number of the judge; 0 where no column says so."""


def read_comparisons(path: Path, columns: Columns) -> Compared:
    """Read a table of comparisons from one CSV, Parquet or JSONL file.

    Args:
        path: The file, with `item`, `first`, `second` and `preferred`: the name of one of the
            two, `tie`, or `invalid`.
        columns: How the other columns are called.

    Raises:
        EvidenceError: If the file cannot be read as that: a column or a value is missing, a model
            meets itself, a name in `preferred` is neither of the two, one judge compared the same
            two in the same order twice on one item, or an item lies in two clusters.
    """
    file = file_at(path)
    engine = Engine([file.path])
    try:
        raw = read(engine, [file], "raw_comparisons")
        names = _named(raw, columns, file)
        faults = list(_cell_faults(raw, engine, names))
        if faults:
            raise EvidenceError(faults)
        picked = {role: as_text(raw.table[raw.names[name]]) for role, name in names.items()}
        table = engine.fetch(raw.table.select(**picked), file.name)
        if not table.num_rows:
            raise _empty(file)
        table = table.sort_by([(role, "ascending") for role in sorted(names)])
        cells = {role: np.asarray(table[role].to_pylist(), dtype=np.str_) for role in names}
        _refuse_twice(cells, names, raw, engine)
        _refuse_torn(cells, names, raw, engine)
    finally:
        engine.close()
    return _compared(cells)


def _named(raw: Raw, columns: Columns, file: File) -> dict[str, str]:
    """Role -> column of the file; a free column under its own name may be absent."""
    names = {role: role for role in NEEDED}
    for role, told in zip(FREE, columns, strict=True):
        if told is not None or role in raw.names:
            names[role] = told or role
    faults = [
        fault(
            Trouble.NO_COLUMN,
            file.name,
            seen=f"columns {listed(raw.names)}",
            expected=f"a column {shown(name)}",
            fix=_column_fix(role, name, raw),
        )
        for role, name in names.items()
        if name not in raw.names
    ]
    if faults:
        raise EvidenceError(faults)
    return names


def _column_fix(role: str, name: str, raw: Raw) -> str:
    if role in FREE:
        return f"Name the column with --{role}, or leave the option out.{near(name, raw.names)}"
    return f"Rename the column that holds it, or write it.{near(name, raw.names)}"


class _Rule(NamedTuple):
    """What may not stand in a row."""

    trouble: Trouble
    breaks: Callable[[Mapping[str, Any]], Any]
    shows: Callable[[Mapping[str, Any]], Any]
    seen: str
    expected: str
    fix: str


_RULES = (
    _Rule(
        Trouble.UNKNOWN_VALUE,
        lambda row: row["first"] == row["second"],
        lambda row: row["first"],
        "{} against itself",
        "two models in `first` and `second`",
        "Drop the row, or name the other model.",
    ),
    _Rule(
        Trouble.UNKNOWN_VALUE,
        lambda row: row["first"].isin((TIE, INVALID)) | row["second"].isin((TIE, INVALID)),
        lambda row: row["first"] + " against " + row["second"],
        "{} as names of models",
        f"names other than {TIE} and {INVALID}, which are answers",
        "Rename the model.",
    ),
    _Rule(
        Trouble.UNKNOWN_VALUE,
        lambda row: (
            (row["preferred"] != row["first"])
            & (row["preferred"] != row["second"])
            & row["preferred"].notin((TIE, INVALID))
        ),
        lambda row: row["preferred"] + " of " + row["first"] + " and " + row["second"],
        "preferred: {}",
        f"the name in `first` or in `second`, {TIE}, or {INVALID}",
        "Write the name as it stands in `first` or `second`.",
    ),
)


def _cell_faults(raw: Raw, engine: Engine, names: Mapping[str, str]) -> Iterator[Fault]:
    """The first row that breaks each rule."""

    def row(t: Any) -> dict[str, Any]:
        return {role: as_text(t[raw.names[name]]) for role, name in names.items()}

    for role, name in names.items():
        hit = raw.find(engine, lambda t, role=role: row(t)[role].isnull(), lambda _: 0)
        if hit:
            fix = (
                f"Write {INVALID} where nobody gave a usable answer."
                if role == "preferred"
                else ("Write what is missing, or drop the row.")
            )
            yield fault(
                Trouble.NULL, hit[0], seen=f"no {name}", expected="a value in every row", fix=fix
            )
    for rule in _RULES:
        hit = raw.find(
            engine,
            lambda t, rule=rule: rule.breaks(row(t)),
            lambda t, rule=rule: rule.shows(row(t)),
        )
        if hit:
            said = rule.seen.format(shown(hit[1]))
            yield fault(rule.trouble, hit[0], seen=said, expected=rule.expected, fix=rule.fix)


def _empty(file: File) -> EvidenceError:
    return refuse(
        Trouble.EMPTY,
        file.name,
        seen="a header and no row",
        expected="at least one comparison",
        fix="Write the file again.",
    )


def _refuse_twice(
    cells: Mapping[str, Any], names: Mapping[str, str], raw: Raw, engine: Engine
) -> None:
    """One judge, one item, one pair in one order: a second row cannot be told from a copy."""
    roles = [role for role in ("item", "first", "second", "judge") if role in names]
    keys = np.stack([cells[role] for role in roles], axis=1)
    unique, counts = np.unique(keys, axis=0, return_counts=True)
    if counts.max() == 1:
        return
    key = dict(zip(roles, unique[np.argmax(counts)].tolist(), strict=True))
    by = "" if "judge" in names else " If several judges compared, name their column with --judge."
    raise refuse(
        Trouble.REPEATED,
        _place(key, names, raw, engine),
        seen=", ".join(f"{names[role]} {shown(value)}" for role, value in key.items())
        + f" in {int(counts.max())} rows",
        expected="each item, pair in one order and judge once",
        fix=f"Keep one of the rows.{by}",
    )


def _refuse_torn(
    cells: Mapping[str, Any], names: Mapping[str, str], raw: Raw, engine: Engine
) -> None:
    """What is compared on one item hangs together: it cannot lie in two clusters."""
    if "cluster" not in names:
        return
    pairs = np.unique(np.stack([cells["item"], cells["cluster"]], axis=1), axis=0)
    items, counts = np.unique(pairs[:, 0], return_counts=True)
    if counts.max() == 1:
        return
    item = str(items[np.argmax(counts)])
    raise refuse(
        Trouble.MAPPING,
        _place({"item": item}, names, raw, engine),
        seen=f"item {shown(item)} in {listed(pairs[pairs[:, 0] == item, 1].tolist())}",
        expected=f"one {names['cluster']} for each item",
        fix="Mend the column, or name another one with --cluster.",
    )


def _place(
    key: Mapping[str, str], names: Mapping[str, str], raw: Raw, engine: Engine
) -> Place | str:
    def alike(t: Any) -> Any:
        same = [as_text(t[raw.names[names[role]]]) == value for role, value in key.items()]
        whole = same[0]
        for one in same[1:]:
            whole &= one
        return whole

    hit = raw.find(engine, alike, lambda _: 0)
    return hit[0] if hit else raw.files[0].name


def _compared(cells: Mapping[str, Any]) -> Compared:
    first, second, preferred = (cells[role] for role in ("first", "second", "preferred"))
    models, numbers = np.unique(np.concatenate([first, second]), return_inverse=True)
    won = np.where(preferred == first, 1.0, np.where(preferred == second, 0.0, np.nan))
    won[preferred == TIE] = 0.5
    judges, judge = np.unique(cells.get("judge", np.full(first.size, "")), return_inverse=True)
    _, item = np.unique(cells["item"], return_inverse=True)
    _, cluster = np.unique(cells.get("cluster", cells["item"]), return_inverse=True)
    return Compared(
        models=tuple(models.tolist()),
        first=numbers[: first.size].astype(np.int64),
        second=numbers[first.size :].astype(np.int64),
        won=won,
        item=item.astype(np.int64),
        cluster=cluster.astype(np.int64),
        judges=tuple(judges.tolist()) if "judge" in cells else (),
        judge=judge.astype(np.int64),
    )
