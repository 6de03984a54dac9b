"""Preferences: comparisons of two answers, one line for each comparison or for each item.

Only comparisons of the contract's two models count. Who wins is told by model, whichever stood
first; a comparison that stands twice under one item, rater, order and place says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from shipcall.core import Absent, EvidenceError, Reason, Slice, Tails
from shipcall.data.cells import as_number, as_text
from shipcall.data.connect import Engine
from shipcall.data.facts import Counted, Facts, LostPairs, promised
from shipcall.data.faults import Trouble, fault, listed
from shipcall.data.slices import encode
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound
from shipcall.metrics import Granularity, Options
from shipcall.stats.agreement import cohen
from shipcall.stats.clusters import Clusters
from shipcall.stats.preference import crossed
from shipcall.stats.sample import Floats, Ints

RATERS = ("judge", "human")
INVALID = 3
"""Verdict of a comparison that says nothing; 0: the baseline, 1: a tie, 2: the candidate."""
PROVEN_AT = Tails(0.05, 0.05)
"""Level at which a judge's agreement with people has to be shown."""


def comparisons(bound: Bound, sliced: Sequence[str]) -> Any:
    """One line per comparison of the two models.

    Columns: judge (a judge said it, not a person), rater, first (1 where the candidate's answer
    stood first, else 0), won (1, 0.5 or 0 for the candidate; null where nothing was said, or the
    comparison stands twice), choice (the winner's place as written), longer (logarithm of the
    length of the candidate's answer over that of the baseline's; null where not known), twice.

    Args:
        bound: A table of preferences.
        sliced: Slice columns, which become s0, s1, …
    """
    t, parts = bound.table, bound.parts
    leads = {arm: _is_arm(bound, t, "first", arm) for arm in ARMS}
    follows = {arm: _is_arm(bound, t, "second", arm) for arm in ARMS}
    item, rater = as_text(parts.cell(t, "item")), as_text(parts.cell(t, "rater"))
    ahead = leads["candidate"] & follows["baseline"]
    view = t.select(
        unit=item,
        cluster=as_text(parts.cell(t, "cluster")) if parts.has("cluster") else item,
        rater=rater,
        judge=as_text(parts.cell(t, "rater_kind")) == "judge",
        order=as_text(parts.cell(t, "order")) if parts.has("order") else ibis.literal("1"),
        compared=(ahead | (leads["baseline"] & follows["candidate"])).fill_null(False),
        first=ahead.fill_null(False).cast("float64"),
        choice=as_text(parts.cell(t, "winner")),
        longer=_longer(bound, t),
        **bound.levels(t, sliced),
    )
    view = view.filter(view.compared)
    key = [view.unit, view.rater, view.judge, view.order, view["first"]]
    view = view.mutate(twice=view.count().over(ibis.window(group_by=key)) > 1)
    said = ibis.cases(
        (view.twice, None),
        (view.choice == "tie", 0.5),
        (view.choice == "first", view["first"]),
        (view.choice == "second", 1.0 - view["first"]),
    )
    place = (view["first"] == 1.0).ifelse(":1:", ":0:")
    return view.mutate(
        won=said.cast("float64"),
        longer=(view["first"] == 1.0).ifelse(view.longer, -view.longer),
        repeat=view.order + place + view.rater,
    )


def _is_arm(bound: Bound, t: Any, column: str, arm: str) -> Any:
    return as_text(bound.parts.cell(t, column)).isin([bound.source.arms.get(arm, arm), arm])


def _longer(bound: Bound, t: Any) -> Any:
    """Logarithm of the length of the first answer over that of the second."""
    if not (bound.parts.has("length_first") and bound.parts.has("length_second")):
        return ibis.null("float64")
    one, other = (as_number(bound.parts.cell(t, f"length_{n}")) for n in ("first", "second"))
    possible = ((one > 0) & (other > 0)).fill_null(False)
    nothing = ibis.null("float64")
    return possible.ifelse(one, nothing).ln() - possible.ifelse(other, nothing).ln()


def compared(bound: Bound, sliced: Sequence[str], column: str | None) -> Any:
    """One line per item: what the judge and people said of it.

    Columns: judge (mean of its usable comparisons for the candidate; 0.5 where it has none),
    labelled (people were asked), human (mean of their usable comparisons; null where they gave
    none), chance (with which people were asked). All are null where rows of the item stand in
    several slices, or do not agree in the chance.

    Args:
        bound: A table of preferences.
        sliced: Slice columns, which become s0, s1, …
        column: Slice column with the chance, in (0, 1], or None.
    """
    known_chances = column in bound.parts.slices
    also = [*sliced, *([column] if column and known_chances else [])]
    view = comparisons(bound, also)
    levels = [f"s{i}" for i in range(len(also))]
    sums = {"cluster": view.cluster.min(), "labelled": (~view.judge).any()}
    for name, mine in (("judge", view.judge), ("human", ~view.judge)):
        usable = mine & view.won.notnull()
        # Ties are halves, so these sums are exact in any order.
        sums |= {f"{name}_sum": view.won.sum(where=usable), f"{name}_n": usable.sum()}
    for name in levels:
        sums |= {name: view[name].min(), f"{name}_last": view[name].max()}
    t = view.group_by("unit").aggregate(**sums)
    known = ibis.literal(True)
    for name in levels:
        known &= t[name] == t[f"{name}_last"]
    nothing = ibis.null("float64")
    human = t.human_sum / t.human_n.nullif(0)
    chance = nothing if column else ibis.literal(1.0)
    if known_chances:
        chance = t[levels[-1]].try_cast("float64")
    possible = known & ((chance > 0) & (chance <= 1)).fill_null(False)
    return t.select(
        "unit",
        "cluster",
        *levels[: len(sliced)],
        repeat=ibis.literal("1"),
        labelled=t.labelled,
        judge=known.ifelse((t.judge_sum / t.judge_n.nullif(0)).fill_null(0.5), nothing),
        human=known.ifelse(human, nothing),
        chance=possible.ifelse(chance, nothing),
    )


def lines_of(bound: Bound, sliced: Sequence[str], line: Granularity, options: Options) -> Any:
    """The lines behind a metric: comparisons of the raters that it names, or items."""
    if line is Granularity.COMPARED:
        return compared(bound, sliced, options.column)
    view = comparisons(bound, sliced)
    return view.filter(view.judge == (options.raters == "judge"))


def count_preferences(bound: Bound, engine: Engine, what: str) -> Facts:
    """Count comparisons of the two models; both stand on one row, so pairing needs no hash.

    An invalid comparison, or one that stands twice, is lost for both models. Raters of one kind
    who always name the same place, or always a tie, did not look.

    Raises:
        EvidenceError: Where rows compare other models only.
    """
    view = comparisons(bound, ())
    sums: dict[str, Any] = {
        "pairs": view.count(),
        "units": view.unit.nunique(),
        "clusters": view.cluster.nunique(),
        "twice": view.twice.sum(),
        "first_twice": view.unit.min(where=view.twice),
        "lost": view.won.isnull().sum(),
        "lost_clusters": view.cluster.nunique(where=view.won.isnull()),
    }
    for name, mine in (("judge", view.judge), ("human", ~view.judge)):
        usable = mine & view.won.notnull()
        sums |= {
            f"{name}_invalid": (mine & (view.choice == "invalid")).sum(),
            f"{name}_usable": usable.sum(),
            f"{name}_choices": view.choice.nunique(where=usable),
            f"{name}_orders": view["first"].nunique(where=usable),
        }
    seen = engine.row(view.aggregate(**sums), what)
    total = engine.row(bound.table.aggregate(rows=bound.table.count()), what)["rows"]
    if total and not seen["pairs"]:
        _refuse_other_models(bound, engine)
    return Facts(
        **promised(bound, total),
        units=seen["units"],
        clusters=seen["clusters"],
        pairs=seen["pairs"],
        duplicates=Counted(seen["twice"] or 0, seen["first_twice"]),
        errored={(name, "invalid"): n for name in RATERS if (n := seen[f"{name}_invalid"] or 0)},
        lost_pairs=LostPairs(both=seen["lost"] or 0),
        lost_clusters=LostPairs(both=seen["lost_clusters"]),
        constant=tuple((name, "") for name in RATERS if _never_varies(seen, name)),
        elsewhere=total - seen["pairs"],
        hashed=True,
    )


def _refuse_other_models(bound: Bound, engine: Engine) -> None:
    t, what = bound.table, bound.source.path
    names = t.select(name=as_text(bound.parts.cell(t, "first"))).distinct()
    seen = engine.fetch(names.order_by("name").limit(1000), what).column("name").to_pylist()
    wanted = [bound.source.arms.get(arm, arm) for arm in ARMS]
    raise EvidenceError(
        [
            fault(
                Trouble.UNKNOWN_VALUE,
                what,
                seen=f"no row that compares the two models; first answers are of {listed(seen)}",
                expected=f"comparisons of {listed(wanted)}",
                fix='Say how the file names them: arms = { baseline = "…", candidate = "…" }.',
            )
        ]
    )


def _never_varies(seen: dict[str, Any], name: str) -> bool:
    """Was the same place, or a tie, named every time, though both models stood there?"""
    both_orders = seen[f"{name}_orders"] == 2
    return bool((seen[f"{name}_usable"] or 0) > 1 and seen[f"{name}_choices"] == 1 and both_orders)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """Every comparison of the two models as columns, in the order of items; shape (rows,) each."""

    item: Ints
    """Number of the item."""
    cluster: Ints
    """Number of the cluster."""
    rater: Ints
    """Position in `raters`."""
    raters: tuple[str, ...]
    judge: NDArray[np.bool_]
    first: Ints
    """1 where the candidate's answer stood first, else 0."""
    won: Floats
    """1, 0.5 or 0 for the candidate; NaN where nothing was said."""
    longer: Floats
    """Logarithm of the candidate's length over the baseline's; NaN where not known."""

    @property
    def verdict(self) -> Ints:
        """0: the baseline, 1: a tie, 2: the candidate, 3: nothing usable."""
        return np.where(np.isnan(self.won), INVALID, np.nan_to_num(self.won) * 2).astype(np.int64)

    def clusters(self, rows: NDArray[Any]) -> Clusters:
        """Which of some rows belong together."""
        return Clusters.of(self.cluster[rows])

    def beside_people(self, rows: NDArray[np.bool_]) -> tuple[Ints, Ints, Floats]:
        """Pair judges' comparisons with usable ones of people on the same item.

        Args:
            rows: Mask of the comparisons that count; shape (rows,).

        Returns:
            Positions of the judge's comparisons, of the people's, and weights with which every
            item counts 1 in all.
        """
        said = np.flatnonzero(rows & self.judge)
        people = np.flatnonzero(rows & ~self.judge & ~np.isnan(self.won))
        one, other = crossed(self.item, said, people)
        count = np.bincount(self.item[one], minlength=int(self.item.max(initial=0)) + 1)
        return one, other, 1.0 / count[self.item[one]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sliced:
    """A book with the level of every row in some slice columns."""

    book: Book
    levels: Mapping[str, pa.ChunkedArray]

    def rows(self, part: Slice) -> NDArray[np.bool_] | None:
        """Mask of the comparisons of a slice; None where the table has no such column."""
        if not set(part.columns) <= set(self.levels):
            return None
        inside = np.ones(self.book.item.size, dtype=np.bool_)
        for column, level in part.pairs:
            inside &= pc.equal(self.levels[column], level).to_numpy()
        return inside


def read_book(bound: Bound, sliced: Sequence[str], engine: Engine, what: str) -> Sliced:
    """Fetch every comparison of the two models, in an order that files and threads do not change.

    Args:
        bound: A table of preferences.
        sliced: Slice columns to bring along.
        engine: Where the table is.
        what: Names the evidence in an error.
    """
    view = comparisons(bound, sliced)
    table = engine.fetch(view.order_by("unit", "judge", "rater", "repeat"), what)
    raters = encode(table["rater"])
    book = Book(
        item=encode(table["unit"]).codes.astype(np.int64),
        cluster=encode(table["cluster"]).codes.astype(np.int64),
        rater=raters.codes.astype(np.int64),
        raters=tuple(raters.values.to_pylist()),
        judge=table["judge"].to_numpy().astype(np.bool_),
        first=table["first"].to_numpy().astype(np.int64),
        won=_floats(table, "won"),
        longer=_floats(table, "longer"),
    )
    return Sliced(book=book, levels={name: table[f"s{i}"] for i, name in enumerate(sliced)})


def _floats(table: Any, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), dtype=np.float64)


def refusal(sliced: Sliced, part: Slice, options: Options, line: Granularity) -> Absent | None:
    """Say why raters cannot be believed on one slice, before anybody looks at who wins.

    Args:
        sliced: The comparisons.
        part: The slice.
        options: Whose comparisons count, and what agreement a judge has to show.
        line: What one line of the metric is.

    Returns:
        None where nothing stands against it, or where the slice is not there.
    """
    rows, book = sliced.rows(part), sliced.book
    if rows is None or not rows.any():
        return None
    name = "judge" if line is Granularity.COMPARISON and options.raters == "judge" else "human"
    mine = rows & (book.judge == (name == "judge")) & ~np.isnan(book.won)
    if not mine.any():
        others = int(np.count_nonzero(rows & ~np.isnan(book.won)))
        detail = f"no usable comparison by a {name} in {part}, {others:,} by others"
        return Absent(reason=Reason.NO_ROWS, detail=detail)
    if np.unique(book.first[mine]).size < 2:
        detail = f"{name}: {np.count_nonzero(mine):,} comparisons in {part}, all in one order"
        return Absent(reason=Reason.ONE_ORDER, detail=detail)
    least = options.judge_agreement
    if least is None or name != "judge" or line is not Granularity.COMPARISON:
        return None
    return _unproven(book, rows, least)


def _unproven(book: Book, rows: NDArray[np.bool_], least: float) -> Absent | None:
    one, other, weight = book.beside_people(rows)
    items = np.unique(book.item[one]).size
    if not items:
        detail = f"no item was compared by people as well; a kappa of {least:g} was promised"
        return Absent(reason=Reason.JUDGE_UNPROVEN, detail=detail)
    verdict = book.verdict
    seen = cohen(verdict[one], verdict[other], book.clusters(one), PROVEN_AT, weight)
    if isinstance(seen, Absent):
        detail = f"no kappa from {items:,} items: {seen.detail}; {least:g} was promised"
        return Absent(reason=Reason.JUDGE_UNPROVEN, detail=detail, n=seen.n)
    if seen.low >= least:
        return None
    detail = (
        f"kappa with people {seen.value:.2f}, at least {seen.low:.2f}, on {items:,} items; "
        f"{least:g} was promised"
    )
    return Absent(reason=Reason.JUDGE_UNPROVEN, detail=detail, n=seen.n)
