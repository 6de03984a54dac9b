"""Contracts: what a contract that somebody wrote would do to worlds of the case.

It is read and questioned as at work, then judged by the engine on files of as many traps as twins.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from shipcall.contract.lint import lint
from shipcall.contract.parse import parse_contract
from shipcall.core import Action, ContractError, ShipcallError
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.language import PRIORS
from shipcall.practice.play import WORLD_NAME, Play, rng_of
from shipcall.practice.points import prior, world_at
from shipcall.practice.scoring.score import ContractScore
from shipcall.practice.shelf import CONTRACT

PASSES = (Action.SHIP, Action.ADVANCE, Action.NO_OBJECTION)
"""Calls that let a release go on."""


def contract_score(play: Play, text: str | None, *, worlds: int = 0) -> ContractScore | None:
    """Read a contract, and run it on worlds of the case.

    Args:
        play: The play.
        text: The contract; None: none was written.
        worlds: How many to draw, half of them traps, half twins, about a second each; an odd one
            is left out. None is drawn where no stage of a contract judges the case.

    Returns:
        Without shares where it was not executed, or could not judge: then the faults say why. Read
        both shares together: a contract that always holds lets nothing bad pass, and nothing good.
    """
    if text is None:
        return None
    try:
        contract = parse_contract(text, file=CONTRACT)
    except ContractError as wrong:
        return _unjudged([str(fault) for fault in wrong.faults])
    lints = [f"{one.code} {one.title}: {one.fix}" for one in lint(contract, text=text)]
    each = worlds // 2 if play.case.stage else 0
    if not each:
        return _unjudged([], lints)
    try:
        traps, twins = (_passed(play, text, role, each) for role in ("trap", "twin"))
    except ShipcallError as wrong:
        return _unjudged([str(wrong)], lints)
    return ContractScore(
        faults=(),
        lints=tuple(lints),
        worlds=2 * each,
        ships_bad=traps,
        blocks_good=1.0 - twins,
    )


def _unjudged(faults: Sequence[str], lints: Sequence[str] = ()) -> ContractScore:
    return ContractScore(
        faults=tuple(faults), lints=tuple(lints), worlds=0, ships_bad=None, blocks_good=None
    )


def _passed(play: Play, text: str, role: str, count: int) -> float:
    """Share of worlds of one role that the contract lets go on."""
    passed = 0
    for one in _worlds(play, role, count):
        with tempfile.TemporaryDirectory() as folder:
            write_files(one, Path(folder), text)
            passed += judge_play(one, Path(folder)).verdict.call in PASSES
    return passed / count


def _worlds(play: Play, role: str, count: int) -> Iterator[Play]:
    """Draw other worlds of a role by the published chances; panels stay those of the play."""
    rng = rng_of(play.seed, "contract", role)
    chances = prior(play.points, PRIORS[0]) * [point.state.role == role for point in play.points]
    for truth in rng.choice(len(chances), size=count, p=chances / chances.sum()):
        seed = int(rng.integers(2**62))
        worlds = list(play.setting.worlds)
        point = play.points[int(truth)]
        worlds[int(truth)] = world_at(play.case, point, seed=seed, name=WORLD_NAME)
        setting = replace(play.setting, worlds=worlds, truth=int(truth))
        yield replace(play, seed=seed, setting=setting)
