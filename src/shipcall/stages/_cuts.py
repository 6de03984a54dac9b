"""Cuts: what the slices of one column or cross say together, beside their findings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shipcall.contract.hunt import slice_checks
from shipcall.contract.plan import Measure, Plan
from shipcall.core import Absent, Check, Estimand, Estimate, Measured, Reason, Slice, Tails
from shipcall.stages._measure import measure, sample_of
from shipcall.stages._shown import LEVEL, shown
from shipcall.stages._stage import Samples
from shipcall.stats.gaps import slice_gap, spread
from shipcall.stats.reversal import reversal
from shipcall.stats.sample import Sample
from shipcall.stats.shrinkage import shrunk
from shipcall.stats.together import together

Sampled = tuple[Check, Sample | Absent]
_WITHIN = (Estimand.BASELINE, Estimand.CANDIDATE)


def cuts_exhibit(plan: Plan, samples: Samples) -> list[dict[str, Any]]:
    """Show each column or cross: slices alone (`raw`) and shrunk, their spread, gap and reversal.

    Every interval is one of 95 % for its number alone, and none is held against a bar.

    Args:
        plan: Of the gate.
        samples: What was summed for it.
    """
    return [
        _cut(plan, samples, columns, [(c, sample_of(c, plan, samples)) for c in checks])
        for columns, checks in slice_checks(plan).items()
    ]


def _cut(
    plan: Plan, samples: Samples, columns: Sequence[str], members: Sequence[Sampled]
) -> dict[str, Any]:
    like = members[0][0]
    how = plan.measures[like.metric]
    estimates = _at(LEVEL, like.estimand, members, how)
    kept, joined = together([sample for _, sample in members], estimates, like.estimand)
    pulled = dict(zip(kept.places, shrunk(joined, LEVEL), strict=True))
    drawn = [pulled.get(i) or absent for i, absent in enumerate(kept.refused)]
    whole = samples.get((like.metric, Slice()))
    return {
        "columns": list(columns),
        "metric": like.metric,
        "estimand": like.estimand.value,
        "slices": len(members),
        "together": len(kept.places),
        "spread": shown(spread(joined, LEVEL)),
        "gap": {
            name: shown(_gap(estimand, members, how))
            for name, estimand in (
                *((arm.value, arm) for arm in _WITHIN),
                ("difference", like.estimand),
            )
        },
        "reversal": _reversed(like, how, whole, estimates),
        "shrunk": [
            {"slice": str(check.slice), **shown(one), "raw": shown(raw)}
            for (check, _), one, raw in zip(members, drawn, estimates, strict=True)
            if one is not None
        ],
    }


def _at(
    tails: Tails, estimand: Estimand, members: Sequence[Sampled], how: Measure
) -> list[Measured]:
    """Estimate every slice by itself, at error levels that no check promised."""
    return [measure(asked_at(check, estimand, tails), how, sample) for check, sample in members]


def asked_at(check: Check, estimand: Estimand, tails: Tails) -> Check:
    """Ask for a number of a check by itself, at error levels that no check promised."""
    # The low end is the one of the clear side only where the bar has a low end.
    bar = replace(check.bar, low=0.0, high=float("inf"))
    return replace(
        check, estimand=estimand, bar=bar, clear_at=tails.low, breach_at=tails.high, family=None
    )


def _gap(estimand: Estimand, members: Sequence[Sampled], how: Measure) -> Measured:
    present = [
        member
        for member, measured in zip(members, _at(LEVEL, estimand, members, how), strict=True)
        if isinstance(measured, Estimate)
    ]
    _, joined = together(
        [sample for _, sample in present], _at(LEVEL, estimand, present, how), estimand
    )

    def drawn(tails: Tails) -> list[Estimate]:
        measured = _at(tails, estimand, present, how)
        return [one for one in measured if isinstance(one, Estimate)]

    return slice_gap(drawn, joined.correlation, LEVEL)


def _reversed(
    like: Check, how: Measure, whole: Sample | Absent | None, parts: Sequence[Measured]
) -> dict[str, Any]:
    if whole is None:
        detail = f"no check asks for {like.metric} of all units"
        return shown(Absent(reason=Reason.NOT_MEASURABLE, detail=detail))
    of_all = measure(asked_at(replace(like, slice=Slice()), like.estimand, LEVEL), how, whole)
    found = reversal(of_all, parts)
    if isinstance(found, Absent):
        return shown(found)
    return {**found._asdict(), "every": found.every, "whole": shown(of_all)}
