"""Outlook: from chances to what to do: how many units, what to loosen, what to buy first."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from shipcall.contract.contract import Contract, Harness
from shipcall.contract.plan import Plan
from shipcall.core import Check, Estimand, Need, Role, Slice, Standing
from shipcall.core.finding import judge
from shipcall.release.foresight.chances import (
    GAIN,
    NO_CHANGE,
    Chance,
    Chances,
    Situation,
    chances,
    headlines,
    hoped,
    situations,
)
from shipcall.release.foresight.nuisance import Known, Nuisance
from shipcall.release.foresight.rehearsal import Outcome, Rehearsal
from shipcall.release.foresight.setting import Setting

DRAWS = 400
"""Draws of each situation at the promised size."""
CURVE_DRAWS = 80
"""Draws of each situation at other sizes."""
SEAL_DRAWS = 60
"""Draws of each situation when a contract is sealed: the interval decides, and nobody waits."""
SLOW = 3
"""So many times fewer draws where a metric has to be drawn row by row."""
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Sizes of the curve, as multiples of what was promised."""
FURTHER = (32.0, 128.0)
"""Sizes at which the least sample is looked for beyond the curve."""
WANTED = 0.8
"""A sample is enough if the hoped gain advances, and each harm is refused, this often."""
MOST_CHECKS = 5
"""Checks of which it is said what they cost."""

Progress = Callable[[str], None]


def _silent(_text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A contract and what is taken beside it."""

    contract: Contract
    nuisance: Nuisance
    levels: Mapping[Slice, int] | None
    gains: Mapping[str, float]
    """Metric -> gain that is hoped for, as stated; positive is better."""
    seed: str

    def at(self, factor: float) -> Rehearsal:
        """The contract with so many times the promised units."""
        return Rehearsal(
            Setting.of(self.contract, self.nuisance, self.levels, factor=factor, seed=self.seed)
        )

    def hopes(self, rehearsal: Rehearsal) -> dict[str, Known]:
        """Metric -> gain that is hoped for."""
        return hoped(self.contract, rehearsal, self.nuisance, self.gains)

    def situations(self, rehearsal: Rehearsal) -> list[Situation]:
        """What is looked at."""
        return situations(self.contract, rehearsal, self.nuisance, self.hopes(rehearsal))


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The chances at one size."""

    factor: float
    units: Mapping[str, int]
    """Table -> units."""
    chances: Sequence[Chances]
    """Headlines, one for each kind of situation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """The least sample that decides."""

    factor: float | None
    """Times the promised units; None where no size that was tried is enough."""
    why: str
    """What stands in the way, if none is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What one change would do for the chance that the hoped gain advances."""

    kind: str
    """`check`, `margin`, `units` or `repeats`."""
    check: str | None
    chance: Chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Everything a plan says of the future."""

    every: Sequence[Chances]
    """All situations at the promised size."""
    curve: Sequence[Point]
    least: Least
    purchases: Sequence[Purchase]
    sensitivity: Mapping[float, Sequence[Chances]]
    """Times the spread -> headlines."""
    unread: Sequence[str]
    """Checks that were left out because nobody could count their slices yet."""
    looks: Sequence[int]
    """Looks that can decide."""
    hopes: Mapping[str, Known]

    @property
    def headlines(self) -> list[Chances]:
        """One for each kind of situation."""
        return headlines(self.every)


def unknowable(contract: Contract, promised: Plan, nuisance: Nuisance) -> str:
    """Say why no chance can be stated; empty where it can."""
    if not any(c.role in (Role.GOAL, Role.GUARDRAIL) for c in promised.checks):
        return "the gate has no goal and no guardrail"
    if nuisance.unknown:
        return "; ".join(nuisance.unknown.values())
    tables = {str(name) for name in contract.evidence}
    for table, taken in sorted(nuisance.tables.items()):
        if taken.units is None and table in tables:
            return (
                f"no units were promised of {table}: say expect = {{ units = … }} beside its path"
            )
    return ""


def outlook(question: Question, *, draws: int = DRAWS, progress: Progress = _silent) -> Outlook:
    """Work out the chances of each call, at the promised size and at others.

    Args:
        question: The contract and what is taken beside it; nothing of it is unknown.
        draws: Draws of each situation at the promised size.
        progress: Told what is being drawn.
    """
    progress("drawing evidence")
    here = question.at(1.0)
    slower = SLOW if here.slow else 1
    full, few = max(draws // slower, 20), max(min(CURVE_DRAWS, draws) // slower, 20)
    every = [chances(here, one, full) for one in question.situations(here)]
    top = headlines(every)
    curve = []
    for factor in FACTORS:
        progress(f"drawing evidence at {factor:g} times the units")
        curve.append(_point(question, factor, top, few) if factor != 1.0 else
                     Point(factor=1.0, units=here.setting.units, chances=top))  # fmt: skip
    progress("looking for what helps")
    gain = next(one for one in top if one.situation.name == GAIN)
    return Outlook(
        every=every,
        curve=curve,
        least=_least(question, curve, top, few),
        purchases=_purchases(question, here, gain, curve, few),
        sensitivity=_sensitivity(question, top, few),
        unread=here.setting.unread,
        looks=here.looks,
        hopes=question.hopes(here),
    )


def _point(question: Question, factor: float, top: Sequence[Chances], draws: int) -> Point:
    rehearsal = question.at(factor)
    found = [chances(rehearsal, one.situation, draws) for one in top]
    return Point(factor=factor, units=rehearsal.setting.units, chances=found)


def _enough(found: Sequence[Chances]) -> float:
    """Least of the chances that have to be great: the gain advances, each harm is refused."""
    asked = [c for c in found if c.situation.name != NO_CHANGE]
    return min(c.go.value if c.situation.name == GAIN else c.refuse.value for c in asked)


def _least(question: Question, curve: Sequence[Point], top: Sequence[Chances], draws: int) -> Least:
    """Find the least size by going up, then between two sizes on the logarithm of both."""
    points = list(curve)
    further = list(FURTHER)
    while _enough(points[-1].chances) < WANTED and further:
        points.append(_point(question, further.pop(0), top, draws))
    last = None
    for point in points:
        chance = _enough(point.chances)
        if chance >= WANTED:
            return Least(factor=_between(last, point.factor, chance), why="")
        last = (point.factor, chance)
    return Least(factor=None, why=_in_the_way(points[-1]))


def _between(last: tuple[float, float] | None, factor: float, chance: float) -> float:
    if last is None or chance <= last[1]:
        return factor
    way = (WANTED - last[1]) / (chance - last[1])
    return math.exp(math.log(last[0]) + way * math.log(factor / last[0]))


def _in_the_way(point: Point) -> str:
    asked = [c for c in point.chances if c.situation.name != NO_CHANGE]
    worst = min(asked, key=lambda c: c.go.value if c.situation.name == GAIN else c.refuse.value)
    if worst.situation.name == GAIN:
        return (
            f"even with {point.factor:g} times the units {worst.bottleneck} would be unmet in "
            f"{worst.unmet:.0%} of releases with the hoped gain"
        )
    harmed = worst.situation.check.id if worst.situation.check else ""
    return (
        f"even with {point.factor:g} times the units the harm in {harmed} would be refused in "
        f"{worst.refuse.value:.0%} of releases only"
    )


def _purchases(
    question: Question, here: Rehearsal, gain: Chances, curve: Sequence[Point], draws: int
) -> list[Purchase]:
    """What would help the hoped gain most, best first."""
    found = []
    for check in _costly(here, gain):
        passed = sum(not (o.unmet - {check.id}) for o in gain.outcomes)
        found.append(Purchase(kind="check", check=check.id, chance=Chance.of(passed, gain.draws)))
        looser = _looser(check, question)
        wide = sum(
            not (o.unmet - {check.id}) and (check.id not in o.unmet or _met(here, looser, o))
            for o in gain.outcomes
        )
        found.append(Purchase(kind="margin", check=check.id, chance=Chance.of(wide, gain.draws)))
    double = next(point for point in curve if point.factor == 2.0)
    more = next(one for one in double.chances if one.situation.name == GAIN)
    found.append(Purchase(kind="units", check=None, chance=more.go))
    if any(table.runs.value > 1 for table in question.nuisance.tables.values()):
        twice = _with_twice_the_repeats(question).at(1.0)
        again = chances(twice, gain.situation, draws)
        found.append(Purchase(kind="repeats", check=None, chance=again.go))
    better = [one for one in found if one.chance.value > gain.go.value]
    return sorted(better, key=lambda one: -one.chance.value)


def _costly(here: Rehearsal, gain: Chances) -> list[Check]:
    """Checks that are unmet most often, most costly first."""
    moving = [c for c in here.plan.checks if c.role in (Role.GOAL, Role.GUARDRAIL)]
    counts = {c.id: sum(c.id in o.unmet for o in gain.outcomes) for c in moving}
    ordered = sorted((c for c in moving if counts[c.id]), key=lambda c: -counts[c.id])
    return ordered[:MOST_CHECKS]


def _looser(check: Check, question: Question) -> Check:
    """The same check with twice the margin; a goal asks for half the gain."""
    value = question.nuisance.metrics[check.metric].value.value
    bar = check.bar
    if check.estimand is Estimand.CANDIDATE:
        low, high = 2 * bar.low - value, 2 * bar.high - value
    elif check.role is Role.GOAL and not bar.two_sided and (bar.low > 0 or bar.high < 0):
        low, high = bar.low / 2, bar.high / 2
    else:
        low, high = 2 * bar.low, 2 * bar.high
    return replace(check, bar=replace(bar, low=low, high=high))


def _met(here: Rehearsal, check: Check, outcome: Outcome) -> bool:
    measured = here.measured(check, outcome)
    standing = judge(check, measured)
    if check.need is Need.SHOWN:
        return standing is Standing.CLEAR
    return standing in (Standing.CLEAR, Standing.OPEN)


def _with_twice_the_repeats(question: Question) -> Question:
    harness = question.contract.harness or Harness()
    twice = harness.model_copy(update={"repeats": 2 * harness.repeats})
    tables = {
        name: replace(table, runs=table.runs._replace(value=2 * table.runs.value))
        if table.runs.value > 1 else table
        for name, table in question.nuisance.tables.items()
    }  # fmt: skip
    return replace(
        question,
        contract=question.contract.model_copy(update={"harness": twice}),
        nuisance=replace(question.nuisance, tables=tables),
    )


def _sensitivity(
    question: Question, top: Sequence[Chances], draws: int
) -> dict[float, list[Chances]]:
    """Chances at half and at twice the spread, in the same situations."""
    found = {}
    for factor in (0.5, 2.0):
        other = replace(question, nuisance=question.nuisance.scaled(factor)).at(1.0)
        found[factor] = [chances(other, one.situation, draws) for one in top]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Whether a contract can make any call but HOLD."""

    chance: Chance
    situation: str
    """In which situation it decides most often."""
    check: str | None
    """The guardrail that is harmed in it."""
    halved: bool
    """Worked out at half the assumed spread, for the benefit of the doubt."""
    bottleneck: str | None
    """The check that is unmet most often under the hoped gain."""
    unmet: float
    """How often that is, in [0, 1]."""


def deciding_chance(question: Question, *, least: float) -> Deciding:
    """Find the greatest chance of a call other than HOLD, over the gain and every harm.

    A contract that can say neither yes to the hoped gain nor no to any harm cannot decide. One
    situation in which it can is enough: this is for refusing contracts that are hopeless, not
    for praising the others. Where spreads are assumptions and the chance is too small, half of
    each is tried as well: nobody is refused for a guess.

    Args:
        question: The contract and what is taken beside it; nothing of it is unknown.
        least: The chance below which half the spread is tried.
    """
    found = _best(question)
    if found.chance.high < least and question.nuisance.guessed:
        halved = replace(question, nuisance=question.nuisance.scaled(0.5))
        return replace(_best(halved), halved=True)
    return found


def _best(question: Question) -> Deciding:
    here = question.at(1.0)
    asked = [one for one in question.situations(here) if one.name != NO_CHANGE]
    tried = [chances(here, one, SEAL_DRAWS) for one in asked]
    best = max(tried, key=lambda one: one.decided.value)
    harmed = best.situation.check.id if best.situation.check else None
    gain = next(one for one in tried if one.situation.name == GAIN)
    return Deciding(
        chance=best.decided,
        situation=best.situation.name,
        check=harmed,
        halved=False,
        bottleneck=gain.bottleneck,
        unmet=gain.unmet,
    )
