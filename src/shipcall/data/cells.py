"""Cells: one rule for each kind of value, so that every kind of file says the same.

All functions take and give column expressions.
"""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

import ibis

_TRUTHS = {"true": "1", "false": "0"}
_OFFSET = r":[0-9]{2}([.,][0-9]+)?([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"


def as_text(cell: Any) -> Any:
    """A name or a level: text as it stands, everything else as it is written."""
    return cell if cell.type().is_string() else cell.cast("string")


def as_value(cell: Any) -> Any:
    """A class or a number as canonical text: 1.0 is "1", true is "1", false is "0"."""
    kind = cell.type()
    if kind.is_boolean():
        return cell.cast("int8").cast("string")
    if kind.is_floating():
        text = cell.cast("string")
        return text.endswith(".0").ifelse(text.left(text.length() - 2), text)
    if not kind.is_string():
        return cell.cast("string")
    return _VALUE(cell)


def as_number(cell: Any) -> Any:
    """A number as float64; null where it is none. May be NaN or infinite: see `is_broken`."""
    kind = cell.type()
    if kind.is_numeric() or kind.is_boolean():
        return cell.cast("float64")
    if not kind.is_string():
        return ibis.null("float64")
    return _NUMBER(cell)


def as_seconds(cell: Any) -> Any:
    """A moment as whole seconds since 1970 in UTC; null where it is none.

    A moment without a time zone counts as UTC.
    """
    moment = cell if cell.type().is_timestamp() else cell.try_cast("timestamp('UTC')")
    return moment.truncate("s").epoch_seconds().cast("int64")


def as_micros(cell: Any) -> Any:
    """A moment as microseconds since 1970 in UTC; null where it is none.

    A moment without a time zone counts as UTC.
    """
    moment = cell if cell.type().is_timestamp() else cell.try_cast("timestamp('UTC')")
    if moment.type().timezone is None:
        return _MICROS(moment.cast("timestamp"))
    return _MICROS_ZONED(moment)


def _named(_cell: object) -> None:
    """Stand for a function that the engine has."""


_MICROS: Any = ibis.udf.scalar.builtin(_named, name="epoch_us", signature=(("timestamp",), "int64"))
_MICROS_ZONED: Any = ibis.udf.scalar.builtin(
    _named, name="epoch_us", signature=(("timestamp('UTC')",), "int64")
)
_NUMBER: Any = ibis.udf.scalar.builtin(_named, name="number_of", signature=(("string",), "float64"))
_VALUE: Any = ibis.udf.scalar.builtin(_named, name="value_of", signature=(("string",), "string"))
MACROS = {
    "number_of(cell)": "CASE WHEN lower(cell) = 'true' THEN 1.0 WHEN lower(cell) = 'false' "
    "THEN 0.0 ELSE try_cast(cell AS DOUBLE) END",
    "value_of(cell)": "CASE WHEN lower(cell) = 'true' THEN '1' WHEN lower(cell) = 'false' "
    "THEN '0' WHEN contains(cell, '.') "
    r"THEN regexp_replace(cell, '^([+-]?[0-9]+)\.0*$', '\1', 'g') ELSE cell END",
}
"""What text is as a number and as a value; the engine is told once.

A table has many such cells and every query reads each several times: written out, they would be
most of what is compiled.
"""


def exactly(number: float) -> Any:
    """A float64 constant to the bit: decimals of the engine would pass by another rounding."""
    return ibis.literal(repr(float(number))).cast("float64")


def has_zone(cell: Any) -> Any:
    """Does the moment name its time zone?"""
    kind = cell.type()
    if kind.is_timestamp():
        return cell.notnull() & ibis.literal(kind.timezone is not None)
    return as_text(cell).re_search(_OFFSET)


def is_not_finite(number: Any) -> Any:
    """Is this float64 NaN or infinite? False where it is null.

    Asked by name and not by comparing: the engine skips parts of a Parquet file by their least and
    greatest value, of which NaN is neither, so that a comparison never sees it.
    """
    return (number.isnan() | number.isinf()).fill_null(False)


def is_outside(number: Any, low: float, high: float) -> Any:
    """Is this float64 below `low`, above `high` or NaN? Null where it is null.

    NaN is asked for by name, for the reason told at `is_not_finite`.
    """
    return (number < low) | (number > high) | number.isnan()


def is_one_of(cell: Any, values: Iterable[str]) -> Any:
    """Is the value one of these, compared as text and, where both are numbers, as numbers?"""
    texts = sorted(values)
    if not texts:
        return ibis.literal(False)
    hits = [as_value(cell).isin([*texts, *(_TRUTHS.get(t.lower(), t) for t in texts)])]
    numbers = [number for number in map(_number, texts) if number is not None]
    if numbers:
        hits.append(as_number(cell).isin(numbers))
    return reduce(or_, [hit.fill_null(False) for hit in hits])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
