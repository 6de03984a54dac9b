"""Spool: the lines of a query too long to hold, in order on disk, in blocks of whole clusters.

No block is larger than asked for unless one cluster is. Text stays behind: clusters are numbered
in the order of their names, levels of slices as they first appear, small whole numbers take a
byte.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.data.faults import Trouble, refuse
from shipcall.data.stream import Levels, numbers_of, pack
from shipcall.stats.sample import Ints

Columns = Mapping[str, NDArray[Any]]
_CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """Lines on disk, in order."""

    lines: int
    files: Sequence[Path]
    levels: Mapping[str, Sequence[Any]]
    """Slice column -> the level that each code stands for."""

    def blocks(self) -> Iterator[Columns]:
        """Open one block after another; a column is read when it is asked for.

        `cluster` is the code of each line's cluster, ascending from 0 over all blocks.
        """
        for file in self.files:
            with np.load(file) as block:
                yield block


@contextmanager
def spooled(
    batches: Iterable[pa.RecordBatch],
    numbers: Sequence[str],
    levels: Sequence[str],
    *,
    block: int,
    what: str,
) -> Iterator[Spool]:
    """Write the pieces of a query to disk as they come; the files are gone at the end.

    Args:
        batches: Pieces with the text column `cluster`, by which their lines are in order.
        numbers: Columns of float64.
        levels: Columns of text with few values.
        block: Lines of a block.
        what: Names the evidence in an error.

    Raises:
        EvidenceError: Where there is no room for them.
    """
    with TemporaryDirectory(prefix="shipcall-") as folder:
        writer = _Writer(Path(folder), block, what)
        clusters, coded = _Clusters(), {name: Levels() for name in levels}
        for batch in batches:
            if batch.num_rows:
                columns: dict[str, NDArray[Any]] = {
                    _CLUSTER: clusters.codes(batch.column(_CLUSTER))
                }
                columns |= {name: numbers_of(batch.column(name)) for name in numbers}
                columns |= {name: one.code(batch.column(name)) for name, one in coded.items()}
                writer.add(columns)
        writer.close()
        yield Spool(
            lines=writer.lines,
            files=writer.files,
            levels={name: list(one.numbers) for name, one in coded.items()},
        )


@dataclass(slots=True)
class _Clusters:
    """Numbers clusters in the order in which they stand."""

    last: str | None = None
    code: int = -1

    def codes(self, names: pa.Array) -> Ints:
        changes = np.empty(len(names), dtype=np.int64)
        changes[0] = self.code < 0 or names[0].as_py() != self.last
        changes[1:] = pc.not_equal(names[1:], names[:-1]).to_numpy(zero_copy_only=False)
        codes: Ints = self.code + np.cumsum(changes)
        self.last, self.code = names[-1].as_py(), int(codes[-1])
        return codes


class _Writer:
    """Cuts what comes at the ends of clusters."""

    def __init__(self, folder: Path, block: int, what: str) -> None:
        self.files: list[Path] = []
        self.lines = 0
        self._folder, self._block, self._what = folder, block, what
        self._held: list[Columns] = []
        self._waiting = 0

    def add(self, columns: Columns) -> None:
        self._held.append(columns)
        self._waiting += columns[_CLUSTER].size
        last = columns[_CLUSTER][-1]
        if self._waiting < self._block or self._held[0][_CLUSTER][0] == last:
            return
        joined = self._joined()
        start = int(np.searchsorted(joined[_CLUSTER], last))
        self._write({name: column[:start] for name, column in joined.items()})
        self._held = [{name: column[start:].copy() for name, column in joined.items()}]
        self._waiting = self._held[0][_CLUSTER].size

    def close(self) -> None:
        if self._held:
            self._write(self._joined())
            self._held.clear()

    def _joined(self) -> Columns:
        joined = {
            name: np.concatenate([columns[name] for columns in self._held])
            for name in self._held[0]
        }
        self._held.clear()
        return joined

    def _write(self, columns: Columns) -> None:
        path = self._folder / f"{len(self.files)}.npz"
        packed: dict[str, Any] = {
            name: pack(column) if column.dtype == np.float64 else column
            for name, column in columns.items()
        }
        try:
            np.savez(path, **packed)
        except OSError as error:
            raise refuse(
                Trouble.ENGINE,
                self._what,
                seen=f"{error.strerror} while lines were written in order",
                expected="room in the folder for temporary files",
                fix="Make room there, or name another folder in TMPDIR.",
            ) from error
        self.files.append(path)
        self.lines += columns[_CLUSTER].size
