"""Exhibits: what a stage shows beside its findings, as lines and as pictures. They move no call."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from shipcall.report.cohort_pictures import cohort_svgs
from shipcall.report.gate import gate_lines
from shipcall.report.judges import judge_lines
from shipcall.report.shadow import shadow_lines
from shipcall.report.shadow_pictures import shadow_svgs
from shipcall.report.terminal_cohort import cohort_lines
from shipcall.report.words import View

Shown = Mapping[str, Any]

LINES: Mapping[str, Sequence[Callable[[View], list[str]]]] = {
    "gate": (gate_lines, lambda view: judge_lines(view["exhibits"])),
    "shadow": (lambda view: shadow_lines(view["exhibits"]),),
    "cohort": (lambda view: cohort_lines(view["exhibits"]),),
}
"""Stage -> parts with lines of at most 80 columns, of a verdict that shows something."""
PICTURES: Mapping[str, Callable[[Shown], Mapping[str, Markup]]] = {
    "shadow": shadow_svgs,
    "cohort": cohort_svgs,
}
"""Stage -> name of a picture -> SVG."""


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
    shown = view.get("exhibits")
    draw = PICTURES.get(view["stage"])
    return draw(shown) if draw and shown else {}
