"""Told: what the files say of some units, in words, so that a person can read the rows."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from shipcall.data.connect import Engine
from shipcall.data.pairs import pairs, said
from shipcall.data.preferences import comparisons
from shipcall.data.sources import ARMS, NO_LEVEL, MetricUse
from shipcall.data.views import Bound, predictions, runs

TELLING = ("predictions", "scores", "shadow_pairs", "preferences")
"""Formats whose rows say something beyond the numbers that a metric reads."""
MOST_COLUMNS = 40
"""Columns of the files that are read beside those of the format."""
LONGEST = 20_000
"""Characters of one text that are kept."""


class Told(NamedTuple):
    """One unit as a person can read it."""

    about: Mapping[str, str]
    """What the files say whatever the model: label, slices, further columns."""
    baseline: Mapping[str, str]
    """What the baseline's run says: answer, output, status and so on."""
    candidate: Mapping[str, str]


def told(
    bound: Bound,
    uses: Mapping[str, MetricUse],
    metric: str,
    units: Sequence[str],
    *,
    engine: Engine,
) -> dict[str, Told]:
    """Read what stands beside some units, by the name of the unit.

    Args:
        bound: A table of predictions, scores, shadow pairs or preferences.
        uses: Metrics in use, for tables of graded runs.
        metric: Name in the `metric` column of such a table.
        units: Names of the units.
        engine: Where the table is.
    """
    name, what = bound.parts.format.name, bound.source.path
    if name not in TELLING:
        return {}
    also = [c for c in bound.parts.slices if name != "shadow_pairs" or not c.endswith(ARMS)]
    also = also[:MOST_COLUMNS]
    if name == "preferences":
        return _of_comparisons(comparisons(bound, also), also, units, engine=engine, what=what)
    if name == "predictions":
        view = predictions(bound, also)
        cells = _of_predictions(view, bound)
    elif name == "shadow_pairs":
        view = pairs(bound, also)
        cells = {
            f"{arm}_{key}": cell
            for arm in ARMS
            for key, cell in {**said(view, arm), "status": view[f"{arm}_status"]}.items()
        }
    else:
        view = runs(bound, uses, also)
        view = view.filter(view.unit.isin(list(units)), view.metric == metric)
        return _of_runs(view, also, engine, what)
    view = view.filter(view.unit.isin(list(units)))
    named = {f"t{i}": cell.cast("string") for i, cell in enumerate(cells.values())}
    levels = [f"s{i}" for i in range(len(also))]
    rows = engine.fetch(view.select("unit", *levels, **named).order_by("unit"), what).to_pylist()
    return {row["unit"]: _told(row, list(cells), also) for row in rows}


def _of_predictions(view: Any, bound: Bound) -> dict[str, Any]:
    cells = {"label": view.label}
    for arm in ARMS:
        cells[f"{arm}_answer"] = view[f"{arm}_text"]
        if bound.parts.classes:
            cells[f"{arm}_confidence"] = view[f"{arm}_confidence"].round(4)
    return cells


def _told(row: Mapping[str, Any], cells: Sequence[str], also: Sequence[str]) -> Told:
    found: dict[str, dict[str, str]] = {"": {}, **{arm: {} for arm in ARMS}}
    for i, name in enumerate(cells):
        arm = next((arm for arm in ARMS if name.startswith(f"{arm}_")), "")
        _keep(found[arm], name.removeprefix(f"{arm}_"), row[f"t{i}"])
    for i, name in enumerate(also):
        _keep(found[""], name, row[f"s{i}"])
    return Told(found[""], found["baseline"], found["candidate"])


def _keep(kept: dict[str, str], name: str, text: str | None) -> None:
    if text is not None and text not in (NO_LEVEL, "", "ok"):
        kept[name] = text[:LONGEST]


def _of_runs(view: Any, also: Sequence[str], engine: Engine, what: str) -> dict[str, Told]:
    """Put the runs of a unit together; what both models' files say alike is about the unit."""
    levels = [f"s{i}" for i in range(len(also))]
    chosen = view.select("unit", "arm", "repeat", "status", "value", *levels)
    rows = engine.fetch(chosen.order_by("unit", "arm", "repeat"), what).to_pylist()
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for row in rows:
        arm = found.setdefault(row["unit"], {arm: {} for arm in ARMS})[row["arm"]]
        arm.setdefault("grades", []).append(_grade(row))
        for i, name in enumerate(also):
            text = row[f"s{i}"]
            if text != NO_LEVEL and text not in arm.get(name, []):
                arm.setdefault(name, []).append(text)
    return {unit: _together(arms) for unit, arms in found.items()}


def _of_comparisons(
    view: Any, also: Sequence[str], units: Sequence[str], *, engine: Engine, what: str
) -> dict[str, Told]:
    """Put the comparisons of an item together: what each model answered, and who preferred what.

    A pair of columns such as `answer_first` and `answer_second` tells the answers of whichever
    models stood there; any other column is about the item.
    """
    levels = [f"s{i}" for i in range(len(also))]
    view = view.filter(view.unit.isin(list(units)))
    rows = engine.fetch(
        view.select("unit", "rater", "first", "won", "repeat", *levels).order_by("unit", "repeat"),
        what,
    ).to_pylist()
    paired = {n for n in also if {f"{_stem(n)}_{place}" for place in _PLACES} <= set(also)}
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for row in rows:
        item = found.setdefault(row["unit"], {"": {}, **{arm: {} for arm in ARMS}})
        item[""].setdefault("said", []).append(f"{row['rater']}: {_VERDICTS[row['won']]}")
        for i, name in enumerate(also):
            arm = _stood(name, ahead=row["first"] == 1.0) if name in paired else ""
            kept = item[arm].setdefault(_stem(name) if arm else name, [])
            if row[f"s{i}"] != NO_LEVEL and row[f"s{i}"] not in kept:
                kept.append(row[f"s{i}"])
    return {
        unit: Told(*({n: "\n".join(t)[:LONGEST] for n, t in part.items() if t} for part in parts))
        for unit, parts in (
            (u, (item[""], *(item[arm] for arm in ARMS))) for u, item in found.items()
        )
    }


_PLACES = ("first", "second")
_VERDICTS: Mapping[float | None, str] = {
    None: "nothing usable",
    0.0: "baseline",
    0.5: "tie",
    1.0: "candidate",
}


def _stem(name: str) -> str:
    head, _, place = name.rpartition("_")
    return head if place in _PLACES else name


def _stood(name: str, *, ahead: bool) -> str:
    """Say whose answer a column holds, given whether the candidate's stood first."""
    return "candidate" if name.endswith("_first") == ahead else "baseline"


def _grade(row: Mapping[str, Any]) -> str:
    """The grade that counted, or how the run ended."""
    return str(row["status"]) if row["value"] is None else f"{row['value']:g}"


def _together(arms: Mapping[str, Mapping[str, list[str]]]) -> Told:
    texts = {
        arm: {
            name: (", " if name == "grades" else "\n").join(lines)[:LONGEST]
            for name, lines in of.items()
        }
        for arm, of in arms.items()
    }
    one, other = texts["baseline"], texts["candidate"]
    about = {n: t for n, t in one.items() if n != "grades" and other.get(n, t) == t}
    about |= {n: t for n, t in other.items() if n != "grades" and n not in one}
    return Told(
        about,
        {name: text for name, text in one.items() if name not in about},
        {name: text for name, text in other.items() if name not in about},
    )
