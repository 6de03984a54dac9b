"""Stages: the tab of one stage, and every picture on it with its numbers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from shipcall.app.pages import stage_twin, stage_view
from shipcall.report.exhibit_rows import exhibit_rows
from shipcall.report.findings import comparable, crossings, grouped
from shipcall.report.grid import slice_grid
from shipcall.report.html import pieces
from shipcall.report.slices import slice_rows
from shipcall.web.drill import check_link
from shipcall.web.page import Asked, Chart, Charts, Drawn, Page, View

_GRIDS = 3
_UNREADABLE = re.compile(r"[^\w.=*-]+")


def stage_page(stage: str, path: str) -> Page:
    """Make the page of one stage."""

    def view(root: Path, asked: Asked) -> View:
        return stage_view(root, asked["release"], stage)

    def twin(root: Path, asked: Asked) -> View:
        return stage_twin(root, asked["release"], stage)

    return Page(
        path=path,
        title="{id}: " + stage,
        template="stage.html.j2",
        view=view,
        twin=twin,
        charts=stage_charts,
        more=stage_pieces,
        nav="releases",
    )


def stage_pieces(view: View) -> Mapping[str, Any]:
    """Draw what the template of a verdict puts together."""
    if view["kind"] != "verdict":
        return {}
    return {**pieces(view), "link": check_link(view["id"], view["stage"])}


def stage_charts(view: View, drawn: Drawn) -> Charts:
    """Name every picture of a verdict.

    `strip-CHECK` and `band-CHECK` are one check alone and over its looks, `grid-A-B` and
    `slices-METRIC` are slices; what a stage shows beside its checks has its own name.
    """
    if view["kind"] != "verdict":
        return {}
    charts: dict[str, Chart] = {}
    for name, chart in _pictures(view, drawn):
        readable = _UNREADABLE.sub("-", name)
        again = sum(known.rpartition("~")[0] == readable or known == readable for known in charts)
        charts[f"{readable}~{again + 1}" if again else readable] = chart
    return charts


def _pictures(view: View, drawn: Drawn) -> Iterator[tuple[str, Chart]]:
    for row in (*drawn["checks"], *drawn["watch"]):
        finding = row["finding"]
        yield (
            f"strip-{finding['id']}",
            Chart(title=f"{finding['id']}", svg=row["strip"], rows=slice_rows([finding])),
        )
    if drawn["ramp"]:
        yield from _bands(drawn["ramp"].followed)
    numbers = exhibit_rows(view)
    for name, svg in drawn["beside"].items():
        yield name, Chart(title=name, svg=svg, rows=numbers[name])
    yield from _slices(view, drawn["slices"]["forests"])


def _bands(followed: Iterable[Any]) -> Iterator[tuple[str, Chart]]:
    for one in followed:
        name = one.finding["id"]
        rows = [{"at": look["at"], "share": look["share"], **_look(look)} for look in one.looks]
        yield f"band-{name}", Chart(title=f"{name} over the rollout", svg=one.svg, rows=rows)


def _look(look: View) -> View:
    estimate = look["estimate"] or {}
    ends = {name: estimate.get(name) for name in ("value", "low", "high", "n")}
    why = look["absent"]["code"] if look["absent"] else ""
    return {**ends, "answer": look["standing"], "why_none": why}


def _slices(view: View, forests: Iterable[Any]) -> Iterator[tuple[str, Chart]]:
    slices = grouped(view["findings"]).slices
    for crossing in crossings(slices)[:_GRIDS]:
        svg, name = slice_grid(crossing), "-".join(crossing.columns)
        if svg is not None:
            rows = slice_rows(crossing.findings)
            yield f"grid-{name}", Chart(title=f"slices by {name}", svg=svg, rows=rows)
    largest_first = sorted(comparable(slices), key=len, reverse=True)
    for group, drawn in zip(largest_first, forests, strict=False):
        metric = group[0]["metric"]
        rows = slice_rows(group)
        yield f"slices-{metric}", Chart(title=f"{metric} by slice", svg=drawn.svg, rows=rows)
