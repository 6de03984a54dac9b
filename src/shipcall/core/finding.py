"""Finding: a check, what was measured, and where that stands to the bar."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shipcall.core.check import Check, Need
from shipcall.core.estimate import Absent, Estimate, Measured, Validity
from shipcall.core.reasons import Reason


class Standing(StrEnum):
    """Where a measurement stands to its bar. People read: pass, can't tell, fail, no data."""

    CLEAR = "CLEAR"
    OPEN = "OPEN"
    BREACH = "BREACH"
    ABSENT = "ABSENT"

    @property
    def words(self) -> str:
        """The answer as people read it."""
        return {
            Standing.CLEAR: "pass",
            Standing.OPEN: "can't tell",
            Standing.BREACH: "fail",
            Standing.ABSENT: "no data",
        }[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """The values of the two models behind a difference: context, never held against a bar."""

    baseline: float
    candidate: float


def judge(check: Check, measured: Measured) -> Standing:
    """Say where a measurement stands to the bar of its check.

    Raises:
        ValueError: If the interval is looser than the check promised, or valid for one look
            where any number of looks was promised.
    """
    if isinstance(measured, Absent):
        return Standing.ABSENT
    _refuse_looser(check, measured)
    bar = check.bar
    if measured.low >= bar.low and measured.high <= bar.high:
        return Standing.CLEAR
    if measured.high < bar.low or measured.low > bar.high:
        return Standing.BREACH
    return Standing.OPEN


def _refuse_looser(check: Check, estimate: Estimate) -> None:
    if estimate.census:
        return
    if check.validity is Validity.ANYTIME and estimate.validity is Validity.FIXED:
        raise ValueError(
            f"check {check.id!r} was promised for any number of looks; "
            f"{estimate.method!r} holds for one."
        )
    promised = check.tails
    slack = 1 + 1e-9
    if estimate.tails.low > promised.low * slack or estimate.tails.high > promised.high * slack:
        raise ValueError(
            f"check {check.id!r} was promised at error levels {tuple(promised)}; "
            f"{estimate.method!r} came with {tuple(estimate.tails)}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was measured for one check."""

    check: Check
    measured: Measured
    arms: Arms | None = None
    missing_units: int | None = None
    """About how many more units would clear the bar if the estimate stayed where it is."""
    note: str = ""
    """One sentence that a reader of the number needs: "below chance: check the harness"."""

    @property
    def standing(self) -> Standing:
        """Where the measurement stands to the bar."""
        return judge(self.check, self.measured)

    @property
    def satisfied(self) -> bool:
        """Is the need of the check met? Absent evidence never meets one."""
        standing = self.standing
        if self.check.need is Need.SHOWN:
            return standing is Standing.CLEAR
        return standing in (Standing.CLEAR, Standing.OPEN)


def examined(checks: Sequence[Check], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings into the promised order, one per promised check.

    A check without a finding becomes ABSENT: nothing that was promised may vanish.

    Raises:
        ValueError: On a finding nobody promised, or two findings for one check.
    """
    by_id: dict[str, Finding] = {}
    promised = {check.id: check for check in checks}
    if len(promised) != len(checks):
        raise ValueError("two checks of one plan have the same id")
    for finding in findings:
        if promised.get(finding.check.id) != finding.check:
            raise ValueError(f"finding for {finding.check.id!r}, which this plan did not promise")
        if finding.check.id in by_id:
            raise ValueError(f"two findings for check {finding.check.id!r}")
        by_id[finding.check.id] = finding
    return tuple(by_id.get(check.id) or _unexamined(check) for check in checks)


def _unexamined(check: Check) -> Finding:
    detail = f"check {check.id!r} has no finding"
    return Finding(check=check, measured=Absent(reason=Reason.NOT_EXAMINED, detail=detail))
