"""Quick: the standings of the gate, for judging a thousand times what the gate judges once."""

from collections.abc import Iterable
from dataclasses import replace

from shipcall.contract.plan import Plan
from shipcall.core import Absent, Check, Finding, Measured, Standing, Tails
from shipcall.metrics import METRICS, Statistic
from shipcall.stages import Samples
from shipcall.stages.gate import generator, is_fact, measure, measured, sample_of
from shipcall.stats.reach import standing_estimate
from shipcall.stats.resample import joint_tails
from shipcall.stats.sample import PairSample, Sample


def standings(plan: Plan, samples: Samples) -> dict[str, Measured]:
    """Estimate every check so that its standing is the gate's; its interval need not be.

    Exact intervals are taken only as far as the bar asks, and the bootstrap of a family is
    left out where it cannot matter: a joint bound lies between the one at the family's own level
    and the one at an equal share of it, so a slice that is in breach at the share is in breach,
    and one that is not in breach at the level is not. Clearing does not depend on it.
    """
    found = {
        check.id: _stood(check, plan, sample_of(check, plan, samples), check.tails)
        for check in plan.checks
        if not is_fact(check)
    }
    families: dict[str, list[Check]] = {}
    for check in plan.checks:
        if check.family is not None:
            families.setdefault(check.family.name, []).append(check)
    for checks in families.values():
        if any(_in_breach(check, found[check.id]) for check in checks):
            found |= _family(checks, plan, samples)
    return found


def _family(checks: list[Check], plan: Plan, samples: Samples) -> dict[str, Measured]:
    """Estimate a family in which some slice may be in breach."""
    members = {check.id: sample_of(check, plan, samples) for check in checks}
    pairs = {name: s for name, s in members.items() if isinstance(s, PairSample)}
    family = checks[0].family
    others = [s for s in members.values() if not isinstance(s, PairSample | Absent)]
    if family is None or family.method != "max-t" or others:
        every = measured(plan, samples)
        return {check.id: every[check.id] for check in checks}
    there = [check for check in checks if check.id in pairs]
    equal = {c.id: _breaching_at(c, family.breach_at / len(pairs)) for c in there}
    strict = {c.id: _stood(c, plan, pairs[c.id], equal[c.id]) for c in there}
    loose = {c.id: _stood(c, plan, pairs[c.id], c.tails) for c in there}
    if _breaches(there, strict) == _breaches(there, loose):
        return loose
    first = checks[0]
    tails = joint_tails(
        list(pairs.values()),
        first.estimand,
        bar=first.bar,
        clear_at=first.clear_at,
        breach_at=first.breach_at,
        rng=generator(family.name),
    )
    return {
        check.id: _stood(check, plan, pairs[check.id], own)
        for check, own in zip(there, tails, strict=True)
    }


def _breaching_at(check: Check, level: float) -> Tails:
    return replace(check, breach_at=level).tails


def _breaches(checks: Iterable[Check], estimates: dict[str, Measured]) -> set[str]:
    return {check.id for check in checks if _in_breach(check, estimates[check.id])}


def _in_breach(check: Check, estimate: Measured) -> bool:
    return Finding(check=check, measured=estimate).standing is Standing.BREACH


def _stood(check: Check, plan: Plan, sample: Sample | Absent, tails: Tails) -> Measured:
    """Estimate one check; a difference of pairs only as far as its bar asks."""
    how = plan.measures[check.metric]
    if isinstance(sample, Absent):
        return sample
    if METRICS[how.kind].statistic is Statistic.RATIO and isinstance(sample, PairSample):
        return standing_estimate(sample, check.estimand, tails, check.bar)
    return measure(check, how, sample)
