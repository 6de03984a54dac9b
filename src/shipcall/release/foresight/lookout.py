"""Lookout: where the checks of a rollout stand at its daily looks, for many rollouts at once.

The standings are those that `stages.rollout.examine` finds on the same sums: the same tuning, the
same sequences, the same units that are too few. Only their intervals are not searched for.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from shipcall.contract.plan import Plan, Progress
from shipcall.core import Check, Estimand, Role
from shipcall.release.foresight.crowd import ALL, DAY, Blocks, Crowd, Sums
from shipcall.stages._integrity import score_plan
from shipcall.stages._online import MEASURABLE, Online, is_outcome
from shipcall.stats.sample import Floats, Ints
from shipcall.stats.sequential.epochs import STEP, Cell, Epochs, Pair, Table
from shipcall.stats.sequential.epochs import Sums as Steps
from shipcall.stats.sequential.mixtures import gamma_exponential, tuned_rho
from shipcall.stats.sequential.score import MIN_UNITS, ScorePlan, score_paths
from shipcall.stats.sequential.standings import Standings, rare_standings, score_standings
from shipcall.stats.sequential.tuning import Tuned, tuned

Codes = NDArray[np.int8]
_ARMS = (Estimand.CANDIDATE, Estimand.BASELINE)


class Stand(IntEnum):
    """A standing as a number, for arrays of them."""

    CLEAR = 0
    OPEN = 1
    BREACH = 2
    ABSENT = 3


def drawable(check: Check, plan: Plan) -> bool:
    """Can outcomes of the check be drawn as sums? Quantiles cannot."""
    kind = plan.measures[check.metric].kind if is_outcome(check) else ""
    return kind in MEASURABLE and kind != "quantile"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookout:
    """Everything that standings depend on beside the sums."""

    plan: Plan
    progress: Progress
    crowd: Crowd
    blocks: Blocks

    def standings(self, sums: Sums, looks: Sequence[int]) -> Mapping[str, Codes]:
        """Say where every check that can be drawn stands at each look.

        Args:
            sums: Some rollouts with one course of shares, at least up to the last look.
            looks: Days since the first exposure.

        Returns:
            Check id -> codes of `Stand`, shape (G, looks).
        """
        drawn = [check for check in self.plan.checks if drawable(check, self.plan)]
        return {check.id: self._stands(check, sums, looks) for check in drawn}

    def enough(self, sums: Sums, looks: Sequence[int], entered: int) -> Codes:
        """Say whether the present share has seen enough units, as `stage.units` asks for.

        Args:
            sums: Some rollouts with one course of shares, at least up to the last look.
            looks: Days since the first exposure.
            entered: Block in which the present share began.

        Returns:
            CLEAR or ABSENT, shape (G, looks).
        """
        shape = (sums.n[ALL].shape[0], len(looks))
        clear = np.full(shape, Stand.CLEAR, dtype=np.int8)
        if not 0 < sums.share[-1] < 1:
            return clear
        least = np.full(shape, math.inf)
        came = np.cumsum(sums.n[ALL][..., entered:], axis=-1).min(axis=-2)
        for window in {self._window(check) for check in self.plan.checks if self._guards(check)}:
            at = self._entered(window, looks) - entered
            here = np.where(at >= 0, came[:, np.maximum(at, 0)], 0.0)
            least = np.minimum(least, here)
        return np.where(least >= MIN_UNITS, clear, np.int8(Stand.ABSENT))

    def _guards(self, check: Check) -> bool:
        known = is_outcome(check) and self.plan.measures[check.metric].kind in MEASURABLE
        return known and check.role is Role.GUARDRAIL and not check.slice.pairs

    def _window(self, check: Check) -> float:
        return self.plan.measures[check.metric].window_hours

    def _entered(self, window: float, looks: Sequence[int]) -> Ints:
        """The last block whose windows have all closed at each look; -1 where none has."""
        moments = np.array(looks) * DAY - window
        return np.asarray(np.searchsorted(self.blocks.end, moments, side="right") - 1)

    def _stands(self, check: Check, sums: Sums, looks: Sequence[int]) -> Codes:
        absent = np.full((sums.n[ALL].shape[0], len(looks)), Stand.ABSENT, dtype=np.int8)
        measure = self.plan.measures[check.metric]
        how = Online(
            measure=measure, progress=self.progress, estimand=check.estimand, tails=check.tails
        )
        ends = self.blocks.end[: sums.share.size]
        burnt = self.crowd.burnt(check.slice, ends)
        at = np.minimum(self._entered(measure.window_hours, looks), ends.size - 1) - burnt
        table = sums.table(check.metric, check.slice, ends)
        found = tuned(_spent(table, burnt), binary=how.binary)
        if found is None or at.max() < 0:
            return absent
        flags = _flags(check, how, found, _after(table, burnt), at)
        codes = np.where(flags.clear, Stand.CLEAR, Stand.OPEN)
        codes = np.where(flags.breach, Stand.BREACH, codes)
        return np.where(flags.present & (at >= 0), codes, Stand.ABSENT).astype(np.int8)


def _after(table: Table, burnt: int) -> Table:
    """Cells behind the burn-in."""
    sums = (part[..., burnt:] for part in table[2:])
    return Table(table.epoch[burnt:], table.share[burnt:], *sums)


def _spent(table: Table, burnt: int) -> Epochs:
    """The burn-in, and one epoch more, of the first rollout: all share it."""
    cells = {}
    for at in range(min(burnt + 1, table.epoch.size)):
        arms = [
            Steps(
                n=round(float(table.n[0, arm, at])),
                y=round(float(table.y[0, arm, at]) / STEP),
                yy=round(float(table.yy[0, arm, at]) / STEP**2),
            )
            for arm in (0, 1)
        ]
        if arms[0].n + arms[1].n:
            cells[Cell(int(table.epoch[at]), 0, float(table.share[at]))] = Pair(*arms)
    return Epochs(cells=cells)


def _flags(check: Check, how: Online, found: Tuned, table: Table, at: Ints) -> Standings:
    """Flags at the places of a table; shape (G, places)."""
    plan = score_plan(found, how.progress, epoch_hours=1)
    places = np.maximum(at, 0)
    if check.estimand in _ARMS:
        return _arm_flags(check, how, plan, table, places)
    if how.rare:
        found_flags = rare_standings(table, check.bar, check.tails)
        return Standings(*(flag[:, places] for flag in found_flags))
    flags = score_standings(table, plan, check.estimand, check.bar, check.tails)
    known = ~_constant(table) & _directed(table, plan, check.estimand)
    return Standings(*((flag & known)[:, places] for flag in flags))


def _constant(table: Table) -> NDArray[np.bool_]:
    """Has each arm one value only? Shape (G, C)."""
    free = (table.share > 0) & (table.share < 1)
    n, y, yy = (np.cumsum(part * free, axis=-1) for part in (table.n, table.y, table.yy))
    return np.asarray((np.abs(n * yy - y * y) <= 1e-9 * n * yy).all(axis=-2))


def _directed(table: Table, plan: ScorePlan, estimand: Estimand) -> NDArray[np.bool_]:
    """Do both arms' sums leave a relative change a direction? A difference always has one."""
    if estimand is not Estimand.RELATIVE:
        return np.asarray(True)
    score = score_paths(table, plan.start, estimand).score
    return np.asarray((score.linear > 0) & (score.constant < 0))


def _arm_flags(check: Check, how: Online, plan: ScorePlan, table: Table, places: Ints) -> Standings:
    """Standings of `arm_mean`: an end is beyond a bar where the evidence excludes the bar."""
    arm = 1 if check.estimand is Estimand.CANDIDATE else 0
    n, y = (np.cumsum(part[:, arm], axis=-1) for part in (table.n, table.y))
    shape = (n.shape[0], places.size)
    if how.range is None:
        return Standings(*[np.zeros(shape, dtype=np.bool_)] * 3)
    units = _before(n, table.n[:, arm]) + plan.start.units
    expected = (_before(y, table.y[:, arm]) + plan.start.units * plan.start.value) / units
    expected = np.clip(expected, *how.range)
    squares = table.yy[:, arm] - 2.0 * expected * table.y[:, arm] + expected**2 * table.n[:, arm]
    gathered = np.cumsum(np.maximum(squares, 0.0), axis=-1)[:, places]
    n, y = n[:, places], y[:, places]
    width = how.range[1] - how.range[0]

    def beyond(lead: Floats, tail: float) -> NDArray[np.bool_]:
        rho, target = tuned_rho(plan.information, tail), -math.log(tail)
        flat = [
            s > 0 and gamma_exponential(s, v, rho, width) >= target
            for s, v in zip(lead.ravel().tolist(), gathered.ravel().tolist(), strict=True)
        ]
        return np.array(flat, dtype=np.bool_).reshape(shape)

    present = n > 0
    clear, breach = present.copy(), np.zeros(shape, dtype=np.bool_)
    if math.isfinite(check.bar.low):
        clear &= beyond(y - n * check.bar.low, check.tails.low)
        breach |= beyond(n * check.bar.low - y, check.tails.high)
    if math.isfinite(check.bar.high):
        clear &= beyond(n * check.bar.high - y, check.tails.high)
        breach |= beyond(y - n * check.bar.high, check.tails.low)
    return Standings(present, clear, present & breach)


def _before(running: Floats, own: Floats) -> Floats:
    """Sums of all earlier epochs."""
    return running - own
