"""Pilot: what earlier evidence says about spread, never about the effect.

A pilot is any earlier run of two models in the contract's own format: the last release, a first
hundred items. How much the candidate gained there is not looked at.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np

from shipcall.contract.contract import ArmPaths, Contract, Expect, Source
from shipcall.contract.plan import Measure, Plan
from shipcall.core import Absent, EvidenceError, Slice, UsageError
from shipcall.data.evidence import Evidence
from shipcall.metrics import METRICS
from shipcall.release.foresight.nuisance import (
    DRAWN,
    PILOT,
    TOGETHER,
    Known,
    MetricNuisance,
    Nuisance,
    TableNuisance,
    united,
)
from shipcall.release.foresight.outcomes import solved
from shipcall.release.sources import open_evidence, slice_table
from shipcall.stages.gate import GATE, statistics_plan
from shipcall.stats.calibration import plug_in_ece
from shipcall.stats.quantiles import sample_quantile
from shipcall.stats.sample import BinSample, Floats, PairSample, QuantileSample, Sample

LEAST_UNITS = 20
"""A smaller pilot says too little about spread."""
_ALL = Slice()


def open_pilot(
    contract: Contract,
    paths: Mapping[str, str],
    root: Path,
    formats: Collection[str] = GATE.reads,
) -> Evidence:
    """Open earlier evidence with the contract's own mapping of columns.

    Args:
        contract: Says how the columns are called.
        paths: Format -> file or pattern; two with | between them where each model has its own.
        root: Folder to which the paths are relative.
        formats: Those of the stage that is planned.

    Raises:
        UsageError: If the contract does not read such a table, or no file is there.
        EvidenceError: If what is there cannot be opened.
    """
    tables = {str(name): source for name, source in contract.evidence.items()}
    strange = sorted(set(paths) - set(tables))
    if strange:
        raise UsageError(
            f"--pilot {strange[0]}: the contract reads no such table. It reads "
            f"{', '.join(tables) or 'none'}."
        )
    elsewhere = {name: _elsewhere(tables[name], path) for name, path in paths.items()}
    evidence = open_evidence(contract.model_copy(update={"evidence": elsewhere}), root, formats)
    for name, path in paths.items():
        if not evidence.present(name):
            raise UsageError(f"--pilot {name}={path}: there is no such file.")
    return evidence


def _elsewhere(source: Source, path: str) -> Source:
    """The same table at another place: one path, or those of both models with | between them."""
    baseline, both, candidate = path.partition("|")
    where = ArmPaths(baseline=baseline.strip(), candidate=candidate.strip()) if both else path
    return source.model_copy(update={"path": where, "expect": Expect(), "max_missing": 0.99})


def pilot_levels(contract: Contract, evidence: Evidence) -> dict[Slice, int] | None:
    """Count the slices of a pilot, and their crossing where it has not too many levels."""
    table = slice_table(contract)
    if contract.slices is None or table is None or not evidence.present(table):
        return None
    found = evidence.levels(contract.slices.by, table)
    columns = sorted({column for part in found for column in part.columns})
    if len(columns) > 1:
        try:
            found = {**evidence.levels(["*".join(columns)], table), **found}
        except EvidenceError:
            return found
    return found


def learned(nuisance: Nuisance, promised: Plan, evidence: Evidence) -> Nuisance:
    """Replace assumptions by what a pilot says; what it does not say stays assumed.

    Args:
        nuisance: From `nuisance.assumed`.
        promised: The plan of the stage.
        evidence: The pilot, from `open_pilot`.

    Raises:
        EvidenceError: If the pilot cannot be read as what the contract says it is.
        UsageError: If it has too few units.
    """
    asked = statistics_plan(promised)
    overall = replace(
        asked,
        requests=tuple(
            replace(request, slices=(_ALL,), influence=True)
            for request in asked.requests
            if evidence.present(request.evidence)
            and request.metric in _wanted(nuisance)
            and request.statistic in DRAWN
        ),
    )
    samples = {name: sample for (name, _), sample in evidence.samples(overall).items()}
    tables = {r.metric: r.evidence for r in overall.requests}
    metrics, unknown = dict(nuisance.metrics), dict(nuisance.unknown)
    for name, sample in samples.items():
        seen = _seen(name, sample, promised, evidence.facts(tables[name]).units)
        if seen is not None:
            metrics[name] = _merged(metrics.get(name), seen)
            unknown.pop(name, None)
    counted = {name: _table(nuisance, name, evidence) for name in set(tables.values())}
    return Nuisance(
        metrics=united(metrics, promised),
        tables={**nuisance.tables, **counted},
        correlation=_correlations(samples, tables),
        unknown=unknown,
    )


def _wanted(nuisance: Nuisance) -> set[str]:
    return {*nuisance.metrics, *nuisance.unknown}


def _table(nuisance: Nuisance, name: str, evidence: Evidence) -> TableNuisance:
    facts = evidence.facts(name)
    if facts.units < LEAST_UNITS:
        raise UsageError(
            f"--pilot {name}: {facts.units} units; at least {LEAST_UNITS} say something about "
            "spread. Bring more, or leave the pilot out."
        )
    known = nuisance.tables.get(name)
    lost = 2 * facts.lost_pairs.only_baseline + facts.lost_pairs.both
    return TableNuisance(
        table=name,
        units=known.units if known else None,
        runs=known.runs if known else Known(1.0, PILOT),
        cluster=Known(max(facts.units / max(facts.clusters, 1), 1.0), PILOT),
        lost=Known(min(lost / max(facts.pairs, 1), 0.9), PILOT),
    )


def _merged(taken: MetricNuisance | None, seen: MetricNuisance) -> MetricNuisance:
    if taken is None:
        return seen
    names = ("differ", "spread", "difference", "together", "counting", "lost")
    found = {name: getattr(seen, name) for name in names if getattr(seen, name) is not None}
    return replace(taken, value=seen.value, **found)


def _seen(name: str, sample: Sample | Absent, promised: Plan, units: int) -> MetricNuisance | None:
    if isinstance(sample, Absent):
        return None
    how = promised.measures[name]
    if isinstance(sample, BinSample):
        rows = sample.rows
        seen = MetricNuisance(metric=name, value=Known(plug_in_ece(sample).baseline, PILOT))
    elif isinstance(sample, QuantileSample):
        rows, found = sample.baseline.size, _of_quantile(name, sample)
        if found is None:
            return None
        seen = found
    else:
        if sample.baseline is None or sample.clusters < 2:
            return None
        rows, seen = sample.rows, _of_pairs(name, sample, how, units)
    lost = sample.lost.rows / max(rows + sample.lost.rows, 1)
    return replace(seen, lost=Known(lost, PILOT))


def _of_pairs(name: str, sample: PairSample, how: Measure, units: int) -> MetricNuisance:
    if how.kind == "pass_k":
        return _of_passes(name, sample, how)
    if how.kind == "roc_auc":
        return _of_ranks(name, sample)
    return _of_ratio(name, sample, how, units)


def _of_quantile(name: str, sample: QuantileSample) -> MetricNuisance | None:
    """Spread of the logarithm above the median, where the quantiles that matter lie."""
    quantiles = (sample_quantile(sample.baseline, q) for q in (sample.q, 0.5, 0.84))
    value, middle, upper = (math.nan if found is None else found for found in quantiles)
    if math.isnan(value):
        return None
    spread = math.log(upper / middle) if upper > middle > 0 else 0.0
    alike = _alike(sample)
    return MetricNuisance(
        metric=name,
        value=Known(value, PILOT),
        spread=Known(spread, PILOT) if spread > 0 else None,
        difference=Known(spread * math.sqrt(2 * (1 - alike)), PILOT) if spread > 0 else None,
    )


def _alike(sample: QuantileSample) -> float:
    """Correlation of both models' mean logarithms over clusters; 0 where none can be had."""
    codes = np.unique(np.concatenate([sample.cluster_baseline, sample.cluster_candidate]))
    means = []
    for values, clusters in (
        (sample.baseline, sample.cluster_baseline),
        (sample.candidate, sample.cluster_candidate),
    ):
        if values.size == 0 or values.min() <= 0:
            return 0.0
        place = np.searchsorted(codes, clusters)
        count = np.bincount(place, minlength=codes.size)
        means.append(np.bincount(place, weights=np.log(values), minlength=codes.size) / count)
    return _correlation(*means)


def _of_ranks(name: str, sample: PairSample) -> MetricNuisance:
    """Correlation of scores is taken to be that of the two areas."""
    positive = sample.weight_baseline / max(sample.rows, 1)
    scale = math.sqrt(sample.var_baseline * sample.var_candidate)
    alike = sample.covariance / scale if scale > 0 else 0.0
    return MetricNuisance(
        metric=name,
        value=Known(sample.baseline or 0.5, PILOT),
        spread=Known(1.0, PILOT),
        difference=Known(math.sqrt(max(2 * (1 - alike), 0.0)), PILOT),
        counting=Known(positive, PILOT),
    )


def _of_ratio(name: str, sample: PairSample, how: Measure, units: int) -> MetricNuisance:
    value, rows = sample.baseline or 0.0, sample.rows / sample.clusters
    clusters = float(sample.clusters)
    parts = sample.var_baseline + sample.var_candidate
    between = max(parts - 2 * sample.covariance, 0.0) * clusters
    metric = METRICS[how.kind]
    seen = MetricNuisance(metric=name, value=Known(value, PILOT))
    if metric.kind in ("recall", "precision", "specificity", "false_positive_rate"):
        share = sample.weight_baseline / max(units * rows, 1)
        seen = replace(seen, counting=Known(min(share, 1.0), PILOT))
    if sample.crosstab is not None:
        table = sample.crosstab
        differ = (table.only_baseline + table.only_candidate) / max(table.n, 1)
        return replace(seen, differ=Known(differ, PILOT))
    if metric.binary:
        return _of_runs(seen, sample, rows, between)
    own = math.sqrt(sample.var_baseline * clusters)
    return replace(
        seen,
        spread=Known(own, PILOT),
        difference=Known(math.sqrt(between), PILOT),
        together=Known(1.0, PILOT),
    )


def _of_passes(name: str, sample: PairSample, how: Measure) -> MetricNuisance:
    """The share of runs that succeed from pass^k, with the assumed correlation of runs."""
    k = how.options.k or 1

    def passed(share: float) -> float:
        return TOGETHER * share + (1 - TOGETHER) * share**k

    share = solved(passed, sample.baseline or 0.0)
    return MetricNuisance(metric=name, value=Known(min(max(share, 0.0), 1.0), PILOT))


def _of_runs(
    seen: MetricNuisance, sample: PairSample, rows: float, between: float
) -> MetricNuisance:
    """Take apart what varies between units and between runs of one unit.

    With p the share and s the correlation of two runs of one unit by one model, the variance of
    a unit's mean of R runs is p (1 - p) (s + (1 - s) / R); that gives s. The difference of two
    units' means has the variance s d + (1 - s) (d' / R), where d' is what runs that are drawn
    anew differ by; that gives the share d of units that answer alike and differ.
    """
    value = seen.value.value
    noise = value * (1 - value)
    if noise <= 0 or rows <= 0:
        return seen
    ratio = sample.var_baseline * sample.clusters / noise
    together = 1.0 if rows <= 1 else min(max((ratio - 1 / rows) / (1 - 1 / rows), 0.0), 1.0)
    apart = 2 * noise
    stuck = max(between - (1 - together) * apart / rows, 0.0)
    differ = min(stuck + (1 - together) * apart, 1.0)
    return replace(seen, differ=Known(max(differ, 1e-6), PILOT), together=Known(together, PILOT))


def _correlations(
    samples: Mapping[str, Sample | Absent], tables: Mapping[str, str]
) -> dict[tuple[str, str], Known]:
    """Correlations of the differences of two metrics over the same clusters."""
    known = [
        (name, sample.influence)
        for name, sample in sorted(samples.items())
        if isinstance(sample, PairSample) and sample.influence is not None
    ]
    found = {}
    for (one, a), (other, b) in combinations(known, 2):
        if tables[one] == tables[other] and np.array_equal(a.cluster, b.cluster):
            value = _correlation(a.candidate - a.baseline, b.candidate - b.baseline)
            found[one, other] = Known(value, PILOT)
    return found


def _correlation(one: Floats, other: Floats) -> float:
    first, second = one - one.mean(), other - other.mean()
    scale = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0 else 0.0
