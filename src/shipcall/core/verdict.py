"""Verdict: the one fold from findings to a call. The first rule that fires makes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from shipcall.core.check import Check, Need, Role
from shipcall.core.estimate import Absent
from shipcall.core.finding import Finding, Standing, examined


class Action(StrEnum):
    """What can be called."""

    ADVANCE = "ADVANCE"
    """Go on to the next stage or share."""
    SHIP = "SHIP"
    """The contract's last stage is passed."""
    HOLD = "HOLD"
    """Neither shown good nor shown bad, or not to be trusted."""
    NO_SHIP = "NO SHIP"
    """Refused."""
    ROLL_BACK = "ROLL BACK"
    """Refused, and people are exposed."""
    NO_OBJECTION = "NO OBJECTION"
    """Nothing was found against it, by a stage that may not let it pass."""


class Rule(Enum):
    """The rules of the fold, in the order in which they are tried."""

    UNTRUSTED_BEFORE = (1, "The evidence cannot be trusted; what cannot be trusted cannot condemn.")
    GUARDRAIL_BREACHED = (2, "A guardrail is breached.")
    SILENT = (3, "People are exposed and a guardrail has been without data for too long.")
    UNTRUSTED = (4, "The evidence cannot be trusted.")
    GOAL_REFUTED = (5, "The promised gain is not there.")
    NEED_NOT_MET = (6, "Not everything that had to be shown has been shown.")
    NOTHING_PROMISED = (7, "No goal was promised, or the contract is not sealed.")
    ALL_SHOWN = (8, "Everything that had to be shown has been shown.")

    def __init__(self, number: int, sentence: str) -> None:
        self.number = number
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the fold must know beside the findings."""

    stage: str
    sealed: bool
    """The contract was sealed, and it is the sealed contract that was used."""
    exposed: bool = False
    """People are exposed to the candidate."""
    decides: bool = True
    """The stage may let the release pass; otherwise it only asks for HOLD or ROLL BACK."""
    final: bool = False
    """This is the contract's last stage and share."""
    goal_elsewhere: bool = False
    """The contract promises a goal at another stage: this one may let the release go on."""
    overdue: bool = False
    """`max_days` has passed."""
    looks_spent: bool = False
    """More looks were taken than the contract promised: nothing can be shown any more."""
    at_deadline: Action = Action.HOLD
    """What an unmet need means when overdue or when the looks are spent."""
    max_silence_hours: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What one check still lacks for another call."""

    check: str
    standing: Standing
    units: int | None
    """About how many more units, if the estimate stays; None where no number would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The call, the rule that made it, and the findings that made the rule fire."""

    call: Action
    rule: Rule
    situation: Situation
    findings: tuple[Finding, ...]
    because: tuple[str, ...]
    """Ids of the checks that made the rule fire."""
    missing: tuple[Missing, ...]
    unproven: tuple[str, ...]
    """Checks that only had to be not refuted, and are neither shown nor refuted: no error bound
    speaks of them."""
    not_assessed: tuple[str, ...]


_DECIDING = (Role.GOAL, Role.GUARDRAIL, Role.SANITY)


def decide(
    checks: Sequence[Check],
    findings: Iterable[Finding],
    situation: Situation,
    *,
    not_assessed: Sequence[str] = (),
) -> Verdict:
    """Fold findings into the call.

    Args:
        checks: Everything promised for this moment, in the promised order.
        findings: At most one per check; a missing one counts as absent.
        situation: Exposure, deadline, seal.
        not_assessed: Sentences on what nobody looked at; they go into the verdict as they are.

    Raises:
        ValueError: On findings that were not promised.
    """
    ordered = examined(checks, findings)
    rule, call, because = _first_rule(ordered, situation)
    return Verdict(
        call=call,
        rule=rule,
        situation=situation,
        findings=ordered,
        because=tuple(finding.check.id for finding in because),
        missing=_missing(ordered),
        unproven=tuple(f.check.id for f in ordered if _unproven(f)),
        not_assessed=tuple(not_assessed),
    )


_Fired = tuple[Rule, Action, Sequence[Finding]]


def _first_rule(findings: Sequence[Finding], at: Situation) -> _Fired:
    fired = (
        _untrusted(findings, Rule.UNTRUSTED_BEFORE, applies=not at.exposed)
        or _breached(findings, at)
        or _silent(findings, at)
        or _untrusted(findings, Rule.UNTRUSTED, applies=True)
        or _refuted(findings, at)
        or _unmet(findings, at)
    )
    if fired:
        return fired
    goals = [f for f in findings if f.check.role is Role.GOAL]
    deciding = [f for f in findings if f.check.role in _DECIDING]
    promised = [*goals, *_of(findings, Role.GUARDRAIL)]
    borrowed = not at.decides or (at.goal_elsewhere and not at.final)
    if not (promised if borrowed else goals) or not at.sealed:
        return Rule.NOTHING_PROMISED, Action.HOLD, []
    if not at.decides:
        return Rule.ALL_SHOWN, Action.NO_OBJECTION, deciding
    return Rule.ALL_SHOWN, Action.SHIP if at.final else Action.ADVANCE, deciding


def _untrusted(findings: Sequence[Finding], rule: Rule, *, applies: bool) -> _Fired | None:
    doubts = [f for f in findings if f.check.role is Role.SANITY and not f.satisfied]
    return (rule, Action.HOLD, doubts) if applies and doubts else None


def _breached(findings: Sequence[Finding], at: Situation) -> _Fired | None:
    breached = [f for f in _of(findings, Role.GUARDRAIL) if f.standing is Standing.BREACH]
    if not breached:
        return None
    grave = [f for f in breached if not f.check.on_breach_hold]
    if not grave:
        return Rule.GUARDRAIL_BREACHED, Action.HOLD, breached
    call = Action.ROLL_BACK if at.exposed else Action.NO_SHIP
    return Rule.GUARDRAIL_BREACHED, call, grave


def _silent(findings: Sequence[Finding], at: Situation) -> _Fired | None:
    limit = at.max_silence_hours
    if not at.exposed or limit is None:
        return None
    silent = [f for f in _of(findings, Role.GUARDRAIL) if _silent_hours(f) > limit]
    return (Rule.SILENT, Action.ROLL_BACK, silent) if silent else None


def _silent_hours(finding: Finding) -> float:
    absent = finding.measured
    return (absent.silent_hours or 0.0) if isinstance(absent, Absent) else 0.0


def _refuted(findings: Sequence[Finding], at: Situation) -> _Fired | None:
    refuted = [f for f in _of(findings, Role.GOAL) if f.standing is Standing.BREACH]
    call = Action.NO_SHIP if at.decides else Action.HOLD
    return (Rule.GOAL_REFUTED, call, refuted) if refuted else None


def _unmet(findings: Sequence[Finding], at: Situation) -> _Fired | None:
    promised = [f for f in findings if f.check.role in (Role.GOAL, Role.GUARDRAIL)]
    unmet = [f for f in promised if not f.satisfied]
    if not unmet and not at.looks_spent:
        return None
    late = at.overdue or at.looks_spent
    return Rule.NEED_NOT_MET, at.at_deadline if late else Action.HOLD, unmet


def _of(findings: Sequence[Finding], role: Role) -> list[Finding]:
    return [f for f in findings if f.check.role is role]


def _missing(findings: Sequence[Finding]) -> tuple[Missing, ...]:
    return tuple(
        Missing(check=f.check.id, standing=f.standing, units=f.missing_units)
        for f in findings
        if f.check.role in _DECIDING and not f.satisfied
    )


def _unproven(finding: Finding) -> bool:
    check = finding.check
    return (
        check.role in (Role.GOAL, Role.GUARDRAIL)
        and check.need is Need.NOT_REFUTED
        and finding.standing in (Standing.OPEN, Standing.ABSENT)
    )
