"""Estimates: what a person thought of its own call before anything was revealed."""

from shipcall.practice.scoring.score import Decision, EstimateScore
from shipcall.practice.sheet import SelfEstimate


def estimate_score(stated: SelfEstimate | None, decision: Decision) -> EstimateScore | None:
    """Score "my loss is below x, with probability p" by its square; for calibration only.

    A person picks x itself, so a small score says nothing of one play: over many, the stated
    probabilities can be held against how often they came true. No call is below no x.

    Args:
        stated: The estimate; None: there is none.
        decision: The call it speaks of.
    """
    if stated is None:
        return None
    so = decision.loss_share < stated.loss_below
    return EstimateScore(
        stated=stated.probability, so=so, brier=(stated.probability - float(so)) ** 2
    )
