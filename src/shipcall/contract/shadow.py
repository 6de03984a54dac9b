"""Shadow plan: the checks of shadow mode, where both models answer and nobody sees the candidate.

The data are paired and looked at as often as the gate's, so levels are allotted as there: what
must be shown clears at `alpha`, divided by looks and attempts, and `block` is split over what can
breach. What [shadow] asks for in pairs, days and reading is counted and never breaches: until it
is reached it is absent, which is a HOLD.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from shipcall.contract.contract import Contract, Shadow, Source
from shipcall.contract.plan import (
    Measure,
    Plan,
    allotted,
    measures_of,
    slice_named,
    unread_levels,
    written_check,
)
from shipcall.contract.sanity import sanity_checks
from shipcall.core import Bar, Check, Estimand, Need, Role, Slice
from shipcall.metrics import METRICS, Options

PAIRS = "shadow_pairs"
"""The format that shadow mode reads."""
DISAGREEMENT = "shadow_disagreement"
"""Name of the metric that [shadow] disagreement brings along."""
_UNASKED: Mapping[tuple[str, str], str] = {
    ("proportion", "safety"): "safety",
    ("quantile", "operations"): "latency_ms",
    ("quantile", "cost"): "cost",
    ("cost", "cost"): "cost",
    ("cost", "operations"): "cost",
    ("disagreement", "model"): "decision",
}
"""(kind, level) -> column that a metric reads where the contract names none."""


def shadow_plan(
    contract: Contract,
    levels: Mapping[Slice, int] | None,
    review: Mapping[str, int] | None = None,
) -> Plan:
    """Turn the contract into the checks of shadow mode and allot their error levels.

    Args:
        contract: As parsed, without faults.
        levels: Units of every level of the columns in `[slices] by`: those that were sealed and
            those in the baseline's shadow rows. A column without any stays promised, unread.
        review: Answers of people who read pairs of this evidence, by name: how often.

    Returns:
        Checks in the order: as written, bars of [shadow], what it has to see, sanity.
    """
    measures = {name: _shadowed(one) for name, one in measures_of(contract, (PAIRS,)).items()}
    measures |= _disagreement(contract.shadow)
    written = [written_check(contract, spec) for spec in contract.checks_of("shadow")]
    bars = _bars(contract, contract.shadow) if contract.shadow else []
    known = dict(levels or {})
    columns = {part.columns for part in known}
    known |= {p: n for p, n in unread_levels(contract).items() if p.columns not in columns}
    judged = [replace(c, evidence=PAIRS) for c in allotted(contract, [*written, *bars])]
    counts = _counts(contract, contract.shadow, known) if contract.shadow else []
    sources: dict[str, Source] = {str(k): source for k, source in contract.evidence.items()}
    return Plan(
        stage="shadow",
        checks=(*judged, *counts, *sanity_checks("shadow", sources, [PAIRS], judged, {})),
        measures=measures,
        levels=known,
        runs_per_unit={},
        review=dict(review or {}),
    )


def is_counted(check: Check) -> bool:
    """Does this check count what shadow mode has seen, instead of measuring a model?"""
    return check.role is Role.GUARDRAIL and check.estimand is Estimand.COUNT


def _shadowed(measure: Measure) -> Measure:
    """Name the column of the pairs that a metric reads: as written, as its kind, or by its name."""
    metric = METRICS.get(measure.kind)
    own = measure.name if metric and "column" in metric.options else None
    column = measure.options.column or _UNASKED.get((measure.kind, measure.level), own)
    options = replace(measure.options, name=measure.name, column=column)
    return replace(measure, options=options, evidence=PAIRS)


def _disagreement(shadow: Shadow | None) -> dict[str, Measure]:
    asked = shadow.disagreement if shadow else None
    if asked is None:
        return {}
    column = "top_k" if asked.top else "output" if asked.decision is False else "decision"
    options = Options(name=DISAGREEMENT, better="lower", k=asked.top, column=column)
    return {
        DISAGREEMENT: Measure(
            name=DISAGREEMENT, kind="disagreement", options=options, evidence=PAIRS, level="model"
        )
    }


def _bars(contract: Contract, shadow: Shadow) -> list[Check]:
    """What the candidate may show at most; each has to be shown."""
    asked = [
        ("stage.disagreement", DISAGREEMENT, shadow.disagreement),
        ("stage.safety", shadow.safety.metric if shadow.safety else "", shadow.safety),
        ("stage.latency", shadow.latency.metric if shadow.latency else "", shadow.latency),
    ]
    return [
        _check(
            contract,
            name,
            metric,
            Bar(high=bar.at_most, text=f"at most {bar.at_most:g}"),
            Estimand.CANDIDATE,
        )
        for name, metric, bar in asked
        if bar is not None
    ]


def _counts(contract: Contract, shadow: Shadow, levels: Mapping[Slice, int]) -> list[Check]:
    """What has to have been seen before anything may go on."""
    asked = [
        ("stage.pairs", shadow.min_pairs, f"{shadow.min_pairs:,} pairs"),
        ("stage.days", shadow.min_days, f"{shadow.min_days:g} days"),
        ("stage.weekdays", 0 if shadow.why_short else 7, "every day of the week"),
    ]
    found = [_count(contract, name, least, text) for name, least, text in asked if least]
    if shadow.cover.min_pairs:
        text = f"{shadow.cover.min_pairs:,} pairs"
        found += [
            replace(
                _count(contract, f"stage.cover.{part}", shadow.cover.min_pairs, text),
                metric="stage.cover",
                slice=part,
                protected=part in _protected(contract),
            )
            for part in _covered(contract, shadow, levels)
        ]
    if shadow.review_sample:
        text = f"{shadow.review_sample:,} pairs read by a person"
        found.append(_count(contract, "stage.review", shadow.review_sample, text))
    return found


def _covered(contract: Contract, shadow: Shadow, levels: Mapping[Slice, int]) -> Sequence[Slice]:
    protected = _protected(contract)
    return sorted(protected if shadow.cover.slices == "protected" else {*protected, *levels})


def _protected(contract: Contract) -> set[Slice]:
    return {slice_named(name) for name in contract.slices.protected} if contract.slices else set()


def _count(contract: Contract, name: str, least: float, text: str) -> Check:
    bar = Bar(low=float(least), text=text if text.startswith("every") else f"at least {text}")
    return _check(contract, name, name, bar, Estimand.COUNT)


def _check(contract: Contract, name: str, metric: str, bar: Bar, estimand: Estimand) -> Check:
    """Make a guardrail that has to be shown; a count has no error and keeps the whole levels."""
    return Check(
        id=name,
        stage="shadow",
        role=Role.GUARDRAIL,
        need=Need.SHOWN,
        metric=metric,
        bar=bar,
        estimand=estimand,
        clear_at=contract.risk.alpha,
        breach_at=contract.risk.block,
        min_units=1 if estimand is Estimand.CANDIDATE else 0,
        evidence=PAIRS,
    )
