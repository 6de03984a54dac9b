"""Exhibit rows: the numbers of every picture that a stage shows beside its findings, as tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from shipcall.report.cohort import ARMS, absent
from shipcall.report.judge_pictures import judge_picture_rows
from shipcall.report.repeats import repeat_rows
from shipcall.report.shown import read_together
from shipcall.report.slice_pictures import slice_picture_rows
from shipcall.report.words import View

Row = dict[str, Any]
Shown = Mapping[str, Any]

_COMPARED = (*ARMS, "difference")
_ENDS = ("value", "low", "high", "n")


def exhibit_rows(view: View) -> Mapping[str, Sequence[Row]]:
    """Give the numbers of every picture of `exhibits.exhibit_svgs`.

    Args:
        view: A verdict.

    Returns:
        Name of a picture -> rows with the same columns; shares are 0 to 1.
    """
    shown = view.get("exhibits") or {}
    if absent(shown):
        return {}
    if view["stage"] == "gate":
        judges, luck = judge_picture_rows(shown), repeat_rows(shown)
        return {**slice_picture_rows(read_together(view)), **luck, **judges}
    tables = _TABLES.get(view["stage"], {})
    return {name: list(table(shown)) for name, table in tables.items() if shown.get(_OF[name])}


def _coverage(shown: Shown) -> Iterator[Row]:
    days = shown["coverage"]["weekdays"]
    for one in shown["coverage"]["slices"]:
        for day, pairs in zip(days, one["pairs"], strict=True):
            yield {"slice": one["slice"], "weekday": day, "pairs": pairs}


def _decisions(shown: Shown) -> Iterator[Row]:
    view = shown["decisions"]
    for baseline, counts in zip(view["classes"], view["counts"], strict=True):
        for candidate, pairs in zip(view["classes"], counts, strict=True):
            yield {"baseline": baseline, "candidate": candidate, "pairs": pairs}


def _latency(shown: Shown) -> Iterator[Row]:
    for arm in ARMS:
        for quantile, ms in (shown["latency_ms"].get(arm) or {}).items():
            yield {"arm": arm, "quantile": quantile, "ms": ms}


def _review(shown: Shown) -> Iterator[Row]:
    view = shown["review"]
    unbounded: Row = dict.fromkeys(("low", "high"))
    for answer, pairs in view.items():
        if isinstance(pairs, int):
            yield {"answer": answer, "value": pairs, **unbounded}
    share = view.get("candidate_preferred")
    if share and not absent(share):
        ends = {name: share[name] for name in ("value", "low", "high")}
        yield {"answer": "candidate_preferred_share", **ends}


def _retention(shown: Shown) -> Iterator[Row]:
    for cell in shown["retention"]["cells"]:
        yield {"cohort": cell["cohort"], "age": cell["age"], **_pair(cell), "state": cell["state"]}


def _by(part: str, rows: str, key: str) -> Callable[[Shown], Iterator[Row]]:
    def table(shown: Shown) -> Iterator[Row]:
        view = shown[part]
        for one in () if absent(view) else view[rows]:
            yield {key: one[key], **_pair(one)}

    return table


def _migration(shown: Shown) -> Iterator[Row]:
    view = shown["migration"]
    for move in () if absent(view) else view["moves"]:
        names = {"before": move["before"], "after": move["after"]}
        yield {**names, **_pair(move), "differs_beyond_noise": move["marked"]}


def _changes(shown: Shown) -> Iterator[Row]:
    view = shown["changes"]
    for place, day in enumerate(() if absent(view) else view["days"]):
        yield {"day": day, **{name: view["series"][name][place] for name in _COMPARED}}


def _forecast(shown: Shown) -> Iterator[Row]:
    view = shown["forecast"]
    if not absent(view):
        yield {"age": view["age"], "from": view["from"], **_pair(view)}


def _pair(one: View) -> Row:
    """Both arms and their difference with their ends; empty cells and a reason where absent."""
    row: Row = {}
    why = ""
    for name in _COMPARED:
        part = one[name]
        if absent(part):
            why = why or part["detail"]
        for end in _ENDS:
            row[name if end == "value" else f"{name}_{end}"] = part.get(end)
    return {**row, "why_none": why}


_TABLES: Mapping[str, Mapping[str, Callable[[Shown], Iterator[Row]]]] = {
    "shadow": {
        "coverage": _coverage,
        "decisions": _decisions,
        "latency": _latency,
        "review": _review,
    },
    "cohort": {
        "retention": _retention,
        "survival": _by("survival", "curve", "age"),
        "fatigue": _by("fatigue", "hazards", "exposures"),
        "depth": _by("depth", "quantiles", "q"),
        "migration": _migration,
        "changes": _changes,
        "forecast": _forecast,
    },
}
_OF = {name: name for tables in _TABLES.values() for name in tables} | {"latency": "latency_ms"}
"""Name of a picture -> name of the exhibit it shows."""
