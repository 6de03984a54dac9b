"""Drill: what the pages on slices, on one check and on calibration need beside their views."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from shipcall.app.calibration import calibration_view
from shipcall.app.drill import drill_view, recall_check
from shipcall.app.recalled import Recalled, recall
from shipcall.app.slices import (
    MOST_PICTURES,
    SORTS,
    SliceBook,
    recall_slices,
    slice_book,
    slices_view,
)
from shipcall.report.charts import gate_strip
from shipcall.report.cohort import absent
from shipcall.report.drill import WAYS, answers_of, groups_of, told_of, worth_text
from shipcall.report.gate import cut_sentences, discovered_sentence
from shipcall.report.reliability import (
    band_rows,
    curve_rows,
    reliability_rows,
    reliability_svg,
)
from shipcall.report.slice_map import map_rows, slice_map
from shipcall.report.slice_pictures import FEW, MANY, slice_picture_rows, slice_svgs
from shipcall.report.slices import correction_sentences, slice_rows
from shipcall.report.words import finding_sentence, several_metrics
from shipcall.web.address import address_of
from shipcall.web.page import Asked, Chart, Charts, Drawn, View
from shipcall.web.render import csv_text
from shipcall.web.work import begin

ASKED = ("stage", "rows", "unit", "sensitivity")
"""What a form may ask of one check."""


def check_link(release: str, stage: str) -> Callable[[str], str]:
    """Say where a check of a stage is told whole: a function from its id to the address."""
    return lambda check: f"{address_of('releases', release, 'check', check)}?stage={stage}"


def slices_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall slices FILE --json` gives."""
    recalled = recall_slices(root, asked["release"], asked.get("stage") or None)
    return slices_view(recalled, asked)


def slices_page(root: Path, asked: Asked) -> View:
    """Give the same with what stands around it, and the book in which its pictures are."""
    recalled = recall_slices(root, asked["release"], asked.get("stage") or None)
    view = slices_view(recalled, asked)
    book = slice_book(recalled) if view["kind"] == "slices" else None
    return {**view, "id": asked["release"], "around": recalled.page, "book": book}


def slices_file(root: Path, asked: Asked) -> str:
    """Write every number of the map as CSV; a verdict that is covered has none."""
    view = slices_twin(root, asked)
    return csv_text(map_rows(view.get("map", [])))


def slice_charts(view: View, drawn: Drawn) -> Charts:
    """Name every picture of the page by its column."""
    del drawn
    if view["kind"] != "slices":
        return {}
    book: SliceBook = view["book"]
    chosen = view["query"].get("column", "")
    together = book.read_together(chosen)
    numbers = slice_picture_rows(together)
    several = len({picture["metric"] for picture in view["pictures"]}) > 1
    return {
        _name(picture, several=several): Chart(
            title=f"by {picture['column']}",
            svg=book.drawn(picture["column"], picture["metric"]),
            rows=book.table(picture["column"], picture["metric"]),
        )
        for picture in view["pictures"]
    } | {
        name: Chart(title=name, svg=svg, rows=numbers[name])
        for name, svg in _together(together, chosen).items()
    }


def _together(together: View, chosen: str) -> Mapping[str, Markup]:
    return slice_svgs(together, most=MANY if chosen else FEW, cuts=MOST_PICTURES)


def _name(picture: Mapping[str, Any], *, several: bool) -> str:
    metric = f"{picture['metric']}-" if several else ""
    return f"{metric}{picture['column']}"


def slice_pieces(view: View) -> Mapping[str, Any]:
    """Draw what the template of the slices puts together."""
    link = check_link(view["id"], view["stage"])
    if view["kind"] != "slices":
        return {"link": link}
    book: SliceBook = view["book"]
    chosen = view["query"].get("column", "")
    together = book.read_together(chosen)
    return {
        "link": link,
        "sorts": SORTS,
        "several": several_metrics(view["rows"]),
        "correction": correction_sentences(view["correction"]),
        "together": _together(together, chosen),
        "said": [cut_sentences(cut) for cut in together["slices"][:MOST_PICTURES]],
        "found": _found(together),
        "map": slice_map(view["map"]),
        "pictures": [
            {"svg": book.drawn(p["column"], p["metric"], link), "left": p["left"]}
            for p in view["pictures"]
        ],
    }


def _found(together: View) -> str:
    """Say what a search for slices nobody named came to; empty where there was none."""
    found = together["discovered"]
    if not found:
        return ""
    return f"No data: {found['detail']}." if absent(found) else discovered_sentence(found)


def _recalled(root: Path, asked: Asked) -> Recalled:
    return recall_check(root, asked["release"], asked["check"], asked.get("stage") or None)


def check_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall drill FILE CHECK --json` gives."""
    return drill_view(_recalled(root, asked), asked["check"], asked)


def check_page(root: Path, asked: Asked) -> View:
    """Give the same with what stands around it."""
    recalled = _recalled(root, asked)
    view = drill_view(recalled, asked["check"], asked)
    return {**view, "id": asked["release"], "around": recalled.page}


def work_out(root: Path, asked: Asked, form: Mapping[str, str]) -> str:
    """Read rows or estimate by other ways while a person watches how far it is."""
    query = {name: form[name] for name in ASKED if form.get(name)}
    release, check = asked["release"], asked["check"]
    address = f"{address_of('releases', release, 'check', check)}?{urlencode(query)}"
    wanted = {"release": release, "check": check, **query}
    return begin(f"Looking into {check}", address, partial(_look, root, wanted))


def _look(root: Path, wanted: Asked, say: Callable[[str], None]) -> None:
    say("Reading the evidence that was judged")
    check_twin(root, wanted)


def check_charts(view: View, drawn: Drawn) -> Charts:
    """Draw the estimate on the axis of its own bar."""
    del drawn
    if view["kind"] != "drill":
        return {}
    finding = view["finding"]
    rows = slice_rows([finding])
    return {"interval": Chart(title="interval", svg=gate_strip(finding), rows=rows)}


def check_pieces(view: View) -> Mapping[str, Any]:
    """Put what the template of one check needs together."""
    if view["kind"] != "drill":
        return {}
    finding = view["finding"]
    return {
        "sentence": finding_sentence(finding),
        "groups": groups_of(finding),
        "told": told_of(finding),
        "ways": WAYS,
        "rows": [
            {
                "row": row,
                "worth": worth_text(row, finding),
                "answers": answers_of(row),
                **_looks(view),
            }
            for row in view["rows"]["rows"]
        ],
    }


_LOOKS: Mapping[str, Mapping[str, str]] = {
    "losses": {"tone": "fail", "shape": "\u25a0"},
    "wins": {"tone": "pass", "shape": "\u25cf"},
    "ties": {"tone": "none", "shape": "="},
    "lost": {"tone": "none", "shape": "\u25cb"},
}


def _looks(view: View) -> Mapping[str, str]:
    """Colour and shape of the rows: those of an answer only where one side is better."""
    sided = view["finding"]["better"] or view["rows"]["group"] in ("ties", "lost")
    return _LOOKS[view["rows"]["group"]] if sided else {"tone": "none", "shape": "\u25c7"}


def calibration_twin(root: Path, asked: Asked) -> View:
    """Give what `shipcall calibration FILE --json` gives."""
    return calibration_view(recall(root, asked["release"], "gate"), asked)


def calibration_page(root: Path, asked: Asked) -> View:
    """Give the same with what stands around it."""
    recalled = recall(root, asked["release"], "gate")
    return {
        **calibration_view(recalled, asked),
        "id": asked["release"],
        "around": recalled.page,
    }


def calibration_charts(view: View, drawn: Drawn) -> Charts:
    """Draw the reliability of both models."""
    del drawn
    if view["kind"] != "calibration" or not view["shown"]:
        return {}
    svg, rows = reliability_svg(view), reliability_rows(view)
    return {"reliability": Chart(title="reliability", svg=svg, rows=rows)}


def calibration_pieces(view: View) -> Mapping[str, Any]:
    """Give the template of the calibration what it needs beside the view."""
    seen = view["kind"] == "calibration"
    return {
        "link": check_link(view["id"], view["stage"]),
        "rows": reliability_rows(view) if seen else [],
        "band": band_rows(view) if seen else [],
        "steps": curve_rows(view) if seen else [],
    }
