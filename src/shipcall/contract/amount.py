"""Amount: how much a contract lets go or asks for, in the words it was written in."""

import math
import re
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema


class Amount(NamedTuple):
    """A size without a sign, and what it is a size of."""

    value: float
    relative: bool
    """True: a share of the baseline's value ("2%"); False: in the metric's own unit."""
    text: str
    """As the contract wrote it."""


_AMOUNT = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?)\s*(%|pp)\s*$")


def _amount(seen: Any) -> Amount:
    if isinstance(seen, Amount):
        return seen
    if isinstance(seen, int | float) and not isinstance(seen, bool):
        if not 0 <= seen < 1e300 or math.copysign(1, seen) < 0:
            raise ValueError("an amount has no sign: the direction comes from the metric")
        return Amount(float(seen), relative=False, text=str(seen))
    match = _AMOUNT.match(seen) if isinstance(seen, str) else None
    share = float(match[1]) / 100 if match else math.inf
    if match is None or math.isinf(share):
        raise ValueError('an amount is a number, "2%" of the baseline, or "1pp"')
    return Amount(share, relative=match[2] == "%", text=str(seen).strip())


AmountField = Annotated[
    Amount,
    BeforeValidator(_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": _AMOUNT.pattern},
            ]
        }
    ),
]
