"""Across: every other metric of the gate in every named slice, beside the checks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from shipcall.contract.hunt import slice_checks
from shipcall.contract.plan import Plan
from shipcall.core import Check, Estimand, Measured
from shipcall.data.evidence import Evidence
from shipcall.data.plan import StatisticsPlan
from shipcall.metrics import METRICS
from shipcall.stages._cuts import asked_at
from shipcall.stages._measure import is_fact, measure, sample_of, statistics_plan
from shipcall.stages._shown import LEVEL, shown
from shipcall.stages._stage import Samples

MOST_SLICES = 200
"""Slices that are measured; of more, the protected ones and then the largest."""
MOST_READ = 5_000_000
"""Rows, times slice columns, times metrics, that are summed for it: a few seconds of work."""
_SIGNED = (Estimand.DIFFERENCE, Estimand.RELATIVE)


def with_across(plan: Plan, evidence: Evidence) -> StatisticsPlan:
    """Ask for what the checks need and for what stands beside them, to be summed in one pass.

    Args:
        plan: Of the gate, without the count of discovered slices.
        evidence: Of which so many rows may be there that nothing is asked beside the checks.
    """
    parts = tuple(one.slice for one in _kept(plan, _named(plan)))
    others = {} if _is_long(plan, evidence) else _others(plan)
    return StatisticsPlan(
        requests=tuple(
            replace(one, slices=tuple(dict.fromkeys([*one.slices, *parts])))
            if one.metric in others
            else one
            for one in statistics_plan(plan).requests
        )
    )


def uncrossed(plan: Plan, evidence: Evidence) -> list[str]:
    """Say that slices were held to one metric alone, where there are too many rows for all."""
    if not _is_long(plan, evidence):
        return []
    judged = ", ".join(dict.fromkeys(check.metric for check in _named(plan)))
    told = f"slices: with so many rows nothing but {judged} was measured in them. "
    return [told + "A [[check]] with `slice` measures another metric there."]


def across_exhibit(plan: Plan, evidence: Evidence, samples: Samples) -> Mapping[str, Any]:
    """Measure in every slice what the gate promises of all units; no bar is held against it.

    The budget of `[slices]` speaks of one metric. A slice may keep it and lose by another one
    that is promised for all units only, and here that can be seen.

    Args:
        plan: Of the gate, without the count of discovered slices.
        evidence: As for `with_across`.
        samples: What was summed for `with_across`.

    Returns:
        Nothing where the contract names no slice or promises no other metric, or where there are
        too many rows. Else
        `metrics`, their names with the estimand of their cells; `slices`, each with its `cells`,
        metric -> estimate with a 95 % interval for its number alone, or why there is none;
        `unmeasured`, how many slices were left out.
    """
    named, others = _named(plan), _others(plan)
    if not named or not others or _is_long(plan, evidence):
        return {}
    kept = _kept(plan, named)
    cells = {metric: _cells(plan, check, kept, samples) for metric, check in others.items()}
    return {
        "across": {
            "metrics": [
                {"metric": metric, "estimand": told.estimand.value}
                for metric, told in cells.items()
            ],
            "slices": [
                {
                    "slice": str(one.slice),
                    "cells": {m: shown(told.measured[place]) for m, told in cells.items()},
                }
                for place, one in enumerate(kept)
            ],
            "unmeasured": len(named) - len(kept),
        }
    }


class _Told(NamedTuple):
    estimand: Estimand
    measured: Sequence[Measured]
    """One for every slice."""


def _named(plan: Plan) -> list[Check]:
    return [check for checks in slice_checks(plan).values() for check in checks]


def _others(plan: Plan) -> dict[str, Check]:
    """The metrics that are promised of all units and not of slices -> their first check."""
    judged = {check.metric for check in _named(plan)}
    found: dict[str, Check] = {}
    for check in plan.checks:
        counts = is_fact(check) or check.slice.pairs or check.metric in judged
        if not counts and plan.measures[check.metric].kind in METRICS:
            found.setdefault(check.metric, check)
    return found


def _is_long(plan: Plan, evidence: Evidence) -> bool:
    """Would summing every other metric in every slice take longer than the checks should?"""
    others = [plan.measures[name].evidence for name in _others(plan)]
    columns = {check.slice.columns for check in _named(plan)}
    rows = sum(evidence.facts(table).rows for table in others if evidence.present(table))
    return rows * len(columns) > MOST_READ


def _kept(plan: Plan, named: Sequence[Check]) -> Sequence[Check]:
    if len(named) <= MOST_SLICES:
        return named
    ranked = sorted(
        named, key=lambda one: (not one.protected, -plan.levels.get(one.slice, 0), str(one.slice))
    )
    chosen = {one.slice for one in ranked[:MOST_SLICES]}
    return [one for one in named if one.slice in chosen]


def _cells(plan: Plan, like: Check, kept: Sequence[Check], samples: Samples) -> _Told:
    """Measure the change that is promised of all units; of a promised level, the difference."""
    estimand = like.estimand if like.estimand in _SIGNED else Estimand.DIFFERENCE
    how = plan.measures[like.metric]
    checks = [asked_at(replace(one, metric=like.metric), estimand, LEVEL) for one in kept]
    measured = [measure(check, how, sample_of(check, plan, samples)) for check in checks]
    return _Told(estimand, measured)
