"""Shadow: what live pairs showed beside the checks, counted and said in lines of text."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shipcall.report.cohort import ARMS, SHARE, absent, said
from shipcall.report.table import Cell, Column, Painter, fitted
from shipcall.report.text import ELLIPSIS, pad, shorten, wrapped
from shipcall.report.words import View, counted, level_text, significant, whole, write

OTHERS, NO_ANSWER = "(others)", "(no answer)"
"""Rows of the matrix that are no decision: rarer ones together, and none at all."""
STATUSES = {
    "ok": "answered",
    "model_error": "the model failed",
    "infra_error": "the machinery failed",
    "judge_error": "the judge failed",
    "not_run": "did not run",
}
_ASKED = {"candidate": "the candidate", "baseline": "the baseline", "same": "neither"}
_PLAIN = Painter(colour=False)
_WIDTH = 76
_NAME = 20
"""Width of the name of a slice."""
_THINNEST = 5
_CELLS = 5
_HOLES = 4


class Row(NamedTuple):
    """The pairs of one slice."""

    name: str
    days: Sequence[int]

    @property
    def pairs(self) -> int:
        """Pairs of the whole week."""
        return sum(self.days)


class Met(NamedTuple):
    """A decision of the baseline that met another one of the candidate."""

    baseline: str
    candidate: str
    pairs: int


class Decisions(NamedTuple):
    """How far the decisions of both models are apart."""

    pairs: int
    differ: int
    unknown: int
    """Pairs of which the matrix cannot say it: rarer decisions together, or none of either."""
    largest: Sequence[Met]
    """Decisions that differ, the most frequent first."""


def shadow_lines(exhibits: Mapping[str, Any]) -> list[str]:
    """Write the exhibits of a shadow stage; a part of which nothing is known says so.

    Args:
        exhibits: As the shadow stage gives them, in plain form.

    Returns:
        Lines of at most 80 columns, empty where there are no exhibits.
    """
    if not exhibits:
        return []
    lines = ["Counted among the pairs that were seen; nothing of it moves the call."]
    for title, part in (
        ("pairs by day of the week (UTC)", _coverage(exhibits.get("coverage") or {})),
        ("where decisions differ", _decisions(exhibits.get("decisions") or {})),
        ("latency in ms", _latency(exhibits.get("latency_ms") or {})),
        ("how runs ended", _statuses(exhibits.get("statuses") or {})),
        ("what readers preferred", _text(review_text(exhibits.get("review") or {}))),
    ):
        lines += ["", title, *(f"  {line}" for line in part)]
    return lines


def slices_of(view: View) -> list[Row]:
    """All pairs first, then the slices from the thinnest up."""
    rows = [Row(one["slice"], one["pairs"]) for one in view.get("slices", ())]
    return sorted(rows, key=lambda row: (row.name != "all", row.pairs, row.name))


def holes_text(rows: Sequence[Row], weekdays: Sequence[str]) -> str:
    """Name the days on which a slice has no pair at all."""
    holes = [
        f"{row.name} on {day}"
        for row in rows
        for day, pairs in zip(weekdays, row.days, strict=True)
        if row.pairs and not pairs
    ]
    named = [f"{row.name} on any day" for row in rows if not row.pairs] + holes
    more = f", and {whole(len(named) - _HOLES)} more" if len(named) > _HOLES else ""
    return f"No pair of {'; '.join(named[:_HOLES])}{more}." if named else ""


def decisions_of(view: View) -> Decisions:
    """Count the pairs beside the diagonal, and those of which nobody can say where they lie."""
    names, counts = view.get("classes", ()), view.get("counts", ())
    met = [
        Met(names[i], names[j], n)
        for i, row in enumerate(counts)
        for j, n in enumerate(row)
        if i != j and n
    ]
    return Decisions(
        pairs=sum(map(sum, counts)),
        differ=sum(one.pairs for one in met),
        unknown=sum(counts[i][i] for i, name in enumerate(names) if name in (OTHERS, NO_ANSWER)),
        largest=sorted(met, key=lambda one: (-one.pairs, one.baseline, one.candidate)),
    )


def decisions_text(found: Decisions) -> str:
    """How many pairs have different decisions, and of how many that is not known."""
    if not found.pairs:
        return "No data: no pair has a decision of both models."
    share = part_text(found.differ, found.pairs)
    text = (
        f"Decisions differ in {whole(found.differ)} of {counted(found.pairs, 'pair')} ({share}); "
        "a decision beside no answer counts as different."
    )
    if found.unknown:
        text += (
            f" Of {whole(found.unknown)} more it is not known: both decisions are among the "
            "rarer ones, which are counted together, or neither model decided."
        )
    return text


def part_text(some: int, total: int) -> str:
    """A count as a percentage that says 0 or 100 only where it is so."""
    share = 100 * some / total
    if some in (0, total):
        return f"{whole(share)} %"
    if share < 0.05:
        return "<0.1 %"
    return ">99.9 %" if share >= 99.95 else f"{write(share, decimals=1)} %"


def brief(count: int) -> str:
    """A count in at most seven characters: thousands as k, millions as M."""
    if count < 100_000:
        return whole(count)
    return f"{whole(count / 1e3)}k" if count < 9_999_500 else f"{whole(count / 1e6)}M"


def quantiles_of(view: View) -> list[str]:
    """Names of the quantiles that at least one model has, in their order."""
    return list(dict.fromkeys(name for arm in ARMS for name in view.get(arm) or {}))


def ms_text(view: View, arm: str, quantile: str) -> str:
    """One quantile of one model in ms, without the unit; "no data" where it was not measured."""
    measured = (view.get(arm) or {}).get(quantile)
    return "no data" if measured is None else significant(measured)


def review_text(view: View) -> str:
    """What readers preferred, with the exact interval, and what they called unsafe."""
    if not view:
        return "No data: nobody has read a pair of this evidence."
    read = sum(n for name, n in view.items() if isinstance(n, int) and name != "skipped")
    votes = ", ".join(f"{name} {whole(view.get(key, 0))}" for key, name in _ASKED.items())
    unsafe = ", ".join(f"the {arm} {whole(view.get(f'unsafe_{arm}', 0))}" for arm in ARMS)
    return (
        f"{counted(read, 'pair')} read, blind. Preferred: {votes}. Called unsafe: {unsafe}. "
        f"{preferred_text(view)} Pairs that differ were chosen more often, so it speaks of those."
    )


def preferred_text(view: View) -> str:
    """The share of preferences that went to the candidate, and on which side of half it lies."""
    share = view.get("candidate_preferred")
    if share is None:
        return "No pair has a preferred answer."
    if absent(share):
        return f"No data: {share['detail']}."
    side = "half lies inside, so readers do not tell which model they prefer"
    if share["low"] > 0.5 or share["high"] < 0.5:
        liked = "candidate" if share["low"] > 0.5 else "baseline"
        side = f"half lies outside, so readers prefer the {liked}"
    level = level_text(1 - sum(share["tails"]))
    return f"To the candidate went {said(share, SHARE)} of the preferences ({level}): {side}."


def _text(text: str) -> list[str]:
    return list(wrapped(text, _WIDTH))


def _coverage(view: View) -> Iterator[str]:
    rows = slices_of(view)
    if not rows:
        yield "No data: no pair was counted."
        return
    days = view["weekdays"]
    yield _line("", [*(day[:3] for day in days), "all"])
    shown = rows[: _THINNEST + (rows[0].name == "all")]
    for row in shown:
        yield _line(row.name, [brief(n) for n in (*row.days, row.pairs)])
    left = len(rows) - len(shown)
    if left:
        yield f"{counted(left, 'slice')} with more pairs {'is' if left == 1 else 'are'} not listed."
    yield from _text(holes_text(rows, days)) if holes_text(rows, days) else ()


def _line(name: str, cells: Sequence[str]) -> str:
    return pad(shorten(name, _NAME), _NAME) + "".join(pad(cell, 7, right=True) for cell in cells)


def _decisions(view: View) -> Iterator[str]:
    found = decisions_of(view)
    yield from _text(decisions_text(found))
    if not found.largest:
        return
    titles = ("baseline", "candidate", "pairs", "share")
    rows = [
        (one.baseline, one.candidate, whole(one.pairs), part_text(one.pairs, found.pairs))
        for one in found.largest[:_CELLS]
    ]
    yield from _table(titles, rows, names=2)
    left = len(found.largest) - len(rows)
    if left:
        yield f"{ELLIPSIS} and {counted(left, 'rarer combination')}"


def _latency(view: View) -> Iterator[str]:
    quantiles = quantiles_of(view)
    if not quantiles:
        yield "No data: the latency of neither model was measured."
        return
    rows = [(name, *(ms_text(view, arm, name) for arm in ARMS)) for name in quantiles]
    yield from _table(("quantile", *ARMS), rows)


def _statuses(view: View) -> Iterator[str]:
    known = [name for name in STATUSES if any(name in (view.get(arm) or {}) for arm in ARMS)]
    others = sorted({str(name) for arm in ARMS for name in view.get(arm) or {}} - set(known))
    if not known and not others:
        yield "No data: no run was counted."
        return
    rows = [
        (STATUSES.get(name, name), *(_ended(view.get(arm) or {}, name) for arm in ARMS))
        for name in (*known, *others)
    ]
    yield from _table(("ended", *ARMS), rows)


def _ended(runs: Mapping[str, int], status: str) -> str:
    total = sum(runs.values())
    if not total:
        return "no data"
    return f"{whole(runs.get(status, 0))} ({part_text(runs.get(status, 0), total)})"


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, names: int = 1) -> list[str]:
    columns = [
        Column(title, right=place >= names, least=12 if place < names else 0)
        for place, title in enumerate(titles)
    ]
    cells = [[Cell(text) for text in row] for row in rows]
    laid = fitted(columns, cells, _WIDTH, _PLAIN) or []
    return [line.rstrip() for lines in laid for line in lines]
