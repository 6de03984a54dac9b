"""Shelf: where practice begins, and the table of what it has told about a person so far."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shipcall.app.practise_kept import cases, me
from shipcall.report.practice.habits import good_strip, rating_svg, said_svg
from shipcall.web.page import Asked, Chart, Charts, Drawn, View
from shipcall.web.practice.halls import hall_of
from shipcall.web.practice.told import TONES


def shelf_page(root: Path, asked: Asked) -> View:
    """List the cases, what is due and what goes on: as `shipcall practice list --json`."""
    del asked
    return cases(hall_of(root).room)


def shelf_pieces(view: View) -> Mapping[str, Any]:
    """Say which case is due, and what each was graded last."""
    last = {one["case"]: one for one in sorted(view["finished"], key=lambda one: str(one["at"]))}
    return {"overdue": {one["case"] for one in view["due"]}, "last": last, "tones": TONES}


def me_page(root: Path, asked: Asked) -> View:
    """Give the tracker, as `shipcall practice me --json`."""
    del asked
    return me(hall_of(root).room)


def me_pieces(view: View) -> Mapping[str, Any]:
    """Draw the interval of good calls beside every row."""
    parts = {one["key"]: one for one in view["parts"]}
    told = parts["archetypes"]
    rows = [*told.get("rows", ()), *told.get("stages", ())]
    strips = {row["key"]: good_strip(row["good"], str(row["title"])) for row in rows}
    return {"parts": parts, "strips": strips, "tones": TONES}


def me_charts(view: View, drawn: Drawn) -> Charts:
    """Draw calibration and rating, as far as there is anything to draw."""
    del drawn
    parts = {one["key"]: one for one in view["parts"]}
    charts: dict[str, Chart] = {}
    bins = parts["calibration"].get("bins", [])
    if bins:
        charts["calibration"] = Chart(title="calibration", svg=said_svg(bins), rows=bins)
    rating = parts["rating"]
    svg = rating_svg(rating.get("history", []), rating.get("bots", []))
    if svg is not None:
        charts["rating"] = Chart(title="rating", svg=svg, rows=rating["history"])
    return charts
