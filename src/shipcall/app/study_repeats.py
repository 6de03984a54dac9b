"""Repeats study: read every graded run, split its spread, say what more runs would buy."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from shipcall.app.study import EACH_ALONE, TAILS, measure_of, opened, request_of, study_view
from shipcall.contract.plan import Measure
from shipcall.core import Absent, UsageError
from shipcall.data.repeated import repeated
from shipcall.studies.repeats import Prices, Runs, repeats_study

View = dict[str, Any]

KINDS = ("proportion", "mean", "pass_k", "pass_at_k")
"""Kinds of metrics that are made of graded runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks, and what the next evaluation costs."""

    metric: str | None = None
    item_price: float | None = None
    """Of an item beside its runs."""
    run_price: float | None = None
    """Of one run of both models with its grades."""


def study_repeats(file: Path, asked: Asked) -> View:
    """Say how much of the spread of graded runs is chance, and how to split money over runs.

    Args:
        file: The contract file, with a metric of graded runs.
        asked: What is asked.

    Raises:
        UsageError: If no metric of scores fits, a price cannot be, or outcomes must not be shown
            yet.
        EvidenceError: If evidence is there and cannot be read as what it claims to be.
    """
    prices = _prices(asked)
    with opened(file) as there:
        measure = measure_of(there.contract, asked.metric, KINDS, "a study of repeats")
        if measure.evidence != "scores":
            raise UsageError(
                f"metric {measure.name!r} is read from {measure.evidence}, where nothing is run "
                "twice. Name one of `scores` with --metric."
            )
        request = request_of(measure, measure.kind)
        column = measure.options.column or "value"
        seen = repeated(there.evidence.opened("scores"), request, column)
        if isinstance(seen, Absent):
            raise UsageError(f"metric {measure.name!r}: {seen.detail}. {seen.reason.next_step}")
        runs = Runs(
            names=seen.names,
            item=seen.item,
            cluster=seen.cluster,
            baseline=_grades(measure, seen.baseline),
            candidate=_grades(measure, seen.candidate),
        )
        title = f"{there.contract.release.candidate}: what repeats of {measure.name} are worth"
        unit = "share" if measure.kind != "mean" else ""
        found = repeats_study(runs, prices, title, unit, TAILS)
        return study_view(replace(found, notes=(EACH_ALONE, *found.notes)), there.contract)


def _prices(asked: Asked) -> Prices | None:
    if (asked.item_price is None) != (asked.run_price is None):
        raise UsageError("--item-price and --run-price go together: only their ratio matters.")
    if asked.item_price is None or asked.run_price is None:
        return None
    if not (0 <= asked.item_price < math.inf and 0 < asked.run_price < math.inf):
        raise UsageError(
            f"prices {asked.item_price:g} of an item and {asked.run_price:g} of a run: the first "
            "has to be 0 or more, the second above 0."
        )
    return Prices(asked.item_price, asked.run_price)


def _grades(measure: Measure, values: Any) -> Any:
    """Count a run as passed from the threshold on, where the metric counts; a lost one stays so."""
    if measure.kind == "mean":
        return values
    return np.where(np.isnan(values), np.nan, values >= measure.options.threshold)
