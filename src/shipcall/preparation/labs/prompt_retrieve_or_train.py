"""Prompt, retrieve or train: which errors each cures, and how knowledge in weights goes stale."""

from collections.abc import Mapping

import numpy as np

from shipcall.core import Tails
from shipcall.stats.proportions import score_ends

QUESTIONS = 60_000
FACTS, FORM = 0.5, 0.3
"""Shares of questions that turn on a fact of the shop, and on the form of the advice."""
WRONG_FACT, WRONG_FORM, WRONG_ELSE = 0.45, 0.25, 0.08
"""Share of each kind that goes wrong today."""
PROMPTED, TRAINED = 0.6, 0.8
"""Share of the errors of form that a better prompt cures, and that training cures."""
MISLED = 0.7
"""Chance of a wrong answer from a passage that does not hold the fact."""
READ_WRONG = 0.03
"""Chance of a wrong answer from the right passage, or from a fact learned and still true."""
BAR = 0.5
"""Of the retrieval confidence, below which the assistant passes the question to a person."""
LABELLED = 100
"""Errors that somebody sorts by kind."""
MONTH = 30.0
TRAINING = 4.0
"""Thousands of EUR for one training with its labels and its gate."""


def lab(
    rng: np.random.Generator, *, change: float, cadence: float, hit: float
) -> Mapping[str, float]:
    """Answer the same questions of a garden centre in four ways.

    Args:
        rng: Where chance comes from.
        change: Percent of facts that change in a month.
        cadence: Days from one training to the next.
        hit: Percent of questions on facts for which the right passage is found.
    """
    kind = rng.choice(3, QUESTIONS, p=np.array([FACTS, FORM, 1 - FACTS - FORM]))
    fact, form, luck = kind == 0, kind == 1, rng.random(QUESTIONS)
    now = luck < np.choose(kind, [WRONG_FACT, WRONG_FORM, WRONG_ELSE])
    cured = rng.random(QUESTIONS)
    found_it = rng.random(QUESTIONS) < hit / 100
    looked = luck < np.where(found_it, READ_WRONG, MISLED)
    confidence = np.where(found_it, rng.beta(6.0, 2.0, QUESTIONS), rng.beta(2.0, 4.0, QUESTIONS))
    passed = fact & (confidence < BAR)
    age = rng.random(QUESTIONS) * cadence
    rate = -np.log1p(-change / 100) / MONTH
    stale = rng.random(QUESTIONS) < -np.expm1(-rate * age)
    ways = {
        "now": now,
        "prompt": now & ~(form & (cured < PROMPTED)),
        "retrieve": np.where(fact, looked, now),
        "train": np.where(fact, stale | (luck < READ_WRONG), now & ~(form & (cured < TRAINED))),
    }
    ways["both"] = np.where(fact, looked, now & ~(form & (cured < PROMPTED)))
    found = {f"wrong_{name}": 100 * float(wrong.mean()) for name, wrong in ways.items()}
    sorted_facts = float(fact[now].mean())
    ends = score_ends(sorted_facts, LABELLED, Tails(0.025, 0.025))
    return found | {
        "labelled": LABELLED,
        "fact_errors": 100 * sorted_facts,
        "fact_low": 100 * ends.low,
        "fact_high": 100 * ends.high,
        "wrong_bar": 100 * float(np.mean(ways["both"] & ~passed)),
        "passed": 100 * float(passed.mean()),
        "passed_right": 100 * float(np.mean(passed & ~ways["both"])),
        "stale": 100 * float(stale.mean()),
        "stale_end": 100 * (1.0 - float(np.exp(-rate * cadence))),
        "trainings": 365.25 / cadence,
        "bill": TRAINING * 365.25 / cadence,
    }
