"""Health of a rollout: the worst check of each group stands for it, and nothing is invented."""

from typing import Any

import pytest

from report.views import estimate, finding
from shipcall.report.health import Vital, health

AS_OF = "2026-11-04T00:00:00Z"
STEP = {
    "name": "1",
    "share": 0.1,
    "attempt": 1,
    "first": "2026-11-02T00:00:00Z",
    "last": "2026-11-03T23:45:00Z",
    "baseline": 900,
    "candidate": 100,
}


def sanity(metric: str, value: float | None, *, bad: bool = False, **more: Any) -> dict[str, Any]:
    measured = None if value is None else estimate(value, value, value, census=True)
    made = finding(measured, None, 0.0, id=f"sanity.{metric}", metric=metric, role="sanity", **more)
    standing = "ABSENT" if value is None else "BREACH" if bad else "CLEAR"
    absent = {"code": "no_rows", "sentence": "Nothing is there.", "detail": "no salt", "n": 0}
    return {**made, "standing": standing, "absent": absent if value is None else None}


def told(*findings: dict[str, Any], steps: list[dict[str, Any]] | None = None) -> dict[str, Vital]:
    rollout: dict[str, Any] = {"steps": [STEP] if steps is None else steps, "sequences": {}}
    view = {"as_of": AS_OF, "findings": list(findings), "rollout": rollout}
    return {vital.title: vital for vital in health(view)}


def test_a_group_is_as_sick_as_its_worst_check() -> None:
    found = told(
        sanity("lost.hide", 0.0, unit="share"),
        sanity("uneven_loss.hide", 0.031, unit="share", bad=True, note="one arm lost 3 %"),
    )
    vital = found["Outcomes"]
    assert vital.mark is not None
    assert vital.mark.word == "fail"
    assert "one arm lost 3 %" in vital.more
    assert vital.said == "3.1 % lost"


def test_what_is_absent_is_no_pass_and_says_why() -> None:
    vital = told(sanity("found", 1000.0), sanity("bucketing", None))["Exposures"]
    assert vital.mark is not None
    assert vital.mark.word == "no data"
    assert "no salt" in vital.more
    assert vital.said == "1,000 units"


def test_units_that_met_several_shares_are_counted_once() -> None:
    found = told(sanity("found", 1_200.0), steps=[STEP, {**STEP, "share": 0.5}])
    assert found["Exposures"].said == "1,200 units"


def test_the_split_is_that_of_the_share_that_is_served_now() -> None:
    assert told(sanity("ratio", 0.8))["Split"].said == "100 of 1,000, due 10 %"


def test_freshness_is_a_fact_that_no_check_judges() -> None:
    vital = told(sanity("found", 1.0))["Freshness"]
    assert vital.mark is None
    assert vital.said == "newest exposure 15 min before"
    assert vital.more == "no look yet"


def test_a_group_without_a_check_is_not_shown_as_healthy() -> None:
    assert set(told(sanity("ratio", 0.8))) == {"Split", "Freshness"}


def test_before_anybody_is_exposed_nothing_is_fresh() -> None:
    found = told(sanity("found", None), steps=[])
    assert set(found) == {"Exposures"}
    assert found["Exposures"].said == "not known"


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("2026-11-04T00:00:00Z", "at the verdict"),
        ("2026-11-03T21:30:00Z", "2.5 h before"),
        ("2026-11-01T00:00:00Z", "3.0 days before"),
    ],
)
def test_ages_are_said_in_fitting_units(last: str, said: str) -> None:
    step = {**STEP, "last": last}
    assert told(sanity("found", 1.0), steps=[step])["Freshness"].said == f"newest exposure {said}"
