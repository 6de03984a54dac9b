"""Difficulty: how hard cases are, from what the bots lose on them, before any person played.

Difficulty is measured, not felt: P(result) of bot b on case c is logistic(skill_b - hardness_c).
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
from scipy import special

from shipcall.practice.bots import calls_of_bots
from shipcall.practice.ladder import losses
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play
from shipcall.practice.rating import SCALE, Strength, result_of
from shipcall.practice.redraw import redrawn

SEED_DEVIATION = 150.0
"""Doubt about a case only bots have played: they find hard what fixed habits find hard. A guess."""
SPREAD = 2.0
"""Standard deviation of skills and of hardnesses before the bots play, in log odds: it keeps the
oracle, which never loses, at a finite place."""
_FILE = "strengths.toml"


class Landmarks(NamedTuple):
    """One scale with the cases on it, and the bots to read it by."""

    cases: Mapping[str, Strength]
    bots: Mapping[str, float]
    """Bot -> its rating."""


def bot_results(play: Play, count: int, *, seed: int) -> dict[str, float]:
    """Let the bots play a case many times and give the mean result of each.

    Args:
        play: Any play of the case; numbers of rows are taken from it.
        count: Plays.
        seed: Of the redrawing.

    Returns:
        Bot -> mean of `result_of` its loss, in [0, 1].
    """
    total: dict[str, float] = {}
    for one in redrawn(play, count, seed=seed):
        for who, loss in losses(one, calls_of_bots(one)).items():
            total[who] = total.get(who, 0.0) + result_of(min(loss, 1.0)) / count
    return {who: min(mean, 1.0) for who, mean in total.items()}


def fit(results: Mapping[str, Mapping[str, float]], *, plays: int) -> Landmarks:
    """Place cases and bots on one scale, the mean case at 1500.

    The posterior mode of a Bradley-Terry model in which bots meet cases, with results between 0
    and 1 and a normal prior on both sides.

    Args:
        results: Case -> bot -> mean result, in [0, 1].
        plays: Plays behind each mean.

    Raises:
        ValueError: If there is no case.

    References:
        Bradley and Terry (1952), Rank analysis of incomplete block designs, Biometrika 39; the
        prior makes the mode exist where somebody always wins.
    """
    if not results:
        raise ValueError("no case was played: there is nothing to place")
    cases = list(results)
    bots = list(dict.fromkeys(bot for played in results.values() for bot in played))
    cells = [
        (bots.index(bot), cases.index(case), mean)
        for case, played in results.items()
        for bot, mean in played.items()
    ]
    skill, hardness = _mode(cells, len(bots), len(cases), plays)
    middle = float(hardness.mean())
    return Landmarks(
        cases={
            case: Strength(rating=_points(hard - middle), deviation=SEED_DEVIATION)
            for case, hard in zip(cases, hardness, strict=True)
        },
        bots={bot: _points(able - middle) for bot, able in zip(bots, skill, strict=True)},
    )


def _mode(
    cells: list[tuple[int, int, float]], bots: int, cases: int, plays: int
) -> tuple[Floats, Floats]:
    """Newton's steps on a concave function, halved where they would go too far."""
    design = np.zeros((len(cells), bots + cases))
    for row, (bot, case, _) in enumerate(cells):
        design[row, bot], design[row, bots + case] = 1.0, -1.0
    mean = np.array([cell[2] for cell in cells])

    def worth(at: Floats) -> float:
        line = design @ at
        fitted = plays * float((mean * line - np.logaddexp(0.0, line)).sum())
        return fitted - float(at @ at) / (2 * SPREAD**2)

    at: Floats = np.zeros(bots + cases)
    for _ in range(100):
        chance = special.expit(design @ at)
        slope = plays * design.T @ (mean - chance) - at / SPREAD**2
        bend = plays * (design.T * (chance * (1 - chance))) @ design
        step = np.linalg.solve(bend + np.eye(at.size) / SPREAD**2, slope)
        while worth(at + step) < worth(at) - 1e-9:
            step /= 2
        at = at + step
        if float(np.abs(step).max()) < 1e-9:
            break
    return at[:bots], at[bots:]


def _points(logit: float) -> float:
    return 1500.0 + SCALE * float(logit)


@lru_cache(maxsize=1)
def landmarks() -> Landmarks:
    """Read the places that came along; empty where no bot has played yet."""
    file = files("shipcall.practice") / _FILE
    if not file.is_file():
        return Landmarks({}, {})
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    cases = {
        name: Strength(rating=float(rating), deviation=SEED_DEVIATION)
        for name, rating in told["case"].items()
    }
    return Landmarks(cases, {name: float(rating) for name, rating in told["bot"].items()})


def landmarks_text(places: Landmarks) -> str:
    """Write places as the file that `landmarks` reads, to whole points."""
    lines = ["# Measured by the bots: shipcall.practice.difficulty. Not edited by hand.", "[case]"]
    lines += [f"{name} = {place.rating:.0f}" for name, place in sorted(places.cases.items())]
    lines += ["", "[bot]"]
    ranked = sorted(places.bots.items(), key=lambda item: -item[1])
    lines += [f'"{name}" = {rating:.0f}' for name, rating in ranked]
    return "\n".join(lines) + "\n"
