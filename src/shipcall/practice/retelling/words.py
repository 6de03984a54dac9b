"""Words: the text held against signs, the rule to carry, the clause for work, and what is next."""

from shipcall.practice.play import Play
from shipcall.practice.retelling.part import Part, part
from shipcall.practice.scoring.score import DUE_DAYS, ReasonScore, Score
from shipcall.practice.timeline import Account

CARRY = "Which one rule do you carry on? One sentence, in your own words."


def text_part(play: Play, account: Account, score: Score) -> Part:
    """Show which signs of a sound reason the text holds, each with the person's own sentence."""
    told, scored = play.case.telling, score.reason
    signs = _signs(scored) if scored else []
    there = sum(bool(sign["found"]) for sign in signs)
    return part(
        "text",
        "Your words",
        [
            f"{there} of {len(signs)} signs were found. A sign is a hint, not a grade: read your "
            "text beside the strong answer and decide yourself."
            if scored
            else "You wrote no reason. Say the strong answer aloud in your own words."
        ],
        given=scored is not None,
        asks=told.asks,
        yours=account.sheet.reason,
        words=scored.words if scored else 0,
        signs=signs,
        criteria=[one.text for one in told.criteria],
        weak=told.weak,
        strong=told.strong,
        follow_ups=list(told.follow_ups),
    )


def _signs(scored: ReasonScore) -> list[Part]:
    return [
        {"sign": sign, "found": found, "quote": scored.quotes.get(sign)}
        for sign, found in scored.found.items()
    ]


def carry_part(play: Play) -> Part:
    """Ask for one rule; the one of the case stands beside it."""
    return part("carry", "One rule to carry", [CARRY], suggestion=play.case.debrief.rule)


def work_part(play: Play) -> Part:
    """Give the clause of a contract that catches this, and three questions of work."""
    told = play.case.debrief
    clause = told.clause.strip()
    return part(
        "work",
        "At work",
        [
            "This clause of a contract catches it; copy it into yours."
            if clause
            else "No clause of a contract catches this: it takes somebody who asks."
        ],
        clause=f"{clause}\n" if clause else "",
        ethics=told.ethics,
        data_source=told.data_source,
        sales=told.sales,
    )


def next_part(play: Play, score: Score) -> Part:
    """Say when the same archetype comes back: another drawing, never these numbers again."""
    grade = score.decision.grade
    days = DUE_DAYS[grade]
    return part(
        "next",
        "What is next",
        [f"The same kind of case, freshly drawn, in {days} days: trap or twin, nobody knows."],
        case=play.case.id,
        slug=play.case.slug,
        due_days=days,
        grade=grade,
    )
