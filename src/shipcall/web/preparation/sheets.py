"""Sheets: the fields of a form as the answer in TOML that the command reads.

Pages and the command line thus hand in the same thing, and it is read and refused in one place.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from shipcall.core import UsageError
from shipcall.web.page import View
from shipcall.web.preparation.desks import number, whole

Fields = Mapping[str, str]
COPIES = 2
"""How often a part that may be repeated stands on the page; more go into the TOML."""
_HINT = re.compile(r"^(?P<name>\w+) = .*?# (?P<hint>.*)$")
TITLES = {
    "input.source": "Input: a source of rows",
    "model": "Model: by its function",
    "output": "Output: what people get",
    "feedback": "Feedback: when learning stops",
    "feedback.signal": "Feedback: a signal that is read as a label",
    "loop": "System: a loop that feeds itself",
    "dependency": "System: data that others make",
    "containment": "System: what keeps a failure small",
    "monitoring": "System: what is watched",
}


def sheet_of(name: str, fields: Fields) -> str:
    """Write what was typed into a form as TOML.

    Args:
        name: Of the form.
        fields: As typed; a `sheet` that is not empty is taken as it is.

    Raises:
        UsageError: If a number is none, or two features share a place.
    """
    pasted = fields.get("sheet", "").replace("\r\n", "\n")
    if pasted.strip() or name not in _SHEETS:
        return pasted
    return "".join(f"{key} = {_toml(value)}\n" for key, value in _SHEETS[name](fields).items())


def _toml(value: Any) -> str:
    """A value of TOML on one line; strings are written as JSON writes them, which TOML reads."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value.replace("\x7f", ""), ensure_ascii=False)
    return repr(value)


def _order(fields: Fields) -> dict[str, Any]:
    places = {
        name.removeprefix("place."): whole(text, what=name)
        for name, text in fields.items()
        if name.startswith("place.")
    }
    taken = sorted(places.values())
    if taken != list(range(1, len(places) + 1)):
        raise UsageError(
            f"give each feature a place of its own, from 1 to {len(places)}; "
            f"got {', '.join(map(str, taken))}."
        )
    return {
        "seed": whole(fields["seed"], what="seed"),
        "order": sorted(places, key=lambda slug: places[slug]),
        "probability": number(fields.get("probability", ""), what="how sure") / 100,
    }


def _dial(fields: Fields) -> dict[str, Any]:
    own = {
        name.removeprefix("own."): number(text, what=name)
        for name, text in fields.items()
        if name.startswith("own.") and text.strip()
    }
    revisit = ("metric", "threshold", "window", "action")
    return {
        "seed": whole(fields["seed"], what="seed"),
        "default": number(fields.get("default", ""), what="the setting"),
        "own": own,
        **{name: _said(fields, name) for name in ("owner", "changed_by", "consent", "way_out")},
        "revisit": {name: _said(fields, f"revisit.{name}") for name in revisit},
    }


def _design(fields: Fields) -> dict[str, Any]:
    """Parts by their paths; a part of which nothing was written is left out."""
    found: dict[str, Any] = {"prompt": fields.get("prompt", "")}
    for path in fields:
        said = _said(fields, path)
        if not path.startswith("at.") or not said:
            continue
        *parts, last = path.removeprefix("at.").split(".")
        place = found
        for part in parts:
            place = place.setdefault(part, {})
        lines = [line.strip() for line in said.split("\n") if line.strip()]
        place[last] = lines if last == "assumptions" else said
    listed: dict[str, Any] = _listed(found)
    return listed


def _listed(thing: Any) -> Any:
    """Parts that are numbered become a list."""
    if not isinstance(thing, Mapping):
        return thing
    if thing and all(key.isdecimal() for key in thing):
        return [_listed(thing[key]) for key in sorted(thing, key=int)]
    return {key: _listed(value) for key, value in thing.items()}


def _said(fields: Fields, name: str) -> str:
    return fields.get(name, "").replace("\r\n", "\n").strip()


_SHEETS: Mapping[str, Callable[[Fields], dict[str, Any]]] = {
    "dvl": _order,
    "trade-off": _dial,
    "imof": _design,
}


def parts_of(template: str) -> list[View]:
    """Read the parts and fields of a design off its template.

    Args:
        template: TOML as the command shows it, with its comments.

    Returns:
        Parts with `title`, `path` and `copies`, each of which holds fields with `name`, `label`,
        `hint` and `kind` (text, lines or choice).
    """
    hints = _hints(template)
    parts: list[View] = []
    for path, table in _tables(tomllib.loads(template)):
        several = isinstance(table, list)
        names = [n for n, v in (table[0] if several else table).items() if _flat(v)]
        copies = [
            [
                _field(f"{path}.{copy}" if several else path, n, hints.get(f"{path}.{n}", ""))
                for n in names
            ]
            for copy in range(COPIES if several else 1)
        ]
        parts.append({"title": TITLES.get(path, path), "path": path, "copies": copies})
    return parts


def _hints(template: str) -> dict[str, str]:
    """Path of a field -> the comment beside it."""
    found, table = dict[str, str](), ""
    for line in template.splitlines():
        if line.startswith("["):
            table = line.strip("[]")
        elif hint := _HINT.match(line):
            found[f"{table}.{hint['name']}"] = hint["hint"]
    return found


def _flat(value: Any) -> bool:
    return isinstance(value, str) or value == [""]


def _tables(tree: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in tree.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, list) and value != [""]:
            found.append((here, value))
        elif isinstance(value, Mapping):
            if any(_flat(one) for one in value.values()):
                found.append((here, value))
            found += _tables(value, here)
    return found


def _field(path: str, name: str, hint: str) -> View:
    kinds = {"assumptions": "lines", "teaches": "choice"}
    return {
        "name": f"at.{path}.{name}",
        "label": name.replace("_", " "),
        "hint": "one in a line" if name == "assumptions" else hint,
        "kind": kinds.get(name, "text"),
    }
