"""Exposures: steps, who enters with which chance, who crosses, and what does not fit."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from data.ramps import LATE, Row, at, drawn, plain, ramp, shown
from shipcall.assign import BUCKETINGS
from shipcall.core import EvidenceError
from shipcall.data import placement
from shipcall.data.evidence import Evidence
from shipcall.data.facts import Counted
from shipcall.data.ramp import ByArm, Integrity, Step
from shipcall.data.sources import UnitColumns


def integrity(folder: Path, *rows: Row, hours: float = LATE) -> Integrity:
    return ramp(folder, rows).integrity(at(hours))


def test_a_step_is_a_stage_with_a_share_in_order_of_first_exposure(tmp_path: Path) -> None:
    found = ramp(
        tmp_path,
        [
            shown("a", "baseline", 5, 0.5, "big"),
            shown("b", "candidate", 7, 0.5, "big"),
            shown("c", "baseline", 1, 0.1, "small"),
            shown("d", "baseline", 9, 0.6, "big"),
        ],
    )
    assert found.steps(at(LATE)) == (
        Step(name="small", share=0.1, attempt=1, first=at(1), last=at(1), units=ByArm(1, 0)),
        Step(name="big", share=0.5, attempt=1, first=at(5), last=at(7), units=ByArm(1, 1)),
        Step(name="big", share=0.6, attempt=1, first=at(9), last=at(9), units=ByArm(1, 0)),
    )


def test_an_attempt_is_counted_whenever_the_share_falls(tmp_path: Path) -> None:
    shares = [0.1, 0.5, 0.0, 0.1, 0.5, 0.2]
    rows = [shown(f"u{i}", "baseline", i, share, f"s{i}") for i, share in enumerate(shares)]
    steps = ramp(tmp_path, rows).steps(at(LATE))
    assert [step.attempt for step in steps] == [1, 1, 2, 2, 2, 3]


def test_rows_after_the_verdict_do_not_exist(tmp_path: Path) -> None:
    found = ramp(
        tmp_path,
        [
            shown("a", "baseline", 1, reason="SPLIT"),
            shown("a", "baseline", 2, reason="SPLIT"),
            shown("a", "candidate", 3, reason="ERROR"),
            shown("b", "baseline", 4, reason="SPLIT"),
        ],
    )
    before, after = found.integrity(at(2)), found.integrity(at(3))
    assert (before.rows, before.units, before.repeated) == (2, 1, 1)
    assert before.errored == ByArm(0, 0)
    assert (after.rows, after.units, after.errored) == (3, 1, ByArm(0, 1))
    (step,) = found.steps(at(3.5))
    assert step.last == at(2)


def test_times_are_told_apart_to_the_microsecond(tmp_path: Path) -> None:
    """Half a second after the full hour is not before it, and not a second after it."""
    rows = [shown("a", "baseline", 1), shown("b", "candidate", 1 + 0.7 / 3600)]
    found = ramp(tmp_path, rows)
    assert found.integrity(at(1)).rows == 1
    assert found.integrity(at(1 + 0.6 / 3600)).rows == 1
    assert found.steps(at(LATE))[0].last == at(1) + dt.timedelta(milliseconds=700)


def test_nobody_is_exposed_before_the_first_row(tmp_path: Path) -> None:
    found = ramp(tmp_path, [shown("a", "baseline", 5)])
    assert found.steps(at(4)) == ()
    assert found.integrity(at(4)) == Integrity()


def test_without_a_table_there_are_no_steps_and_no_counts(tmp_path: Path) -> None:
    nothing = Evidence({}, root=tmp_path, unit=UnitColumns(id="unit"), metrics={})
    assert nothing.steps(at(1)) == ()
    assert nothing.integrity(at(1)) == Integrity()


def test_a_verdict_needs_a_time_zone(tmp_path: Path) -> None:
    found = ramp(tmp_path, [shown("a", "baseline", 5)])
    with pytest.raises(ValueError, match="no time zone"):
        found.steps(dt.datetime(2026, 11, 2))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("reason", ["ERROR", "error", "Default"])
def test_what_the_provider_served_when_it_failed_is_counted_and_never_used(
    tmp_path: Path, reason: str
) -> None:
    """The failed row comes first and shows the other arm: neither crossing nor first exposure."""
    seen = integrity(
        tmp_path,
        shown("a", "baseline", 1, reason=reason),
        shown("a", "candidate", 2, reason="SPLIT"),
        shown("b", "candidate", 3, reason=reason),
    )
    assert seen.errored == ByArm(1, 1)
    assert (seen.rows, seen.units, seen.crossed) == (3, 1, Counted())
    assert seen.dealt == {(0, 0.5): ByArm(0, 1)}


def test_later_exposures_of_the_same_arm_in_a_step_are_repeats(tmp_path: Path) -> None:
    rows = [shown("a", "baseline", hour) for hour in (1, 2, 3)]
    seen = integrity(tmp_path, *rows, shown("a", "baseline", 9, 0.6))
    assert seen.repeated == 2
    assert seen.crossed == Counted()


def test_a_unit_with_both_arms_in_one_step_is_crossed_from_then_on(tmp_path: Path) -> None:
    """It entered with its first arm; in the next step it enters no more."""
    rows = [
        shown("a", "baseline", 1, 0.1),
        shown("a", "candidate", 3, 0.1),
        shown("a", "candidate", 9, 0.5),
        shown("b", "baseline", 1, 0.1),
    ]
    seen = integrity(tmp_path, *rows)
    assert seen.crossed == Counted(1, "a")
    assert seen.repeated == 0
    assert seen.dealt == {(0, 0.1): ByArm(2, 0)}


def test_a_unit_with_both_arms_at_one_moment_never_enters(tmp_path: Path) -> None:
    seen = integrity(tmp_path, shown("a", "candidate", 1), shown("a", "baseline", 1))
    assert seen.crossed == Counted(1, "a")
    assert seen.dealt == {}


def test_a_unit_back_with_the_baseline_at_no_lower_share_is_crossed(tmp_path: Path) -> None:
    rows = [shown("a", "candidate", 1, 0.1), shown("a", "baseline", 5, 0.5)]
    assert integrity(tmp_path, *rows).crossed == Counted(1, "a")


def test_a_unit_that_a_lower_share_takes_back_did_not_cross(tmp_path: Path) -> None:
    rows = [
        shown("a", "candidate", 1, 0.5),
        shown("a", "baseline", 5, 0.1),
        shown("a", "baseline", 7, 0.3),
    ]
    seen = integrity(tmp_path, *rows)
    assert seen.crossed == Counted()
    assert seen.dealt == {(0, 0.5): ByArm(0, 1)}


def test_a_unit_that_another_bucketing_takes_back_did_not_cross(tmp_path: Path) -> None:
    rows = [
        shown("a", "candidate", 1, 0.1, bucketing="flagd-v1"),
        shown("a", "baseline", 5, 0.5, bucketing="flagd-v2"),
    ]
    assert integrity(tmp_path, *rows).crossed == Counted()


def test_who_was_kept_by_the_baseline_enters_again_with_what_is_left_of_the_chance(
    tmp_path: Path,
) -> None:
    """0.1, then (0.5 - 0.1) / 0.9, then nothing for b, which had the candidate."""
    rows = [
        *(shown(unit, "baseline", 1, 0.1) for unit in "ab"),
        shown("a", "baseline", 5, 0.5),
        shown("b", "candidate", 5, 0.5),
        shown("a", "candidate", 9, 0.9),
        shown("b", "candidate", 9, 0.9),
        shown("c", "candidate", 9, 0.9),
    ]
    assert integrity(tmp_path, *rows).dealt == {
        (0, 0.1): ByArm(2, 0),
        (1, (0.5 - 0.1) / (1 - 0.1)): ByArm(1, 1),
        (2, (0.9 - 0.5) / (1 - 0.5)): ByArm(0, 1),
        (2, 0.9): ByArm(0, 1),
    }


def test_the_greatest_share_that_a_unit_survived_counts(tmp_path: Path) -> None:
    """At 50 %, back at 10 % (chance 0), then 60 %: (0.6 - 0.5) / 0.5."""
    rows = [
        shown("a", "baseline", 1, 0.5),
        shown("a", "baseline", 2, 0.1),
        shown("a", "baseline", 3, 0.6),
    ]
    seen = integrity(tmp_path, *rows)
    assert seen.dealt == {(0, 0.5): ByArm(1, 0), (2, (0.6 - 0.5) / (1 - 0.5)): ByArm(1, 0)}


@pytest.mark.parametrize(
    ("arm", "shares"),
    [("candidate", [0.0]), ("baseline", [1.0]), ("candidate", [0.5, 0.5]), ("candidate", [0.5, 0])],
)
def test_an_arm_that_the_chance_rules_out_is_a_crossing(
    tmp_path: Path, arm: str, shares: list[float]
) -> None:
    earlier = [
        shown("a", "baseline", i, share, f"s{i}") for i, share in enumerate(shares[:-1], start=1)
    ]
    seen = integrity(tmp_path, *earlier, shown("a", arm, 9, shares[-1], "last"))
    assert seen.crossed == Counted(1, "a")
    assert sum(sum(arms) for arms in seen.dealt.values()) == len(earlier)


def test_what_the_logs_say_of_bucketing_and_contract_is_counted_by_row(tmp_path: Path) -> None:
    seen = integrity(
        tmp_path,
        shown("a", "baseline", 1, bucketing="flagd-v1", contract=""),
        shown("a", "baseline", 2, bucketing="", contract="abc"),
        shown("b", "baseline", 2, bucketing="flagd-v1", contract="abc"),
    )
    assert seen.bucketings == {"": 1, "flagd-v1": 2}
    assert seen.contracts == {"": 1, "abc": 2}


def test_too_many_texts_are_summed_up(tmp_path: Path) -> None:
    rows = [shown(f"u{i}", "baseline", 1, contract=f"c{i:04d}") for i in range(1_010)]
    rows.append(shown("v", "baseline", 1, contract="c1009"))
    seen = integrity(tmp_path, *rows).contracts
    assert len(seen) == 1_001
    assert (seen["c1009"], seen["(more)"]) == (2, 10)


@pytest.mark.parametrize("algorithm", sorted(BUCKETINGS))
def test_units_are_dealt_again_where_the_salt_is_logged(tmp_path: Path, algorithm: str) -> None:
    """Arms by the algorithm itself, and one unit put into the other arm by hand."""
    units = [f"user-{i}" for i in range(40)]
    inside = BUCKETINGS[algorithm]("a:salt", units) < 0.4
    arms = np.where(inside, "candidate", "baseline")
    named = f"{algorithm}:a:salt"
    rows = [
        shown(unit, str(arm), 1, 0.4, bucketing=named)
        for unit, arm in zip(units, arms, strict=True)
    ]
    assert integrity(tmp_path / "right", *rows).misplaced == Counted()
    rows[7]["arm"] = "baseline" if inside[7] else "candidate"
    assert integrity(tmp_path / "wrong", *rows).misplaced == Counted(1, "user-7")
    other = [row | {"bucketing": f"{algorithm}:other"} for row in rows]
    found = integrity(tmp_path / "salt", *other).misplaced
    assert found is not None
    assert found.count > 5


@pytest.mark.parametrize("bucketing", ["shipcall-v1", "", "homemade:salt"])
def test_where_a_unit_belongs_is_not_known_without_salt_or_algorithm(
    tmp_path: Path, bucketing: str
) -> None:
    seen = integrity(tmp_path, shown("a", "baseline", 1, bucketing=bucketing))
    assert seen.misplaced is None


def test_only_the_first_units_by_name_are_dealt_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [shown(u, "candidate", 1, 1e-12, bucketing="shipcall-v1:s") for u in "dacb"]
    monkeypatch.setattr(placement, "MOST_UNITS", 3)
    assert integrity(tmp_path, *rows).misplaced == Counted(3, "a")


def test_rows_of_an_arm_that_the_contract_does_not_name_are_left_alone(tmp_path: Path) -> None:
    rows = [shown("a", "A", 1), shown("b", "B", 1), shown("c", "off", 1)]
    found = ramp(tmp_path, rows, arms={"baseline": "A", "candidate": "B"})
    assert found.integrity(at(LATE)).rows == 2
    assert found.steps(at(LATE))[0].units == ByArm(1, 1)


@pytest.mark.parametrize("seed", range(4))
def test_steps_and_integrity_are_those_of_the_rules_in_plain_python(
    tmp_path: Path, seed: int
) -> None:
    """Random ramps with stale servers, crossings, rollbacks and equal times."""
    exposures, _ = drawn(np.random.default_rng(seed))
    found = ramp(tmp_path, exposures, files=1 + seed % 3)
    for hours in (20.0, 45.5, LATE):
        wanted, seen = plain(exposures, at(hours)), found.integrity(at(hours))
        steps = found.steps(at(hours))
        assert [(step.name, step.share) for step in steps] == wanted.steps
        assert seen.crossed == Counted(len(wanted.crossed), min(wanted.crossed, default=None))
        dealt: dict[tuple[int, float], list[int]] = {}
        for entry in wanted.entries:
            if 0 < entry.chance < 1:
                counts = dealt.setdefault((entry.step, entry.chance), [0, 0])
                counts[entry.candidate] += 1
        assert seen.dealt == {key: ByArm(*counts) for key, counts in dealt.items()}
    assert len(wanted.crossed) > 5
    assert len(dealt) > 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"share": 10}, "1 % is 0.01"),
        ({"share": "some"}, "1 % is 0.01"),
        ({"at": "soon"}, "a moment such as"),
        ({"at": "2026-11-01T03:00:00"}, "a time zone on every row, or on none"),
        ({"unit": None}, "a value on every row"),
        ({"stage": None}, "a value on every row"),
    ],
)
def test_exposures_that_say_nothing_sure_are_refused(tmp_path: Path, wrong: Row, said: str) -> None:
    rows = [shown("a", "baseline", 1), shown("b", "candidate", 1) | wrong]
    with pytest.raises(EvidenceError, match=said):
        integrity(tmp_path, *rows)


def test_an_arm_that_nobody_named_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no row of the candidate"):
        integrity(tmp_path, shown("a", "baseline", 1), shown("b", "treatment", 1))


def test_an_id_in_place_of_the_stage_is_refused(tmp_path: Path) -> None:
    rows = [shown(f"u{i}", "baseline", 1, stage=f"s{i}") for i in range(1_001)]
    with pytest.raises(EvidenceError, match="few stages of a rollout"):
        ramp(tmp_path, rows).steps(at(LATE))


def test_a_constant_share_in_percent_is_refused(tmp_path: Path) -> None:
    rows = [{k: v for k, v in shown("a", "baseline", 1).items() if k != "share"}]
    with pytest.raises(EvidenceError, match=r"1 % is 0\.01"):
        ramp(tmp_path, rows, constants={"share": "10"}).steps(at(LATE))
