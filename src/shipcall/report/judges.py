"""Judges: how far those who compared answers can be believed, in lines of text."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from shipcall.report.cohort import PLAIN, SHARE, Unit, absent, said
from shipcall.report.text import wrapped
from shipcall.report.words import counted, whole

_WIDTH = 76
_LABEL = 24
DOUBLED = Unit(100.0 * math.log(2.0), 1, " pp")
"""From a slope on the logarithm of the quotient of lengths to what twice the length goes with."""


def judge_lines(exhibits: Mapping[str, Any]) -> list[str]:
    """Write the cards of judges and people; a part of which nothing is known says why.

    Args:
        exhibits: As the gate gives them, in plain form.

    Returns:
        Lines of at most 80 columns, empty where nobody compared answers.
    """
    shown = exhibits.get("preferences")
    if not shown:
        return []
    lines = ["Who compared the answers, with 95 % intervals; cards move no call."]
    for card in shown["judges"]:
        head = f"judge {card['rater']}: {asked_text(card)}"
        lines += ["", *wrapped(head, _WIDTH), *_lines(_judged(card))]
    if shown["unshown"]:
        lines += ["", f"{counted(shown['unshown'], 'more judge')} with fewer comparisons"]
    rates = shown.get("rates")
    if rates:
        told = ((rate_name(one), said(one, SHARE)) for one in rates)
        lines += ["", "How often the candidate wins, both orders alike", *_lines(told)]
    people = shown.get("people")
    if people:
        many = people["raters"]
        head = f"{whole(many)} {'person' if many == 1 else 'people'}: {asked_text(people)}"
        lines += ["", head, *_lines(_by_people(people))]
    return lines


def rate_name(rate: Mapping[str, Any]) -> str:
    """Say whose win rate it is: "judges say", "people say", "corrected"."""
    return "corrected" if rate["of"] == "corrected" else f"{rate['of']} say"


def asked_text(card: Mapping[str, Any]) -> str:
    """Say how much a rater was asked: "3,000 comparisons of 1,500 items"."""
    return f"{counted(card['comparisons'], 'comparison')} of {counted(card['items'], 'item')}"


def _judged(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kappa = said(card["agreement"], PLAIN)
    if not absent(card["agreement"]):
        beside = f"of {counted(card['beside_people'], 'item')}"
        kappa = f"kappa {kappa}, {said(card['agreed'], SHARE)} alike, {beside}"
    yield "agrees with people", kappa
    yield from _habits(card)


def _by_people(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    alpha = said(card["alpha"], PLAIN)
    yield "agree with each other", alpha if absent(card["alpha"]) else f"alpha {alpha}"
    yield from _habits(card)


def _habits(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "same in both orders", said(card["swap"], SHARE)
    if not absent(card["again"]):
        yield "same when asked again", said(card["again"], SHARE)
    yield "first answer wins", said(card["position"], SHARE)
    yield "at twice the length", said(card["length"], DOUBLED, signed=True)
    yield "gave no usable answer", said(card["invalid"], SHARE)


def _lines(parts: Iterator[tuple[str, str]]) -> Iterator[str]:
    for label, text in parts:
        first, *more = wrapped(text, _WIDTH - _LABEL)
        yield f"  {label:<{_LABEL}}{first}"
        yield from (" " * (_LABEL + 2) + line for line in more)
