"""Each rule of the fold, one at a time, and which of two wins."""

import pytest

from shipcall.core import (
    Absent,
    Action,
    Bar,
    Check,
    Estimand,
    Estimate,
    Finding,
    Need,
    Reason,
    Role,
    Rule,
    Situation,
    Tails,
    decide,
)

INSIDE, OPEN, OUTSIDE = (0.5, 1.5), (-1.0, 1.5), (-2.0, -0.5)


def finding(
    name: str,
    interval: tuple[float, float] | None = INSIDE,
    *,
    role: Role = Role.GUARDRAIL,
    need: Need = Need.SHOWN,
    hold: bool = False,
    silent: float | None = None,
) -> Finding:
    check = Check(
        id=name,
        stage="gate",
        role=role,
        need=need,
        metric="accuracy",
        bar=Bar(low=0.0, text="may lose 0"),
        estimand=Estimand.DIFFERENCE,
        clear_at=0.05,
        breach_at=0.05,
        on_breach_hold=hold,
    )
    if interval is None:
        absent = Absent(reason=Reason.NO_ROWS, detail="no rows", silent_hours=silent)
        return Finding(check=check, measured=absent)
    low, high = interval
    estimate = Estimate(
        value=(low + high) / 2, low=low, high=high, tails=Tails(0.05, 0.05), n=50, method="t"
    )
    return Finding(check=check, measured=estimate)


def goal(interval: tuple[float, float] | None = INSIDE) -> Finding:
    return finding("goal", interval, role=Role.GOAL)


def sanity(interval: tuple[float, float] | None = INSIDE) -> Finding:
    return finding("sanity", interval, role=Role.SANITY)


def situation(**changes: object) -> Situation:
    return Situation(**{"stage": "gate", "sealed": True, "final": True, **changes})  # type: ignore[arg-type]


EXPOSED = {"exposed": True, "max_silence_hours": 6.0}

WATCHING = {"exposed": True, "decides": False}

CASES = [
    ("all shown, last stage", [goal()], {}, Action.SHIP, 8),
    ("all shown, more to come", [goal()], {"final": False}, Action.ADVANCE, 8),
    ("untrusted and breached, nobody exposed", [goal(), sanity(OUTSIDE), finding("g", OUTSIDE)], {}, Action.HOLD, 1),
    ("untrusted and breached, exposed", [goal(), sanity(OUTSIDE), finding("g", OUTSIDE)], EXPOSED, Action.ROLL_BACK, 2),
    ("breached", [goal(), finding("g", OUTSIDE)], {}, Action.NO_SHIP, 2),
    ("breached, holds by contract", [goal(), finding("g", OUTSIDE, hold=True)], {}, Action.HOLD, 2),
    ("one breach holds, one does not", [goal(), finding("a", OUTSIDE, hold=True), finding("b", OUTSIDE)], {}, Action.NO_SHIP, 2),
    ("silent too long", [goal(), finding("g", None, silent=7.0)], EXPOSED, Action.ROLL_BACK, 3),
    ("silent, not too long", [goal(), finding("g", None, silent=5.0)], EXPOSED, Action.HOLD, 6),
    ("silent, nobody exposed", [goal(), finding("g", None, silent=7.0)], {}, Action.HOLD, 6),
    ("untrusted, exposed", [goal(), sanity(None)], EXPOSED, Action.HOLD, 4),
    ("goal refuted", [goal(OUTSIDE)], {}, Action.NO_SHIP, 5),
    ("goal refuted, exposed: a planned ramp-down", [goal(OUTSIDE)], EXPOSED, Action.NO_SHIP, 5),
    ("goal open", [goal(OPEN)], {}, Action.HOLD, 6),
    ("goal without data", [goal(None)], {}, Action.HOLD, 6),
    ("guardrail open", [goal(), finding("g", OPEN)], {}, Action.HOLD, 6),
    ("open is enough", [goal(), finding("g", OPEN, need=Need.NOT_REFUTED)], {}, Action.SHIP, 8),
    ("absent is not enough", [goal(), finding("g", None, need=Need.NOT_REFUTED)], {}, Action.HOLD, 6),
    ("overdue", [goal(OPEN)], {"overdue": True, "at_deadline": Action.NO_SHIP}, Action.NO_SHIP, 6),
    ("overdue but shown", [goal()], {"overdue": True, "at_deadline": Action.NO_SHIP}, Action.SHIP, 8),
    ("looks spent", [goal()], {"looks_spent": True, "at_deadline": Action.NO_SHIP}, Action.NO_SHIP, 6),
    ("nothing promised", [], {}, Action.HOLD, 7),
    ("only guardrails", [finding("g")], {}, Action.HOLD, 7),
    ("only guardrails, a goal elsewhere, more to come", [finding("g")], {"goal_elsewhere": True, "final": False}, Action.ADVANCE, 8),
    ("only guardrails, a goal elsewhere, last stage", [finding("g")], {"goal_elsewhere": True}, Action.HOLD, 7),
    ("nothing, a goal elsewhere", [], {"goal_elsewhere": True, "final": False}, Action.HOLD, 7),
    ("not sealed", [goal()], {"sealed": False}, Action.HOLD, 7),
    ("all shown, a stage that only objects", [finding("g")], WATCHING, Action.NO_OBJECTION, 8),
    ("breached, a stage that only objects", [finding("g", OUTSIDE)], WATCHING, Action.ROLL_BACK, 2),
    ("goal refuted, a stage that only objects", [goal(OUTSIDE)], WATCHING, Action.HOLD, 5),
    ("nothing promised, a stage that only objects", [sanity()], WATCHING, Action.HOLD, 7),
    ("not sealed, a stage that only objects", [finding("g")], {**WATCHING, "sealed": False}, Action.HOLD, 7),
    ("watch breached", [goal(), finding("w", OUTSIDE, role=Role.WATCH)], {}, Action.SHIP, 8),
]  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "changes", "call", "rule"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_the_first_rule_that_fires_makes_the_call(
    findings: list[Finding], changes: dict[str, object], call: Action, rule: int
) -> None:
    verdict = decide([f.check for f in findings], findings, situation(**changes))
    assert (verdict.call, verdict.rule.number) == (call, rule)


def test_the_reasons_are_the_findings_that_made_the_rule_fire() -> None:
    found = [goal(), finding("a", OUTSIDE), finding("b", OPEN)]
    verdict = decide([f.check for f in found], found, situation())
    assert verdict.rule is Rule.GUARDRAIL_BREACHED
    assert verdict.because == ("a",)
    assert [m.check for m in verdict.missing] == ["a", "b"]


def test_checks_that_were_not_refuted_and_not_shown_are_named() -> None:
    found = [goal(), finding("g", OPEN, need=Need.NOT_REFUTED)]
    assert decide([f.check for f in found], found, situation()).unproven == ("g",)


def test_a_finding_nobody_promised_is_refused() -> None:
    with pytest.raises(ValueError, match="did not promise"):
        decide([goal().check], [goal(), finding("extra")], situation())


def test_two_findings_for_one_check_are_refused() -> None:
    with pytest.raises(ValueError, match="two findings"):
        decide([goal().check], [goal(), goal()], situation())


def test_what_was_not_assessed_is_kept() -> None:
    verdict = decide([goal().check], [goal()], situation(), not_assessed=["fairness"])
    assert verdict.not_assessed == ("fairness",)
