"""Hypothesis strategies for the nouns. A new noun joins them here."""

import math
from dataclasses import replace

from hypothesis import strategies as st

from shipcall.core import (
    Absent,
    Action,
    Bar,
    Check,
    Estimand,
    Estimate,
    Finding,
    Measured,
    Need,
    Reason,
    Role,
    Situation,
    Slice,
    Tails,
)

numbers = st.floats(min_value=-10, max_value=10, allow_nan=False).map(lambda x: round(x, 6))
errors = st.sampled_from([0.001, 0.01, 0.025, 0.05])


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    """One-sided and two-sided bars."""
    edge = draw(numbers)
    kind = draw(st.sampled_from(["low", "high", "both"]))
    if kind == "low":
        return Bar(low=edge, text="at least")
    if kind == "high":
        return Bar(high=edge, text="at most")
    return Bar(low=edge, high=edge + draw(st.floats(0, 5)), text="between")


@st.composite
def checks(draw: st.DrawFn, number: int = 0) -> Check:
    """Checks of every role and need."""
    return Check(
        id=f"check-{number}",
        stage="gate",
        role=draw(st.sampled_from(list(Role))),
        need=draw(st.sampled_from(list(Need))),
        metric="accuracy",
        slice=draw(st.sampled_from([Slice(), Slice.of({"country": "NZ"})])),
        bar=draw(bars()),
        estimand=Estimand.DIFFERENCE,
        clear_at=draw(errors),
        breach_at=draw(errors),
        on_breach_hold=draw(st.booleans()),
    )


def estimate_for(check: Check, value: float, below: float, above: float) -> Estimate:
    """An estimate at the error levels which this check promised."""
    low = -math.inf if math.isinf(below) else value - below
    high = math.inf if math.isinf(above) else value + above
    return Estimate(
        value=value, low=low, high=high, tails=Tails(*check.tails), n=100, method="drawn"
    )


@st.composite
def measured_for(draw: st.DrawFn, check: Check) -> Measured:
    """An estimate or a reason why there is none."""
    if draw(st.booleans()) and draw(st.booleans()):
        hours = draw(st.sampled_from([None, 1.0, 100.0]))
        return Absent(
            reason=draw(st.sampled_from(list(Reason))), detail="drawn", silent_hours=hours
        )
    reach = st.floats(min_value=0.001, max_value=5)
    return estimate_for(check, draw(numbers), draw(reach), draw(reach))


@st.composite
def findings(draw: st.DrawFn) -> list[Finding]:
    """Up to seven findings with distinct checks."""
    count = draw(st.integers(min_value=0, max_value=7))
    drawn = [draw(checks(number=i)) for i in range(count)]
    return [Finding(check=check, measured=draw(measured_for(check))) for check in drawn]


@st.composite
def shipping_findings(draw: st.DrawFn) -> list[Finding]:
    """Findings that ship: one goal, everything well inside its bar, and some watches."""
    count = draw(st.integers(min_value=1, max_value=5))
    result = []
    for number in range(count):
        check = draw(checks(number=number))
        role = Role.GOAL if number == 0 else check.role
        check = replace(check, role=role, bar=Bar(low=0.0, text="at least 0"))
        result.append(Finding(check=check, measured=estimate_for(check, 2.0, 1.0, 1.0)))
    return result


situations = st.builds(
    Situation,
    stage=st.just("gate"),
    sealed=st.booleans(),
    exposed=st.booleans(),
    decides=st.booleans(),
    final=st.booleans(),
    goal_elsewhere=st.booleans(),
    overdue=st.booleans(),
    looks_spent=st.booleans(),
    at_deadline=st.sampled_from([Action.HOLD, Action.NO_SHIP, Action.ROLL_BACK]),
    max_silence_hours=st.sampled_from([None, 6.0]),
)
