"""Counts become rates, and a judge that lies is refuted."""

from typing import Any

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.multitest import multipletests

from shipcall.contract.plan import Measure
from shipcall.core import Absent, Check, Estimate, Measured
from shipcall.metrics import METRICS
from shipcall.report.certificate import certificate_page, certificate_tables
from shipcall.stages import STAGES
from shipcall.stats.sample import PairSample, Sample
from shipcall.trial.benches import OneCheck
from shipcall.trial.certificate import (
    Certificate,
    certificate_of,
    in_order,
    too_many,
    with_rows_of,
)
from shipcall.trial.certify import Measured as Drawn
from shipcall.trial.certify import certify
from shipcall.trial.classes import outside_classes
from shipcall.trial.row import MEAN, SHARE, Row
from shipcall.trial.rows import rows
from shipcall.trial.tally import Outcome, Tally
from shipcall.world.populations.means import LAWS, cluster_means
from shipcall.world.populations.rows import Contribution, Pairs, Shape, paired_share


def drawn(
    events: dict[str, int], *, runs: int = 1_000, outside: str = "", name: str = "p"
) -> Drawn:
    bench = OneCheck(
        population=cluster_means(LAWS["normal"], 30, "equal"), metric=MEAN, bar="may_lose"
    )
    row = Row(group="g", population=name, judged="j", bench=bench, runs=runs, outside=outside)
    return Drawn(row=row, tally=Tally(runs=runs, events=events), seconds=1.0)


def judged(*measured: Drawn) -> Certificate:
    return certificate_of(measured, seed=1, planned=len(measured))


@pytest.mark.parametrize(("events", "runs"), [(0, 300), (1, 300), (65, 1_000), (300, 300)])
def test_a_rate_has_its_exact_interval_and_p_value(events: int, runs: int) -> None:
    """scipy.stats.binomtest, two-sided Clopper-Pearson and alternative "greater"."""
    (line,) = judged(drawn({"ship": events}, runs=runs)).lines
    rate = line.rates["ship"]
    oracle = stats.binomtest(events, runs, 0.05, alternative="greater")
    interval = stats.binomtest(events, runs).proportion_ci(0.95, method="exact")
    assert rate.share == events / runs
    assert (rate.low, rate.high) == pytest.approx((interval.low, interval.high))
    assert rate.p == pytest.approx(oracle.pvalue)
    assert too_many(events, runs, 0.05) == pytest.approx(oracle.pvalue)


def test_promises_are_refuted_as_statsmodels_refutes_them() -> None:
    """statsmodels multipletests(p, 0.05, method="holm") on all promises of all rows."""
    counts = [
        {"ship": 65, "block": 40, "missed": 51},
        {"ship": 90, "split_ship": 11, "missed": 66},
        {"ship": 88, "split_block": 12},
    ]
    certificate = judged(*(drawn(one, name=str(i)) for i, one in enumerate(counts)))
    rates = [r for line in certificate.lines for r in line.rates.values() if r.p is not None]
    expected, *_ = multipletests([rate.p for rate in rates], 0.05, method="holm")
    assert [rate.refuted for rate in rates] == expected.tolist()
    assert 0 < sum(rate.refuted for rate in rates) < 6
    assert certificate.promises == len(rates) == 15


def test_rows_of_an_earlier_certificate_are_kept_and_judged_with_the_new_ones() -> None:
    """The bound of Holm falls with every promise, so an earlier row may no longer be refuted."""
    narrow = {"ship": 76}
    alone = judged(drawn(narrow, name="old"))
    assert alone.refuted
    form = {**alone.plain, "code": "0123456789ab"}
    added = judged(*(drawn({}, name=str(i)) for i in range(40)))
    joined = with_rows_of(form, added)
    assert len(joined.lines) == 41
    assert joined.promises == 41 * 5
    assert joined.refuted == ()
    assert joined.plain["codes"] == {"0123456789ab": 1, added.plain["code"]: 40}
    assert "1 rows with code 0123456789ab" in certificate_page(joined.plain)
    assert with_rows_of(joined.plain, added).plain == joined.plain


def test_a_row_that_is_drawn_again_counts_once() -> None:
    form = judged(drawn({"ship": 90}, name="p")).plain
    joined = with_rows_of(form, judged(drawn({}, name="p")))
    (line,) = joined.lines
    assert line.rates["ship"].events == 0
    assert "codes" not in joined.plain


def test_rows_of_another_seed_are_not_taken() -> None:
    one = judged(drawn({}))
    with pytest.raises(ValueError, match="seed 2 is not 1"):
        with_rows_of({**one.plain, "seed": 2}, one)


def test_rows_stand_in_the_order_of_the_certificate() -> None:
    found = judged(drawn({}, name="b"), drawn({}, name="a"), drawn({}, name="new"))
    ordered = in_order(found, ["g: a; j", "g: b; j"])
    assert [line.population for line in ordered.lines] == ["a", "b", "new"]


def test_rows_outside_the_classes_are_never_refuted_and_never_count() -> None:
    many = {"ship": 400, "missed": 400}
    certificate = judged(drawn(many, outside="skewness 6.2"), drawn({}, name="q"))
    assert [line.standing for line in certificate.lines] == ["data cannot tell", "not refuted"]
    assert certificate.lines[0].rates["ship"].p is None
    assert certificate.refuted == ()


def test_a_row_without_estimates_is_said_to_have_no_data() -> None:
    outside = drawn({"absent": 995}, outside="no finite fourth moment")
    certificate = judged(outside, drawn({"absent": 1_000}, name="q"))
    assert [line.standing for line in certificate.lines] == ["no data", "no data"]


def test_bias_and_width_are_those_of_numpy() -> None:
    errors = np.random.default_rng(1).standard_normal(500) + 0.1
    widths = np.random.default_rng(2).gamma(4.0, 1.0, 500)
    tally, half = Tally(), Tally()
    for place, (error, width) in enumerate(zip(errors, widths, strict=True)):
        (tally if place < 200 else half).add(Outcome((), float(error), float(width)))
    tally.merge(Tally.of(half.plain))
    assert tally.bias == pytest.approx(errors.mean())
    assert tally.bias_error == pytest.approx(errors.std(ddof=1) / np.sqrt(500))
    assert tally.median_width == pytest.approx(np.median(widths), rel=0.01)


def test_without_estimates_there_is_neither_bias_nor_width() -> None:
    tally = Tally()
    tally.add(Outcome(("absent",)), 3)
    assert (tally.runs, tally.events) == (3, {"absent": 3})
    assert (tally.bias, tally.bias_error, tally.median_width) == (None, None, None)


@pytest.mark.parametrize(
    ("shape", "clusters", "inside"),
    [
        (Shape(contribution=Contribution.OUTCOMES), 2, True),
        (Shape(contribution=Contribution.LOG_CONCAVE), 2, True),
        (Shape(contribution=Contribution.LOG_CONCAVE), 1, False),
        (Shape(contribution=Contribution.SYMMETRIC), 2, True),
        (Shape(contribution=Contribution.LOGNORMAL_HALF), 2, True),
        (Shape(contribution=Contribution.GAMMA_HALF), 299, False),
        (Shape(contribution=Contribution.GAMMA_HALF), 300, True),
        (Shape(contribution=Contribution.CHANGED, changed=0.02), 299, False),
        (Shape(contribution=Contribution.CHANGED, changed=0.02), 300, True),
        (Shape(contribution=Contribution.SURE_LOSS), 300, False),
        (Shape(contribution=Contribution.SURE_LOSS), 1_000, True),
        (Shape(contribution=Contribution.HEAVY), 10**9, False),
        (Shape(), 0, True),
    ],
)
def test_classes_are_those_of_the_record(shape: Shape, clusters: int, *, inside: bool) -> None:
    """design/0011 and 0016; exp(-6) = 0.00248: 6 changed clusters for a level of 0.0025."""
    assert (outside_classes(shape, clusters) == "") is inside


def test_a_law_is_outside_for_a_reason_that_names_it() -> None:
    heavy = Shape(contribution=Contribution.HEAVY, skewness=6.2)
    assert outside_classes(heavy, 30) == "log-normal, sigma 1, skewness 6.2"
    sure = Shape(contribution=Contribution.SURE_LOSS, skewness=2.7)
    assert outside_classes(sure, 300).endswith("skewness 2.7, below 1,000 clusters")
    rare = Shape(contribution=Contribution.CHANGED, changed=0.005)
    assert outside_classes(rare, 1_000) == "5 changed clusters expected, 6.0 needed"


def test_the_rows_say_what_they_are_and_cover_every_kind() -> None:
    keys = [row.key for row in rows()]
    assert len(set(keys)) == len(keys)
    assert len(keys) >= 150
    judged_kinds = {row.judged.split()[0] for row in rows() if isinstance(row.bench, OneCheck)}
    at_the_gate = {k for k, m in METRICS.items() if set(m.formats) & set(STAGES["gate"].reads)}
    assert judged_kinds == at_the_gate | {"fallback_share"}
    for row in rows():
        assert row.bench.promises
        wide = {"foretold": 0.2, "unfound": 0.1}
        for event, promise in row.bench.promises.items():
            assert 0 < promise <= wide.get(event, 0.05)


@pytest.mark.parametrize(
    "row", [row for row in rows() if isinstance(row.bench, OneCheck)], ids=lambda row: row.key
)
def test_every_bar_is_the_truth_and_has_a_chance_to_be_cleared(row: Row) -> None:
    """One run is drawn; a bar elsewhere is refused before."""
    tally = row.bench.draw(np.random.default_rng(1), 1)
    assert tally.runs == 1
    assert row.bench.power_at is not None
    assert row.bench.power_at > 0


def test_a_bar_that_is_not_the_truth_is_refused() -> None:
    better = paired_share(50, Pairs(differing=0.2, loss=-0.03))
    bench = OneCheck(population=better, metric=SHARE, bar="may_lose")
    with pytest.raises(ValueError, match=r"is not at the truth, 0\.03"):
        bench.draw(np.random.default_rng(1), 1)


def z_interval(check: Check, how: Measure, sample: Sample | Absent) -> Measured:
    """A judge that lies: normal quantiles, whatever the number of clusters."""
    assert how.kind == "mean"
    assert isinstance(sample, PairSample)
    variance = sample.var_baseline + sample.var_candidate - 2 * sample.covariance
    return drawn_around(check, sample, variance)


def unpaired(check: Check, how: Measure, sample: Sample | Absent) -> Measured:
    """A judge that lies the other way: it forgets that both models saw the same rows."""
    assert how.kind == "mean"
    assert isinstance(sample, PairSample)
    return drawn_around(check, sample, (sample.var_candidate - sample.var_baseline) ** 2 + 1e-6)


def drawn_around(check: Check, sample: PairSample, variance: float) -> Estimate:
    value = (sample.candidate or 0.0) - (sample.baseline or 0.0)
    error, tails = float(np.sqrt(variance)), check.tails
    return Estimate(
        value=value,
        low=value + float(special.ndtri(tails.low)) * error,
        high=value - float(special.ndtri(tails.high)) * error,
        tails=tails,
        n=sample.clusters,
        method="a lie",
    )


def put_on_trial(groups: int, judge: Any, runs: int) -> Certificate:
    population = cluster_means(LAWS["normal"], groups, "equal")
    bench = OneCheck(population=population, metric=MEAN, bar="may_lose", judge=judge)
    row = Row(group="g", population=population.name, judged="a lie", bench=bench, runs=runs)
    return judged(*certify([row]))


def test_z_instead_of_t_at_three_clusters_is_refuted() -> None:
    """P(t with 2 df > 1.645) = 0.121 and P(|t| > 1.960) = 0.189, scipy.stats.t."""
    certificate = put_on_trial(3, z_interval, 400)
    (line,) = certificate.lines
    assert set(line.refuted) >= {"ship", "block", "missed"}
    assert line.standing == "refuted"
    rate = line.rates["missed"]
    assert rate.low < 2 * stats.t.sf(1.959964, 2) < rate.high
    assert "refuted**" in certificate_tables(certificate.plain)


def test_an_interval_that_forgets_a_variance_is_refuted() -> None:
    assert put_on_trial(30, unpaired, 300).refuted


def test_the_page_says_where_too_few_runs_were_drawn_to_tell_anything() -> None:
    page = certificate_page(certificate_of([drawn({}, runs=20)], seed=1, planned=1).plain)
    assert "**1 of 1 rows were drawn fewer than 300 times.**" in page


def test_the_page_says_which_rows_are_refuted_and_which_lie_outside() -> None:
    measured = [
        drawn({"ship": 100, "absent": 3}, name="a law"),
        drawn({}, name="a heavy law", outside="skewness 6.2"),
    ]
    page = certificate_page(certificate_of(measured, seed=1, planned=3).plain)
    assert "* Promises: 5, in 1 rows inside the declared classes. Refuted: 1 rows." in page
    assert "  * refuted: g: a law; j" in page
    assert "* Not reached in the time given: 1 rows." in page
    assert "**0.1000 (0.0821 to 0.1203) refuted**" in page
    assert "were drawn fewer than 300 times" not in page
    inside, outside = page.split("## Outside the declared classes")
    assert "| a law | j | 1,000 |" in inside
    assert "| a heavy law | j | skewness 6.2 | data cannot tell | 1,000 |" in outside
