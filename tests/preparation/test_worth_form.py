"""An order by worth: what features and knowledge are worth holds against arithmetic."""

import math
from dataclasses import replace

import numpy as np
import pytest

from shipcall.core import UsageError
from shipcall.preparation.forms.portfolio import Portfolio, draw_portfolio, pool
from shipcall.preparation.forms.worth import (
    DvlAnswer,
    contested,
    income,
    knowing,
    left,
    score_order,
    worths,
)


def test_a_rows_curve_halves_its_errors_as_its_exponent_says() -> None:
    """(10,000 / 100) ** -0.5 = 0.1; with 100 rows or fewer every error is left."""
    rows, exponent = np.array([50.0, 100.0, 10_000.0]), np.array([0.5, 0.5, 0.5])
    assert left(rows, exponent).tolist() == pytest.approx([1.0, 1.0, 0.1])


def numbers(**told: float) -> dict[tuple[str, str], np.ndarray]:
    return {("one", name): np.array([value]) for name, value in told.items()}


def test_income_without_new_rows_is_volume_times_value_times_what_is_right() -> None:
    drawn = numbers(rows=10_000, exponent=0.5, returned=0, value=2, volume=1_000)
    assert income(drawn, "one").tolist() == pytest.approx([1_800.0])


def test_rows_that_come_back_are_learned_from_in_the_next_month() -> None:
    """With 100 + 100 m rows and exponent 1, 1 / (1 + m) is left: 100 (12 - H12), by hand."""
    drawn = numbers(rows=100, exponent=1, returned=1, value=1, volume=1_200)
    assert income(drawn, "one").tolist() == pytest.approx([100 * (12 - 86_021 / 27_720)])


def paired() -> Portfolio:
    """Two features of which the second loses 10 alone; the pipeline saves 30."""
    photos = [one for one in pool().idea if one.pipeline == "photos"]
    return Portfolio(
        seed=0,
        story="",
        features=tuple(photos),
        pair=(photos[0].slug, photos[1].slug),
        saves=30.0,
    )


def test_a_shared_pipeline_counts_where_the_other_then_pays_for_itself() -> None:
    portfolio = paired()
    one, other = portfolio.slugs
    flat = {"rows": 10_000.0, "exponent": 0.5, "returned": 0.0, "value": 1.0, "volume": 100.0}
    costs = {one: 40.0, other: 100.0}
    drawn = {
        (slug, name): np.array([value])
        for slug in (one, other)
        for name, value in {**flat, "cost": costs[slug]}.items()
    }
    assert worths(portfolio, drawn).tolist() == [pytest.approx([50 + 20, -10 + 30])]
    assert worths(replace(portfolio, pair=None), drawn).tolist() == [pytest.approx([50, -10])]


def test_knowing_an_even_number_that_decides_is_worth_a_quarter() -> None:
    """Worth x or 0 with x even on (-1, 1): E[max(x, 0)] = 1/4, and nothing without knowing."""
    x = np.random.default_rng(1).uniform(-1, 1, size=20_000)
    assert knowing(x, np.column_stack([x, 0 * x])).worth == pytest.approx(0.25, abs=0.01)


def test_knowing_a_number_that_decides_nothing_is_hardly_ever_shown_to_be_worth_something() -> None:
    """One in 740 lies above three errors; among 300, at most 4 but once in 1,000 times."""
    rng = np.random.default_rng(2)
    gains = [knowing(rng.uniform(size=2_000), rng.normal(size=(2_000, 4))) for _ in range(300)]
    assert sum(one.worth > 3 * one.error for one in gains) <= 4
    assert abs(np.mean([one.worth for one in gains])) < 4 * np.mean(
        [one.error for one in gains]
    ) / math.sqrt(300)


@pytest.fixture(scope="module")
def portfolio() -> Portfolio:
    return contested(3)


def test_the_same_seed_draws_the_same_portfolio_and_the_same_score(portfolio: Portfolio) -> None:
    answer = DvlAnswer(order=portfolio.slugs, probability=0.6)
    assert contested(3) == portfolio
    assert score_order(portfolio, answer) == score_order(portfolio, answer)


@pytest.mark.parametrize("seed", range(12))
def test_every_portfolio_leaves_something_to_decide(seed: int) -> None:
    drawn = contested(seed)
    assert 3 <= len(drawn.features) <= 5
    score = score_order(drawn, DvlAnswer(order=drawn.slugs, probability=0.5))
    assert score.features[0].worth > 0
    assert max(one.first for one in score.features) < 0.93
    assert sum(one.first for one in score.features) == pytest.approx(1)
    assert max(one.worth for one in score.unknowns) <= score.all_known * 1.05
    assert 0 <= score.chosen.share <= 1


def test_the_best_order_loses_nothing_and_the_worst_all_that_is_at_stake(
    portfolio: Portfolio,
) -> None:
    score = score_order(portfolio, DvlAnswer(order=portfolio.slugs, probability=0.5))
    order = [one.slug for one in score.features]
    best = score_order(portfolio, DvlAnswer(order=tuple(order), probability=0.5))
    worst = score_order(portfolio, DvlAnswer(order=tuple(order[::-1]), probability=0.5))
    assert best.chosen.loses == 0
    assert best.pairs == best.best_pairs
    assert worst.chosen.share == 1
    assert worst.chosen.loses == pytest.approx(worst.stake)


def test_no_probability_scores_better_than_the_true_one(portfolio: Portfolio) -> None:
    def lost(stated: float) -> float:
        answer = DvlAnswer(order=portfolio.slugs, probability=stated)
        return score_order(portfolio, answer).bits_lost

    score = score_order(portfolio, DvlAnswer(order=portfolio.slugs, probability=0.5))
    true = next(one.first for one in score.features if one.slug == portfolio.slugs[0])
    within = min(max(true, 0.01), 0.99)
    assert lost(true) == pytest.approx(lost(within))
    assert all(lost(true) <= lost(stated) for stated in (0.0, 0.1, 0.5, 0.9, 1.0))
    assert math.isfinite(lost(0.0))


def test_an_order_that_leaves_a_feature_out_is_refused(portfolio: Portfolio) -> None:
    with pytest.raises(UsageError, match="Name each of these once"):
        score_order(portfolio, DvlAnswer(order=portfolio.slugs[1:], probability=0.5))


def test_pain_says_nothing_about_worth() -> None:
    pains = [(one.slug, one.pain) for seed in range(40) for one in draw_portfolio(seed).features]
    for idea in pool().idea:
        assert len({pain for slug, pain in pains if slug == idea.slug}) > 1
