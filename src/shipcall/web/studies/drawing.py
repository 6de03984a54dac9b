"""Drawing: the pictures of a study with their numbers, and what its template puts together."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from shipcall.report.designer import between, designer_rows, designer_svg
from shipcall.report.strengths import ranks_svg, strength_rows, strengths_svg
from shipcall.report.studies import StudyTable, cell_text, study_tables
from shipcall.report.studies_charts import study_svg
from shipcall.report.words import ANSWERS, significant
from shipcall.web.page import Chart, Charts, Drawn, View

_OPTION = re.compile(r"--[a-z][a-z-]*")


def study_charts(view: View, drawn: Drawn) -> Charts:
    """Draw the pictures of a study; a cascade has its designer first, strengths their ranks."""
    del drawn
    study = view["study"]
    if not study:
        return {}
    charts: dict[str, Chart] = {}
    designer = designer_svg(study)
    if designer is not None:
        rows = designer_rows(study)
        charts["designer"] = Chart(title="against the threshold", svg=designer, rows=rows)
    for name, svg in (("strengths", strengths_svg(study)), ("ranks", ranks_svg(study))):
        if svg is not None:
            charts[name] = Chart(title=name, svg=svg, rows=strength_rows(study))
    for chart in study["charts"]:
        rows = list(_points(chart))
        charts[chart["name"]] = Chart(title=chart["title"], svg=study_svg(chart), rows=rows)
    return charts


def study_pieces(view: View) -> Mapping[str, Any]:
    """Put what the template of a study needs together."""
    named = _named_field(view)
    open_ = _open(view) if view["study"] else []
    around = {"open": open_, "named": named, "first": [f for f in view["fields"] if f["first"]],
              "more": [f for f in view["fields"] if not f["first"]]}  # fmt: skip
    study = view["study"]
    if not study:
        return around
    return {
        **around,
        "tables": _tables(view),
        "tested": _tested(study),
        "banded": any(
            p["low"] is not None
            for c in study["charts"]
            for line in c["lines"]
            for p in line["points"]
        ),
        "designed": _designed(view) if view["name"] == "cascade" else None,
    }


def _points(chart: View) -> Iterator[dict[str, Any]]:
    for line in chart["lines"]:
        for point in line["points"]:
            ends = {name: point[name] for name in ("x", "y", "low", "high")}
            yield {"line": line["title"], **ends}
    for mark in chart["marks"]:
        yield {"line": mark["title"], "x": mark["x"], "y": None, "low": None, "high": None}


def _named_field(view: View) -> str:
    """The field beside which a message stands: the first whose option it speaks of."""
    fields = {field["option"]: field["name"] for field in view["fields"]}
    named = _OPTION.findall(view["message"] or view["again"])
    return next((fields[option] for option in named if option in fields), "")


def _open(view: View) -> list[View]:
    """Fields that would answer a question that is open."""
    named = _OPTION.findall(" ".join(view["study"]["questions"]))
    return [field for field in view["fields"] if field["option"] in named]


def _tables(view: View) -> list[tuple[StudyTable, list[Any]]]:
    """Every table as text, and for each row where it leads; what tiles show needs no table."""
    study = view["study"]
    found = []
    for table, written in zip(study["tables"], study_tables(study), strict=True):
        if table["name"] == "chosen":
            continue
        leads = view["name"] == "cascade" and table["name"] == "settings"
        found.append((written, [_link(view, row) for row in table["rows"]] if leads else []))
    return found


def _link(view: View, row: View) -> dict[str, Any] | None:
    at = row["threshold"]
    if isinstance(at, str):
        return None
    here = view["query"].get("threshold", "") == repr(float(at))
    return {"to": (_moved(view, at) or {})["to"], "here": here}


def _tested(study: View) -> list[dict[str, str]]:
    """What was tested, and whether some threshold was shown to keep it."""
    table = next((t for t in study["tables"] if t["name"] == "tested"), None)
    said = []
    for row in table["rows"] if table else ():
        at = row.get("threshold")
        shown = at is not None and at != "none was shown"
        text = f"shown at {cell_text(at, {'unit': ''})}" if shown else "no threshold was shown"
        said.append({"claim": row["claim"], "text": text, "shown": shown, "mark": ANSWERS["OPEN"]})
    return said


def _designed(view: View) -> dict[str, Any] | None:
    """The threshold that is looked at, its neighbours, and what was measured there."""
    study = view["study"]
    places = sorted(between(study))
    if len(places) < 2:
        return None
    tables = {table["name"]: table for table in study["tables"]}
    chosen = tables["chosen"]["rows"][0] if "chosen" in tables else None
    at = chosen["threshold"] if chosen else None
    middle = places[len(places) // 2]
    return {
        "at": at,
        "text": significant(at, 6) if at is not None else "",
        "low": places[0],
        "high": places[-1],
        "value": middle if at is None else at,
        "middle": _moved(view, middle),
        "less": _moved(view, max((p for p in places if at is not None and p < at), default=None)),
        "more": _moved(view, min((p for p in places if at is not None and p > at), default=None)),
        "others": [(name, text) for name, text in view["query"].items() if name != "threshold"],
        "tiles": _tiles(tables["chosen"]["columns"], chosen) if chosen else [],
    }


def _moved(view: View, threshold: float | None) -> dict[str, str] | None:
    """Where a link to another threshold leads, and how it is called."""
    if threshold is None:
        return None
    query = {**view["query"], "threshold": repr(float(threshold))}
    return {"to": f"/studies/cascade?{urlencode(query)}#designer",
            "text": significant(threshold, 6)}  # fmt: skip


def _tiles(columns: list[View], row: View) -> list[dict[str, Any]]:
    """Every number at the threshold, with its interval and, for a difference, what it says."""
    tiles = []
    for column in columns[1:]:
        cell = row[column["name"]]
        absent = not isinstance(cell, dict) or "value" not in cell
        value, _, ends = ("" if absent else cell_text(cell, column)).partition(" ")
        unit = {"share": "pp" if column["difference"] else "%"}.get(column["unit"], column["unit"])
        tiles.append(
            {
                "title": column["title"],
                "value": f"{value} {unit}".strip() if value else "",
                "ends": ends,
                "why": cell["detail"] if absent else "",
                "mark": ANSWERS["ABSENT"] if absent else _mark(cell, column),
            }
        )
    return tiles


def _mark(cell: View, column: View) -> Any:
    """A difference whose interval holds 0 is none that anybody can tell."""
    low, high = cell["low"], cell["high"]
    if not column["difference"] or cell["census"]:
        return None
    holds = (low is None or low <= 0) and (high is None or high >= 0)
    return ANSWERS["OPEN"] if holds else None
