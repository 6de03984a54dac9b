"""Debrief: your account, what was knowable, what was so, and one rule to carry on, in this order.

Everything is a plain dictionary, so that a terminal, a page and a file tell the same. It holds the
truth: it may be made only after the reveal.
"""

from typing import Any

from shipcall.core import plain
from shipcall.practice.play import Play
from shipcall.practice.retelling.account import account_part, estimate_part
from shipcall.practice.retelling.beliefs import causes_part, forecast_part, trigger_part
from shipcall.practice.retelling.rungs import ladder_part
from shipcall.practice.retelling.weights import evidence_part, trap_part
from shipcall.practice.retelling.words import carry_part, next_part, text_part, work_part
from shipcall.practice.scoring.score import Score
from shipcall.practice.timeline import Account

ONE_PLAY = (
    "One play says little about a person: how well somebody decides shows over dozens of different "
    "cases. What is lost here was lost by this call."
)


def debrief(
    play: Play, account: Account, score: Score, *, verdict: str | None = None
) -> dict[str, Any]:
    """Tell a play back in twelve parts.

    Args:
        play: The play, with its truth.
        account: What the person did, with the sheet as it was locked.
        score: What `score_sheet` said of that sheet and the panels that were opened.
        verdict: Call of the contract on the files of the play, "HOLD"; None: nobody judged them.

    Returns:
        `case`, `note` and `parts`: a list of twelve, each with `number`, `key`, `title`, `says`
        (sentences) and what its key holds. The same play, account and score give the same bytes.
    """
    parts = [
        account_part(play, account, score),
        estimate_part(account, score),
        ladder_part(play, account, score, verdict),
        evidence_part(play, account, score),
        causes_part(play, account, score),
        forecast_part(play, score),
        trigger_part(play, account, score),
        trap_part(play, account),
        text_part(play, account, score),
        carry_part(play),
        work_part(play),
        next_part(play, score),
    ]
    case = play.case
    told: dict[str, Any] = plain(
        {
            "case": {
                "id": case.id,
                "slug": case.slug,
                "title": case.title,
                "points": case.points,
                "stage": case.stage,
            },
            "parts": [{"number": n} | one for n, one in enumerate(parts, start=1)],
            "note": ONE_PLAY,
        }
    )
    return told
