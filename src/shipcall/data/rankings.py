"""Rankings: the lists of two models for one query, as lines from which metrics can be summed.

Items are placed by score, the greatest first; equal scores by the name of the item, the greatest
first in the order of its characters: the rule of trec_eval. No metric depends on the order of rows.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import ibis

from shipcall.core import Absent, Reason
from shipcall.data.alike import alike_sums, variety
from shipcall.data.cells import as_number, as_text
from shipcall.data.connect import Engine
from shipcall.data.facts import (
    Counted,
    Facts,
    lost_clusters_of,
    lost_pairs_of,
    lost_sums,
    promised,
)
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound
from shipcall.metrics import Granularity, Options

LOGGED = ("propensity", "reward")
"""Columns without which a log says nothing about another model."""


class Cut(NamedTuple):
    """How the lists are read; requests with the same cut are answered by one query."""

    k: int | None
    """Places that count; None: all."""
    threshold: float
    """An item is relevant from this relevance on."""
    gain: str
    """`linear` or `exponential`."""
    unjudged: str
    """`lost` or `irrelevant`: an item among the first k of which nobody said a relevance."""
    column: str | None
    """Column about the items that is read beside them."""

    @classmethod
    def of(cls, options: Options) -> "Cut":
        """Pick what matters from the options of a metric."""
        return cls(options.k, options.threshold, options.gain, options.unjudged, options.column)


def lacking(bound: Bound, line: Granularity, column: str | None) -> str | None:
    """Name a column that a metric needs and the table does not have.

    Args:
        bound: A table of rankings.
        line: What one line of the metric is.
        column: Column about the items, or None.
    """
    needed = [name for name in LOGGED if line is Granularity.CHOICE and not bound.parts.has(name)]
    if column is not None and column not in bound.parts.slices:
        needed.append(column)
    return needed[0] if needed else None


def irrelevant(bound: Bound, threshold: float | None, engine: Engine) -> Absent | None:
    """Why a metric of relevance says nothing: no judged item of the table is worth anything.

    Every list is then worth 0, whoever made it; most often judgements were not joined, or the
    threshold is in another unit.

    Args:
        bound: A table of rankings.
        threshold: An item is relevant from here on; None: above 0.
        engine: Where the table lies.
    """
    relevance = as_number(bound.parts.cell(bound.table, "relevance"))
    counts = relevance > 0 if threshold is None else relevance >= threshold
    t = bound.table.select(judged=relevance.notnull(), counts=counts)
    what = bound.source.path
    seen = engine.row(t.aggregate(judged=t.judged.sum(), counts=t.counts.any()), what)
    if not seen["judged"] or seen["counts"]:
        return None
    detail = f"{what}: no item is relevant for any query"
    return Absent(reason=Reason.CONSTANT, detail=detail)


def placed(bound: Bound, sliced: Sequence[str], column: str | None = None) -> Any:
    """One line per item of a query, with its place in the list of each model.

    Places count from 1 and are null where a model did not rank the item. `twice` says that the
    query has some item on two rows, so that nobody knows which one counts; `chance`, that what
    the models say is the chance of showing the item.

    Args:
        bound: A table of rankings.
        sliced: Slice columns, which become s0, s1, …
        column: Column about the items, which becomes `about`.
    """
    t, parts = bound.table, bound.parts
    query = as_text(parts.cell(t, "query"))
    order = as_text(parts.cell(t, "order")) if parts.has("order") else ibis.literal("score")
    lacks = column not in parts.slices
    ranks, nothing = order == "rank", ibis.null("string")
    columns: dict[str, Any] = {
        "unit": query,
        "cluster": as_text(parts.cell(t, "cluster")) if parts.has("cluster") else query,
        "item": as_text(parts.cell(t, "item")),
        "chance": order == "chance",
        "relevance": as_number(parts.cell(t, "relevance")),
        **bound.levels(t, sliced),
        "about": nothing if column is None or lacks else as_text(t[parts.slices[column]]),
    }
    for name in LOGGED:
        columns[name] = as_number(parts.cell(t, name) if parts.has(name) else nothing)
    for arm in ARMS:
        said = as_number(parts.cell(t, arm))
        columns[f"{arm}_said"] = said
        columns[f"{arm}_score"] = ranks.ifelse(-said, said)
    view = t.select(**columns)
    same = view.count().over(ibis.window(group_by=[view.unit, view.item]))
    return view.mutate(
        twice=same > 1,
        ideal_place=_place(view, view.relevance),
        **{f"{arm}_place": _place(view, view[f"{arm}_score"]) for arm in ARMS},
    )


def _place(view: Any, score: Any) -> Any:
    """Place of an item in its query by a score, from 1; null where it has none."""
    order = [score.desc(nulls_first=False), view.item.desc()]
    number = ibis.row_number().over(ibis.window(group_by=view.unit, order_by=order))
    return score.notnull().ifelse(number + 1, ibis.null("int64"))


def queries(bound: Bound, sliced: Sequence[str], cut: Cut) -> Any:
    """One line per query: what the first k places of each model hold.

    Columns of each arm, all null where its list cannot be used: listed (items), hits (relevant
    ones), first (place of the first of them), precisions (sum over them of the precision down to
    their place), gain (discounted by the logarithm of the place), and with a column about items
    alike (ordered pairs of items that agree in it) and rarity (sum of minus the binary logarithm
    of it). Of the query itself: relevant (items), ideal (greatest discounted gain).

    Args:
        bound: A table of rankings.
        sliced: Slice columns, which become s0, s1, …
        cut: How the lists are read.
    """
    view = _beside(placed(bound, sliced, cut.column), cut)
    relevant = (view.relevance >= cut.threshold).fill_null(False)
    gain = _gain(view.relevance, cut.gain)
    levels = [f"s{i}" for i in range(len(sliced))]
    sums: dict[str, Any] = {
        "cluster": view.cluster.min(),
        "broken": view.twice.any(),
        "relevant": relevant.sum(),
        "ideal": _discounted(gain, view.ideal_place, cut.k),
        **{name: view[name].min() for name in levels},
        **{f"{name}_last": view[name].max() for name in levels},
    }
    for arm in ARMS:
        sums |= {f"{arm}_{n}": c for n, c in _list_sums(view, arm, cut, relevant, gain).items()}
    t = view.group_by("unit").aggregate(**sums)
    broken = t.broken
    for name in levels:
        broken |= t[name] != t[f"{name}_last"]
    columns = {name: t[name] for name in ("unit", "cluster", "relevant", "ideal", *levels)}
    for arm in ARMS:
        columns |= {f"{arm}_{n}": c for n, c in _list_cells(t, arm, cut, broken).items()}
    return t.select(repeat=ibis.literal("1"), **columns)


def _beside(view: Any, cut: Cut) -> Any:
    """Add to each item how many others in its list agree with it in the column about items."""
    if cut.column is None:
        return view
    alike = ibis.window(group_by=[view.unit, view.about])
    counts = {arm: _within(view[f"{arm}_place"], cut.k) for arm in ARMS}
    return view.mutate(**{f"{arm}_alike": counts[arm].sum().over(alike) - 1 for arm in ARMS})


def _gain(relevance: Any, gain: str) -> Any:
    """What an item is worth in its place; nothing where nobody said, or said less than nothing."""
    grade = relevance.fill_null(0.0)
    grade = (grade > 0).ifelse(grade, 0.0)
    return ibis.literal(2.0) ** grade - 1.0 if gain == "exponential" else grade


def _within(place: Any, k: int | None) -> Any:
    return place.notnull() if k is None else (place <= k).fill_null(False)


def _in_order(value: Any, place: Any, where: Any) -> Any:
    """Sum numbers from the first place to the last, whatever the order of rows; 0 for none."""
    return value.collect(where=where, order_by=place).sums().fill_null(0.0)


def _discounted(gain: Any, place: Any, k: int | None) -> Any:
    worth = gain / (place + 1).cast("float64").log2()
    return _in_order(worth, place, _within(place, k) & (gain > 0))


def _list_sums(view: Any, arm: str, cut: Cut, relevant: Any, gain: Any) -> dict[str, Any]:
    """Aggregates over the items of a query for one model."""
    place = view[f"{arm}_place"]
    counts = _within(place, cut.k)
    hits = counts & relevant
    places = place.cast("float64").collect(where=hits, order_by=place)
    sums = {
        "listed": counts.sum(),
        "unjudged": (counts & view.relevance.isnull()).sum(),
        "hits": hits.sum(),
        "first": place.min(where=hits),
        "precisions": places.map(lambda at, i: (i + 1) / at).sums().fill_null(0.0),
        "gain": _discounted(gain, place, cut.k),
    }
    if cut.column is not None:
        share = view.about.try_cast("float64")
        possible = ((share > 0) & (share <= 1)).fill_null(False)
        sums |= {
            "unknown": (counts & view.about.isnull()).sum(),
            "alike": view[f"{arm}_alike"].sum(where=counts),
            "impossible": (counts & ~possible).sum(),
            "rarity": _in_order(-possible.ifelse(share, 1.0).log2(), place, counts),
        }
    return sums


def _list_cells(t: Any, arm: str, cut: Cut, broken: Any) -> dict[str, Any]:
    """What the list of one model says; null where nobody can know."""
    usable = ~broken & (t[f"{arm}_listed"] > 0)
    judged = usable if cut.unjudged == "irrelevant" else usable & (t[f"{arm}_unjudged"] == 0)
    kept = dict.fromkeys(("hits", "first", "precisions", "gain"), judged) | {"listed": usable}
    if cut.column is not None:
        kept["alike"] = usable & (t[f"{arm}_unknown"] == 0)
        kept["rarity"] = usable & (t[f"{arm}_impossible"] == 0)
    return {
        name: known.ifelse(t[f"{arm}_{name}"], ibis.null(t[f"{arm}_{name}"].type()))
        for name, known in kept.items()
    }


def shown(bound: Bound, sliced: Sequence[str], cut: Cut) -> Any:
    """One line per query and item among the first k of either model.

    Columns: code (number of the item, from 0), catalogue (items of the whole table), and
    baseline_shown and candidate_shown (0, 1), null where the list cannot be used. Every item of a
    query that a model did not rank stays, so that the query is lost and not forgotten.

    Args:
        bound: A table of rankings.
        sliced: Slice columns, which become s0, s1, …
        cut: How the lists are read.
    """
    view = placed(bound, sliced)
    counts = {arm: _within(view[f"{arm}_place"], cut.k) for arm in ARMS}
    of_query, everything = ibis.window(group_by=view.unit), ibis.window()
    code = ibis.dense_rank().over(ibis.window(order_by=view.item))
    view = view.mutate(
        code=code,
        broken=view.twice.any().over(of_query),
        **{f"{arm}_listed": counts[arm].sum().over(of_query) for arm in ARMS},
        **{f"{arm}_counts": counts[arm] for arm in ARMS},
    )
    view = view.mutate(catalogue=view.code.max().over(everything) + 1)
    usable = {arm: ~view.broken & (view[f"{arm}_listed"] > 0) for arm in ARMS}
    view = view.mutate(
        repeat=view["item"],
        **{
            f"{arm}_shown": usable[arm].ifelse(view[f"{arm}_counts"].cast("float64"), None)
            for arm in ARMS
        },
    )
    lost = view.baseline_shown.isnull() | view.candidate_shown.isnull()
    return view.filter(lost | (view.baseline_shown > 0) | (view.candidate_shown > 0))


def count_rankings(bound: Bound, engine: Engine, what: str) -> Facts:
    """Count a table of rankings; both models are scored on one row, so pairing needs no hash.

    A query is lost for a model that ranked none of its items, and for both where an item stands
    on two rows. Scores or ranks of one value everywhere are no ranking; chances may be alike.
    """
    view = placed(bound, ())
    ends = {f"{arm}_least": view[f"{arm}_said"].min() for arm in ARMS}
    ends |= {f"{arm}_most": view[f"{arm}_said"].max() for arm in ARMS}
    t = view.group_by("unit").aggregate(
        cluster=view.cluster.min(),
        rows=view.count(),
        twice=view.twice.sum(),
        chance=view.chance.any(),
        **{arm: view[f"{arm}_place"].count() for arm in ARMS},
        **alike_sums(view, ["said"]),
        **ends,
    )
    lost = {arm: (t[arm] == 0) | (t.twice > 0) for arm in ARMS}
    seen = engine.row(
        t.aggregate(
            rows=t.rows.sum(),
            units=t.count(),
            clusters=t.cluster.nunique(),
            twice=t.twice.sum(),
            chance=t.chance.any(),
            first_twice=t.unit.min(where=t.twice > 0),
            baseline_alone=((t.baseline > 0) & (t.candidate == 0)).sum(),
            candidate_alone=((t.candidate > 0) & (t.baseline == 0)).sum(),
            **{f"{arm}_ranked": t[arm].sum() for arm in ARMS},
            **{f"{arm}_least": t[f"{arm}_least"].min() for arm in ARMS},
            **{f"{arm}_most": t[f"{arm}_most"].max() for arm in ARMS},
            compared=t.compared.sum(),
            moved=t.moved.sum(),
            **lost_sums(lost),
        ),
        what,
    )
    queried = t.mutate(**{f"{arm}_lost": lost[arm] for arm in ARMS})
    return Facts(
        **promised(bound, seen["rows"] or 0),
        units=seen["units"],
        clusters=seen["clusters"],
        pairs=seen["units"],
        duplicates=Counted(seen["twice"] or 0, seen["first_twice"]),
        unmatched={arm: seen[f"{arm}_alone"] or 0 for arm in ARMS},
        lost_pairs=lost_pairs_of(seen),
        lost_clusters=lost_clusters_of(
            queried, {arm: queried[f"{arm}_lost"] for arm in ARMS}, engine, what
        ),
        constant=() if seen["chance"] else tuple((a, "") for a in ARMS if _constant(seen, a)),
        alike=variety(view, ["baseline_said", "unit"], seen, engine, what),
        hashed=True,
    )


def _constant(seen: dict[str, Any], arm: str) -> bool:
    ranked = seen[f"{arm}_ranked"] or 0
    return ranked > 1 and seen[f"{arm}_least"] == seen[f"{arm}_most"]
