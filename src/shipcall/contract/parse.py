"""Parse: from a file to a contract, or to every fault of the file at once.

    text -> tables (syntax) -> sections (shape) -> sense (promises, course) -> Contract

A file is read to the end: a fault in one place does not hide the faults in another.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shipcall.contract import course, promises
from shipcall.contract.contract import Contract
from shipcall.contract.faults import FaultList, fault_at
from shipcall.contract.idle import judge_idle
from shipcall.contract.positions import scan
from shipcall.contract.shape import shape
from shipcall.contract.syntax import foreign, read_tables, too_deep
from shipcall.core.errors import ContractError

MOST_BYTES = 1_000_000
"""A contract is read by people; a greater file is something else."""

_RULES: tuple[Callable[[Contract, FaultList], None], ...] = (
    course.judge_release,
    promises.judge_metrics,
    promises.judge_checks,
    promises.judge_slices,
    promises.judge_silence,
    course.judge_evidence,
    course.judge_shadow,
    course.judge_rollout,
    course.judge_predictions,
    course.judge_exploratory,
    judge_idle,
)
_START = "start from a template: shipcall new ranker | classifier | llm | regressor"


def read_contract(path: Path) -> Contract:
    """Read a contract from a file.

    Args:
        path: A TOML file in UTF-8 of at most `MOST_BYTES` bytes.

    Raises:
        ContractError: With every fault of the file.
    """
    return parse_contract(contract_text(path), file=str(path))


def contract_text(path: Path) -> str:
    """The text of a contract file, without byte order mark, line ends as they are.

    Raises:
        ContractError: If the file is not there, not a file, too large, or not UTF-8.
    """
    file = str(path)
    try:
        content = _content(path, file)
    except FileNotFoundError:
        raise _unread(file, "no such file", f"check the name, or {_START}") from None
    except (OSError, ValueError) as error:
        raise _unread(file, f"{error}", "make the file readable") from None
    return _decoded(content, file)


def parse_contract(text: str, *, file: str) -> Contract:
    """Read a contract from its text.

    Args:
        text: TOML; a byte order mark and Windows line ends are accepted.
        file: Name of the file, for the faults.

    Raises:
        ContractError: With every fault of the text.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if len(text) > MOST_BYTES:
        raise _too_large(file)
    if not any(line.strip() and line.strip()[0] != "#" for line in text.splitlines()):
        raise _unread(file, "an empty file", _START)
    positions = scan(text)
    hopeless = too_deep(positions, file=file) or foreign(text, file=file)
    if hopeless is not None:
        raise ContractError([hopeless])
    tables, broken, unreadable = read_tables(text, positions, file=file)
    faults = FaultList(file=file, positions=positions, unreadable=unreadable)
    faults.faults.extend(broken)
    if tables is None:
        raise ContractError(faults.in_order())
    contract = judge_tables(tables, faults)
    if faults.faults:
        raise ContractError(faults.in_order())
    return contract


def judge_tables(tables: Mapping[str, Any], faults: FaultList) -> Contract:
    """Judge tables as TOML reads them.

    Args:
        tables: Plain data.
        faults: Receives every fault.

    Returns:
        The contract; where there were faults, one that is good for nothing.
    """
    contract = shape(tables, faults)
    for rule in _RULES:
        rule(contract, faults)
    return contract


def _content(path: Path, file: str) -> bytes:
    if path.is_dir():
        raise _unread(file, "a directory", "name the contract in it: release.toml")
    if path.exists() and not path.is_file():
        raise _unread(file, "neither a file nor a directory", "name a file")
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _decoded(content: bytes, file: str) -> str:
    if len(content) > MOST_BYTES:
        raise _too_large(file)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        seen = f"byte 0x{content[error.start]:02x} in line {before.count(10) + 1} is not UTF-8"
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            seen = "UTF-16"
        raise _unread(file, seen, "save the file as UTF-8") from None


def _too_large(file: str) -> ContractError:
    return _unread(
        file,
        f"more than {MOST_BYTES:,} bytes",
        "name the contract, not the evidence; a contract fits on a few pages",
    )


def _unread(file: str, seen: str, fix: str) -> ContractError:
    fault = fault_at(
        file, "E002", None, seen=seen, expected="a contract: a TOML file in UTF-8", fix=fix
    )
    return ContractError([fault])
