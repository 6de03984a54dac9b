"""Ramp: a whole rollout, drawn and judged day by day until its call, before anybody is exposed.

Checks, levels and shares are those of the contract, standings those of the sequences that judge
the real rollout, and the call of every look is `core.decide`. One look a day is taken, at whole
days from the first exposure; a share is left at the look that says ADVANCE.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan, Progress
from shipcall.contract.rollout import Seen, progress_of, rollout_plan, served_shares
from shipcall.core import (
    Absent,
    Action,
    Check,
    Estimate,
    Finding,
    Measured,
    Reason,
    Role,
    Validity,
    decide,
)
from shipcall.core.estimate import census
from shipcall.release.foresight.crowd import DAY, Blocks, Crowd, Effect, Law, Sums
from shipcall.release.foresight.lookout import Codes, Lookout, Stand, drawable
from shipcall.release.promise import situation
from shipcall.stages import STAGES

BEGIN = datetime(2001, 1, 1, tzinfo=UTC)
"""First exposure of every drawn rollout; nothing depends on it."""
BATCHES = 8
"""Most groups of draws that share the units on which their sequences are tuned."""
BATCH = 25
"""Fewest draws of such a group, where there are so many."""
OPEN_END = 28
"""Days after the least hours that are drawn where the contract names no `max_days`."""
MOST_DAYS = 366
"""Later looks are not drawn."""


class Call(NamedTuple):
    """What one look says."""

    action: Action
    because: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ending:
    """How one drawn rollout went."""

    action: Action
    """SHIP, NO SHIP or ROLL BACK; HOLD where the days ended without one of them."""
    day: int
    """Look that made the call."""
    left: tuple[int, ...]
    """Look at which each share was left, in order of the shares that were served."""
    because: frozenset[str]
    first: Mapping[str, int]
    """Check -> first look at which it was breached."""


@dataclass(frozen=True, slots=True)
class _Leg:
    """Rollouts that went alike so far, at one share."""

    position: int
    entered: tuple[int, ...]
    """Look at which each share was entered, the present one last."""
    sums: Sums | None
    first: tuple[Mapping[str, int], ...]
    """Of every rollout: check -> first look at which it was breached."""


class Ramp:
    """One contract with so many units a day, ready to be drawn under any effects.

    Args:
        contract: With [rollout].
        crowd: Who comes.
        laws: Metric -> law of its outcomes, for every metric that can be drawn.
    """

    def __init__(self, contract: Contract, crowd: Crowd, laws: Mapping[str, Law]) -> None:
        self.contract, self.crowd, self.laws = contract, crowd, laws
        self.shares = served_shares(contract)
        rollout = contract.rollout
        least = sum(rollout.min_hours) / DAY if rollout else 0.0
        self.named = rollout is not None and rollout.max_days is not None
        days = rollout.max_days if rollout and rollout.max_days else least + OPEN_END
        self.days = min(max(int(days), 1), MOST_DAYS)
        """Looks before the deadline; one more is taken after it."""
        self.blocks = Blocks.until((self.days + 1) * DAY)
        self._calls: dict[tuple[int, int, bool, bytes], Call] = {}

    @cached_property
    def plan(self) -> Plan:
        """The plan at the last share, where everything has to be shown."""
        return self.plan_at(len(self.shares) - 1, 0, 0)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The checks that can be drawn, in the order of the contract."""
        return tuple(check for check in self.plan.checks if drawable(check, self.plan))

    def plan_at(self, position: int, entered: int, day: int) -> Plan:
        """What is promised at a look.

        Args:
            position: Which share is served.
            entered: Look at which it was entered.
            day: Days since the first exposure.
        """
        first = [Seen(self.shares[0], 1, BEGIN)] if position else []
        now = Seen(self.shares[position], 1, BEGIN + timedelta(days=entered))
        moment = BEGIN + timedelta(days=day)
        return rollout_plan(self.contract, progress_of(self.contract, [*first, now], moment))

    def run(
        self, effects: Mapping[str, Effect], draws: int, rng: np.random.Generator
    ) -> list[Ending]:
        """Draw so many rollouts to their end.

        Args:
            effects: Metric -> what the candidate changes.
            draws: How many; they are drawn in groups that share their tuning.
            rng: Where chance comes from.
        """
        sizes = [
            len(part)
            for part in np.array_split(np.arange(draws), min(BATCHES, max(draws // BATCH, 1)))
        ]
        endings: list[Ending] = []
        for size in sizes:
            legs = [_Leg(0, (0,), None, ({},) * size)]
            while legs:
                leg = legs.pop()
                sums = self._drawn(leg, effects, rng)
                ended, further = self._judged(leg, sums)
                endings += ended
                legs += further
        return endings

    def _drawn(self, leg: _Leg, effects: Mapping[str, Effect], rng: np.random.Generator) -> Sums:
        """The rollouts of a leg, gone on at its share until the last look."""
        begun = 0 if leg.sums is None else leg.sums.share.size
        stretch = (begun, self.blocks.end.size)
        share, rollouts = self.shares[leg.position], len(leg.first)
        new = self.crowd.draw(self.laws, effects, self.blocks, stretch, share, rollouts, rng)
        return new if leg.sums is None else leg.sums.followed(new)

    def _judged(self, leg: _Leg, sums: Sums) -> tuple[list[Ending], list[_Leg]]:
        """Look every day; a rollout ends, or leaves the share, at its first call but HOLD."""
        looks = range(leg.entered[-1] + 1, self.days + 2)
        codes = self.codes(leg.position, leg.entered[-1], sums, looks)
        ended: list[Ending] = []
        leaving: dict[int, list[int]] = {}
        firsts = []
        for rollout in range(len(leg.first)):
            day, call = self._called(leg, codes[rollout], looks)
            breached = _breaches(self.checks, codes[rollout], looks, day)
            firsts.append({**dict(breached), **leg.first[rollout]})
            if call.action is Action.ADVANCE and day <= self.days:
                leaving.setdefault(day, []).append(rollout)
                continue
            action = call.action
            if action is Action.ADVANCE:
                action = self._at_deadline
            left = (*leg.entered[1:], day)
            ended.append(Ending(action, day, left, call.because, firsts[-1]))
        return ended, [
            self._next(leg, day, gone, sums, firsts) for day, gone in sorted(leaving.items())
        ]

    def _next(
        self,
        leg: _Leg,
        day: int,
        gone: Sequence[int],
        sums: Sums,
        firsts: Sequence[Mapping[str, int]],
    ) -> _Leg:
        chosen = np.zeros(len(leg.first), dtype=np.bool_)
        chosen[list(gone)] = True
        kept = sums.of(chosen, int(np.searchsorted(self.blocks.start, day * DAY)))
        known = tuple(firsts[rollout] for rollout in gone)
        return _Leg(leg.position + 1, (*leg.entered, day), kept, known)

    def codes(self, position: int, entered: int, sums: Sums, looks: Sequence[int]) -> Codes:
        """Standings at looks: shape (G, looks, K + 1), the checks and then `stage.units`."""
        plan = self.plan_at(position, entered, looks[0])
        progress = _progress(plan)
        lookout = Lookout(plan=plan, progress=progress, crowd=self.crowd, blocks=self.blocks)
        found = lookout.standings(sums, looks)
        first = int(np.searchsorted(self.blocks.start, entered * DAY))
        units = lookout.enough(sums, looks, first)
        return np.stack([*(found[check.id] for check in self.checks), units], axis=-1)

    def _called(self, leg: _Leg, codes: Codes, looks: Sequence[int]) -> tuple[int, Call]:
        """The first call of a rollout but HOLD, or the one of its last look."""
        day, call = looks[0], Call(Action.HOLD, frozenset())
        for at, look in enumerate(looks):
            day, call = look, self.call(leg.position, leg.entered[-1], look, codes[at])
            if call.action is not Action.HOLD:
                break
        return day, call

    def call(self, position: int, entered: int, day: int, codes: Codes) -> Call:
        """Fold the standings of one look; what depends on them alone is folded once.

        Args:
            position: Which share is served.
            entered: Look at which it was entered.
            day: Days since the first exposure.
            codes: Of every check, and of `stage.units`: shape (K + 1,).
        """
        key = (position, min(day - entered, self._most), day > self.days, codes.tobytes())
        if key not in self._calls:
            self._calls[key] = self._fold(position, entered, day, codes)
        return self._calls[key]

    @cached_property
    def _most(self) -> int:
        """Days at a share after which `stage.hours` is satisfied wherever it is asked."""
        rollout = self.contract.rollout
        return int(max(rollout.min_hours, default=0.0) // DAY) + 1 if rollout else 0

    def _fold(self, position: int, entered: int, day: int, codes: Codes) -> Call:
        plan = self.plan_at(position, entered, day)
        stands = dict(zip([check.id for check in self.checks], codes[:-1].tolist(), strict=True))
        progress = _progress(plan)
        asked = dict(enumerate(progress.least_hours)).get(position, 0.0)
        stands["stage.hours"] = Stand.CLEAR if progress.hours >= asked else Stand.ABSENT
        stands["stage.units"] = int(codes[-1])
        checks = [check for check in plan.checks if self._folds(check)]
        findings = [
            Finding(check=check, measured=_measured(check, stands.get(check.id, Stand.ABSENT)))
            for check in checks
        ]
        at = situation(self.contract, STAGES["rollout"], plan, spent=False, sealed=True)
        if not self.named:
            at = replace(at, overdue=False)
        verdict = decide(checks, findings, at)
        return Call(verdict.call, frozenset(verdict.because))

    def _folds(self, check: Check) -> bool:
        """Sanity is satisfied, and quantiles are left out; what nobody can measure holds."""
        known = self.plan.measures.get(check.metric)
        return check.role is not Role.SANITY and (known is None or known.kind != "quantile")

    @property
    def _at_deadline(self) -> Action:
        rollout = self.contract.rollout
        return Action(rollout.at_deadline) if rollout and self.named else Action.HOLD


def _progress(plan: Plan) -> Progress:
    if plan.progress is None:
        raise ValueError("a rollout's plan says how far it is")
    return plan.progress


def _breaches(
    checks: Sequence[Check], codes: Codes, looks: Sequence[int], until: int
) -> Iterator[tuple[str, int]]:
    """Checks that were breached until a look, each with the first."""
    seen = codes[: until - looks[0] + 1, :-1] == Stand.BREACH
    for place in np.flatnonzero(seen.any(axis=0)):
        yield checks[int(place)].id, looks[int(np.argmax(seen[:, place]))]


def _measured(check: Check, stand: int) -> Measured:
    """An interval that stands to the bar of a check as was found."""
    if stand == Stand.ABSENT:
        return Absent(reason=Reason.TOO_FEW_UNITS, detail="not yet")
    if check.id.startswith("stage."):
        return census(check.bar.low, "drawn")
    bar, inf = check.bar, np.inf
    edge = bar.low if np.isfinite(bar.low) else bar.high
    out = -inf if np.isfinite(bar.low) else inf
    beyond = float(np.nextafter(edge, out))
    ends = {
        Stand.CLEAR: (bar.low, edge, bar.high),
        Stand.OPEN: (-inf, edge, inf),
        Stand.BREACH: (min(out, beyond), beyond, max(out, beyond)),
    }
    low, value, high = ends[Stand(stand)]
    return Estimate(
        value=value,
        low=low,
        high=high,
        tails=check.tails,
        n=1,
        method="drawn",
        validity=Validity.ANYTIME,
    )
