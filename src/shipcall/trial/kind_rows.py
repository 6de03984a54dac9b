"""Kind rows: what calls and numbers are worth, lists, comparisons, stated odds off by a line."""

from collections.abc import Iterator

from shipcall.trial.row import CLOSED, SLOW, Row, one_check
from shipcall.world.populations.compared import (
    K,
    corrected_pairs,
    judged_pairs,
    off_by_a_line,
    ordered_finds,
    ranked_lists,
)
from shipcall.world.populations.decisions import (
    FALSE_ALARM,
    MISSED,
    THRESHOLD,
    Q,
    answered_numbers,
    calls,
    found_amounts,
)
from shipcall.world.populations.means import Agreement, any_of_k, priced_successes
from shipcall.world.populations.rows import Pairs, paired_share
from shipcall.world.populations.shown import (
    LATE_AT,
    changed_answers,
    covering_lists,
    late_answers,
    logged_choices,
    novel_lists,
    varied_lists,
)


def kind_rows() -> Iterator[Row]:
    """Every row of a kind that no other group draws, in the order of the certificate."""
    yield from _worth_of_calls()
    yield from _numbers()
    yield from _lists()
    yield from _comparisons()
    yield from _lines()
    yield from _some_runs()
    yield from _what_is_shown()
    yield from _from_a_log()
    yield from _late_or_replaced()


_PRICES = f"prices = {{ false_positive = {FALSE_ALARM}, false_negative = {MISSED} }}"


def _worth_of_calls() -> Iterator[Row]:
    group = "What calls are worth"
    kinds = {
        "specificity": 'kind = "specificity"',
        "balanced accuracy": 'kind = "balanced_accuracy", positive = "1"',
        "F1": 'kind = "f1"',
        "expected cost": f'kind = "expected_cost", {_PRICES}',
        "net benefit": f'kind = "net_benefit", threshold = {THRESHOLD}',
    }
    for asked, metric in kinds.items():
        for n in (300, 2_000):
            yield one_check(group, calls(n, asked), metric, "may_lose", runs=SLOW)
    metric = 'kind = "weighted_recall", weight = "amount"'
    for n in (300, 2_000):
        yield one_check(group, found_amounts(n), metric, "may_lose", runs=SLOW)


def _numbers() -> Iterator[Row]:
    group = "Predicted numbers"
    kinds = {
        "absolute error": 'kind = "mae"',
        "root of the squared error": 'kind = "rmse"',
        "pinball loss": f'kind = "pinball", q = {Q}',
    }
    for asked, metric in kinds.items():
        for n in (50, 300):
            yield one_check(group, answered_numbers(n, asked), metric, "may_lose")
    for n in (50, 300):
        population = answered_numbers(n, "mean error")
        yield one_check(group, population, 'kind = "mean_error"', "between")


def _lists() -> Iterator[Row]:
    group = "Ranked lists"
    for kind in ("ndcg", "mrr", "map", "hit_rate", "recall_at_k", "precision_at_k"):
        metric = f'kind = "{kind}", k = {K}'
        for queries in (100, 1_000):
            runs = SLOW if kind == "hit_rate" or queries == 100 else CLOSED
            yield one_check(group, ranked_lists(queries, kind), metric, "may_lose", runs=runs)


def _comparisons() -> Iterator[Row]:
    group = "Comparisons"
    for items, rate, first in (
        (50, 0.5, 0.5),
        (300, 0.5, 0.5),
        (300, 0.6, 0.8),
        (2_000, 0.55, 0.5),
    ):
        population = judged_pairs(items, rate, first=first)
        yield one_check(group, population, 'kind = "win_rate"', "at_least")
    population = judged_pairs(300, 0.6)
    yield one_check(group, population, 'kind = "win_rate"', "better_by")
    for items, labelled, rate, follows in (
        (1_000, 0.06, 0.5, 0.8),
        (2_000, 0.1, 0.55, 0.8),
        (2_000, 0.1, 0.55, 0.0),
    ):
        population = corrected_pairs(items, labelled, rate, follows=follows)
        metric = 'kind = "corrected_win_rate"'
        yield one_check(group, population, metric, "at_least", runs=SLOW)


def _lines() -> Iterator[Row]:
    group = "Stated odds off by a line, and order"
    for n in (300, 2_000):
        metric = 'kind = "calibration_slope"'
        yield one_check(group, off_by_a_line(n, slope=1.25), metric, "between", runs=SLOW)
        metric = 'kind = "calibration_intercept"'
        yield one_check(group, off_by_a_line(n, shift=0.3), metric, "between", runs=SLOW)
    for n in (400, 2_000):
        metric = 'kind = "average_precision"'
        yield one_check(group, ordered_finds(n, 0.8), metric, "may_lose", runs=SLOW)
        yield one_check(group, ordered_finds(n, 0.8), metric, "at_least", runs=SLOW)


def _some_runs() -> Iterator[Row]:
    group = "One of several runs, and the cost of a success"
    common = Agreement(mean=0.4, correlation=0.3)
    for items in (100, 1_000):
        population = any_of_k(items, 4, 3, common, loss=0.05)
        yield one_check(group, population, 'kind = "pass_at_k", k = 3', "may_lose", runs=SLOW)
    metric = 'kind = "unit_cost", column = "cost", per = "value"'
    for n in (100, 1_000):
        yield one_check(group, priced_successes(n), metric, "may_lose")


def _what_is_shown() -> Iterator[Row]:
    group = "What lists show"
    metric = f'kind = "catalogue_coverage", k = {K}'
    for queries, items in ((100, 500), (1_000, 2_000)):
        population = covering_lists(queries, items)
        for bar in ("may_lose", "at_least"):
            yield one_check(group, population, metric, bar, runs=SLOW)
    for queries in (50, 300, 2_000):
        metric = f'kind = "diversity", k = {K}, better = "higher"'
        yield one_check(group, varied_lists(queries), metric, "may_lose")
        metric = f'kind = "novelty", k = {K}, better = "higher"'
        yield one_check(group, novel_lists(queries), metric, "may_lose")


def _from_a_log() -> Iterator[Row]:
    group = "Values from a log"
    for kind in ("ips", "snips", "doubly_robust"):
        for n in (300, 2_000):
            population = logged_choices(n, kind)
            for bar in ("may_lose", "at_least"):
                yield one_check(group, population, f'kind = "{kind}"', bar, runs=SLOW)


def _late_or_replaced() -> Iterator[Row]:
    group = "Late, replaced and other answers"
    metric = f'kind = "timeout_share", threshold = {LATE_AT}'
    for n, late in ((2_000, (0.02, 0.03)), (10_000, (0.01, 0.014))):
        yield one_check(group, late_answers(n, late), metric, "may_lose", runs=SLOW)
    for n in (300, 2_000):
        yield one_check(group, late_answers(n, (0.05, 0.06)), metric, "at_most")
    metric = 'kind = "disagreement", format = "scores"'
    for n in (50, 2_000):
        yield one_check(group, changed_answers(n, 0.1), metric, "at_most")
    rare = Pairs(differing=0.04, loss=-0.02)
    for n in (300, 2_000):
        yield one_check(group, paired_share(n, rare), 'kind = "fallback_share"', "may_lose")
