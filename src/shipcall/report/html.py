"""HTML: one file that reports a verdict: no script, nothing from elsewhere, under 300 KB."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from shipcall.report import words
from shipcall.report.charts import Forest, forest, gate_strip
from shipcall.report.curve import chance_curve
from shipcall.report.designer import designer_svg
from shipcall.report.exhibits import exhibit_lines, exhibit_svgs
from shipcall.report.findings import by_urgency, comparable, crossings, grouped, tally
from shipcall.report.grid import slice_grid
from shipcall.report.onepage import blocks_of
from shipcall.report.outlook import (
    advice,
    assumed_sentences,
    chance_table,
    curve_table,
    sensitivity_sentences,
)
from shipcall.report.palette import DARK, LIGHT
from shipcall.report.ramp import ramp
from shipcall.report.rollout_plan import rollout_page, rollout_taken
from shipcall.report.slice_map import MOST, SliceMap, map_cells, slice_map
from shipcall.report.strengths import ranks_svg, strengths_svg
from shipcall.report.studies import study_tables
from shipcall.report.studies_charts import study_svg
from shipcall.report.svg import seed
from shipcall.report.terminal_comparison import VERDICT, repeats_of
from shipcall.report.terminal_plan import PLAN_TITLES, cells_of, verdict_of
from shipcall.report.text import clean_view, shorten
from shipcall.report.why import explain, next_command
from shipcall.report.words import View

LIMIT = 300_000
"""Most bytes of a report."""
_CODE = re.compile(r"`([^`]+)`")
_GOES_ON = ("ADVANCE", "SHIP", "NO OBJECTION")
"""Calls that every check makes, so that none has to be pointed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """How much of a view is shown; what is left out is counted on the page."""

    strips: int = 40
    bands: int = 24
    forest: int = 60
    rows: int = 2000
    listed: int = 200
    name: int = 120
    sentence: int = 2000
    contract: int = 40_000


_ROOMS = (
    _Room(),
    _Room(rows=1500, name=80),
    _Room(rows=800, listed=100, name=64),
    _Room(strips=25, bands=16, forest=40, rows=400, listed=50, name=64, contract=20_000),
    _Room(
        strips=10, bands=8, forest=20, rows=100, listed=20, name=48, sentence=400, contract=8_000
    ),
    _Room(strips=5, bands=3, forest=5, rows=20, listed=5, name=32, sentence=200, contract=2_000),
)
_TAB = _Room(rows=200)
"""On a page slices have a tab of their own, which turns over."""


def html_report(view: View) -> str:
    """Write a view as one HTML page of at most 300 KB.

    A view that is too large is shown in part, from the most urgent down, and the page says how
    much it left out; the calls, the verdict and the counts are always whole.

    Args:
        view: A verdict, a comparison, a plan, a study or a release report.
    """
    harmless = clean_view(view)
    for room in _ROOMS:
        page = _page(harmless, room)
        if len(page.encode()) <= LIMIT:
            return page
    return page


def pieces(view: View) -> dict[str, Any]:
    """Draw the pieces of a view that its template puts together, for a page of any size.

    Args:
        view: A verdict, a comparison or a plan, cleaned of control characters.
    """
    context: dict[str, Any] = _CONTEXTS[view["kind"]](_shortened(view, _TAB), _TAB)
    return context


def _page(view: View, room: _Room) -> str:
    context = _CONTEXTS[view["kind"]](_shortened(view, room), room)
    template = _environment().get_template("report.html.j2")
    return template.render(view=context.pop("view"), **context)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("shipcall.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(light=LIGHT, dark=DARK, w=words)
    environment.filters["name"] = shorten
    environment.filters["coded"] = coded
    return environment


def coded(sentence: str) -> Markup:
    """A sentence in which what stands between backticks is code; everything is escaped."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped


def _shortened(view: View, room: _Room) -> dict[str, Any]:
    """Copy a view with its longest strings cut in the middle, and the contract at its end."""
    short: dict[str, Any] = _cut(view, room.sentence)
    contract = short.get("contract")
    if contract:
        whole = view["contract"]["text"]
        contract["text"] = whole[: room.contract]
        contract["left"] = len(whole) - len(contract["text"])
    return short


def _cut(thing: Any, longest: int) -> Any:
    if isinstance(thing, str):
        return shorten(thing, longest)
    if isinstance(thing, dict):
        return {name: _cut(value, longest) for name, value in thing.items()}
    return [_cut(value, longest) for value in thing] if isinstance(thing, list) else thing


def _verdict(view: View, room: _Room) -> dict[str, Any]:
    groups = grouped(view["findings"])
    because = view["because"]
    checks = (
        by_urgency(groups.checks, because) if len(groups.checks) > room.strips else groups.checks
    )
    return {
        "view": view,
        "title": f"{view['release']['candidate']}: {view['call']}",
        "mark": words.CALLS[view["call"]],
        "next": next_command(view),
        "decided": _decided(view, room),
        "checks": [_check(view, f) for f in checks[: room.strips]],
        "checks_left": max(0, len(checks) - room.strips),
        "counts": {
            "checks": tally(groups.checks),
            "slices": tally(groups.slices),
            "sanity": tally(groups.sanity),
        },
        "slices": {**_slices(groups.slices, because, room), "map": _map(view, room)},
        "sanity": groups.sanity[: room.listed],
        "watch": [_check(view, f) for f in groups.watch[: min(room.strips, 10)]],
        "watch_left": max(0, len(groups.watch) - min(room.strips, 10)),
        "beside": exhibit_svgs(view),
        "beside_text": exhibit_lines(view),
        "ramp": ramp(view, room.bands) if view.get("rollout") else None,
        "room": room,
    }


def _decided(view: View, room: _Room) -> list[View]:
    if view["call"] in _GOES_ON:
        return []
    by_id = {finding["id"]: finding for finding in view["findings"]}
    known = [by_id[check] for check in view["because"] if check in by_id]
    return known[: min(room.listed, 12)]


def _check(view: View, finding: View) -> dict[str, Any]:
    return {
        "finding": finding,
        "anchor": "c" + seed(words.id_of(finding)),
        "strip": gate_strip(finding),
        "mark": words.mark_of(finding),
        "lines": explain(view, finding) if "standing" in finding else [],
        "decided": view.get("call") not in _GOES_ON
        and finding.get("id") in view.get("because", ()),
    }


def _slices(slices: Sequence[View], because: Sequence[str], room: _Room) -> dict[str, Any]:
    ordered = by_urgency(slices, because)
    forests: list[Forest] = []
    left = room.forest
    for group in sorted(comparable(slices), key=len, reverse=True):
        if left > 0:
            drawn = forest(group, because=because, cap=left)
            forests.append(drawn)
            left -= drawn.shown
    grids = [slice_grid(crossing) for crossing in crossings(slices)[:3]]
    return {
        "all": slices,
        "metric": words.several_metrics(slices),
        "rows": ordered[: room.rows],
        "left": max(0, len(slices) - room.rows),
        "forests": forests,
        "undrawn": len(slices) - sum(drawn.shown for drawn in forests),
        "grids": [grid for grid in grids if isinstance(grid, Markup)],
        "protected": sum(bool(f.get("protected")) for f in slices),
    }


def _map(view: View, room: _Room) -> SliceMap | None:
    return slice_map(map_cells(view), most=min(room.forest, MOST))


def _comparison(view: View, room: _Room) -> dict[str, Any]:
    rows = view["metrics"]
    return {
        "view": view,
        "title": f"{view['new']} against {view['old']}: exploratory",
        "said": VERDICT,
        "checks": [_check(view, row) for row in rows[: room.strips]],
        "checks_left": max(0, len(rows) - room.strips),
        "facts": [*repeats_of(view), *view["notes"]],
        "room": room,
    }


def _plan(view: View, room: _Room) -> dict[str, Any]:
    return {
        "view": view,
        "title": f"{view['release']['candidate']}: plan",
        "said": verdict_of(view),
        "tables": [table for table in (chance_table(view), curve_table(view)) if table.rows],
        "curve": chance_curve(view) if view.get("curve") else "",
        "advice": advice(view),
        "ramp": rollout_page(view),
        "taken": [*assumed_sentences(view), *sensitivity_sentences(view), *rollout_taken(view)],
        "titles": PLAN_TITLES,
        "rows": [cells_of(check) for check in view["checks"][: room.rows]],
        "reasons": [f"{c['id']}: {c['why']}" for c in view["checks"] if c["why"]],
        "checks_left": max(0, len(view["checks"]) - room.rows),
        "room": room,
    }


def _release(view: View, room: _Room) -> dict[str, Any]:
    return {
        "view": view,
        "title": f"{view['release']['id']}: release report",
        "stages": [
            {**stage, "parts": None if stage["covered"] else _verdict(stage["view"], room)}
            for stage in view["stages"]
        ],
        "blocks": blocks_of(view["promise"]),
        "room": room,
    }


def _study(view: View, room: _Room) -> dict[str, Any]:
    return {
        "view": view,
        "title": f"{view['title']}: study",
        "tables": study_tables(view),
        "charts": [
            *filter(None, [designer_svg(view), strengths_svg(view), ranks_svg(view)]),
            *(study_svg(chart) for chart in view["charts"]),
        ],
        "room": room,
    }


_CONTEXTS = {
    "verdict": _verdict,
    "comparison": _comparison,
    "plan": _plan,
    "release_report": _release,
    "study": _study,
}
