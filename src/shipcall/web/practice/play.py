"""Play: the page of a case before the reveal: story, clock, panels, sheet. No truth in it."""

from collections.abc import Mapping
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from shipcall.report.practice.beside import bin_titles
from shipcall.report.practice.readings import panel_table, readings_rows, readings_svg
from shipcall.web.address import address_of
from shipcall.web.page import Asked, Chart, Charts, Drawn, View
from shipcall.web.practice.acts import ROUND, play_address, refusals
from shipcall.web.practice.fields import fields_of
from shipcall.web.practice.halls import hall_of

TITLES = {
    "contract": "A contract of your own, before you look",
    "call": "Your call",
    "causes": "How likely is each cause?",
    "claims": "How likely is each statement?",
    "forecast": "Where will the number lie?",
    "trigger": "A rule that rolls back by itself",
    "size": "How many are needed?",
    "estimate": "How much does your call lose?",
    "why": "Your message to the team",
}
"""Part -> its title, in the order of the page."""
ORDER = tuple(TITLES)
WIDE = ("contract", "call", "why")
"""Parts that take the whole width of the sheet."""


def play_page(root: Path, asked: Asked) -> View:
    """Show a play as it stands; what was typed and is no answer yet comes back with it."""
    hall, play = hall_of(root), asked["play"]
    view = hall.shown(play, play_address(play, asked))
    carried = {name: asked[name] for name in ROUND if asked.get(name)}
    if view["kind"] != "practice_desk":
        go = view.get("go") or play_address(play, asked, "debrief")
        return {"kind": "practice_waiting", "id": play, "go": go, "heading": "Practice"}
    why, typed = refusals(hall, view, asked)
    return {
        **lined(view),
        "heading": view["case"]["title"],
        "panel": asked.get("panel", ""),
        "lock": asked.get("lock", ""),
        "carried": carried,
        "refused": why,
        "typed": typed,
    }


def play_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice resume ID --json` gives."""
    return hall_of(root).view(asked["play"])


def play_charts(view: View, drawn: Drawn) -> Charts:
    """Draw every panel that lies open and has intervals."""
    del drawn
    if view["kind"] != "practice_desk":
        return {}
    pictures = [(panel, readings_svg(panel)) for panel in view["seen"]]
    return {
        panel["name"]: Chart(title=panel["title"], svg=svg, rows=readings_rows(panel))
        for panel, svg in pictures
        if svg is not None
    }


def play_pieces(view: View) -> Mapping[str, Any]:
    """Put what the template needs together: panels as tables, parts with their fields."""
    if view["kind"] != "practice_desk":
        return {}
    panels = [{**one, "table": panel_table(one)} for one in view["seen"]]
    names = [one["name"] for one in panels]
    every = view["mode"] == "spot" or view["panel"] == "all"
    here = view["panel"] if view["panel"] in names else (names[-1] if names else "")
    return {
        "do": address_of("practice", "play", view["id"]),
        "shown": panels if every else [one for one in panels if one["name"] == here],
        "panel": "all" if every else here,
        "sheet": [
            _part(part, letter, view)
            for letter, part in zip(
                ascii_uppercase,
                sorted(view["parts"], key=lambda one: ORDER.index(one["part"])),
                strict=False,
            )
        ],
        "going": view["phase"] in ("open", "retrying"),
    }


def _part(part: View, letter: str, view: View) -> dict[str, Any]:
    name = part["part"]
    fields = fields_of(part) | {k: v for k, v in view["typed"].items() if _belongs(k, name)}
    return {
        **part,
        "letter": letter,
        "title": TITLES[name],
        "wide": name in WIDE,
        "fields": fields,
        "refused": view["refused"].get(name, ""),
        "open": name in view["unanswered"],
        "lines": _lines(part, fields),
    }


def _belongs(field: str, part: str) -> bool:
    return field.split(".", maxsplit=1)[0] == part


def _lines(part: View, fields: Mapping[str, str]) -> list[dict[str, str]]:
    """The numbers that are drawn as bars: causes, claims, bins."""
    if part["part"] in ("causes", "claims"):
        titles = [one["title"] for one in part["asked"]]
    elif part["part"] == "forecast":
        titles = bin_titles(part["asked"])
    else:
        return []
    return [
        {"field": field, "title": title, "typed": typed}
        for (field, typed), title in zip(fields.items(), titles, strict=True)
    ]


def lined(thing: Any) -> Any:
    """Copy a view in which a text of several lines is `{"text": …}`: its line breaks stay."""
    if isinstance(thing, str):
        return {"text": thing} if "\n" in thing else thing
    if isinstance(thing, Mapping):
        if set(thing) == {"text"}:
            return dict(thing)
        return {name: lined(value) for name, value in thing.items()}
    return [lined(value) for value in thing] if isinstance(thing, list) else thing
