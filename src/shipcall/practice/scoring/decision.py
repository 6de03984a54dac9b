"""Decision: a call is held against the best one on the evidence, not on how things turned out.

Everything the case can show counts, opened or not: looking is part of deciding.
"""

from collections.abc import Collection, Mapping

import numpy as np

from shipcall.practice.belief import believed
from shipcall.practice.language import PRIORS
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.points import worths
from shipcall.practice.scoring.score import GRADES, Decision, Grade


def decision_score(
    play: Play,
    option: str | None,
    opened: Collection[str],
    *,
    best: Collection[str],
    logs: Mapping[str, Floats],
) -> Decision:
    """Hold a call against the best one.

    No call counts as the worst there is, on the evidence and in hindsight, with no luck in it.

    Args:
        play: The play.
        option: Name of the option that was taken; None: no call was made.
        opened: Panels that were opened, in any order.
        best: The best panels for the evidence-minutes of the case.
        logs: What `belief.log_likelihoods` gave.
    """
    values = worths(play.case, play.points)
    names = [one.name for one in play.case.option]
    taken = None if option is None else names.index(option)
    every = [panel.name for panel in play.case.panel]

    def expected_given(panels: Collection[str], which: str = PRIORS[0]) -> Floats:
        expected: Floats = values @ believed(play, panels, which=which, logs=logs)
        return expected

    expected = expected_given(every)
    reader = int(np.argmax(expected_given(best)))
    losses = {which: share_lost(expected_given(every, which), taken) for which in PRIORS}
    realised: Floats = values[:, play.setting.truth]
    return Decision(
        option=option,
        expected={name: float(value) for name, value in zip(names, expected, strict=True)},
        best=names[int(np.argmax(expected))],
        loss=_behind(expected, taken),
        stake=float(np.ptp(expected)),
        loss_share=losses[PRIORS[0]],
        losses=losses,
        grade=grade_of(losses),
        as_looked=share_lost(expected_given(opened), taken),
        in_minutes=share_lost(expected, reader),
        luck=0.0 if taken is None else float(realised[taken] - expected[taken]),
        hindsight=_behind(realised, taken),
    )


def share_lost(expected: Floats, taken: int | None) -> float:
    """Find which share of the stake a call gives away; 1.0 where there is none.

    Args:
        expected: Expected worth of every option, in points, shape (options,).
        taken: Place of the option; None: no call was made.

    Returns:
        In [0, 1]; 0 for any call where nothing is at stake.
    """
    stake = float(np.ptp(expected))
    if taken is None:
        return 1.0
    return _behind(expected, taken) / stake if stake > 0 else 0.0


def grade_of(losses: Mapping[str, float]) -> Grade:
    """Grade a call by its loss under the published chances, doubted by the two other views.

    It is a mistake or a blunder only if it is one under every view; else at most an inaccuracy.

    Args:
        losses: One of PRIORS -> share of the stake lost, in [0, 1].
    """
    published = _grade(losses[PRIORS[0]])
    if published not in ("mistake", "blunder"):
        return published
    return _grade(max(min(losses.values()), GRADES["inaccuracy"]))


def _grade(loss: float) -> Grade:
    return next(grade for grade, most in GRADES.items() if loss <= most)


def _behind(expected: Floats, taken: int | None) -> float:
    worth = expected.min() if taken is None else expected[taken]
    return float(expected.max() - worth)
