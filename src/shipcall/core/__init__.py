"""The nouns and the one fold. Standard library only.

contract --plan--> Check ... --examine(evidence)--> Finding ... --decide--> Verdict
                   promised                         measured                called
"""

from shipcall.core.call import Call
from shipcall.core.canonical import canonical_bytes, digest, plain
from shipcall.core.check import Bar, Check, Estimand, Family, Need, Role, Slice
from shipcall.core.errors import (
    ContractError,
    EvidenceError,
    Fault,
    LedgerError,
    ShipcallError,
    UsageError,
)
from shipcall.core.estimate import Absent, Estimate, Measured, Tails, Validity
from shipcall.core.finding import Arms, Finding, Standing, examined, judge
from shipcall.core.reasons import Reason
from shipcall.core.verdict import Action, Missing, Rule, Situation, Verdict, decide

__all__ = [
    "Absent",
    "Action",
    "Arms",
    "Bar",
    "Call",
    "Check",
    "ContractError",
    "Estimand",
    "Estimate",
    "EvidenceError",
    "Family",
    "Fault",
    "Finding",
    "LedgerError",
    "Measured",
    "Missing",
    "Need",
    "Reason",
    "Role",
    "Rule",
    "ShipcallError",
    "Situation",
    "Slice",
    "Standing",
    "Tails",
    "UsageError",
    "Validity",
    "Verdict",
    "canonical_bytes",
    "decide",
    "digest",
    "examined",
    "judge",
    "plain",
]
