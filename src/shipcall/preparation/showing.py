"""Showing: pieces of one's own work as Markdown, each with where it comes from.

A piece says that it is practice, what it was held against, and what was not met as well as what
was. It holds no grade and no sum, and nothing that says what a person is worth.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shipcall.practice.portfolio import escaped, quoted

View = Mapping[str, Any]
HEAD = (
    "Pieces I chose from what I wrote while practising with shipcall. Products and numbers in them "
    "are invented unless a piece says otherwise. No program graded them; where something was "
    "computed or read by somebody, it says by which rule or by whom."
)


def portfolio(pieces: Sequence[str]) -> str:
    """Put pieces of Markdown together under one head.

    Args:
        pieces: Each with a heading of its own.
    """
    return "\n\n---\n\n".join([f"# Portfolio\n\n{HEAD}", *(one.strip() for one in pieces)]) + "\n"


def answer_piece(view: View, rated: Sequence[View], levels: Sequence[str]) -> str:
    """Write an answer to a question with everything its readers found and did not find.

    Args:
        view: Of the question, with its newest answer.
        rated: Levels that readers found in it.
        levels: Names of the levels, from the lowest.
    """
    answer = view["answer"]
    minutes = f", {answer['seconds'] / 60:.0f} minutes" if answer["seconds"] else ", time not taken"
    first = "" if view["place"] == 1 else " A strong answer had been shown to me before."
    blocks = [
        f"# {escaped(view['asks'])}",
        f"Answer {view['place']}, locked on {answer['at'][:10]}{minutes}.{first}",
        "\n".join(quoted(answer["text"])),
    ]
    readings = [_reading(one, view["criteria"]) for one in view["readings"]]
    blocks += readings or ["Nobody has read it against the criteria."]
    named = (
        f"{levels[one['level'] - 1]} on {one['rubric']}, as {one['reader']} read it"
        for one in rated
    )
    blocks += ["\n".join(f"* {escaped(one)}" for one in named)] if rated else []
    return "\n\n".join(blocks)


def _reading(reading: View, criteria: Sequence[View]) -> str:
    says = {one["id"]: one["says"] for one in criteria}
    who = "myself" if reading["reader"] == "self" else reading["reader"]
    lines = [f"Read by {escaped(who)}:", ""]
    for one in reading["met"]:
        found = "; ".join(f"“{escaped(quote)}”" for quote in one["quotes"]) or "not met"
        lines.append(f"* {escaped(says.get(one['criterion'], one['criterion']))} {found}")
    return "\n".join(lines)


def story_piece(view: View) -> str:
    """Write a story of one's own, with what a listener would still ask."""
    told = [
        f"**{one['part']}**: {escaped(one['says'])}" for one in view["parts"] if one["says"].strip()
    ]
    asked = [f"* {escaped(one['part'])}: {escaped(one['why'])}" for one in view["lints"]]
    blocks = [f"# {escaped(view['title'] or view['id'])}", "A story of my own.", *told]
    if asked:
        blocks.append("\n".join(["Still to be asked:", "", *asked]))
    return "\n\n".join(blocks)


def form_piece(name: str, at: str, held: View) -> str:
    """Write a form that was answered, with all that was computed from it."""
    blocks = [
        f"# Form: {name}",
        f"Answered on {at[:10]}; scored by `shipcall practice form {name}`.",
    ]
    if "answer" in held:
        blocks += ["My answer:", _fenced(held["answer"])]
    return "\n\n".join([*blocks, "What was computed:", _fenced(held["score"])])


def simulation_piece(view: View) -> str:
    """Write a simulation that was answered, with its clock and everything that was found."""
    clock = {"untimed": "without a clock", "within": "within the clock", "over": "over the clock"}
    again = "; this drawing was answered before" if view["repeat"] else ""
    return "\n\n".join(
        [
            f"# Simulation: {view['name']}",
            f"Seed {view['seed']}, {view['at'][:10]}, {clock[view['clock']['kept']]}{again}.",
            "My answer:",
            "\n".join(quoted(view["answer"])),
            "What was computed:",
            _fenced(view["score"]),
        ]
    )


def contract_piece(text: str, view: View) -> str:
    """Write a contract with its lints."""
    lints = [f"* {one['code']}: {escaped(one['title'])}" for one in view["lints"]]
    found = "\n".join(lints) or "No lint."
    head = f"# Contract: {escaped(view['release']['id'])}"
    return "\n\n".join([head, _block("toml", text), "Lints of `shipcall check`:", found])


def _fenced(held: Any) -> str:
    return _block("json", json.dumps(held, indent=1, ensure_ascii=False, sort_keys=True))


def _block(language: str, text: str) -> str:
    """A fence that is longer than any within."""
    fence = "`" * 3
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"
