"""Rehearsal: the whole gate, folded many times on evidence that is drawn.

What is folded is the contract's own plan, through the code that folds real evidence: the same
checks and levels, `stages.gate.examine`, `core.decide`. Only the samples are drawn instead of
summed from rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from shipcall.core import (
    Absent,
    Action,
    Check,
    Measured,
    Reason,
    Role,
    Situation,
    Slice,
    Standing,
    decide,
)
from shipcall.core.finding import judge
from shipcall.metrics import METRICS, Statistic
from shipcall.release.foresight.drawn import Bench, DrawnEvidence
from shipcall.release.foresight.laws import Drawn
from shipcall.release.foresight.models import Model, model_of
from shipcall.release.foresight.setting import Setting
from shipcall.stages.gate import examine, generator, is_fact, sample_of, statistics_plan
from shipcall.stats.sample import BinSample, Floats, Ints, PairSample, QuantileSample, Sample


class Shift(NamedTuple):
    """Candidate minus baseline of one metric, everywhere or in one slice only."""

    effect: float = 0.0
    """In the unit of the metric."""
    part: Slice = Slice()
    elsewhere: float = 0.0
    """The effect outside that slice."""


Shifts = Mapping[str, Shift]
"""Metric -> its shift; metrics that are not named have none."""
_UNSHIFTED = Shift()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one draw led to."""

    call: Action
    unmet: frozenset[str]
    """Checks whose need was not met at the look that made the call."""
    refused: frozenset[str]
    """Checks that were breached there."""
    held: Mapping[tuple[str, Slice], Sample | Absent] = field(repr=False)
    """What was drawn at that look."""


class _Called(NamedTuple):
    call: Action
    unmet: frozenset[str]
    refused: frozenset[str]


class Rehearsal:
    """One contract with so many units, ready to be folded under any shift.

    Args:
        setting: Contract, nuisance and units.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.plan = setting.plan
        taken = setting.nuisance
        self.models: dict[str, Model] = {}
        for name, metric in taken.metrics.items():
            how = self.plan.measures[name]
            if how.evidence in setting.units:
                self.models[name] = model_of(how, metric, taken.tables[how.evidence])
        self._places = {name: setting.place(name) for name in self.models} if self.looks else {}
        measured = tuple(check for check in self.plan.checks if not is_fact(check))
        self._folded = replace(self.plan, checks=measured)
        self._bench = Bench(self._folded, self._references())
        self._drawn: dict[tuple[str, Shift, int], Sequence[Drawn]] = {}
        self._without = self._absent()
        self._calls: dict[tuple[Standing, ...], _Called] = {}

    @property
    def looks(self) -> list[int]:
        """Looks that can decide, from 1."""
        return self.setting.looks

    @property
    def slow(self) -> bool:
        """Does a draw need rows?"""
        kinds = {METRICS[self.plan.measures[name].kind].statistic for name in self.models}
        return kinds != {Statistic.RATIO}

    def fold(self, shifts: Shifts, draws: int) -> list[Outcome]:
        """Draw evidence under these shifts and make the call, again and again.

        The gate is asked after each promised look; the first call other than HOLD stands.
        Metrics that are not shifted keep their draws from one scenario to the next, so that
        scenarios differ by what they are about and not by chance.

        Args:
            shifts: What the candidate changes.
            draws: How often.
        """
        distrusted = Outcome(Action.HOLD, self.setting.distrusted, frozenset(), {})
        if not self.looks:
            return [distrusted] * draws
        drawn = {name: self._draws(name, self._effect(name, shifts), draws) for name in self.models}
        order = self._orders(drawn, draws)
        rng = generator(*self.setting.seed, "lost")
        trusted = [self.setting.within_loss(look, rng, draws) for look in self.looks]
        outcomes = []
        for i in range(draws):
            outcome = distrusted
            for number in range(len(self.looks)):
                if not trusted[number][i]:
                    continue
                held = dict(self._without)
                for name, looks in drawn.items():
                    at = order[name][i]
                    held |= {(name, part): own[at] for part, own in looks[number].items()}
                outcome = self._called(held)
                if outcome.call is not Action.HOLD:
                    break
            outcomes.append(outcome)
        return outcomes

    def measured(self, check: Check, outcome: Outcome) -> Measured:
        """Measure one check with another bar on what was drawn."""
        return self._bench.anew(check, sample_of(check, self.plan, outcome.held))

    def _called(self, held: dict[tuple[str, Slice], Sample | Absent]) -> Outcome:
        """Fold one draw.

        A call is made from standings alone, so the same standings are folded once. Counts are as
        expected and satisfied, so they are not folded at all.
        """
        checks = self._folded.checks
        measured = self._bench(self._folded, held)
        standings = tuple(judge(check, measured[check.id]) for check in checks)
        if standings not in self._calls:
            self._calls[standings] = self._verdict(held)
        verdict = self._calls[standings]
        return Outcome(verdict.call, verdict.unmet, verdict.refused, held)

    def _verdict(self, held: dict[tuple[str, Slice], Sample | Absent]) -> "_Called":
        findings = examine(self._folded, DrawnEvidence(held), self._bench)
        contract = self.setting.contract
        situation = Situation(stage="gate", sealed=True, final=contract.final_stage("gate"))
        verdict = decide(self._folded.checks, findings, situation)
        unmet = (f.check.id for f in verdict.findings if not f.satisfied)
        moving = (f for f in verdict.findings if f.check.role is not Role.SANITY)
        refused = (f.check.id for f in moving if f.standing is Standing.BREACH)
        return _Called(verdict.call, frozenset(unmet), frozenset(refused))

    def _effect(self, name: str, shifts: Shifts) -> Shift:
        """Shift of what a metric is drawn from; metrics of the same rows move together."""
        model = self.models[name]
        for other, shift in shifts.items():
            if other in self.models and self.models[other].source == model.source:
                moved = self.models[other].moved
                return Shift(moved(shift.effect), shift.part, moved(shift.elsewhere))
        return _UNSHIFTED

    def _draws(self, name: str, shift: Shift, draws: int) -> Sequence[Drawn]:
        key = (name, shift, draws)
        if key not in self._drawn:
            model, place = self.models[name], self._places[name]
            cells = self.setting.cells
            effect = np.where(cells.within(shift.part), shift.effect, shift.elsewhere)
            rng = generator(*self.setting.seed, model.source)
            self._drawn[key] = model.law.draw(place, effect, rng, draws)
        return self._drawn[key]

    def _references(self) -> dict[str, dict[tuple[str, Slice], Sample | Absent]]:
        joint = {
            c.metric
            for c in self.plan.checks
            if c.family is not None and c.family.method == "max-t"
        }
        found = {}
        for name in sorted(joint & set(self._places)):
            rng = generator(*self.setting.seed, "reference", name)
            samples = self.models[name].law.reference(self._places[name], rng)
            found[name] = {(name, part): sample for part, sample in samples.items()}
        return found

    def _absent(self) -> dict[tuple[str, Slice], Sample | Absent]:
        """Samples of metrics for which there is no law: their table is not in the contract."""
        detail = "no path in [evidence]"
        absent = Absent(reason=Reason.NO_EVIDENCE, detail=detail)
        asked = statistics_plan(self.plan).requests
        return {
            (r.metric, p): absent for r in asked if r.metric not in self.models for p in r.slices
        }

    def _orders(self, drawn: Mapping[str, Sequence[Drawn]], draws: int) -> dict[str, Ints]:
        """In which order the draws of each metric are put together.

        Draws of different metrics are independent. Where their differences are known to be
        correlated over units, the draws of each are sorted so that the ranks of their
        differences are those of normal numbers with that correlation (Iman & Conover 1982).
        """
        plain = np.arange(draws)
        known = self.setting.nuisance.correlation
        if not known:
            return dict.fromkeys(drawn, plain)
        leads = {model.source: name for name, model in reversed(self.models.items())}
        names = list(leads.values())
        wanted = np.eye(len(names))
        for (one, other), correlation in known.items():
            if one in names and other in names:
                i, j = names.index(one), names.index(other)
                wanted[i, j] = wanted[j, i] = correlation.value
        scores = _normals(wanted, draws, generator(*self.setting.seed, "correlation"))
        orders = {}
        for column, name in enumerate(names):
            ranked = np.argsort([_gain(s) for s in drawn[name][-1][Slice()]], kind="stable")
            order = np.empty(draws, dtype=np.int64)
            order[np.argsort(scores[:, column], kind="stable")] = ranked
            orders[name] = order
        return {name: orders[leads[model.source]] for name, model in self.models.items()}


def _normals(correlation: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Normal numbers with that correlation, or the nearest that can be; shape (draws, M)."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    drawn: Floats = rng.standard_normal((draws, len(correlation))) @ root.T
    return drawn


def _gain(sample: Sample | Absent) -> float:
    if isinstance(sample, PairSample):
        return (sample.candidate or 0.0) - (sample.baseline or 0.0)
    if isinstance(sample, BinSample):
        totals = np.abs(sample.gaps).sum(axis=1)
        return float(totals[1] - totals[0])
    if isinstance(sample, QuantileSample) and sample.baseline.size and sample.candidate.size:
        ends = (np.quantile(values, sample.q) for values in (sample.baseline, sample.candidate))
        baseline, candidate = ends
        return float(candidate - baseline)
    return 0.0
