"""Cascade in words: from settings to the sentence, the tables and the charts of a study."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from shipcall.app.study import EACH_ALONE, TAILS
from shipcall.contract.contract import Contract
from shipcall.contract.plan import Measure
from shipcall.core import Absent, Estimate, Measured
from shipcall.stages.gate import generator
from shipcall.studies.cascade import Rows, Setting, front, grid, settings
from shipcall.studies.promise import Promised, kept_right, within_loss
from shipcall.studies.study import Cell, Chart, Column, Line, Mark, Point, Study, Table

OTHER = {"baseline": "candidate", "candidate": "baseline"}
NOTES = (
    EACH_ALONE,
    (
        "Replayed on rows that both models answered: whoever falls back pays and waits for both, "
        "one after the other. What people ask live may make more or fewer of them fall back."
    ),
    (
        "The front is that of the values; neighbours on it may not differ. A threshold taken from "
        "these rows looks better than it is: ask for one that was tested, with --may-lose or "
        "--kept-right."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks of a cascade."""

    first: str = "baseline"
    """Which model answers first."""
    metric: str | None = None
    signal: str | None = None
    """Column with the first model's own doubt; None: its probability, where it states one."""
    keep: str = "high"
    """high: answers with a high signal are kept; low: those with a low one."""
    first_cost: float | None = None
    second_cost: float | None = None
    second_right: float | None = None
    """Share that is right where a person or a rule takes over; stated."""
    second_ms: float | None = None
    may_lose: float | None = None
    kept_right: float | None = None
    threshold: float | None = None
    """A threshold to look at, on the scale of the signal."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A cascade at every threshold: all that does not hang on the one that is looked at."""

    rows: Rows
    """What both models did."""
    measure: Measure
    """The metric by which answers are worth something."""
    contract: Contract
    """For names, prices and the error level of what is tested."""
    found: Sequence[Setting]
    front: Sequence[Setting]
    tested: "Sequence[_Tested]"


def cascade_curve(rows: Rows, measure: Measure, asked: Asked, contract: Contract) -> Curve:
    """Work a cascade out at every threshold, and test what was claimed of it.

    Args:
        rows: What both models did.
        measure: The metric by which answers are worth something.
        asked: What was asked and stated; the threshold to look at does not matter here.
        contract: For names, prices and the error level of what is tested.
    """
    found = settings(rows, grid(rows.signal), TAILS)
    return Curve(
        rows=rows,
        measure=measure,
        contract=contract,
        found=found,
        front=[setting for setting, there in zip(found, front(found), strict=True) if there],
        tested=_tested(rows, measure, asked, contract),
    )


def cascade_form(curve: Curve, asked: Asked) -> Study:
    """Put a cascade into words, tables and charts, with the threshold that was asked for.

    Args:
        curve: From `cascade_curve`, of the same question.
        asked: What was asked and stated.
    """
    found, kept, tested = curve.found, curve.front, curve.tested
    rows, measure, contract = curve.rows, curve.measure, curve.contract
    chosen = _chosen(rows, asked)
    unit = "share" if rows.range == (0.0, 1.0) else ""
    tables = [_table(found, kept, asked, unit, contract)]
    if chosen is not None:
        tables.append(_chosen_table(chosen, asked, unit, contract))
    if tested:
        tables.append(_tested_table(tested, asked, unit))
    return Study(
        name="cascade",
        title=f"{_who(asked, contract)}: {measure.name} against threshold",
        sentence=_sentence(found, tested, asked),
        questions=_questions(found),
        stated=_stated_words(asked, contract),
        tables=tuple(tables),
        charts=_marked(_charts(found, kept, measure, unit, contract), chosen),
        notes=(*NOTES, *_lost(rows)),
    )


def _who(asked: Asked, contract: Contract) -> str:
    models = {"baseline": contract.release.baseline, "candidate": contract.release.candidate}
    second = "a fallback" if asked.second_right is not None else models[OTHER[asked.first]]
    return f"{models[asked.first]} first, then {second}"


class _Tested(NamedTuple):
    """A claim, and the cheapest threshold for which it was shown."""

    claim: str
    column: str
    """Where what was measured stands: difference or kept."""
    found: Promised | Absent


def _tested(rows: Rows, measure: Measure, asked: Asked, contract: Contract) -> list[_Tested]:
    level = contract.risk.alpha
    found = []
    if asked.may_lose is not None:
        rng = generator("cascade", "within_loss", measure.name, asked.first)
        claim = f"the cascade loses at most {asked.may_lose:g} against the second model alone"
        shown = within_loss(rows, asked.may_lose, level, rng)
        found.append(_Tested(claim, "difference", shown))
    if asked.kept_right is not None:
        rng = generator("cascade", "kept_right", measure.name, asked.first)
        claim = f"the kept answers are worth at least {asked.kept_right:g} on average"
        found.append(_Tested(claim, "kept", kept_right(rows, asked.kept_right, level, rng)))
    return found


def _threshold(threshold: float, asked: Asked) -> Cell:
    if math.isinf(threshold):
        return "keep all" if threshold < 0 else "ask the second every time"
    return threshold if asked.keep == "high" else -threshold


def _table(
    found: Sequence[Setting], kept: Sequence[Setting], asked: Asked, unit: str, contract: Contract
) -> Table:
    columns = (*_columns(asked, unit, contract), Column(name="front", title="front"))
    rows = tuple(
        {**_row(setting, asked), "front": "yes" if setting in kept else ""} for setting in found
    )
    return Table(name="settings", title="At every threshold", columns=columns, rows=rows)


def _chosen(rows: Rows, asked: Asked) -> Setting | None:
    """The cascade at the one threshold that was asked for; on the scale on which more is kept."""
    if asked.threshold is None:
        return None
    threshold = asked.threshold if asked.keep == "high" else -asked.threshold
    return settings(rows, (threshold,), TAILS)[0]


def _chosen_table(chosen: Setting, asked: Asked, unit: str, contract: Contract) -> Table:
    columns = _columns(asked, unit, contract)
    rows = (_row(chosen, asked),)
    return Table(name="chosen", title="At the threshold asked for", columns=columns, rows=rows)


def _columns(asked: Asked, unit: str, contract: Contract) -> tuple[Column, ...]:
    sides = "from" if asked.keep == "high" else "up to"
    return (
        Column(name="threshold", title=f"kept {sides}"),
        Column(name="fallback", title="falls back", unit="share"),
        Column(name="value", title="worth", unit=unit),
        Column(name="difference", title="less the second alone", unit=unit, difference=True),
        Column(name="over_random", title="over a random choice", unit=unit, difference=True),
        Column(name="cost", title="price of a row", unit=_currency(contract)),
        Column(name="p50", title="p50", unit="ms"),
        Column(name="p99", title="p99", unit="ms"),
    )


def _row(setting: Setting, asked: Asked) -> dict[str, Cell]:
    return {
        "threshold": _threshold(setting.threshold, asked),
        "fallback": setting.fallback,
        "value": setting.value,
        "difference": setting.difference,
        "over_random": setting.over_random,
        "cost": setting.cost,
        "p50": setting.p50,
        "p99": setting.p99,
    }


def _currency(contract: Contract) -> str:
    return contract.costs.currency if contract.costs else ""


def _tested_table(tested: Sequence[_Tested], asked: Asked, unit: str) -> Table:
    columns = (
        Column(name="claim", title="claim"),
        Column(name="threshold", title="cheapest threshold shown"),
        Column(name="fallback", title="falls back", unit="share"),
        Column(name="difference", title="less the second alone", unit=unit, difference=True),
        Column(name="kept", title="worth of kept answers", unit=unit),
        Column(name="passed", title="thresholds shown"),
    )
    rows = tuple(_tested_row(one, asked) for one in tested)
    return Table(name="tested", title="Tested in a fixed order", columns=columns, rows=rows)


def _tested_row(one: _Tested, asked: Asked) -> dict[str, Cell]:
    found = one.found
    if isinstance(found, Absent):
        return {"claim": one.claim, one.column: found}
    empty = math.isinf(found.threshold) and not found.passed
    return {
        "claim": one.claim,
        "threshold": "none was shown" if empty else _threshold(found.threshold, asked),
        "fallback": found.fallback,
        one.column: found.measured,
        "passed": f"{found.passed} of {found.tried}",
    }


def _sentence(found: Sequence[Setting], tested: Sequence[_Tested], asked: Asked) -> str:
    for claim, _, one in tested:
        if isinstance(one, Promised) and one.passed:
            at = _threshold(one.threshold, asked)
            shown = f"at {at:.6g}" if isinstance(at, float) else "with nothing falling back"
            share = one.fallback
            back = "" if isinstance(share, Absent) else f"; {100 * share.value:.0f} % fall back"
            return f"Shown {shown}: {claim}{back}."
    if tested:
        return "No threshold could be shown to keep the claim: every row has to fall back."
    if _useless(found):
        return (
            "The signal is not shown to pick better than chance at any threshold: a random share "
            "of the rows would do as well."
        )
    ends = [one.value.value for one in (found[0], found[-1]) if isinstance(one.value, Estimate)]
    if len(ends) < 2:
        return "What the cascade is worth cannot be estimated from these rows; the table says why."
    return (
        f"Between {ends[0]:.4g} (nothing falls back) and {ends[1]:.4g} (everything does) the table "
        "names every exchange; none was tested: ask with --may-lose or --kept-right."
    )


def _useless(found: Sequence[Setting]) -> bool:
    """No threshold at which the signal beats a random choice, each interval by itself."""
    between = [one.over_random for one in found if not math.isinf(one.threshold)]
    return all(isinstance(one, Absent) or one.low <= 0 for one in between)


def _questions(found: Sequence[Setting]) -> tuple[str, ...]:
    asked = []
    if isinstance(found[-1].cost, Absent):
        asked.append(
            "What does one answer of each model cost? Log it in the column `cost`, or state it "
            "with --first-cost and --second-cost."
        )
    if isinstance(found[-1].p50, Absent):
        asked.append("How long does an answer take? Log it in the column `latency_ms`.")
    return tuple(asked)


def _stated_words(asked: Asked, contract: Contract) -> tuple[str, ...]:
    currency = _currency(contract)
    told = {
        "an answer of the first model costs": (asked.first_cost, f" {currency}"),
        "an answer of the second costs": (asked.second_cost, f" {currency}"),
        "the second is right with a share of": (asked.second_right, ""),
        "the second takes": (asked.second_ms, " ms"),
    }
    return tuple(
        f"{what} {value:g}{unit}".rstrip()
        for what, (value, unit) in told.items()
        if value is not None
    )


def _lost(rows: Rows) -> tuple[str, ...]:
    if not rows.lost:
        return ()
    return (f"{rows.lost:,} rows lack a grade or the signal; worths are filled at their worst.",)


def _charts(
    found: Sequence[Setting],
    kept: Sequence[Setting],
    measure: Measure,
    unit: str,
    contract: Contract,
) -> tuple[Chart, ...]:
    charts = [_chart(found, kept, measure, unit, "fallback", "share that falls back", "share")]
    if not isinstance(found[-1].cost, Absent):
        currency = _currency(contract)
        charts.append(_chart(found, kept, measure, unit, "cost", "price of a row", currency))
    return tuple(chart for chart in charts if chart is not None)


def _marked(charts: Sequence[Chart], chosen: Setting | None) -> tuple[Chart, ...]:
    """Put a mark where the threshold that was asked for lies; charts are named after their axis."""
    places = {chart.name: getattr(chosen, chart.name, None) for chart in charts}
    return tuple(
        replace(chart, marks=(Mark(x=at.value, title="asked for"),))
        if isinstance(at := places[chart.name], Estimate)
        else chart
        for chart in charts
    )


def _chart(  # noqa: PLR0913, PLR0917 - both axes
    found: Sequence[Setting],
    kept: Sequence[Setting],
    measure: Measure,
    unit: str,
    over: str,
    title: str,
    x_unit: str,
) -> Chart | None:
    every = [p for s in found if (p := _point(getattr(s, over), s.value)) is not None]
    if len(every) < 2:
        return None
    best = [p for s in kept if (p := _point(getattr(s, over), s.value)) is not None]
    return Chart(
        name=over,
        title=f"{measure.name} against {title}",
        says=f"{_place(every[0])} with nothing falling back, {_place(every[-1])} with everything.",
        x_title=title,
        y_title=measure.name,
        x_unit=x_unit,
        y_unit=unit,
        lines=(
            Line(title="cascade", tone="candidate", points=tuple(every)),
            Line(title="random choice", tone="mute", points=(_bare(every[0]), _bare(every[-1]))),
            Line(title="front", tone="baseline", points=tuple(map(_bare, best)), joined=False),
        ),
    )


def _place(point: Point) -> str:
    return f"{point.y:.4g} at {point.x:.4g}"


def _bare(point: Point) -> Point:
    return Point(x=point.x, y=point.y)


def _point(x: Measured, y: Measured) -> Point | None:
    if isinstance(x, Absent) or isinstance(y, Absent):
        return None
    return Point(x=x.value, y=y.value, low=y.low, high=y.high)
