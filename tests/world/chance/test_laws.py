"""Laws of panels: their chances against scipy, their draws against their own means."""

import numpy as np
import pytest
from scipy import stats

from shipcall.world.chance.laws import (
    Law,
    Multinomial,
    Normal,
    Poisson,
    draw,
    log_likelihood,
    posterior,
)


def test_counts_have_the_chance_of_the_multinomial() -> None:
    """scipy.stats.multinomial.logpmf, summed over two groups."""
    chances = np.array([[0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    law = Multinomial(n=np.array([6, 3]), chances=chances)
    seen = np.array([[1, 2, 3], [0, 1, 2]])
    expected = stats.multinomial.logpmf([1, 2, 3], 6, chances[0]) + stats.multinomial.logpmf(
        [0, 1, 2], 3, chances[1]
    )
    assert law.log_likelihood(seen) == pytest.approx(expected, abs=1e-12)


def test_counts_that_do_not_add_up_are_impossible() -> None:
    law = Multinomial(n=np.array([6]), chances=np.array([[0.5, 0.5]]))
    assert law.log_likelihood([[3, 2]]) == -np.inf


def test_a_kind_that_cannot_happen_makes_what_was_seen_all_but_impossible() -> None:
    law = Multinomial(n=np.array([2]), chances=np.array([[1.0, 0.0]]))
    assert law.log_likelihood([[2, 0]]) == pytest.approx(0.0)
    assert law.log_likelihood([[1, 1]]) < -600


def test_events_have_the_chance_of_the_poisson_law() -> None:
    """scipy.stats.poisson.logpmf."""
    law = Poisson(np.array([0.5, 12.0]))
    expected = float(np.sum(stats.poisson.logpmf([0, 9], [0.5, 12.0])))
    assert law.log_likelihood([0, 9]) == pytest.approx(expected, abs=1e-12)


def test_means_have_the_density_of_the_normal_law() -> None:
    """scipy.stats.norm.logpdf."""
    law = Normal(np.array([1.0, -2.0]), np.array([0.1, 3.0]))
    expected = float(np.sum(stats.norm.logpdf([1.2, 0.0], [1.0, -2.0], [0.1, 3.0])))
    assert law.log_likelihood([1.2, 0.0]) == pytest.approx(expected, abs=1e-12)


def test_panels_are_drawn_from_their_laws() -> None:
    rng = np.random.default_rng(5)
    laws: dict[str, Law] = {
        "kinds": Multinomial(n=np.array([1_000]), chances=np.array([[0.2, 0.8]])),
        "events": Poisson(np.array([40.0])),
        "mean": Normal(np.array([3.0]), np.array([0.5])),
    }
    seen = [draw(laws, rng) for _ in range(2_000)]
    assert np.mean([p["kinds"][0, 0] for p in seen]) == pytest.approx(200, abs=1.2)
    assert np.mean([p["events"][0] for p in seen]) == pytest.approx(40, abs=0.6)
    assert np.std([p["mean"][0] for p in seen]) == pytest.approx(0.5, abs=0.04)


def test_panels_nobody_opened_say_nothing() -> None:
    laws: dict[str, Law] = {
        "a": Normal(np.zeros(1), np.ones(1)),
        "b": Normal(np.zeros(1), np.ones(1)),
    }
    one = {"a": np.array([0.3])}
    assert log_likelihood(laws, one) == laws["a"].log_likelihood([0.3])


def test_a_panel_without_a_law_is_refused() -> None:
    with pytest.raises(KeyError, match="c"):
        log_likelihood({}, {"c": np.zeros(1)})


def test_the_posterior_is_that_of_bayes() -> None:
    """By hand: .2*.5, .3*.1, .5*.1 over their sum .18."""
    prior = np.array([0.2, 0.3, 0.5])
    chances = posterior(prior, np.log([0.5, 0.1, 0.1]))
    assert chances == pytest.approx([10 / 18, 3 / 18, 5 / 18])


def test_the_posterior_averages_over_what_else_is_unknown() -> None:
    """By hand: causes with mean likelihoods .3 and .1, even prior: 3/4 and 1/4."""
    chances = posterior(np.array([0.5, 0.5]), np.log([[0.2, 0.4], [0.1, 0.1]]))
    assert chances == pytest.approx([0.75, 0.25])


def test_the_posterior_does_not_underflow() -> None:
    chances = posterior(np.array([0.5, 0.5]), np.array([-5_000.0, -5_001.0]))
    assert chances[0] == pytest.approx(1 / (1 + np.exp(-1)))
