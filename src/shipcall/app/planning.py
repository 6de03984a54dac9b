"""Planning: what each check could see with the promised units, and how often each call comes."""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from shipcall.app.assumptions import Assumptions
from shipcall.app.forecast import (
    Asked,
    asked_of,
    assumed_view,
    chance_view,
    known_levels,
    outlook_view,
)
from shipcall.app.promised import promised_text
from shipcall.app.ramping import asking, rollout_view
from shipcall.app.view import bar_text
from shipcall.app.writing import write_whole
from shipcall.contract.contract import Contract
from shipcall.contract.lint import lint
from shipcall.contract.parse import contract_text, parse_contract
from shipcall.contract.plan import NOT_READ, Measure, Plan
from shipcall.core import Check, Estimand, Need, Role, Slice, UsageError, plain
from shipcall.metrics import METRICS, Statistic
from shipcall.release.foresight.chances import NO_CHANGE
from shipcall.release.foresight.nuisance import COUNTING, DISCORDANCE
from shipcall.release.foresight.outlook import Outlook, Progress, outlook
from shipcall.release.judge import metric_form
from shipcall.report.curve import chance_curve
from shipcall.report.html import html_report
from shipcall.report.rollout_plan import rollout_page
from shipcall.stats.power import power_at, units_for_power

View = dict[str, Any]

NOTE_ON_SPREAD = (
    "Spread: the two models are taken to differ on {discordance:.0%} of the rows (--discordance, "
    "or --pilot with earlier evidence). With a quarter of that, the units needed fall to a quarter."
)
NOTE_ON_DENOMINATORS = (
    "Precision, recall and false-positive rate count only the rows in their denominator: "
    "{counting:.0%} of all rows unless a pilot says otherwise. The units stated are all rows."
)
NOTE_ON_CROSSINGS = (
    "Slice columns of which only the sizes are known are taken as independent of each other."
)
NOTE_ON_METRICS = (
    "Metrics of different rows are drawn independently of each other; if they move together, the "
    "chance that all are shown is greater."
)
NOTE_ON_UNREAD = (
    "{checks} left out of the chances: nobody could count the slices yet. With them the chance "
    "to advance is smaller."
)
NOTE_ON_LOOKS = (
    "{looks} looks are promised. At a look with fewer units than promised the counts hold the "
    "call, so the chances are those of the last look, at the tighter levels of all."
)
NOTE_ON_QUANTILES = (
    "{metrics}: at most 10,000 rows of a quantile are drawn, and more count as so many."
)
NOTE_ON_SLICES = (
    "Slices cannot be counted yet: no rows. They are read from the baseline's rows at the first "
    "look, blind to outcomes."
)


class Spreads(NamedTuple):
    """Standard deviation of one unit's difference, for the checks that have a closed form."""

    known: Mapping[str, float]
    """Metric -> as taken for the chances."""
    discordance: float


WANTED = 0.8
"""Power at which `smallest_seen` and `units_needed` are stated."""


def plan_release(
    file: Path,
    assumptions: Assumptions,
    *,
    progress: Progress | None = None,
) -> View:
    """Say what gate and rollout can see and how often they make each call. Reads no outcome.

    Args:
        file: The contract.
        assumptions: What the person who asks knows or takes.
        progress: Told what is being worked out.

    Raises:
        UsageError: On an assumption that cannot be.
    """
    text = contract_text(file)
    contract = parse_contract(text, file=str(file))
    levels = known_levels(file, contract)
    asked = asked_of(contract, levels, assumptions, root=file.parent)
    promised = asked.promised
    units = _units(contract, promised)
    lints = lint(contract, text=text, measurable=METRICS)
    judged = [check for check in promised.checks if check.role is not Role.SANITY]
    spreads = _spreads(asked, assumptions.discordance)
    return {
        "kind": "plan",
        "release": contract.release.model_dump(mode="json"),
        "stage": "gate",
        "checks": [
            _line(
                check,
                promised.measures[check.metric],
                units[check.metric, check.slice],
                spreads,
                metric_form(promised.measures[check.metric], contract.metric[check.metric])["unit"],
            )
            for check in judged
        ],
        "promised": {
            **contract.risk.model_dump(mode="json"),
            "text": promised_text(contract.risk.model_dump(), _family_sizes(judged)),
        },
        "lints": [asdict(found) for found in lints],
        "levels": _level_counts(levels or {}),
        **_forecast(contract, asked, assumptions.units_per_day, progress),
        "rollout": rollout_view(asking(contract, levels, assumptions, root=file.parent), progress),
        "assumed": assumed_view(asked.question.nuisance),
        "notes": [*asked.notes, *_notes(contract, asked, assumptions)],
    }


def _forecast(
    contract: Contract, asked: Asked, per_day: float | None, progress: Progress | None
) -> View:
    """The chances, or why there are none."""
    nothing: View = {"chances": [], "curve": [], "buy_first": [], "sensitivity": []}
    if asked.unknown:
        return {**nothing, "unknown": asked.unknown, "least": None, "cost": None, "decides": None}
    question = asked.question
    found = outlook(question, progress=progress) if progress else outlook(question)
    promised = {t.table: t.units.value for t in question.nuisance.tables.values() if t.units}
    factor = found.least.factor
    enough = None if factor is None else _times(promised, factor)
    least = {
        "factor": None if factor is None else plain(factor),
        "units": enough,
        "why": found.least.why,
    }
    return {
        **outlook_view(found),
        "unknown": "",
        "least": least,
        "cost": _cost(contract, _times(promised, 1.0), enough, per_day),
        "decides": _decides(found),
    }


def _times(promised: Mapping[str, float], factor: float) -> dict[str, int]:
    return {table: math.ceil(round(units * factor, 6)) for table, units in promised.items()}


def _decides(found: Outlook) -> View:
    """The chance of a call other than HOLD, in the situation in which it is greatest."""
    tried = [one for one in found.every if one.situation.name != NO_CHANGE]
    best = max(tried, key=lambda one: one.decided.value)
    check = best.situation.check.id if best.situation.check else None
    return {**chance_view(best.decided), "situation": best.situation.name, "check": check}


def _cost(
    contract: Contract,
    promised: Mapping[str, int],
    least: Mapping[str, int] | None,
    per_day: float | None,
) -> View:
    """Labels and days, for what was promised and for the least sample that decides."""
    each = contract.costs.label_each if contract.costs else None

    def of(units: Mapping[str, int] | None) -> View | None:
        if units is None:
            return None
        most = max(units.values())
        return {
            "units": most,
            "labels": None if each is None else plain(most * each),
            "days": None if per_day is None else math.ceil(most / per_day),
        }

    currency = contract.costs.currency if contract.costs else ""
    return {"currency": currency, "promised": of(promised), "least": of(least)}


def _spreads(asked: Asked, discordance: float | None) -> Spreads:
    models = {} if asked.unknown else asked.question.at(1.0).models
    closed = {
        name: model.spread
        for name, model in models.items()
        if METRICS[asked.promised.measures[name].kind].statistic is Statistic.RATIO
    }
    return Spreads(closed, DISCORDANCE if discordance is None else discordance)


def write_plan(view: View, *, svg: Path | None, html: Path | None) -> list[Path]:
    """Write a plan as a picture and as a page, where asked for.

    Raises:
        UsageError: If neither the gate nor the rollout has a chance to draw, or a file cannot be
            written.
    """
    written = []
    if svg is not None:
        picture = chance_curve(view) if view["curve"] else rollout_page(view).curve
        if not picture:
            raise UsageError(f"there is nothing to draw: {view['unknown']}.")
        write_whole(svg, f"{picture}\n")
        written.append(svg)
    if html is not None:
        write_whole(html, html_report(view))
        written.append(html)
    return written


def _units(contract: Contract, promised: Plan) -> dict[tuple[str, Slice], int | None]:
    """Units of each check: as promised beside the path, or as counted in the slice."""
    expected = {str(name): source.expect.units for name, source in contract.evidence.items()}
    return {
        (check.metric, check.slice): (
            _counted(promised, check.slice) if check.slice.pairs else expected.get(check.evidence)
        )
        for check in promised.checks
    }


def _counted(promised: Plan, part: Slice) -> int | None:
    unread = any(level == NOT_READ for _, level in part.pairs)
    return None if unread else promised.levels.get(part)


def _line(check: Check, how: Measure, n: int | None, spreads: Spreads, unit: str) -> View:
    spread, why = _spread(check, how, spreads)
    facts: View = {
        "id": check.id,
        "role": check.role.value,
        "need": check.need.value,
        "metric": check.metric,
        "slice": str(check.slice),
        "estimand": check.estimand.value,
        "bar": {
            "low": None if math.isinf(check.bar.low) else check.bar.low,
            "high": None if math.isinf(check.bar.high) else check.bar.high,
            "text": bar_text(check.bar.text, unit, check.estimand.value),
        },
        "unit": unit,
        "clear_at": check.clear_at,
        "breach_at": check.breach_at,
        "units": n,
        "clusters": None,
        "spread": spread,
        "smallest_seen": None,
        "power": None,
        "at": "",
        "units_needed": None,
        "why": why,
        "protected": check.protected,
        "min_units": check.min_units,
    }
    if spread is not None and check.estimand is Estimand.DIFFERENCE:
        facts |= _power(check, spread, n)
    return facts


def _power(check: Check, spread: float, n: int | None) -> View:
    """Chance of clearing when the two models are alike, and the least loss that is noticed."""
    margin = max(-check.bar.low if math.isfinite(check.bar.low) else check.bar.high, 0.0)
    if check.role is Role.GOAL:
        needed = check.bar.low if math.isfinite(check.bar.low) else -check.bar.high
        seen = None if n is None or n < 2 else needed + _detectable(spread, n, check.clear_at)
        return {"smallest_seen": seen, "at": "gain that would be shown 8 times in 10"}
    seen = None if n is None or n < 2 else margin + _detectable(spread, n, check.breach_at)
    if check.need is Need.NOT_REFUTED:
        return {"smallest_seen": seen, "at": "loss that would be refused 8 times in 10"}
    power = None if n is None else power_at(margin, spread, n, check.clear_at)
    return {
        "power": power,
        "at": "chance to pass if nothing changed",
        "smallest_seen": seen,
        "units_needed": units_for_power(margin, spread, WANTED, check.clear_at),
    }


def _detectable(spread: float, units: int, tail: float) -> float:
    """Distance beyond the bar at which the power is WANTED, by bisection."""
    low, high = 0.0, spread
    while power_at(high, spread, units, tail) < WANTED and high < 1e6 * spread:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if power_at(middle, spread, units, tail) >= WANTED else (
            middle, high
        )  # fmt: skip
    return high


def _spread(check: Check, how: Measure, spreads: Spreads) -> tuple[float | None, str]:
    """Standard deviation of one unit's difference, as taken."""
    metric = METRICS.get(how.kind)
    if metric is None:
        return None, "this version cannot measure this kind"
    bounds = how.options.range or metric.range
    if metric.statistic is not Statistic.RATIO:
        return None, "no closed form: its chances are drawn"
    if check.estimand is not Estimand.DIFFERENCE:
        return None, "depends on the value itself: its chances are drawn"
    if how.name in spreads.known:
        return spreads.known[how.name], ""
    if bounds is None:
        return None, "its spread cannot be known without a pilot"
    low, high = bounds
    return (high - low) * math.sqrt(spreads.discordance), ""


def _notes(contract: Contract, asked: Asked, assumptions: Assumptions) -> list[str]:
    kinds = {asked.promised.measures[name].kind for name in asked.question.nuisance.metrics}
    notes = []
    if not assumptions.pilots:
        share = assumptions.discordance
        shown = DISCORDANCE if share is None else share
        notes.append(NOTE_ON_SPREAD.format(discordance=shown))
    if kinds & {"precision", "recall", "false_positive_rate"}:
        notes.append(NOTE_ON_DENOMINATORS.format(counting=COUNTING))
    columns = {column for part in asked.promised.levels for column in part.columns}
    if len(columns) > 1:
        notes.append(NOTE_ON_CROSSINGS)
    if len(asked.question.nuisance.metrics) > 1 and not asked.question.nuisance.correlation:
        notes.append(NOTE_ON_METRICS)
    if asked.question.levels is None and contract.slices is not None:
        notes.append(NOTE_ON_SLICES)
    return [*notes, *_notes_on_chances(contract, asked)]


def _notes_on_chances(contract: Contract, asked: Asked) -> list[str]:
    if asked.unknown:
        return []
    here = asked.question.at(1.0)
    notes = []
    if here.setting.unread:
        notes.append(NOTE_ON_UNREAD.format(checks=", ".join(here.setting.unread)))
    if contract.risk.looks > len(here.looks):
        notes.append(NOTE_ON_LOOKS.format(looks=contract.risk.looks))
    quantiles = [
        name
        for name in here.models
        if METRICS[here.plan.measures[name].kind].statistic is Statistic.QUANTILE
    ]
    if quantiles:
        notes.append(NOTE_ON_QUANTILES.format(metrics=", ".join(quantiles)))
    return notes


def _level_counts(levels: dict[Slice, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in levels:
        name = "*".join(part.columns)
        counts[name] = counts.get(name, 0) + 1
    return counts


def _family_sizes(checks: list[Check]) -> list[dict[str, Any]]:
    return [asdict(check.family) for check in checks if check.family is not None]
