"""Planning: what each check could see with the units that were promised."""

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from shipcall.app.view import bar_text, promised_text
from shipcall.app.workspace import workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.lint import lint
from shipcall.contract.parse import contract_text, parse_contract
from shipcall.contract.plan import NOT_READ, Measure, Plan, plan
from shipcall.core import Check, Estimand, Need, Role, Slice, UsageError
from shipcall.metrics import METRICS, Statistic
from shipcall.release.history import sealed_contract
from shipcall.release.judge import metric_form
from shipcall.release.sources import open_evidence, read_levels
from shipcall.stats.power import power_at, units_for_power

View = dict[str, Any]

NOTE_ON_SPREAD = (
    "Spread: the two models are taken to differ on {discordance:.0%} of the rows (--discordance). "
    "With a quarter of that, the units needed fall to a quarter."
)
NOTE_ON_DENOMINATORS = (
    "Precision, recall and false-positive rate count only the rows in their denominator; the "
    "units stated are all rows."
)
NOTE_ON_SLICES = (
    "Slices cannot be counted yet: no rows. They are read from the baseline's rows at the first "
    "look, blind to outcomes."
)

WANTED = 0.8
"""Power at which `smallest_seen` and `units_needed` are stated."""


def plan_release(file: Path, *, discordance: float) -> View:
    """Say for each check of the gate what it can see. Reads slices, never an outcome.

    Args:
        file: The contract.
        discordance: Share of rows on which the two models are expected to differ, in (0, 1];
            it sets the spread of a paired difference of shares.

    Raises:
        UsageError: On a discordance outside (0, 1].
    """
    if not 0 < discordance <= 1:
        raise UsageError(f"--discordance {discordance} is not a share above 0 and up to 1.")
    text = contract_text(file)
    contract = parse_contract(text, file=str(file))
    levels = _levels(file, contract)
    promised = plan(contract, "gate", levels)
    units = _units(contract, promised)
    lints = lint(contract, text=text, measurable=METRICS)
    judged = [check for check in promised.checks if check.role is not Role.SANITY]
    return {
        "kind": "plan",
        "release": contract.release.model_dump(mode="json"),
        "stage": "gate",
        "checks": [
            _line(
                check,
                promised.measures[check.metric],
                units[check.metric, check.slice],
                discordance,
                metric_form(contract.metric[check.metric], promised.measures[check.metric])["unit"],
            )
            for check in judged
        ],
        "promised": {
            **contract.risk.model_dump(mode="json"),
            "text": promised_text(contract.risk.model_dump(), _family_sizes(judged)),
        },
        "lints": [asdict(found) for found in lints],
        "levels": _level_counts(levels or {}),
        "notes": _notes(contract, levels, discordance),
    }


def _levels(file: Path, contract: Contract) -> dict[Slice, int] | None:
    ledger = workspace_of(file).ledger_if_any()
    sealed = sealed_contract(ledger.entries(), contract.release.id) if ledger else None
    if sealed is not None and sealed.levels is not None:
        return dict(sealed.levels)
    return read_levels(contract, open_evidence(contract, file.parent))


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


def _line(check: Check, how: Measure, n: int | None, discordance: float, unit: str) -> View:
    spread, why = _spread(check, how, discordance)
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


def _spread(check: Check, how: Measure, discordance: float) -> tuple[float | None, str]:
    """Standard deviation of one unit's difference under the stated discordance."""
    metric = METRICS.get(how.kind)
    if metric is None:
        return None, "this version cannot measure this kind"
    bounds = how.options.range or metric.range
    if metric.statistic is not Statistic.RATIO or bounds is None:
        return None, "its spread cannot be known without a pilot"
    if check.estimand is not Estimand.DIFFERENCE:
        return None, "depends on the value itself; look at it with pilot rows"
    low, high = bounds
    return (high - low) * math.sqrt(discordance), ""


def _notes(contract: Contract, levels: object, discordance: float) -> list[str]:
    notes = [NOTE_ON_SPREAD.format(discordance=discordance), NOTE_ON_DENOMINATORS]
    if levels is None and contract.slices is not None:
        notes.append(NOTE_ON_SLICES)
    return notes


def _level_counts(levels: dict[Slice, int]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for part in levels:
        name = "*".join(part.columns)
        counts[name] = counts.get(name, 0) + 1
    return counts


def _family_sizes(checks: list[Check]) -> list[dict[str, Any]]:
    return [asdict(check.family) for check in checks if check.family is not None]
