"""Rows: everything that the certificate measures, as data.

A row is a population, what is judged of it, and what is promised.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from shipcall.trial.benches import Bench, OneCheck
from shipcall.trial.classes import outside_classes
from shipcall.trial.people import people
from shipcall.trial.ramp_calls import rollout_calls
from shipcall.trial.ramp_settings import ramp_settings
from shipcall.trial.release_benches import Family, Files, Whole
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
from shipcall.world.populations.releases import (
    Promise,
    release,
    sliced_answers,
    sliced_grades,
)
from shipcall.world.populations.rows import (
    Drawn,
    Pairs,
    Tabled,
    lost_at_random,
    lost_to_flatter,
    paired_share,
    share,
)
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

CLOSED, SLOW = 10_000, 2_000
"""Runs of closed forms; and of resampling and exact tables, which take a hundred times as long."""
WHOLE, MANY_LOOKS, FROM_FILES = 1_000, 500, 300
"""Runs of whole contracts: drawn, looked at three times, and written to files."""
FORECASTS, ROLLOUTS = 500, 300
"""Runs of forecasts, and of whole rollouts with a verdict every evening."""

SHARE = 'kind = "proportion", better = "higher"'
HARM = 'kind = "proportion", better = "lower"'
MEAN = 'kind = "mean", better = "higher"'
GRADE = 'kind = "mean", better = "higher", range = [0, 1]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the certificate."""

    group: str
    population: str
    judged: str
    bench: Bench
    runs: int = CLOSED
    outside: str = ""
    """Why the population lies outside the declared classes; empty where it lies inside."""
    beside: tuple[str, ...] = ()
    """Events that are counted as a warning, and promised by nobody."""

    @property
    def key(self) -> str:
        """Name under which it is drawn, kept and looked for; one of a kind."""
        return f"{self.group}: {self.population}; {self.judged}"


@cache
def rows() -> tuple[Row, ...]:
    """All rows, in the order of the certificate."""
    made = (
        *_shares(),
        *_paired_shares(),
        *_lost_rows(),
        *_repeats(),
        *_grades(),
        *_means(),
        *_positive_means(),
        *_rankings(),
        *_calls(),
        *_latencies(),
        *_calibrations(),
        *_losses(),
        *_families(),
        *_wholes(),
        *_ramps(),
        *_rollouts(),
        *_people(),
    )
    if len({row.key for row in made}) != len(made):
        raise ValueError("two rows of the certificate have the same name")
    return made


def row_named(key: str) -> Row:
    """Find a row by its key."""
    return next(row for row in rows() if row.key == key)


def one_check(
    group: str,
    population: Drawn | Tabled,
    metric: str,
    bar: str,
    *,
    runs: int = CLOSED,
) -> Row:
    """Make the row of one check with its bar at the truth."""
    kind = metric.split('"')[1]
    return Row(
        group=group,
        population=population.name,
        judged=f"{kind} {bar}",
        bench=OneCheck(population=population, metric=metric, bar=bar),
        runs=runs,
        outside=outside_classes(population.shape, population.units),
    )


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


def _families() -> Iterator[Row]:
    for correction, law in product(("max-t", "holm"), ("normal", "exponential, tail down")):
        yield _family(Family(population=sliced_grades(law), metric=MEAN, correction=correction))
    yield _family(
        Family(population=sliced_grades("normal", overlapping=True), metric=MEAN),
    )
    many = Family(population=sliced_grades("normal", copies=4), metric=MEAN)
    yield _family(many, runs=WHOLE)
    yield _family(
        Family(population=sliced_grades("normal", copies=4), metric=MEAN, correction="holm")
    )
    yield _family(Family(population=sliced_answers(), metric=SHARE), runs=WHOLE)


def _family(bench: Family, *, runs: int = SLOW) -> Row:
    return Row(
        group="Slices, all on their bars",
        population=bench.population.name,
        judged=bench.correction,
        bench=bench,
        runs=runs,
    )


_AT_BAR = {
    "the goal": Promise(right=0.02),
    "the first guardrail": Promise(grade=-0.03),
    "the second guardrail": Promise(unsafe=0.03),
    "the protected slice": Promise(protected=-0.05),
    "the goal and a guardrail": Promise(right=0.02, grade=-0.03),
}
"""Which check lies on its bar while the others are met with room to spare."""


def _wholes() -> Iterator[Row]:
    ship, block = {"ship": 0.05}, {"block": 0.05}
    for words, promise in _AT_BAR.items():
        drawn = release(3_000, promise, correlation=0.5, name=f"{words} on its bar, n = 3,000")
        yield _whole(Whole(population=drawn, promises=ship))
    small = release(
        1_000, _AT_BAR["the goal"], correlation=0.5, name="the goal on its bar, n = 1,000"
    )
    yield _whole(Whole(population=small, promises=ship))
    for correlation in (0.0, 0.9):
        name = f"the goal on its bar, metrics correlate {correlation:g}"
        drawn = release(3_000, _AT_BAR["the goal"], correlation=correlation, name=name)
        yield _whole(Whole(population=drawn, promises=ship))
    every = Promise(right=0.02, grade=-0.03, unsafe=0.03, protected=-0.05)
    drawn = release(3_000, every, correlation=0.5, name="every check on its bar")
    yield _whole(Whole(population=drawn, promises=ship | block))
    drawn = release(3_000, Promise(), correlation=0.5, name="every bar met with room to spare")
    yield _whole(Whole(population=drawn, promises=block))
    for looks, attempts in ((3, 1), (1, 2)):
        words = f"the goal on its bar, {looks} looks, {attempts} attempts"
        drawn = release(9_000, _AT_BAR["the goal"], correlation=0.5, name=words)
        bench = Whole(population=drawn, promises=ship, looks=looks, attempts=attempts)
        yield _whole(bench, runs=MANY_LOOKS)
    words = "every check on its bar, 3 looks"
    drawn = release(9_000, every, correlation=0.5, name=words)
    yield _whole(Whole(population=drawn, promises=ship | block, looks=3), runs=MANY_LOOKS)
    for words in ("the goal", "the protected slice"):
        drawn = release(
            1_000, _AT_BAR[words], correlation=0.5, name=f"{words} on its bar, n = 1,000"
        )
        yield _whole(Files(population=drawn, promises=ship), runs=FROM_FILES)


def _whole(bench: Whole | Files, *, runs: int = WHOLE) -> Row:
    return Row(
        group="Whole contracts",
        population=bench.population.name,
        judged="the call, from files" if isinstance(bench, Files) else "the call",
        bench=bench,
        runs=runs,
    )


def _ramps() -> Iterator[Row]:
    for bench in ramp_settings():
        yield Row(
            group="Ramps",
            population=bench.population.name,
            judged=bench.judged,
            bench=bench,
            runs=SLOW,
            beside=("pooled", "unfound"),
        )


def _rollouts() -> Iterator[Row]:
    for bench in rollout_calls():
        yield Row(
            group="Rollout contracts",
            population=bench.name,
            judged="the call of every evening",
            bench=bench,
            runs=ROLLOUTS,
        )


def _people() -> Iterator[Row]:
    for bench in people():
        yield Row(
            group="People after a release",
            population=bench.population,
            judged=bench.judged,
            bench=bench,
            runs=FORECASTS if bench.event == "foretold" else SLOW,
        )
