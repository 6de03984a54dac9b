"""Claims: statements that are so or not, by what their probability loses on average."""

from collections.abc import Mapping

import numpy as np

from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.points import holds
from shipcall.practice.scoring.score import ClaimScore


def claim_scores(play: Play, stated: Mapping[str, float], belief: Floats) -> list[ClaimScore]:
    """Score every claim that was answered; those left open are named as unanswered elsewhere.

    The expected Brier score of a stated q under a posterior p is (q - p)^2 + p (1 - p). The first
    part is the person's and is scored; the second is chance.

    Args:
        play: The play.
        stated: Claim -> probability that it is so.
        belief: Posterior at the panels that were opened, shape (points,).

    References:
        Brier (1950), Verification of forecasts expressed in terms of probability, Monthly Weather
        Review 78, 1-3 (here for one event: half of Brier's sum over its two outcomes).
    """
    so = holds(play.case, play.points)
    chances = np.clip(so @ belief, 0.0, 1.0)
    return [
        ClaimScore(
            name=claim.name,
            stated=stated[claim.name],
            posterior=float(chance),
            excess=float((stated[claim.name] - chance) ** 2),
            so=bool(true[play.setting.truth]),
            brier=float((stated[claim.name] - true[play.setting.truth]) ** 2),
        )
        for claim, chance, true in zip(play.case.claim, chances, so, strict=True)
        if claim.name in stated
    ]
