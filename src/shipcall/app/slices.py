"""Slices: every slice of a recorded verdict, filtered, sorted and paged; nothing is judged anew."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markupsafe import Markup

from shipcall.app.recalled import Recalled, asked_choice, asked_number, recall_having
from shipcall.core import UsageError
from shipcall.report.findings import closeness, tally
from shipcall.report.heat import heat
from shipcall.report.shown import read_together
from shipcall.report.slice_map import map_cells
from shipcall.report.slice_pictures import MANY, ends_of
from shipcall.report.slices import slice_rows
from shipcall.report.text import clean_view
from shipcall.report.words import bounds_of

View = dict[str, Any]

PAGE = 100
"""Slices on one page."""
MOST_CELLS = 3_600
"""Slices in one picture."""
MOST_PICTURES = 6
"""Pictures while no column is chosen."""
SORTS: Mapping[str, str] = {
    "closest": "closest to the bar first",
    "worst": "worst first",
    "size": "largest first",
    "name": "by name",
}
ANSWERS: Mapping[str, str] = {
    "": "",
    "pass": "CLEAR",
    "can't tell": "OPEN",
    "fail": "BREACH",
    "no data": "ABSENT",
}
"""What people read -> standing."""


@dataclass(frozen=True)
class SliceBook:
    """The slices of one verdict, with their pictures, each drawn when it is first asked for."""

    every: Sequence[View]
    """Findings without control characters, in the promised order."""
    columns: Mapping[str, Sequence[View]]
    """Slice column or cross -> its slices."""
    correction: Sequence[View]
    together: View
    """What the slices of a gate say together (see `report.shown.read_together`)."""
    verdict: View
    """Every finding and what stands beside them, of which the map of metrics is made."""
    _drawn: dict[tuple[str, str, bool], Markup] = field(default_factory=dict)
    _tables: dict[tuple[str, str], list[View]] = field(default_factory=dict)
    _maps: dict[str, list[View]] = field(default_factory=dict)

    def pictures(self, chosen: str) -> list[View]:
        """Name what is drawn: the chosen column, else crosses before single columns."""
        names = [chosen] if chosen else sorted(self.columns, key=lambda n: (-n.count("*"), n))
        named = [
            {"column": name, "metric": metric, "left": max(0, len(found) - MOST_CELLS)}
            for name in names
            if name.count("*") < 2
            for metric, found in self._by_metric(name).items()
        ]
        return named if chosen else named[:MOST_PICTURES]

    def cells(self, column: str, metric: str) -> list[View]:
        """Give the slices in one picture, those closest to their bar where there are too many."""
        return sorted(self._by_metric(column)[metric], key=_closest)[:MOST_CELLS]

    def drawn(self, column: str, metric: str, link: Callable[[str], str] | None = None) -> Markup:
        """Draw one picture; with links to the checks, or to stand alone."""
        key = column, metric, link is not None
        if key not in self._drawn:
            self._drawn[key] = heat(self.cells(column, metric), link=link)
        return self._drawn[key]

    def table(self, column: str, metric: str) -> list[View]:
        """Give the numbers of one picture as the rows of a table."""
        if (column, metric) not in self._tables:
            self._tables[column, metric] = slice_rows(self.cells(column, metric))
        return self._tables[column, metric]

    def read_together(self, chosen: str) -> View:
        """Give what slices say together, of one column or cross or of all; whole lists."""
        cuts = self.together["slices"]
        kept = [cut for cut in cuts if chosen in ("", "*".join(cut["columns"]))]
        return {**self.together, "slices": kept}

    def map(self, chosen: str) -> list[View]:
        """Give every metric in every slice of one column or cross or of all, the worst first."""
        if chosen not in self._maps:
            self._maps[chosen] = [dict(c) for c in map_cells(self.verdict, column=chosen)]
        return self._maps[chosen]

    def _by_metric(self, column: str) -> dict[str, list[View]]:
        metrics: dict[str, list[View]] = {}
        for finding in self.columns[column]:
            metrics.setdefault(finding["metric"], []).append(finding)
        return metrics


def slice_book(recalled: Recalled) -> SliceBook:
    """Gather the slices of a recorded verdict that may be shown, once for as long as it is kept."""
    return recalled.once("slices", lambda: _gathered(recalled))


def _gathered(recalled: Recalled) -> SliceBook:
    told = {name: recalled.view.get(name) for name in ("findings", "exhibits")}
    verdict: View = clean_view(told)
    every = [finding for finding in verdict["findings"] if _is_slice(finding)]
    columns: dict[str, list[View]] = {}
    for finding in every:
        name = "*".join(column for column, _ in finding["slice_pairs"])
        columns.setdefault(name, []).append(finding)
    correction = _correction(recalled.judged.facts["findings"])
    return SliceBook(
        every=every,
        columns=dict(sorted(columns.items())),
        correction=correction,
        together=clean_view(read_together(recalled.view)),
        verdict=verdict,
    )


def recall_slices(root: Path, release: str, stage: str | None) -> Recalled:
    """Give the newest recorded verdict that has slices, or that of one stage."""
    return recall_having(root, release, stage, lambda f: bool(f["check"]["slice"]["pairs"]))


def slices_view(recalled: Recalled, asked: Mapping[str, str]) -> View:
    """Show the slices of a recorded verdict.

    Args:
        recalled: The verdict.
        asked: `column` (a slice column, or a cross such as "device*tenure"), `answer` (pass,
            can't tell, fail, no data), `q` (a text in the name), `sort` (a key of SORTS) and
            `page` (from 1) narrow and order the rows.

    Raises:
        UsageError: On a column, an answer or an order that there is not.
    """
    if not recalled.judged.shown:
        return {"kind": "covered", **recalled.head}
    book = slice_book(recalled)
    chosen = _column(asked, book.columns)
    sort = asked_choice(asked, "sort", SORTS)
    answer = ANSWERS[asked_choice(asked, "answer", ANSWERS)]
    text = asked.get("q", "")
    kept = [f for f in book.columns.get(chosen, book.every) if _wanted(f, answer, text)]
    page, pages = asked_number(asked, "page"), max(1, -(-len(kept) // PAGE))
    first = (page - 1) * PAGE
    return {
        "kind": "slices",
        **recalled.head,
        "stages": list(recalled.stages),
        "query": _query(asked, column=chosen, sort=sort),
        "columns": [
            {"column": name, "slices": len(found), "tally": dict(tally(found))}
            for name, found in book.columns.items()
        ],
        "counts": _counts(book.every, kept),
        "untestable": _untestable(book.every),
        "correction": list(book.correction),
        "rows": sorted(kept, key=_ORDERS[sort])[first : first + PAGE],
        "page": page,
        "pages": pages,
        "pictures": book.pictures(chosen),
        "map": book.map(chosen),
        "together": _shortened(book.read_together(chosen)),
    }


def _shortened(together: View) -> View:
    """Keep of each column the slices that a picture shows, and count the others (`left`)."""
    cuts = []
    for cut in together["slices"]:
        known = sum("absent" not in one for one in cut["shrunk"])
        kept = ends_of(cut, MANY)
        cuts.append({**cut, "shrunk": kept, "left": known - len(kept)})
    return {**together, "slices": cuts}


def _is_slice(finding: View) -> bool:
    return bool(finding["slice_pairs"]) and finding["role"] != "sanity"


def _column(asked: Mapping[str, str], columns: Mapping[str, Any]) -> str:
    chosen = asked.get("column", "")
    if chosen and chosen not in columns:
        known = ", ".join(columns) or "none"
        raise UsageError(f"there are no slices by {chosen!r}. There are slices by: {known}.")
    return chosen


def _wanted(finding: View, answer: str, text: str) -> bool:
    if answer and finding["standing"] != answer:
        return False
    return not text or text.lower() in f"{finding['id']} {finding['metric']}".lower()


def _query(asked: Mapping[str, str], **settled: str) -> View:
    told = {name: asked[name] for name in ("stage", "answer", "q") if asked.get(name)}
    return told | {name: value for name, value in settled.items() if value}


def _counts(every: Sequence[View], kept: Sequence[View]) -> View:
    return {
        "all": len(every),
        "kept": len(kept),
        "protected": sum(bool(finding["protected"]) for finding in every),
        "watched": sum(finding["role"] == "watch" for finding in every),
        "tally": dict(tally(every)),
        "kept_tally": dict(tally(kept)),
    }


def _untestable(findings: Iterable[View]) -> list[View]:
    """Count the slices without an estimate by why there is none, the most frequent first."""
    absent = [finding["absent"] for finding in findings if finding["absent"]]
    counts = Counter(one["code"] for one in absent)
    told = {one["code"]: one for one in absent}
    return [
        {
            "code": code,
            "slices": count,
            "sentence": told[code]["sentence"],
            "next_step": told[code]["next_step"],
        }
        for code, count in counts.most_common()
    ]


def _correction(findings: Iterable[Mapping[str, Any]]) -> list[View]:
    """Name every family of slices whose breaches share one error level."""
    families: dict[str, View] = {}
    for finding in findings:
        family = finding["check"]["family"]
        if family is not None:
            named = {"method": family["method"], "breach_at": family["breach_at"], "slices": 0}
            held = families.setdefault(family["name"], {"name": family["name"], **named})
            held["slices"] += 1
    return list(families.values())


def _units(finding: View) -> int:
    told = finding["estimate"] or finding["absent"]
    return int(told["n"])


def _closest(finding: View) -> tuple[float, str]:
    return abs(closeness(finding)), finding["id"]


def _worst(finding: View) -> tuple[float, str]:
    """Order by the room left to the bar, in the unit of the number; past the bar is negative."""
    estimate, bar = finding["estimate"], finding["bar"]
    if estimate is None or not bounds_of(finding):
        return float("inf"), finding["id"]
    rooms = []
    if bar.get("low") is not None:
        rooms.append(estimate["value"] - bar["low"])
    if bar.get("high") is not None:
        rooms.append(bar["high"] - estimate["value"])
    return min(rooms), finding["id"]


_ORDERS: Mapping[str, Callable[[View], Any]] = {
    "closest": _closest,
    "worst": _worst,
    "size": lambda finding: (-_units(finding), finding["id"]),
    "name": lambda finding: (finding["slice"], finding["metric"], finding["id"]),
}
