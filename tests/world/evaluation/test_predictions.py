"""predictions: closed forms against scipy, and files against scikit-learn."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from scipy import integrate, special, stats
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from builders import run_gate
from offline_worlds import plain, rich, rows
from shipcall.core import Estimate, Role, Standing
from shipcall.world.chance.kinds import Kinds
from shipcall.world.evaluation.predictions import kinds, predictions_laws, predictions_truth
from shipcall.world.models.errors import below, errors, pairs_between, rectangles
from shipcall.world.models.items import items
from shipcall.world.people.cells import strata
from shipcall.world.truth import ARMS, World

RHO = (-0.6, 0.0, 0.3, 0.8, 0.999)
NOISY: dict[str, Any] = {
    "labels": {"noise": 0.2, "sources": {"desk": 1, "crowd": 1}, "noisy": "crowd"}
}


def truth(world: World, where: str = "all") -> dict[str, dict[str, float]]:
    """Metric -> what is stated."""
    return {
        str(fact["metric"]): {arm: float(fact[arm]) for arm in ARMS}
        for fact in predictions_truth(world)
        if fact["slice"] == where
    }


@pytest.mark.parametrize("rho", RHO)
def test_the_bivariate_normal_law_is_that_of_scipy(rho: float) -> None:
    """scipy.stats.multivariate_normal.cdf."""
    bounds = [(0, 0), (0.5, -0.3), (-1, -2), (0, 1.5), (-0.7, 0), (0, -1), (3, 0.2), (1, 1)]
    expected = [
        stats.multivariate_normal.cdf(pair, [0, 0], [[1, rho], [rho, 1]], abseps=1e-10)
        for pair in bounds
    ]
    x, y = np.array(bounds, dtype=float).T
    seen = below(x, y, rho)
    assert seen == pytest.approx(expected, abs=1e-8)


def test_infinite_bounds_leave_one_normal_law_or_none() -> None:
    seen = below([np.inf, 0.3, -np.inf, np.inf], [0.3, np.inf, 1.0, np.inf], 0.5)
    assert seen == pytest.approx([stats.norm.cdf(0.3), stats.norm.cdf(0.3), 0.0, 1.0])


@pytest.mark.parametrize("rho", RHO)
def test_pairs_fall_between_their_bounds_with_their_own_moments(rho: float) -> None:
    """Against the accepted part of scipy.stats.multivariate_normal draws."""
    rng = np.random.default_rng(1)
    low, high = np.tile([0.2, -np.inf], (20_000, 1)), np.tile([np.inf, 0.9], (20_000, 1))
    seen = pairs_between(low, high, rho, rng)
    assert ((seen >= low) & (seen <= high)).all()
    free = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 400_000)
    kept = free[(free[:, 0] > 0.2) & (free[:, 1] < 0.9)]
    assert seen.mean(axis=0) == pytest.approx(kept.mean(axis=0), abs=0.03)
    assert np.cov(seen.T) == pytest.approx(np.cov(kept.T), abs=0.04)


def test_pairs_can_be_drawn_far_out() -> None:
    """Beyond 9 standard deviations the mean excess is below 1/9 (Mills' ratio)."""
    low, high = np.full((100, 2), [9.0, -np.inf]), np.full((100, 2), np.inf)
    seen = pairs_between(low, high, 0.5, np.random.default_rng(1))
    assert (seen[:, 0] >= 9).all()
    assert seen[:, 0].mean() < 9 + 1 / 6


def test_rectangles_add_up_to_one() -> None:
    edges = np.array([-np.inf, -1.0, 0.5, np.inf])
    chances = rectangles(edges, edges[[0, 2, 3]], 0.7)
    assert chances.sum() == pytest.approx(1.0)
    assert chances.sum(axis=1) == pytest.approx(np.diff(stats.norm.cdf(edges)))


@pytest.mark.parametrize(
    ("parts", "own", "expected"),
    [
        ({"spread": 1.0}, (0.5, 0.5), 0.8),
        ({"spread": 0.0}, (0.5, 0.5), 0.0),
        ({"spread": 1.0}, (0.0, 0.0), 1.0),
        ({"spread": 0.0}, (0.0, 0.0), 1.0),
        ({"spread": 0.0}, (0.0, 1.0), 0.0),
        ({"spread": 0.6, "cluster_spread": 0.8}, (0.0, 1.0), 1 / np.sqrt(2)),
    ],
)
def test_errors_are_alike_as_far_as_difficulty_is_shared(
    parts: dict[str, float], own: tuple[float, float], expected: float
) -> None:
    """By hand: shared variance over the root of the product of both whole variances."""
    model = {arm: {"own_spread": spread} for arm, spread in zip(ARMS, own, strict=True)}
    world = plain("classifier", items=parts, model=model)
    found = errors(world, items(world))
    assert found.correlation == pytest.approx(expected)
    assert found.item == pytest.approx([1.0, 1.0])


def test_what_belongs_to_clusters_is_taken_from_the_rest() -> None:
    """By hand: variances .64 between, .36 within, none of their own."""
    world = plain(
        "classifier",
        items={"cluster": 4, "cluster_spread": 0.8, "spread": 0.6},
        model={arm: {"own_spread": 0.0} for arm in ARMS},
    )
    found = errors(world, items(world))
    assert found.cluster == pytest.approx([0.8, 0.8])
    assert found.item == pytest.approx([0.6, 0.6])
    assert found.nodes.weights @ found.shift[:, 0] ** 2 == pytest.approx(0.64)


def test_a_calibrated_classifier_has_the_binormal_values() -> None:
    """Closed forms for equal classes at distance d: accuracy Phi(d/2), AUC Phi(d/sqrt 2).

    Log loss and Brier: scipy.integrate.quad over the log odds, normal with mean d^2/2, sd d.
    """
    world = plain("classifier", items={"positive": 0.5}, model={"candidate": {"skill": 2.0}})
    stated = truth(world)
    for arm, d in zip(ARMS, (1.0, 2.0), strict=True):
        log_odds = stats.norm(d * d / 2, d)
        loss, brier = (
            integrate.quad(lambda x, f=f, w=log_odds: f(x) * w.pdf(x), -20, 25)[0]
            for f in (lambda x: np.logaddexp(0, -x), lambda x: special.expit(-x) ** 2)
        )
        assert stated["accuracy"][arm] == pytest.approx(stats.norm.cdf(d / 2))
        assert stated["recall"][arm] == pytest.approx(stats.norm.cdf(d / 2))
        assert stated["false_positive_rate"][arm] == pytest.approx(stats.norm.cdf(-d / 2))
        assert stated["precision"][arm] == pytest.approx(stats.norm.cdf(d / 2))
        assert stated["roc_auc"][arm] == pytest.approx(stats.norm.cdf(d / np.sqrt(2)))
        assert stated["log_loss"][arm] == pytest.approx(loss, abs=1e-7)
        assert stated["brier"][arm] == pytest.approx(brier, abs=1e-7)
        assert stated["calibration_gap"][arm] == 0.0


def test_overconfidence_moves_calibration_and_nothing_that_ranks() -> None:
    """scipy.integrate.quad of |stated - true| with sharpness 2, equal classes at distance 1."""
    world = plain("classifier", items={"positive": 0.5}, model={"candidate": {"sharpness": 2.0}})
    stated = truth(world)
    for metric in ("accuracy", "roc_auc"):
        assert stated[metric]["candidate"] == pytest.approx(stated[metric]["baseline"])
    gap = integrate.quad(
        lambda x: abs(special.expit(2 * x) - special.expit(x)) * stats.norm.pdf(x, 0.5, 1),
        -10,
        11,
        points=[0],
    )[0]
    assert stated["calibration_gap"]["candidate"] == pytest.approx(gap, abs=1e-5)


def test_flipped_labels_blur_what_is_measured() -> None:
    """By hand: with f flipped everywhere, accuracy a becomes a (1 - f) + (1 - a) f."""
    stated = truth(plain("classifier", labels={"noise": 0.1}))
    a = stated["accuracy"]["baseline"]
    assert stated["accuracy_labelled"]["baseline"] == pytest.approx(0.9 * a + 0.1 * (1 - a))
    assert stated["roc_auc_labelled"]["baseline"] < stated["roc_auc"]["baseline"]


def test_a_model_without_skill_says_the_base_rate() -> None:
    world = plain("classifier", model={"candidate": {"skill": -1.0}})
    stated = truth(world)
    assert stated["roc_auc"]["candidate"] == pytest.approx(0.5)
    assert stated["accuracy"]["candidate"] == pytest.approx(0.7)
    assert "precision" not in stated
    said = rows("classifier", world)["candidate"].to_numpy()
    assert said == pytest.approx(np.full(len(said), 0.3))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_world_with_one_class_has_no_values_of_the_other(share: float) -> None:
    world = plain("classifier", items={"positive": share})
    gone = {0.0: "recall", 1.0: "false_positive_rate"}[share]
    assert not {gone, "roc_auc"} & truth(world).keys()
    assert set(rows("classifier", world)["label"].to_pylist()) == {int(share)}


@pytest.mark.parametrize("table", ["classifier", "regressor"])
def test_losses_and_failures_are_answers_that_are_not_there(table: str) -> None:
    """By hand: .8 * .75 = .6 answered; 4 standard errors of a share of 10,000."""
    model = {"candidate": {"lost": 0.2, "error": 0.25}}
    drawn = rows(table, plain(table, count=10_000, model=model))
    assert drawn["baseline"].null_count == 0
    assert 1 - drawn["candidate"].null_count / 10_000 == pytest.approx(0.6, abs=0.02)


def test_the_law_of_the_panel_has_the_stated_shares() -> None:
    """The panel's expectation, weighted by stratum, against the truth as labelled."""
    world = rich("classifier", **NOISY)
    law = predictions_laws(world)["items"]
    assert isinstance(law, Kinds)
    chance = strata(world).weights @ law.marginal
    label, *states = np.array(kinds(world)).T
    stated = truth(world)
    for arm, state in zip(ARMS, states, strict=True):
        right, known = state == label + 1, state > 0
        caught = chance @ (right & (label == 1)) / (chance @ (known & (label == 1)))
        assert chance @ right / (chance @ known) == pytest.approx(stated["accuracy_labelled"][arm])
        assert caught == pytest.approx(stated["recall_labelled"][arm])


def answers(world: World, arm: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Labels and what one model said, where it said something."""
    drawn = rows(world.kind, world)
    said = drawn[arm].to_numpy()
    there = ~np.isnan(said)
    return drawn["label"].to_numpy()[there], said[there]


@pytest.mark.parametrize("arm", ARMS)
def test_files_of_a_classifier_have_the_stated_values(arm: str) -> None:
    """scikit-learn on 40,000 items; tolerances of 4 to 5 standard errors with clusters of 4.

    The make-up of the evaluation set varies too, so that everything at once is compared.
    """
    world = rich(
        "classifier",
        count=40_000,
        model={"candidate": {"sharpness": 1.7, "tilt": 0.4, "skill": 1.6, "lost": 0.1}},
        **NOISY,
    )
    label, said = answers(world, arm)
    stated = {metric: values[arm] for metric, values in truth(world).items()}
    called = said >= 0.5
    assert np.mean(called == label) == pytest.approx(stated["accuracy_labelled"], abs=0.015)
    assert np.mean(called[label == 1]) == pytest.approx(stated["recall_labelled"], abs=0.025)
    assert np.mean(label[called]) == pytest.approx(stated["precision_labelled"], abs=0.025)
    assert roc_auc_score(label, said) == pytest.approx(stated["roc_auc_labelled"], abs=0.015)
    assert log_loss(label, said) == pytest.approx(stated["log_loss_labelled"], abs=0.03)
    assert brier_score_loss(label, said) == pytest.approx(stated["brier_labelled"], abs=0.01)


def test_stated_probabilities_of_a_calibrated_model_come_true() -> None:
    """Share of positives in ten bins of 4,000 items each, 4 standard errors."""
    label, said = answers(
        plain("classifier", count=40_000, model={"baseline": {"skill": 2}}), "baseline"
    )
    order = np.argsort(said).reshape(10, -1)
    apart = np.abs(label[order].mean(axis=1) - said[order].mean(axis=1))
    assert (apart < 4 * np.sqrt(0.25 / 4_000)).all()


@pytest.mark.parametrize("arm", ARMS)
def test_files_of_a_regressor_have_the_stated_values(arm: str) -> None:
    """40,000 items in clusters of 4."""
    world = rich(
        "regressor", count=40_000, model={"candidate": {"tilt": 0.2, "skill": 0.6}}, **NOISY
    )
    label, said = answers(world, arm)
    stated = {metric: values[arm] for metric, values in truth(world).items()}
    assert np.mean(said - label) == pytest.approx(stated["bias"], abs=0.02)
    size, square = np.abs(said - label).mean(), ((said - label) ** 2).mean()
    assert size == pytest.approx(stated["mean_absolute_error_labelled"], rel=0.025)
    assert square == pytest.approx(stated["mean_squared_error_labelled"], rel=0.04)


def test_errors_of_a_regressor_have_the_folded_normal_mean() -> None:
    """scipy.stats.foldnorm: bias .3, spread exp(-1.2)."""
    world = plain("regressor", model={"candidate": {"tilt": 0.3, "skill": 1.2}})
    stated, spread = truth(world), np.exp(-1.2)
    size = stats.foldnorm.mean(0.3 / spread, scale=spread)
    assert stated["mean_absolute_error"]["candidate"] == pytest.approx(size)
    assert stated["mean_squared_error"]["candidate"] == pytest.approx(0.09 + spread**2)
    assert stated["bias"]["candidate"] == pytest.approx(0.3)


CONTRACT = """
shipcall = 1
[release]
id = "r1"
kind = "classifier"
owner = "team"
baseline = "old"
candidate = "fresh"
change = "weights"
[unit]
id = "unit"
[evidence]
predictions = { path = "predictions.parquet", expect = { units = 4000 } }
[metric]
accuracy = { level = "model", kind = "accuracy", better = "higher" }
auc = { level = "model", kind = "roc_auc", better = "higher" }
brier = { level = "model", kind = "brier", better = "lower" }
recall = { level = "model", kind = "recall", better = "higher" }
"""


def test_the_gate_finds_the_stated_differences(tmp_path: Path) -> None:
    names = {"accuracy": "accuracy", "auc": "roc_auc", "brier": "brier", "recall": "recall"}
    text = CONTRACT + "".join(
        f'[[check]]\nid = "gate.{name}"\nstage = "gate"\nrole = "goal"\n'
        f'metric = "{name}"\nmay_lose = 0.02\n'
        for name in names
    )
    world = plain("classifier", count=4_000, model={"candidate": {"skill": 1.5}})
    pq.write_table(rows("classifier", world), tmp_path / "predictions.parquet")
    findings = {f.check.id: f for f in run_gate(tmp_path, text).verdict.findings}
    assert {f.standing for f in findings.values() if f.check.role is Role.SANITY} == {
        Standing.CLEAR
    }
    for name, metric in names.items():
        values = truth(world)[metric]
        found = findings[f"gate.{name}"].measured
        assert isinstance(found, Estimate)
        assert found.low < values["candidate"] - values["baseline"] < found.high
