"""Bill study: what serving costs by what was said alone, with or without a contract."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shipcall.app.study import span_of, study_form
from shipcall.app.study_bill_form import Bill, bill_parts
from shipcall.contract.contract import Costs
from shipcall.contract.parse import read_contract
from shipcall.core import UsageError

View = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person says of serving."""

    price: float | None = None
    """Of one inference; None takes the contract's."""
    users: str | None = None
    per_user_day: str | None = None
    currency: str | None = None
    """None takes the contract's."""


def bill_study(file: Path | None, asked: Asked) -> View:
    """Say what serving costs a day, a month and a year, or which factor nobody has said.

    Arithmetic on what was stated: no evidence is opened, and nothing is entered in the ledger.

    Args:
        file: A contract whose [costs] fill what is not said; None: nothing fills it.
        asked: What is known.

    Raises:
        UsageError: On a number that cannot be.
    """
    contract = read_contract(file) if file else None
    said = bill_of(asked, contract.costs if contract else None)
    title = f"{contract.release.candidate}: what serving costs" if contract else "Serving"
    study = replace(bill_parts(said), name="bill", title=title)
    return study_form(study, contract.release.id if contract else "")


def bill_of(asked: Asked, costs: Costs | None) -> Bill:
    """Put together what was said now and what the contract says.

    Args:
        asked: What is said now; it wins.
        costs: [costs] of the contract, if any.

    Raises:
        UsageError: On a number that cannot be.
    """
    price = asked.price if asked.price is not None else costs.inference_each if costs else None
    if price is not None and not 0 <= price < math.inf:
        raise UsageError(f"--price {price:g} is below 0 or not finite.")
    per_day = span_of(asked.per_user_day, "--per-user-day")
    known = costs.inferences_per_user_day if costs else None
    if per_day is None and known:
        per_day = span_of(str(known), "inferences_per_user_day")
    currency = asked.currency if asked.currency is not None else costs.currency if costs else ""
    return Bill(
        price=price,
        users=span_of(asked.users, "--users"),
        per_user_day=per_day,
        currency=currency,
    )
