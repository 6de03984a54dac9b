"""Exercises: a model card to annotate, a lineage graph to repair; drawn, shown, scored."""

import secrets
from typing import Any

from shipcall.core import UsageError, plain
from shipcall.practice.annotation import (
    CARDS,
    draw_card,
    read_marks,
    reveal_card,
    score_card,
    view_card,
)
from shipcall.practice.lineage import (
    GRAPHS,
    draw_graph,
    read_edges,
    reveal_graph,
    score_graph,
    view_graph,
)

View = dict[str, Any]


def exercises() -> View:
    """List the cards and graphs that come along."""
    return {"kind": "exercises", "cards": CARDS.names(), "graphs": GRAPHS.names()}


def begun(name: str | None, seed: int | None) -> View:
    """Draw an exercise and show it, without its answers.

    Args:
        name: Name of a card or graph; None takes any.
        seed: The same drawing again; None draws a new one.

    Raises:
        UsageError: If there is none of this name.
    """
    number = secrets.randbelow(2**32) if seed is None else seed
    known = [*CARDS.names(), *GRAPHS.names()]
    chosen = name or secrets.choice(known)
    if chosen in CARDS.names():
        shown = view_card(draw_card(CARDS.load(chosen), number))
        return {"kind": "card", "seed": number, **shown}
    if chosen in GRAPHS.names():
        shown = view_graph(draw_graph(GRAPHS.load(chosen), number))
        return {"kind": "lineage", "seed": number, **shown}
    raise UsageError(f"no exercise {chosen!r}. There are: {', '.join(known)}.")


def told(name: str, seed: int, answer: str) -> View:
    """Score an answer and reveal what was so.

    Args:
        name: Name of the card or graph.
        seed: Of the drawing.
        answer: Lines: "4 leak" for a card, "a -> b" for all edges of a graph.

    Raises:
        UsageError: If the answer cannot be read.
    """
    if name in CARDS.names():
        card = draw_card(CARDS.load(name), seed)
        score = plain(score_card(card, read_marks(card, answer)))
        return {"kind": "card_told", "slug": name, "score": score, **reveal_card(card)}
    graph = draw_graph(GRAPHS.load(name), seed)
    score = plain(score_graph(graph, read_edges(graph, answer)))
    return {"kind": "lineage_told", "slug": name, "score": score, **reveal_graph(graph)}
