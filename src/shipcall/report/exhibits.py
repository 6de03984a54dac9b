"""Exhibits: what a stage shows beside its findings, as lines and as pictures. They move no call."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from shipcall.report.cohort_pictures import cohort_svgs
from shipcall.report.gate import WIDTH, gate_lines
from shipcall.report.judge_pictures import judge_svgs
from shipcall.report.judges import judge_lines
from shipcall.report.repeats import repeat_lines, repeat_svgs
from shipcall.report.shadow import shadow_lines
from shipcall.report.shadow_pictures import shadow_svgs
from shipcall.report.shown import read_together
from shipcall.report.slice_map import map_cells, map_lines
from shipcall.report.slice_pictures import slice_svgs
from shipcall.report.terminal_cohort import cohort_lines
from shipcall.report.words import View

LINES: Mapping[str, Sequence[Callable[[View], list[str]]]] = {
    "gate": (
        lambda view: map_lines(map_cells(view), width=WIDTH),
        lambda view: gate_lines(read_together(view)),
        lambda view: repeat_lines(view["exhibits"]),
        lambda view: judge_lines(view["exhibits"]),
    ),
    "shadow": (lambda view: shadow_lines(view["exhibits"]),),
    "cohort": (lambda view: cohort_lines(view["exhibits"]),),
}
"""Stage -> parts with lines of at most 80 columns, of a verdict that shows something."""
PICTURES: Mapping[str, Sequence[Callable[[View], Mapping[str, Markup]]]] = {
    "gate": (
        lambda view: slice_svgs(read_together(view)),
        lambda view: repeat_svgs(view["exhibits"]),
        lambda view: judge_svgs(view["exhibits"]),
    ),
    "shadow": (lambda view: shadow_svgs(view["exhibits"]),),
    "cohort": (lambda view: cohort_svgs(view["exhibits"]),),
}
"""Stage -> drawers of named pictures, of a verdict that shows something."""


def exhibit_lines(view: View) -> list[str]:
    """Write what a verdict shows beside its findings; empty where its stage has nothing to show.

    Args:
        view: A verdict.
    """
    if not view.get("exhibits"):
        return []
    parts = [lines for write in LINES.get(view["stage"], ()) if (lines := write(view))]
    return [line for part in parts for line in ("", *part)][1:]


def exhibit_svgs(view: View) -> Mapping[str, Markup]:
    """Draw what a verdict shows beside its findings, name -> SVG.

    Args:
        view: A verdict.
    """
    if not view.get("exhibits"):
        return {}
    drawn = [draw(view) for draw in PICTURES.get(view["stage"], ())]
    return {name: svg for pictures in drawn for name, svg in pictures.items()}
