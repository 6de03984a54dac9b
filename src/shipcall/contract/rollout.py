"""Rollout plan: the checks of a verdict while people are exposed, with their error levels.

All intervals hold at any number of looks, so levels are divided by attempts and never by looks.
What must be shown clears at `alpha`; a ROLL BACK by a breach costs `harm`, which the stages that
may ask for one share. Half of a stage's part is split over aggregate guardrails and half over
guardrails of slices. Before the last share everything has to be
not refuted only: `alpha` speaks of the final SHIP.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from shipcall.contract.contract import Contract, Source
from shipcall.contract.duration import hours
from shipcall.contract.plan import Measure, Plan, Progress, measures_of, written_check
from shipcall.contract.sanity import SANITY_ERROR
from shipcall.core import Bar, Check, Estimand, Need, Role, Validity

ONLINE = ("outcomes",)
"""Formats in which a rollout finds its metrics."""
MOST_MOVED = 0.001
"""Greatest share of units that may be in both arms, or in another than they were dealt."""
MOST_ERRED = 0.01
"""Greatest share of exposures in which the provider failed towards an arm."""


def rollout_plan(contract: Contract, progress: Progress) -> Plan:
    """Turn the contract into the checks of the rollout at the share that is served now.

    Args:
        contract: As parsed, without faults, with [rollout].
        progress: From `progress_of`.

    Returns:
        Checks in the order: as written, time and units at this share, sanity.
    """
    measures = measures_of(contract, ONLINE)
    written = [
        replace(
            written_check(contract, spec),
            validity=Validity.ANYTIME,
            evidence="outcomes",
        )
        for spec in contract.checks_of("rollout")
    ]
    judged = _allotted(contract, [_eased(check, progress) for check in written])
    sources: dict[str, Source] = {str(k): source for k, source in contract.evidence.items()}
    return Plan(
        stage="rollout",
        checks=(*judged, *_of_the_share(contract), *_sanity(sources, judged, measures)),
        measures=measures,
        levels={},
        runs_per_unit={},
        progress=progress,
    )


def served_shares(contract: Contract) -> tuple[float, ...]:
    """List the shares of the candidate that are served, in (0, 1]: what is held back is not."""
    rollout = contract.rollout
    if rollout is None:
        return ()
    most = 1.0 - rollout.holdback / 100.0
    return tuple(min(share / 100.0, most) for share in rollout.stages)


class Seen(NamedTuple):
    """One step of the rollout that exposures tell of."""

    share: float
    """As logged, in [0, 1]."""
    attempt: int
    first: datetime
    """First exposure."""


def progress_of(
    contract: Contract,
    seen: Sequence[Seen],
    as_of: datetime,
    contracts: Collection[str] = (),
) -> Progress:
    """Find out which share is served now.

    Args:
        contract: As parsed; without [rollout] nothing is served.
        seen: Every step, in order of its first exposure.
        as_of: Time of the verdict; later steps are not known yet.
        contracts: Digests of this contract as sealed and amended.
    """
    rollout = contract.rollout
    known = [step for step in seen if step.first <= as_of]
    progress = Progress(
        as_of=as_of,
        shares=served_shares(contract),
        position=-1,
        least_hours=tuple(rollout.min_hours) if rollout else (),
        max_silence_hours=hours(rollout.max_silence or "") if rollout else None,
        contracts=frozenset(contracts),
        bucketing=rollout.bucketing if rollout else "",
        cluster=contract.unit.cluster if contract.unit.cluster != contract.unit.id else None,
    )
    if not known:
        return progress
    now = known[-1]
    began = next(step.first for step in known if step.attempt == now.attempt)
    return replace(
        progress,
        position=position_of(contract, now.share),
        attempt=now.attempt,
        began=began,
        entered=now.first,
    )


def position_of(contract: Contract, share: float) -> int:
    """Find a logged share among those that are served; -1 where it is none of them.

    With a holdback of 1 % the last share is 99 %, and has to be logged as that.
    """
    served = served_shares(contract)
    return next((at for at, each in enumerate(served) if abs(share - each) < 1e-9), -1)


def _eased(check: Check, progress: Progress) -> Check:
    """Before the last share a need is not to be refuted."""
    if progress.final or check.role is Role.WATCH:
        return check
    return replace(check, need=Need.NOT_REFUTED)


def harm_of_a_stage(contract: Contract) -> float:
    """Say which part of `harm` each stage may spend while people are exposed: equal ones.

    Stages that have a guardrail and may ask for a ROLL BACK share it.
    """
    stages = {
        check.stage
        for check in contract.check
        if check.role == "guardrail" and check.stage in ("rollout", "cohort", "drift")
    }
    return contract.risk.harm / max(len(stages), 1)


def _allotted(contract: Contract, checks: Sequence[Check]) -> list[Check]:
    risk = contract.risk
    alpha = risk.alpha / risk.attempts
    harm = harm_of_a_stage(contract) / risk.attempts
    guardrails = [check for check in checks if check.role is Role.GUARDRAIL]
    aggregate = sum(not check.slice.pairs for check in guardrails)
    sliced = len(guardrails) - aggregate
    half = 0.5 if aggregate and sliced else 1.0
    goals = max(sum(check.role is Role.GOAL for check in checks), 1)

    def allot(check: Check) -> Check:
        if check.role is Role.GOAL:
            breach = risk.block / risk.attempts / goals
        elif check.role is Role.GUARDRAIL:
            breach = half * harm / (sliced if check.slice.pairs else aggregate)
        else:
            breach = harm
        return replace(check, clear_at=alpha, breach_at=breach)

    return [allot(check) for check in checks]


def _of_the_share(contract: Contract) -> tuple[Check, ...]:
    """What the present share has to last and to see before it is left."""
    rollout = contract.rollout
    hours = "as long as min_hours asks for" if rollout and rollout.min_hours else "any time"
    return (
        _counted("stage.hours", Role.GUARDRAIL, "exposures", Bar(low=0.0, text=hours)),
        _counted(
            "stage.units",
            Role.GUARDRAIL,
            "outcomes",
            Bar(low=0.0, text="enough units of both arms, for every guardrail"),
        ),
    )


def _sanity(
    sources: dict[str, Source], judged: Sequence[Check], measures: dict[str, Measure]
) -> tuple[Check, ...]:
    used = list(dict.fromkeys(check.metric for check in judged))
    source = sources.get("outcomes")
    lost = source.max_missing if source else 0.0
    missing = f"at most {100 * lost:g} % lost" if lost else "none lost"
    drafts = [
        ("exposures.found", "exposures", Bar(low=1.0, text="somebody was exposed")),
        ("exposures.shares", "exposures", Bar(high=0.0, text="shares of the contract only")),
        ("exposures.bucketing", "exposures", Bar(high=0.0, text="one bucketing: the contract's")),
        ("exposures.contract", "exposures", Bar(high=0.0, text="under this contract only")),
        (
            "exposures.crossed",
            "exposures",
            Bar(high=MOST_MOVED, text=f"at most {100 * MOST_MOVED:g} % of units cross"),
        ),
        (
            "exposures.misplaced",
            "exposures",
            Bar(high=MOST_MOVED, text=f"at most {100 * MOST_MOVED:g} % of units misplaced"),
        ),
        (
            "exposures.errored",
            "exposures",
            Bar(high=MOST_ERRED, text=f"at most {100 * MOST_ERRED:g} % provider errors"),
        ),
        ("outcomes.duplicates", "outcomes", Bar(high=0.0, text="no outcome twice")),
        ("outcomes.out_of_range", "outcomes", Bar(high=0.0, text="values in the declared range")),
    ]
    for name in used:
        drafts += [
            (f"outcomes.lost.{name}", "outcomes", Bar(high=lost, text=missing)),
            (
                f"outcomes.uneven_loss.{name}",
                "outcomes",
                Bar(low=0.0, high=0.0, text="both arms lose alike"),
            ),
        ]
        if measures[name].window_hours:
            drafts.append(
                (
                    f"outcomes.moved.{name}",
                    "outcomes",
                    Bar(high=MOST_MOVED, text="one arm through the whole window"),
                )
            )
    error = SANITY_ERROR / (len(drafts) + 1)
    ratio = Bar(low=error, text="arms as large as promised: p, valid at every look")
    drafts.append(("exposures.ratio", "exposures", ratio))
    return tuple(
        _counted(f"sanity.{name}", Role.SANITY, table, bar, error) for name, table, bar in drafts
    )


def _counted(id_: str, role: Role, table: str, bar: Bar, error: float = SANITY_ERROR) -> Check:
    """Make a check of a count; proof of a mismatch is a breach, so it has not to be refuted."""
    tested = bar.two_sided
    return Check(
        id=id_,
        stage="rollout",
        role=role,
        need=Need.NOT_REFUTED if tested else Need.SHOWN,
        metric=id_.split(".", 2)[-1] if role is Role.SANITY else id_,
        bar=bar,
        estimand=Estimand.COUNT,
        clear_at=error,
        breach_at=error,
        validity=Validity.ANYTIME,
        evidence=table,
    )
