"""Kinds `answered` and `entered`: what people did after an exposure, and who was exposed."""

from collections import Counter
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from shipcall.practice.language import Panel
from shipcall.practice.laws import Floats, Tallies
from shipcall.practice.panels.answered import Answered, always
from shipcall.practice.panels.entered import Entered
from shipcall.practice.panels.entries import entries
from shipcall.practice.panels.panel import Reading, Setting, Shown
from shipcall.practice.points import Point
from shipcall.practice.shelf import load_case
from shipcall.world.faults.spoils import spoiled
from shipcall.world.tables import TABLES
from shipcall.world.truth import World

BASE, LIFT, SLOW = 0.4, 0.1, -0.2
WINDOW = timedelta(hours=12)


def _world(**changes: Any) -> World:
    slow = {"where": {"phone": "slow"}, "outcome": "found", "lift": SLOW}
    plain: dict[str, Any] = {
        "shipcall_world": 1,
        "name": "service",
        "seed": 4,
        "start": "2026-10-05",
        "days": 4,
        "people": {"count": 3_000, "visits": 0.6, "spread": 0.3},
        "trait": [
            {"column": "phone", "levels": {"fast": 0.7, "slow": 0.3}},
            {"column": "country", "levels": {"US": 0.6, "NZ": 0.4}},
        ],
        "outcome": [
            {"name": "found", "base": BASE, "lift": LIFT, "window_hours": 12},
            {"name": "hide", "base": 0.1, "window_hours": 6},
        ],
        "effect": [slow | {"model": "baseline"}, slow],
        "rollout": {"shares": [0.3, 0.3], "hours": [48, 48]},
    }
    return World.model_validate(plain | changes)


BLED = [{"kind": "bleed", "severity": 1.0, "where": {"phone": "slow"}}]
FRESH = [{"name": "found", "base": BASE, "novelty": 0.2, "novelty_days": 2.0, "window_hours": 12}]


def _setting(*worlds: World) -> Setting:
    state = load_case("C16").state[0]
    point = Point(state=state, values={}, chances=(1.0, 1.0, 1.0))
    return Setting(points=[point] * len(worlds), worlds=worlds, truth=0)


def _panel(kind: str, given: dict[str, Any]) -> Panel:
    told = {"name": "p", "title": "P", "minutes": 1, "asks": "?", "kind": kind, "given": given}
    return Panel.model_validate(told)


def _kind(given: dict[str, Any]) -> tuple[Answered | Entered, Panel]:
    name = "answered" if "metric" in given else "entered"
    return (Answered() if name == "answered" else Entered()), _panel(name, given)


def _law(setting: Setting, **given: Any) -> Tallies:
    kind, panel = _kind(given)
    found = kind.stack(panel, setting)
    assert isinstance(found, Tallies)
    return found


def _seen(setting: Setting, **given: Any) -> Floats:
    kind, panel = _kind(given)
    return kind.seen(panel, setting, kind.stack(panel, setting), np.random.default_rng(0))


def _shown(setting: Setting, **given: Any) -> Shown:
    kind, panel = _kind(given)
    return kind.shown(panel, _seen(setting, **given), setting)


def _read(shown: Shown) -> dict[str, Reading]:
    return {reading.name: reading for reading in shown.readings}


def _file(world: World, table: str) -> list[dict[str, Any]]:
    """Rows of a table, chunk by chunk, as they are written."""
    drawn = TABLES[table]
    return [
        row
        for chunk in range(drawn.chunks(world))
        for row in spoiled(world, table, chunk, drawn.rows(world, chunk)).to_pylist()
    ]


def _joined(world: World, metric: str) -> list[dict[str, Any]]:
    """Every exposure with its outcome, joined row by row in plain Python."""
    outcomes: dict[str, list[dict[str, Any]]] = {}
    for row in _file(world, "outcomes"):
        if row["metric"] == metric:
            outcomes.setdefault(row["unit"], []).append(row)
    exposures: dict[str, list[dict[str, Any]]] = {}
    for row in _file(world, "exposures"):
        exposures.setdefault(row["unit"], []).append(row)
    joined = []
    for unit, met in exposures.items():
        in_time = sorted(met, key=lambda row: row["at"])
        for row in in_time:
            own = [
                one["value"]
                for one in outcomes.get(unit, [])
                if row["at"] <= one["at"] <= row["at"] + WINDOW
            ]
            joined.append(row | {"values": own, "first": in_time[0]["stage"]})
    return joined


def test_the_headline_is_the_joined_files_counted() -> None:
    world = _world()
    tally = Counter((row["arm"], row["values"][0]) for row in _joined(world, "found"))
    found = _seen(_setting(world), metric="found")
    assert list(found) == [
        tally[arm, value] for arm in ("baseline", "candidate") for value in (1.0, 0.0)
    ]


def test_every_exposure_has_exactly_one_outcome() -> None:
    assert {len(row["values"]) for row in _joined(_world(), "found")} == {1}


def test_outcomes_of_lost_exposures_belong_to_nobody() -> None:
    world = _world(fault=BLED)
    rows = _joined(world, "found")
    shown = _shown(_setting(world), metric="found").rows[0]
    assert shown["candidate_n"] == sum(row["arm"] == "candidate" for row in rows)


@pytest.mark.parametrize("column", ["phone", "country"])
def test_slices_are_those_of_the_file(column: str) -> None:
    world = _world(fault=BLED)
    rows = _joined(world, "found")
    shown = _shown(_setting(world), metric="found", by="slice", columns=["phone", "country"]).rows
    for level in {row[column] for row in rows}:
        line = next(row for row in shown if row["slice"] == f"{column}={level}")
        for arm in ("baseline", "candidate"):
            own = [r["values"][0] for r in rows if (r["arm"], r[column]) == (arm, level)]
            assert line[f"{arm}_n"] == len(own)
            assert line[arm] == pytest.approx(np.mean(own))


def test_days_add_up_the_files_until_the_end_of_each_day() -> None:
    world = _world()
    rows = _joined(world, "found")
    shown = _shown(_setting(world), metric="found", by="day").rows
    assert [line["day"] for line in shown] == [1, 2, 3, 4]
    for line in shown:
        early = [row for row in rows if (row["at"] - world.start).days < line["day"]]
        assert line["baseline_n"] + line["candidate_n"] == len(early)
    assert shown[-1]["difference"] == _shown(_setting(world), metric="found").rows[0]["difference"]


def test_ages_count_from_the_first_stage_of_a_unit() -> None:
    world = _world()
    rows = _joined(world, "found")
    shown = _shown(_setting(world), metric="found", by="age").rows
    counted = {(row["stage"], row["age"]): row["candidate_n"] for row in shown}
    tally = Counter(
        (int(row["stage"]), 2 * (int(row["stage"]) - int(row["first"])))
        for row in rows
        if row["arm"] == "candidate"
    )
    assert counted == dict(tally)
    assert set(counted) == {(1, 0), (2, 0), (2, 2)}


def test_stages_hold_all_ages() -> None:
    setting = _setting(_world())
    ages = _shown(setting, metric="found", by="age").rows
    stages = _shown(setting, metric="found", by="stage").rows
    assert [row["stage"] for row in stages] == [1, 2]
    assert stages[1]["baseline_n"] == sum(row["baseline_n"] for row in ages if row["stage"] == 2)


def test_chances_are_those_of_the_mix_of_cells() -> None:
    """By hand: 0.7 * 0.4 + 0.3 * 0.2 = 0.34, and 0.1 more under the candidate."""
    events = _law(_setting(_world()), metric="found").chances[0, :, 0]
    assert events == pytest.approx([0.34, 0.44])


def test_lost_exposures_change_the_mix_and_so_the_chance() -> None:
    """A fifth of the slow phones is gone: (0.7 * 0.5 + 0.24 * 0.3) / 0.94."""
    events = _law(_setting(_world(fault=BLED)), metric="found").chances[0, :, 0]
    assert events == pytest.approx([0.34, 0.422 / 0.94])


def test_chances_of_a_slice_are_those_of_its_cells() -> None:
    law = _law(_setting(_world()), metric="found", by="slice", columns=["phone"])
    assert law.chances[0, :, 0] == pytest.approx([0.4, 0.5, 0.2, 0.3])


def test_novelty_fades_with_the_age_of_a_unit() -> None:
    """0.2 at first and half of it two days later; slow phones are 0.06 below on average."""
    law = _law(_setting(_world(outcome=FRESH)), metric="found", by="age")
    assert law.chances[0, 1::2, 0] == pytest.approx([0.54, 0.54, 0.44])
    assert law.chances[0, 0::2, 0] == pytest.approx([0.34, 0.34, 0.34])


def test_every_point_has_its_own_chances_and_the_rows_of_the_truth() -> None:
    other = _world(outcome=[{"name": "found", "base": 0.5, "window_hours": 12}])
    law = _law(_setting(_world(), other), metric="found")
    assert law.chances[1, :, 0] == pytest.approx([0.44, 0.44])
    assert law.n.sum() == len(_file(_world(), "exposures"))


@pytest.mark.parametrize(
    ("changes", "given", "told"),
    [
        ({}, {"metric": "gone"}, "an outcome of this world"),
        ({"outcome": [{"name": "found", "habit": 0.3}]}, {"metric": "found"}, "habit = 0"),
        ({"outcome": [{"name": "found", "kind": "mean"}]}, {"metric": "found"}, "a proportion"),
        (
            {"outcome": FRESH, "rollout": {"shares": [0.1, 0.5], "hours": [48, 48]}},
            {"metric": "found"},
            "one share",
        ),
        ({"fault": [BLED[0] | {"day": 2}]}, {"metric": "found"}, "day 0"),
        (
            {
                "trait": [
                    {"column": "phone", "levels": {"fast": 1, "slow": 1}, "visits": {"slow": 2}}
                ]
            },
            {"metric": "found"},
            "without `visits`",
        ),
    ],
)
def test_worlds_whose_rows_are_not_alike_are_refused(
    changes: dict[str, Any], given: dict[str, Any], told: str
) -> None:
    with pytest.raises((ValueError, KeyError), match="gone" if told.startswith("an o") else told):
        _law(_setting(_world(**changes)), **given)


def test_a_world_without_a_rollout_has_no_entries() -> None:
    with pytest.raises(ValueError, match="no rollout"):
        entries(_world(rollout=None))


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError):
        _law(_setting(_world()), metric="found", until=3)


def test_the_worst_slice_is_the_one_that_looks_worst() -> None:
    """The lift is the same everywhere but in NZ, where it is a loss of 0.2."""
    harm = {"where": {"country": "NZ"}, "outcome": "found", "lift": -0.3}
    setting = _setting(_world(effect=[harm]))
    read = _read(_shown(setting, metric="found", by="slice", columns=["phone", "country"]))
    assert read["found worst"].value == read["found country=NZ"].value
    assert read["found worst"].high < 0


def test_where_less_is_better_the_worst_slice_is_the_highest() -> None:
    given = {"metric": "hide", "by": "slice", "columns": ["country"], "better": "lower"}
    read = _read(_shown(_setting(_world()), **given))
    z = {name: one.value / (one.high - one.low) for name, one in read.items()}
    assert z["hide worst"] == max(z.values())


def test_the_peak_is_the_day_that_looked_best() -> None:
    shown = _shown(_setting(_world()), metric="found", by="day")
    best = max(row["difference"] / (row["high"] - row["low"]) for row in shown.rows)
    peak = _read(shown)["found peak"]
    assert peak.value / (peak.high - peak.low) == pytest.approx(best)


def test_no_row_of_the_course_says_more_than_one_look_does() -> None:
    for row in _shown(_setting(_world()), metric="found", by="day").rows:
        assert row["always_low"] < row["low"] < row["high"] < row["always_high"]


def test_the_interval_for_every_look_is_the_normal_mixture() -> None:
    """By hand: 5,000 of 10,000 in both arms, so v = 1 / (2 * 0.25 / 10,000) = 20,000.

    rho = v / (a + log(1 + a)) with a = 2 log 20 = 5.99146, so rho = 20,000 / 7.93617 = 2,520.1;
    radius = sqrt(22,520.1 * (5.99146 + log(22,520.1 / 2,520.1))) / 20,000 = 0.021462.
    """
    table = np.array([[5_000.0, 5_000.0], [5_000.0, 5_000.0]])
    assert always(table, 20_000) == pytest.approx((-0.021462, 0.021462), abs=2e-6)


def test_an_arm_in_which_nothing_varies_has_no_such_interval() -> None:
    assert always(np.array([[0.0, 50.0], [3.0, 47.0]]), 100) == (None, None)


def test_an_arm_without_anybody_is_told_and_never_read() -> None:
    alone = _world(rollout={"shares": [0.0], "hours": [48]})
    shown = _shown(_setting(alone), metric="found")
    assert shown.rows[0]["candidate"] is None
    assert shown.rows[0]["difference"] is None
    assert not shown.readings
    assert not _shown(_setting(alone), metric="found", by="day").readings


@pytest.mark.slow
def test_daily_looks_miss_seldom_with_the_one_interval_and_often_with_the_other() -> None:
    """Fourteen looks at two equal arms, 2,000 times; the promise is 1 in 20 over all looks."""
    rng, looks, runs = np.random.default_rng(5), 14, 2_000
    missed = Counter[str]()
    hits = np.cumsum(rng.binomial(500, 0.3, size=(runs, looks, 2)), axis=1)
    n = np.arange(500, 500 * looks + 1, 500)
    share = hits / n[:, None]
    error = np.sqrt((share * (1 - share)).sum(axis=2) / n)
    missed["once"] = int((np.abs(np.diff(share, axis=2)[..., 0]) > 1.96 * error).any(axis=1).sum())
    for run in hits:
        for hit, size in zip(run, n.tolist(), strict=True):
            low, high = always(np.column_stack([hit, size - hit]), 1_000 * looks)
            if low is None or high is None or low > 0 or high < 0:
                missed["always"] += 1
                break
    assert missed["always"] / runs < 0.05
    assert missed["once"] / runs > 0.15


def test_units_are_counted_at_their_first_stage() -> None:
    world = _world(fault=BLED)
    rows = sorted(_file(world, "exposures"), key=lambda row: row["at"])
    first = {row["unit"]: row for row in reversed(rows)}.values()
    shown = _shown(_setting(world), columns=["phone"]).rows
    for line in shown:
        key, level = line["slice"].split("=")
        own = [row for row in first if str(row[key]) == level]
        for arm in ("baseline", "candidate"):
            assert line[f"{arm}_n"] == sum(row["arm"] == arm for row in own)


def test_the_law_of_the_split_knows_what_was_lost() -> None:
    """A fifth of the slow phones under the candidate: 0.3 * (1 - 0.06) of 1 - 0.3 * 0.06."""
    law = _law(_setting(_world(), _world(fault=BLED)), columns=[])
    assert law.chances[0, 0] == pytest.approx([0.7, 0.3])
    assert law.chances[1, 0] == pytest.approx([0.7 / 0.982, 0.282 / 0.982])


def test_the_law_of_a_slice_holds_arms_and_levels() -> None:
    law = _law(_setting(_world(fault=BLED)), columns=["phone"])
    expected = np.array([0.49, 0.21, 0.21, 0.09 * 0.8])
    assert law.chances[0, 0] == pytest.approx(expected / expected.sum())


def test_readings_of_the_split_are_shares_of_the_candidate() -> None:
    read = _read(_shown(_setting(_world(fault=BLED)), columns=["phone", "country"]))
    assert read["share"].low < read["share"].value < read["share"].high
    levels = {name: one for name, one in read.items() if name.split()[-1].split("=")[0] != "stage"}
    distance = {n: abs(one.value - 0.3) / (one.high - one.low) for n, one in levels.items()}
    assert distance["share worst"] == max(d for name, d in distance.items() if "=" in name)
    assert {"share stage=1", "share stage=2", "share country=NZ"} <= set(read)


def test_a_stage_nobody_entered_first_may_be_anything() -> None:
    """Everybody comes in the first stage, so no unit is new in the second."""
    busy = _world(people={"count": 200, "visits": 20.0, "spread": 0.0})
    shown = _shown(_setting(busy))
    line = next(row for row in shown.rows if row["slice"] == "stage=2")
    assert line["share"] is None
    assert _read(shown)["share stage=2"].low == 0
    assert _read(shown)["share stage=2"].high == 1


def test_what_is_planned_for_a_level_follows_the_stages_of_its_units() -> None:
    ramp = _world(rollout={"shares": [0.1, 0.5], "hours": [48, 48]})
    rows = {row["slice"]: row for row in _shown(_setting(ramp), columns=["phone"]).rows}
    assert rows["stage=1"]["planned"] == pytest.approx(0.1)
    assert rows["stage=2"]["planned"] == pytest.approx(0.5)
    assert 0.1 < rows["phone=fast"]["planned"] < 0.5


def test_several_chunks_are_read_as_one_file() -> None:
    world = _world(people={"count": 101_000, "visits": 0.02, "spread": 0.0})
    assert TABLES["exposures"].chunks(world) == 2
    rows = pa.concat_tables(TABLES["exposures"].rows(world, chunk) for chunk in (0, 1))
    assert len(entries(world).arm) == len(rows)
    assert not np.isnan(entries(world).values["found"]).any()
