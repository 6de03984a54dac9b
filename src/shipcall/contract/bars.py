"""Bars: from the amounts of a contract, which have no sign, to numbers that do."""

from collections.abc import Mapping
from typing import Any

from shipcall.contract.amount import Amount
from shipcall.core import Bar, Estimand


def bar_of(written: Mapping[str, Any], better: str) -> tuple[Bar, Estimand]:
    """Make the bar of a check.

    Args:
        written: The one key that was written (better_by, may_lose, at_least, at_most, within)
            and its value.
        better: Direction of the metric, "higher" or "lower".

    Returns:
        The bar, and which number is held against it.
    """
    ((key, value),) = written.items()
    if key == "better_by":
        return _difference(value, better, gain=True)
    if key == "may_lose":
        return _difference(value, better, gain=False)
    if key == "at_least":
        return Bar(low=value, text=f"at least {value:g}"), Estimand.CANDIDATE
    if key == "at_most":
        return Bar(high=value, text=f"at most {value:g}"), Estimand.CANDIDATE
    return _within(value)


def _difference(amount: Amount, better: str, *, gain: bool) -> tuple[Bar, Estimand]:
    sign = (1.0 if gain else -1.0) * (1.0 if better == "higher" else -1.0)
    edge = sign * amount.value + 0.0
    words = "must improve by" if gain else "may lose"
    text = f"{words} {amount.text}"
    if gain and amount.value == 0:
        text = "must improve"
    bar = Bar(low=edge, text=text) if better == "higher" else Bar(high=edge, text=text)
    return bar, Estimand.RELATIVE if amount.relative else Estimand.DIFFERENCE


def _within(value: float | tuple[float, float]) -> tuple[Bar, Estimand]:
    if isinstance(value, tuple | list):
        low, high = value
        return Bar(low=low, high=high, text=f"between {low:g} and {high:g}"), Estimand.CANDIDATE
    text = f"may differ by at most {value:g}"
    return Bar(low=-value, high=value, text=text), Estimand.DIFFERENCE
