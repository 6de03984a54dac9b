"""Promised: the error rates of a contract in sentences, and how likely a call was."""

from collections.abc import Mapping, Sequence
from typing import Any

Facts = Mapping[str, Any]

OF_SHIP = (
    "If any requirement that had to be shown does not hold, the chance of SHIP over {looks} and "
    "{attempts} is at most {alpha:g}."
)
OF_NOTHING = (
    "Checks that only had to be not refuted carry no such promise; they are listed as not proven."
)
OF_BLOCK = (
    "If every guardrail holds, the chance that one of them refuses the release is at most "
    "{block:g}."
)
OF_HARM = (
    "While every guardrail is inside its margin, the chance that a breach ever rolls the release "
    "back is at most {harm:g}, over {attempts}."
)
OF_GOALS = (
    "While every promised gain is there, the chance that a goal is ever refuted is at most "
    "{block:g}."
)
OF_COVERAGE = (
    "Each interval holds at all looks at once: the chance that it ever misses the effect on the "
    "units so far is at most its two error levels together."
)
OF_THE_RAMP = (
    "ADVANCE carries no error bound: before the last share nothing has to be shown, only not "
    "refuted. Silence, sanity and people may hold or roll back beyond these rates."
)
OF_OBJECTION = (
    "If every guardrail holds, the chance that a breach asks for a roll back over {looks} and "
    "{attempts} is at most {harm}."
)
OF_PEOPLE = "NO OBJECTION carries no error bound: this stage lets nothing pass."
ANY_LOOKS = "any number of looks"


def promised_view(facts: Facts, feasibility: str = "") -> dict[str, Any]:
    """Say which error rates were promised, in sentences, and how likely a call was."""
    if facts["stage"] == "rollout":
        text = ramp_text(facts["risk"])
    elif facts["stage"] == "cohort":
        text = people_text(facts)
    else:
        family = [f["check"]["family"] for f in facts["findings"] if f["check"]["family"]]
        text = promised_text(facts["risk"], family)
    if facts["unproven"]:
        text.append(OF_NOTHING)
    if feasibility:
        text.append(feasibility)
    return {**facts["risk"], "text": text}


def promised_text(risk: Facts, family: Sequence[Facts]) -> list[str]:
    """Put the error rates of a stage before exposure into sentences.

    Args:
        risk: The contract's [risk].
        family: The family of each check that belongs to one.
    """
    text = [
        OF_SHIP.format(
            looks=_count(risk["looks"], "look"),
            attempts=_count(risk["attempts"], "attempt"),
            alpha=risk["alpha"],
        ),
        OF_BLOCK.format(block=risk["block"]),
    ]
    if family:
        text.append(
            f"Slices share {family[0]['breach_at']:g} of that, jointly over "
            f"{_count(len(family), 'slice')} ({family[0]['method']})."
        )
    return text


def ramp_text(risk: Facts) -> list[str]:
    """Put the error rates of a rollout into sentences; they hold at any number of looks.

    Args:
        risk: The contract's [risk].
    """
    attempts = _count(risk["attempts"], "attempt")
    return [
        OF_SHIP.format(looks=ANY_LOOKS, attempts=attempts, alpha=risk["alpha"]),
        OF_HARM.format(harm=risk["harm"], attempts=attempts),
        OF_GOALS.format(block=risk["block"]),
        OF_COVERAGE,
        OF_THE_RAMP,
    ]


def people_text(facts: Facts) -> list[str]:
    """Put the error rates of a stage that may only object into sentences.

    Args:
        facts: As recorded; what a breach may cost is the sum of the levels of its guardrails.
    """
    risk = facts["risk"]
    checks = [finding["check"] for finding in facts["findings"]]
    levels = [check["breach_at"] for check in checks if check["role"] == "guardrail"]
    harm = sum(levels) * risk["looks"] * risk["attempts"]
    looks, attempts = _count(risk["looks"], "look"), _count(risk["attempts"], "attempt")
    return [
        OF_OBJECTION.format(harm=f"{harm:.4g}", looks=looks, attempts=attempts),
        OF_PEOPLE,
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
