"""Judged: what the contract of a case says of the files of a play."""

from pathlib import Path

from shipcall.contract.parse import contract_text as read_text
from shipcall.contract.parse import parse_contract
from shipcall.contract.seal import contract_digest
from shipcall.core import UsageError
from shipcall.practice.play import Play
from shipcall.practice.shelf import CONTRACT
from shipcall.release.history import Sealed
from shipcall.release.judge import Judgement, judge
from shipcall.release.sources import open_evidence, read_levels


def judge_play(play: Play, folder: Path) -> Judgement:
    """Let the engine judge a written play, as if its contract had been sealed beforehand.

    Raises:
        UsageError: If no contract judges this case.
        EvidenceError, ContractError: If the contract of the folder cannot be used.
    """
    case, path = play.case, folder / CONTRACT
    if case.stage is None or not path.exists():
        raise UsageError(f"no contract judges {case.slug}.")
    text = read_text(path)
    contract = parse_contract(text, file=path.name)
    sealed = Sealed(
        contract=contract,
        digest=contract_digest(contract),
        text=text,
        at=case.as_of,
        lints=(),
        levels=read_levels(contract, open_evidence(contract, folder)),
        after_evidence=False,
        amendments=(),
    )
    return judge(contract, case.stage, root=folder, as_of=case.as_of, sealed=sealed, entries=[])
