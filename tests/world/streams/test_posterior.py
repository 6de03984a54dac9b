"""The posterior over causes: it says .8 where it is right eight times in ten."""

import itertools
from functools import cache

import numpy as np
import pytest

from shipcall.world.chance.draws import Floats
from shipcall.world.chance.laws import Law, draw, log_likelihood, posterior
from shipcall.world.streams.panels import stream_law
from shipcall.world.truth import Fault, Labels, Stream, World

CAUSES = ("none", "covariate_shift", "concept_drift", "label_noise", "label_lag", "null_surge")
SEVERITIES = (0.1, 0.25)
BEFORE_AND_AFTER = (range(7), range(7, 14))


@cache
def laws(kind: str, severity: float) -> dict[str, Law]:
    """One panel of two weeks: rows by source, score and outcome, all of one small product."""
    told = World(
        shipcall_world=1,
        name="incident",
        seed=1,
        days=16,
        stream=Stream(rows_per_day=150),
        labels=Labels(sources={"review": 0.5, "users": 0.5}),
        fault=[Fault(kind=kind, day=7, severity=severity)],
    )
    return {"weeks": stream_law(told, BEFORE_AND_AFTER, ("source", "score", "outcome"))}


def chances(panels: dict[str, Floats]) -> Floats:
    """Posterior over CAUSES, with the severity unknown."""
    seen = [[log_likelihood(laws(cause, s), panels) for s in SEVERITIES] for cause in CAUSES]
    return posterior(np.full(len(CAUSES), 1 / len(CAUSES)), np.array(seen))


@pytest.mark.slow
def test_what_is_stated_is_how_often_it_is_right() -> None:
    """Causes and severities from the prior, 480 incidents; each band against its own mean."""
    rng = np.random.default_rng(8)
    kinds = list(itertools.product(range(len(CAUSES)), SEVERITIES)) * 40
    told = np.array([chances(draw(laws(CAUSES[k], s), rng)) for k, s in kinds])
    truth = np.eye(len(CAUSES))[[k for k, _ in kinds]]
    stated, right = told.ravel(), truth.ravel()
    for low, high in ((0.0, 0.1), (0.1, 0.4), (0.4, 0.8), (0.8, 0.9), (0.9, 1.01)):
        band = (stated >= low) & (stated < high)
        error = np.sqrt((stated[band] * (1 - stated[band])).sum()) / band.sum()
        assert band.sum() > 15
        assert right[band].mean() == pytest.approx(stated[band].mean(), abs=3.5 * error)
    assert told[truth == 1].mean() > 0.5


def test_a_strong_fault_is_told_from_the_others() -> None:
    rng = np.random.default_rng(3)
    for number, cause in enumerate(CAUSES[1:], start=1):
        assert chances(draw(laws(cause, 0.25), rng)).argmax() == number


def test_panels_that_were_not_opened_leave_the_prior() -> None:
    assert chances({}) == pytest.approx(np.full(len(CAUSES), 1 / len(CAUSES)))
