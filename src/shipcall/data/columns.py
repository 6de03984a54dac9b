"""Columns: which column of the files plays which part, after the contract's mapping."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis

from shipcall.core import EvidenceError, Fault
from shipcall.data.faults import Trouble, fault, listed, near, shown
from shipcall.data.read import Raw
from shipcall.data.sources import ARMS, Source, UnitColumns
from shipcall.formats import FORMATS, Format

_OWN_COLUMN = (*ARMS, "label")
"""Columns of a format that may not be read from one and the same column of the files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Where the value of each column of the format comes from."""

    format: Format
    columns: Mapping[str, str]
    """Column of the format (or baseline_0, …) -> column of the relation (c0, c1, …)."""
    files: Mapping[str, str]
    """Column of the format -> its name in the files, for messages."""
    constants: Mapping[str, str]
    classes: int
    """Probabilities per answer where they come one per class, else 0."""
    wide: bool
    """Scores with one column per arm."""
    slices: Mapping[str, str]
    """Slice column -> column of the relation."""

    def has(self, name: str) -> bool:
        """Is there a value for this column of the format?"""
        return name in self.columns or name in self.constants

    def cell(self, t: Any, name: str) -> Any:
        """The value of a column of the format on the rows of a relation."""
        if name in self.constants:
            return ibis.literal(self.constants[name])
        return t[self.columns[name]]


def match(source: Source, raw: Raw, unit: UnitColumns) -> Parts:
    """Find every column of the format in the files.

    A column is looked for under its name in `columns`, as a constant, under its own name, and
    for unit (item), cluster and at under the names of the contract's [unit].

    Raises:
        EvidenceError: On required columns that are not there, mappings to nowhere, and mappings
            that contradict each other; all at once.
    """
    return _Matcher(source, raw, unit).parts()


class _Matcher:
    def __init__(self, source: Source, raw: Raw, unit: UnitColumns) -> None:
        self.source = source
        self.raw = raw
        self.unit = unit
        self.format = FORMATS[source.format]
        self.place = raw.files[0].name
        self.faults: list[Fault] = []
        self.found: dict[str, str] = {}
        """Column of the format -> column of the files."""

    def parts(self) -> Parts:
        self._check_mapping()
        for column in self.format.columns:
            name = self._file_column(column.name)
            if name is not None and column.name not in self.source.constants:
                self.found[column.name] = name
        classes = self._number_classes()
        wide = self._widen()
        self._check_required(wide=wide)
        self._check_shared()
        if self.faults:
            raise EvidenceError(self.faults)
        used = set(self.found.values())
        names = self.raw.names
        extra = {name: c for name, c in names.items() if name not in used}
        alias = {
            ours: names[theirs]
            for ours, theirs in self.source.columns.items()
            if ours not in self.found and theirs in names
        }
        for theirs in self.source.columns.values():
            extra.pop(theirs, None)
        return Parts(
            format=self.format,
            columns={ours: names[theirs] for ours, theirs in self.found.items()},
            files=self.found,
            constants=self.source.constants,
            classes=classes,
            wide=wide,
            slices=dict(sorted({**extra, **alias}.items())),
        )

    def _check_mapping(self) -> None:
        known = self.raw.names
        for ours, theirs in self.source.columns.items():
            numbered = ours in self.format.numbered and f"{theirs}_0" in known
            if theirs not in known and not numbered:
                self._fault(
                    Trouble.NO_COLUMN,
                    seen=f"columns.{ours} = {shown(theirs)}; the files have {listed(known)}",
                    expected="a column of the files",
                    fix=f"Correct the mapping.{near(theirs, known)}",
                )
        for name in self.source.constants:
            other = self.source.columns.get(name, name)
            if name not in self.format.names:
                self._fault(
                    Trouble.MAPPING,
                    seen=f"constants.{name}",
                    expected=f"a column of {self.format.name}: {', '.join(self.format.names)}",
                    fix=f"Remove it.{near(name, self.format.names)}",
                )
            elif other in known:
                self._fault(
                    Trouble.MAPPING,
                    seen=f"constants.{name} and a column {shown(other)} in the files",
                    expected="one or the other: a constant would hide what the files say",
                    fix=f"Remove constants.{name}.",
                )
            else:
                self._check_choice(name)

    def _check_choice(self, name: str) -> None:
        column, value = self.format.column(name), self.source.constants[name]
        if column is not None and column.choices and value not in column.choices:
            self._fault(
                Trouble.UNKNOWN_VALUE,
                seen=f"constants.{name} = {shown(value)}",
                expected=", ".join(column.choices),
                fix=f"Write one of these.{near(value, column.choices)}",
            )

    def _file_column(self, name: str) -> str | None:
        candidates = [self.source.columns.get(name, name), self._unit_column(name)]
        if name in self.source.columns:
            candidates.pop()
        return next((c for c in candidates if c is not None and c in self.raw.names), None)

    def _unit_column(self, name: str) -> str | None:
        if name == "cluster":
            return self.unit.cluster or (None if self._key else self.unit.id)
        named = {self._key: self.unit.id, "at": self.unit.time}
        return named.get(name)

    @property
    def _key(self) -> str | None:
        """Column that names the unit; None where rows are requests or lists, and units clusters."""
        if "query" in self.format.names:
            return None
        return next((name for name in ("unit", "item") if name in self.format.names), None)

    def _number_classes(self) -> int:
        counts = {}
        for arm in self.format.numbered:
            columns = self._numbered(arm)
            if arm not in self.found and columns:
                counts[arm] = len(columns)
                self.found.update({f"{arm}_{i}": column for i, column in enumerate(columns)})
        if not counts:
            return 0
        if len(set(counts.values())) > 1 or len(counts) < len(self.format.numbered):
            self._fault(
                Trouble.NO_COLUMN,
                seen=f"numbered columns for {', '.join(f'{a}: {n}' for a, n in counts.items())}",
                expected="one probability per class, numbered from 0, alike for both models",
                fix="Bring the columns that are missing.",
            )
        return max(counts.values())

    def _numbered(self, arm: str) -> Sequence[str]:
        """Columns of the files with one probability per class, as far as they go without a gap."""
        mapped, known = self.source.columns, self.raw.names
        prefix = mapped.get(arm, arm)
        own = re.compile(rf"{re.escape(arm)}_\d+")
        theirs = re.compile(rf"{re.escape(prefix)}_\d+")
        count = sum(
            1 for name in {*mapped, *known} if own.fullmatch(name) or theirs.fullmatch(name)
        )
        columns = [mapped.get(f"{arm}_{i}", f"{prefix}_{i}") for i in range(count)]
        return columns if all(column in known for column in columns) else ()

    def _widen(self) -> bool:
        names = self.format.names
        if "arm" not in names or "arm" in self.found or "arm" in self.source.constants:
            return False
        columns = {arm: self.source.columns.get(arm, arm) for arm in ARMS}
        if not set(columns.values()) <= set(self.raw.names):
            return False
        self.found.update(columns)
        return True

    def _check_required(self, *, wide: bool) -> None:
        given = {*self.found, *self.source.constants}
        given |= {name for name in self.format.numbered if f"{name}_0" in given}
        given |= {"arm", "value"} if wide else set()
        known = self.raw.names
        for name in self.format.required:
            if name not in given and name not in self.source.columns:
                self._fault(
                    Trouble.NO_COLUMN,
                    seen=f"no column {name!r}; the files have {listed(known)}",
                    expected=f"the columns {', '.join(self.format.required)}",
                    fix=_fix(name) + near(name, known),
                )
        cluster = self.unit.cluster
        wanted = "cluster" in self.format.names and "cluster" not in given
        if wanted and cluster is not None and cluster != self.unit.id:
            self._fault(
                Trouble.NO_COLUMN,
                seen=f"no column {cluster!r}, on which [unit] says that rows depend",
                expected="the cluster of every row",
                fix=f"Bring the column, or map it: columns = {{ cluster = … }}."
                f"{near(cluster, known)}",
            )

    def _check_shared(self) -> None:
        """Answers, grades and labels each have a column of their own."""
        owners: dict[str, list[str]] = {}
        for ours, theirs in self.found.items():
            if ours in _OWN_COLUMN:
                owners.setdefault(theirs, []).append(ours)
        for theirs, parts in owners.items():
            if len(parts) > 1:
                self._fault(
                    Trouble.MAPPING,
                    seen=f"column {shown(theirs)} as {' and as '.join(parts)}",
                    expected="a column of its own for each: one compared with itself says nothing",
                    fix="Correct `columns`.",
                )

    def _fault(self, trouble: Trouble, *, seen: str, expected: str, fix: str) -> None:
        self.faults.append(fault(trouble, self.place, seen=seen, expected=expected, fix=fix))


def _fix(name: str) -> str:
    if name == "status":
        return 'If every row was graded, say so: constants = { status = "ok" }.'
    if name == "metric":
        return 'If all grades are of one metric, name it: constants = { metric = "…" }.'
    if name == "arm":
        return (
            "Bring the column, map it, or name one column per arm: "
            'columns = { baseline = "…", candidate = "…" }.'
        )
    return f'Bring the column, or map it: columns = {{ {name} = "…" }}.'
