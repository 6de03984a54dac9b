"""Score: the decision given the evidence, apart from luck and from how the truth turned out.

What is scored is the expected loss of a call against the best call on the same evidence, under
values and base rates that the case publishes. The stated probability is scored against the truth
by its square (Brier 1950). One case says little about a person, and the score says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shipcall.core import Action, Call
from shipcall.practice.case import Case
from shipcall.practice.reader import PARTS, TOTALS, broken_given
from shipcall.practice.session import offered

BEST_WITHIN = 0.01
"""A call that loses no more than this share of the stake counts as a best one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A call held against the best one under one belief."""

    broken: float
    """Chance that the release is broken, in (0, 1), under which the calls are valued."""
    expected: Mapping[Action, float]
    """Expected value of every offered call, in points."""
    best: Action
    loss: float
    """Expected value of the best call less that of this one, in points; never below 0."""
    stake: float
    """Expected value of the best call less that of the worst, in points."""

    @property
    def loss_share(self) -> float:
        """Loss as a share of the stake, in [0, 1]."""
        return self.loss / self.stake if self.stake else 0.0

    @property
    def is_best(self) -> bool:
        """Is the call as good as the best, within BEST_WITHIN of the stake?"""
        return self.loss_share <= BEST_WITHIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What can be said of one call on one case."""

    decision: Decision
    """Against a reader who looked everywhere: looking is part of deciding."""
    as_looked: Decision
    """Against a reader who looked where this person did."""
    brier: float
    """Square of (stated probability - truth), in [0, 1]; 0 is best."""
    reader_brier: float
    """The same for the careful reader who looked everywhere."""
    luck: float
    """Value that came of the call less what was to be expected of it, in points."""


def expected_values(case: Case, broken: float) -> dict[Action, float]:
    """Value every offered call under a belief.

    Args:
        case: Publishes what each call is worth in each world.
        broken: Chance that the release is broken, in [0, 1].

    Returns:
        Expected points of each call.
    """
    return {
        action: (1 - broken) * worth.sound + broken * worth.broken
        for action, worth in case.values.items()
    }


def decision(case: Case, action: Action, broken: float) -> Decision:
    """Hold one call against the best one under one belief."""
    expected = expected_values(case, broken)
    best = max(expected, key=lambda one: expected[one])
    return Decision(
        broken=broken,
        expected=expected,
        best=best,
        loss=expected[best] - expected[action],
        stake=expected[best] - min(expected.values()),
    )


def score(case: Case, call: Call, *, looked: Sequence[str] = ()) -> Score:
    """Score one call on one case.

    Args:
        case: The case with its truth.
        call: The call with its stated probability that every promise is kept.
        looked: Panels that were asked for, in order.

    Raises:
        UsageError: If the case does not offer this call.
    """
    offered(case, call)
    everything = broken_given(case, (*TOTALS, *PARTS))
    full = decision(case, call.action, everything)
    worth, kept = case.values[call.action], float(not case.truth.broken)
    realised = worth.broken if case.truth.broken else worth.sound
    return Score(
        decision=full,
        as_looked=decision(case, call.action, broken_given(case, looked)),
        brier=(call.probability - kept) ** 2,
        reader_brier=((1 - everything) - kept) ** 2,
        luck=realised - full.expected[call.action],
    )
