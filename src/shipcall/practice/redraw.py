"""Redraw: many plays of one case without files, in milliseconds, to prove the scorer."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from shipcall.practice.language import PRIORS
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play, rng_of
from shipcall.practice.points import prior


def redrawn(play: Play, count: int, *, seed: int) -> Iterator[Play]:
    """Draw other truths and other panels under the laws of one play.

    Numbers of rows stay those of that play. What is drawn has the law of the case; its files are
    never written, so no contract can judge it.
    """
    chances = prior(play.points, PRIORS[0])
    truths = rng_of(seed, "truths").choice(len(play.points), size=count, p=chances)
    for number, truth in enumerate(truths):
        rng = rng_of(seed, "redrawn", str(number))
        seen = {name: stack.draw(int(truth), 1, rng)[0] for name, stack in play.stacks.items()}
        setting = replace(play.setting, truth=int(truth))
        yield replace(play, seed=seed + number, setting=setting, seen=seen)


def drawn_logs(play: Play, count: int, *, seed: int) -> tuple[Floats, dict[str, Floats]]:
    """Draw truths, and what each panel says of every point.

    Returns:
        Place of the truth of each draw, shape (count,); panel -> log likelihoods, shape
        (count, points).
    """
    chances = prior(play.points, PRIORS[0])
    truths = np.sort(rng_of(seed, "truths").choice(len(play.points), size=count, p=chances))
    logs = {}
    for name, stack in play.stacks.items():
        rng = rng_of(seed, "panel", name)
        seen = [
            stack.draw(int(truth), int((truths == truth).sum()), rng) for truth in np.unique(truths)
        ]
        logs[name] = stack.log_likelihoods(np.concatenate(seen))
    return truths.astype(np.float64), logs
