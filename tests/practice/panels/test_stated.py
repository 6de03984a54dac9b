"""Stated: bins of what a classifier says of itself, held against the file and closed forms."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Tallies
from shipcall.practice.panels.panel import Setting, Shown
from shipcall.practice.panels.stated import Stated
from shipcall.world.evaluation.predictions import TABLE, predictions_truth
from shipcall.world.truth import World

EDGES = [0.6, 0.7, 0.8, 0.85, 0.9, 0.95]


def made(*, sharpness: float = 1.6, **parts: Any) -> World:
    return World.model_validate(
        {
            "shipcall_world": 1,
            "name": "stated",
            "seed": 5,
            "kind": "classifier",
            "items": {"count": 3_000, "positive": 0.4},
            "model": {
                "baseline": {"skill": 2.0},
                "candidate": {"skill": 2.2, "sharpness": sharpness},
            },
        }
        | parts
    )


def asked(**given: Any) -> Panel:
    return Panel(name="stated", title="t", minutes=1, asks="?", kind="stated", given=given)


def law_of(panel: Panel, *worlds: World) -> Tallies:
    stack = Stated().stack(panel, Setting(points=[], worlds=worlds, truth=0))
    assert isinstance(stack, Tallies)
    return stack


def seen(panel: Panel, world: World) -> Floats:
    setting = Setting(points=[], worlds=[world], truth=0)
    return Stated().seen(panel, setting, law_of(panel, world), np.random.default_rng(1))


def shown(panel: Panel, world: World) -> Shown:
    return Stated().shown(panel, seen(panel, world), Setting(points=[], worlds=[world], truth=0))


def test_its_counts_are_those_of_the_file() -> None:
    world = made()
    counts = np.zeros((7, 4), dtype=int)
    for chunk in range(TABLE.chunks(world)):
        for row in TABLE.rows(world, chunk).to_pylist():
            said = max(row["candidate"], 1 - row["candidate"])
            bin_ = sum(said >= edge for edge in EDGES)
            baseline = (row["baseline"] >= 0.5) == (row["label"] == 1)
            candidate = (row["candidate"] >= 0.5) == (row["label"] == 1)
            counts[bin_, 2 * (not baseline) + (not candidate)] += 1
    assert seen(asked(edges=EDGES), world).reshape(7, 4).astype(int).tolist() == counts.tolist()


def test_the_file_has_the_law_of_the_panel() -> None:
    """Pearson's statistic on 28 cells of 20,000 items, seen once; df 27."""
    world = made(items={"count": 20_000, "positive": 0.4}, labels={"noise": 0.05})
    law = law_of(asked(edges=EDGES), world)
    expected = 20_000 * law.chances[0, 0]
    statistic = float(((seen(asked(edges=EDGES), world) - expected) ** 2 / expected).sum())
    assert statistic < stats.chi2.isf(1e-3, 27)


def test_right_decisions_are_as_common_as_the_world_says() -> None:
    """`predictions_truth` states accuracy in closed form, against labels as written."""
    world = made(labels={"noise": 0.05})
    both, only_baseline, only_candidate, _ = law_of(asked(), world).chances[0, 0]
    stated = {fact["metric"]: fact for fact in predictions_truth(world) if fact["slice"] == "all"}
    accuracy = stated["accuracy_labelled"]
    assert both + only_baseline == pytest.approx(float(accuracy["baseline"]), abs=1e-9)
    assert both + only_candidate == pytest.approx(float(accuracy["candidate"]), abs=1e-9)


def test_the_share_below_the_bar_is_a_difference_of_normal_laws() -> None:
    """With equal classes, skill 2 and slope s: |2 x s| < logit(.85) for x ~ N(+-1, 1)."""
    world = made(
        items={"count": 3_000, "positive": 0.5},
        model={"candidate": {"skill": 2.0, "sharpness": 1.5}},
    )
    law = law_of(asked(edges=[0.85]), world).chances[0, 0].reshape(2, 4)
    bound = np.log(0.85 / 0.15) / (2.0 * 1.5)
    expected = stats.norm.cdf(bound - 1) - stats.norm.cdf(-bound - 1)
    assert law[0].sum() == pytest.approx(expected, abs=1e-9)


def test_a_calibrated_classifier_is_right_in_every_bin_as_often_as_it_states() -> None:
    law = law_of(asked(edges=EDGES), made(sharpness=1.0)).chances[0, 0].reshape(7, 4)
    right = (law[:, 0] + law[:, 2]) / law.sum(axis=1)
    assert (right > [0.5, *EDGES]).all()
    assert (right < [*EDGES, 1.0]).all()


def test_one_that_is_too_sure_is_right_less_often_than_it_states_in_every_bin() -> None:
    law = law_of(asked(edges=EDGES), made(sharpness=2.2)).chances[0, 0].reshape(7, 4)
    right = (law[1:, 0] + law[1:, 2]) / law[1:].sum(axis=1)
    assert (right < EDGES).all()


def test_a_coarser_panel_is_a_sum_of_the_finer_one() -> None:
    world = made()
    fine = seen(asked(edges=EDGES), world).reshape(7, 4)
    coarse = seen(asked(edges=[0.85]), world).reshape(2, 4)
    assert coarse.tolist() == [fine[:4].sum(axis=0).tolist(), fine[4:].sum(axis=0).tolist()]


def test_it_is_weighed_by_the_multinomial_law() -> None:
    """Oracle: scipy.stats.multinomial; only differences between points count."""
    panel = asked(edges=EDGES)
    law = law_of(panel, made(), made(sharpness=1.0))
    counts = seen(panel, made())
    exact = [stats.multinomial.logpmf(counts, 3_000, p / p.sum()) for p in law.chances[:, 0]]
    found = law.log_likelihoods(counts[None, :])[0]
    assert found[0] - found[1] == pytest.approx(exact[0] - exact[1], rel=1e-6)


def test_its_readings_say_how_many_fall_back_and_how_many_errors_pass() -> None:
    world = made()
    told = {one.name: one for one in shown(asked(edges=EDGES, bar=0.85), world).readings}
    fine = seen(asked(edges=EDGES), world).reshape(7, 4)
    assert told["below"].value == fine[:4].sum() / 3_000
    assert told["past"].value == (fine[4:, 1] + fine[4:, 3]).sum() / 3_000
    assert told["right"].value == (fine[4:, 0] + fine[4:, 2]).sum() / fine[4:].sum()


def test_what_is_overstated_is_found_where_it_is() -> None:
    """The world states a calibration gap of 0 where the slope is 1, and one of 5 points here."""
    sure, calibrated = made(), made(sharpness=1.0)
    panel = asked(edges=EDGES)
    found = [
        next(one for one in shown(panel, world).readings if one.name == "overstated")
        for world in (sure, calibrated)
    ]
    assert found[0].low > 0.02
    assert found[1].low < 0.005


def test_an_empty_bin_has_no_share() -> None:
    counts = np.zeros((2, 4))
    counts[1] = [8.0, 1.0, 1.0, 0.0]
    setting = Setting(points=[], worlds=[made()], truth=0)
    rows = Stated().shown(asked(edges=[0.85]), counts.ravel(), setting).rows
    assert (rows[0]["right"], rows[0]["baseline"], rows[0]["items"]) == (None, None, 0)
    assert rows[1]["right"] == 0.9


def test_edges_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="rise"):
        law_of(asked(edges=[0.9, 0.8]), made())


def test_a_bar_between_the_edges_is_refused() -> None:
    with pytest.raises(ValueError, match="none of the edges"):
        law_of(asked(edges=[0.8, 0.9], bar=0.85), made())


@pytest.mark.parametrize(
    "part",
    [
        {"model": {"candidate": {"lost": 0.01}}},
        {"model": {"baseline": {"error": 0.01}}},
        {"model": {"candidate": {"skill": 0.0}}},
        {"items": {"count": 3_000, "cluster": 10}},
        {"fault": [{"kind": "lost_rows"}]},
        {"labels": {"sources": {"a": 0.5, "b": 0.5}, "noisy": "a", "noise": 0.1}},
        {
            "trait": [{"column": "site", "levels": {"a": 0.5, "b": 0.5}}],
            "effect": [{"where": {"site": "a"}, "skill": 0.4}],
        },
    ],
)
def test_items_that_its_law_knows_nothing_of_are_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="kind 'stated'"):
        law_of(asked(), made(**part))
