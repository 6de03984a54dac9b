"""Off-policy study: the log read in several ways, and an answer only where it can bear one."""

import numpy as np
import pytest

from shipcall.core import Absent, Estimate, Reason, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.offpolicy import logged_sample
from shipcall.stats.sample import Floats, Lost, PairSample
from shipcall.studies.offpolicy import cut_chart, offpolicy
from shipcall.studies.study import Study

TAILS = Tails(0.025, 0.025)


def log(weight: Floats, reward: Floats) -> PairSample:
    one = np.ones_like(weight)
    return logged_sample(
        num_baseline=reward,
        den_baseline=one,
        num_candidate=weight * reward,
        den_candidate=one,
        weight_baseline=one,
        weight_candidate=weight,
        surprise=reward,
        clusters=Clusters.singles(weight.size),
        lost=Lost(),
        influence=True,
    )


def study(sample: PairSample | Absent) -> Study:
    return offpolicy({"ips": sample}, None, "t", tails=TAILS, rng=np.random.default_rng(1))


def two_items(choices: int, good: float) -> tuple[Floats, Floats]:
    """A log that shows two items alike; the candidate shows the second in nine cases of ten."""
    rng = np.random.default_rng(3)
    second = rng.integers(0, 2, choices)
    good_at = np.where(second, good, 0.2)
    weight = np.where(second, 1.8, 0.2).astype(np.float64)
    return weight, (rng.random(choices) < good_at).astype(np.float64)


@pytest.mark.parametrize(
    ("good", "answer"),
    [
        (0.4, "The log says that the candidate brings more"),
        (0.05, "The log says that the candidate brings less"),
        (0.205, "Can't tell which model brings more"),
    ],
)
def test_the_answer_is_that_of_the_interval(good: float, answer: str) -> None:
    found = study(log(*two_items(4_000, good)))
    assert found.sentence.startswith(answer)
    assert "effective sample size of 2,4" in found.sentence
    assert "largest weight 1.8" in found.sentence


def test_a_log_that_says_too_little_gives_no_number() -> None:
    weight = np.zeros(900)
    weight[:9] = 100.0
    found = study(log(weight, np.ones(900)))
    assert found.sentence.startswith("Can't tell: The log says too little")
    assert isinstance(found.tables[0].rows[0]["candidate"], Absent)
    assert [row["way"] for row in found.tables[0].rows] == ["IPS"]


def test_a_table_without_a_log_says_why() -> None:
    absent = Absent(reason=Reason.WRONG_COLUMNS, detail="r.csv has no column 'reward'")
    found = study(absent)
    assert found.sentence.endswith("r.csv has no column 'reward'.")
    assert len(found.tables) == 1


def test_the_bootstrap_stands_beside_the_interval_that_holds() -> None:
    """Few rewards with large weights: what was drawn again is narrower at the high end."""
    rng = np.random.default_rng(4)
    weight: Floats = np.exp(rng.normal(-0.5, 1.0, 5_000)).astype(np.float64)
    own, again = study(log(weight, (rng.random(5_000) < 0.004).astype(np.float64))).tables[0].rows
    assert (own["way"], again["way"]) == ("IPS", "IPS, bootstrap")
    one, other = own["candidate"], again["candidate"]
    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert one.value == other.value
    assert other.high < one.high


def test_cutting_weights_takes_value_away() -> None:
    rng = np.random.default_rng(5)
    weight = np.exp(rng.normal(-0.5, 1.0, 2_000))
    drawn = cut_chart(weight, np.ones(2_000), np.arange(2_000), TAILS)
    assert drawn is not None
    heights = [point.y for point in drawn.lines[0].points]
    assert heights == sorted(heights)
    assert heights[-1] == pytest.approx(weight.mean())


@pytest.mark.parametrize("weight", [np.zeros(50), np.ones(50)], ids=["none", "all alike"])
def test_weights_with_nothing_to_cut_have_no_picture(weight: Floats) -> None:
    assert cut_chart(weight, np.ones(50), np.arange(50), TAILS) is None
