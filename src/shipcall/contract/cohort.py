"""Cohort plan: the checks of a verdict on what happened to people, with their error levels.

People are exposed while it runs, and it never ships: it may ask for HOLD or ROLL BACK. Its
intervals hold for one look, so levels are divided by the promised looks and by attempts. What must
be shown clears at `alpha`. A ROLL BACK by a breach costs `harm`, of which this stage has half where
the rollout has guardrails too; its part is split, half over aggregate guardrails and half over
guardrails of slices.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from shipcall.contract.contract import Contract, Source
from shipcall.contract.plan import Plan, Progress, measures_of, written_check
from shipcall.contract.rollout import harm_of_a_stage, served_shares
from shipcall.contract.sanity import SANITY_ERROR
from shipcall.core import Bar, Check, Estimand, Need, Role

READS = ("activity",)
"""Formats in which a cohort stage finds its metrics."""
MOST_CROSSED = 0.001
"""Greatest share of units that may be in both arms, or back on the baseline."""
MOST_UNSEEN = 0.01
"""Greatest share of exposed units without activity on that very day, unless `max_missing` allows
more: ids that do not fit would make everybody stay away."""

MOST_STALE = 2
"""Greatest number of days that are over and of which nobody has a row yet."""


def cohort_plan(contract: Contract, as_of: datetime) -> Plan:
    """Turn the contract into the checks of its cohort stage.

    Args:
        contract: As parsed, without faults.
        as_of: Time of the verdict; days that are not over then are not known yet.

    Returns:
        Checks in the order: as written, sanity.
    """
    written = [
        replace(written_check(contract, spec), evidence="activity")
        for spec in contract.checks_of("cohort")
    ]
    sources: dict[str, Source] = {str(k): source for k, source in contract.evidence.items()}
    shares = served_shares(contract) or (1.0,)
    return Plan(
        stage="cohort",
        checks=(*_allotted(contract, written), *_sanity(sources)),
        measures=measures_of(contract, READS),
        levels={},
        runs_per_unit={},
        progress=Progress(as_of=as_of, shares=shares, position=-1),
    )


def _allotted(contract: Contract, checks: Sequence[Check]) -> list[Check]:
    risk = contract.risk
    tries = risk.looks * risk.attempts
    harm = harm_of_a_stage(contract) / tries
    guardrails = [check for check in checks if check.role is Role.GUARDRAIL]
    sliced = sum(bool(check.slice.pairs) for check in guardrails)
    aggregate = len(guardrails) - sliced
    half = 0.5 if aggregate and sliced else 1.0
    goals = max(sum(check.role is Role.GOAL for check in checks), 1)

    def breach_at(check: Check) -> float:
        if check.role is Role.GOAL:
            return risk.block / tries / goals
        if check.role is Role.GUARDRAIL:
            return half * harm / (sliced if check.slice.pairs else aggregate)
        return harm

    return [
        replace(check, clear_at=risk.alpha / tries, breach_at=breach_at(check)) for check in checks
    ]


class _Draft(NamedTuple):
    fact: str
    bar: Bar


def _sanity(sources: dict[str, Source]) -> tuple[Check, ...]:
    source = sources.get("activity")
    missing = source.max_missing if source else 0.0
    unseen = max(missing, MOST_UNSEEN)
    drafts = (
        _Draft("found", Bar(low=1.0 - missing, text="all that was promised")),
        _Draft("duplicates", Bar(high=0.0, text="no unit twice on one day")),
        _Draft("gaps", Bar(high=0.0, text="no day without rows")),
        _Draft("stale", Bar(high=MOST_STALE, text=f"at most {MOST_STALE} days behind")),
        _Draft(
            "crossed",
            Bar(high=MOST_CROSSED, text=f"at most {100 * MOST_CROSSED:g} % of units cross"),
        ),
        _Draft(
            "unseen",
            Bar(high=unseen, text=f"at most {100 * unseen:g} % not active when exposed"),
        ),
        _Draft("uneven_loss", Bar(low=0.0, high=0.0, text="both arms lose alike")),
        _Draft("constant", Bar(high=0.0, text="units that differ")),
    )
    error = SANITY_ERROR / len(drafts)
    return tuple(_counted(draft, error) for draft in drafts)


def _counted(draft: _Draft, error: float) -> Check:
    """Make a check of a count; proof of a mismatch is a breach, so it has not to be refuted."""
    return Check(
        id=f"sanity.activity.{draft.fact}",
        stage="cohort",
        role=Role.SANITY,
        need=Need.NOT_REFUTED if draft.bar.two_sided else Need.SHOWN,
        metric=draft.fact,
        bar=draft.bar,
        estimand=Estimand.COUNT,
        clear_at=error,
        breach_at=error,
        evidence="activity",
    )
