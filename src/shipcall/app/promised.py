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
ANY_LOOKS = "any number of looks"


def promised_view(facts: Facts, feasibility: str = "") -> dict[str, Any]:
    """Say which error rates were promised, in sentences, and how likely a call was."""
    if facts.get("progress"):
        text = ramp_text(facts["risk"])
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


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
