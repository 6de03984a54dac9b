"""activity: rows agree with the law of their panel, and behaviours with the power of a matrix."""

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from shipcall.world.chance.draws import Floats
from shipcall.world.people import crowd
from shipcall.world.people.behaviour import BEHAVIOURS, moves, pace, served, shares, start
from shipcall.world.people.population import population
from shipcall.world.people.traffic import days
from shipcall.world.rollout import activity
from shipcall.world.truth import Migration, World


def world(seed: int = 5, **sections: object) -> World:
    plain = {
        "people": {"count": 2_000, "churn": 0.02, "growth": 0.02},
        "days": 8,
        "trait": [{"column": "country", "levels": {"NZ": 1, "US": 3}, "visits": {"NZ": 2.0}}],
        "rollout": {"shares": [0.1, 0.6], "hours": [48, 48], "holdback": 0.2},
        "migration": {"candidate_up": 0.1, "down": 0.05},
    }
    return World.model_validate(
        {"shipcall_world": 1, "name": "w", "seed": seed, **plain, **sections}
    )


def whole(known: World) -> pa.Table:
    table = activity.TABLE
    return pa.concat_tables([table.rows(known, c) for c in range(table.chunks(known))])


def counted(known: World) -> Floats:
    """Count active people by day, arm and segment."""
    rows = whole(known).group_by(["day", "arm", "segment"]).aggregate([([], "count_all")])
    first = np.datetime64(str(known.start.date()))
    counts = np.zeros((days(known), 2, len(BEHAVIOURS)))
    for row in rows.to_pylist():
        day = int((np.datetime64(row["day"]) - first) / np.timedelta64(1, "D"))
        arm = int(row["arm"] == "candidate")
        counts[day, arm, BEHAVIOURS.index(row["segment"])] = row["count_all"]
    return counts


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"people": {"count": 2_000}, "migration": None},
        {"shadow": {"days": 1}, "outcome": [{"name": "o", "window_hours": 24}]},
        {"rollout": None},
    ],
    ids=["moving", "plain", "windows", "no rollout"],
)
def test_active_people_of_the_rows_follow_the_law_of_the_panel(sections: dict[str, object]) -> None:
    """Standardised distances of 16 worlds: mean 0, mean square 1; days hang together."""
    distances = []
    for seed in range(16):
        known = world(seed=seed, **sections)
        law = activity.activity_laws(known)["activity"]
        count = population(known).count
        expected = count * law.chances[:, :-1].reshape(-1, 2, len(BEHAVIOURS))  # type: ignore[attr-defined]
        seen = counted(known)
        assert (seen[expected == 0] == 0).all()
        some = expected > 5
        error = np.sqrt(expected * (1 - expected / count))
        distances.append((seen - expected)[some] / error[some])
    every = np.array(distances)
    assert np.abs(every).max() < 5
    assert np.abs(every.mean(axis=0)).max() < 4.5 / 4
    assert 0.6 < np.mean(every**2) < 1.5


def test_panels_are_counts_of_everybody() -> None:
    known = world()
    law = activity.activity_laws(known)["activity"]
    panel = law.draw(np.random.default_rng(1))
    assert (panel.sum(axis=1) == population(known).count).all()


def test_people_do_what_is_asked_of_them_on_average() -> None:
    """Without rollout or migration: visits a day, and sessions as long as stated."""
    known = world(
        people={"count": 20_000, "visits": 2.0, "session": 4.0},
        rollout=None, migration=None, days=2, trait=[],
    )  # fmt: skip
    rows = whole(known)
    events = rows["events"].to_numpy()
    assert events.sum() / 40_000 == pytest.approx(2.0, abs=0.06)
    assert rows["depth"].to_numpy() == pytest.approx(events / rows["sessions"].to_numpy())
    expected = (rows.num_rows + (events - 1).sum() / 4.0) / rows.num_rows
    assert rows["sessions"].to_numpy().mean() == pytest.approx(expected, abs=0.02)


def test_a_day_without_requests_has_no_row() -> None:
    assert whole(world())["events"].to_numpy().min() >= 1


def test_behaviours_end_where_the_power_of_the_matrix_says() -> None:
    """By hand for casual people after one night: .05 down, .01 + .1 up under the candidate."""
    known = world(days=2, rollout=None, migration={
        "start": {"casual": 1.0}, "up": 0.01, "down": 0.05, "candidate_up": 0.1,
        "candidate_down_casual": 0.02,
    })  # fmt: skip
    facts = {fact["metric"]: fact for fact in activity.activity_truth(known)}
    assert facts["share_regular"]["baseline"] == pytest.approx(0.01)
    assert facts["share_regular"]["candidate"] == pytest.approx(0.11)
    assert facts["share_lapsed"]["candidate"] == pytest.approx(0.07)
    assert facts["share_heavy"]["difference"] == 0.0
    pace_of = {"casual": 1.0, "regular": 2.0}
    expected = pace_of["casual"] * 0.82 + pace_of["regular"] * 0.11
    assert facts["requests"]["candidate"] == pytest.approx(expected)


def test_shares_of_a_day_follow_the_models_of_the_days_before() -> None:
    """Two nights, the second under the candidate: the product of both matrices."""
    known = world()
    found = shares(known, np.array([0, 1, 1]))
    expected = moves(known, "baseline") @ moves(known, "candidate")
    assert found[2] == pytest.approx(expected)
    assert found.sum(axis=2) == pytest.approx(np.ones((3, len(BEHAVIOURS))))


def test_chances_of_a_step_never_exceed_one() -> None:
    known = world(migration={"up": 0.8, "down": 0.9, "candidate_up": 0.5})
    for arm in ("baseline", "candidate"):
        matrix = moves(known, arm)
        assert (matrix >= 0).all()
        assert matrix.sum(axis=1) == pytest.approx(1.0)


def test_the_pace_has_a_mean_of_one_on_the_first_day() -> None:
    known = world()
    assert start(known) @ pace(known) == pytest.approx(1.0)
    assert pace(known)[BEHAVIOURS.index("lapsed")] == 0.0


def test_who_has_lapsed_is_silent() -> None:
    known = world(migration={"start": {"lapsed": 1.0}, "up": 0.0}, rollout=None)
    assert whole(known).num_rows == 0


def test_a_unit_keeps_its_model_while_a_window_may_be_open() -> None:
    """Entered on day 0 or 1, window of 24 h: baseline still on day 2, the share of .6 on day 3."""
    known = world(outcome=[{"name": "o", "window_hours": 24}])
    people = population(known)
    band = int(np.searchsorted(people.edges, 0.3, side="right") - 1)
    patterns = people.entered.tolist()
    early, late = patterns.index([1, 0]), patterns.index([0, 1])
    assert served(known)[band, early].tolist() == [0, 0, 0, 1, 1, 1, 1, 1]
    assert served(known)[band, late].tolist() == [0, 0, 1, 1, 1, 1, 1, 1]


def test_what_is_held_back_stays_on_the_baseline() -> None:
    known = world()
    assert (served(known)[-1] == 0).all()


def test_a_behaviour_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="unknown behaviour 'addict'"):
        Migration(start={"addict": 1.0})


def test_many_days_are_drawn_in_more_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    known = world(people={"count": 500})
    before = sorted(whole(known)["unit"].unique().to_pylist())
    monkeypatch.setattr(activity, "_PERSON_DAYS", 1_000)
    assert activity.TABLE.chunks(known) == 4 * crowd.chunks(known)
    assert len(set(before) & set(whole(known)["unit"].to_pylist())) > 400
