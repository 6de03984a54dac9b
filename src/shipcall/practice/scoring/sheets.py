"""Sheets: the one door of scoring: a play, the answers and the panels in, every score out.

Acts (the call, the trigger) are valued under all panels of the case, because looking is part of
deciding. Beliefs (causes, claims, forecast) are held against the panels that were opened, because
whether they were the right panels is scored apart.
"""

from collections.abc import Sequence

from shipcall.core import UsageError
from shipcall.practice.belief import believed, log_likelihoods
from shipcall.practice.play import Play
from shipcall.practice.scoring.answers import faults_of, unanswered
from shipcall.practice.scoring.causes import causes_score
from shipcall.practice.scoring.claims import claim_scores
from shipcall.practice.scoring.contracts import contract_score
from shipcall.practice.scoring.decision import decision_score
from shipcall.practice.scoring.estimates import estimate_score
from shipcall.practice.scoring.forecasts import forecast_score
from shipcall.practice.scoring.looking import looking_score
from shipcall.practice.scoring.reasons import reason_score
from shipcall.practice.scoring.score import Score
from shipcall.practice.scoring.sizes import size_score
from shipcall.practice.scoring.triggers import trigger_score
from shipcall.practice.sheet import Sheet


def score_sheet(
    play: Play, sheet: Sheet, opened: Sequence[str], *, contract_worlds: int = 0
) -> Score:
    """Score everything on a sheet; what was left open is named, and never counted as right.

    The same play, sheet and panels give the same score.

    Args:
        play: The play.
        sheet: The answers, as they were locked.
        opened: Panels in the order in which they were opened.
        contract_worlds: Worlds on which a written contract is executed, about a second each.

    Raises:
        UsageError: With everything that is wrong with the sheet.
    """
    case, looked = play.case, list(dict.fromkeys(opened))
    if faults := faults_of(case, sheet, looked):
        raise UsageError("this sheet cannot be scored:\n" + "\n".join(f"  {f}" for f in faults))
    logs = log_likelihoods(play)
    there = believed(play, looked, logs=logs)
    everywhere = believed(play, [panel.name for panel in case.panel], logs=logs)
    looking = looking_score(play, looked)
    decision = decision_score(play, sheet.option, looked, best=looking.best, logs=logs)
    return Score(
        decision=decision,
        causes=causes_score(play, sheet.causes, there, looking),
        claims=claim_scores(play, sheet.claims, there),
        forecast=forecast_score(play, case.forecast, sheet.forecast, there),
        trigger=trigger_score(play, case.trigger, sheet.trigger, everywhere),
        size=size_score(case.size, sheet.size),
        looking=looking,
        contract=contract_score(play, sheet.contract, worlds=contract_worlds),
        reason=reason_score(play, sheet.reason),
        estimate=estimate_score(sheet.estimate, decision),
        unanswered=unanswered(case, sheet),
    )
