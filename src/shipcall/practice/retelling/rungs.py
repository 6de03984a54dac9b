"""Rungs: what every call was worth on the evidence, and what fixed players lost on it."""

from shipcall.practice.bots import calls_of_bots, option_for
from shipcall.practice.ladder import losses
from shipcall.practice.language import Case
from shipcall.practice.play import Play
from shipcall.practice.points import worths
from shipcall.practice.retelling.part import Part, part, percent, points
from shipcall.practice.scoring.score import Decision, Score
from shipcall.practice.timeline import Account

YOU, SECOND = "you", "your second try"


def ladder_part(play: Play, account: Account, score: Score, verdict: str | None) -> Part:
    """Put the person on the ladder of bots, and tell decision, luck and hindsight apart.

    Args:
        play: The play.
        account: What the person did.
        score: What it scored.
        verdict: Call of the contract on the files of the play, "HOLD"; None: nobody judged them.
    """
    decision, case = score.decision, play.case
    stands_for = option_for(case, verdict) if verdict else None
    return part(
        "ladder",
        "What the call was worth on the evidence",
        [
            _lost(case, decision),
            _doubted(decision),
            _looking(decision),
            _luck(decision),
            f"The contract said {verdict}, for which this case has no option."
            if verdict and not stands_for
            else "",
        ],
        options=_options(play, decision),
        rows=_rows(play, account, decision, stands_for),
        best=decision.best,
        option=decision.option,
        loss=decision.loss,
        stake=decision.stake,
        loss_share=decision.loss_share,
        grade=decision.grade,
        losses=dict(decision.losses),
        as_looked=decision.as_looked,
        in_minutes=decision.in_minutes,
        luck=decision.luck,
        hindsight=decision.hindsight,
        verdict=verdict,
        unit=case.points,
    )


def _options(play: Play, decision: Decision) -> list[Part]:
    so = worths(play.case, play.points)[:, play.setting.truth]
    return [
        {
            "name": option.name,
            "title": option.title,
            "call": option.call.value,
            "expected": decision.expected[option.name],
            "as_it_was": float(worth),
            "yours": option.name == decision.option,
            "best": option.name == decision.best,
        }
        for option, worth in zip(play.case.option, so, strict=True)
    ]


def _rows(play: Play, account: Account, decision: Decision, stands_for: str | None) -> list[Part]:
    """List everybody from the least loss to the largest; the person before bots of equal loss."""
    calls = calls_of_bots(play, stands_for)
    if account.second is not None and account.second.option is not None:
        calls[SECOND] = account.second.option
    lost = losses(play, calls)
    rows = [_row(play.case, YOU, decision.option, decision.loss_share, decision.stake)]
    rows += [_row(play.case, who, calls[who], share, decision.stake) for who, share in lost.items()]
    return sorted(rows, key=lambda row: float(row["loss_share"]))


def _row(case: Case, who: str, option: str | None, share: float, stake: float) -> Part:
    taken = None if option is None else case.option_of(option)
    return {
        "who": who,
        "option": option,
        "title": taken.title if taken else "no call",
        "call": taken.call.value if taken else None,
        "loss": share * stake,
        "loss_share": share,
        "you": who in (YOU, SECOND),
    }


def _lost(case: Case, decision: Decision) -> str:
    best = case.option_of(decision.best).title
    if decision.option is None:
        return f"No call counts as the worst there is: all of {points(decision.stake)}."
    if decision.grade == "best":
        return f"On everything the case could show, no call was worth more: {best}."
    return (
        f"On everything the case could show, “{best}” was worth {points(decision.loss)} more than "
        f"your call: {percent(decision.loss_share)} of the stake. That is graded as "
        f"{_article(decision.grade)} {decision.grade}."
    )


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _doubted(decision: Decision) -> str:
    """Say how the three views differ, where the difference changes what the call is called."""
    lost, least = decision.loss_share, min(decision.losses.values())
    if lost > 0.08 and least <= 0.08:
        kind = min(decision.losses, key=lambda name: decision.losses[name])
        return (
            f"Somebody with the {kind} view of how common the states are would have lost "
            f"{percent(least)} with it, so it is not called a mistake."
        )
    return ""


def _looking(decision: Decision) -> str:
    return (
        f"Held against the panels you opened, your call lost {percent(decision.as_looked)}; the "
        f"best reader of the best panels for the minutes would lose {percent(decision.in_minutes)} "
        "here."
    )


def _luck(decision: Decision) -> str:
    if decision.option is None:
        return ""
    return (
        f"Luck, apart: it brought {_more(decision.luck)} the call was worth on the evidence. "
        f"Hindsight, apart: the best option for what was so would have brought "
        f"{points(decision.hindsight)} more. Neither is rated."
    )


def _more(luck: float) -> str:
    if abs(luck) < 0.05:
        return "what"
    return f"{points(abs(luck))} {'more' if luck > 0 else 'less'} than"
