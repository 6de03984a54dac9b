"""Off-policy: values of policies from the log of another, and when a log says too little."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shipcall.core import Absent, Estimand, Estimate, Measured, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.offpolicy import logged_estimate, logged_sample, weighted_count_ends
from shipcall.stats.sample import Floats, Lost, PairSample, Pull

TAILS = Tails(0.05, 0.05)
NO_PULL = Pull(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def ips(
    weight: Floats, reward: Floats, baseline: Floats | None = None, per_cluster: int = 1
) -> PairSample:
    """IPS of a policy with these weights; the baseline wrote the log unless it has weights too."""
    first = np.ones_like(weight) if baseline is None else baseline
    return logged_sample(
        num_baseline=first * reward,
        den_baseline=np.ones_like(weight),
        num_candidate=weight * reward,
        den_candidate=np.ones_like(weight),
        weight_baseline=first,
        weight_candidate=weight,
        surprise=reward,
        clusters=Clusters.of(np.arange(weight.size) // per_cluster),
        lost=Lost(),
        influence=False,
    )


def snips(weight: Floats, reward: Floats) -> PairSample:
    """SNIPS of the same."""
    one = np.ones_like(weight)
    return logged_sample(
        num_baseline=reward,
        den_baseline=one,
        num_candidate=weight * reward,
        den_candidate=weight,
        weight_baseline=one,
        weight_candidate=weight,
        surprise=reward,
        clusters=Clusters.singles(weight.size),
        lost=Lost(),
        influence=False,
    )


def robust(weight: Floats, reward: Floats, expected: Floats, direct: Floats) -> PairSample:
    """The doubly robust value; what the policy itself would bring is expected to be `direct`."""
    one = np.ones_like(weight)
    return logged_sample(
        num_baseline=reward,
        den_baseline=one,
        num_candidate=direct + weight * (reward - expected),
        den_candidate=one,
        weight_baseline=one,
        weight_candidate=weight,
        surprise=reward - expected,
        clusters=Clusters.singles(weight.size),
        lost=Lost(),
        influence=False,
    )


def test_with_one_weight_the_ends_are_the_exact_limits_of_a_count() -> None:
    """Garwood (1936): chi2(a; 2x) / 2 and chi2(1 - a; 2x + 2) / 2, here x = 7 and weight 0.3."""
    pull = Pull(7 * 0.3, 7 * 0.09, 0.3, 0.0, 0.0, 0.0)
    ends = weighted_count_ends(7 * 0.3, pull, Tails(0.025, 0.01))
    assert ends.low == pytest.approx(0.3 * stats.chi2.ppf(0.025, 14) / 2)
    assert ends.high == pytest.approx(0.3 * stats.chi2.ppf(0.99, 16) / 2)


def test_no_event_at_all_has_the_rule_of_three() -> None:
    """-log(0.05) = 2.9957 events of the largest weight."""
    pull = NO_PULL._replace(up_most=2.0)
    assert weighted_count_ends(0.0, pull, TAILS).high == pytest.approx(-2 * np.log(0.05))


def test_what_pulls_up_and_down_changes_places_with_the_sign() -> None:
    up = Pull(1.0, 0.2, 0.3, 0.5, 0.1, 0.2)
    down = Pull(*up[3:], *up[:3])
    one, other = weighted_count_ends(0.5, up, TAILS), weighted_count_ends(-0.5, down, TAILS)
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_the_effective_sample_is_that_of_kish() -> None:
    """Kish (1965): (1 + 2 + 3)^2 / (1 + 4 + 9) = 36 / 14."""
    overlap = ips(np.array([1.0, 2.0, 3.0]), np.ones(3)).overlap
    assert overlap is not None
    assert overlap.weights[1].effective == pytest.approx(36 / 14)
    assert overlap.weights[1].largest == 3.0
    assert overlap.weights[0].effective == 3.0


def test_the_error_of_the_mean_weight_knows_clusters() -> None:
    weight = np.repeat(np.array([0.5, 1.5, 1.0, 1.2]), 25)
    alone, together = ips(weight, weight).overlap, ips(weight, weight, per_cluster=25).overlap
    assert alone is not None
    assert together is not None
    assert together.weights[1].error > 4 * alone.weights[1].error


def spread(choices: int, rng: np.random.Generator, scale: float = 1.0) -> Floats:
    """Log-normal weights with mean 1."""
    return np.exp(rng.normal(-(scale**2) / 2, scale, choices))


def measured(sample: PairSample, estimand: Estimand = Estimand.CANDIDATE) -> Measured:
    return logged_estimate(sample, estimand, TAILS)


def test_the_value_says_how_much_the_log_knew() -> None:
    rng = np.random.default_rng(2)
    weight = spread(2_000, rng)
    seen = measured(ips(weight, (rng.random(2_000) < 0.1).astype(float)))
    assert isinstance(seen, Estimate)
    effective = weight.sum() ** 2 / (weight @ weight)
    assert f"effective sample size {effective:,.1f} of 2,000" in seen.method
    assert f"largest weight {weight.max():.1f}" in seen.method


def test_a_log_that_never_did_what_the_policy_does_says_nothing() -> None:
    absent = measured(ips(np.zeros(500), np.ones(500)))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.LITTLE_OVERLAP


def test_a_few_large_weights_say_nothing() -> None:
    weight = np.zeros(5_000)
    weight[:20] = 250.0
    absent = measured(ips(weight, np.ones(5_000)))
    assert isinstance(absent, Absent)
    assert absent.detail == "effective sample size 20.0 of 5,000, largest weight 250.0"


def test_wrong_chances_are_found_by_the_mean_weight() -> None:
    rng = np.random.default_rng(3)
    absent = measured(ips(1.5 * spread(5_000, rng, 0.5), np.ones(5_000)))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.LITTLE_OVERLAP
    assert absent.detail.startswith("mean weight 1.51 instead of 1; ")


def test_the_weights_of_the_baseline_count_where_it_is_compared() -> None:
    rng = np.random.default_rng(4)
    weight, reward = spread(1_000, rng), (rng.random(1_000) < 0.3).astype(float)
    poor = np.zeros(1_000)
    poor[:10] = 100.0
    sample = ips(weight, reward, baseline=poor)
    assert isinstance(measured(sample, Estimand.CANDIDATE), Estimate)
    assert isinstance(measured(sample, Estimand.BASELINE), Absent)
    assert isinstance(measured(sample, Estimand.DIFFERENCE), Absent)
    assert isinstance(measured(sample, Estimand.RELATIVE), Absent)


def test_the_log_of_the_baseline_itself_gives_its_own_mean() -> None:
    rng = np.random.default_rng(5)
    reward = (rng.random(800) < 0.2).astype(float)
    seen = measured(ips(np.ones(800), reward))
    assert isinstance(seen, Estimate)
    assert seen.value == pytest.approx(reward.mean())


def test_a_value_of_rewards_that_are_never_negative_is_not_negative() -> None:
    rng = np.random.default_rng(6)
    weight, reward = spread(400, rng), (rng.random(400) < 0.02).astype(float)
    for estimand, least in ((Estimand.CANDIDATE, 0.0), (Estimand.RELATIVE, -1.0)):
        seen = measured(ips(weight, reward), estimand)
        assert isinstance(seen, Absent) or seen.low >= least


def test_lost_choices_leave_no_data() -> None:
    rng = np.random.default_rng(11)
    sample = ips(spread(400, rng, 0.5), rng.random(400))
    assert isinstance(measured(sample), Estimate)
    absent = measured(replace(sample, lost=Lost(rows=1)))
    assert isinstance(absent, Absent)
    assert absent.reason is Reason.ROWS_MISSING


def test_no_reward_at_all_is_no_zero() -> None:
    rng = np.random.default_rng(8)
    assert isinstance(measured(ips(spread(900, rng), np.zeros(900))), Absent)


def test_a_relative_change_is_that_of_the_values() -> None:
    rng = np.random.default_rng(9)
    weight, reward = spread(20_000, rng, 0.5), (rng.random(20_000) < 0.3).astype(float)
    seen = measured(ips(weight, reward), Estimand.RELATIVE)
    assert isinstance(seen, Estimate)
    assert seen.value == pytest.approx((weight * reward).mean() / reward.mean() - 1)


def test_a_sample_without_weights_is_refused() -> None:
    one = np.ones(9)
    with pytest.raises(ValueError, match="logged_sample"):
        logged_estimate(
            pair_sample(one, one, one, one, Clusters.singles(9)), Estimand.CANDIDATE, TAILS
        )


class Rates:
    """Misses of both ends over many logs."""

    def __init__(self) -> None:
        self.low = self.high = self.runs = 0

    def add(self, seen: Measured, truth: float) -> None:
        self.runs += 1
        if isinstance(seen, Estimate):
            self.low += seen.low > truth
            self.high += seen.high < truth


CASES: dict[str, dict[str, Any]] = {
    "rare rewards, wide weights": {"items": 80, "sharp": 2.0, "choices": 1_000, "rate": 0.03},
    "few choices": {"items": 20, "sharp": 1.5, "choices": 300, "rate": 0.3},
    "one favourite": {"items": 10, "sharp": 12.0, "choices": 1_000, "rate": 0.1},
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_ends_miss_no_more_often_than_promised(case: dict[str, Any]) -> None:
    """Logs of a uniform policy; more than 17 of 150 have chance 0.0005 at a rate of 0.05."""
    rng = np.random.default_rng(21)
    items, choices = case["items"], case["choices"]
    found = {name: Rates() for name in ("ips", "snips", "robust", "apart")}
    for _ in range(150):
        policy = np.exp(case["sharp"] * rng.normal(size=items))
        policy /= policy.sum()
        chance = np.clip(case["rate"] * np.exp(0.5 * rng.normal(size=items)), 0, 1)
        guess = np.clip(chance * np.exp(0.5 * rng.normal(size=items)), 0, 1)
        chosen = rng.integers(0, items, choices)
        weight = items * policy[chosen]
        reward = (rng.random(choices) < chance[chosen]).astype(float)
        direct = np.full(choices, policy @ guess)
        value = float(policy @ chance)
        weighed = ips(weight, reward)
        found["ips"].add(measured(weighed), value)
        found["apart"].add(measured(weighed, Estimand.DIFFERENCE), value - chance.mean())
        found["snips"].add(measured(snips(weight, reward)), value)
        found["robust"].add(measured(robust(weight, reward, guess[chosen], direct)), value)
    for name, rates in found.items():
        assert max(rates.low, rates.high) <= 17, (name, rates.low, rates.high)
