"""Costs study: what a threshold costs among the evaluated rows and live, and what serving costs."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shipcall.app.study import measure_of, opened, request_of, study_view
from shipcall.app.study_bill import Asked as SaidOfServing
from shipcall.app.study_bill import bill_of
from shipcall.app.study_bill_form import bill_parts
from shipcall.app.study_decisions_form import Cut, decision_parts
from shipcall.contract.contract import Contract
from shipcall.contract.parse import read_contract
from shipcall.core import UsageError
from shipcall.data.evidence import Evidence
from shipcall.studies.decisions import Prices, Scored
from shipcall.studies.study import Study

View = dict[str, Any]

KINDS = (
    "accuracy", "precision", "recall", "false_positive_rate", "roc_auc", "brier", "log_loss", "ece",
)  # fmt: skip
TABLE = "predictions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person says and asks."""

    metric: str | None = None
    false_alarm: float | None = None
    miss: float | None = None
    live_rate: float | None = None
    """Share of positive rows live, where it is known."""
    live_called: float | None = None
    """Share of live rows that the candidate calls positive at the contract's threshold."""
    live_rows: int | None = None
    """How many live rows that share was counted on."""
    users: str | None = None
    per_user_day: str | None = None
    price: float | None = None
    """Of one inference; None takes the contract's."""


def costs_study(file: Path, asked: Asked) -> View:
    """Say what serving costs, and what every threshold costs where prices of errors are stated.

    Serving is arithmetic on what was stated: no evidence is read for it. Thresholds are studied
    where the contract names a table of predictions that is there.

    Args:
        file: The contract file.
        asked: What is known and wanted.

    Raises:
        UsageError: On a number that cannot be, or predictions without scores of two classes.
        EvidenceError: If the evidence cannot be read as what it claims to be.
    """
    prices = _prices(asked)
    _demand_shares(asked)
    contract = read_contract(file)
    told = SaidOfServing(price=asked.price, users=asked.users, per_user_day=asked.per_user_day)
    bill = bill_parts(bill_of(told, contract.costs))
    if TABLE not in {str(name) for name in contract.evidence}:
        return study_view(_study(contract, bill), contract)
    with opened(file) as release:
        cut = _cut(release.evidence, contract, asked, prices)
        parts = decision_parts(cut) if cut else None
    return study_view(_study(contract, bill, parts), contract)


def _prices(asked: Asked) -> Prices | None:
    told = asked.false_alarm, asked.miss
    if all(price is None for price in told):
        return None
    if any(price is None or not 0 <= price < math.inf for price in told) or not any(told):
        raise UsageError(
            f"--false-alarm {told[0]} and --miss {told[1]}: an error price is a number from 0 up, "
            "both have to be said, and one of them above 0."
        )
    return Prices(float(told[0] or 0.0), float(told[1] or 0.0))


def _demand_shares(asked: Asked) -> None:
    for option, share in (("--live-rate", asked.live_rate), ("--live-called", asked.live_called)):
        if share is not None and not 0 < share < 1:
            raise UsageError(f"{option} {share:g} is no share between 0 and 1.")
    if (asked.live_called is None) != (asked.live_rows is None):
        raise UsageError(
            "--live-called needs --live-rows, and the other way round: how many live rows was the "
            "share counted on?"
        )
    if asked.live_rate is not None and asked.live_called is not None:
        raise UsageError("say --live-rate or --live-called, not both: the second estimates it.")


def _cut(evidence: Evidence, contract: Contract, asked: Asked, prices: Prices | None) -> Cut | None:
    if not evidence.present(TABLE):
        return None
    measure = measure_of(contract, asked.metric, KINDS, "a study of thresholds")
    table = evidence.opened(TABLE)
    request = request_of(measure, "roc_auc")
    options = table.options(request)
    if options.numbered or options.positive_class is None:
        if asked.metric is None and prices is None:
            return None
        raise UsageError(
            f"{table.what}: thresholds need one score per row and a positive class; say "
            f'positive = "…" on metric {measure.name!r}, or leave the prices of errors out.'
        )
    found = table.answered(request)
    if not found.cluster.size:
        raise UsageError(
            f"{table.what}: no row has a label and a score of both models; {found.lost:,} lack one."
        )
    scored = {
        arm: Scored(
            cluster=found.cluster,
            positive=found.columns["label"],
            score=found.columns[f"score_{arm}"],
            lost=found.lost,
        )
        for arm in ("baseline", "candidate")
    }
    return Cut(
        metric=measure.name,
        threshold=options.threshold,
        prices=prices,
        live_rate=asked.live_rate,
        live_called=asked.live_called,
        live_rows=asked.live_rows,
        currency=contract.costs.currency if contract.costs else "",
        weighted=table.bound.parts.has("weight"),
        **scored,
    )


def _study(contract: Contract, bill: Study, decisions: Study | None = None) -> Study:
    """Put the parts together; errors come first where they were priced."""
    parts = [part for part in (decisions, bill) if part is not None]
    return Study(
        name="costs",
        title=f"{contract.release.candidate}: what it costs",
        sentence=" ".join(part.sentence for part in parts),
        questions=tuple(q for part in parts for q in part.questions),
        stated=tuple(said for part in parts for said in part.stated),
        tables=tuple(table for part in parts for table in part.tables),
        charts=tuple(chart for part in parts for chart in part.charts),
        notes=tuple(note for part in parts for note in part.notes),
    )
