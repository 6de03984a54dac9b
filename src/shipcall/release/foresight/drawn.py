"""Drawn: evidence that does not exist yet, in the shape in which the gate asks for it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from shipcall.contract.plan import Measure, Plan
from shipcall.core import Absent, Check, Measured, Tails
from shipcall.core.finding import Standing, judge
from shipcall.data.facts import Facts
from shipcall.data.plan import StatisticsPlan
from shipcall.metrics import METRICS, Statistic
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.stages import Samples
from shipcall.stages.gate import generator, is_fact, sample_of
from shipcall.stats.reach import standing_estimate
from shipcall.stats.resample import joint_tails
from shipcall.stats.sample import PairSample, Sample

_CLOSED_FORM = np.random.default_rng(0)
"""Handed to estimators that draw nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class DrawnEvidence:
    """One draw of everything a stage asks for; answers as `data.Evidence` does."""

    held: Samples
    counts: Mapping[str, Facts] = field(default_factory=dict)
    """Table -> its counts, for whoever folds them as well."""

    def samples(self, plan: StatisticsPlan, /) -> Samples:
        """What was drawn, for every metric and slice that is asked for."""
        asked = ((request.metric, part) for request in plan.requests for part in request.slices)
        return {key: self.held[key] for key in asked}

    def undecided(self, _plan: StatisticsPlan, /) -> Mapping[str, Absent]:
        """Nothing: drawn decisions vary."""
        return {}

    def facts(self, format: str, /) -> Facts:  # noqa: A002 - the word of the contract
        """Counts of a table, as they are expected to be."""
        return self.counts[format]


class Bench:
    """Measures drawn samples as the gate measures read ones, with three short cuts.

    A sample that comes again in another scenario is not measured again. Intervals of paired
    tables are taken only as far as the bar asks. The joint levels of a family are found once,
    from one draw without an effect, instead of anew in every draw: they depend on how slices
    overlap and on their sizes, and hardly on what came out.

    Args:
        references: One draw of each metric with a family, with what every cluster contributes.
    """

    def __init__(self, plan: Plan, references: Mapping[str, Samples]) -> None:
        self._plan = plan
        self._references = references
        self._known: dict[tuple[str, int], Measured] = {}
        self._families: dict[str, list[Check]] = {}
        for check in plan.checks:
            if check.family is not None:
                self._families.setdefault(check.family.name, []).append(check)

    def __call__(self, plan: Plan, samples: Samples, /) -> dict[str, Measured]:
        """Check id -> estimate, for every check that is no count."""
        found: dict[str, Measured] = {}
        for check in plan.checks:
            if is_fact(check) or check.id in found:
                continue
            if check.family is not None and check.id not in self._joint:
                found |= self._stepped_down(self._families[check.family.name], samples)
                continue
            found[check.id] = self.one(check, sample_of(check, plan, samples))
        return found

    def one(self, check: Check, sample: Sample | Absent) -> Measured:
        """Measure one check of the plan at its own or its joint levels."""
        if isinstance(sample, Absent):
            return sample
        key = (check.id, id(sample))
        if key not in self._known:
            self._known[key] = self.anew(check, sample)
        return self._known[key]

    def anew(self, check: Check, sample: Sample | Absent) -> Measured:
        """Measure one check of the plan, perhaps with another bar, and remember nothing."""
        if isinstance(sample, Absent):
            return sample
        tails = self._joint.get(check.id, check.tails)
        return estimate(check, self._plan.measures[check.metric], sample, tails)

    @cached_property
    def _joint(self) -> dict[str, Tails]:
        """Check id -> joint tails, of the families that are judged by max-t."""
        found: dict[str, Tails] = {}
        for name, checks in self._families.items():
            first = checks[0]
            samples = self._references.get(first.metric, {})
            held = [(check, samples.get((check.metric, check.slice))) for check in checks]
            pairs = [(check, s) for check, s in held if isinstance(s, PairSample)]
            others = [s for _, s in held if not isinstance(s, PairSample | Absent | None)]
            if first.family is None or first.family.method != "max-t" or others or not pairs:
                continue
            tails = joint_tails(
                [sample for _, sample in pairs],
                first.estimand,
                bar=first.bar,
                clear_at=first.clear_at,
                breach_at=first.breach_at,
                rng=generator(name),
            )
            found |= {check.id: own for (check, _), own in zip(pairs, tails, strict=True)}
            found |= {check.id: check.tails for check in checks if check.id not in found}
        return found

    def _stepped_down(self, checks: Sequence[Check], samples: Samples) -> dict[str, Measured]:
        """Holm's decisions: every breach at the level of the step makes the next one easier."""
        found: dict[str, Measured] = {}
        left: list[tuple[Check, Sample]] = []
        for check in checks:
            sample = sample_of(check, self._plan, samples)
            if isinstance(sample, Absent):
                found[check.id] = sample
            else:
                left.append((check, sample))
        while left:
            level = checks[0].breach_at / len(left)
            seen = [(c, s, self._at(c, s, level)) for c, s in left]
            found |= {check.id: measured for check, _, measured in seen}
            kept = [(c, s) for c, s, m in seen if judge(c, m) is not Standing.BREACH]
            if len(kept) == len(left):
                break
            left = kept
        return found

    def _at(self, check: Check, sample: Sample, level: float) -> Measured:
        key = (f"{check.id}@{level!r}", id(sample))
        if key not in self._known:
            tails = Tails(check.clear_at, level)
            if not math.isfinite(check.bar.low):
                tails = Tails(level, check.clear_at)
            how = self._plan.measures[check.metric]
            self._known[key] = estimate(check, how, sample, tails)
        return self._known[key]


def estimate(check: Check, how: Measure, sample: Sample, tails: Tails) -> Measured:
    """Estimate one check; differences of pairs only as far as the bar asks."""
    statistic = METRICS[how.kind].statistic
    if isinstance(sample, PairSample) and statistic is Statistic.RATIO:
        return standing_estimate(sample, check.estimand, tails, check.bar)
    drawing = statistic is Statistic.BINS
    rng = generator(check.metric, check.slice) if drawing else _CLOSED_FORM
    return ESTIMATORS[statistic](sample, check.estimand, tails, rng)
