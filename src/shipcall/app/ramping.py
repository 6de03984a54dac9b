"""Ramping: the rollout of a contract before it begins, as one plain dictionary."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.assumptions import Assumptions
from shipcall.app.forecast import (
    ONLINE,
    chance_view,
    gains_of,
    pilot_paths,
    plain_known,
)
from shipcall.app.sealed_text import SITUATIONS
from shipcall.contract.contract import Contract
from shipcall.contract.seal import contract_digest
from shipcall.core import Action, Slice, UsageError, plain
from shipcall.release.foresight.crowd import Crowd
from shipcall.release.foresight.nuisance import Known
from shipcall.release.foresight.pilot import open_pilot
from shipcall.release.foresight.ramp import Ramp
from shipcall.release.foresight.ramp_nuisance import RampNuisance, assumed_ramp, learned_ramp
from shipcall.release.foresight.ramp_outlook import (
    WANTED,
    AtShare,
    Days,
    Progress,
    RampChances,
    RampOutlook,
    RampQuestion,
    finding_chances,
    ramp_outlook,
)

View = dict[str, Any]

SEAL_DRAWS = 100
"""Rollouts of each harm when a contract is sealed: the interval decides, and nobody waits."""
NO_PACE = (
    "nobody says how many new units come in a day: --units-per-day N, or "
    "exposures = { path = …, expect = { units = … } } with max_days"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A question about a rollout, or why it has no answer."""

    question: RampQuestion
    unknown: str
    """Why nothing can be drawn; empty where it can."""


def asking(
    contract: Contract,
    sizes: Mapping[Slice, int] | None,
    assumptions: Assumptions,
    *,
    root: Path,
) -> Asking | None:
    """Put a rollout and what is taken beside it together; None where there is no [rollout].

    Args:
        contract: As parsed.
        sizes: Units of every slice of the gate; None while nobody could count them.
        assumptions: What the person says.
        root: Folder of the contract.

    Raises:
        UsageError: On units a day, a gain or a pilot that cannot be.
        EvidenceError: If a pilot cannot be read.
    """
    if contract.rollout is None:
        return None
    plan = Ramp(contract, Crowd(1.0, (), {}), {}).plan
    nuisance = assumed_ramp(contract, plan, sizes, assumptions.units_per_day)
    paths = {n: path for n, path in pilot_paths(assumptions).items() if n in ONLINE}
    if paths:
        if set(paths) != set(ONLINE):
            raise UsageError(
                f"--pilot {next(iter(paths))}=… alone does not say what a unit does: whoever has "
                "no outcome stands in the exposures only. Bring both: --pilot exposures=… "
                "--pilot outcomes=…"
            )
        evidence = open_pilot(contract, paths, root, formats=ONLINE)
        try:
            nuisance = learned_ramp(nuisance, plan, evidence)
        finally:
            evidence.close()
    question = RampQuestion(
        contract=contract,
        nuisance=nuisance,
        gains=gains_of(contract, assumptions.gains),
        seed=contract_digest(contract),
    )
    return Asking(question=question, unknown=_unknown(nuisance))


def _unknown(nuisance: RampNuisance) -> str:
    if not nuisance.metrics:
        why = "; ".join(nuisance.left_out.values())
        return f"the rollout has no check that can be drawn{': ' if why else ''}{why}"
    return NO_PACE if nuisance.per_day is None else ""


def rollout_view(asked: Asking | None, progress: Progress | None = None) -> View | None:
    """How the rollout would go, or why nobody can say; None where there is none.

    Args:
        asked: From `asking`.
        progress: Told what is being worked out.
    """
    if asked is None:
        return None
    question = asked.question
    rollout = question.contract.rollout
    shares = [] if rollout is None else [share / 100 for share in rollout.stages]
    common: View = {
        "unknown": asked.unknown,
        "shares": shares,
        "detect_at": question.contract.risk.detect_at,
        "wanted": WANTED,
        "left_out": [
            {"check": check, "why": why} for check, why in question.nuisance.left_out.items()
        ],
        "assumed": _assumed(question.nuisance),
    }
    if asked.unknown:
        nothing: View = {"situations": [], "blind": [], "buy_first": [], "sensitivity": []}
        return {**common, **nothing, "days": None, "named": False, "hopes": {}}
    found = ramp_outlook(question, progress=progress) if progress else ramp_outlook(question)
    return {**common, **_outlook(found)}


def _outlook(found: RampOutlook) -> View:
    return {
        "days": found.days,
        "named": found.named,
        "situations": [_situation(one) for one in found.every],
        "blind": [one.check for one in found.harms if one.found and one.found.value < WANTED],
        "buy_first": [
            {**one._asdict(), "found": chance_view(one.found)} for one in found.purchases
        ],
        "sensitivity": [
            {"factor": factor, "situations": [_situation(one) for one in every]}
            for factor, every in found.sensitivity.items()
        ],
        "hopes": {name: known._asdict() for name, known in plain_known(found.hopes).items()},
    }


def _situation(one: RampChances) -> View:
    return {
        "situation": one.situation,
        "title": SITUATIONS[one.situation].replace("one protected slice", "one slice"),
        "check": one.check,
        "effect": None if one.effect is None else plain(one.effect),
        "draws": one.draws,
        **{_key(action): chance_view(chance) for action, chance in one.calls.items()},
        "late": chance_view(one.late),
        "shipped": _days(one.shipped),
        "rolled_back": _days(one.rolled_back),
        "found": None if one.found is None else chance_view(one.found),
        "found_days": _days(one.found_days),
        "by_day": [plain(chance) for chance in one.by_day],
        "shares": [_share(at) for at in one.shares],
        "bottleneck": one.bottleneck,
    }


def _key(action: Action) -> str:
    return action.value.lower().replace(" ", "_")


def _days(days: Days | None) -> View | None:
    return None if days is None else {name: plain(day) for name, day in days._asdict().items()}


def _share(at: AtShare) -> View:
    return {
        "share": plain(at.share),
        "reached": chance_view(at.reached),
        "units": plain(at.units),
        "candidates": plain(at.candidates),
        "days": plain(at.days),
        "found": None if at.found is None else chance_view(at.found),
    }


def _assumed(nuisance: RampNuisance) -> list[View]:
    """Every number that is taken, with where it comes from."""
    lines: list[tuple[str, str, Known | None]] = [
        ("rollout", "new units a day", nuisance.per_day),
    ]
    for name, one in nuisance.metrics.items():
        if one.kind == "event":
            lines.append((name, "share of units with the event", one.value))
        else:
            lines.append((name, "mean of a unit", one.value))
            lines.append((name, "standard deviation between units", one.spread))
    lines += [
        (f"{column}={level}", "share of all units", known)
        for (column, level), known in nuisance.levels.items()
    ]
    return [
        {"about": about, "what": what, "value": plain(known.value), "source": known.source}
        for about, what, known in lines
        if known is not None
    ]


def rollout_feasibility(asked: Asking | None) -> View | None:
    """Say whether each guardrail of a rollout would find its harm within the days.

    Where rates or spreads are assumptions and a harm is found too seldom, half and twice of each
    are tried as well, and the best stands: nobody is refused for a guess.

    Args:
        asked: From `asking`; None where there is no [rollout].

    Returns:
        What the sealed entry records: the chance of each harm to be found, the least first, or
        why it was not assessed. None where there is no [rollout].
    """
    if asked is None:
        return None
    question = asked.question
    form: View = {"unknown": asked.unknown, "days": None, "detect_at": None, "harms": []}
    if asked.unknown:
        return form
    found = finding_chances(question, draws=SEAL_DRAWS)
    varied = _blind(found) and question.nuisance.guessed
    if varied:
        found = _kindest(question, found)
    return form | {
        "days": question.ramp().days,
        "detect_at": question.contract.risk.detect_at,
        "varied": varied,
        "harms": [
            {"check": one.check, "found": chance_view(one.found)}
            for one in found
            if one.found is not None
        ],
    }


def _blind(found: Sequence[RampChances]) -> bool:
    return any(one.found is not None and one.found.high < WANTED for one in found)


def _kindest(question: RampQuestion, found: Sequence[RampChances]) -> list[RampChances]:
    """Of every harm the best of what is assumed, half of it, and twice of it."""
    best = {one.check: one for one in found}
    for factor in (0.5, 2.0):
        nuisance = question.nuisance.scaled(factor)
        other = RampQuestion(
            contract=question.contract,
            nuisance=nuisance,
            gains=question.gains,
            seed=question.seed,
        )
        for one in finding_chances(other, draws=SEAL_DRAWS):
            if one.found and (known := best[one.check].found) and one.found.value > known.value:
                best[one.check] = one
    return sorted(best.values(), key=lambda one: one.found.value if one.found else 1.0)
