"""Told: the debrief as a page: twelve parts in their order, with their pictures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shipcall.app.practise_kept import portfolio_text, round_of
from shipcall.core import UsageError
from shipcall.report.practice.beside import beside_svg, fan_svg
from shipcall.report.practice.readings import panel_table
from shipcall.report.practice.replays import replays_svg
from shipcall.report.practice.rungs import ladder_svg, path_svg, weights_svg
from shipcall.web.page import Asked, Chart, Charts, Drawn, View
from shipcall.web.practice.acts import ROUND, play_address
from shipcall.web.practice.halls import hall_of
from shipcall.web.practice.play import lined

TONES = {
    "best": ("pass", "●"),
    "good": ("pass", "●"),
    "inaccuracy": ("open", "◆"),
    "mistake": ("fail", "■"),
    "blunder": ("fail", "■"),
}
"""Grade -> colour and shape."""


def debrief_page(root: Path, asked: Asked) -> View:
    """Tell a play that was revealed, and how its round of spot decisions goes on.

    Raises:
        UsageError: While it is not revealed.
    """
    hall, play = hall_of(root), asked["play"]
    view = hall.shown(play, play_address(play, asked, "debrief"))
    if view["kind"] == "practice_waiting":
        return {**view, "heading": "Debrief"}
    demand_told(view)
    done = [one for one in asked.get("round", "").split(".") if one]
    plays = done if play in done else [*done, play]
    several = int(asked["of"]) if asked.get("of", "").isdecimal() else 0
    return {
        **lined(view),
        "heading": view["debrief"]["case"]["title"],
        "of": several,
        "plays": plays,
        "round": round_of(hall.room, plays),
        "carried": {name: asked[name] for name in ROUND if asked.get(name)},
    }


def debrief_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall practice resume ID --json` gives, of a play that was revealed."""
    return demand_told(hall_of(root).view(asked["play"]))


def portfolio_file(root: Path, asked: Asked) -> str:
    """Give what `shipcall practice portfolio ID FILE` writes."""
    return portfolio_text(debrief_twin(root, asked))


def demand_told(view: View) -> View:
    """Give the view of a debrief on.

    Raises:
        UsageError: If it is none: the truth belongs to nobody before the reveal.
    """
    if view["kind"] != "practice_debrief":
        raise UsageError(f"play {view['id']} was not revealed. Lock it, then reveal it.")
    return view


def debrief_pieces(view: View) -> Mapping[str, Any]:
    """Put what the template needs together."""
    if view["kind"] != "practice_debrief":
        return {}
    parts = {one["key"]: one for one in view["debrief"]["parts"]}
    sides = [
        {**side, "table": panel_table({**side, "name": side["role"]})}
        for side in parts["trap"]["sides"]
    ]
    return {
        "parts": parts,
        "ordered": view["debrief"]["parts"],
        "sides": sides,
        "steps": _steps(parts["account"]["steps"]),
        "tones": TONES,
        "do": play_address(view["id"], {}),
    }


def _steps(steps: Sequence[View]) -> list[View]:
    """Leave out answers that were given again later: on a page every change is kept."""
    last = {step["what"]: place for place, step in enumerate(steps) if step["did"] == "answered"}
    return [
        step
        for place, step in enumerate(steps)
        if step["did"] != "answered" or last[step["what"]] == place
    ]


def debrief_charts(view: View, drawn: Drawn) -> Charts:
    """Draw what can be drawn of this play."""
    del drawn
    if view["kind"] != "practice_debrief":
        return {}
    parts = {one["key"]: one for one in view["debrief"]["parts"]}
    made = {name: draw(parts) for name, draw in _CHARTS.items()}
    return {name: chart for name, chart in made.items() if chart is not None}


Parts = Mapping[str, View]


def _ladder(parts: Parts) -> Chart | None:
    rows = parts["ladder"]["rows"]
    return Chart(title="ladder", svg=ladder_svg(rows), rows=_only(rows, _LADDER))


def _evidence(parts: Parts) -> Chart | None:
    rows = parts["evidence"]["rows"]
    return Chart(title="evidence", svg=weights_svg(rows), rows=rows)


def _belief(parts: Parts) -> Chart | None:
    titles = {row["panel"]: row["title"] for row in parts["evidence"]["rows"]}
    path = parts["evidence"]["path"]
    return Chart(title="belief", svg=path_svg(path, titles), rows=path)


def _causes(parts: Parts) -> Chart | None:
    rows = parts["causes"]["rows"]
    return Chart(title="causes", svg=beside_svg(rows, "Causes"), rows=rows)


def _claims(parts: Parts) -> Chart | None:
    rows = parts["causes"]["claims"]
    if not rows:
        return None
    return Chart(title="claims", svg=beside_svg(rows, "Statements"), rows=rows)


def _forecast(parts: Parts) -> Chart | None:
    told = parts["forecast"]
    if not told["given"]:
        return None
    svg = fan_svg(told["bins"], told["realised"], told["unit"])
    return Chart(title="forecast", svg=svg, rows=told["bins"])


def _trigger(parts: Parts) -> Chart | None:
    told = parts["trigger"]
    if not told["given"] or not told["curve"]:
        return None
    svg = replays_svg(told["curve"], told["rule"], told["unit"])
    return Chart(title="trigger", svg=svg, rows=told["curve"])


def _only(rows: Sequence[View], names: Sequence[str]) -> list[View]:
    return [{name: row[name] for name in names} for row in rows]


_LADDER = ("who", "you", "call", "option", "title", "loss", "loss_share")
_CHARTS: Mapping[str, Callable[[Parts], Chart | None]] = {
    "ladder": _ladder,
    "evidence": _evidence,
    "belief": _belief,
    "causes": _causes,
    "claims": _claims,
    "forecast": _forecast,
    "trigger": _trigger,
}
