"""Facts: censuses of one table. Counts of what is there, what is lost and what does not fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from shipcall.core import Absent
from shipcall.data.alike import alike_sums, variety
from shipcall.data.cells import as_seconds, as_text
from shipcall.data.connect import Engine
from shipcall.data.sources import ARMS, MetricUse
from shipcall.data.views import MEASURES, Bound, lines, predictions, runs

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_VALUES = 20
_SAID = ("text", "confidence", "square")
"""Columns of a view of predictions which say together what a model answered."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and the first of them in the order of their names."""

    count: int = 0
    example: str | None = None


class LostPairs(NamedTuple):
    """Pairs without a usable value, by the arm that lost it."""

    only_baseline: int = 0
    only_candidate: int = 0
    both: int = 0

    @property
    def total(self) -> int:
        """Pairs that cannot be compared."""
        return self.only_baseline + self.only_candidate + self.both


class Differing(NamedTuple):
    """A column that has to be the same for both arms and is not."""

    column: str
    baseline: tuple[str, ...]
    candidate: tuple[str, ...]


class Span(NamedTuple):
    """First and last moment, in UTC, to the second."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a table holds. All of it is counted; nothing is estimated."""

    absent: Absent | None = None
    """Why nothing could be counted. Then every count is zero and says nothing."""
    expected_units: int | None = None
    """Promised units; None where nothing was promised."""
    expected_rows: int | None = None
    rows: int = 0
    """Rows of the files."""
    units: int = 0
    """Different units (items)."""
    clusters: int = 0
    """Different clusters."""
    pairs: int = 0
    """Pairs that are there at least by half: rows of predictions; metric x item x repeat."""
    duplicates: Counted = Counted()
    """Rows that share their key with another row."""
    errored: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(arm, status) -> runs whose final status is not ok."""
    unlabelled: int = 0
    """Rows without a label; they are lost for both arms."""
    unmatched: Mapping[str, int] = field(default_factory=dict)
    """Arm -> pairs of which only this arm has a row (an answer)."""
    lost_pairs: LostPairs = field(default_factory=LostPairs)
    """Pairs without a usable answer or grade; a model error within a declared range is one."""
    lost_clusters: LostPairs = field(default_factory=LostPairs)
    """Clusters by the arm that lost more of their pairs than the other; both: as many."""
    mispaired: Counted = Counted()
    """Pairs whose hashes or clusters are not the same for both arms."""
    rehashed: Counted = Counted()
    """Hashes that stand under several names."""
    constant: tuple[tuple[str, str], ...] = ()
    """(arm, metric) of which every answer or grade is one value, or every grade on one side of the
    threshold; metric is "" for answers."""
    alike: int | None = None
    """Where no answer of the candidate differs from the baseline's: how many different answers
    there are, counted as far as `MANY`; None where one differs, or too few can be compared."""
    differing: tuple[Differing, ...] = ()
    """Scorer or eval set that is not the same for both arms."""
    labels: int = 0
    """Different labels."""
    unparsed: Mapping[str, int] = field(default_factory=dict)
    """Status -> sentinels that were read as this status."""
    out_of_range: Counted = Counted()
    """Grades outside the declared range."""
    elsewhere: int = 0
    """Rows of preferences which compare other models than these two, or one with itself."""
    hashed: bool = False
    """Every pair carries a content hash for both arms."""
    span: Span | None = None
    """First and last moment of the table, where it has moments."""
    weekdays: tuple[int, ...] = ()
    """Pairs of live requests on Monday, …, Sunday (UTC); empty in other tables."""

    @property
    def unfound_units(self) -> int:
        """Promised units that are nowhere in the table."""
        return max((self.expected_units or 0) - self.units, 0)

    @property
    def unfound_rows(self) -> int:
        """Promised rows that are nowhere in the table."""
        return max((self.expected_rows or 0) - self.rows, 0)


def count_predictions(bound: Bound, engine: Engine, what: str) -> Facts:
    """Count a table of predictions."""
    view = predictions(bound, ())
    lost = {arm: view[f"{arm}_text"].isnull() | view.label.isnull() for arm in ARMS}
    sums = {
        "rows": view.count(),
        "units": view.count() if bound.unique else view.unit.nunique(),
        "clusters": view.cluster.nunique(),
        "labels": view.label.nunique(),
        "unlabelled": view.label.isnull().sum(),
        **lost_sums(lost),
    }
    for arm in ARMS:
        other = ARMS[1 - ARMS.index(arm)]
        alone = view[f"{arm}_text"].notnull() & view[f"{other}_text"].isnull()
        sums[f"{arm}_alone"] = alone.sum()
        for name in _SAID:
            answer = view[f"{arm}_{name}"]
            sums |= {f"{arm}_{name}_least": answer.min(), f"{arm}_{name}_most": answer.max()}
        sums[f"{arm}_answers"] = view[f"{arm}_text"].count()
    sums |= alike_sums(view, _SAID)
    seen = engine.row(view.aggregate(**sums), what)
    return Facts(
        **promised(bound, seen["rows"]),
        units=seen["units"],
        clusters=seen["clusters"],
        pairs=seen["rows"],
        duplicates=Counted() if bound.unique else duplicates(bound, engine, what),
        unlabelled=seen["unlabelled"] or 0,
        unmatched={arm: seen[f"{arm}_alone"] or 0 for arm in ARMS},
        lost_pairs=lost_pairs_of(seen),
        lost_clusters=lost_clusters_of(view, lost, engine, what),
        rehashed=_rehashed(bound, "unit", engine, what),
        constant=tuple((arm, "") for arm in ARMS if _constant_answers(seen, arm)),
        alike=variety(view, [f"baseline_{name}" for name in _SAID], seen, engine, what),
        labels=seen["labels"],
        hashed=_is_hashed(bound, engine, what),
        span=_span(bound, engine, what),
    )


def count_rows(bound: Bound, engine: Engine, what: str) -> Facts:
    """Count a table of live traffic: its rows, its units and the time it spans."""
    t, parts = bound.table, bound.parts
    unit = next(name for name in ("unit", "request") if parts.has(name))
    named = as_text(parts.cell(t, unit))
    cluster = as_text(parts.cell(t, "cluster")) if parts.has("cluster") else named
    seen = engine.row(
        t.aggregate(rows=t.count(), units=named.nunique(), clusters=cluster.nunique()), what
    )
    return Facts(
        **promised(bound, seen["rows"]),
        units=seen["units"],
        clusters=seen["clusters"],
        span=_span(bound, engine, what),
    )


def count_scores(bound: Bound, uses: Mapping[str, MetricUse], engine: Engine, what: str) -> Facts:
    """Count a table of graded runs: those of the arms and metrics that the contract names."""
    graded = engine.named(runs(bound, uses, ()), what)
    pairs = engine.named(lines(graded), what)
    lost = {arm: pairs[f"{arm}_value"].isnull() for arm in ARMS}
    present = {arm: pairs[f"{arm}_rows"] > 0 for arm in ARMS}
    rows = {arm: pairs[f"{arm}_rows"] for arm in ARMS}
    twice = sum((rows[arm] > 1).ifelse(rows[arm], 0) for arm in ARMS)
    graded_by = [name for name in ("value", *MEASURES) if f"baseline_{name}" in pairs.columns]
    seen = engine.row(
        pairs.aggregate(
            pairs=pairs.count(),
            units=pairs.unit.nunique(),
            clusters=pairs.cluster.nunique(),
            duplicates=twice.sum(),
            duplicate=pairs.unit.min(where=twice > 0),
            differ=pairs.differs.sum(),
            differs=pairs.unit.min(where=pairs.differs),
            baseline_alone=(present["baseline"] & ~present["candidate"]).sum(),
            candidate_alone=(present["candidate"] & ~present["baseline"]).sum(),
            unhashed=(present["baseline"] & present["candidate"] & ~pairs.hashed).sum(),
            **alike_sums(pairs, graded_by),
            **lost_sums(lost),
        ),
        what,
    )
    groups = _grade_groups(graded, engine, what)
    total = engine.row(bound.table.aggregate(rows=bound.table.count()), what)["rows"]
    return Facts(
        **promised(bound, total),
        units=seen["units"],
        clusters=seen["clusters"],
        pairs=seen["pairs"],
        duplicates=Counted(seen["duplicates"] or 0, seen["duplicate"]),
        errored=_summed(groups, "runs", lambda g: (g["arm"], g["status"]), but="ok"),
        unmatched={arm: seen[f"{arm}_alone"] or 0 for arm in ARMS},
        lost_pairs=lost_pairs_of(seen),
        lost_clusters=lost_clusters_of(pairs, lost, engine, what),
        mispaired=Counted(seen["differ"] or 0, seen["differs"]),
        rehashed=_rehashed(bound, "item", engine, what),
        constant=_constant_grades(groups, uses),
        alike=variety(
            pairs, [*(f"baseline_{name}" for name in graded_by), "metric"], seen, engine, what
        ),
        differing=_differing(graded, engine, what),
        unparsed=_summed(groups, "sentinels", lambda g: g["status"]),
        out_of_range=Counted(
            sum(g["outside"] or 0 for g in groups),
            min((g["example"] for g in groups if g["example"] is not None), default=None),
        ),
        hashed=bool(seen["pairs"]) and not seen["unhashed"],
        span=_span(bound, engine, what),
    )


def promised(bound: Bound, rows: int) -> dict[str, Any]:
    """What was promised of a table beside the rows it has, as fields of Facts."""
    source = bound.source
    return {
        "expected_units": source.expect_units,
        "expected_rows": source.expect_rows,
        "rows": rows,
    }


def lost_sums(lost: Mapping[str, Any]) -> dict[str, Any]:
    """Sums of the lines that one model lost alone, the other alone, or both."""
    baseline, candidate = lost["baseline"], lost["candidate"]
    return {
        "lost_baseline": (baseline & ~candidate).sum(),
        "lost_candidate": (candidate & ~baseline).sum(),
        "lost_both": (baseline & candidate).sum(),
    }


def lost_pairs_of(seen: Mapping[str, Any]) -> LostPairs:
    """Read what `lost_sums` summed."""
    return LostPairs(*(seen[f"lost_{name}"] or 0 for name in (*ARMS, "both")))


def lost_clusters_of(view: Any, lost: Mapping[str, Any], engine: Engine, what: str) -> LostPairs:
    """Count clusters by the arm that lost more in them: pairs of one cluster are lost together."""
    sums = {arm: lost[arm].sum() for arm in ARMS}
    t = view.group_by("cluster").aggregate(**sums)
    more = {
        "lost_baseline": (t.baseline > t.candidate).sum(),
        "lost_candidate": (t.candidate > t.baseline).sum(),
        "lost_both": ((t.baseline == t.candidate) & (t.baseline > 0)).sum(),
    }
    return lost_pairs_of(engine.row(t.aggregate(**more), what))


def duplicates(bound: Bound, engine: Engine, what: str) -> Counted:
    """Count the rows of a table of predictions whose unit another row has too."""
    t = bound.table
    keyed = t.group_by(unit=as_text(bound.parts.cell(t, "unit"))).aggregate(n=t.count())
    twice = keyed.filter(keyed.n > 1)
    seen = engine.row(twice.aggregate(rows=twice.n.sum(), example=twice.unit.min()), what)
    return Counted(int(seen["rows"] or 0), seen["example"])


def _rehashed(bound: Bound, key: str, engine: Engine, what: str) -> Counted:
    if not bound.parts.has("item_hash"):
        return Counted()
    t, parts = bound.table, bound.parts
    names = t.select(hash=as_text(parts.cell(t, "item_hash")), name=as_text(parts.cell(t, key)))
    by_hash = names.filter(names.hash.notnull()).group_by("hash")
    several = by_hash.aggregate(n=names.name.nunique(), name=names.name.min())
    several = several.filter(several.n > 1)
    seen = engine.row(several.aggregate(n=several.count(), example=several.name.min()), what)
    return Counted(seen["n"], seen["example"])


def _is_hashed(bound: Bound, engine: Engine, what: str) -> bool:
    if not bound.parts.has("item_hash"):
        return False
    t = bound.table
    cell = bound.parts.cell(t, "item_hash")
    seen = engine.row(t.aggregate(n=t.count(), without=cell.isnull().sum()), what)
    return bool(seen["n"]) and not seen["without"]


def _constant_answers(seen: Mapping[str, Any], arm: str) -> bool:
    same = [seen[f"{arm}_{name}_least"] == seen[f"{arm}_{name}_most"] for name in _SAID]
    return seen[f"{arm}_answers"] > 1 and all(same)


def _grade_groups(graded: Any, engine: Engine, what: str) -> list[dict[str, Any]]:
    groups = graded.group_by("arm", "metric", "status").aggregate(
        runs=graded.count(),
        sentinels=graded.sentinel.sum(),
        outside=graded.outside.sum(),
        example=graded.unit.min(where=graded.outside),
        least=graded.value.min(),
        most=graded.value.max(),
    )
    return list(engine.fetch(groups.order_by("arm", "metric", "status"), what).to_pylist())


def _summed(
    groups: Sequence[Mapping[str, Any]], counted: str, key: Any, but: str = ""
) -> dict[Any, int]:
    sums: dict[Any, int] = {}
    for group in groups:
        if group[counted] and group["status"] != but:
            sums[key(group)] = sums.get(key(group), 0) + int(group[counted])
    return sums


def _constant_grades(
    groups: Sequence[Mapping[str, Any]], uses: Mapping[str, MetricUse]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (group["arm"], group["metric"])
        for group in groups
        if group["status"] == "ok" and group["runs"] > 1 and _never_varies(group, uses)
    )


def _never_varies(group: Mapping[str, Any], uses: Mapping[str, MetricUse]) -> bool:
    """Is every grade one value, or on one side of a threshold at which it is counted?"""
    least, most = group["least"], group["most"]
    thresholds = uses[group["metric"]].thresholds if group["metric"] in uses else ()
    return least == most or any(least >= cut or most < cut for cut in thresholds)


def _differing(graded: Any, engine: Engine, what: str) -> tuple[Differing, ...]:
    found = []
    for column in ("scorer", "eval_set"):
        if column not in graded.columns:
            continue
        seen: dict[str, list[str]] = {arm: [] for arm in ARMS}
        values = graded.select("arm", value=graded[column].fill_null("(none)")).distinct()
        for row in engine.fetch(values.order_by("arm", "value"), what).to_pylist():
            seen[row["arm"]].append(row["value"])
        baseline, candidate = (tuple(seen[arm][:_MOST_VALUES]) for arm in ARMS)
        if seen["baseline"] and seen["candidate"] and seen["baseline"] != seen["candidate"]:
            found.append(Differing(column, baseline, candidate))
    return tuple(found)


def _span(bound: Bound, engine: Engine, what: str) -> Span | None:
    if not bound.parts.has("at"):
        return None
    t = bound.table
    seconds = as_seconds(bound.parts.cell(t, "at"))
    seen = engine.row(t.aggregate(first=seconds.min(), last=seconds.max()), what)
    return span_between(seen["first"], seen["last"])


def span_between(first: int | None, last: int | None) -> Span | None:
    """Make a span of two moments in seconds since 1970, UTC; None where there are none."""
    if first is None or last is None:
        return None
    return Span(*(_EPOCH + timedelta(seconds=seconds) for seconds in (first, last)))
