"""Slice pictures: slices alone and pulled together, how far they lie apart, what was discovered.

They show what the gate says beside its checks; none of it has a bar or moves a call.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from shipcall.report.cohort import absent
from shipcall.report.gate import cut_sentences, discovered_sentence
from shipcall.report.intervals import Line, Mark, intervals
from shipcall.report.shown import signed, size_text
from shipcall.report.words import View, counted, whole

Row = dict[str, Any]

MOST_CUTS = 3
"""Columns and crosses with a picture of their slices beside a verdict."""
FEW, MANY = 12, 40
"""Slices in a picture beside a verdict, and on a page of its own."""
MOST_GAPS = 6
_SIGNED = ("difference", "relative")
_APART = (
    ("baseline", "baseline", "candidate"),
    ("candidate", "candidate", "candidate"),
    ("difference", "change", ""),
)
"""Key of a gap, what it is called, and the estimand it is written as; "" is that of the cut."""


def slice_svgs(together: View, *, most: int = FEW, cuts: int = MOST_CUTS) -> dict[str, Markup]:
    """Draw what slices say together and what was discovered, name -> SVG.

    Args:
        together: From `shown.read_together`.
        most: Slices in one picture; of more, the lowest and the highest.
        cuts: Columns and crosses with a picture of their slices; of more, the first.
    """
    pictures: dict[str, Markup] = {}
    gaps = apart(together["slices"][:MOST_GAPS])
    if gaps is not None:
        pictures["apart"] = gaps
    found = together["discovered"]
    if found and not absent(found) and found["found"]:
        first = together["slices"][0]
        pictures["discovered"] = discovered(found, first["unit"], first["estimand"])
    for cut in together["slices"][:cuts]:
        drawn = pulled(cut, most)
        if drawn is not None:
            pictures[name_of_pulled(cut)] = drawn
    return pictures


def name_of_pulled(cut: View) -> str:
    """Name the picture of the slices of one column or cross."""
    return f"pulled-{'*'.join(cut['columns'])}"


def pulled(cut: View, most: int = FEW) -> Markup | None:
    """Draw each slice by itself and pulled towards the others; None where none could be.

    Args:
        cut: One column or cross, from `shown.read_together`.
        most: Slices that are drawn; of more, the lowest and the highest.
    """
    ordered = ends_of(cut, most)
    if not ordered:
        return None
    left = sum(not absent(one) for one in cut["shrunk"]) - len(ordered)
    zero, unit = 0.0 if cut["estimand"] in _SIGNED else None, cut["unit"]
    lines = [
        Line(
            one["slice"],
            [*_alone(one, unit, cut["estimand"]), _together(one, unit, cut["estimand"])],
            note=f"n {whole(one['n'])}",
            landmark=zero,
        )
        for one in ordered
    ]
    name = " by ".join((cut["metric"], "*".join(cut["columns"])))
    few = f" {whole(left)} slices in the middle are not drawn." if left > 0 else ""
    said = f"{' '.join(cut_sentences(cut))}{few}"
    return intervals("pulled", f"{name}: each slice alone (thin) and pulled", said, lines)


def ends_of(cut: View, most: int) -> list[View]:
    """Give the slices that could be pulled in their order, of too many the lowest and highest.

    Args:
        cut: One column or cross, from `shown.read_together`.
        most: Slices that are kept, at least 2.
    """
    known = [one for one in cut["shrunk"] if not absent(one)]
    ordered = sorted(known, key=lambda one: (one["value"], one["slice"]))
    if len(ordered) <= most:
        return ordered
    return [*ordered[: most // 2], *ordered[-(most - most // 2) :]]


def _alone(one: View, unit: str, estimand: str) -> Iterator[Mark]:
    raw = one.get("raw")
    if raw and not absent(raw):
        yield Mark(raw, f"alone {signed(raw, unit, estimand)}", thin=True)


def _together(one: View, unit: str, estimand: str) -> Mark:
    return Mark(one, f"pulled {signed(one, unit, estimand)}", tone="baseline")


def apart(cuts: Sequence[View]) -> Markup | None:
    """Draw how far slices lie apart: the spread without noise, and largest minus smallest."""
    lines = []
    for cut in cuts:
        unit, marks = cut["unit"], []
        if not absent(cut["spread"]):
            text = f"spread {size_text(cut['spread'], unit, cut['estimand'])}"
            marks.append(Mark(cut["spread"], text, tone="baseline"))
        for key, name, estimand in _APART:
            gap = cut["gap"][key]
            if not absent(gap):
                text = f"{name} {size_text(gap, unit, estimand or cut['estimand'])}"
                marks.append(Mark(gap, text, thin=True))
        if marks:
            title = f"{'*'.join(cut['columns'])}: {cut['metric']}"
            lines.append(Line(title, marks, counted(cut["together"], "slice"), landmark=0.0))
    if not lines:
        return None
    said = (
        "Spread: standard deviation of the change between slices, without the noise. Thin: largest "
        "minus smallest slice of each model and of the change, which leans upwards."
    )
    return intervals("apart", "How far slices lie apart", said, lines)


def discovered(found: View, unit: str, estimand: str) -> Markup:
    """Draw the slices nobody named: where they were searched, and what the other half says.

    Args:
        found: The exhibit, with at least one slice.
        unit: Of the metric that was searched.
        estimand: Of its checks.
    """
    lines = []
    for one in found["found"]:
        marks = []
        searched = one.get("searched_half")
        if searched and not absent(searched):
            text = f"searched {signed(searched, unit, estimand)}"
            marks.append(Mark(searched, text, thin=True))
        other = one["difference"]
        sure = one["confirmed"]
        text = (
            f"no data: {other['detail']}"
            if absent(other)
            else f"other {signed(other, unit, estimand)}"
        )
        shape = "\u25a0" if sure else "\u25c6"
        marks.append(Mark(other, text, shape=shape, tone="fail" if sure else "open"))
        note = "confirmed" if sure else "not confirmed"
        lines.append(Line(one["slice"], marks, f"{note}, {whole(one['units'])} units", landmark=0))
    said = discovered_sentence(found)
    return intervals("discovered", "Bad slices nobody named, on both halves", said, lines)


def slice_picture_rows(together: View) -> Mapping[str, list[Row]]:
    """Give the numbers of every picture of `slice_svgs`: name -> rows; nothing is cut short.

    Args:
        together: From `shown.read_together`.
    """
    cuts = together["slices"]
    tables = {name_of_pulled(cut): [_pulled_row(one) for one in cut["shrunk"]] for cut in cuts}
    tables["apart"] = [row for cut in cuts for row in _apart_rows(cut)]
    found = together["discovered"] or {}
    tables["discovered"] = [
        {
            "slice": one["slice"],
            "units": one["units"],
            **_ends("searched", one.get("searched_half")),
            **_ends("other", one["difference"]),
            "p_value": one["p_value"],
            "confirmed": one["confirmed"],
        }
        for one in found.get("found", ())
    ]
    return {name: rows for name, rows in tables.items() if rows}


def _pulled_row(one: View) -> Row:
    return {"slice": one["slice"], **_ends("alone", one.get("raw")), **_ends("pulled", one)}


def _apart_rows(cut: View) -> Iterator[Row]:
    parts = [("spread of the change", cut["spread"])]
    parts += [(f"largest minus smallest: {name}", cut["gap"][key]) for key, name, _ in _APART]
    for name, one in parts:
        head = {"column": "*".join(cut["columns"]), "metric": cut["metric"], "what": name}
        yield {**head, **_ends("", one)}


def _ends(name: str, one: View | None) -> Row:
    told = one or {"detail": "not recorded", "absent": ""}
    before = f"{name}_" if name else ""
    row = {f"{before}{end}": told.get(end) for end in ("value", "low", "high", "n")}
    return {**row, f"{before}why_none": told["detail"] if absent(told) else ""}
