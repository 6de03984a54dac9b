"""Cascade study: a cheap model first, a dear one where the first is unsure: what it would give."""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from shipcall.app.study import measure_of, opened, request_of, study_view
from shipcall.app.study_cascade_form import OTHER, Asked, Curve, cascade_curve, cascade_form
from shipcall.contract.plan import Measure
from shipcall.core import UsageError
from shipcall.data.evidence import Evidence
from shipcall.data.graded import graded
from shipcall.stats.sample import Floats
from shipcall.studies.cascade import Model, Rows

View = dict[str, Any]

KINDS = ("proportion", "accuracy", "mean")


def cascade_study(file: Path, asked: Asked) -> View:
    """Say for every threshold what a cascade of the two models would be worth, cost and take.

    Args:
        file: The contract file.
        asked: What to study.

    Raises:
        UsageError: If no metric fits, or no signal is named where one is needed.
        EvidenceError: If the evidence cannot be read as what it claims to be.
    """
    return curve_view(read_curve(file, asked), asked)


def read_curve(file: Path, asked: Asked) -> Curve:
    """Work a cascade out at every threshold; the one that is looked at does not matter.

    Args:
        file: The contract file.
        asked: What to study.

    Raises:
        UsageError: As `cascade_study`.
        EvidenceError: As `cascade_study`.
    """
    _demand_sense(asked)
    with opened(file) as release:
        measure = measure_of(release.contract, asked.metric, KINDS, "a cascade")
        if measure.options.better != "higher":
            raise UsageError(
                f"metric {measure.name!r} is better when it is lower; a cascade needs one of which "
                "more is better. Name another with --metric."
            )
        rows = _rows(release.evidence, measure, asked)
        return cascade_curve(rows, measure, asked, release.contract)


def curve_view(curve: Curve, asked: Asked) -> View:
    """Show a cascade with the threshold that is looked at; quick, as nothing is read.

    Args:
        curve: From `read_curve`, of the same question.
        asked: What to study.

    Raises:
        UsageError: If the threshold is no number.
    """
    _demand_sense(asked)
    return study_view(cascade_form(curve, asked), curve.contract)


def _demand_sense(asked: Asked) -> None:
    shares = {"--second-right": asked.second_right, "--kept-right": asked.kept_right}
    for option, share in shares.items():
        if share is not None and not 0 <= share <= 1:
            raise UsageError(f"{option} {share:g} is no share: write a number from 0 to 1.")
    amounts = {
        "--first-cost": asked.first_cost,
        "--second-cost": asked.second_cost,
        "--second-ms": asked.second_ms,
    }
    for option, amount in amounts.items():
        if amount is not None and not 0 <= amount < math.inf:
            raise UsageError(f"{option} {amount:g} is below 0 or not finite.")
    if asked.threshold is not None and not math.isfinite(asked.threshold):
        raise UsageError(f"--threshold {asked.threshold:g} is not finite.")
    if asked.may_lose is not None and not 0 < asked.may_lose < math.inf:
        raise UsageError(f"--may-lose {asked.may_lose:g} is not above 0.")


def _rows(evidence: Evidence, measure: Measure, asked: Asked) -> Rows:
    if not evidence.present(measure.evidence):
        raise UsageError(
            f"{measure.evidence}: there are no files yet. Bring those named under [evidence]."
        )
    rows = (_predicted if measure.evidence == "predictions" else _scored)(evidence, measure, asked)
    if not rows.signal.size:
        raise UsageError(
            f"no row of {measure.evidence} has a grade of both models and a signal; "
            f"{rows.lost:,} lack one. Check the column named by --signal."
        )
    return _stated(rows, asked)


def _scored(evidence: Evidence, measure: Measure, asked: Asked) -> Rows:
    if asked.signal is None:
        raise UsageError(
            "which column says how sure the first model is? Name it with --signal, for instance "
            "tokens or a column of your own."
        )
    found = graded(
        evidence.opened("scores"), request_of(measure, "mean"), signal=asked.signal, arm=asked.first
    )
    binary = measure.kind == "proportion"
    values = {arm: _worth(found.columns[f"value_{arm}"], measure, binary=binary) for arm in OTHER}
    sign = 1.0 if asked.keep == "high" else -1.0
    signal = sign * found.columns["signal"]
    known = np.isfinite(signal) & np.isfinite(values["baseline"]) & np.isfinite(values["candidate"])
    second = OTHER[asked.first]
    rows = Rows(
        cluster=found.cluster,
        signal=signal,
        first=_model(values, found.columns, asked.first),
        second=_model(values, found.columns, second),
        lost=int(np.count_nonzero(~known)) + found.unfound,
        range=(0.0, 1.0) if binary else measure.options.range,
        binary=binary,
    )
    return rows.part(known)


def _worth(value: Floats, measure: Measure, *, binary: bool) -> Floats:
    if not binary:
        return value
    hit: Floats = np.where(np.isfinite(value), value >= measure.options.threshold, np.nan)
    return hit


def _model(values: Mapping[str, Floats], columns: Mapping[str, Floats], arm: str) -> Model:
    return Model(
        value=values[arm],
        cost=columns.get(f"cost_{arm}"),
        latency=columns.get(f"latency_ms_{arm}"),
    )


def _predicted(evidence: Evidence, measure: Measure, asked: Asked) -> Rows:
    """Labelled predictions: the signal is the probability of the likeliest class."""
    if asked.signal is not None:
        raise UsageError(
            "predictions state their own probability, which is the signal; leave --signal out."
        )
    table = evidence.opened("predictions")
    request = request_of(measure, "ece")
    answered = table.answered(request)
    options = table.options(request)
    columns = dict(answered.columns)
    values = {}
    for arm in OTHER:
        sure, outcome = columns[f"confidence_{arm}"], columns[f"outcome_{arm}"]
        if not options.numbered:
            outcome = ((sure >= options.threshold) == (outcome > 0)).astype(np.float64)
            columns[f"confidence_{arm}"] = np.maximum(sure, 1 - sure)
        values[arm] = outcome
    signal = columns[f"confidence_{asked.first}"]
    return Rows(
        cluster=answered.cluster,
        signal=signal if asked.keep == "high" else -signal,
        first=Model(value=values[asked.first]),
        second=Model(value=values[OTHER[asked.first]]),
        lost=answered.lost,
        range=(0.0, 1.0),
        binary=True,
    )


def _stated(rows: Rows, asked: Asked) -> Rows:
    """Put in what was stated, in place of what was measured or where nothing was."""
    size = rows.signal.size
    first, second, binary = rows.first, rows.second, rows.binary
    if asked.second_right is not None:
        second, binary = Model(value=np.full(size, asked.second_right)), False
    if asked.first_cost is not None:
        first = replace(first, cost=np.full(size, asked.first_cost))
    if asked.second_cost is not None:
        second = replace(second, cost=np.full(size, asked.second_cost))
    if asked.second_ms is not None:
        second = replace(second, latency=np.full(size, asked.second_ms))
    return replace(rows, first=first, second=second, binary=binary)
