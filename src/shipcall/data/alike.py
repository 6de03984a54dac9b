"""Alike: whether the candidate says anything that the baseline does not."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import ibis

from shipcall.data.connect import Engine
from shipcall.data.sources import ARMS

MANY = 20
"""Different answers from which two models do not agree in every row by luck."""


def alike_sums(t: Any, names: Iterable[str]) -> dict[str, Any]:
    """Sums of the lines on which both models said something, and on which not the same.

    Args:
        t: A relation with a column of each model for every name, as baseline_text of `text`.
        names: What is compared; null on a line of which a model has nothing to say.
    """
    pairs = [tuple(t[f"{arm}_{name}"] for arm in ARMS) for name in names]
    both = reduce(or_, [a.notnull() & b.notnull() for a, b in pairs], ibis.literal(False))
    moved = reduce(or_, [(a != b).fill_null(False) for a, b in pairs], ibis.literal(False))
    alone = reduce(or_, [a.isnull() != b.isnull() for a, b in pairs], ibis.literal(False))
    return {"compared": t.count(where=both), "moved": t.count(where=both & (moved | alone))}


def variety(
    t: Any, key: Sequence[str], seen: Mapping[str, Any], engine: Engine, what: str
) -> int | None:
    """Count the different answers of two models of which no answer differs.

    Args:
        t: The relation of which `alike_sums` were taken.
        key: Columns which say together what an answer is; the first is null where there is none.
        seen: Those sums.
        engine: Where the relation is.
        what: Name of the evidence, for errors.

    Returns:
        How many there are, counted as far as `MANY`; None where some answer differs, or where
        fewer than two can be compared.
    """
    if seen["moved"] or (seen["compared"] or 0) < 2:
        return None
    different = t.filter(t[key[0]].notnull()).select(*key).distinct().limit(MANY)
    return int(engine.row(different.aggregate(n=different.count()), what)["n"])
