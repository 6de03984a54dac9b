"""Errors: everything this program raises on purpose.

    ShipcallError
    ├── UsageError       exit 2   arguments, or a command that does not fit the workspace
    ├── ContractError    exit 2   faults of a contract, all at once
    ├── EvidenceError    exit 3   evidence that cannot be read as what it claims to be
    └── LedgerError      exit 4   a ledger or a signature that does not verify

Anything else that reaches the door is our fault and exits with 1.
"""

from dataclasses import dataclass


class ShipcallError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(ShipcallError):
    """Arguments that make no sense, or a command that does not fit what is there."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, with place, what was seen, what was expected and a fix."""

    file: str
    line: int | None = None
    column: int | None = None
    code: str
    """Stable, such as E102."""
    title: str
    """Three or four words: "unknown key"."""
    seen: str
    expected: str
    fix: str
    source: str = ""
    """The line of the file, for the caret."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        text = [f"{place}: {self.code} {self.title}", f"  seen:     {self.seen}"]
        text.append(f"  expected: {self.expected}")
        if self.source and self.line is not None:
            margin = f"{self.line:>6} | "
            text.append(f"{margin}{self.source}")
            text.append(" " * (len(margin) + max((self.column or 1) - 1, 0)) + "^")
        text.append(f"  fix:      {self.fix}")
        return "\n".join(text)


class _FaultsError(ShipcallError):
    """Carries every fault that was found, not only the first."""

    def __init__(self, faults: list[Fault] | tuple[Fault, ...]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n\n".join(str(fault) for fault in self.faults))


class ContractError(_FaultsError):
    """A contract that cannot be used."""

    exit_code = 2


class EvidenceError(_FaultsError):
    """Evidence that cannot be read as what it claims to be."""

    exit_code = 3


class LedgerError(ShipcallError):
    """A ledger or a signature that does not verify."""

    exit_code = 4
