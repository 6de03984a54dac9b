"""Read: from a TOML file to a world, or to every fault of the file at once.

text -> tables -> sections (truth) -> sense (sense.py) -> World
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from shipcall.core.errors import ContractError, Fault
from shipcall.world.sense import meant, remarks
from shipcall.world.truth import World

MOST_BYTES = 1_000_000
"""A world is written by people; a greater file is something else."""
TITLES: Mapping[str, str] = {
    "E401": "not valid TOML",
    "E402": "cannot be read",
    "E403": "not a world",
    "E411": "missing key",
    "E412": "unknown key",
    "E413": "wrong value",
    "E414": "unknown name",
    "E415": "unknown slice",
    "E416": "fault without effect",
    "E417": "contradiction",
}
"""Every code a world can fail with -> its title. Codes never change their meaning."""
_START = 'begin with shipcall_world = 1, name = "first" and seed = 1'
_ROUNDS = 20
_LONGEST = 60
_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")

Place = tuple[str | int, ...]


def read_world(path: Path) -> World:
    """Read a world from a file.

    Args:
        path: A TOML file in UTF-8 of at most a megabyte.

    Raises:
        ContractError: With every fault of the file.
    """
    return parse_world(world_text(path), file=str(path))


def world_text(path: Path) -> str:
    """Give the text of a world file.

    Raises:
        ContractError: If it is not there, not a file, too large, or not UTF-8.
    """
    file = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise _unread(file, str(wrong.strerror), "name a file that is there") from None
    if len(content) > MOST_BYTES:
        raise _unread(file, f"more than {MOST_BYTES:,} bytes", "name the world, not its evidence")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        seen = f"byte 0x{content[wrong.start]:02x} in line {line} is not UTF-8"
        raise _unread(file, seen, "save the file as UTF-8") from None


def parse_world(text: str, *, file: str) -> World:
    """Read a world from its text.

    Args:
        text: TOML.
        file: Name of the file, for the faults.

    Raises:
        ContractError: With every fault of the text, from its top to its end.
    """
    tables = _tables(text, file)
    if "shipcall_world" not in tables:
        raise _unread(file, "no key 'shipcall_world'", _START, code="E403")
    known = _Lines(text, file)
    shaped = _shaped(tables, known)
    if shaped.world is not None:
        for remark in remarks(shaped.world):
            if shaped.broken.isdisjoint(remark.leans):
                place = shaped.place(remark.place)
                known.add(remark.code, place, remark.seen, remark.expected, remark.fix)
    if known.faults:
        raise ContractError(sorted(set(known.faults), key=lambda f: (f.line or 0, f.code, f.seen)))
    return World.model_validate(tables, strict=True)


def _tables(text: str, file: str) -> dict[str, Any]:
    if not any(line.strip() and line.strip()[0] != "#" for line in text.splitlines()):
        raise _unread(file, "an empty file", _START)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        place = re.search(r"at line (\d+), column (\d+)", str(wrong))
        line = int(place[1]) if place else text.count("\n") + 1
        fault = Fault(
            file=file,
            line=line,
            column=int(place[2]) if place else None,
            code="E401",
            title=TITLES["E401"],
            seen=str(wrong).split(" (at ", maxsplit=1)[0],
            expected="TOML",
            fix="repair the line, or put quotes around text",
            source=text.splitlines()[line - 1] if line <= len(text.splitlines()) else "",
        )
        raise ContractError([fault]) from None


def _unread(file: str, seen: str, fix: str, code: str = "E402") -> ContractError:
    expected = "a world: a TOML file in UTF-8 with shipcall_world = 1"
    return ContractError(
        [Fault(file=file, code=code, title=TITLES[code], seen=seen, expected=expected, fix=fix)]
    )


class _Lines:
    """Where keys stand, and what was found wrong with them."""

    def __init__(self, text: str, file: str) -> None:
        self.file, self.faults = file, list[Fault]()
        self._text = text.splitlines()
        self._lines: dict[Place, int] = {}
        self._scan()

    def add(self, code: str, place: Place, seen: str, expected: str, fix: str) -> None:
        """Report a fault at a key, or at the table around it."""
        line = next(
            (self._lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self._lines),
            1,
        )
        self.faults.append(
            Fault(
                file=self.file,
                line=line,
                column=1,
                code=code,
                title=TITLES[code],
                seen=seen,
                expected=expected,
                fix=fix,
                source=self._text[line - 1],
            )
        )

    def _scan(self) -> None:
        table: Place = ()
        counts: dict[Place, int] = {}
        for number, line in enumerate(self._text, start=1):
            header, pair = _HEADER.match(line), _PAIR.match(line)
            if header:
                table = self._resolved(_keys(header[2]), counts)
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                self._lines.setdefault(table, number)
            elif pair:
                self._lines.setdefault((*table, *_keys(pair[1])), number)

    def _resolved(self, names: list[str], counts: Mapping[Place, int]) -> Place:
        place: Place = ()
        for number, name in enumerate(names):
            place = (*place, name)
            if place in counts and number < len(names) - 1:
                place = (*place, counts[place])
        return place


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


class _Shaped:
    """The tables without what is wrong in them, and where that was."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self.tables: dict[str, Any] = _copied(tables)
        self.world: World | None = None
        self.broken: set[str] = set()
        """Sections in which something was wrong."""
        self._gone: dict[str, list[int]] = {}

    def place(self, place: Place) -> Place:
        """Give the place in the file of a place in the tables, from which entries are gone."""
        if len(place) < 2 or not isinstance(place[1], int):
            return place
        number = place[1]
        for gone in sorted(self._gone.get(str(place[0]), [])):
            number += number >= gone
        return (place[0], number, *place[2:])

    def without(self, place: Place) -> None:
        """Take something out; what every world needs is filled in."""
        needed = {"shipcall_world": 1, "name": "unread", "seed": 0}
        if not place or place[0] in needed:
            place = place or ("seed",)
            self.tables[str(place[0])] = needed[str(place[0])]
            return
        holder: Any = self.tables
        for part in place[:-1]:
            holder = holder[part]
        if isinstance(holder, list) and len(place) == 2:
            self._gone.setdefault(str(place[0]), []).append(int(self.place(place)[1]))
        holder.pop(place[-1])


def _shaped(tables: Mapping[str, Any], known: _Lines) -> _Shaped:
    """Report every wrong key and value, and go on with the rest."""
    shaped = _Shaped(tables)
    for _ in range(_ROUNDS):
        try:
            shaped.world = World.model_validate(shaped.tables, strict=True)
        except ValidationError as wrong:
            for error in wrong.errors():
                place = _place(error)
                known.add(*_told(error, shaped.place(place)))
                shaped.broken.update(str(part) for part in place[:1])
            for place in sorted({_cause(e) for e in wrong.errors()}, key=_order, reverse=True):
                shaped.without(place)
        else:
            break
    return shaped


def _place(error: ErrorDetails) -> Place:
    return tuple(part for part in error["loc"] if part != "[key]")


def _order(place: Place) -> list[tuple[str, int]]:
    return [("", part) if isinstance(part, int) else (part, 0) for part in place]


def _cause(error: ErrorDetails) -> Place:
    """Give what has to go so that the rest can be read: of a missing key, what misses it."""
    place = _place(error)
    return place[:-1] if error["type"] == "missing" and len(place) > 1 else place


def _copied(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: _copied(value) for key, value in thing.items()}
    return [_copied(value) for value in thing] if isinstance(thing, list) else thing


def _told(error: ErrorDetails, place: Place) -> tuple[str, Place, str, str, str]:
    """Say what pydantic found, in our words: code, place, seen, expected, fix."""
    code, seen, expected, fix = _TOLD.get(error["type"], _told_value)(error, place)
    return code, place, seen, expected, fix


def _told_missing(error: ErrorDetails, place: Place) -> tuple[str, str, str, str]:
    del error
    return "E411", f"no key {place[-1]!r}", f"a key {place[-1]!r}", f"add {place[-1]} = …"


def _told_unknown(error: ErrorDetails, place: Place) -> tuple[str, str, str, str]:
    del error
    known = _fields(place[:-1])
    return (
        "E412",
        f"a key {place[-1]!r}",
        f"one of: {', '.join(sorted(known))}",
        meant(str(place[-1]), known, "take it out"),
    )


def _told_choice(error: ErrorDetails, place: Place) -> tuple[str, str, str, str]:
    del place
    expected = str(error["ctx"]["expected"])
    return (
        "E413",
        _quoted(error["input"]),
        expected,
        meant(str(error["input"]), re.findall(r"'([^']+)'", expected), "take one of those"),
    )


def _told_rule(error: ErrorDetails, place: Place) -> tuple[str, str, str, str]:
    del place
    return "E417", str(error["ctx"]["error"]), "parameters that go together", "change one of them"


def _told_value(error: ErrorDetails, place: Place) -> tuple[str, str, str, str]:
    expected = error["msg"].removeprefix("Input should be ")
    for theirs, ours in (("a valid integer", "a whole number"), ("a valid", "a")):
        expected = expected.replace(theirs, ours)
    return "E413", _quoted(error["input"]), expected, f"change {place[-1] if place else 'it'}"


_TOLD: Mapping[str, Callable[[ErrorDetails, Place], tuple[str, str, str, str]]] = {
    "missing": _told_missing,
    "extra_forbidden": _told_unknown,
    "literal_error": _told_choice,
    "value_error": _told_rule,
}
"""Kind of error, as pydantic calls it -> how we tell it."""


def _fields(place: Place) -> list[str]:
    """Keys that are known in a section."""
    section: type[BaseModel] = World
    for part in place:
        if part in section.model_fields:
            section = _section(section.model_fields[str(part)].annotation) or section
    return list(section.model_fields)


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((s for part in get_args(annotation) if (s := _section(part))), None)


def _quoted(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    if isinstance(value, bool):
        text = text.lower()
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
