"""Pair book: what people want to see of shadow pairs beside the estimates. All of it is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from shipcall.core import Slice
from shipcall.data.pairs import WEEK, PairLines, compared, pairs, said, weekday
from shipcall.data.sources import ARMS

QUANTILES = (0.5, 0.9, 0.99)
NO_ANSWER = "(no answer)"
OTHERS = "(others)"
_DIGITS = 10
"""Significant digits of what is interpolated."""


class Matrix(NamedTuple):
    """How often each decision of the baseline met each of the candidate."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    """counts[i][j]: the baseline decided classes[i], the candidate classes[j]."""


class Readable(NamedTuple):
    """One pair as a person can read it."""

    request: str
    about: Mapping[str, str]
    """What the files say of the request itself: column -> value."""
    baseline: Mapping[str, str]
    """What the baseline answered: output, decision, top_k."""
    candidate: Mapping[str, str]


class Listed(NamedTuple):
    """One pair that can be read, before anybody reads it."""

    request: str
    agrees: bool


@dataclass(frozen=True)
class PairBook:
    """One table of shadow pairs, asked for counts and for pairs to read."""

    lines: PairLines

    def calendar(self, parts: Sequence[Slice]) -> dict[Slice, tuple[int, ...]]:
        """Count the pairs of each slice on each day of the week, Monday first, in UTC.

        Pairs with a model of which nothing is known do not count; a slice of a column that the
        files do not have has none.
        """
        found = {part: [0] * len(WEEK) for part in parts}
        for columns in dict.fromkeys(part.columns for part in parts):
            if not set(columns) <= set(self.lines.bound.parts.slices):
                continue
            for row in self._by_weekday(columns):
                part = Slice.of({name: row[f"s{i}"] for i, name in enumerate(columns)})
                if part in found and row["day"] is not None:
                    found[part][row["day"]] += row["n"]
        return {part: tuple(counts) for part, counts in found.items()}

    def _by_weekday(self, columns: Sequence[str]) -> list[dict[str, Any]]:
        view = compared(self.lines.of(columns))
        levels = [f"s{i}" for i in range(len(columns))]
        keyed = view.group_by(*levels, day=weekday(view.seconds))
        return self._rows(keyed.aggregate(n=view.count()))

    def decisions(self, most: int) -> Matrix:
        """Count decisions of both models, the most frequent classes by name, the rest together.

        Args:
            most: Decisions that keep their name; `NO_ANSWER` keeps it as well, however rare: a
                model that did not decide is no rare decision.
        """
        view = compared(self.lines.of())
        if not all(f"{arm}_decision" in view.columns for arm in ARMS):
            return Matrix((), ())
        cells = {arm: view[f"{arm}_decision"].fill_null(NO_ANSWER) for arm in ARMS}
        rows = self._rows(view.group_by(**cells).aggregate(n=view.count()))
        totals: dict[str, int] = {}
        for row in rows:
            for arm in ARMS:
                totals[row[arm]] = totals.get(row[arm], 0) + row["n"]
        ranked = sorted(totals, key=lambda name: (-totals[name], name))
        decided = [name for name in ranked if name != NO_ANSWER]
        named = [name for name in ranked if name in (*decided[:most], NO_ANSWER)]
        classes = [*named, *([OTHERS] if len(decided) > most else [])]
        place = {name: i for i, name in enumerate(named)}
        counts = [[0] * len(classes) for _ in classes]
        for row in rows:
            first, second = (place.get(row[arm], len(named)) for arm in ARMS)
            counts[first][second] += row["n"]
        return Matrix(tuple(classes), tuple(tuple(row) for row in counts))

    def statuses(self) -> dict[str, dict[str, int]]:
        """Count how the runs of each model ended."""
        view = self.lines.of()
        found = {}
        for arm in ARMS:
            counts = view.group_by(status=view[f"{arm}_status"]).aggregate(n=view.count())
            found[arm] = {row["status"]: row["n"] for row in self._rows(counts)}
        return {arm: dict(sorted(counts.items())) for arm, counts in found.items()}

    def latency(self) -> dict[str, dict[str, float]]:
        """Give quantiles of the latency of each model, in ms; empty where it was not measured."""
        view = self.lines.of()
        names = [f"{arm}_latency_ms" for arm in ARMS]
        if not set(names) <= set(view.columns):
            return {}
        sums = {
            f"{name}_{i}": view[name].quantile(q) for name in names for i, q in enumerate(QUANTILES)
        }
        seen = self.lines.engine.row(view.aggregate(**sums), self.lines.what)
        return {
            arm: {
                f"p{100 * q:g}": float(f"{seen[f'{arm}_latency_ms_{i}']:.{_DIGITS}g}")
                for i, q in enumerate(QUANTILES)
                if seen[f"{arm}_latency_ms_{i}"] is not None
            }
            for arm in ARMS
        }

    def silent(self) -> tuple[str, ...]:
        """Name the models of which the safety grade never varied over more than one pair."""
        view = self.lines.of()
        names = {arm: f"{arm}_safety" for arm in ARMS if f"{arm}_safety" in view.columns}
        if not names:
            return ()
        sums = {arm: view[name].nunique() for arm, name in names.items()}
        sums |= {f"{arm}_n": view[name].count() for arm, name in names.items()}
        seen = self.lines.engine.row(view.aggregate(**sums), self.lines.what)
        return tuple(arm for arm in names if seen[arm] == 1 and seen[f"{arm}_n"] > 1)

    def readable(self) -> list[Listed]:
        """List the pairs that a person can compare, by name: both models answered once."""
        view = self._answered()
        agrees = [(one == other).fill_null(False) for one, other in _said_by_both(view)]
        alike = view.unit.notnull()
        for same in agrees:
            alike &= same
        rows = self._rows(view.select(request=view.unit, agrees=alike).order_by("request"))
        return [Listed(row["request"], row["agrees"]) for row in rows]

    def read(self, requests: Sequence[str]) -> dict[str, Readable]:
        """Fetch pairs as people read them, by the name of their request."""
        about = [name for name in self.lines.bound.parts.slices if not name.endswith(ARMS)]
        view = self._answered(about)
        view = view.filter(view.unit.isin(list(requests)))
        names = ["unit", *(f"s{i}" for i in range(len(about)))]
        told = {
            f"{arm}_{name}": cell.cast("string")
            for arm in ARMS
            for name, cell in said(view, arm).items()
        }
        rows = self._rows(view.select(*names, **told))
        return {row["unit"]: _readable(row, about) for row in rows}

    def _answered(self, sliced: Sequence[str] = ()) -> Any:
        view = pairs(self.lines.bound, sliced)
        return view.filter(view.baseline_status == "ok", view.candidate_status == "ok")

    def _rows(self, expression: Any) -> list[dict[str, Any]]:
        return list(self.lines.engine.fetch(expression, self.lines.what).to_pylist())


def _said_by_both(view: Any) -> list[tuple[Any, Any]]:
    first, second = (said(view, arm) for arm in ARMS)
    return [(first[name], second[name]) for name in first if name in second]


def _readable(row: Mapping[str, Any], about: Sequence[str]) -> Readable:
    told = {
        arm: {
            name.removeprefix(f"{arm}_"): str(value)
            for name, value in row.items()
            if name.startswith(f"{arm}_") and value is not None
        }
        for arm in ARMS
    }
    where = {name: row[f"s{i}"] for i, name in enumerate(about)}
    return Readable(row["unit"], where, told["baseline"], told["candidate"])
