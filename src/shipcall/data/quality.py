"""Quality: are the values of a table what its format says? If not, where is the first that is not?

All rules are counted in one pass. Only where one is broken are the files searched for the place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shipcall.core import EvidenceError, Fault
from shipcall.data.cells import (
    as_number,
    as_seconds,
    as_text,
    has_zone,
    is_not_finite,
    is_one_of,
    is_outside,
)
from shipcall.data.connect import Engine
from shipcall.data.faults import Trouble, fault, listed, near, shown
from shipcall.data.read import Raw
from shipcall.data.sources import ARMS, MetricUse
from shipcall.data.views import Bound, in_use
from shipcall.formats import Format, Kind

Cell = Callable[[Any], Any]
_CLOSED = ("status", "order", "winner", "rater_kind")
_NAMED = ("status", "arm", "at", "day", "first", "second", "winner", "rater_kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Something that may be true of no row."""

    trouble: Trouble
    column: str
    """Name of the column in the files."""
    broken: Cell
    """Relation -> boolean."""
    value: Cell
    """Relation -> what is shown of a broken row."""
    expected: str
    fix: str


def check(bound: Bound, raw: Raw, uses: Mapping[str, MetricUse], engine: Engine) -> None:
    """Refuse a table whose values are not what its format says.

    Raises:
        EvidenceError: With the first place of every broken rule.
    """
    rules = [*_null_rules(bound), *_choice_rules(bound), *_time_rules(bound)]
    name = bound.parts.format.name
    if name == "scores":
        rules += _score_rules(bound, uses)
    elif name == "predictions":
        rules += _prediction_rules(bound)
    else:
        rules += [_number_rule(bound, column.name) for column in _numbers(bound)]
        rules += [*_share_rules(bound), *_day_rules(bound)]
    enforce(rules, raw, engine)
    _refuse_mixed_zones(bound, raw, engine)
    _refuse_lost_arm(bound, engine)
    _refuse_torn_items(bound, engine)


def enforce(rules: Sequence[Rule], raw: Raw, engine: Engine) -> None:
    """Raise the first place of every rule that some row breaks."""
    if not rules:
        return
    t, what = raw.table, raw.files[0].name
    counts = {f"r{i}": rule.broken(t).fill_null(False).sum() for i, rule in enumerate(rules)}
    seen = engine.row(t.aggregate(**counts), what)
    broken = [(rule, seen[f"r{i}"]) for i, rule in enumerate(rules) if seen[f"r{i}"]]
    if broken:
        raise EvidenceError([_found(rule, int(count), raw, engine) for rule, count in broken])


def _found(rule: Rule, count: int, raw: Raw, engine: Engine) -> Fault:
    hit = raw.find(engine, rule.broken, rule.value)
    place, value = hit or (raw.files[0].name, None)
    seen = "null" if value is None else shown(value)
    more = f", and in {count - 1:,} more rows" if count > 1 else ""
    return fault(
        rule.trouble,
        place,
        seen=f"{seen} in column {shown(rule.column)}{more}",
        expected=rule.expected,
        fix=rule.fix + (near(str(value), _choices(rule)) if value is not None else ""),
    )


def _choices(rule: Rule) -> list[str]:
    return rule.expected.split(", ") if rule.trouble is Trouble.UNKNOWN_VALUE else []


def _demanded(format_: Format, name: str) -> bool:
    column = format_.column(name)
    return column is not None and column.required and not column.nullable


def _cell(bound: Bound, name: str) -> Cell:
    return lambda t: bound.parts.cell(t, name)


def written(bound: Bound, name: str) -> Cell:
    """What a column of the format holds, as the files write it."""
    return lambda t: as_text(bound.parts.cell(t, name))


def _is_null(bound: Bound, name: str) -> Cell:
    return lambda t: bound.parts.cell(t, name).isnull()


def _no_sentinel(bound: Bound, name: str) -> Cell:
    return lambda t: ~is_one_of(bound.parts.cell(t, name), bound.source.sentinels)


def _null_rules(bound: Bound) -> list[Rule]:
    """Names and statuses are never null; nor is a cluster, where there are clusters."""
    parts = bound.parts
    others = [name for name in _NAMED if _demanded(parts.format, name)]
    names = list(dict.fromkeys([*parts.format.key, "cluster", *others]))
    return [
        Rule(
            trouble=Trouble.NULL,
            column=parts.files.get(name, name),
            broken=_is_null(bound, name),
            value=written(bound, name),
            expected="a value on every row",
            fix="Bring the value, or leave the row out and let it be counted as lost.",
        )
        for name in names
        if name in parts.columns
    ]


def _choice_rules(bound: Bound) -> list[Rule]:
    """Statuses and the like have names of their own; arms are named by the contract."""
    parts = bound.parts
    closed = [c for c in parts.format.columns if c.choices]
    columns = [c for c in closed if c.name.startswith(_CLOSED)]
    return [_choice_rule(bound, c.name, c.choices) for c in columns if c.name in parts.columns]


def _choice_rule(bound: Bound, name: str, choices: Sequence[str]) -> Rule:
    parts = bound.parts

    def broken(t: Any) -> Any:
        return parts.cell(t, name).notnull() & ~as_text(parts.cell(t, name)).isin(choices)

    return Rule(
        trouble=Trouble.UNKNOWN_VALUE,
        column=parts.files.get(name, name),
        broken=broken,
        value=written(bound, name),
        expected=", ".join(choices),
        fix="Write one of these.",
    )


def _share_rules(bound: Bound) -> list[Rule]:
    """A share is a chance: percent would look like certainty."""
    if "share" not in bound.parts.columns:
        return []
    cell = _cell(bound, "share")

    def broken(t: Any) -> Any:
        share = as_number(cell(t))
        return share.isnull() | is_outside(share, 0.0, 1.0)

    return [
        Rule(
            trouble=Trouble.NOT_A_NUMBER,
            column=bound.parts.files["share"],
            broken=broken,
            value=written(bound, "share"),
            expected="a share in [0, 1] on every row; 1 % is 0.01",
            fix="Write shares, not percent.",
        )
    ]


def _day_rules(bound: Bound) -> list[Rule]:
    if "day" not in bound.parts.columns:
        return []
    cell = _cell(bound, "day")
    return [
        Rule(
            trouble=Trouble.NOT_A_TIME,
            column=bound.parts.files["day"],
            broken=lambda t: cell(t).notnull() & as_text(cell(t)).try_cast("date").isnull(),
            value=written(bound, "day"),
            expected="a day such as 2026-11-20",
            fix="Write days as ISO 8601, in UTC.",
        )
    ]


def _time_rules(bound: Bound) -> list[Rule]:
    if "at" not in bound.parts.columns:
        return []
    cell = _cell(bound, "at")
    return [
        Rule(
            trouble=Trouble.NOT_A_TIME,
            column=bound.parts.files["at"],
            broken=lambda t: cell(t).notnull() & as_seconds(cell(t)).isnull(),
            value=written(bound, "at"),
            expected="a moment such as 2026-11-20T09:30:00Z",
            fix="Write moments as ISO 8601.",
        )
    ]


def _refuse_mixed_zones(bound: Bound, raw: Raw, engine: Engine) -> None:
    """Moments with a zone and moments without one cannot be put in order."""
    if "at" not in bound.parts.columns:
        return
    cell = _cell(bound, "at")

    def bare(t: Any) -> Any:
        return cell(t).notnull() & ~has_zone(cell(t))

    t = bound.table
    zoned = has_zone(cell(t)).fill_null(False).sum()
    if engine.row(t.aggregate(zoned=zoned), bound.source.path)["zoned"]:
        rule = Rule(
            trouble=Trouble.NOT_A_TIME,
            column=bound.parts.files["at"],
            broken=bare,
            value=written(bound, "at"),
            expected="a time zone on every row, or on none",
            fix="Write every moment with its offset, best in UTC with a Z.",
        )
        enforce([rule], raw, engine)


def _finite(column: str, cell: Cell, applies: Cell, words: str = "a finite number") -> Rule:
    """Where the rule applies, a value that is there has to be a finite number."""

    def broken(t: Any) -> Any:
        number = as_number(cell(t))
        return applies(t) & cell(t).notnull() & (number.isnull() | is_not_finite(number))

    return Rule(
        trouble=Trouble.NOT_A_NUMBER,
        column=column,
        broken=broken,
        value=lambda t: as_text(cell(t)),
        expected=f"{words}, or nothing",
        fix="Leave the cell empty where nothing was measured, or name the value as a sentinel.",
    )


def _everywhere(t: Any) -> Any:
    return t[t.columns[0]].isnull() | t[t.columns[0]].notnull()


def _score_rules(bound: Bound, uses: Mapping[str, MetricUse]) -> list[Rule]:
    parts = bound.parts

    def graded(name: str) -> Cell:
        meant = _no_sentinel(bound, name)

        def applies(t: Any) -> Any:
            ok = as_text(parts.cell(t, "status")) == "ok"
            return in_use(bound, uses, t) & ok & meant(t)

        return applies

    values = ARMS if parts.wide else ("value",)
    rules = [
        _finite(
            parts.files[name],
            _cell(bound, name),
            graded(name),
        )
        for name in values
        if name in parts.columns
    ]
    return rules + [_number_rule(bound, c.name) for c in _numbers(bound) if c.name != "value"]


def _prediction_rules(bound: Bound) -> list[Rule]:
    parts = bound.parts
    names = [f"{arm}_{i}" for arm in ARMS for i in range(parts.classes)]
    rules = [
        _finite(
            parts.files[name],
            _cell(bound, name),
            _no_sentinel(bound, name),
        )
        for name in names
    ]
    rules += [_answer_rule(bound, name) for name in ("label", *ARMS) if name in parts.columns]
    if "weight" in parts.columns:
        rules.append(_weight_rule(bound))
    return rules


def _numbers(bound: Bound) -> list[Any]:
    parts = bound.parts
    return [c for c in parts.format.columns if c.kind is Kind.NUMBER and c.name in parts.columns]


def _number_rule(bound: Bound, name: str) -> Rule:
    return _finite(bound.parts.files[name], lambda t: bound.parts.cell(t, name), _everywhere)


def _answer_rule(bound: Bound, name: str) -> Rule:
    """An answer is a class or a finite number; NaN and infinity are neither."""
    parts, sentinels = bound.parts, bound.source.sentinels

    def broken(t: Any) -> Any:
        cell = parts.cell(t, name)
        return is_not_finite(as_number(cell)) & ~is_one_of(cell, sentinels)

    return Rule(
        trouble=Trouble.NOT_A_NUMBER,
        column=parts.files[name],
        broken=broken,
        value=written(bound, name),
        expected="a class or a finite number, or nothing",
        fix="Leave the cell empty where there was no answer, or name the value as a sentinel.",
    )


def _weight_rule(bound: Bound) -> Rule:
    parts = bound.parts

    def broken(t: Any) -> Any:
        weight = as_number(parts.cell(t, "weight"))
        return weight.isnull() | is_not_finite(weight) | (weight <= 0)

    return Rule(
        trouble=Trouble.NOT_A_NUMBER,
        column=parts.files["weight"],
        broken=broken,
        value=written(bound, "weight"),
        expected="a weight above zero on every row",
        fix="Leave out rows that shall not count, or drop the column.",
    )


def _refuse_lost_arm(bound: Bound, engine: Engine) -> None:
    """An arm without a row beside arms with unknown names is a wrong mapping, not a lost arm."""
    parts = bound.parts
    if "arm" not in parts.columns:
        return
    t, what = bound.table, bound.source.path
    names = t.select(arm=as_text(parts.cell(t, "arm"))).distinct().order_by("arm").limit(1000)
    seen = engine.fetch(names, what).column("arm").to_pylist()
    arms = {arm: {bound.source.arms.get(arm, arm), arm} for arm in ARMS}
    strange = [name for name in seen if name not in arms["baseline"] | arms["candidate"]]
    empty = [arm for arm in ARMS if not arms[arm] & set(seen)]
    if strange and empty:
        wanted = bound.source.arms.get(empty[0], empty[0])
        raise EvidenceError(
            [
                fault(
                    Trouble.UNKNOWN_VALUE,
                    what,
                    seen=f"no row of the {empty[0]}; column {shown(parts.files['arm'])} has "
                    f"{listed(seen)}",
                    expected=f"rows of {shown(wanted)}",
                    fix=f'Say how the file names it: arms = {{ {empty[0]} = "…" }}.'
                    f"{near(wanted, strange)}",
                )
            ]
        )


def _refuse_torn_items(bound: Bound, engine: Engine) -> None:
    """An item or query belongs to one cluster: its rows would count as independent."""
    parts = bound.parts
    key = next((name for name in ("query", "item") if parts.has(name)), None)
    if "cluster" not in parts.columns or key is None:
        return
    t, what = bound.table, bound.source.path
    arm = {"arm": as_text(parts.cell(t, "arm"))} if parts.has("arm") else {}
    keys = t.select(
        item=as_text(parts.cell(t, key)), cluster=as_text(parts.cell(t, "cluster")), **arm
    )
    torn = keys.group_by(["item", *arm]).aggregate(clusters=keys.cluster.nunique())
    torn = torn.filter(torn.clusters > 1)
    seen = engine.row(torn.aggregate(items=torn.item.nunique(), example=torn.item.min()), what)
    if seen["items"]:
        words = "queries" if key == "query" else "items"
        raise EvidenceError(
            [
                fault(
                    Trouble.MAPPING,
                    what,
                    seen=f"{seen['items']:,} {words} in several clusters, first "
                    f"{shown(seen['example'])}; column {shown(parts.files['cluster'])}",
                    expected="one cluster for all rows of each: they depend on each other",
                    fix="Name what groups items, such as a conversation, or drop the column.",
                )
            ]
        )
