"""Labels study: how many labels each claim of the gate takes, drawn how, at which price."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shipcall.app.forecast import gains_of
from shipcall.app.study import study_view
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.contract.plan import Plan, plan
from shipcall.core import Bar, Check, Estimand, Need, Role, Slice, UsageError
from shipcall.release.sources import open_evidence, read_levels
from shipcall.studies.claims import NO_GAIN, NO_SHARE, Taken, claim_of
from shipcall.studies.labels import WANTED, Claim, Strata, strata
from shipcall.studies.study import Cell, Chart, Column, Line, Mark, Point, Study, Table

View = dict[str, Any]

DISCORDANCE = 0.2
_WATCHED = 40
"""Most claims in the table; the others are counted."""
_STRETCHED = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Margins that are tried in the chart, as multiples of those of the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person says and asks."""

    discordance: float | None = None
    """Share of units on which the two models differ, in (0, 1]."""
    gains: tuple[str, ...] = ()
    counting: float | None = None
    """Share of units that count for recall, precision or false-positive rate, in (0, 1]."""
    price: float | None = None
    """Of one label; None takes the contract's."""


def labels_study(file: Path, asked: Asked) -> View:
    """Say how many labels every claim of the gate takes, and what they cost.

    Reads the levels of the slices and nothing else: no outcome is looked at.

    Args:
        file: The contract file.
        asked: What is known.

    Raises:
        UsageError: On a share, a gain or a price that cannot be.
        EvidenceError: If evidence is there and cannot be read as what it claims to be.
    """
    _demand_sense(asked)
    contract = read_contract(file)
    evidence = open_evidence(contract, file.parent)
    try:
        levels = read_levels(contract, evidence)
    finally:
        evidence.close()
    promised = plan(contract, "gate", levels)
    return study_view(_study(contract, promised, asked), contract)


def _demand_sense(asked: Asked) -> None:
    for option, share in (("--discordance", asked.discordance), ("--counting", asked.counting)):
        if share is not None and not 0 < share <= 1:
            raise UsageError(f"{option} {share:g} is no share above 0 and up to 1.")
    if asked.price is not None and not 0 <= asked.price < math.inf:
        raise UsageError(f"--price {asked.price:g} is below 0 or not finite.")


def _study(contract: Contract, promised: Plan, asked: Asked) -> Study:
    share = DISCORDANCE if asked.discordance is None else asked.discordance
    taken = Taken(
        discordance=share,
        gains=dict(gains_of(contract, asked.gains)),
        counting=asked.counting,
        detect_at=contract.risk.detect_at,
    )
    checks = [c for c in promised.checks if c.role in (Role.GOAL, Role.GUARDRAIL)]
    claims = [claim_of(check, promised.measures[check.metric], taken) for check in checks]
    price, per_unit = _price(contract, asked), _per_unit(contract, promised)
    drawn = strata(claims, _shares(promised))
    needed = _needed(claims, drawn)
    currency = contract.costs.currency if contract.costs else ""
    tables = [_claims_table(claims, per_unit, price, currency)]
    if drawn:
        tables.append(_strata_table(drawn, per_unit, price, currency))
    return Study(
        name="labels",
        title=f"{contract.release.candidate}: labels for each claim of the gate",
        sentence=_sentence(claims, needed, per_unit, price, currency),
        questions=_questions(claims, price),
        stated=_stated(taken, asked, per_unit, price, currency),
        tables=tuple(tables),
        charts=_charts(checks, promised, taken, per_unit),
        notes=_notes(contract, claims, drawn, promised),
    )


def _price(contract: Contract, asked: Asked) -> float | None:
    if asked.price is not None:
        return asked.price
    return contract.costs.label_each if contract.costs else None


def _per_unit(contract: Contract, promised: Plan) -> int:
    """Labels of one unit: a truth serves both models, a grade one run of one model."""
    tables = {c.evidence for c in promised.checks if c.role in (Role.GOAL, Role.GUARDRAIL)}
    repeats = contract.harness.repeats if contract.harness else 1
    return 2 * repeats if "scores" in tables else 1


def _shares(promised: Plan) -> dict[Slice, float]:
    totals: dict[tuple[str, ...], int] = {}
    for part, units in promised.levels.items():
        totals[part.columns] = totals.get(part.columns, 0) + units
    return {
        part: units / totals[part.columns]
        for part, units in promised.levels.items()
        if totals[part.columns]
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Needed:
    """Units that serve every known claim at once."""

    aggregate: int | None
    at_random: int | None
    by_slice: int | None


def _needed(claims: list[Claim], drawn: list[Strata]) -> _Needed:
    """One sample serves every claim: the most demanding one says how large it is."""
    whole = [claim.units for claim in claims if not claim.part.pairs and claim.units is not None]
    most = max(whole, default=None)
    at_random = max((*whole, *(s.at_random for s in drawn)), default=None) if drawn else None
    by_slice = max((*whole, *(s.by_slice for s in drawn)), default=None) if drawn else None
    return _Needed(aggregate=most, at_random=at_random, by_slice=by_slice)


def _money(units: int, per_unit: int, price: float | None, currency: str) -> str:
    if price is None:
        return ""
    return f" for {units * per_unit * price:,.0f} {currency}".rstrip()


def _sentence(
    claims: list[Claim], needed: _Needed, per_unit: int, price: float | None, currency: str
) -> str:
    open_ = sum(claim.units is None for claim in claims)
    rest = f" {open_} of {len(claims)} claims have no number; the table says why." if open_ else ""
    if needed.aggregate is None and needed.at_random is None:
        return f"No claim can be given a number of labels yet.{rest}"
    said = []
    if needed.aggregate is not None:
        labels = needed.aggregate * per_unit
        cost = _money(needed.aggregate, per_unit, price, currency)
        said.append(f"{labels:,} labels{cost} serve the claims on all units that have a number")
    if needed.at_random is not None and needed.by_slice is not None:
        random = f"{needed.at_random * per_unit:,}"
        random += _money(needed.at_random, per_unit, price, currency)
        sliced = f"{needed.by_slice * per_unit:,}"
        sliced += _money(needed.by_slice, per_unit, price, currency)
        said.append(f"the slices take {random} drawn at random, at least {sliced} drawn by slice")
    return f"{'; '.join(said)}.{rest}"


def _questions(claims: list[Claim], price: float | None) -> tuple[str, ...]:
    asked = []
    if any(claim.why == NO_GAIN for claim in claims):
        asked.append("Which gain is hoped for? Say it with --gain METRIC=VALUE.")
    if any(NO_SHARE in claim.why for claim in claims):
        asked.append("Which share of units counts for such a metric? Say it with --counting.")
    if price is None:
        asked.append("What does a label cost? Say it with --price or in [costs] label_each.")
    return tuple(asked)


def _stated(
    taken: Taken, asked: Asked, per_unit: int, price: float | None, currency: str
) -> tuple[str, ...]:
    source = "assumed" if asked.discordance is None else "stated"
    told = [f"the models differ on a share of {taken.discordance:g} of the units ({source})"]
    told += [f"{name} gains {gain:g}" for name, gain in taken.gains.items()]
    if taken.counting is not None:
        told.append(f"a share of {taken.counting:g} of the units counts")
    if price is not None:
        told.append(f"a label costs {price:g} {currency}".rstrip())
    told.append(f"labels of one unit: {per_unit}")
    return tuple(told)


def _claims_table(claims: list[Claim], per_unit: int, price: float | None, currency: str) -> Table:
    columns = (
        Column(name="claim", title="claim"),
        Column(name="what", title="shown 8 times in 10"),
        Column(name="units", title="units"),
        Column(name="labels", title="labels"),
        Column(name="cost", title="price", unit=currency),
        Column(name="why", title="why not"),
    )
    ordered = sorted(claims, key=lambda c: (bool(c.part.pairs), -(c.units or 0)))
    rows = tuple(_claim_row(claim, per_unit, price) for claim in ordered[:_WATCHED])
    return Table(name="claims", title="Labels for each claim", columns=columns, rows=rows)


def _claim_row(claim: Claim, per_unit: int, price: float | None) -> dict[str, Cell]:
    labels = None if claim.units is None else claim.units * per_unit
    return {
        "claim": claim.check,
        "what": claim.what,
        "units": claim.units,
        "labels": labels,
        "cost": None if labels is None or price is None else labels * price,
        "why": claim.why,
    }


def _strata_table(drawn: list[Strata], per_unit: int, price: float | None, currency: str) -> Table:
    columns = (
        Column(name="column", title="slices by"),
        Column(name="slices", title="slices"),
        Column(name="at_random", title="labels at random"),
        Column(name="by_slice", title="labels by slice"),
        Column(name="saved", title="saved", unit="share"),
        Column(name="cost", title="price by slice", unit=currency),
    )
    rows = tuple(
        {
            "column": one.column,
            "slices": len(one.needed),
            "at_random": one.at_random * per_unit,
            "by_slice": one.by_slice * per_unit,
            "saved": one.saved,
            "cost": None if price is None else one.by_slice * per_unit * price,
        }
        for one in drawn
    )
    return Table(name="strata", title="Drawn at random or by slice", columns=columns, rows=rows)


def _charts(checks: list[Check], promised: Plan, taken: Taken, per_unit: int) -> tuple[Chart, ...]:
    """Labels against the margin, for the most demanding claim on all units that has one."""
    fitting = [check for check in checks if _has_margin(check)]
    claims = {c.id: claim_of(c, promised.measures[c.metric], taken) for c in fitting}
    known = [check for check in fitting if claims[check.id].units]
    if not known:
        return ()
    check = max(known, key=lambda one: claims[one.id].units or 0)
    margin = _margin(check)
    points = []
    for times in _STRETCHED:
        wider = replace(check, bar=_stretched(check.bar, times))
        units = claim_of(wider, promised.measures[check.metric], taken).units
        points += [Point(x=margin * times, y=float(units * per_unit))] if units else []
    return (
        Chart(
            name="labels",
            title=f"Labels against the margin of {check.id}",
            says=f"{points[0].y:,.0f} labels at {points[0].x:g}, {points[-1].y:,.0f} at "
            f"{points[-1].x:g}.",
            x_title="margin",
            y_title="labels",
            lines=(Line(title=check.id, tone="candidate", points=tuple(points)),),
            marks=(Mark(x=margin, title="contract"),),
        ),
    )


def _has_margin(check: Check) -> bool:
    """Does a check on all units have to show that no more than a margin is lost?"""
    shown = check.need is Need.SHOWN and check.role is Role.GUARDRAIL and not check.slice.pairs
    return shown and check.estimand is Estimand.DIFFERENCE and _margin(check) > 0


def _margin(check: Check) -> float:
    return -check.bar.low if math.isfinite(check.bar.low) else check.bar.high


def _stretched(bar: Bar, times: float) -> Bar:
    return replace(bar, low=bar.low * times, high=bar.high * times)


def _notes(
    contract: Contract, claims: list[Claim], drawn: list[Strata], promised: Plan
) -> tuple[str, ...]:
    notes = [
        (
            f"Numbers give a claim that is true a chance of {WANTED:g} to be shown at the "
            "contract's error levels; one sample serves all claims, so they are not added up. The "
            "chance that all are shown together is smaller: `shipcall plan` draws it."
        )
    ]
    if any(not part.pairs for part in (c.part for c in claims)) and contract.unit.cluster not in {
        None,
        contract.unit.id,
    }:
        notes.append("Units are taken as independent; rows of one cluster count less than that.")
    if len(drawn) > 1:
        notes.append(
            "A label serves a slice of every column, so the labels of all columns together lie "
            "between the most demanding column and the sum of all."
        )
    if contract.slices is not None and not promised.levels:
        notes.append("Slices are known once rows are there; then this study draws them as well.")
    if len(claims) > _WATCHED:
        notes.append(f"{len(claims) - _WATCHED} less demanding claims are not listed.")
    if drawn:
        notes.append(
            "Labels drawn by slice do not stand for all traffic: weigh them by the share of their "
            "slice before they speak of an average."
        )
    return tuple(notes)
