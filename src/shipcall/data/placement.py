"""Placement: is every unit in the arm where its bucket puts it?"""

from typing import Any

import ibis
import numpy as np
import pyarrow as pa

from shipcall.assign import BUCKETINGS
from shipcall.data.connect import Engine
from shipcall.data.facts import Counted

MOST_UNITS = 1_000_000
"""So many units are recomputed, the first in the order of their names."""


def misplaced(stays: Any, engine: Engine, what: str) -> Counted | None:
    """Count the units whose arm is not the one that the recorded bucketing gives them.

    The bucketing is recomputed where exposures name it with its salt, as `algorithm:salt` (the
    salt is the flag key or the seed of algorithms that call it so). A unit has the candidate where
    its position is below the share as logged. At most the first 1,000,000 units in the order of
    their names are looked at, so that time and memory stay bounded.

    Args:
        stays: As in `Exposures`.
        engine: Where they are.
        what: What an error message calls the table.

    Returns:
        None where no exposure names a known algorithm and a salt.
    """
    dealt = _dealt(stays)
    salted = dealt.filter(dealt.algorithm.isin(sorted(BUCKETINGS)))
    if not engine.row(salted.aggregate(rows=salted.count()), what)["rows"]:
        return None
    named = salted.select("unit").distinct().order_by("unit").limit(MOST_UNITS)
    first = salted.semi_join(named, "unit")
    wrong: set[str] = set()
    for batch in engine.batches(first, what):
        wrong.update(_wrong(batch))
    return Counted(len(wrong), min(wrong, default=None))


def _dealt(stays: Any) -> Any:
    """One line per stay and arm that was seen in it, with the bucketing that was logged."""
    arms = []
    for arm in ("baseline", "candidate"):
        seen = stays.filter(stays[arm].notnull())
        text = seen[arm]["bucketing"]
        colon = text.find(":")
        seen = seen.select(
            "unit",
            "share",
            candidate=ibis.literal(arm == "candidate"),
            algorithm=text.substr(0, colon),
            salt=text.substr(colon + 1),
            salted=colon > 0,
        )
        arms.append(seen.filter(seen.salted).drop("salted"))
    return ibis.union(*arms, distinct=False)


def _wrong(batch: pa.RecordBatch) -> list[str]:
    units = np.array(batch.column("unit").to_pylist(), dtype=object)
    shares = batch.column("share").to_numpy(zero_copy_only=False)
    candidate = batch.column("candidate").to_numpy(zero_copy_only=False)
    dealers = pa.table(batch).select(["algorithm", "salt"]).to_pylist()
    keys = np.array([f"{row['algorithm']}:{row['salt']}" for row in dealers], dtype=object)
    found: list[str] = []
    for key in np.unique(keys):
        some = keys == key
        algorithm, salt = str(key).split(":", 1)
        position = BUCKETINGS[algorithm](salt, list(units[some]))
        found += list(units[some][(position < shares[some]) != candidate[some]])
    return found
