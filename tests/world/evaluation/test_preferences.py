"""preferences: win rates against integrals done another way, and files against both."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from offline_worlds import make, plain, rich, rows
from shipcall.world.evaluation.preferences import preferences_truth, tally
from shipcall.world.models.comparer import BITS, INVALID, kinds, said, winners
from shipcall.world.people.cells import strata
from shipcall.world.truth import Judge, World

BIASED = {"position": 0.5, "verbosity": 0.8, "own_kind": 0.3, "noise": 0.1, "people": 0.4}


def stated(world: World, metric: str, where: str = "all") -> float:
    (found,) = [
        fact
        for fact in preferences_truth(world)
        if (fact["metric"], fact["slice"]) == (metric, where)
    ]
    return float(found["candidate"])


def test_the_better_answer_is_the_logistic_normal_mean() -> None:
    """scipy.integrate.quad: skills .6 apart, own difficulties of variance .25 each."""
    world = plain("preferences", model={"candidate": {"skill": 1.6}})
    expected = integrate.quad(
        lambda x: special.expit(0.6 + np.sqrt(0.5) * x) * stats.norm.pdf(x), -9, 9
    )[0]
    assert stated(world, "better") == pytest.approx(expected, abs=1e-9)
    assert stated(world, "human_wins") == pytest.approx(expected, abs=1e-9)
    assert stated(world, "judge_wins") == pytest.approx(0.95 * expected + 0.025, abs=1e-9)


def test_a_biased_judge_has_the_stated_win_rate() -> None:
    """Trapezoids over difficulty and length, mean of both orders, then noise."""
    model = {"candidate": {"tokens": 400.0}}
    world = plain("preferences", judge=BIASED, model=model)
    grid = np.linspace(-8, 8, 401)
    density = stats.norm.pdf(grid) * 0.04
    middle = 0.3 + 0.8 * np.log(4 / 3) + 0.8 * 0.35 * np.sqrt(2) * grid[:, None]
    lean = middle + np.sqrt(0.5) * grid
    wins = (special.expit(lean - 0.5) + special.expit(lean + 0.5)) / 2
    expected = density @ wins @ density
    assert stated(world, "judge_wins") == pytest.approx(0.9 * expected + 0.05, abs=1e-9)
    assert stated(world, "better") == pytest.approx(0.5)


@pytest.mark.parametrize("position", [-0.7, 0.0, 0.7])
@pytest.mark.parametrize("verbosity", [0.0, -1.5, 3.0])
def test_who_would_win_in_each_order_has_the_stated_law(position: float, verbosity: float) -> None:
    """400,000 simulated margins; 5 standard errors of a share of 0.5."""
    judge = {"position": position, "verbosity": verbosity, "own_kind": 0.2}
    world = plain("preferences", judge=judge, model={"candidate": {"skill": 1.5}})
    rng, count = np.random.default_rng(1), 400_000
    margin = 0.5 + np.sqrt(0.5) * rng.standard_normal(count) + rng.logistic(size=count)
    lean = 0.2 + verbosity * 0.35 * np.sqrt(2) * rng.standard_normal(count)
    wins = [margin > 0, margin + lean - position > 0, margin + lean + position > 0]
    place = np.array([4, 2, 1]) @ np.array(wins)
    seen = np.bincount(place, minlength=len(BITS)) / count
    law = winners(world, Judge(**judge), strata(world))[0]
    assert law == pytest.approx(seen, abs=5 * 0.5 / np.sqrt(count))


@pytest.mark.parametrize("both_orders", [False, True])
def test_whatever_would_win_something_is_said(both_orders: bool) -> None:  # noqa: FBT001
    judge = Judge(both_orders=both_orders, ties=0.2, people=0.3)
    table = said(judge)
    broken = np.array([INVALID in kind for kind in kinds(judge)])
    assert table.sum(axis=1) == pytest.approx(np.ones(len(BITS)))
    assert not table[:, broken].any()


def decided(world: World) -> dict[tuple[str, str], list[bool]]:
    """(rater kind, model that stood first) -> did the candidate win, without ties."""
    found: dict[tuple[str, str], list[bool]] = {}
    for row in rows("preferences", world).to_pylist():
        if row["winner"] in {"first", "second"}:
            wins = row[row["winner"]] == world.candidate
            found.setdefault((row["rater_kind"], row["first"]), []).append(wins)
    return found


def test_files_have_the_stated_win_rates() -> None:
    """30,000 items: 4 standard errors. A judge that likes what stands first is so in the file."""
    world = plain("preferences", count=30_000, judge=BIASED, model={"candidate": {"skill": 1.5}})
    seen = decided(world)
    judge = [np.mean(seen["judge", first]) for first in ("v1", "v2")]
    people = np.concatenate([seen["human", first] for first in ("v1", "v2")])
    assert np.mean(judge) == pytest.approx(stated(world, "judge_wins"), abs=0.013)
    assert people.mean() == pytest.approx(stated(world, "better"), abs=0.02)
    assert judge[1] - judge[0] > 0.1


def test_a_wordy_judge_prefers_longer_answers_and_people_do_not() -> None:
    """Mean log ratio of lengths, winner over loser: noise of the mean is about .005."""
    world = plain("preferences", count=20_000, judge={"verbosity": 2.0, "people": 1.0})
    ratios: dict[str, list[float]] = {"judge": [], "human": []}
    for row in rows("preferences", world).to_pylist():
        if row["winner"] in {"first", "second"}:
            ratio = np.log(row["length_first"] / row["length_second"])
            ratios[row["rater_kind"]].append(ratio if row["winner"] == "first" else -ratio)
    assert np.mean(ratios["judge"]) > 0.1
    assert abs(np.mean(ratios["human"])) < 0.025


def test_lengths_are_as_stated_whatever_was_said() -> None:
    """Lognormal with median 400 and spread .35: 20,000 answers, 5 standard errors."""
    world = plain("preferences", count=20_000, judge=BIASED, model={"candidate": {"tokens": 400.0}})
    drawn = [row for row in rows("preferences", world).to_pylist() if row["rater_kind"] == "judge"]
    own = ["length_first" if row["first"] == "v2" else "length_second" for row in drawn]
    logs = np.log([row[name] for row, name in zip(drawn, own, strict=True)])
    assert logs.mean() == pytest.approx(np.log(400), abs=0.013)
    assert logs.std() == pytest.approx(0.35, rel=0.03)


def test_each_pair_is_shown_in_both_orders_where_the_world_says_so() -> None:
    world = plain("preferences", judge={"both_orders": True, "people": 0.0})
    drawn = rows("preferences", world)
    assert drawn.num_rows == 2_000
    assert {(row["order"], row["first"]) for row in drawn.to_pylist()} == {("1", "v1"), ("2", "v2")}


def test_a_missing_answer_leaves_no_usable_comparison() -> None:
    """By hand: .8 * .75 = .6 of the pairs are there; 4 standard errors."""
    world = plain(
        "preferences",
        count=10_000,
        model={"baseline": {"lost": 0.2}, "candidate": {"error": 0.25}},
        judge={"people": 0.0},
    )
    drawn = rows("preferences", world).to_pylist()
    broken = [row for row in drawn if row["winner"] == "invalid"]
    assert 1 - len(broken) / len(drawn) == pytest.approx(0.6, abs=0.02)
    assert all(row["length_first"] is None for row in broken)


def test_leaked_items_are_won_more_often() -> None:
    world = rich("preferences")
    assert stated(world, "better", "overlap=training") > stated(world, "better", "overlap=none")


def test_a_world_without_a_judge_has_no_comparisons() -> None:
    with pytest.raises(ValueError, match=r"no \[judge\]"):
        tally(make(items={}))
