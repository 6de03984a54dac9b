"""Graded: counts of an evaluation set, held against the files and against other people's sums."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Joined, Tallies
from shipcall.practice.panels.graded import Graded, Summed
from shipcall.practice.panels.panel import Setting
from shipcall.world.evaluation.scores import TABLE, scores_truth
from shipcall.world.truth import World

TOPICS = {"column": "topic", "levels": {"fractions": 0.3, "reading": 0.7}}


def made(**parts: Any) -> World:
    return World.model_validate(
        {
            "shipcall_world": 1,
            "name": "graded",
            "seed": 11,
            "items": {"count": 3_000},
            "trait": [TOPICS],
            "model": {"baseline": {"unsafe": 0.02}, "candidate": {"unsafe": 0.03}},
            "effect": [{"where": {"topic": "reading"}, "skill": -0.4}],
        }
        | parts
    )


def asked(**given: Any) -> Panel:
    return Panel(name="graded", title="t", minutes=1, asks="?", kind="graded", given=given)


def setting_of(*worlds: World) -> Setting:
    return Setting(points=[], worlds=worlds, truth=0)


def seen(panel: Panel, world: World) -> Floats:
    setting = setting_of(world)
    stack = Graded().stack(panel, setting)
    return Graded().seen(panel, setting, stack, np.random.default_rng(1))


def rows_of(world: World) -> list[dict[str, Any]]:
    chunks = [TABLE.rows(world, chunk) for chunk in range(TABLE.chunks(world))]
    return [row for chunk in chunks for row in chunk.to_pylist()]


def counted(rows: Sequence[dict[str, Any]], metric: str, topic: str | None) -> Counter[Any]:
    """Count items of a file by what both models did: (baseline, candidate) -> items."""
    pairs: dict[str, dict[str, float]] = {}
    for row in rows:
        if row["metric"] == metric and topic in {None, row["topic"]}:
            pairs.setdefault(row["item"], {})[row["arm"]] = row["value"]
    return Counter((pair["baseline"], pair["candidate"]) for pair in pairs.values())


PAIRS = ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))


def test_paired_counts_of_every_slice_are_those_of_the_file() -> None:
    world = made()
    rows = rows_of(world)
    expected = [counted(rows, "right", topic)[pair] for topic in TOPICS["levels"] for pair in PAIRS]
    assert seen(asked(by="topic"), world).tolist() == expected


def test_counts_are_those_of_a_file_in_several_chunks() -> None:
    world = made(items={"count": 26_000})
    assert TABLE.chunks(world) == 2
    expected = counted(rows_of(world), "right", "reading")
    found = seen(asked(where={"topic": "reading"}), world)
    assert found.tolist() == [expected[pair] for pair in PAIRS]


def test_shares_without_pairs_are_those_of_the_file() -> None:
    world = made()
    found = counted(rows_of(world), "right", None)
    baseline = found[1.0, 1.0] + found[1.0, 0.0]
    candidate = found[1.0, 1.0] + found[0.0, 1.0]
    assert seen(asked(paired=False), world).tolist() == [baseline, candidate, 3_000]


def test_unsafe_counts_are_those_of_the_file() -> None:
    world = made()
    found = counted(rows_of(world), "unsafe", "fractions")
    items = found.total()
    hits = [found[1.0, 1.0] + found[1.0, 0.0], found[1.0, 1.0] + found[0.0, 1.0]]
    expected = [hits[0], items - hits[0], hits[1], items - hits[1]]
    assert seen(asked(of="unsafe", where={"topic": "fractions"}), world).tolist() == expected


def test_the_mean_of_its_draws_is_what_is_so() -> None:
    """`scores_truth` states the shares without any draw."""
    world = made()
    stack = Graded().stack(asked(by="topic", paired=False), setting_of(world))
    drawn = stack.draw(0, 4_000, np.random.default_rng(3)).reshape(4_000, 2, 3)
    change = ((drawn[..., 1] - drawn[..., 0]) / drawn[..., 2]).mean(axis=0)
    truth = {fact["slice"]: fact for fact in scores_truth(world) if fact["metric"] == "right"}
    expected = [float(truth[f"topic={topic}"]["difference"]) for topic in TOPICS["levels"]]
    assert change == pytest.approx(expected, abs=0.001)


def test_a_slice_whose_items_are_alike_is_weighed_by_the_multinomial_law() -> None:
    """Oracle: scipy.stats.multinomial; only differences between points count."""
    worlds = (made(), made(effect=[{"where": {"topic": "reading"}, "skill": 0.2}]))
    panel = asked(where={"topic": "reading"})
    stack = Graded().stack(panel, setting_of(*worlds))
    assert isinstance(stack, Joined)
    law = stack.parts[0]
    assert isinstance(law, Tallies)
    counts = seen(panel, worlds[0])
    exact = [stats.multinomial.logpmf(counts, int(law.n[0]), p) for p in law.chances[:, 0]]
    found = stack.log_likelihoods(counts[None, :])[0]
    assert found[0] - found[1] == pytest.approx(exact[0] - exact[1], rel=1e-9)


def test_a_sum_over_unlike_strata_is_weighed_by_its_own_mean_and_covariance() -> None:
    """Oracle: scipy.stats.multivariate_normal with moments written out by hand.

    100 items of chances .5 and .3 (both right, one right) and 300 of .2 and .4: the mean is
    100 * .5 + 300 * .2 = 110 and 100 * .3 + 300 * .4 = 150, the variances 25 + 48 = 73 and
    21 + 72 = 93, the covariance -15 - 24 = -39.
    """
    chances = np.array([[[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]]])
    law = Summed(np.array([100.0, 300.0]), chances, np.eye(3))
    found = law.log_likelihoods(np.array([[120.0, 145.0, 135.0], [110.0, 150.0, 140.0]]))[:, 0]
    normal = stats.multivariate_normal([110.0, 150.0], [[73.0, -39.0], [-39.0, 93.0]])
    expected = normal.logpdf([120.0, 145.0]) - normal.logpdf([110.0, 150.0])
    assert found[0] - found[1] == pytest.approx(expected, rel=1e-9)


def test_a_sum_over_unlike_strata_has_the_covariance_it_is_weighed_by() -> None:
    chances = np.array([[[0.5, 0.3, 0.2], [0.2, 0.4, 0.4]]])
    law = Summed(np.array([100.0, 300.0]), chances, np.eye(3))
    drawn = law.draw(0, 40_000, np.random.default_rng(5))
    assert np.cov(drawn[:, :2].T) == pytest.approx(
        np.array([[73.0, -39.0], [-39.0, 93.0]]), rel=0.04
    )


def test_a_slice_too_small_for_a_normal_law_is_refused() -> None:
    tight = made(items={"count": 40}, effect=[])
    with pytest.raises(ValueError, match="is too small to be shown like this"):
        Graded().stack(asked(paired=False), setting_of(tight))


@pytest.mark.parametrize(
    "part",
    [
        {"model": {"candidate": {"lost": 0.01}}},
        {"model": {"baseline": {"error": 0.01}}},
        {"items": {"count": 3_000, "repeats": 2}},
        {"items": {"count": 3_000, "cluster": 10}},
        {"fault": [{"kind": "lost_rows"}]},
    ],
)
def test_rows_that_its_law_knows_nothing_of_are_refused(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="answered once"):
        Graded().stack(asked(), setting_of(made(**part)))


def test_its_rows_give_numbers_and_no_judgement() -> None:
    world = made()
    panel = asked(by="topic")
    shown = Graded().shown(panel, seen(panel, world), setting_of(world))
    assert [row["slice"] for row in shown.rows] == ["topic=fractions", "topic=reading"]
    assert all(
        list(row)
        == ["slice", "items", "baseline", "candidate", "won", "lost", "change", "low", "high"]
        for row in shown.rows
    )
    assert {reading.name for reading in shown.readings} == {
        f"{what} topic={topic}"
        for what in ("baseline", "candidate", "change")
        for topic in TOPICS["levels"]
    }


def test_pairs_give_a_narrower_interval_of_the_change_than_shares_alone() -> None:
    world = made(effect=[])
    widths = []
    for paired in (True, False):
        panel = asked(paired=paired)
        change = Graded().shown(panel, seen(panel, world), setting_of(world)).readings[-1]
        widths.append(change.high - change.low)
    assert widths[0] < widths[1]
