import numpy as np
import pytest

from shipcall.core import Bar, Estimand, Estimate, Tails
from shipcall.stats.sequential.centre import Start
from shipcall.stats.sequential.epochs import Entries, Epochs, collect
from shipcall.stats.sequential.rare import rare_estimate
from shipcall.stats.sequential.score import ScorePlan, score_estimate
from shipcall.stats.sequential.standings import rare_standings, score_standings

TAILS = Tails(0.05, 0.01)
BARS = (Bar(low=-0.02, text=""), Bar(high=0.02, text=""), Bar(low=-0.05, high=0.05, text=""))


def _ramp(rng: np.random.Generator, effect: float, rate: float = 0.2) -> Epochs:
    n = 6_000
    epoch = np.sort(rng.integers(0, 40, n))
    share = np.where(epoch < 15, 0.05, 0.5)
    candidate = rng.random(n) < share
    outcome = (rng.random(n) < rate + effect * candidate).astype(float)
    return collect(
        Entries(
            epoch=epoch,
            stage=(epoch >= 15).astype(np.int64),
            share=share,
            candidate=candidate,
            outcome=outcome,
        )
    )


def _stands(measured: object, bar: Bar) -> tuple[bool, bool]:
    if not isinstance(measured, Estimate):
        return False, False
    inside = measured.low >= bar.low and measured.high <= bar.high
    return inside, measured.high < bar.low or measured.low > bar.high


@pytest.mark.parametrize("bar", BARS, ids=["low", "high", "both"])
@pytest.mark.parametrize("estimand", [Estimand.DIFFERENCE, Estimand.RELATIVE])
def test_standings_of_the_score_are_those_of_its_interval_at_every_look(
    bar: Bar, estimand: Estimand
) -> None:
    plan = ScorePlan(information=200.0, start=Start(0.2, 50.0))
    rng, seen = np.random.default_rng(4), set()
    for effect in (0.0, -0.06, 0.06):
        epochs = _ramp(rng, effect)
        found = score_standings(epochs.table(), plan, estimand, bar, TAILS)
        looks = sorted({cell.epoch for cell in epochs.cells})
        for place in range(0, len(looks), 6):
            measured = score_estimate(epochs.until(looks[place]), plan, estimand, TAILS)
            stands = _stands(measured, bar)
            assert (bool(found.clear[place]), bool(found.breach[place])) == stands
            assert bool(found.present[place]) == isinstance(measured, Estimate)
            seen.add(stands)
    assert len(seen) > 1, "both standings occur"


def test_standings_of_rare_events_are_those_of_their_interval() -> None:
    bar, rng = Bar(high=0.3, text=""), np.random.default_rng(5)
    epochs = _ramp(rng, 0.02, rate=0.01)
    found = rare_standings(epochs.table(), bar, TAILS)
    looks = sorted({cell.epoch for cell in epochs.cells})
    stands = [_stands(rare_estimate(epochs.until(look), TAILS), bar) for look in looks]
    assert list(zip(found.clear.tolist(), found.breach.tolist(), strict=True)) == stands
    assert found.breach.any()
