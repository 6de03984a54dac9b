"""Ramp outlook: how a rollout would go, whether its harms would be found, and what would help."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from shipcall.contract.amount import Amount
from shipcall.contract.contract import Contract
from shipcall.core import Action, Check, Estimand, Role
from shipcall.release.foresight.chances import (
    GAIN,
    HARM,
    HARM_IN_SLICE,
    NO_CHANGE,
    SMALL,
    Chance,
    edge_of,
    harm_of,
)
from shipcall.release.foresight.crowd import NOTHING, Effect
from shipcall.release.foresight.nuisance import CONTRACT, STATED, Known
from shipcall.release.foresight.ramp import Ending, Ramp
from shipcall.release.foresight.ramp_nuisance import RampNuisance
from shipcall.stages.gate import generator

DRAWS = 200
"""Rollouts that are drawn in each situation."""
FEW = 50
"""Rollouts that are drawn where something is varied."""
WANTED = 0.5
"""Least chance to find a harm within the days; below it a seal needs a reason."""
_LATE = 0.9
_ENOUGH = 0.8
"""A change is enough if the harm is found this often."""
_FACTORS = {"units": (2.0, 8.0, 32.0, 128.0), "days": (2.0,), "margin": (2.0, 4.0, 8.0)}
"""What is tried, as multiples of what is promised."""

Progress = Callable[[str], None]


def _silent(_text: str) -> None:
    """Tell nobody."""


class Days(NamedTuple):
    """When something happened, among the rollouts in which it did."""

    median: float
    late: float
    """Day until which it has happened in nine of ten of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtShare:
    """What happens while one share is served."""

    share: float
    reached: Chance
    units: float
    """New units while it is served, both arms together: the mean of the rollouts that reach it."""
    candidates: float
    """Of these, with the candidate."""
    days: float
    found: Chance | None
    """Of the rollouts that reach the share: the harm is found before it is left; None without a
    harm, or where none reaches it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RampChances:
    """How rollouts go in one situation."""

    situation: str
    """NO_CHANGE, GAIN, HARM or HARM_IN_SLICE."""
    check: str | None
    """The guardrail that is harmed."""
    effect: float | None
    """The harm, candidate minus baseline, in the unit of the metric."""
    draws: int
    calls: Mapping[Action, Chance]
    """SHIP, NO SHIP and ROLL BACK by what was seen."""
    late: Chance
    """The days ended without any of them, and `at_deadline` made the call."""
    shipped: Days | None
    rolled_back: Days | None
    found: Chance | None
    """The harmed guardrail was breached at some look within the days."""
    found_days: Days | None
    by_day: tuple[float, ...]
    """Chance that the harm was found by day 1, 2, …; empty without a harm."""
    shares: tuple[AtShare, ...]
    bottleneck: str | None
    """The check that most often stood in the way where the days ended without a call."""


class Purchase(NamedTuple):
    """What one change would do for the chance to find a harm."""

    kind: str
    """`units` (a day), `days` (and the hours of every share) or `margin`."""
    factor: float
    """So many times what is promised: the least that was tried and is enough, or the most."""
    check: str
    found: Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class RampOutlook:
    """Everything a plan says of a rollout."""

    every: Sequence[RampChances]
    purchases: Sequence[Purchase]
    """Of the harm that is found least, best first."""
    sensitivity: Mapping[float, Sequence[RampChances]]
    """Times what is assumed -> the same situations; empty where nothing is assumed."""
    days: int
    """Looks, one a day, before the deadline."""
    named: bool
    """The contract names max_days."""
    hopes: Mapping[str, Known]

    @property
    def harms(self) -> list[RampChances]:
        """The situations with a harm, the one that is found least first."""
        return by_found(self.every)


@dataclass(frozen=True, slots=True, kw_only=True)
class RampQuestion:
    """A contract with a rollout and what is taken beside it."""

    contract: Contract
    nuisance: RampNuisance
    gains: Mapping[str, float]
    """Metric -> gain that is hoped for, as stated; positive is better."""
    seed: str

    def ramp(self, factor: float = 1.0) -> Ramp:
        """The rollout with so many times the units a day."""
        return Ramp(self.contract, self.nuisance.crowd(factor), self.nuisance.laws)


class Case(NamedTuple):
    """Something that may be true of the candidate."""

    name: str
    check: Check | None
    effects: Mapping[str, Effect]


def by_found(every: Sequence[RampChances]) -> list[RampChances]:
    """The situations with a harm, the one that is found least often first."""
    harmed = [one for one in every if one.found is not None]
    return sorted(harmed, key=lambda one: one.found.value if one.found else 1.0)


def cases(question: RampQuestion, ramp: Ramp) -> list[Case]:
    """List what is looked at: no change, the hoped gain, and each harm together with the gain."""
    gains = {
        name: Effect(known.value * _better(ramp, name))
        for name, known in hoped_online(question, ramp).items()
    }
    found = [Case(NO_CHANGE, None, {}), Case(GAIN, None, gains)]
    guardrails = [check for check in ramp.checks if check.role is Role.GUARDRAIL]
    return [*found, *(_harmed(question, ramp, gains, check) for check in guardrails)]


def _harmed(question: RampQuestion, ramp: Ramp, gains: Mapping[str, Effect], check: Check) -> Case:
    law = ramp.laws[check.metric]
    detect_at = question.contract.risk.detect_at
    effect = harm_of(check, law.mean, law.spread, detect_at, _better(ramp, check.metric))
    if not check.slice.pairs:
        return Case(HARM, check, {**gains, check.metric: Effect(effect)})
    elsewhere = gains.get(check.metric, NOTHING).everywhere
    scoped = Effect(elsewhere, check.slice, effect)
    return Case(HARM_IN_SLICE, check, {**gains, check.metric: scoped})


def hoped_online(question: RampQuestion, ramp: Ramp) -> dict[str, Known]:
    """Say which gain is hoped for in each online metric, positive is better.

    As stated; else the middle of a [[prediction]]; else `detect_at` times the least gain of a
    goal, or a tenth of a standard deviation where any gain will do.
    """
    found = {}
    for name, law in ramp.laws.items():
        goals = [c for c in ramp.checks if c.metric == name and c.role is Role.GOAL]
        wanted = [
            edge_of(check, law.mean) * _better(ramp, name)
            for check in goals
            if check.estimand is not Estimand.CANDIDATE
        ]
        most = max(wanted, default=-1.0)
        if most >= 0:
            least = SMALL * law.spread
            found[name] = Known(question.contract.risk.detect_at * most or least, CONTRACT)
    for prediction in question.contract.prediction:
        if prediction.online in ramp.laws:
            found[prediction.online] = Known(prediction.expect.mid, CONTRACT)
    stated = {name: Known(gain, STATED) for name, gain in question.gains.items()}
    return found | {name: known for name, known in stated.items() if name in ramp.laws}


def _better(ramp: Ramp, name: str) -> float:
    return 1.0 if ramp.plan.measures[name].options.better == "higher" else -1.0


def ramp_outlook(question: RampQuestion, *, progress: Progress = _silent) -> RampOutlook:
    """Work out how the rollout goes in every situation, and what would find the worst harm.

    Args:
        question: The contract and what is taken; units a day are known.
        progress: Told what is being drawn.
    """
    progress("drawing rollouts")
    ramp = question.ramp()
    every = [ramp_chances(ramp, case, DRAWS, question.seed) for case in cases(question, ramp)]
    harms = by_found(every)
    progress("looking for what would find a harm")
    helps = _purchases(question, harms[0], FEW) if harms else []
    progress("drawing rollouts under other assumptions")
    return RampOutlook(
        every=every,
        purchases=helps,
        sensitivity=_sensitivity(question, FEW),
        days=ramp.days,
        named=ramp.named,
        hopes=hoped_online(question, ramp),
    )


def finding_chances(question: RampQuestion, *, draws: int) -> list[RampChances]:
    """The harms only, the one that is found least first: what a seal asks."""
    ramp = question.ramp()
    asked = [case for case in cases(question, ramp) if case.check is not None]
    return by_found([ramp_chances(ramp, case, draws, question.seed) for case in asked])


def ramp_chances(ramp: Ramp, case: Case, draws: int, seed: str) -> RampChances:
    """Draw one situation so many times.

    Args:
        ramp: The contract with so many units a day.
        case: What is true of the candidate.
        draws: How often a rollout is drawn, at least 1.
        seed: From which chance starts; the same seed gives the same numbers.
    """
    endings = ramp.run(case.effects, draws, generator(seed, "ramp"))
    harmed = case.check.id if case.check else None
    first = [ending.first.get(harmed, 0) for ending in endings] if harmed else []
    days = [day for day in first if 0 < day <= ramp.days]
    late = [e for e in endings if _is_late(ramp, e)]
    seen = [e for e in endings if not _is_late(ramp, e)]
    reasons = [check for ending in late for check in sorted(ending.because)]
    effect = None
    if case.check is not None:
        moved = case.effects[case.check.metric]
        effect = moved.within if moved.part.pairs else moved.everywhere
    return RampChances(
        situation=case.name,
        check=harmed,
        effect=effect,
        draws=draws,
        calls={
            action: Chance.of(sum(e.action is action for e in seen), draws)
            for action in (Action.SHIP, Action.NO_SHIP, Action.ROLL_BACK)
        },
        late=Chance.of(len(late), draws),
        shipped=_days([e.day for e in endings if e.action is Action.SHIP]),
        rolled_back=_days([e.day for e in seen if e.action is Action.ROLL_BACK]),
        found=Chance.of(len(days), draws) if harmed else None,
        found_days=_days(days),
        by_day=tuple(sum(day <= look for day in days) / draws for look in range(1, ramp.days + 1))
        if harmed
        else (),
        shares=_at_shares(ramp, endings, first),
        bottleneck=max(sorted(set(reasons)), key=reasons.count, default=None),
    )


def _is_late(ramp: Ramp, ending: Ending) -> bool:
    """Did the days end first? What is shown at the look after them still ships."""
    return ending.day > ramp.days and ending.action is not Action.SHIP


def _days(days: Sequence[int]) -> Days | None:
    if not days:
        return None
    return Days(float(np.median(days)), float(np.quantile(days, _LATE, method="higher")))


def _at_shares(ramp: Ramp, endings: Sequence[Ending], first: Sequence[int]) -> tuple[AtShare, ...]:
    """What happens at every share: who comes, and whether the harm is found there."""
    found = []
    per_day, draws = ramp.crowd.per_day, len(endings)
    for place, share in enumerate(ramp.shares):
        spans = []
        seen = 0
        for number, ending in enumerate(endings):
            if len(ending.left) <= place:
                continue
            entered = (0, *ending.left)[place]
            last = min(ending.left[place], ramp.days)
            spans.append(last - entered)
            seen += bool(first) and entered < first[number] <= last
        days = float(np.mean(spans)) if spans else 0.0
        found.append(
            AtShare(
                share=share,
                reached=Chance.of(len(spans), draws),
                units=days * per_day,
                candidates=days * per_day * share,
                days=days,
                found=Chance.of(seen, len(spans)) if first and spans else None,
            )
        )
    return tuple(found)


def _purchases(question: RampQuestion, worst: RampChances, draws: int) -> list[Purchase]:
    """What would find the worst harm often enough, the least change of each kind."""
    if worst.found is None or worst.check is None or worst.found.value >= _ENOUGH:
        return []
    bought = [_enough(question, worst.check, kind, draws) for kind in _FACTORS]
    return [one for one in bought if one and one.found.value > worst.found.value]


def _enough(question: RampQuestion, check: str, kind: str, draws: int) -> Purchase | None:
    """The least factor that finds the harm often enough, or the greatest that was tried."""
    last = None
    for factor in _FACTORS[kind]:
        contract = question.contract
        if kind == "days":
            contract = _longer(contract, factor)
        elif kind == "margin":
            contract = _wider(contract, check, factor)
        if kind != "units" and contract == question.contract:
            return None
        ramp = replace(question, contract=contract).ramp(factor if kind == "units" else 1.0)
        case = next(c for c in cases(question, ramp) if c.check and c.check.id == check)
        found = ramp_chances(ramp, case, draws, question.seed).found
        if found is None:
            return None
        last = Purchase(kind, factor, check, found)
        if found.value >= _ENOUGH:
            return last
    return last


def _longer(contract: Contract, factor: float) -> Contract:
    """The same with so many times the hours of every share, and the days."""
    rollout = contract.rollout
    if rollout is None:
        return contract
    longer: dict[str, object] = {"min_hours": [factor * hours for hours in rollout.min_hours]}
    if rollout.max_days:
        longer["max_days"] = factor * rollout.max_days
    return contract.model_copy(update={"rollout": rollout.model_copy(update=longer)})


def _wider(contract: Contract, id_: str, factor: float) -> Contract:
    """The same with so many times what one check may lose; other bars stay as they are."""

    def wide(amount: Amount) -> Amount:
        return amount._replace(value=factor * amount.value)

    checks = [
        one.model_copy(update={"may_lose": wide(one.may_lose)})
        if one.id == id_ and one.may_lose is not None and one.may_lose.value > 0
        else one
        for one in contract.check
    ]
    return contract.model_copy(update={"check": checks})


def _sensitivity(question: RampQuestion, draws: int) -> dict[float, list[RampChances]]:
    if not question.nuisance.guessed:
        return {}
    found = {}
    for factor in (0.5, 2.0):
        other = replace(question, nuisance=question.nuisance.scaled(factor))
        ramp = other.ramp()
        asked = [case for case in cases(other, ramp) if case.name != NO_CHANGE]
        found[factor] = [ramp_chances(ramp, case, draws, question.seed) for case in asked]
    return found
