"""Queue: all cases together: who wins the mixed queue, who games it, and how many cases tell.

Only in the mixed queue do always-the-same players lose: on one case somebody who always holds may
be right more often than not.
"""

import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from shipcall.core import Action, ShipcallError
from shipcall.practice.bots import best_option, calls_of_bots, option_for
from shipcall.practice.files import write_files
from shipcall.practice.judged import judge_play
from shipcall.practice.ladder import losses
from shipcall.practice.language import Case
from shipcall.practice.laws import Floats
from shipcall.practice.play import Play, draw_play
from shipcall.practice.redraw import redrawn

GAMES = ("always hold", "always roll back", "always go on", "by the name of the case")
"""Players who look at nothing. The last one takes what is best before looking, case by case."""
HOLDS = (Action.HOLD,)
BACK = (Action.ROLL_BACK, Action.NO_SHIP)
ON = (Action.ADVANCE, Action.SHIP)
WORK = "work verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Losses of every player on the same plays of every case."""

    cases: Sequence[str]
    """Id of the case of each play."""
    losses: Mapping[str, Floats]
    """Player -> share of the stake lost, shape (plays,); nan where it was not there."""

    def mean(self, who: str) -> float:
        """Mean loss in a queue in which every case is as frequent."""
        lost, names = self.losses[who], np.array(self.cases)
        every = [np.nanmean(lost[names == case]) for case in dict.fromkeys(self.cases)]
        return float(np.nanmean(every))


def gaming_calls(play: Play) -> dict[str, str]:
    """Say what each of GAMES does; where a case has no such call, what is best before looking."""
    case, blind = play.case, best_option(play, [])
    return {
        "always hold": _first(case, HOLDS) or blind,
        "always roll back": _first(case, BACK) or blind,
        "always go on": _first(case, ON) or blind,
        "by the name of the case": blind,
    }


def _first(case: Case, calls: Sequence[Action]) -> str | None:
    named = [option.name for option in case.option if option.call in calls]
    return named[0] if named else None


def table_of(plays: Sequence[Play], count: int, *, seed: int) -> Table:
    """Let bots and gamers play every case many times.

    Args:
        plays: One play of each case.
        count: Plays of each case.
        seed: Of the redrawing.
    """
    cases: list[str] = []
    lost: dict[str, list[float]] = {}
    for play in plays:
        for one in redrawn(play, count, seed=seed):
            cases.append(play.case.id)
            for who, loss in losses(one, calls_of_bots(one) | gaming_calls(one)).items():
                lost.setdefault(who, []).append(loss)
    return Table(cases=cases, losses={who: np.array(values) for who, values in lost.items()})


def judged_losses(case: Case, count: int, *, seed: int) -> tuple[Floats, Mapping[str, int]]:
    """Let the contract of a case judge the files of some plays.

    Args:
        case: A case with a contract.
        count: Plays; each writes its files into a folder that goes away.
        seed: Of the first play; the others follow.

    Returns:
        Share of the stake that the contract's verdict loses, shape (plays,), nan where it could
        not be had; and how often it made each call.
    """
    lost = np.full(count, np.nan)
    calls: dict[str, int] = {}
    for number in range(count):
        play = draw_play(case, seed + number)
        call = _judged(play)
        calls[call] = calls.get(call, 0) + 1
        option = option_for(case, call)
        if option is not None:
            lost[number] = losses(play, {WORK: option})[WORK]
    return lost, calls


def _judged(play: Play) -> str:
    with tempfile.TemporaryDirectory(prefix="shipcall-ladder-") as folder:
        try:
            write_files(play, Path(folder))
            return judge_play(play, Path(folder)).verdict.call.value
        except ShipcallError as wrong:
            return f"no verdict: {type(wrong).__name__}"


def cases_to_tell(better: Floats, worse: Floats, *, sure: float = 0.9) -> float:
    """How many different cases are needed until the better player has the lower mean loss.

    Each plays cases of its own, drawn from the same queue; the difference of the means is taken
    as normal, which is fair from about ten cases on.

    Args:
        better: Losses of one player, shape (plays,).
        worse: Losses of the other.
        sure: Chance that the order comes out right.

    Returns:
        Cases for each of the two; infinite where the first is not better.
    """
    better, worse = better[~np.isnan(better)], worse[~np.isnan(worse)]
    gap = float(worse.mean() - better.mean())
    if gap <= 0:
        return math.inf
    spread = float(better.var(ddof=1) + worse.var(ddof=1))
    return math.ceil(max(1.0, spread * float(special.ndtri(sure)) ** 2 / gap**2))
