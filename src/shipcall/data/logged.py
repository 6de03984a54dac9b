"""Logged: what one logged choice says about models that were not serving.

A query counts where exactly one of its items was shown: the one with a reward. A model that gives
scores or ranks shows its first item; one that gives chances shows an item with its chance.
"""

from collections.abc import Sequence
from typing import Any

import ibis

from shipcall.data.cells import as_number, as_text, is_not_finite, is_outside
from shipcall.data.faults import Trouble
from shipcall.data.quality import Rule, written
from shipcall.data.rankings import placed
from shipcall.data.sources import ARMS
from shipcall.data.views import Bound

SLACK = 0.01
"""How far the chances of all items of a query may be from 1 together: they may be rounded."""


def choices(bound: Bound, sliced: Sequence[str], column: str | None) -> Any:
    """One line per query: its reward, and how likely each model would have made that choice.

    Columns: reward, and of each arm weight (its chance of the choice over the log's). With a
    column that holds the reward expected of every item also expected (of the choice) and of each
    arm modelled (its mean over all items, by the arm's chances). All are null where the query was
    not logged with exactly one choice, or an item is there twice.

    Args:
        bound: A table of rankings with propensity and reward.
        sliced: Slice columns, which become s0, s1, …
        column: Slice column with the expected rewards, or None.
    """
    view = placed(bound, sliced, column)
    expected = view.about.try_cast("float64") if column else ibis.null("float64")
    view = view.mutate(
        shown=view.reward.notnull(),
        expected=is_not_finite(expected).ifelse(ibis.null("float64"), expected),
        **{f"{arm}_chance": _chance(view, arm) for arm in ARMS},
    )
    levels = [f"s{i}" for i in range(len(sliced))]
    sums: dict[str, Any] = {
        "cluster": view.cluster.min(),
        "known": (view.shown.sum() == 1) & ~view.twice.any(),
        "reward": view.reward.max(),
        "expected": view.expected.max(where=view.shown),
        **{name: view[name].min() for name in levels},
        **{f"{name}_last": view[name].max() for name in levels},
    }
    for arm in ARMS:
        sums |= {f"{arm}_{name}": cell for name, cell in _arm_sums(view, arm).items()}
    t = view.group_by("unit").aggregate(**sums)
    known = t.known
    for name in levels:
        known &= t[name] == t[f"{name}_last"]
    nothing = ibis.null("float64")
    columns = {name: t[name] for name in ("unit", "cluster", *levels)}
    columns |= {name: known.ifelse(t[name], nothing) for name in ("reward", "expected")}
    for arm in ARMS:
        ranked = known & (t[f"{arm}_ranked"] > 0)
        columns[f"{arm}_weight"] = ranked.ifelse(t[f"{arm}_weight"], nothing)
        whole = ranked & ((t[f"{arm}_total"] - 1).abs() <= SLACK) & (t[f"{arm}_unknown"] == 0)
        columns[f"{arm}_modelled"] = whole.ifelse(t[f"{arm}_modelled"], nothing)
    return t.select(repeat=ibis.literal("1"), **columns)


def _chance(view: Any, arm: str) -> Any:
    """Chance with which a model shows an item: as it says, or 1 for its first and 0 elsewhere."""
    first = (view[f"{arm}_place"] == 1).fill_null(False).cast("float64")
    return view.chance.ifelse(view[f"{arm}_said"], first)


def _arm_sums(view: Any, arm: str) -> dict[str, Any]:
    chance = view[f"{arm}_chance"]
    counts = (chance > 0).fill_null(False)
    modelled = (chance * view.expected).collect(where=counts, order_by=view["item"])
    return {
        "ranked": view[f"{arm}_place"].count(),
        "weight": (chance / view.propensity).max(where=view.shown),
        "total": chance.collect(where=counts, order_by=view["item"]).sums().fill_null(0.0),
        "unknown": (counts & view.expected.isnull()).sum(),
        "modelled": modelled.sums().fill_null(0.0),
    }


def logged_rules(bound: Bound) -> list[Rule]:
    """Rules for metrics that weigh by chances: no percentages, and above 0 where shown."""
    parts = bound.parts

    def impossible(t: Any) -> Any:
        chance = as_number(parts.cell(t, "propensity"))
        shown = as_number(parts.cell(t, "reward")).notnull() if parts.has("reward") else False
        return chance.notnull() & (is_outside(chance, 0.0, 1.0) | ((chance == 0) & shown))

    expected = "a chance in [0, 1], and above 0 for what was shown"
    rules = [_rule(bound, "propensity", impossible, expected)]
    if parts.has("order"):
        rules += [_rule(bound, arm, _outside(bound, arm), "a chance in [0, 1]") for arm in ARMS]
    return [rule for rule in rules if rule.column]


def _outside(bound: Bound, arm: str) -> Any:
    parts = bound.parts

    def broken(t: Any) -> Any:
        said = as_text(parts.cell(t, "order")) == "chance"
        return said & is_outside(as_number(parts.cell(t, arm)), 0.0, 1.0)

    return broken


def _rule(bound: Bound, name: str, broken: Any, expected: str) -> Rule:
    return Rule(
        trouble=Trouble.NOT_A_PROBABILITY,
        column=bound.parts.files.get(name, ""),
        broken=broken,
        value=written(bound, name),
        expected=expected,
        fix="Bring the chances themselves, not percent.",
    )
