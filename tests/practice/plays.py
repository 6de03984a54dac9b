"""Finished plays for tests, as plain as they are kept. They are made up here."""

from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.practice.finished import Finished, Mode
from shipcall.practice.scoring.score import GRADES
from shipcall.practice.sheet import SelfEstimate, Sheet, TriggerAnswer
from shipcall.practice.timeline import Account, Step

FULL = Sheet(
    option="hold",
    causes={"rot": 0.5},
    claims={"worse": 0.7, "logging": 0.1},
    forecast=(0.1, 0.1, 0.2, 0.3, 0.3),
    trigger=TriggerAnswer(scope="all", bar=1.0, window_days=3),
    size=80,
    reason="Mails lost rose by 2 pp, between 1 and 3. We hold.",
    estimate=SelfEstimate(loss_below=0.1, probability=0.7),
)
"""Every part that the tiny case asks."""


def finished(
    number: int = 0,
    *,
    case: str = "C99",
    loss_share: float = 0.0,
    at: str = "2026-11-20T10:00:00Z",
    mode: Mode = "stress",
    chosen: bool = False,
    hints: int = 0,
    repeat: bool = False,
    extra_time: float = 1.0,
    option: str | None = "advance",
    best: str = "advance",
    role: str = "twin",
    claims: Sequence[Mapping[str, Any]] = (),
    **score: Any,
) -> Finished:
    """One play that lost a share of a stake of 10 points."""
    grade = next(name for name, most in GRADES.items() if loss_share <= most)
    decision = {
        "option": option,
        "best": best,
        "loss": 10 * loss_share,
        "stake": 10.0,
        "loss_share": loss_share,
        "grade": grade,
    }
    return Finished(
        id=f"play-{number:03d}",
        case=case,
        mode=mode,
        at=at,
        seconds=120.0,
        minutes=3.5,
        extra_time=extra_time,
        chosen=chosen,
        hints=hints,
        repeat=repeat,
        sheet={"option": option},
        score={"decision": decision, "claims": list(claims)} | score,
        so={"state": "gains", "role": role, "cause": "sound", "values": {}},
        rule="",
    )


def account(*opened: str, sheet: Sheet = FULL, second: Sheet | None = None) -> Account:
    looks = [Step(seconds=9.0 * n, did="opened", what=o, minutes=2) for n, o in enumerate(opened)]
    steps = [Step(seconds=0, did="began"), *looks, Step(seconds=100, did="locked")]
    return Account(steps=steps, sheet=sheet, ran_out=False, second=second)
