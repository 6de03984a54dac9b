"""Slices: rows and sentences about many slices at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from shipcall.report.gate import gate_lines
from shipcall.report.slice_map import map_lines
from shipcall.report.text import wrapped
from shipcall.report.words import (
    ANSWERS,
    View,
    counted,
    interval_text,
    mark_of,
    name_of,
    odds,
    several_metrics,
    units_text,
    value_text,
    whole,
)

WIDTH = 100
"""Columns of a sentence on a terminal."""
_METHODS = {
    "max-t": "simultaneous bounds (max-t), each slice with its own standard error",
    "holm": "step-down decisions (Holm)",
}


def correction_sentences(families: Sequence[View]) -> list[str]:
    """Name the correction for looking at many slices, and say what it does not cover."""
    sentences = [
        f"Judged together: {counted(one['slices'], 'slice')} by "
        f"{_METHODS.get(one['method'], one['method'])}; a wrong fail anywhere among them at most "
        f"{odds(one['breach_at'])} ({one['breach_at']:.4g})."
        for one in families
    ]
    if families:
        sentences.append(
            "A pass of a protected slice has an error level of its own; the others only have to be "
            "not refuted, and no error bound speaks of those that are left open."
        )
    return sentences


def slice_lines(view: View) -> list[str]:
    """Write a page of slices for a terminal.

    Args:
        view: From `app.slices`, cleaned of control characters.
    """
    counts = view["counts"]
    if not counts["all"]:
        return ["No slice was promised at this stage: nothing is known about parts of the units."]
    told = ", ".join(f"{whole(n)} {ANSWERS[s].word}" for s, n in counts["tally"].items())
    lines = [f"{counted(counts['all'], 'slice')}: {told}."]
    lines += [f"  {whole(o['slices'])} no data: {o['sentence']}" for o in view["untestable"]]
    for sentence in correction_sentences(view["correction"]):
        lines += wrapped(sentence, WIDTH)
    lines.append("")
    for finding in view["rows"]:
        protected = " (protected)" if finding["protected"] else ""
        said = f"{value_text(finding):>10}  {interval_text(finding):<20}"
        lines.append(
            f"{mark_of(finding).text():<12} {said} n {units_text(finding):<12} "
            f"{name_of(finding, metric=several_metrics(view['rows']))}{protected}"
        )
    if not view["rows"]:
        lines.append("None fits.")
    kept = counted(counts["kept"], "slice")
    lines += ["", f"page {view['page']} of {view['pages']}, {kept}"]
    if _narrowed(view):
        return lines
    parts = map_lines(view["map"], width=WIDTH), gate_lines(view["together"])
    return [*lines, *(line for part in parts if part for line in ("", *part))]


def _narrowed(view: View) -> bool:
    """Was something else asked for than a column as a whole?"""
    return view["page"] > 1 or any(view["query"].get(name) for name in ("answer", "q"))


def slice_rows(findings: Iterable[View]) -> list[dict[str, Any]]:
    """Write slices as the rows of a table, with plain numbers."""
    return [
        {
            "slice": finding["slice"],
            "metric": finding["metric"],
            "answer": finding["standing"],
            "estimate": _of(finding, "value"),
            "low": _of(finding, "low"),
            "high": _of(finding, "high"),
            "n": (finding["estimate"] or finding["absent"])["n"],
            "bar_low": finding["bar"].get("low"),
            "bar_high": finding["bar"].get("high"),
            "protected": bool(finding["protected"]),
            "check": finding["id"],
        }
        for finding in findings
    ]


def _of(finding: View, name: str) -> float | None:
    estimate = finding["estimate"]
    return None if estimate is None else estimate[name]
