"""Labelled rows: areas, calls, latencies, calibration errors and losses."""

from collections.abc import Iterator

from shipcall.trial.row import SLOW, Row, one_check
from shipcall.world.populations.rows import Pairs
from shipcall.world.populations.scores import (
    binormal,
    clustered_calls,
    found_positives,
    latencies,
    one_sided_gaps,
    overconfident,
    precise_calls,
    sharpened,
)


def labelled_rows() -> Iterator[Row]:
    """Every row of labelled scores and of latencies, in the order of the certificate."""
    yield from _rankings()
    yield from _calls()
    yield from _latencies()
    yield from _calibrations()
    yield from _losses()


def _rankings() -> Iterator[Row]:
    group, metric = "Areas under the ROC curve", 'kind = "roc_auc"'
    for n, auc in ((80, 0.8), (80, 0.95), (400, 0.8), (400, 0.95), (2_000, 0.95)):
        yield one_check(group, binormal(n, auc), metric, "may_lose")
    yield one_check(group, binormal(400, 0.8, rows_each=4), metric, "may_lose")
    yield one_check(group, binormal(80, 0.9), metric, "at_least")
    yield one_check(group, binormal(400, 0.9), metric, "at_least")
    yield one_check(group, binormal(400, 0.8), metric, "may_lose %")


def _calls() -> Iterator[Row]:
    group = "Precision, recall, false-positive rate"
    for n in (300, 2_000, 10_000):
        population = precise_calls(n, (0.80, 0.75))
        yield one_check(group, population, 'kind = "precision"', "may_lose", runs=SLOW)
    for n in (300, 2_000):
        population = found_positives(n, Pairs(differing=0.2, loss=0.05))
        yield one_check(group, population, 'kind = "recall"', "may_lose", runs=SLOW)
    for groups in (10, 30, 100, 1_000):
        population = clustered_calls(groups, (0.10, 0.14))
        yield one_check(group, population, 'kind = "false_positive_rate"', "may_lose")


def _latencies() -> Iterator[Row]:
    group = "Latency quantiles"
    for n, q, runs_each in (
        (100, 0.5, 1),
        (100, 0.9, 1),
        (500, 0.9, 1),
        (500, 0.99, 1),
        (2_000, 0.99, 1),
        (100, 0.5, 3),
        (300, 0.9, 3),
    ):
        metric = f'kind = "quantile", q = {q}, better = "lower"'
        yield one_check(group, latencies(n, q, runs=runs_each), metric, "may_lose")
    metric = 'kind = "quantile", q = {}, better = "lower"'
    yield one_check(group, latencies(500, 0.9), metric.format(0.9), "may_lose %")
    yield one_check(group, latencies(500, 0.99), metric.format(0.99), "at_most")


def _calibrations() -> Iterator[Row]:
    group = "Calibration error"
    for n in (300, 1_000, 5_000):
        gaps = one_sided_gaps(n, 0.03, 0.06)
        yield one_check(group, gaps, 'kind = "ece"', "may_lose", runs=SLOW)
        yield one_check(group, gaps, 'kind = "ece"', "at_most", runs=SLOW)
    metric = 'kind = "ece", bins = 10, binning = "width"'
    for n in (300, 2_000):
        yield one_check(group, overconfident(n, 0.7), metric, "at_most", runs=SLOW)


def _losses() -> Iterator[Row]:
    group = "Log loss and Brier score"
    for n, sure in ((50, 2.0), (100, 2.0), (300, 2.0), (1_000, 2.0), (300, 0.7), (5_000, 0.7)):
        population = sharpened(n, (1.2, 1.5), "log", sure)
        yield one_check(group, population, 'kind = "log_loss"', "may_lose")
    for n in (30, 100, 1_000):
        population = sharpened(n, (1.2, 1.5), "brier")
        yield one_check(group, population, 'kind = "brier"', "may_lose")
