"""Chances: how often a contract would make each call, before any evidence exists.

Four situations are looked at: nothing changed; the gain that is hoped for; that gain with a harm
of `detect_at` margins in one guardrail; the same in one protected slice. Of guardrails and slices
the one whose harm is refused least often stands for all of them. Harms come with the gain: a
release without it would be refused for its goal, and nobody would learn whether the harm is seen.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shipcall.contract.contract import Contract
from shipcall.core import Action, Check, Estimand, Role, Tails
from shipcall.release.foresight.nuisance import CONTRACT, STATED, Known, Nuisance, deciding
from shipcall.release.foresight.rehearsal import Outcome, Rehearsal, Shift, Shifts
from shipcall.stats.proportions import binomial_ends

GO = (Action.ADVANCE, Action.SHIP)
REFUSED = (Action.NO_SHIP, Action.ROLL_BACK)
NO_CHANGE, GAIN, HARM, HARM_IN_SLICE = "no_change", "gain", "harm", "harm_in_slice"
SMALL = 0.1
"""Standard deviations of one unit's difference that are hoped for where any gain will do."""
_TAILS = Tails(0.025, 0.025)


class Chance(NamedTuple):
    """A share of draws with its exact 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, events: int, draws: int) -> "Chance":
        """So many events in so many draws (Clopper & Pearson 1934)."""
        return cls(events / draws, *binomial_ends(events, draws, _TAILS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Something that may be true of the candidate."""

    name: str
    """NO_CHANGE, GAIN, HARM or HARM_IN_SLICE."""
    check: Check | None = None
    """The guardrail that is harmed."""
    shifts: Shifts


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """How often each call is made in one situation."""

    situation: Situation
    draws: int
    go: Chance
    """ADVANCE or SHIP."""
    hold: Chance
    refuse: Chance
    """NO SHIP; where a breach asks for HOLD only, that breach."""
    bottleneck: str | None
    """The check whose need is unmet most often."""
    unmet: float
    """How often that is, in [0, 1]."""
    outcomes: Sequence[Outcome]

    @property
    def decided(self) -> Chance:
        """Any call but HOLD."""
        return Chance.of(sum(o.call is not Action.HOLD for o in self.outcomes), self.draws)


def situations(
    contract: Contract, rehearsal: Rehearsal, nuisance: Nuisance, hopes: Mapping[str, Known]
) -> list[Situation]:
    """List what is looked at: no change, the hoped gain, each harm.

    Args:
        contract: Says `detect_at`.
        rehearsal: Its plan, with the models of its metrics.
        nuisance: What is taken of each metric.
        hopes: From `hoped`: metric -> gain, in the unit of the metric, positive is better.
    """
    gain = {name: Shift(known.value * _better(rehearsal, name)) for name, known in hopes.items()}
    found = [Situation(name=NO_CHANGE, shifts={}), Situation(name=GAIN, shifts=gain)]
    for check in rehearsal.plan.checks:
        if check.role is not Role.GUARDRAIL or check.metric not in rehearsal.models:
            continue
        if check.id.startswith("slice.") and not check.protected:
            continue
        found.append(_harmed(contract, rehearsal, nuisance, gain, check))
    return found


def _harmed(
    contract: Contract, rehearsal: Rehearsal, nuisance: Nuisance, gain: Shifts, check: Check
) -> Situation:
    """The hoped gain came, and one guardrail is harmed."""
    name, better = check.metric, _better(rehearsal, check.metric)
    value, spread = nuisance.metrics[name].value.value, _spread(rehearsal, name)
    effect = harm_of(check, value, spread, contract.risk.detect_at, better)
    elsewhere = gain[name].effect if name in gain else 0.0
    # The harm comes first: metrics of the same rows move with the first of them.
    shifts = {name: Shift(effect, check.slice, elsewhere if check.slice.pairs else effect)}
    return Situation(
        name=HARM_IN_SLICE if check.id.startswith("slice.") else HARM,
        check=check,
        shifts=shifts | {other: shift for other, shift in gain.items() if other != name},
    )


def hoped(
    contract: Contract, rehearsal: Rehearsal, nuisance: Nuisance, stated: Mapping[str, float]
) -> dict[str, Known]:
    """Say which gain is hoped for in each metric: as stated, else from the bars of its goals.

    `better_by = b` hopes for `detect_at` times b; where any gain will do (b = 0), for a tenth of
    the standard deviation of one unit's difference. Goals that only promise that nothing is
    lost, or a value of its own, hope for no change; but a win rate is a comparison by itself, and
    hopes for as much above its bar.

    Args:
        contract: Says `detect_at`.
        rehearsal: Its plan, with the models of its metrics.
        nuisance: What is taken of each metric.
        stated: Metric -> gain, positive is better.
    """
    found: dict[str, Known] = {}
    for name, checks in deciding(rehearsal.plan).items():
        if name not in rehearsal.models:
            continue
        value, direction = nuisance.metrics[name].value.value, _better(rehearsal, name)
        wanted = [
            edge_of(check, value) * direction
            for check in checks
            if check.role is Role.GOAL and check.estimand is not Estimand.CANDIDATE
        ]
        most = max(wanted, default=-1.0)
        if most > 0:
            found[name] = Known(contract.risk.detect_at * most, CONTRACT)
        elif most == 0:
            found[name] = Known(SMALL * _spread(rehearsal, name), CONTRACT)
        elif rehearsal.plan.measures[name].kind == "win_rate":
            edges = [edge_of(check, value) for check in checks if check.role is Role.GOAL]
            if edges:
                beyond = max(*edges, 0.0) + SMALL * _spread(rehearsal, name)
                found[name] = Known(beyond, CONTRACT)
    return found | {name: Known(gain, STATED) for name, gain in stated.items()}


def edge_of(check: Check, value: float) -> float:
    """The bar of a check as a difference from the baseline: the end that is worse.

    Args:
        check: Any goal or guardrail.
        value: The baseline's value.
    """
    edge = check.bar.low if math.isfinite(check.bar.low) else check.bar.high
    if check.estimand is Estimand.RELATIVE:
        return edge * abs(value)
    return edge - value if check.estimand is Estimand.CANDIDATE else edge


def harm_of(check: Check, value: float, spread: float, detect_at: float, better: float) -> float:
    """The harm of `detect_at` margins, as candidate minus baseline.

    Where the margin is nothing (`may_lose = 0`), a tenth of the standard deviation of one unit's
    difference counts as one margin.

    Args:
        check: A guardrail.
        value: The baseline's value.
        spread: Standard deviation of one unit's difference.
        detect_at: How many margins.
        better: 1 where higher is better, else -1.
    """
    margin = -edge_of(check, value) * better
    if check.bar.two_sided:
        bounds = (check.bar.low, check.bar.high)
        ends = [b - value if check.estimand is Estimand.CANDIDATE else b for b in bounds]
        margin = abs(ends[0] if better > 0 else ends[1])
    return -better * detect_at * (margin if margin > 0 else SMALL * spread)


def _better(rehearsal: Rehearsal, name: str) -> float:
    return 1.0 if rehearsal.plan.measures[name].options.better == "higher" else -1.0


def _spread(rehearsal: Rehearsal, name: str) -> float:
    return rehearsal.models[name].spread


def chances(rehearsal: Rehearsal, situation: Situation, draws: int) -> Chances:
    """Fold one situation so many times.

    Args:
        rehearsal: The contract with so many units.
        situation: What is true of the candidate.
        draws: How often evidence is drawn, at least 1.
    """
    outcomes = rehearsal.fold(situation.shifts, draws)
    went = sum(o.call in GO for o in outcomes)
    refused = sum(_refuses(o, situation.check) for o in outcomes)
    held = sum(o.call is Action.HOLD for o in outcomes)
    counts: dict[str, int] = {}
    for outcome in outcomes:
        for check in outcome.unmet:
            counts[check] = counts.get(check, 0) + 1
    order = {check.id: place for place, check in enumerate(rehearsal.plan.checks)}
    worst = max(counts, key=lambda one: (counts[one], -order[one]), default=None)
    return Chances(
        situation=situation,
        draws=draws,
        go=Chance.of(went, draws),
        hold=Chance.of(held, draws),
        refuse=Chance.of(refused, draws),
        bottleneck=worst,
        unmet=counts[worst] / draws if worst else 0.0,
        outcomes=outcomes,
    )


def _refuses(outcome: Outcome, harmed: Check | None) -> bool:
    softened = harmed is not None and harmed.on_breach_hold and harmed.id in outcome.refused
    return outcome.call in REFUSED or softened


def headlines(found: Sequence[Chances]) -> list[Chances]:
    """One for each kind of situation: of several harms, the one that is refused least often."""
    kept = {}
    for one in sorted(found, key=lambda c: -c.refuse.value):
        kept[one.situation.name] = one
    order = (NO_CHANGE, GAIN, HARM, HARM_IN_SLICE)
    return [kept[name] for name in order if name in kept]
