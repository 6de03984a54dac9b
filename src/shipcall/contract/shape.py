"""Shape: which keys a contract may have and what values they take, with faults for the rest.

The models of `contract` decide; this file says in a person's words what they object to, and
keeps the sound parts so that the promises in them are still judged in the same run.
"""

import types
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from shipcall.contract.contract import Contract
from shipcall.contract.faults import FaultList, listed, meant, nearest, quoted
from shipcall.contract.positions import Path, dotted

_LARGEST = 2**63 - 1
_KEY = "[key]"

_KINDS_OF_VALUE: Mapping[str, str] = {
    "string_type": 'text in quotes: "…"',
    "string_too_short": "text that is not empty",
    "int_type": "a whole number, without quotes",
    "float_type": "a number, without quotes",
    "bool_type": "true or false, without quotes",
    "list_type": "an array: [ … ]",
    "tuple_type": "two numbers: [low, high]",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date without quotes: 2026-12-18",
    "finite_number": "a finite number",
    "too_short": "an array that is not empty",
    "too_long": "fewer values",
}
_LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}
_FIELDS: Mapping[str, str] = {
    "within": "a number above 0 without a sign, or a pair [low, high]",
}
_TOP: Mapping[str, str] = {
    "shipcall": "add shipcall = 1 as the first line",
    "release": "add [release]: which release this is about",
    "unit": 'add [unit] with id = "…": who is assigned',
}
_MOVED: Mapping[str, str] = {
    "gate": 'write [[check]] with stage = "gate"',
    "guardrail": 'write [[check]] with role = "guardrail"',
    "goal": 'write [[check]] with role = "goal"',
    "imof": "write [design]",
    "threshold": "write threshold = … in the metric that uses it",
    "cost": "write [costs]",
    "otherwise": "say on_breach; what cannot be told is a HOLD by itself",
    "unclear": "leave it out: what cannot be told is a HOLD by itself",
    "confidence": "state error rates in [risk]",
    "approvers": "write signatures",
    "offline": "write predictions, scores, rankings or preferences: the format is the key",
    "min_rows": "write min_units: rows of one unit do not count twice",
}


def shape(data: Mapping[str, Any], faults: FaultList) -> Contract:
    """Read plain tables as a contract.

    Args:
        data: Tables as TOML reads them.
        faults: Receives everything that is wrong.

    Returns:
        The contract; where there were faults, one in which every part at fault is None or
        left out, good for nothing but looking for more faults.
    """
    _report_extremes(data, (), faults)
    try:
        return Contract.model_validate(data)
    except ValidationError as error:
        reported: set[Path] = set()
        for details in error.errors(include_url=False):
            path, lacks = _real_path(details, data)
            if path not in reported and not (path and faults.broken(path)):
                reported.add(path)
                _report(details, path, faults, lacks=lacks)
    return _salvaged(data)


def _report_extremes(value: Any, path: Path, faults: FaultList) -> None:
    """Report numbers TOML can write and nobody can mean: nan, inf, beyond 64 bits."""
    items: list[tuple[Any, Path]] = [(value, path)]
    while items:
        value, path = items.pop()
        if isinstance(value, Mapping):
            items.extend((inner, (*path, key)) for key, inner in value.items())
        elif isinstance(value, list):
            items.extend((inner, (*path, at)) for at, inner in enumerate(value))
        elif isinstance(value, int | float) and not -_LARGEST <= value <= _LARGEST:
            faults.value(
                "E103",
                path,
                seen=f"{dotted(path)} = {quoted(value)}",
                expected="a finite number below 2^63",
                fix="write the number that is meant",
            )


def _real_path(details: ErrorDetails, data: Any) -> tuple[Path, bool]:
    """The part of the location that exists in the file, and whether a key is lacking there."""
    path: Path = ()
    here = data
    location = details["loc"]
    for part in location:
        inside = (isinstance(here, Mapping) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if not inside:
            break
        path = (*path, part)
        here = here[part]
    return (*path, location[-1]) if details["type"] == "missing" else path, (
        details["type"] == "missing"
    )


def _report(details: ErrorDetails, path: Path, faults: FaultList, *, lacks: bool) -> None:
    if lacks:
        _missing(path, faults)
    elif details["type"] == "extra_forbidden" or details["loc"][-1] == _KEY:
        _unknown(path, faults)
    elif _signed(details, path):
        faults.value(
            "E104",
            path,
            seen=f"{dotted(path)} = {quoted(details['input'])}",
            expected="an amount without a sign: the direction comes from the metric",
            fix="remove the sign; better_by and may_lose say which way",
        )
    else:
        _wrong(details, path, faults)


def _missing(path: Path, faults: FaultList) -> None:
    where = _header(path[:-1])
    choices = _choices(_annotation(path))
    value = " | ".join(f'"{choice}"' for choice in choices) if path[:-1] and choices else "…"
    faults.key(
        "E101",
        path,
        seen=f"{where} has no key {path[-1]!r}" if path[:-1] else f"no {_header(path)}",
        expected=f"{dotted(path)}, which every contract states",
        fix=f"add {path[-1]} = {value}" if path[:-1] else _TOP[str(path[-1])],
    )


def _unknown(path: Path, faults: FaultList) -> None:
    word = str(path[-1])
    known = _allowed(path[:-1])
    near = nearest(word, known)
    otherwise = _MOVED.get(word, f"remove it, or use one of: {listed(known)}")
    faults.key(
        "E102",
        path,
        seen=f"{_header(path[:-1])} has no key {quoted(word)}",
        expected=f"one of: {listed(known)}; a misspelt promise would otherwise be no promise",
        fix=f"did you mean {near!r}?" if near and word not in _MOVED else otherwise,
    )


def _wrong(details: ErrorDetails, path: Path, faults: FaultList) -> None:
    seen = details["input"]
    choices = _choices(_annotation(path))
    if details["type"] == "literal_error" and choices:
        expected = f"one of: {', '.join(choices)}"
        fix = meant(str(seen), choices, f"write one of: {', '.join(choices)}")
        if path == ("shipcall",):
            expected, fix = "1, the grammar this version reads", "write shipcall = 1"
    else:
        expected = _expected(details, path)
        fix = _fix(details, path, expected)
    faults.value("E103", path, seen=f"{dotted(path)} = {quoted(seen)}", expected=expected, fix=fix)


def _expected(details: ErrorDetails, path: Path) -> str:
    kind = details["type"]
    if path and path[-1] in _FIELDS:
        return _FIELDS[str(path[-1])]
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return f"{words} {details.get('ctx', {}).get(key)}"
    if kind == "value_error":
        return 'a number, "2%" of the baseline\'s value, or "1pp"'
    return _KINDS_OF_VALUE.get(kind, details["msg"])


def _fix(details: ErrorDetails, path: Path, expected: str) -> str:
    seen = details["input"]
    if details["type"] == "list_type" and isinstance(seen, Mapping):
        return f"write [[{path[-1]}]], with double brackets: there may be several"
    if details["type"] in ("model_type", "dict_type") and isinstance(seen, list):
        return f"write [{path[-1]}], with single brackets: there is one"
    if isinstance(seen, str) and details["type"].endswith("_type") and "quotes" in expected:
        return "remove the quotes" if _reads(seen) else f"write {expected}"
    if isinstance(seen, str) and "," in seen:
        return "write the number with a point, not a comma"
    return f"write {expected}"


def _reads(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        try:
            date.fromisoformat(text)
        except ValueError:
            return text in ("true", "false")
    return True


def _signed(details: ErrorDetails, path: Path) -> bool:
    amount = bool(path) and path[-1] in ("better_by", "may_lose", "within")
    seen = details["input"]
    if isinstance(seen, str):
        return amount and seen.strip()[:1] in ("-", "+", "±")
    number = isinstance(seen, int | float) and not isinstance(seen, bool)
    return amount and number and str(seen).startswith("-")


def _header(path: Path) -> str:
    if not path:
        return "the contract"
    several = any(isinstance(part, int) for part in path)
    name = ".".join(str(part) for part in path if not isinstance(part, int))
    return f"[[{name}]]" if several else f"[{name}]"


def _annotation(path: Path) -> Any:
    """The type that the models expect at a path."""
    here: Any = Contract
    for part in path:
        here = _bare(here)
        if isinstance(here, type) and issubclass(here, BaseModel):
            found = here.model_fields.get(str(part))
            here = found.annotation if found else None
        elif get_origin(here) in (list, dict):
            here = get_args(here)[-1]
        else:
            return None
    return _bare(here)


def _bare(annotation: Any) -> Any:
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


def _allowed(path: Path) -> tuple[str, ...]:
    here = _annotation(path)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return tuple(here.model_fields)
    return _choices(_bare(get_args(here)[0])) if get_origin(here) is dict else ()


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is not Literal:
        return ()
    return tuple(str(choice) for choice in get_args(annotation))


def _salvaged(data: Mapping[str, Any]) -> Contract:
    """Keep what is sound; whatever is at fault becomes None."""
    values: dict[str, Any] = {}
    for name, info in Contract.model_fields.items():
        kind = _bare(info.annotation)
        raw = data.get(name)
        if raw is None:
            values[name] = None if info.is_required() else info.get_default()
        elif get_origin(kind) is list:
            inner = _bare(get_args(kind)[0])
            values[name] = [_part(inner, item) for item in raw] if isinstance(raw, list) else []
        elif get_origin(kind) is dict:
            inner = _bare(get_args(kind)[1])
            items = raw.items() if isinstance(raw, Mapping) else ()
            values[name] = {key: _part(inner, item) for key, item in items}
        elif isinstance(kind, type) and issubclass(kind, BaseModel):
            values[name] = _part(kind, raw)
    return Contract.model_construct(**values)


def _part(model: type[BaseModel], raw: Any) -> BaseModel:
    """One section with its sound fields; a bare path of evidence is a section, too."""
    given = raw if isinstance(raw, Mapping) else {"path": raw}
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        if name in given:
            values[name] = _sound(model, name, given[name])
        else:
            values[name] = None if info.is_required() else info.get_default()
    return model.model_construct(**values)


def _sound(model: type[BaseModel], name: str, raw: Any) -> Any:
    try:
        return _adapter(model, name).validate_python(raw)
    except ValidationError:
        return None


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    """Reads one field as its model would, strictly."""
    info = model.model_fields[name]
    kind: Any = info.annotation
    for part in info.metadata:
        kind = Annotated[kind, part]
    return TypeAdapter(kind, config=None if _is_model(kind) else {"strict": True})


def _is_model(kind: Any) -> bool:
    bare = _bare(kind)
    return isinstance(bare, type) and issubclass(bare, BaseModel)
