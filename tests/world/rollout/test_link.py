"""link: offline differences become online lifts, with luck that is drawn once and then true."""

import numpy as np
import pytest

from shipcall.world.people.cells import cells, strata
from shipcall.world.rollout.link import family, offline_difference, realised_lift
from shipcall.world.rollout.overlap import outcomes_truth
from shipcall.world.truth import World


def world(**sections: object) -> World:
    plain = {
        "model": {"candidate": {"skill": 1.4}},
        "outcome": [{"name": "useful", "lift": 0.01}, {"name": "hide"}],
        "rollout": {"shares": [0.5], "hours": [24]},
        "link": {"outcome": "useful", "rate": 0.5},
    }
    return World.model_validate({"shipcall_world": 1, "name": "w", "seed": 5, **plain, **sections})


def test_the_rate_turns_an_offline_difference_into_a_lift() -> None:
    known = world()
    offline = offline_difference(known, cells(known))
    assert offline > 0.03
    assert realised_lift(known, "useful") == pytest.approx(0.5 * offline)
    assert realised_lift(known, "hide") == 0.0


def test_truth_of_the_outcome_has_the_realised_lift() -> None:
    known = world()
    launched = [
        fact["difference"]
        for fact in outcomes_truth(known)
        if fact["estimand"] == "launch" and fact["metric"] == "useful" and fact["slice"] == "all"
    ]
    assert launched == pytest.approx([0.01 + realised_lift(known, "useful")] * 5)


def test_scatter_is_normal_over_seeds_and_fixed_within_one() -> None:
    """400 worlds: mean 0 and standard deviation .02 around the rate."""
    base = realised_lift(world(), "useful")
    linked = {"outcome": "useful", "rate": 0.5, "scatter": 0.02}
    luck = [realised_lift(world(seed=seed, link=linked), "useful") - base for seed in range(400)]
    assert np.mean(luck) == pytest.approx(0.0, abs=4.5 * 0.02 / 20)
    assert np.std(luck) == pytest.approx(0.02, rel=0.15)
    assert realised_lift(world(seed=7, link=linked), "useful") == base + luck[7]


def test_what_leaked_is_worth_nothing_online() -> None:
    known = world(items={"count": 1_000, "leaked": 0.3}, model={})
    assert offline_difference(known, strata(known)) > 0.03
    assert realised_lift(known, "useful") == 0.0


def test_a_family_has_a_release_for_every_skill() -> None:
    members = family(world(), [0.6, 1.0, 1.4])
    assert [member.world.name for member in members] == ["w-1", "w-2", "w-3"]
    assert len({member.world.seed for member in members}) == 3
    assert members[0].offline < members[1].offline < members[2].offline
    assert members[1].offline == pytest.approx(0.0, abs=1e-12)
    for member in members:
        assert member.online == pytest.approx(0.01 + 0.5 * member.offline)
        assert World.model_validate(member.world.model_dump()) == member.world


def test_across_a_family_the_slope_is_the_rate() -> None:
    """Least squares over 60 releases; its error is scatter over the spread of the differences."""
    known = world(link={"outcome": "useful", "rate": 0.5, "scatter": 0.004})
    members = family(known, list(np.linspace(0.2, 1.8, 60)))
    offline = np.array([member.offline for member in members])
    online = np.array([member.online for member in members])
    slope = np.polyfit(offline, online, 1)[0]
    error = 0.004 / (offline.std() * np.sqrt(60))
    assert slope == pytest.approx(0.5, abs=4 * error)


def test_a_world_without_a_link_has_no_family() -> None:
    with pytest.raises(ValueError, match=r"has no \[link\]"):
        family(world(link=None), [1.0])
