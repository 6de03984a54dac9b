"""Every evidence table as data. FORMATS is the one table of them."""

from collections.abc import Mapping

from shipcall.formats.format import Column, Format, Kind
from shipcall.formats.predictions import PREDICTIONS
from shipcall.formats.scores import SCORES, STATUSES

FORMATS: Mapping[str, Format] = {f.name: f for f in (PREDICTIONS, SCORES)}

__all__ = ["FORMATS", "PREDICTIONS", "SCORES", "STATUSES", "Column", "Format", "Kind"]
