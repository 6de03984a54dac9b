"""A/A: how often a contract blocks a model that nobody changed, on the team's own runs of it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import permutations

import numpy as np

from shipcall.contract.plan import Plan
from shipcall.core import (
    Absent,
    Check,
    Estimate,
    Finding,
    Measured,
    Role,
    Rule,
    Situation,
    Standing,
    Tails,
    Verdict,
    decide,
)
from shipcall.data.held import HeldRuns, HeldView
from shipcall.stages import Measuring
from shipcall.stages.gate import examine, measured
from shipcall.stats.multiplicity import holm
from shipcall.stats.proportions import clopper_pearson
from shipcall.stats.runs import Apart, runs_apart, share_of_pairs
from shipcall.stats.sample import Floats
from shipcall.trial.played import Played, relabelled, whole
from shipcall.trial.quick import standings

TAILS = Tails(0.05, 0.05)
"""Each end of a rate holds at 95 %, by itself."""
EXCHANGES = 1_999
"""Draws behind the p-value of whole runs: the least it can be is 1 in 2,000."""
APART_AT = 0.05
"""Chance that any metric is said to tell runs apart although none does."""

Progress = Callable[[int, int], None]


class Answer(StrEnum):
    """What an A/A says about the promise of `block`."""

    KEPT = "kept"
    """The rate within items lies below the promise, and runs do not differ as wholes."""
    OPEN = "open"
    """Neither shown nor refuted."""
    APART = "apart"
    """Runs differ by more than their items: the rate within items does not speak of them."""
    REFUTED = "refuted"
    """A rate lies above the promise."""
    EMPTY = "empty"
    """Nothing could have blocked: the outputs never vary, or no guardrail had data."""


@dataclass(slots=True)
class Counts:
    """What came of judging a model against itself, again and again."""

    judged: int = 0
    blocked: int = 0
    """A guardrail was breached whose breach is a NO SHIP, trusted or not."""
    goals_refuted: int = 0
    """A goal was refuted: in an A/A there is no gain, so that is no error."""
    untrusted: int = 0
    """Sanity was not satisfied, so that the gate would have said HOLD whatever it saw."""
    calls: Counter[str] = field(default_factory=Counter)
    breached: Counter[str] = field(default_factory=Counter)
    """Check -> how often it was in breach."""
    absent: Counter[str] = field(default_factory=Counter)
    """Check -> how often it had no data."""
    doubts: Counter[str] = field(default_factory=Counter)
    """Sanity check -> how often it was not satisfied."""
    guarded: int = 0
    """Judgements in which some guardrail had data."""

    def add(self, verdict: Verdict) -> None:
        """Count one judgement."""
        guards = [f for f in verdict.findings if f.check.role is Role.GUARDRAIL]
        self.judged += 1
        self.blocked += any(_blocks(finding) for finding in guards)
        self.guarded += any(isinstance(finding.measured, Estimate) for finding in guards)
        self.untrusted += verdict.rule in (Rule.UNTRUSTED_BEFORE, Rule.UNTRUSTED)
        self.calls[verdict.call.value] += 1
        refuted = False
        for finding in verdict.findings:
            self._note(finding)
            goal = finding.check.role is Role.GOAL
            refuted |= goal and finding.standing is Standing.BREACH
        self.goals_refuted += refuted

    def _note(self, finding: Finding) -> None:
        check, standing = finding.check, finding.standing
        if check.role is Role.SANITY:
            self.doubts[check.id] += not finding.satisfied
        else:
            self.breached[check.id] += standing is Standing.BREACH
            self.absent[check.id] += standing is Standing.ABSENT


def _blocks(finding: Finding) -> bool:
    return finding.standing is Standing.BREACH and not finding.check.on_breach_hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One metric over the runs: does it tell them apart by more than chance on single items?"""

    metric: str
    varies: bool
    """Some run gave another number than another on some item."""
    values: tuple[float, ...]
    """Of each run; empty where a run has none."""
    p_value: float
    """From exchanging runs within items; 1 where nothing varies."""
    apart: bool
    """Below `APART_AT` after Holm over the metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was measured."""

    promised: float
    """Greatest chance of a false NO SHIP in one look."""
    whole: Counts
    """Every ordered pair of whole runs."""
    whole_share: Measured
    """Share of pairs that blocked."""
    within: Counts
    """Runs dealt anew to every cluster."""
    within_share: Measured
    """Share of draws that blocked, given these runs."""
    drifts: tuple[Drift, ...]
    answer: Answer
    why: str
    """Why nothing could be measured; empty where something was."""


def certify_aa(  # noqa: PLR0913 - what is judged, how often, and from which chance
    plan: Plan,
    runs: HeldRuns,
    *,
    promised: float,
    final: bool,
    draws: int,
    rng: np.random.Generator,
    progress: Progress = lambda _done, _all: None,
) -> Certificate:
    """Measure how often a plan blocks when the candidate is the baseline, run again.

    Whole runs show everything that differs from run to run, and there are few of them. Dealing
    the runs anew to every cluster gives the law which the gate assumes, at any number of draws,
    and cannot see an effect that moves a whole run. Both are needed; where whole runs lie
    farther apart than dealt ones, only the first speaks of the gate as it is used.

    Judged as sealed and at the first look.

    Args:
        plan: Of the gate.
        runs: The runs, with what `stages.gate.statistics_plan` asks for.
        promised: Greatest chance of a false NO SHIP in one look, in (0, 1).
        final: The gate is the contract's last stage.
        draws: How often runs are dealt to the clusters.
        rng: For the dealing and the exchanges.
        progress: Is told how many judgements of how many are done.
    """
    situation = Situation(stage=plan.stage, sealed=True, final=final)
    pairs = list(permutations(range(len(runs.names)), 2))
    planned = len(pairs) + draws
    of_pairs, of_draws = Counts(), Counts()
    for done, (baseline, candidate) in enumerate(pairs, start=1):
        of_pairs.add(_judged(plan, whole(runs, baseline, candidate), situation, measured))
        progress(done, planned)
    for done in range(1, draws + 1):
        of_draws.add(_judged(plan, relabelled(runs, rng), situation, standings))
        progress(len(pairs) + done, planned)
    drifts = _drifts(runs, rng)
    whole_share = share_of_pairs(of_pairs.blocked, len(runs.names), TAILS)
    within_share = clopper_pearson(of_draws.blocked, of_draws.judged, TAILS)
    why = _emptiness(of_pairs, of_draws, drifts, plan.checks)
    return Certificate(
        promised=promised,
        whole=of_pairs,
        whole_share=whole_share,
        within=of_draws,
        within_share=within_share,
        drifts=drifts,
        answer=Answer.EMPTY if why else _answer(promised, whole_share, within_share, drifts),
        why=why,
    )


def _judged(plan: Plan, played: Played, situation: Situation, measuring: Measuring) -> Verdict:
    return decide(plan.checks, examine(plan, played, measuring), situation)


def _drifts(runs: HeldRuns, rng: np.random.Generator) -> tuple[Drift, ...]:
    """Test every metric for whole runs that lie apart."""
    names, parts, varies = [], [], []
    for view in runs.views:
        for place, quantities in enumerate(view.asked):
            names.append(quantities.request.metric)
            parts.append(_sums(runs, view, view.own[place]))
            varies.append(_varies(view.own[place]))
    num, den = (np.stack([part[side] for part in parts]) for side in (0, 1))
    tested = runs_apart(num, den, draws=EXCHANGES, rng=rng)
    p_values = [1.0 if one is None else one.p_value for one in tested]
    decisions = holm(p_values, APART_AT)
    return tuple(
        Drift(
            metric=name,
            varies=moves,
            values=_values(one),
            p_value=p_value,
            apart=decided.rejected,
        )
        for name, moves, one, p_value, decided in zip(
            names, varies, tested, p_values, decisions, strict=True
        )
    )


def _values(one: Apart | None) -> tuple[float, ...]:
    return () if one is None else one.values


def _sums(runs: HeldRuns, view: HeldView, own: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """Numerator and denominator of each cluster and run; shape (clusters, runs) each.

    A metric that is no ratio of sums is compared by the mean of what it reads of a line.
    """
    num = own["num"] if "num" in own else next(iter(own.values()))
    den = own.get("den", np.ones_like(num))
    known = np.isfinite(num) & np.isfinite(den)
    return _by_cluster(runs, view, np.where(known, num, 0.0)), _by_cluster(
        runs, view, np.where(known, den, 0.0)
    )


def _by_cluster(runs: HeldRuns, view: HeldView, values: Floats) -> Floats:
    sums = [np.bincount(view.owner, weights=own, minlength=runs.clusters) for own in values]
    return np.stack(sums, axis=1)


def _varies(own: Mapping[str, Floats]) -> bool:
    return any(
        not np.array_equal(values[0], other, equal_nan=True)
        for values in own.values()
        for other in values[1:]
    )


def _emptiness(
    of_pairs: Counts, of_draws: Counts, drifts: Sequence[Drift], checks: Sequence[Check]
) -> str:
    """Say why nothing could have blocked; nothing where something could."""
    guards = {check.metric for check in checks if check.role is Role.GUARDRAIL}
    if not guards:
        return "the contract has no guardrail at the gate, so that nothing can block"
    if not of_pairs.guarded and not of_draws.guarded:
        return "no guardrail had data in any run"
    if not any(drift.varies for drift in drifts if drift.metric in guards):
        return (
            "every run gave the same outputs on every item: the model is deterministic, or its "
            "answers came from a cache"
        )
    if of_pairs.untrusted == of_pairs.judged:
        most = max(of_pairs.doubts, key=lambda name: of_pairs.doubts[name])
        return f"no pair of runs could be trusted ({most} was never satisfied)"
    return ""


def _answer(
    promised: float, whole_share: Measured, within: Measured, drifts: Sequence[Drift]
) -> Answer:
    shares = [share for share in (whole_share, within) if not isinstance(share, Absent)]
    if any(share.low > promised for share in shares):
        return Answer.REFUTED
    if any(drift.apart for drift in drifts):
        return Answer.APART
    if isinstance(within, Estimate) and within.high <= promised:
        return Answer.KEPT
    return Answer.OPEN
