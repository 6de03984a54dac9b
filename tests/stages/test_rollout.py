"""The rollout, from drawn units to the call."""

from datetime import timedelta

import pytest

from shipcall.contract.contract import Contract
from shipcall.contract.parse import parse_contract
from shipcall.contract.rollout import Seen, progress_of, rollout_plan
from shipcall.core import (
    Absent,
    Action,
    Estimate,
    Finding,
    Need,
    Reason,
    Standing,
    Validity,
    Verdict,
    decide,
)
from shipcall.data.facts import Counted
from shipcall.data.ramp import ByArm
from shipcall.release.promise import situation
from shipcall.stages import STAGES
from shipcall.stages._course import course
from shipcall.stages.rollout import examine
from stages.ramps import CONTRACT, START, DrawnRamp

SAME = {"useful": (0.3, 0.3), "hide": (0.1, 0.1), "unsafe": (0.02, 0.02)}
GAIN = {**SAME, "useful": (0.3, 0.4)}


def judged(ramp: DrawnRamp, hours: float, text: str = CONTRACT) -> Verdict:
    contract = parse_contract(text, file="contract.toml")
    as_of = START + timedelta(hours=hours)
    seen = [Seen(s.share, s.attempt, s.first) for s in ramp.steps(as_of)]
    plan = rollout_plan(contract, progress_of(contract, seen, as_of, ["abc"]))
    found = examine(plan, ramp)
    at = situation(contract, STAGES["rollout"], plan, spent=False, sealed=True)
    return decide(plan.checks, found, at)


def of(verdict: Verdict, check: str) -> Finding:
    return next(f for f in verdict.findings if f.check.id == check)


def contract() -> Contract:
    return parse_contract(CONTRACT, file="contract.toml")


def test_a_good_release_goes_on_after_its_hours_and_ships_at_the_last_share() -> None:
    ramp = DrawnRamp(GAIN, hours=(48, 400))
    assert judged(ramp, 20).call is Action.HOLD
    assert judged(ramp, 40).call is Action.ADVANCE
    last = judged(ramp, 448)
    assert last.call is Action.SHIP, last.rule


def test_before_its_hours_a_share_is_held_for_time_and_for_nothing_else() -> None:
    verdict = judged(DrawnRamp(GAIN), 20)
    assert (verdict.rule.number, verdict.because) == (6, ("stage.hours",))
    found = of(verdict, "stage.hours").measured
    assert isinstance(found, Absent)
    assert found.reason is Reason.TOO_EARLY


def test_hours_without_outcomes_do_not_count_as_hours_at_a_share() -> None:
    """No max_silence: a pipeline that died after 20 hours must not let a share be left."""
    text = CONTRACT.replace('max_silence = "6h"\n', "")
    assert judged(DrawnRamp(GAIN, per_hour=200), 40, text).call is Action.ADVANCE
    dead = judged(DrawnRamp(GAIN, per_hour=200, ends_after=20.0), 40, text)
    assert (dead.call, dead.because) == (Action.HOLD, ("stage.hours",))
    found = of(dead, "stage.hours").measured
    assert isinstance(found, Absent)
    assert "outcomes end 20.0 h before" in found.detail


def test_a_harm_beyond_the_margin_rolls_back() -> None:
    verdict = judged(DrawnRamp({**SAME, "hide": (0.1, 0.2)}), 160)
    assert verdict.call is Action.ROLL_BACK
    assert verdict.because == ("rollout.hides",)


def test_many_more_unsafe_answers_roll_back_by_the_arms_of_the_events() -> None:
    verdict = judged(DrawnRamp({**SAME, "unsafe": (0.005, 0.08)}), 160)
    found = of(verdict, "rollout.unsafe")
    assert verdict.call is Action.ROLL_BACK
    assert isinstance(found.measured, Estimate)
    assert found.measured.method.startswith("tilt mixture")


def test_before_the_last_share_nothing_has_to_be_shown() -> None:
    ramp = DrawnRamp(SAME)
    needs = {f.check.id: f.check.need for f in judged(ramp, 40).findings}
    assert needs["rollout.useful"] is needs["rollout.hides"] is Need.NOT_REFUTED
    needs = {f.check.id: f.check.need for f in judged(ramp, 100).findings}
    assert needs["rollout.useful"] is needs["rollout.hides"] is Need.SHOWN


def test_every_estimate_holds_at_any_number_of_looks() -> None:
    for finding in judged(DrawnRamp(GAIN), 160).findings:
        measured = finding.measured
        if isinstance(measured, Estimate) and not measured.census:
            assert measured.validity is Validity.ANYTIME


def test_nobody_exposed_is_a_hold_and_no_rollback() -> None:
    ramp = DrawnRamp(SAME)
    verdict = judged(ramp, -1)
    assert (verdict.call, verdict.rule.number) == (Action.HOLD, 1)
    assert not verdict.situation.exposed


def test_units_that_mature_are_no_data_yet() -> None:
    verdict = judged(DrawnRamp(SAME), 1)
    found = of(verdict, "rollout.hides").measured
    assert isinstance(found, Absent)
    assert found.reason is Reason.MATURING
    assert verdict.call is Action.HOLD


def test_a_share_must_have_seen_units_of_its_own_before_it_is_left() -> None:
    """Hours alone do not suffice: nobody of the second share has an outcome yet."""
    text = CONTRACT.replace("stages = [10, 50]", "stages = [10, 50, 100]")
    text = text.replace("min_hours = [24]", "min_hours = [24, 0]")
    verdict = judged(DrawnRamp(SAME, hours=(48, 1)), 49, text)
    assert verdict.because == ("stage.units",)
    assert of(verdict, "rollout.hides").standing is not Standing.ABSENT


def test_silence_longer_than_promised_rolls_back() -> None:
    verdict = judged(DrawnRamp(SAME, silent_hours=7.0), 160)
    assert (verdict.call, verdict.rule.number) == (Action.ROLL_BACK, 3)
    verdict = judged(DrawnRamp(SAME, silent_hours=5.0), 160)
    assert verdict.call is Action.HOLD, "shorter than max_silence: measured, not yet shown"


def test_outcomes_that_never_came_are_silent_since_the_first_was_due() -> None:
    gone = Absent(reason=Reason.NO_EVIDENCE, detail="no file")
    verdict = judged(DrawnRamp(SAME, absent=gone), 5)
    assert verdict.call is Action.HOLD
    verdict = judged(DrawnRamp(SAME, absent=gone), 9)
    assert (verdict.call, verdict.rule.number) == (Action.ROLL_BACK, 3)


def test_after_the_promised_days_an_unmet_need_is_what_the_contract_says() -> None:
    late = judged(DrawnRamp(SAME, hours=(24, 720)), 31 * 24)
    assert (late.call, late.rule.number) == (Action.NO_SHIP, 6)


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"crossed": Counted(900, "u1")}, "sanity.exposures.crossed"),
        ({"misplaced": Counted(900, "u1")}, "sanity.exposures.misplaced"),
        ({"errored": ByArm(900, 0)}, "sanity.exposures.errored"),
        ({"bucketings": {"flagd-v1:x": 10_080}}, "sanity.exposures.bucketing"),
        (
            {"bucketings": {"shipcall-v1:x": 10_000, "shipcall-v1:y": 80}},
            "sanity.exposures.bucketing",
        ),
        ({"contracts": {"fff": 10_080}}, "sanity.exposures.contract"),
    ],
    ids=lambda seen: seen if isinstance(seen, str) else next(iter(seen)),
)
def test_a_doubt_about_the_exposures_holds_a_good_release(
    changes: dict[str, object], check: str
) -> None:
    verdict = judged(DrawnRamp(GAIN, hours=(48, 400), integrity_changes=changes), 448)
    assert (verdict.call, verdict.rule.number, verdict.because) == (Action.HOLD, 4, (check,))


def test_a_doubt_does_not_shield_from_a_proven_harm() -> None:
    ramp = DrawnRamp({**SAME, "hide": (0.1, 0.2)}, integrity_changes={"errored": ByArm(900, 0)})
    assert judged(ramp, 160).call is Action.ROLL_BACK


def test_candidate_units_that_never_arrive_are_noticed_by_the_sample_ratio() -> None:
    verdict = judged(DrawnRamp(GAIN, hours=(48, 400), leak=0.15), 448)
    assert verdict.because == ("sanity.exposures.ratio",)
    assert "were due" in of(verdict, "sanity.exposures.ratio").note


def test_the_sample_ratio_of_a_ramp_is_not_held_against_its_last_share() -> None:
    """10 % of the first stage and 50 % of the second are no mismatch with either."""
    found = of(judged(DrawnRamp(SAME), 160), "sanity.exposures.ratio")
    assert found.standing is Standing.CLEAR


def test_lost_outcomes_hold_unless_the_contract_allows_for_them() -> None:
    ramp = DrawnRamp(GAIN, hours=(48, 400), lost=(0.01, 0.01))
    verdict = judged(ramp, 448)
    assert verdict.rule.number == 4
    assert set(verdict.because) == {f"sanity.outcomes.lost.{name}" for name in SAME}
    text = CONTRACT.replace(
        'outcomes = "outcomes.csv"', 'outcomes = { path = "outcomes.csv", max_missing = 0.02 }'
    )
    text = text.replace("may_lose = 0.02", "may_lose = 0.06").replace("100%", "300%")
    assert judged(ramp, 448, text).call is Action.SHIP


def test_lost_outcomes_only_widen_the_interval() -> None:
    whole = of(judged(DrawnRamp(GAIN), 160), "rollout.useful").measured
    lossy = of(judged(DrawnRamp(GAIN, lost=(0.0, 0.05)), 160), "rollout.useful").measured
    assert isinstance(whole, Estimate)
    assert isinstance(lossy, Estimate)
    assert lossy.low < whole.low - 0.01
    assert "worst" in lossy.method


def test_an_arm_that_loses_more_outcomes_is_noticed() -> None:
    ramp = DrawnRamp(GAIN, hours=(48, 400), lost=(0.0, 0.03))
    text = CONTRACT.replace(
        'outcomes = "outcomes.csv"', 'outcomes = { path = "outcomes.csv", max_missing = 0.1 }'
    )
    verdict = judged(ramp, 448, text)
    assert set(verdict.because) == {f"sanity.outcomes.uneven_loss.{name}" for name in SAME}


def test_a_share_nobody_promised_holds() -> None:
    verdict = judged(DrawnRamp(GAIN, shares=(0.1, 0.3)), 160)
    assert "sanity.exposures.shares" in verdict.because
    assert verdict.call is Action.HOLD


def test_a_second_attempt_spends_the_level_and_a_third_is_not_promised() -> None:
    text = CONTRACT.replace("[rollout]", "[risk]\nattempts = 2\n[rollout]")
    clear = of(judged(DrawnRamp(SAME), 40, text), "rollout.useful").check.clear_at
    assert clear == pytest.approx(0.025)
    known = parse_contract(text, file="contract.toml")
    plan = rollout_plan(known, progress_of(known, [Seen(0.1, 3, START)], START))
    assert situation(known, STAGES["rollout"], plan, spent=False, sealed=True).looks_spent


def test_harm_is_split_over_guardrails_and_never_over_looks() -> None:
    text = CONTRACT.replace("[rollout]", "[risk]\nlooks = 5\n[rollout]")
    checks = {f.check.id: f.check for f in judged(DrawnRamp(SAME), 40, text).findings}
    assert checks["rollout.hides"].breach_at == checks["rollout.unsafe"].breach_at == 0.025
    assert checks["rollout.useful"].clear_at == 0.05


def test_a_slice_guardrail_has_half_of_the_harm() -> None:
    text = CONTRACT.replace(
        "[rollout]",
        '[[check]]\nid = "nz"\nstage = "rollout"\nrole = "guardrail"\nmetric = "hide"\n'
        'slice = { country = "NZ" }\nmay_lose = 0.05\n[rollout]',
    )
    checks = {f.check.id: f.check for f in judged(DrawnRamp(SAME), 40, text).findings}
    assert checks["nz"].breach_at == pytest.approx(0.025)
    assert checks["rollout.hides"].breach_at == pytest.approx(0.0125)


def test_a_bar_on_the_own_value_of_the_candidate_is_judged_without_randomisation() -> None:
    text = CONTRACT.replace("may_lose = 0.02", "at_most = 0.15")
    finding = of(judged(DrawnRamp(SAME), 160, text), "rollout.hides")
    assert isinstance(finding.measured, Estimate)
    assert finding.measured.method.startswith("empirical Bernstein")
    assert finding.standing is Standing.CLEAR


def test_the_order_of_looks_changes_nothing() -> None:
    """A verdict at hour 100 does not know whether anybody looked before."""
    ramp = DrawnRamp(SAME)
    alone = judged(ramp, 100)
    for hours in (30, 60, 90):
        judged(ramp, hours)
    assert judged(ramp, 100) == alone


def test_the_course_shows_every_sequence_and_the_pooled_comparison() -> None:
    ramp = DrawnRamp({**SAME, "hide": (0.1, 0.13)})
    known, as_of = contract(), START + timedelta(hours=168)
    seen = [Seen(s.share, s.attempt, s.first) for s in ramp.steps(as_of)]
    plan = rollout_plan(known, progress_of(known, seen, as_of))
    shown = course(plan, ramp)
    looks = shown["sequences"]["rollout.hides"]
    assert looks[-1]["low"] < 0.03 < looks[-1]["high"]
    assert 20 <= len(looks) <= 40
    assert [step["share"] for step in shown["steps"]] == [0.1, 0.5]
    assert shown["pooled"]["rollout.hides"]["low"] < shown["pooled"]["rollout.hides"]["value"]


@pytest.mark.slow
def test_false_rollbacks_with_daily_looks_stay_below_harm() -> None:
    """Every guardrail at its margin: 0.05 promised, 60 ramps looked at on each of 7 days."""
    rates = {"useful": (0.3, 0.3), "hide": (0.1, 0.12), "unsafe": (0.02, 0.04)}
    alarms = 0
    for seed in range(60):
        ramp = DrawnRamp(rates, seed=seed, per_hour=30)
        calls = [judged(ramp, 24.0 * day).call for day in range(1, 8)]
        alarms += Action.ROLL_BACK in calls
    assert alarms <= 7, "binomial(60, .05) exceeds 7 with chance .01"
