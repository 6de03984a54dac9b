"""Slice map: slices down, the metrics of the gate across, the most urgent slice on top.

A filled cell was promised as a check and stands for its answer. The others were measured beside
the checks and hold no promise: they have a sign, and no answer. + is better in all of them,
whichever way a metric counts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from shipcall.report.findings import by_urgency
from shipcall.report.shown import told_as, unit_of
from shipcall.report.table import Cell as Text
from shipcall.report.table import Column, Painter, fitted
from shipcall.report.text import wrapped
from shipcall.report.words import ANSWERS, Mark, View, counted, interval_text, value_text, whole

MOST = 50
"""Slices in one map; of more, the most urgent."""
FEW = 12
"""Slices on a terminal."""
FALSE_ALARM = 0.05
"""Chance that an interval of 95 % leaves zero out although nothing changed."""
BETTER = Mark("better", "\u25b2", "+", "baseline")
WORSE = Mark("worse", "\u25bc", "-", "candidate")
LEVEL = Mark("can't tell from 0", "\u00b7", ".", "mute")
PLAIN = Mark("has no sign", "", " ", "mute")
"""Marks of cells without a promise."""
NOTHING = Mark("no data", "\u25cb", "o", "none")
UNMEASURED = "not measured"
_SIGNED = ("difference", "relative")


class Cell(NamedTuple):
    """One metric in one slice."""

    mark: Mark
    text: str
    """The number in its good direction, or that there is none."""
    ends: str
    """Its interval, or why there is none."""
    check: str
    """Id of the check that promised it; empty: nobody did."""

    @property
    def known(self) -> bool:
        """Is there a number?"""
        return self.mark.tone != "none"


class Row(NamedTuple):
    """One slice."""

    name: str
    protected: bool
    units: str
    cells: Sequence[Cell]


class Head(NamedTuple):
    """One metric."""

    metric: str
    note: str
    """What a cell of it is, where that is not a plain difference; and which way it counts."""


class SliceMap(NamedTuple):
    """What is drawn, and what is said of it."""

    heads: Sequence[Head]
    rows: Sequence[Row]
    left: int
    """Slices that are not in the map."""
    sentences: Sequence[str]


def map_cells(view: View, *, column: str = "") -> list[View]:
    """Gather every metric in every slice, the most urgent slice first, as plain data.

    Args:
        view: A verdict.
        column: Only the slices of this column or cross, such as "country*device"; "": of all.

    Returns:
        Nothing where there are not two metrics to compare. Else every cell has its `slice`, with
        `protected` and `units`, its `metric` with `unit` and `better`, and as in a finding
        `estimand` and `estimate`; `why` there is none; `standing` and `id` of the check that
        promised it, both empty where nobody did.
    """
    slices = _slices(view, column)
    across = (view.get("exhibits") or {}).get("across") or {"metrics": [], "slices": []}
    beside = {one["slice"]: one["cells"] for one in across["slices"]}
    estimands = {one["metric"]: one["estimand"] for one in across["metrics"]}
    checked = [f["metric"] for f in view["findings"] if f["slice"] in slices]
    metrics = list(dict.fromkeys([*checked, *estimands]))
    if len(metrics) < 2:
        return []
    like = {metric: _like(view, metric) for metric in metrics}
    cells: list[View] = []
    for name, checks in slices.items():
        about = _about(name, list(checks.values()))
        for metric in metrics:
            told = _promised(checks.get(metric)) or _beside(
                beside.get(name, {}).get(metric), estimands.get(metric, "difference")
            )
            cells.append({**about, **like[metric], **told})
    return cells


def slice_map(cells: Sequence[View], *, most: int = MOST) -> SliceMap | None:
    """Lay cells out as rows of slices; None where there are none.

    Args:
        cells: From `map_cells`.
        most: Slices that are kept, the first ones.
    """
    by_slice: dict[str, list[View]] = {}
    for cell in cells:
        by_slice.setdefault(cell["slice"], []).append(cell)
    if not by_slice:
        return None
    rows = [_row(name, told) for name, told in list(by_slice.items())[:most]]
    left = len(by_slice) - len(rows)
    heads = [Head(told["metric"], _note(told)) for told in next(iter(by_slice.values()))]
    return SliceMap(heads, rows, left, list(_sentences(rows, left)))


def map_rows(cells: Sequence[View]) -> list[dict[str, Any]]:
    """Give cells as the rows of a table: plain numbers, in the direction of the metric itself.

    Args:
        cells: From `map_cells`.
    """
    return [
        {
            **{name: cell[name] for name in ("slice", "protected", "metric", "better", "estimand")},
            **{end: (cell["estimate"] or {}).get(end) for end in ("value", "low", "high", "n")},
            "why_none": cell["why"],
            "answer": cell["standing"],
            "check": cell["id"],
        }
        for cell in cells
    ]


def map_lines(cells: Sequence[View], *, width: int) -> list[str]:
    """Write the most urgent slices for a terminal; as many metrics as fit.

    Args:
        cells: From `map_cells`.
        width: Columns of the terminal, at least 60.
    """
    told = slice_map(cells, most=FEW)
    if told is None:
        return []
    lines = ["slices by metrics, the most urgent on top; + is better"]
    for shown in range(len(told.heads), 0, -1):
        table = fitted(_columns(told, shown), [_texts(row, shown) for row in told.rows], width,
                       Painter(colour=False))  # fmt: skip
        if table is not None:
            lines += [f"  {line}" for row in table for line in row]
            break
    else:
        shown = 0
    more = [counted(told.left, "more slice")] if told.left else []
    more += [counted(len(told.heads) - shown, "more metric")] if shown < len(told.heads) else []
    if more:
        lines.append(f"  and {' and '.join(more)}: --json, or the page of slices")
    return [*lines, *(f"  {line}" for line in wrapped(_legend(told), width))]


def _columns(told: SliceMap, shown: int) -> list[Column]:
    heads = [Column(head.metric) for head in told.heads[:shown]]
    return [Column("slice", least=16, whole=True), Column("n", right=True), *heads]


def _texts(row: Row, shown: int) -> list[Text]:
    cells = [Text(f"{cell.mark.shape} {cell.text}".strip()) for cell in row.cells[:shown]]
    return [Text(row.name), Text(row.units), *cells]


def _legend(told: SliceMap) -> str:
    marks = {cell.mark for row in told.rows for cell in row.cells if cell.mark.shape}
    promised = [mark for mark in ANSWERS.values() if mark in marks]
    bare = [mark for mark in (BETTER, WORSE, LEVEL) if mark in marks]
    said = f"Checks: {_named(promised)}."
    if not bare:
        return said
    return f"{said} Beside them, without a promise, each at 95 % alone: {_named(bare)}."


def _named(marks: Sequence[Mark]) -> str:
    return ", ".join(f"{mark.shape} {mark.word}" for mark in marks)


def _slices(view: View, column: str) -> dict[str, dict[str, View]]:
    """Slice -> metric -> its check; each slice once, the most urgent first."""
    found: dict[str, dict[str, View]] = {}
    sliced = [f for f in view["findings"] if f.get("slice_pairs") and f["role"] != "sanity"]
    for finding in by_urgency(sliced):
        if column in ("", "*".join(name for name, _ in finding["slice_pairs"])):
            found.setdefault(finding["slice"], {}).setdefault(finding["metric"], finding)
    return found


def _like(view: View, metric: str) -> View:
    ways = (f.get("better", "") for f in view["findings"] if f["metric"] == metric)
    return {"metric": metric, "unit": unit_of(view, metric), "better": str(next(ways, ""))}


def _about(name: str, checks: Sequence[View]) -> View:
    told = checks[0]["estimate"] or checks[0]["absent"] or {}
    protected = any(bool(check.get("protected")) for check in checks)
    return {"slice": name, "protected": protected, "units": told.get("n") or 0}


def _promised(finding: View | None) -> View:
    if finding is None:
        return {}
    why = (finding["absent"] or {}).get("detail", "")
    kept = {name: finding[name] for name in ("estimand", "estimate", "standing", "id")}
    return {**kept, "why": why}


def _beside(shown: View | None, estimand: str) -> View:
    told = told_as(shown or {"absent": "", "detail": UNMEASURED}, "", estimand)
    why = shown.get("detail", "") if shown else UNMEASURED
    return {
        "estimand": estimand,
        "estimate": told["estimate"],
        "standing": "",
        "id": "",
        "why": why,
    }


def _note(cell: View) -> str:
    if cell["estimand"] not in _SIGNED:
        return f"of the {cell['estimand']}"
    told = ["relative change"] if cell["estimand"] == "relative" else []
    told += ["less is better"] if cell["better"] == "lower" else []
    return ", ".join(told)


def _row(name: str, cells: Sequence[View]) -> Row:
    first = cells[0]
    return Row(name, first["protected"], whole(first["units"]), [_cell(told) for told in cells])


def _cell(told: View) -> Cell:
    promised = bool(told["id"])
    if told["estimate"] is None:
        mark = ANSWERS["ABSENT"] if promised else NOTHING
        return Cell(mark, mark.word, told["why"], told["id"])
    gained = _gain(told)
    mark = ANSWERS[told["standing"]] if promised else _sign(gained)
    return Cell(mark, value_text(gained), interval_text(gained), told["id"])


def _gain(told: View) -> View:
    """Turn a change of which less is better round, so that + is better."""
    estimate = told["estimate"]
    if told["better"] != "lower" or told["estimand"] not in _SIGNED:
        return told
    low, high = estimate.get("low"), estimate.get("high")
    turned = {
        "value": -estimate["value"],
        "low": None if high is None else -high,
        "high": None if low is None else -low,
        "tails": (estimate.get("tails") or (0.025, 0.025))[::-1],
    }
    return {**told, "estimate": {**estimate, **turned}}


def _sign(gained: View) -> Mark:
    """Say which way a number without a promise points; only where better and worse have a zero."""
    if not gained["better"] or gained["estimand"] not in _SIGNED:
        return PLAIN
    low, high = gained["estimate"].get("low"), gained["estimate"].get("high")
    if low is not None and low > 0:
        return BETTER
    return WORSE if high is not None and high < 0 else LEVEL


def _sentences(rows: Sequence[Row], left: int) -> Iterator[str]:
    cells = [cell for row in rows for cell in row.cells]
    if left:
        yield f"The {whole(len(rows))} most urgent slices; {whole(left)} more are in the numbers."
    yield "+ is better in every cell, whichever way its metric counts."
    yield (
        "Filled: promised as a check; the shape is its answer, and the bad side of its interval is "
        "joint over the slices that share a budget."
    )
    bare = [cell for cell in cells if not cell.check and cell.known]
    if bare:
        yield (
            f"Not filled: {counted(len(bare), 'cell')} that nobody promised, measured beside the "
            "checks; each interval is one of 95 % for its number alone, and no call rests on it."
        )
    signed = [cell for cell in bare if cell.mark is not PLAIN]
    if signed:
        apart = sum(cell.mark is not LEVEL for cell in signed)
        luck = FALSE_ALARM * len(signed)
        yield (
            f"{whole(apart)} of {whole(len(signed))} lie apart from 0 ({BETTER.shape} better, "
            f"{WORSE.shape} worse); if nothing had changed, {luck:.1f} would on average."
        )
    unmeasured = sum(any(cell.ends == UNMEASURED for cell in row.cells) for row in rows)
    if unmeasured:
        yield f"{counted(unmeasured, 'slice')} were only checked: the largest ones were measured."
