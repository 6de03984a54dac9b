"""Course: how the sequences of a rollout went, look by look, for the eye. It moves no call."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Estimate
from shipcall.data.ramp import Entered, Step
from shipcall.stages._online import (
    MEASURABLE,
    Online,
    estimate_online,
    is_outcome,
    progress_in,
    requests,
)
from shipcall.stages._stage import Exhibits, Exposed
from shipcall.stats.sequential.exceedance import Masses

MOST_LOOKS = 40
"""Looks that are drawn of one sequence; the sequence itself held at every one."""
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_TWO_SIDED = 1.959964
_LEAST = 2


def course(plan: Plan, evidence: Exposed) -> Exhibits:
    """Follow every sequence through the looks that could have been taken.

    Returns:
        `steps`: the shares with their times and units; `sequences`: check -> looks with value,
        ends, units and share; `pooled`: check -> what a plain comparison of all units would say,
        which over a ramp mixes the effect with the season and the mix of people; `maturing`:
        metric -> units whose window has not closed.
    """
    progress = progress_in(plan)
    steps = evidence.steps(progress.as_of)
    asked = {request.metric: request for request in requests(plan)}
    states = evidence.entered(list(asked.values()), progress.as_of)
    sequences, pooled = {}, {}
    for check in plan.checks:
        entered = states.get((check.metric, check.slice)) if is_outcome(check) else None
        measure = plan.measures.get(check.metric)
        if not isinstance(entered, Entered) or measure is None or measure.kind not in MEASURABLE:
            continue
        how = Online(measure=measure, progress=progress, estimand=check.estimand, tails=check.tails)
        hours = asked[check.metric].epoch_hours
        sequences[check.id] = [_look(how, entered, epoch, hours) for epoch in _looks(entered)]
        pooled[check.id] = _pooled(entered)
    return {
        "steps": [_step(step) for step in steps],
        "sequences": sequences,
        "pooled": {id_: plain for id_, plain in pooled.items() if plain is not None},
        "maturing": {
            name: entered.maturing
            for (name, part), entered in states.items()
            if isinstance(entered, Entered) and not part.pairs
        },
    }


def _step(step: Step) -> Mapping[str, Any]:
    return {
        "name": step.name,
        "share": step.share,
        "attempt": step.attempt,
        "first": _text(step.first),
        "last": _text(step.last),
        "baseline": step.units.baseline,
        "candidate": step.units.candidate,
    }


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _looks(entered: Entered) -> Sequence[int]:
    """Epochs after which the sequence is drawn: all, or as many as the eye can tell apart."""
    epochs = sorted({cell.epoch for cell in entered.missing.cells})
    if len(epochs) <= MOST_LOOKS:
        return epochs
    places = np.linspace(0, len(epochs) - 1, MOST_LOOKS).round().astype(int)
    return [epochs[place] for place in places]


def _look(how: Online, entered: Entered, epoch: int, epoch_hours: int) -> dict[str, Any]:
    known = replace(
        entered,
        epochs=entered.epochs.until(epoch) if entered.epochs is not None else None,
        masses=_until(entered.masses, epoch),
        missing=entered.missing.until(epoch),
        silent_hours=None,
    )
    measured = estimate_online(how, known)
    share = max(cell.share for cell in entered.missing.cells if cell.epoch == epoch)
    closes = _BEGIN + timedelta(hours=(epoch + 1) * epoch_hours + how.measure.window_hours)
    look: dict[str, Any] = {"at": _text(closes), "share": share}
    if isinstance(measured, Absent):
        return look | {"absent": measured.reason.code}
    return look | _ends(measured)


def _until(masses: Masses | None, epoch: int) -> Masses | None:
    if masses is None:
        return None
    kept = {cell: arms for cell, arms in masses.cells.items() if cell.epoch <= epoch}
    return Masses(edges=masses.edges, cells=kept)


def _ends(measured: Estimate) -> dict[str, Any]:
    """Ends that nothing bounds are null: JSON has no infinity."""
    ends = {"low": measured.low, "high": measured.high}
    finite = {name: end if math.isfinite(end) else None for name, end in ends.items()}
    return {"value": measured.value, **finite, "n": measured.n}


def _pooled(entered: Entered) -> Mapping[str, float] | None:
    """Compare the plain means of all units, with the plain 95 % interval of one look."""
    if entered.epochs is None:
        return None
    table = entered.epochs.table()
    n, y, yy = table.n.sum(axis=1), table.y.sum(axis=1), table.yy.sum(axis=1)
    if not n.size or n.min() < _LEAST:
        return None
    mean = y / n
    spread = math.sqrt(float((np.maximum(yy / n - mean**2, 0.0) / (n - 1)).sum()))
    value = float(mean[1] - mean[0])
    return {"value": value, "low": value - _TWO_SIDED * spread, "high": value + _TWO_SIDED * spread}
