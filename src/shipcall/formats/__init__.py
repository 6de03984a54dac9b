"""Every evidence table as data. FORMATS is the one table of them."""

from collections.abc import Mapping

from shipcall.formats.format import Column, Format, Kind
from shipcall.formats.monitoring import CHANGES, LINEAGE, STREAM
from shipcall.formats.offline import PREFERENCES, RANKINGS
from shipcall.formats.online import ACTIVITY, EXPOSURES, OUTCOMES, SHADOW_PAIRS
from shipcall.formats.predictions import PREDICTIONS
from shipcall.formats.scores import SCORES, STATUSES

FORMATS: Mapping[str, Format] = {
    f.name: f
    for f in (
        PREDICTIONS,
        SCORES,
        RANKINGS,
        PREFERENCES,
        SHADOW_PAIRS,
        EXPOSURES,
        OUTCOMES,
        ACTIVITY,
        STREAM,
        CHANGES,
        LINEAGE,
    )
}

READ: Mapping[str, Format] = {
    f.name: f for f in FORMATS.values() if f not in (STREAM, CHANGES, LINEAGE)
}
"""Formats that a stage of this version can read."""

__all__ = ["FORMATS", "PREDICTIONS", "READ", "SCORES", "STATUSES", "Column", "Format", "Kind"]
