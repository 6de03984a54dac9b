"""The laws of the fold, for anything hypothesis can draw."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from shipcall.core import (
    Absent,
    Action,
    Estimate,
    Finding,
    Reason,
    Role,
    Situation,
    Standing,
    Verdict,
    canonical_bytes,
    decide,
    plain,
)
from strategies import estimate_for, findings, shipping_findings, situations

GOOD = {Action.SHIP, Action.ADVANCE, Action.NO_OBJECTION}


def fold(found: list[Finding], at: Situation) -> Verdict:
    return decide([finding.check for finding in found], found, at)


@given(findings(), situations)
def test_there_is_one_finding_per_promised_check_in_the_promised_order(
    found: list[Finding], at: Situation
) -> None:
    verdict = fold(found, at)
    assert [f.check.id for f in verdict.findings] == [f.check.id for f in found]


@given(findings(), situations, st.data())
def test_removing_findings_never_creates_a_ship(
    found: list[Finding], at: Situation, data: st.DataObject
) -> None:
    before = fold(found, at)
    kept = [f for f in found if data.draw(st.booleans())]
    after = decide([f.check for f in found], kept, at)
    assert after.call not in GOOD or before.call in GOOD
    assert len(after.findings) == len(found)


@given(findings(), situations, st.data())
def test_turning_a_finding_absent_never_creates_a_ship(
    found: list[Finding], at: Situation, data: st.DataObject
) -> None:
    before = fold(found, at)
    gone = Absent(reason=Reason.NO_ROWS, detail="taken away")
    after = [replace(f, measured=gone) if data.draw(st.booleans()) else f for f in found]
    assert fold(after, at).call not in GOOD or before.call in GOOD


@given(shipping_findings(), st.data())
def test_a_ship_dies_with_any_finding_that_decides(
    found: list[Finding], data: st.DataObject
) -> None:
    at = Situation(stage="gate", sealed=True, final=True)
    assert fold(found, at).call is Action.SHIP
    lost = data.draw(st.integers(0, len(found) - 1))
    kept = [f for i, f in enumerate(found) if i != lost]
    call = decide([f.check for f in found], kept, at).call
    assert (call is Action.SHIP) == (found[lost].check.role is Role.WATCH)


@given(findings(), situations, st.randoms())
def test_order_of_findings_changes_nothing(found: list[Finding], at: Situation, random) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    shuffled = list(found)
    random.shuffle(shuffled)
    promised = [f.check for f in found]
    assert decide(promised, shuffled, at) == decide(promised, found, at)


@given(findings(), situations)
def test_order_of_the_promises_does_not_move_the_call(found: list[Finding], at: Situation) -> None:
    forward, backward = fold(found, at), fold(found[::-1], at)
    assert (forward.call, forward.rule) == (backward.call, backward.rule)
    assert set(forward.because) == set(backward.because)


@given(findings(), situations)
def test_watch_never_moves_the_call(found: list[Finding], at: Situation) -> None:
    without = [f for f in found if f.check.role is not Role.WATCH]
    assert fold(found, at).call is fold(without, at).call
    assert fold(found, at).rule is fold(without, at).rule


@given(findings(), st.floats(0, 5), st.floats(0, 5))
def test_a_wider_interval_never_clears_and_never_breaches(
    found: list[Finding], below: float, above: float
) -> None:
    for finding in found:
        measured = finding.measured
        if not isinstance(measured, Estimate):
            continue
        wider = replace(measured, low=measured.low - below, high=measured.high + above)
        standing = replace(finding, measured=wider).standing
        assert standing in (finding.standing, Standing.OPEN)


@given(findings(), situations)
def test_an_absent_finding_satisfies_nothing(found: list[Finding], at: Situation) -> None:
    verdict = fold(found, at)
    for finding in verdict.findings:
        if isinstance(finding.measured, Absent):
            assert not finding.satisfied


@given(findings(), situations)
def test_an_unsealed_contract_never_ships(found: list[Finding], at: Situation) -> None:
    assert fold(found, replace(at, sealed=False)).call not in GOOD


@given(findings(), situations)
def test_no_goal_no_ship(found: list[Finding], at: Situation) -> None:
    goalless = [f for f in found if f.check.role is not Role.GOAL]
    at = replace(at, decides=True, goal_elsewhere=False)
    assert fold(goalless, at).call not in GOOD


@given(findings(), situations)
def test_a_stage_that_does_not_decide_only_asks_to_stop(
    found: list[Finding], at: Situation
) -> None:
    at = replace(at, decides=False, exposed=True, at_deadline=Action.HOLD)
    stops = {Action.HOLD, Action.ROLL_BACK, Action.NO_OBJECTION}
    assert fold(found, at).call in stops


@given(findings(), situations)
def test_nobody_is_rolled_back_who_was_not_exposed(found: list[Finding], at: Situation) -> None:
    at = replace(at, exposed=False, at_deadline=Action.HOLD)
    assert fold(found, at).call is not Action.ROLL_BACK


@given(findings(), situations)
def test_looks_beyond_the_promise_show_nothing(found: list[Finding], at: Situation) -> None:
    assert fold(found, replace(at, looks_spent=True)).call not in GOOD


@given(findings(), situations)
def test_the_same_facts_give_the_same_bytes(found: list[Finding], at: Situation) -> None:
    assert canonical_bytes(plain(fold(found, at))) == canonical_bytes(fold(found, at))


@given(findings())
def test_standing_is_what_the_two_ends_say(found: list[Finding]) -> None:
    for finding in found:
        check = finding.check
        inside = estimate_for(check, (max(check.bar.low, -20) + min(check.bar.high, 20)) / 2, 1, 1)
        assert replace(finding, measured=inside).standing is not Standing.ABSENT
