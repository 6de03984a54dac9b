"""Canonical form: the same facts give the same bytes, on every machine."""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from shipcall.core.reasons import Reason
from shipcall.core.verdict import Rule

DIGITS = 10
"""Significant digits kept of every float: more differ between engines and machines."""


def plain(thing: Any) -> Any:
    """Turn nouns into dictionaries, lists, strings, numbers and None.

    Floats are rounded to ten significant digits; infinite bounds become None.

    Raises:
        ValueError: On NaN: there is always a reason to state instead.
        TypeError: On an object that has no plain form.
    """
    if isinstance(thing, Enum):
        return _named(thing)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        return {f.name: plain(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
    if isinstance(thing, Mapping):
        return {str(key): plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(item) for item in thing]
    return _scalar(thing)


def _named(thing: Enum) -> Any:
    if isinstance(thing, Reason):
        return {"code": thing.code, "sentence": thing.sentence, "next_step": thing.next_step}
    if isinstance(thing, Rule):
        return {"number": thing.number, "name": thing.name, "sentence": thing.sentence}
    return thing.value


def _scalar(thing: Any) -> Any:
    if thing is None or isinstance(thing, bool | int | str):
        return thing
    if isinstance(thing, float):
        return _rounded(thing)
    if isinstance(thing, datetime | date):
        return thing.isoformat()
    raise TypeError(f"{type(thing).__name__} has no plain form")


def _rounded(number: float) -> float | None:
    if math.isnan(number):
        raise ValueError("NaN has no plain form; say why the number is absent")
    if math.isinf(number):
        return None
    rounded = float(f"{number:.{DIGITS}g}") + 0.0
    return None if math.isinf(rounded) else rounded


def canonical_bytes(thing: Any) -> bytes:
    """Write the plain form as JSON with sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        plain(thing), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest(thing: Any) -> str:
    """SHA-256 of the canonical bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_bytes(thing)).hexdigest()
