"""Cohort: what happened to people after a release; it may ask for HOLD or ROLL BACK."""

from shipcall.contract.cohort import READS
from shipcall.core import Validity
from shipcall.stages._stage import Stage
from shipcall.stages.cohort.examine import examine, not_assessed
from shipcall.stages.cohort.exhibits import exhibits

COHORT = Stage(
    name="cohort",
    reads=(*READS, "exposures"),
    exposed=True,
    decides=False,
    validity=Validity.FIXED,
    examine=examine,
    not_assessed=not_assessed,
    exhibits=exhibits,
)

__all__ = ["COHORT"]
