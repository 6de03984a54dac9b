"""Every metric keeps the same rules; nobody writes these twice."""

from dataclasses import fields

import pytest

from shipcall.formats import FORMATS
from shipcall.metrics import METRICS, Metric, Options, Statistic
from shipcall.metrics.estimators import ESTIMATORS
from shipcall.metrics.kinds import KINDS

EVERY = pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
CONTRACT_ONLY = {"range", "unit", "window", "name"}
"""Options that the contract, not the row functions, makes use of."""


@EVERY
def test_it_says_what_it_is_in_whole_sentences(metric: Metric) -> None:
    assert metric.title
    assert metric.doc.endswith(".")
    assert len(metric.doc.split()) >= 15


@EVERY
def test_it_reads_known_formats_and_known_options(metric: Metric) -> None:
    known = {field.name for field in fields(Options)} | CONTRACT_ONLY
    assert set(metric.formats) <= set(FORMATS)
    assert metric.formats
    assert set(metric.options) <= known
    assert set(metric.required) <= set(metric.options)


@EVERY
def test_it_has_an_estimator(metric: Metric) -> None:
    assert metric.statistic in ESTIMATORS


@EVERY
def test_it_is_a_kind_that_contracts_may_name(metric: Metric) -> None:
    kind = KINDS[metric.kind]
    assert kind.better in (None, metric.better)
    assert set(metric.required) <= set(kind.required)


@EVERY
def test_a_range_is_a_range(metric: Metric) -> None:
    if metric.range is not None:
        low, high = metric.range
        assert low < high


def test_every_kind_that_contracts_may_name_can_be_measured() -> None:
    assert set(KINDS) == set(METRICS)


def test_every_statistic_has_a_metric_and_an_estimator() -> None:
    assert {metric.statistic for metric in METRICS.values()} == set(Statistic) == set(ESTIMATORS)
