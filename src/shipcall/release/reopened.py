"""Reopened: the evidence of a recorded verdict, opened again only while it is what it was.

Looking closer at evidence that was judged is no further look: it is the same evidence. So nothing
is shown once a file, or the contract that says how to read it, is another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shipcall.contract.contract import Contract
from shipcall.contract.plan import Plan
from shipcall.contract.seal import contract_digest, levels_from
from shipcall.core import Check, EvidenceError
from shipcall.data.evidence import Evidence
from shipcall.data.plan import Request
from shipcall.ledger.entry import Entry
from shipcall.release.promise import promise
from shipcall.release.sources import open_evidence
from shipcall.stages import STAGES
from shipcall.stages.gate import statistics_plan

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """Why the rows behind a verdict cannot be shown."""

    code: str
    """gone, changed, amended, unreadable, none."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened:
    """The evidence behind a verdict, with the plan that it was held against."""

    evidence: Evidence
    plan: Plan

    def check(self, name: str) -> Check:
        """Give a check of the plan by its id."""
        return next(check for check in self.plan.checks if check.id == name)

    def request(self, check: Check) -> Request | None:
        """Ask for the metric of one check on its slice; None where nothing is summed for it."""
        if check.metric not in self.plan.measures:
            return None
        found = statistics_plan(replace(self.plan, checks=(check,))).requests
        return replace(found[0], influence=True) if found else None


def reopen(
    contract: Contract, facts: Facts, *, root: Path, entries: list[Entry]
) -> Reopened | Closed:
    """Open the evidence of a recorded verdict again.

    Args:
        contract: The contract as it judges now.
        facts: The recorded verdict.
        root: Folder of the contract.
        entries: The ledger.

    Returns:
        The evidence, or why it may not be shown. Its files have been hashed: their digests are
        those of the verdict.
    """
    if contract_digest(contract) != facts["contract"]["sha256"]:
        return Closed(
            code="amended",
            why="The contract was changed after this verdict; judge again to see the rows.",
        )
    stage = STAGES[facts["stage"]]
    recorded = {table["format"]: table["sha256"] for table in facts["evidence"]}
    if not recorded:
        return Closed(code="none", why="No evidence had been brought when this was judged.")
    try:
        evidence = open_evidence(contract, root, stage.reads)
        return _compared(evidence, recorded) or Reopened(
            evidence=evidence,
            plan=promise(contract, stage, evidence, _levels(facts), facts["as_of"], entries),
        )
    except EvidenceError as wrong:
        return Closed(code="unreadable", why=f"The evidence cannot be read: {wrong}")


def _levels(facts: Facts) -> Any:
    return None if facts["levels"] is None else levels_from(facts["levels"])


def _compared(evidence: Evidence, recorded: Mapping[str, str]) -> Closed | None:
    digests = evidence.digests()
    gone = sorted(set(recorded) - set(digests))
    if gone:
        return Closed(code="gone", why=f"No file of {', '.join(gone)} is there any more.")
    changed = sorted(name for name in digests if recorded.get(name) != digests[name])
    if changed:
        return Closed(
            code="changed",
            why=f"The files of {', '.join(changed)} are not those that were judged: their hash is "
            "another. Restore them, or judge again.",
        )
    return None
