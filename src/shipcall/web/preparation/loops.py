"""Loops: rounds as articles claim them, a rehearsal of one, and the committee over what came."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app import prepare_loops
from shipcall.core import UsageError
from shipcall.report.preparing import packets_svg
from shipcall.web.address import address_of
from shipcall.web.page import Action, Asked, Chart, Charts, Drawn, Page, View
from shipcall.web.preparation.desks import desk_of, now, turn, whole

REHEARSAL = "/prepare/rehearsal"
LOOP = "/prepare/loop/{id}"
SOURCES = {
    "S0": "an article about product work with models at a company that makes games",
    "S1": "an article about interviews of those who own machine-learned products",
    "S2": "an article that sets interviews for such work apart from others",
    "S3": "an article about how such work came to be",
    "S4": "an article about interviews on sense for products and design",
}
"""Short name of an article -> what it is about, in our words."""


def said_by(claimed: str) -> str:
    """Say in words who claims a loop.

    Args:
        claimed: "S4:53", or whatever its file says.

    Examples:
        >>> said_by("S3:7")
        'an article about how such work came to be (S3, line 7)'
    """
    source, _, line = claimed.partition(":")
    return f"{SOURCES[source]} ({source}, line {line})" if source in SOURCES else claimed


def loops_page(root: Path, asked: Asked) -> View:
    """List the loops."""
    del root, asked
    return prepare_loops.loops_view()


def loops_pieces(view: View) -> Mapping[str, Any]:
    """Put loops of one company beside each other."""
    companies: dict[str, list[View]] = {}
    for one in view["loops"]:
        companies.setdefault(one["company"], []).append(one)
    return {
        "companies": companies,
        "said": {
            one["claimed_by"]: said_by(one["claimed_by"])
            for one in (*view["loops"], *view["claims"])
        },
    }


def loop_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice loop ID --show --json` gives."""
    del root
    known = [one["id"] for one in prepare_loops.loops_view()["loops"]]
    if asked["id"] not in known:
        raise UsageError(
            f"no loop {asked['id']!r}. There are: {', '.join(known)}. "
            "A file of your own is rehearsed in the terminal: shipcall practice loop FILE"
        )
    return prepare_loops.loop_view(asked["id"])


def loop_page(root: Path, asked: Asked) -> View:
    """Show one loop, beside those of the same company that say otherwise."""
    view = loop_twin(root, asked)
    others = [prepare_loops.loop_view(name) for name in view["conflicts"]]
    return {**view, "variants": [view, *others]}


def loop_pieces(view: View) -> Mapping[str, Any]:
    """Say in words who claims what."""
    claims = [one["claimed_by"] for one in view["variants"]]
    return {
        "said": {claim: said_by(claim) for claim in claims},
        "do": address_of("prepare", "loop", view["id"]),
    }


def rehearsal_page(root: Path, asked: Asked) -> View:
    """Show the newest rehearsal, as `shipcall practice loop --now --json` does."""
    del asked
    return prepare_loops.rehearsal_view(desk_of(root))


def rehearsal_pieces(view: View) -> Mapping[str, Any]:
    """Say how far every round is, and what the committee may be told by now."""
    packets = {one["name"]: one for one in view["committee"]["packets"]}
    rounds = [
        {
            **one,
            "place": place,
            "packet": packets[one["name"]],
            "waiting": [q for q in one["questions"] if not q["answered"]],
            "unread": [q for q in one["questions"] if not q["read"]],
        }
        for place, one in enumerate(view["rounds"])
    ]
    return {
        "parts": rounds,
        "whole": not view["committee"]["unread"],
        "said": said_by(view["claimed_by"]),
    }


def rehearsal_charts(view: View, drawn: Drawn) -> Charts:
    """Draw the packets once one round was read."""
    del drawn
    packets = view["committee"]["packets"]
    if not any(one["criteria"] for one in packets):
        return {}
    return {"packets": Chart(title="packets", svg=packets_svg(packets), rows=packets)}


def begin(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Draw the questions of a rehearsal."""
    seed = form.get("seed", "").strip()
    loop_twin(root, asked)
    with turn():
        prepare_loops.loop_begun(
            desk_of(root), asked["id"], seed=whole(seed, what="seed") if seed else None
        )
    return REHEARSAL


def enter(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Begin a round: its clock, and its first question that was not answered yet."""
    del asked
    rounds = prepare_loops.rehearsal_view(desk_of(root))["rounds"]
    place = whole(form["round"], what="round")
    if place >= len(rounds):
        raise UsageError(f"the rehearsal has {len(rounds)} rounds.")
    waiting = [one["id"] for one in rounds[place]["questions"] if not one["answered"]]
    if not waiting:
        return REHEARSAL
    at = now() if form.get("clock") else 0
    clock = f"&clock={at}&began={at}" if at else ""
    return f"{address_of('prepare', 'question', waiting[0])}?round={place}&again=1{clock}"


PAGES: tuple[Page, ...] = (
    Page(
        path="/prepare/loops",
        title="Loops",
        template="prepare_loops.html.j2",
        view=loops_page,
        more=loops_pieces,
        nav="practice",
    ),
    Page(
        path=LOOP,
        title="{company}: {id}",
        template="prepare_loop.html.j2",
        view=loop_page,
        twin=loop_twin,
        more=loop_pieces,
        nav="practice",
    ),
    Page(
        path=REHEARSAL,
        title="Rehearsal: {company}",
        template="prepare_rehearsal.html.j2",
        view=rehearsal_page,
        more=rehearsal_pieces,
        charts=rehearsal_charts,
        nav="practice",
    ),
)
ACTIONS: tuple[Action, ...] = (
    Action(path=f"{LOOP}/begin", act=begin),
    Action(path=f"{REHEARSAL}/enter", act=enter, fields=("round",)),
)
