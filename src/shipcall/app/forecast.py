"""Forecast: the question a person asks of a contract, and the chances as one plain dictionary."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shipcall.app.assumptions import Assumptions
from shipcall.app.sealed_text import SITUATIONS
from shipcall.app.workspace import workspace_of
from shipcall.contract.contract import Contract
from shipcall.contract.plan import NOT_READ, Plan, plan
from shipcall.contract.seal import contract_digest
from shipcall.core import Slice, UsageError, plain
from shipcall.metrics.kinds import KINDS
from shipcall.release.foresight.chances import Chance, Chances
from shipcall.release.foresight.nuisance import Known, Nuisance, assumed
from shipcall.release.foresight.outlook import (
    Deciding,
    Outlook,
    Point,
    Purchase,
    Question,
    unknowable,
)
from shipcall.release.foresight.pilot import learned, open_pilot, pilot_levels
from shipcall.release.history import sealed_contract
from shipcall.release.sources import open_evidence, read_levels

View = dict[str, Any]

_GAIN = re.compile(r"^\s*(-?[0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?)\s*(pp)?\s*$")

ONLINE = ("exposures", "outcomes")
"""Pilots that speak of a rollout and not of the gate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, or why it has no answer."""

    question: Question
    promised: Plan
    unknown: str
    """Why no chance can be stated; empty where it can."""
    notes: Sequence[str] = field(default_factory=tuple)


def asked_of(
    contract: Contract,
    levels: Mapping[Slice, int] | None,
    assumptions: Assumptions,
    *,
    root: Path,
) -> Asked:
    """Put a contract and what is taken beside it together.

    Args:
        contract: As parsed.
        levels: Units of every slice; None while nobody could count them.
        assumptions: What the person says.
        root: Folder of the contract.

    Raises:
        UsageError: On a discordance, gain, pilot or number of units a day that cannot be.
        EvidenceError: If a pilot cannot be read.
    """
    share = assumptions.discordance
    if share is not None and not 0 < share <= 1:
        raise UsageError(f"--discordance {share} is not a share above 0 and up to 1.")
    pace = assumptions.units_per_day
    if pace is not None and not 0 < pace < math.inf:
        raise UsageError(f"--units-per-day {pace} is not a number above 0.")
    gains = gains_of(contract, assumptions.gains)
    promised = plan(contract, "gate", levels)
    nuisance = assumed(contract, promised, discordance=share)
    notes: list[str] = []
    paths = {n: path for n, path in pilot_paths(assumptions).items() if n not in ONLINE}
    if paths:
        evidence = open_pilot(contract, paths, root)
        try:
            nuisance = learned(nuisance, promised, evidence)
            if levels is None or any(_is_unread(part) for part in levels):
                levels = _in_proportion(pilot_levels(contract, evidence), nuisance)
                notes.append("Slices and their sizes are those of the pilot, in proportion.")
        finally:
            evidence.close()
        promised = plan(contract, "gate", levels)
    question = Question(
        contract=contract,
        nuisance=nuisance,
        levels=levels,
        gains=gains,
        seed=contract_digest(contract),
    )
    unknown = unknowable(contract, promised, nuisance)
    return Asked(question=question, promised=promised, unknown=unknown, notes=tuple(notes))


def known_levels(file: Path, contract: Contract) -> dict[Slice, int] | None:
    """Units of every slice: as sealed, else as counted where rows are there already."""
    ledger = workspace_of(file).ledger_if_any()
    sealed = sealed_contract(ledger.entries(), contract.release.id) if ledger else None
    if sealed is not None and sealed.levels is not None:
        return dict(sealed.levels)
    return read_levels(contract, open_evidence(contract, file.parent))


def _is_unread(part: Slice) -> bool:
    return any(level == NOT_READ for _, level in part.pairs)


def _in_proportion(
    levels: Mapping[Slice, int] | None, nuisance: Nuisance
) -> dict[Slice, int] | None:
    """Sizes of a pilot's slices at the promised number of units."""
    if not levels:
        return None
    columns: dict[tuple[str, ...], int] = {}
    for part, units in levels.items():
        columns[part.columns] = columns.get(part.columns, 0) + units
    total = max(columns.values())
    promised = [table.units.value for table in nuisance.tables.values() if table.units]
    factor = max(promised, default=float(total)) / total
    return {part: round(units * factor) for part, units in levels.items()}


def pilot_paths(assumptions: Assumptions) -> dict[str, str]:
    """Format -> path of every pilot.

    Raises:
        UsageError: On one that is not "format=path".
    """
    return dict(_pair("--pilot", text, "format=path") for text in assumptions.pilots)


def gains_of(contract: Contract, texts: Sequence[str]) -> dict[str, float]:
    """Metric -> gain that is hoped for, as stated.

    Raises:
        UsageError: On a metric that the contract does not have, or on what is no number.
    """
    gains = {}
    for text in texts:
        name, value = _pair("--gain", text, "metric=value")
        if name not in contract.metric:
            raise UsageError(
                f"--gain {text}: the contract has no metric {name!r}. It has "
                f"{', '.join(contract.metric) or 'none'}."
            )
        seen = _GAIN.match(value)
        if seen is None or not math.isfinite(float(seen[1])):
            raise UsageError(
                f"--gain {text}: {value!r} is no number, such as 0.03 or 3pp; positive is better."
            )
        gains[name] = float(seen[1]) / (100 if seen[2] else 1)
        if KINDS[contract.metric[name].kind].share and abs(gains[name]) > 1:
            raise UsageError(
                f"--gain {text}: {name!r} is a share, and no share changes by more than 1; "
                "write 0.03 or 3pp for three points."
            )
    return gains


def _pair(option: str, text: str, form: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not (sign and name.strip() and value.strip()):
        raise UsageError(f"{option} {text!r} is not {form}.")
    return name.strip(), value.strip()


def outlook_view(found: Outlook) -> View:
    """The chances as a plain dictionary."""
    return {
        "chances": [_chances_view(one) for one in found.headlines],
        "every": [_chances_view(one) for one in found.every],
        "curve": [_point_view(point) for point in found.curve],
        "buy_first": [_purchase_view(one) for one in found.purchases],
        "sensitivity": [
            {"spread": factor, "chances": [_chances_view(one) for one in chances]}
            for factor, chances in found.sensitivity.items()
        ],
        "unread": list(found.unread),
        "looks": list(found.looks),
        "hopes": {name: known._asdict() for name, known in plain_known(found.hopes).items()},
    }


def plain_known(known: Mapping[str, Known]) -> dict[str, Known]:
    """Rounded as everything in a view is."""
    return {name: Known(plain(one.value), one.source) for name, one in known.items()}


def _chances_view(found: Chances) -> View:
    situation = found.situation
    return {
        "situation": situation.name,
        "title": SITUATIONS[situation.name],
        "check": situation.check.id if situation.check else None,
        "draws": found.draws,
        "go": chance_view(found.go),
        "hold": chance_view(found.hold),
        "refuse": chance_view(found.refuse),
        "bottleneck": found.bottleneck,
        "unmet": plain(found.unmet),
    }


def chance_view(chance: Chance) -> View:
    """A chance with its interval."""
    return {name: plain(value) for name, value in chance._asdict().items()}


def _point_view(point: Point) -> View:
    return {
        "factor": point.factor,
        "units": dict(point.units),
        "chances": [_chances_view(one) for one in point.chances],
    }


def _purchase_view(one: Purchase) -> View:
    return {"kind": one.kind, "check": one.check, "chance": chance_view(one.chance)}


def deciding_view(found: Deciding) -> View:
    """The chance of ever deciding."""
    return {
        **chance_view(found.chance),
        "situation": found.situation,
        "check": found.check,
        "halved": found.halved,
    }


def assumed_view(nuisance: Nuisance) -> list[View]:
    """Every number that is taken, with where it comes from."""
    lines = []
    for name, metric in nuisance.metrics.items():
        for what, known in (
            ("value of the baseline", metric.value),
            ("share of rows on which the models differ", metric.differ),
            ("standard deviation of a row", metric.spread),
            ("standard deviation of a row's paired difference", metric.difference),
            ("correlation of the rows of one cluster", metric.together),
            ("share of rows that count", metric.counting),
            ("share of rows lost", metric.lost),
        ):
            lines += _assumed_line(name, what, known)
    for name, table in nuisance.tables.items():
        for what, known in (
            ("units", table.units),
            ("runs of each unit", table.runs),
            ("units in a cluster", table.cluster),
            ("share of rows lost", table.lost),
        ):
            lines += _assumed_line(name, what, known)
    for (one, other), known in nuisance.correlation.items():
        lines += _assumed_line(f"{one}, {other}", "correlation of differences over units", known)
    return lines


def _assumed_line(about: str, what: str, known: Known | None) -> list[View]:
    if known is None:
        return []
    return [{"about": about, "what": what, "value": plain(known.value), "source": known.source}]
