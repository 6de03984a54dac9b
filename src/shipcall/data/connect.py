"""Connect: the one engine, allowed to read the files of the evidence and nothing else."""

import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.common.exceptions import IbisError, TableNotFound

from shipcall.core import UsageError
from shipcall.data.cells import MACROS
from shipcall.data.faults import Trouble, refuse

MEMORY = "SHIPCALL_MEMORY"
"""Variable that says how much memory the engine may take before it spills, such as 2GB."""
_AMOUNT = re.compile(r"\d+(\.\d+)?\s?[KMGT]i?B")
LEAST = 2.0
"""GiB that the engine may take if nobody says otherwise and the machine has them."""
EACH = 0.5
"""GiB that each of its threads may take, where that is more: every one works on rows of its own."""
_GIB = {"KiB": 2.0**-20, "MiB": 2.0**-10, "GiB": 1.0, "TiB": 2.0**10, "PiB": 2.0**20}


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Turn every error of the engine into an EvidenceError about `what`.

    Paths in the engine's words are cut to the name of the file: messages go into reports.
    """
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise refuse(
            Trouble.ENGINE,
            what,
            seen=f"no room: {_first_line(error)}",
            expected="memory, or disk beside it, for what is asked of this table",
            fix=f"Give the engine more, such as {MEMORY}=8GB, or make room on the disk.",
        ) from error
    except (duckdb.Error, IbisError, TableNotFound, pa.ArrowException) as error:
        raise refuse(
            Trouble.ENGINE,
            what,
            seen=f"{type(error).__name__}: {_first_line(error)}",
            expected="a table that can be read to its end",
            fix="Write the file again; if it opens elsewhere, report this message.",
        ) from error


def _first_line(error: Exception) -> str:
    first = (str(error).strip().splitlines() or [""])[0]
    return re.sub(r"""(["'])/[^"]*/""", r"\1", first)[:200]


class Engine:
    """An embedded database in memory.

    It may open the named files only, loads no extension, and its clock is UTC. What does not fit
    in memory is spilled to a folder of its own, made only then and removed when it closes; how
    much fits is what `SHIPCALL_MEMORY` says, else 2 GiB or half of one for each thread, but never
    more than four fifths of the machine.

    Raises:
        UsageError: If `SHIPCALL_MEMORY` is no amount.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        spill = Path(tempfile.gettempdir()) / f"shipcall-{uuid.uuid4().hex}"
        told = _told(os.environ.get(MEMORY, ""))
        self._named: dict[Any, Any] = {}
        with guarded("engine"):
            self._backend = ibis.duckdb.connect()
            limit = told or self._unless_told()
            allowed = ", ".join(text(str(path)) for path in paths)
            for setting in (
                f"SET memory_limit = {text(limit)}",
                f"SET temp_directory = {text(str(spill))}",
                "SET TimeZone = 'UTC'",
                "SET autoinstall_known_extensions = false",
                "SET autoload_known_extensions = false",
                "SET enable_progress_bar = false",
                f"SET allowed_paths = [{allowed}]",
                "SET enable_external_access = false",
                "SET lock_configuration = true",
                *(f"CREATE TEMP MACRO {head} AS {body}" for head, body in MACROS.items()),
            ):
                self.run(setting)

    def _unless_told(self) -> str:
        """How much memory it takes if nobody says how much."""
        ((most, threads),) = self.run(
            "SELECT current_setting('memory_limit'), current_setting('threads')"
        )
        return unless_told(most, threads)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Run one statement and fetch what it returns. Errors are the engine's own."""
        found: list[tuple[Any, ...]] = self._backend.con.execute(sql).fetchall()
        return found

    def table(self, name: str) -> Any:
        """A table or view as an expression."""
        return self._backend.table(name)

    def fetch(self, expression: Any, what: str) -> pa.Table:
        """Run an expression; `what` names the evidence in an error.

        As the expression's own `to_pyarrow` does, which imports pandas to do it.
        """
        with guarded(what):
            asked = expression.as_table()
            found = self._backend.con.sql(self._backend.compile(asked)).to_arrow_table()
            return found.cast(asked.schema().to_pyarrow())

    def row(self, expression: Any, what: str) -> dict[str, Any]:
        """Run an expression that has exactly one row."""
        (only,) = self.fetch(expression, what).to_pylist()
        return dict(only)

    def batches(self, expression: Any, what: str, rows: int = 200_000) -> Iterator[pa.RecordBatch]:
        """Run an expression and hand it over piece by piece, of so many rows at most."""
        with guarded(what):
            yield from expression.to_pyarrow_batches(chunk_size=rows)

    def keep(self, name: str, expression: Any, what: str) -> Any:
        """Run an expression once and keep what it gives in the engine, under a name.

        Returns:
            The kept table as an expression. What was kept under the name before is gone.
        """
        with guarded(what):
            query = self._backend.compile(expression)
            self.run(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {query}")
            return self.table(name)

    def named(self, expression: Any, what: str) -> Any:
        """Give an expression a name in the engine, once. Nothing is run, and nothing kept.

        Whatever is asked of the name is compiled without the expression behind it; compiling that
        anew for every query takes longer than reading a small table.

        Args:
            expression: A relation whose columns have names of ours, never of a file.
            what: Names the evidence in an error.

        Returns:
            The named relation as an expression, with the same columns of the same types.
        """
        known = self._named.get(expression.op())
        if known is not None:
            return known
        name = f"named_{len(self._named)}"
        with guarded(what):
            query = self._backend.compile(expression)
            self.run(f"CREATE TEMP VIEW {quoted(name)} AS {query}")
            relation = self.table(name).cast(expression.schema())
        self._named[expression.op()] = relation
        return relation

    def close(self) -> None:
        """Give back memory and spilled files."""
        self._backend.disconnect()


def _told(amount: str) -> str:
    if amount.strip() and not _AMOUNT.fullmatch(amount.strip()):
        raise UsageError(f"{MEMORY}={amount!r} is no amount. Write it as 2GB or 500MB.")
    return amount.strip()


def unless_told(most: str, threads: int) -> str:
    """Say how much memory the engine takes if nobody says how much.

    What does not fit is spilled, which costs little; what is taken because it is there, other
    programs of the machine miss.

    Args:
        most: What the engine would take by itself, four fifths of the machine, as it writes it.
        threads: On how many threads it works.
    """
    amount, unit = most.split()
    wanted = max(LEAST, EACH * threads)
    return f"{wanted:g}GiB" if float(amount) * _GIB.get(unit, 0.0) > wanted else most


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text constant as SQL writes it, whatever characters it holds."""
    return "'" + value.replace("'", "''") + "'"
