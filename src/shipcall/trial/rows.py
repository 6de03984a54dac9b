"""Rows: everything that the certificate measures, as data, in the order in which it is shown."""

from functools import cache

from shipcall.trial.graded_rows import graded_rows
from shipcall.trial.kind_rows import kind_rows
from shipcall.trial.labelled_rows import labelled_rows
from shipcall.trial.release_rows import release_rows
from shipcall.trial.row import Row


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the certificate."""
    made = (*graded_rows(), *labelled_rows(), *kind_rows(), *release_rows())
    if len({row.key for row in made}) != len(made):
        raise ValueError("two rows of the certificate have the same name")
    return made


def row_named(key: str) -> Row:
    """Find a row by its key."""
    return next(row for row in rows() if row.key == key)
