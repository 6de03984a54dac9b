"""Graded rows: shares, means and repeats of graded answers, whole and with rows lost."""

from collections.abc import Iterable, Iterator
from itertools import product

from shipcall.trial.row import CLOSED, GRADE, HARM, MEAN, SHARE, SLOW, Row, one_check
from shipcall.world.populations.lost import (
    clusters_lost_to_flatter,
    rows_lost_at_random,
    rows_lost_to_flatter,
)
from shipcall.world.populations.means import (
    LAWS,
    Agreement,
    all_of_k,
    cluster_means,
    grades,
    positive_mean,
    repeated,
    ruined,
    telling_sizes,
    weighted_pairs,
)
from shipcall.world.populations.rows import (
    Pairs,
    lost_at_random,
    lost_to_flatter,
    paired_share,
    share,
)


def graded_rows() -> Iterator[Row]:
    """Every row of graded answers, in the order of the certificate."""
    yield from _shares()
    yield from _paired_shares()
    yield from _lost_rows()
    yield from _repeats()
    yield from _grades()
    yield from _means()
    yield from _positive_means()


def _shares() -> Iterator[Row]:
    group = "Shares of one model"
    sizes = ((20, 0.05), (50, 0.05), (300, 0.05), (2_000, 0.05), (2_000, 1e-3), (10_000, 1e-3))
    for n, p in (*sizes, (300, 0.5)):
        yield one_check(group, share(n, p), HARM, "at_most")
    for n in (50, 300, 2_000):
        yield one_check(group, share(n, 0.9), SHARE, "at_least")


def _paired_shares() -> Iterator[Row]:
    group = "Paired shares"
    for n, differing in (
        *product((50, 300), (0.02, 0.2, 0.5)),
        *product((20, 2_000), (0.02, 0.2)),
        (100_000, 0.2),
    ):
        pairs = Pairs(differing=differing, loss=0.02)
        runs = SLOW if n > 2_000 else CLOSED
        yield one_check(group, paired_share(n, pairs), SHARE, "may_lose", runs=runs)
    rare = Pairs(differing=0.004, loss=0.002)
    yield one_check(group, paired_share(20_000, rare), SHARE, "may_lose")
    for n in (300, 2_000):
        gain = Pairs(differing=0.2, loss=-0.03)
        yield one_check(group, paired_share(n, gain), SHARE, "better_by")
        wide = Pairs(differing=0.2, loss=0.05)
        yield one_check(group, paired_share(n, wide), SHARE, "within")
        some = Pairs(differing=0.2, loss=0.027, right=0.8)
        yield one_check(group, paired_share(n, some), SHARE, "may_lose %", runs=SLOW)
    for n in (300, 2_000):
        metric = 'kind = "accuracy", positive = "1"'
        yield one_check(group, weighted_pairs(n), metric, "may_lose", runs=SLOW)


def _lost_rows() -> Iterator[Row]:
    group = "Lost rows"
    pairs = Pairs(differing=0.2, loss=0.05)
    for n, missing in ((300, 0.05), (1_000, 0.02)):
        yield one_check(group, lost_at_random(n, missing, pairs), SHARE, "may_lose", runs=SLOW)
        yield one_check(group, lost_to_flatter(n, missing, pairs), SHARE, "may_lose")
    for n, missing, runs in ((30, 0.1, SLOW), (300, 0.02, CLOSED), (1_000, 0.02, CLOSED)):
        for lose in (rows_lost_at_random, rows_lost_to_flatter):
            yield one_check(group, lose(grades(n), missing), GRADE, "may_lose", runs=runs)
    hidden = rows_lost_to_flatter(grades(1_000), 0.02)
    for bar in ("may_lose %", "at_least"):
        yield one_check(group, hidden, GRADE, bar)
    for n in (300, 1_000):
        yield one_check(group, rows_lost_to_flatter(ruined(n, 0.02), 0.02), GRADE, "may_lose")
    yield from _lost_runs(group)


def _lost_runs(group: str) -> Iterator[Row]:
    """Runs of items, of which some are lost or all."""
    law = Agreement(mean=0.7, correlation=0.3)
    for items, repeats, missing in ((30, 5, 0.04), (300, 4, 0.02)):
        population = repeated(items, repeats, law, loss=0.05)
        for lose in (rows_lost_at_random, rows_lost_to_flatter, clusters_lost_to_flatter):
            yield one_check(group, lose(population, missing), SHARE, "may_lose")
    hidden = rows_lost_to_flatter(repeated(300, 4, law, loss=0.05), 0.02)
    yield one_check(group, hidden, SHARE, "at_least")


def _repeats() -> Iterator[Row]:
    group = "Repeats"
    common = Agreement(mean=0.7, correlation=0.3)
    steady = Agreement(mean=0.7, correlation=0.8)
    for items, repeats, law, loss, runs in (
        (10, 5, common, 0.05, CLOSED),
        (30, 5, common, 0.05, CLOSED),
        (100, 4, common, 0.05, CLOSED),
        (100, 4, steady, 0.05, SLOW),
        (1_000, 3, Agreement(mean=0.95, correlation=0.3), 0.01, SLOW),
        (300, 4, Agreement(mean=0.99, correlation=0.2), 0.01, SLOW),
    ):
        population = repeated(items, repeats, law, loss=loss)
        yield one_check(group, population, SHARE, "may_lose", runs=runs)
    uneven = repeated(30, [1 + place % 10 for place in range(30)], common, loss=0.05)
    yield one_check(group, uneven, SHARE, "may_lose")
    own = repeated(100, 4, common, loss=0.05)
    yield one_check(group, own, SHARE, "at_least")
    for items, runs in ((100, SLOW), (1_000, CLOSED)):
        population = all_of_k(items, 4, 3, common, loss=0.05)
        yield one_check(group, population, 'kind = "pass_k", k = 3', "may_lose", runs=runs)


def _grades() -> Iterator[Row]:
    group = "Grades in a range"
    for n in (30, 100, 300, 1_000, 10_000):
        yield one_check(group, grades(n), GRADE, "may_lose", runs=SLOW if n < 300 else CLOSED)
        yield one_check(group, ruined(n, 0.02), GRADE, "may_lose")
    yield one_check(group, ruined(1_000, 0.005), GRADE, "may_lose")
    yield one_check(group, grades(100), GRADE, "at_least")
    yield one_check(group, ruined(300, 0.02), GRADE, "at_least")


def _means() -> Iterator[Row]:
    group = "Means without a range"
    for law, layout, groups in _mean_layouts():
        runs = SLOW if groups == 100_000 else CLOSED
        population = cluster_means(LAWS[law], groups, layout)
        yield one_check(group, population, MEAN, "may_lose", runs=runs)
    for groups in (30, 300):
        yield one_check(group, telling_sizes(groups), MEAN, "may_lose")


def _mean_layouts() -> Iterable[tuple[str, str, int]]:
    yield from product(["normal"], ["equal"], (2, 3, 5, 8, 30, 100, 1_000))
    yield from product(["normal"], ["4 to 16", "one holds half"], (3, 10, 30))
    yield from product(["normal"], ["single"], (10_000, 100_000))
    exponential = ("exponential, tail up", "exponential, tail down")
    yield from product(exponential, ["equal"], (3, 5, 8, 30, 100, 1_000))
    yield from product(exponential, ["4 to 16"], (8, 30))
    yield from product(exponential, ["single"], (30, 100, 300, 1_000))
    heavy = ("lognormal, tail up", "lognormal, tail down", "t with 3 df")
    yield from product(heavy, ["equal"], (8, 30, 100, 1_000))
    yield from product(heavy, ["single"], (1_000,))
    mild = ("lognormal 0.5, tail up", "lognormal 0.5, tail down")
    yield from product(mild, ["single"], (3, 10, 100))
    yield from product(
        ("gamma 0.5, tail up", "gamma 0.5, tail down"), ["single"], (100, 300, 1_000)
    )


def _positive_means() -> Iterator[Row]:
    group = "Positive means"
    for n, shape in ((20, 4.0), (50, 4.0), (300, 4.0), (2_000, 4.0), (50, 0.5), (300, 0.5)):
        yield one_check(group, positive_mean(n, shape), MEAN, "may_lose %")
    cost = 'kind = "mean", better = "lower"'
    for n in (30, 300):
        yield one_check(group, positive_mean(n, 4.0), cost, "at_most")
