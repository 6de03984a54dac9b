"""Judge: what becomes of a right or wrong answer in the hands of who grades it."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from shipcall.world.chance.draws import Floats
from shipcall.world.models.labels import flips
from shipcall.world.people.cells import Cells
from shipcall.world.truth import Judge, World


@dataclass(frozen=True, slots=True, eq=False)
class Grading:
    """Chance that an answer is graded right, in each stratum, shape (strata,) each."""

    right: Floats
    """If it is right."""
    wrong: Floats
    """If it is wrong."""

    def counts(self, repeats: int) -> Floats:
        """Chance of so many right grades given so many right answers.

        Returns:
            Shape (strata, repeats + 1 right answers, repeats + 1 right grades).
        """
        table = np.zeros((len(self.right), repeats + 1, repeats + 1))
        for answers in range(repeats + 1):
            kept = _binomial(answers, self.right)
            gained = _binomial(repeats - answers, self.wrong)
            for i, j in np.ndindex(kept.shape[1], gained.shape[1]):
                table[:, answers, i + j] += kept[:, i] * gained[:, j]
        return table


def grading(world: World, found: Cells) -> Grading:
    """Tell how answers are graded: by the judge if there is one, else by comparing with labels.

    A judge draws a share `noise` of its grades like a coin, so that half of these are wrong.
    `leniency` moves the log odds with which a wrong answer is called right; a judge without
    noise makes no mistakes to be moved. A flipped label turns a grade round.
    """
    if world.judge is None:
        flipped = flips(world, found)
        return Grading(1 - flipped, flipped)
    everywhere = np.ones(len(found))
    return Grading((1 - world.judge.noise / 2) * everywhere, fooled(world.judge) * everywhere)


def fooled(judge: Judge) -> float:
    """Chance that the judge calls a wrong answer right."""
    with np.errstate(divide="ignore"):
        return float(special.expit(special.logit(judge.noise / 2) + judge.leniency))


def _binomial(n: int, chance: Floats) -> Floats:
    """Chances of 0 to n successes, shape (strata, n + 1)."""
    k = np.arange(n + 1)
    p = np.asarray(chance)[:, None]
    law: Floats = special.binom(n, k) * p**k * (1 - p) ** (n - k)
    return law
