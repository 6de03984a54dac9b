"""A design on one page: what a fallback spares, and what leaving a page quickly means."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from shipcall.core import Tails
from shipcall.stats.proportions import Ends, score_ends

QUESTIONS = 60_000
"""Of either wording."""
SURE, UNSURE = 4.0, 1.0
"""Of the beta law of stated confidence; it is right as often as it says."""
LOSES = 0.06
"""By so much the long wording is less often right."""
SEARCH = 0.45
"""Chance that the list of pages, which is the fallback, solves a question."""
HAPPY = {"short": 2.2, "long": 9.0}
"""Median seconds until a person who got a right answer to a brief question leaves."""
STUDY, LOST = 40.0, 7.0
"""Median seconds on any other right answer, and on a wrong one."""
SPREAD = 0.5
ASKED = 0.02
"""Share of people who are asked a day later whether the boiler runs."""


def lab(
    rng: np.random.Generator, *, bar: float, brief: float, seconds: float
) -> Mapping[str, float]:
    """Answer installers' questions in two wordings, with a fallback and a signal to learn from.

    Args:
        rng: Where chance comes from.
        bar: Percent of confidence below which the list of pages is shown instead.
        brief: Percent of questions that one number answers.
        seconds: Leaving a page earlier than this counts as "did not help".
    """
    stated = rng.beta(SURE, UNSURE, QUESTIONS)
    right = {
        "short": rng.random(QUESTIONS) < stated,
        "long": rng.random(QUESTIONS) < np.maximum(stated - LOSES, 0.0),
    }
    below = stated < bar / 100
    solves = np.where(below, rng.random(QUESTIONS) < SEARCH, right["short"])
    quick = rng.random(QUESTIONS) < brief / 100
    found = {
        "fallback": 100 * float(below.mean()),
        "wrong_all": 100 * float(np.mean(~right["short"])),
        "wrong_shown": 100 * float(np.mean(~right["short"] & ~below)),
        "solved_all": 100 * float(right["short"].mean()),
        "solved": 100 * float(solves.mean()),
        "search": 100 * SEARCH,
        "asked": ASKED * QUESTIONS,
    }
    for name, good in right.items():
        stays = np.where(good, np.where(quick, HAPPY[name], STUDY), LOST)
        left = stays * np.exp(SPREAD * rng.standard_normal(QUESTIONS)) < seconds
        ends = _asked(rng, good)
        found[f"good_{name}"] = 100 * float(good.mean())
        found[f"kept_{name}"] = 100 * float(np.mean(~left))
        found[f"left_right_{name}"] = 100 * float(good[left].mean()) if left.any() else 0.0
        found[f"asked_low_{name}"] = 100 * ends.low
        found[f"asked_high_{name}"] = 100 * ends.high
    return found


def _asked(rng: np.random.Generator, good: NDArray[np.bool_]) -> Ends:
    """Ask a part of the people, drawn by lot, and bound the share that was helped."""
    asked = round(ASKED * QUESTIONS)
    helped = rng.choice(good, asked, replace=False)
    return score_ends(float(helped.mean()), asked, Tails(0.025, 0.025))
