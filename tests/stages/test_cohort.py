"""Cohort: harm to people is found with the right sign, and no hole in the tables hides it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import HEAD, write_contract, write_csv
from peoples import active, drawn, exposure, harm, noon
from shipcall.contract.cohort import cohort_plan
from shipcall.contract.parse import read_contract
from shipcall.core import (
    Absent,
    Action,
    Estimate,
    Finding,
    Reason,
    Role,
    Situation,
    Standing,
    canonical_bytes,
    decide,
)
from shipcall.release.sources import open_evidence
from shipcall.stages.cohort import COHORT

Rows = list[dict[str, Any]]

BODY = """
[evidence]
activity = {{ path = "activity.{kind}"{more} }}
exposures = "exposures.{kind}"
[metric]
day7 = {{ level = "product", kind = "retention", day = 7 }}
days7 = {{ level = "product", kind = "restricted_mean", day = 7 }}
[[check]]
id = "cohort.day7"
stage = "cohort"
role = "guardrail"
metric = "day7"
may_lose = "{lose}"
[[check]]
id = "cohort.days7"
stage = "cohort"
role = "guardrail"
metric = "days7"
may_lose = "{lose_days}"
"""
FACTS = {"found", "duplicates", "gaps", "stale", "crossed", "unseen", "uneven_loss", "constant"}


def examined(
    folder: Path, *, until: int, kind: str = "csv", rest: str = "", **said: str
) -> dict[str, Finding]:
    """Every finding by its id; sanity by the name of its fact."""
    known = {"kind": kind, "more": "", "lose": "2pp", "lose_days": "5%"} | said
    contract = read_contract(write_contract(folder, HEAD + BODY.format(**known) + rest))
    evidence = open_evidence(contract, folder, COHORT.reads)
    plan = cohort_plan(contract, noon(until))
    found = COHORT.examine(plan, evidence)
    again = COHORT.examine(plan, evidence)
    evidence.close()
    assert [one.check for one in found] == list(plan.checks)
    assert canonical_bytes(found) == canonical_bytes(again)
    return {one.check.id.removeprefix("sanity.activity."): one for one in found}


def called(found: dict[str, Finding]) -> Action:
    """What the fold makes of it, while people are exposed."""
    findings = list(found.values())
    situation = Situation(stage="cohort", sealed=True, exposed=True, decides=False)
    return decide([one.check for one in findings], findings, situation).call


def crowd(size: int = 200, *, days: int = 10, back: float = 0.5) -> tuple[Rows, Rows]:
    """Units of both arms that began on day 0 and come back with one chance, all independent."""
    rng = np.random.default_rng(4)
    exposed, came = [], []
    for arm in ("baseline", "candidate"):
        for number in range(size):
            unit = f"{arm[0]}{number}"
            exposed.append(exposure(unit, arm, 0))
            days_of = [0, *(np.flatnonzero(rng.random(days - 1) < back) + 1).tolist()]
            came += active(unit, days_of, arm=arm)
    return exposed, came


def written(folder: Path, exposed: Rows, came: Rows) -> Path:
    write_csv(folder / "exposures.csv", exposed)
    write_csv(folder / "activity.csv", came)
    return folder


def test_harm_to_casual_people_is_found_and_asks_for_a_roll_back(tmp_path: Path) -> None:
    drawn(harm(3, count=4_000, days=16), tmp_path)
    found = examined(tmp_path, until=16, kind="parquet")
    worse = found["cohort.days7"].measured
    assert isinstance(worse, Estimate)
    assert worse.high < 0
    assert found["cohort.days7"].standing is Standing.BREACH
    assert all(found[fact].standing is Standing.CLEAR for fact in FACTS)
    assert called(found) is Action.ROLL_BACK


@pytest.mark.slow
def test_intervals_hold_what_a_world_ten_times_as_large_shows(tmp_path: Path) -> None:
    """90 % intervals of 12 worlds around the value of one that is counted in plain Python."""
    (tmp_path / "large").mkdir()
    rows = drawn(harm(99, count=12_000, days=10), tmp_path / "large")
    began = {
        row["unit"]: (str(row["at"].date()), row["arm"])
        for row in rows["exposures"]
        if str(row["at"].date()) <= "2026-10-07"
    }
    came = {(row["unit"], row["day"]) for row in rows["activity"]}
    later = {"2026-10-05": "2026-10-12", "2026-10-06": "2026-10-13", "2026-10-07": "2026-10-14"}
    shares = [
        np.mean([(u, later[start]) in came for u, (start, own) in began.items() if own == arm])
        for arm in ("baseline", "candidate")
    ]
    truth, held = float(shares[1] - shares[0]), 0
    assert truth < -0.01
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        drawn(harm(seed, count=1_200, days=10), folder)
        measured = examined(folder, until=10, kind="parquet")["cohort.day7"].measured
        assert isinstance(measured, Estimate)
        held += measured.low <= truth <= measured.high
    assert held >= 9


def test_a_candidate_that_does_no_harm_is_clear(tmp_path: Path) -> None:
    found = examined(written(tmp_path, *crowd(1_500)), until=10, lose="8pp", lose_days="15%")
    assert found["cohort.day7"].standing is Standing.CLEAR
    assert found["cohort.days7"].standing is Standing.CLEAR
    assert called(found) is Action.NO_OBJECTION
    arms = found["cohort.day7"].arms
    assert arms is not None
    assert arms.baseline == pytest.approx(0.5, abs=0.05)


def test_day_seven_is_not_known_on_day_seven(tmp_path: Path) -> None:
    """At its noon the day is not over."""
    folder = written(tmp_path, *crowd(days=8))
    young = examined(folder, until=7)["cohort.day7"].measured
    assert isinstance(young, Absent)
    assert young.reason is Reason.MATURING
    assert isinstance(examined(folder, until=8)["cohort.day7"].measured, Estimate)


Spoil = Callable[[Rows, Rows], tuple[Rows, Rows]]


def _lost_day(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    return exposed, [row for row in came if row["day"] != "2026-10-12"]


def _lost_day_of_one_arm(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    gone = ("candidate", "2026-10-12")
    return exposed, [row for row in came if (row["arm"], row["day"]) != gone]


def _twice(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    return exposed, came + came[:50]


def _other_ids(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    return exposed, [row | {"unit": f"x{row['unit']}"} for row in came]


def _first_day_lost(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    kept = [r for r in came if r["arm"] == "baseline" or r["day"] != "2026-10-05"]
    return exposed, kept


def _crossed(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    back = [exposure(f"c{n}", "baseline", 3, "2") for n in range(5)]
    return exposed + back, came


def _always(exposed: Rows, _came: Rows) -> tuple[Rows, Rows]:
    rows = [active(row["unit"], range(10), arm=row["arm"]) for row in exposed]
    return exposed, [row for unit in rows for row in unit]


def _ended(exposed: Rows, came: Rows) -> tuple[Rows, Rows]:
    return exposed, [row for row in came if row["day"] <= "2026-10-08"]


@pytest.mark.parametrize(
    ("spoil", "fact"),
    [
        (_lost_day, "gaps"),
        (_lost_day_of_one_arm, "gaps"),
        (_twice, "duplicates"),
        (_other_ids, "unseen"),
        (_first_day_lost, "uneven_loss"),
        (_crossed, "crossed"),
        (_always, "constant"),
        (_ended, "stale"),
    ],
)
def test_what_is_wrong_with_the_tables_is_said_and_never_a_pass(
    tmp_path: Path, spoil: Spoil, fact: str
) -> None:
    found = examined(written(tmp_path, *spoil(*crowd())), until=10, lose="40pp", lose_days="60%")
    assert not found[fact].satisfied
    assert found[fact].note or isinstance(found[fact].measured, Absent)
    assert called(found) is Action.HOLD


def test_a_lost_day_is_no_data_and_no_harm(tmp_path: Path) -> None:
    """Nobody of the candidate has a row on the very day that is asked for."""
    found = examined(written(tmp_path, *_lost_day_of_one_arm(*crowd())), until=10)
    assert isinstance(found["cohort.day7"].measured, Absent)
    assert isinstance(found["cohort.days7"].measured, Absent)


def test_a_table_that_is_not_there_is_absent_everywhere(tmp_path: Path) -> None:
    exposed, came = crowd(5)
    written(tmp_path, exposed, came)
    (tmp_path / "exposures.csv").unlink()
    found = examined(tmp_path, until=10)
    assert all(isinstance(one.measured, Absent) for one in found.values())
    assert called(found) is Action.HOLD


def test_a_slice_that_nobody_has_and_a_kind_nobody_measures_are_no_data(tmp_path: Path) -> None:
    rest = """
[[check]]
id = "cohort.nz"
stage = "cohort"
role = "guardrail"
metric = "day7"
slice = { country = "NZ" }
may_lose = 0.01
[[check]]
id = "cohort.clicks"
stage = "cohort"
role = "guardrail"
metric = "clicks"
may_lose = 0.01
[metric.clicks]
level = "product"
kind = "mean"
better = "higher"
"""
    found = examined(written(tmp_path, *crowd(50)), until=10, rest=rest)
    reasons = []
    for name in ("cohort.nz", "cohort.clicks"):
        measured = found[name].measured
        assert isinstance(measured, Absent)
        reasons.append(measured.reason)
    assert reasons == [Reason.WRONG_COLUMNS, Reason.NOT_MEASURABLE]


def test_a_ramp_that_moves_people_on_is_said(tmp_path: Path) -> None:
    exposed, came = crowd(50)
    exposed += [exposure(f"b{n}", "candidate", 3, "2") for n in range(25)]
    text = HEAD + BODY.format(kind="csv", more="", lose="2pp", lose_days="5%")
    contract = read_contract(write_contract(written(tmp_path, exposed, came), text))
    evidence = open_evidence(contract, tmp_path, COHORT.reads)
    plan = cohort_plan(contract, noon(12))
    found = COHORT.examine(plan, evidence)[0].measured
    assert isinstance(found, Absent)
    assert found.reason is Reason.UNSOUND
    said = " ".join(COHORT.not_assessed(plan, evidence))
    assert "25 units went on to the candidate" in said
    assert "days after 2026-10-14 are not known" in said


@pytest.mark.parametrize("table", ["exposures", "activity"])
def test_losing_rows_never_makes_a_pass_of_what_was_none(tmp_path: Path, table: str) -> None:
    """A candidate whose units come back half as often, and random rows that go missing."""
    rng = np.random.default_rng(9)
    exposed, came = crowd(300)
    harmed = [r for r in came if r["arm"] == "baseline" or r["day"] == "2026-10-05"
              or rng.random() < 0.5]  # fmt: skip
    for draw in range(3):
        tables = {"exposures": exposed, "activity": harmed}
        tables[table] = [row for row in tables[table] if rng.random() > 0.1 * (draw + 1)]
        folder = tmp_path / str(draw)
        found = examined(written(folder, tables["exposures"], tables["activity"]), until=10)
        assert found["cohort.day7"].standing is not Standing.CLEAR
        assert called(found) in (Action.HOLD, Action.ROLL_BACK)


def test_exhibits_are_plain_whole_and_the_same_each_time(tmp_path: Path) -> None:
    people = {"count": 800, "visits": 0.6, "growth": 0.03}
    drawn(harm(3, days=40, people=people), tmp_path)
    text = HEAD + BODY.format(kind="parquet", more="", lose="2pp", lose_days="5%")
    contract = read_contract(write_contract(tmp_path, text))
    plan = cohort_plan(contract, noon(40))
    shown = []
    for _ in range(2):
        evidence = open_evidence(contract, tmp_path, COHORT.reads)
        shown.append(COHORT.exhibits(plan, evidence))
        evidence.close()
    assert canonical_bytes(shown[0]) == canonical_bytes(shown[1])
    found = shown[0]
    assert list(found) == [
        "people", "retention", "survival", "fatigue", "novelty", "depth", "taste",
        "reengagement", "migration", "changes", "forecast",
    ]  # fmt: skip
    assert {cell["state"] for cell in found["retention"]["cells"]} <= {"known", "maturing"}
    assert found["survival"]["mean"]["difference"]["high"] < 0
    assert found["survival"]["log_rank"]["p"] < 0.01
    lost = [
        m for m in found["migration"]["moves"] if (m["before"], m["after"]) == ("casual", "no day")
    ]
    assert lost[0]["marked"]
    assert found["forecast"]["baseline"]["low"] < found["forecast"]["baseline"]["high"]
    assert found["taste"]["surprise"]["absent"] == "wrong_columns"


def test_every_check_is_a_guardrail_or_asks_for_trust(tmp_path: Path) -> None:
    found = examined(written(tmp_path, *crowd(5)), until=10)
    assert {one.check.role for one in found.values()} == {Role.GUARDRAIL, Role.SANITY}
    assert not COHORT.decides
    assert COHORT.exposed
