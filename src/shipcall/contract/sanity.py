"""Sanity: the checks that ask whether the evidence can be trusted at all.

They are promised for every table that a stage reads, whether or not the contract speaks of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from shipcall.contract.contract import Source
from shipcall.core import Bar, Check, Estimand, Need, Role, Slice

SANITY_ERROR = 0.01
"""Error level of all sanity checks together."""


@dataclass(frozen=True, slots=True)
class _Fact:
    name: str
    text: str
    """Bar in words; {missing} is the share that may be lost."""


FACTS = (
    _Fact("found", "all that was promised"),
    _Fact("duplicates", "no row twice"),
    _Fact("lost", "at most {missing} lost"),
    _Fact("uneven_loss", "both models lose alike"),
    _Fact("mispaired", "same content for both models"),
    _Fact("differing", "same scorer and eval set for both models"),
    _Fact("constant", "answers that vary"),
    _Fact("out_of_range", "values within the declared range"),
)


def sanity_checks(
    stage: str,
    sources: Mapping[str, Source],
    tables: Sequence[str],
    judged: Sequence[Check],
    chances: Mapping[str, float | None],
) -> tuple[Check, ...]:
    """List the sanity checks of a stage.

    Args:
        stage: Name of the stage.
        sources: Where each table lies and what was promised of it.
        tables: Names of the tables that are read.
        judged: Goals, guardrails and watches with their levels.
        chances: Metric -> value that guessing would reach, where declared.
    """
    drafts = [
        _fact_draft(table, fact, sources[table].max_missing if table in sources else 0.0)
        for table in tables
        for fact in FACTS
    ]
    drafts += _chance_drafts(judged, chances)
    error = SANITY_ERROR / max(len(drafts), 1)
    return tuple(_check(stage, draft, error) for draft in drafts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    id: str
    metric: str
    evidence: str
    bar: Bar
    estimand: Estimand
    need: Need
    slice: Slice = field(default_factory=Slice)


def _check(stage: str, draft: _Draft, error: float) -> Check:
    return Check(
        id=draft.id,
        stage=stage,
        role=Role.SANITY,
        need=draft.need,
        metric=draft.metric,
        slice=draft.slice,
        bar=draft.bar,
        estimand=draft.estimand,
        clear_at=error,
        breach_at=error,
        evidence=draft.evidence,
    )


def _fact_draft(table: str, fact: _Fact, max_missing: float) -> _Draft:
    text = fact.text.format(missing=f"{100 * max_missing:g} %" if max_missing else "none")
    need = Need.SHOWN
    if fact.name == "found":
        bar = Bar(low=1.0 - max_missing, text=text)
    elif fact.name == "lost":
        bar = Bar(high=max_missing, text="none lost" if not max_missing else text)
    elif fact.name == "uneven_loss":
        bar, need = Bar(low=0.0, high=0.0, text=text), Need.NOT_REFUTED
    else:
        bar = Bar(high=0.0, text=text)
    return _Draft(
        id=f"sanity.{table}.{fact.name}",
        metric=fact.name,
        evidence=table,
        bar=bar,
        estimand=Estimand.COUNT,
        need=need,
    )


def _chance_drafts(
    judged: Sequence[Check], chances: Mapping[str, float | None]
) -> Iterable[_Draft]:
    seen = set()
    for check in judged:
        chance = chances.get(check.metric)
        key = (check.metric, check.slice)
        if chance is None or key in seen or check.role is Role.WATCH:
            continue
        seen.add(key)
        for arm in (Estimand.BASELINE, Estimand.CANDIDATE):
            yield _Draft(
                id=f"sanity.chance.{check.metric}.{arm}.{check.slice}",
                metric=check.metric,
                evidence=check.evidence,
                bar=Bar(low=chance, text=f"not below chance ({chance:g})"),
                estimand=arm,
                need=Need.NOT_REFUTED,
                slice=check.slice,
            )
