"""Account: what the person did, told back before anything else is told; and its own estimate."""

from shipcall.core import plain
from shipcall.practice.language import Case
from shipcall.practice.play import Play
from shipcall.practice.retelling.part import Part, clock, part, percent
from shipcall.practice.scoring.score import Score
from shipcall.practice.timeline import Account, Step

_DID = {
    "began": "began",
    "opened": "opened",
    "answered": "answered",
    "hinted": "took a hint",
    "paused": "paused",
    "locked": "locked the sheet",
    "retried": "tried a second time",
    "revealed": "revealed",
}


def account_part(play: Play, account: Account, score: Score) -> Part:
    """Tell the steps with their times, and the sheet as it was locked."""
    case, sheet = play.case, account.sheet
    spent = sum(step.minutes for step in account.steps)
    return part(
        "account",
        "What you did",
        [
            _called(case, sheet.option),
            (
                f"You opened {len(account.opened)} of {len(case.panel)} panels, for {spent:g} of "
                f"{case.looking:g} evidence-minutes."
            ),
            "The clock ran out and locked the sheet as it was." if account.ran_out else "",
            f"Left open: {', '.join(score.unanswered)}." if score.unanswered else "",
        ],
        steps=[_step(case, step) for step in account.steps],
        sheet=plain(sheet),
        second=None if account.second is None else plain(account.second),
        minutes=spent,
        looking=case.looking,
        ran_out=account.ran_out,
        unanswered=list(score.unanswered),
    )


def _called(case: Case, option: str | None) -> str:
    if option is None:
        return "You made no call."
    taken = case.option_of(option)
    return f"You called {taken.call.value}: {taken.title}."


def _step(case: Case, step: Step) -> Part:
    titles = {panel.name: panel.title for panel in case.panel}
    told = titles.get(step.what, step.what) if step.did == "opened" else step.what
    return {
        "at": clock(step.seconds),
        "seconds": step.seconds,
        "did": step.did,
        "what": step.what,
        "minutes": step.minutes,
        "text": f"{_DID[step.did]} {told}".strip(),
    }


def estimate_part(account: Account, score: Score) -> Part:
    """Hold what the person thought of its own call against what was lost."""
    title, lost = "What you thought of your call", score.decision.loss_share
    said, scored = account.sheet.estimate, score.estimate
    if said is None or scored is None:
        told = "You gave no estimate of your own loss. Give one next time: knowing when you are"
        return part("estimate", title, [f"{told} wrong is a skill of its own."], given=False)
    came = "It was so." if scored.so else "It was not so."
    below = percent(said.loss_below)
    return part(
        "estimate",
        title,
        [
            f"You gave {percent(said.probability)} to losing less than {below} of the stake.",
            f"You lost {percent(lost)}. {came}",
        ],
        given=True,
        loss_below=said.loss_below,
        probability=said.probability,
        loss_share=lost,
        so=scored.so,
        brier=scored.brier,
    )
