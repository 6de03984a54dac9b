"""Positions: where in the file each key and value of a TOML document stands.

The TOML reader of the standard library keeps no places, and a fault without a line is a search.
The scanner here follows the grammar far enough to know where keys and values begin. It never
raises: on text that is not TOML it skips to the next line and goes on.
"""

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys and array indices from the top: ("check", 0, "may_lose")."""

_DEEPEST = 60
_LONGEST_SOURCE = 200
_BARE_ENDS = ",]}#\n"
_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in a file, counted from 1, with the line that stands there."""

    line: int
    column: int
    source: str
    """The line; empty where it is too long to print."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A key or table that was written twice where once is allowed."""

    path: Path
    first: int
    again: int
    """Offsets into the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A statement that could not be followed: offsets of its begin and of where it was left."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """Places of everything that was found in one text."""

    text: str
    keys: Mapping[Path, int]
    values: Mapping[Path, int]
    repeats: tuple[Repeat, ...]
    lost: tuple[Lost, ...]
    """Statements that could not be followed, in their order."""
    starts: tuple[int, ...]
    """Offset of the first character of each line."""
    too_deep: int | None = None
    """Offset of the first key with more parts than any reader should be asked to follow."""

    def key(self, path: Path) -> Place | None:
        """Where the key stands, or the nearest key or table around it; None if nothing is."""
        return self._nearest(self.keys, path)

    def value(self, path: Path) -> Place | None:
        """Where the value stands, or the nearest key or table around it."""
        if path in self.values:
            return self.at(self.values[path])
        return self.key(path)

    def at(self, offset: int) -> Place:
        """The place of one character of the text."""
        line = bisect_right(self.starts, offset)
        start = self.starts[line - 1]
        source = self.line(line).replace("\t", " ")
        short = source if len(source) <= _LONGEST_SOURCE else ""
        return Place(line=line, column=offset - start + 1, source=short)

    def line(self, number: int) -> str:
        """The text of one line, counted from 1, without its end."""
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)]

    def _nearest(self, offsets: Mapping[Path, int], path: Path) -> Place | None:
        for length in range(len(path), 0, -1):
            if path[:length] in offsets:
                return self.at(offsets[path[:length]])
        return None


def scan(text: str) -> Positions:
    r"""Find where every key and value stands. Line ends have to be single newlines.

    Examples:
        >>> found = scan('[[check]]\nid = "a"\n[[check]]\nid = "b"')
        >>> found.key(("check", 1, "id")).line
        4
    """
    scanner = _Scanner(text=text)
    scanner.run()
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    return Positions(
        text=text,
        keys=scanner.keys,
        values=scanner.values,
        repeats=tuple(scanner.repeats),
        lost=tuple(scanner.lost),
        too_deep=scanner.too_deep,
        starts=tuple(starts),
    )


def dotted(path: Path) -> str:
    """Write a path as people read it: check[0].may_lose."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


@dataclass(slots=True)
class _Scanner:
    text: str
    i: int = 0
    table: Path = ()
    keys: dict[Path, int] = field(default_factory=dict)
    values: dict[Path, int] = field(default_factory=dict)
    repeats: list[Repeat] = field(default_factory=list)
    lost: list[Lost] = field(default_factory=list)
    too_deep: int | None = None
    lengths: dict[Path, int] = field(default_factory=dict)
    """Arrays of tables -> how many have begun."""
    headers: set[Path] = field(default_factory=set)

    def run(self) -> None:
        while self._skip_blank():
            start = self.i
            understood = self._header() if self.text[self.i] == "[" else self._pair(self.table, 0)
            if not understood:
                self.lost.append(Lost(start=start, end=self.i))
                self._to_next_line()

    def _header(self) -> bool:
        start = self.i
        many = self.text.startswith("[[", self.i)
        self.i += 2 if many else 1
        names = self._key()
        if not names or not self.text.startswith("]]" if many else "]", self.i):
            return False
        self.i += 2 if many else 1
        path = (*self._resolve(names[:-1]), names[-1])
        self.keys.setdefault(path, start)
        if many:
            count = self.lengths.get(path, 0)
            self.lengths[path] = count + 1
            path = (*path, count)
        else:
            path = self._resolve(names)
            self._note_header(path, start)
        self.keys.setdefault(path, start)
        self.table = path
        return True

    def _note_header(self, path: Path, start: int) -> None:
        if path in self.headers:
            self.repeats.append(Repeat(path=path, first=self.keys[path], again=start))
        self.headers.add(path)

    def _resolve(self, names: tuple[str, ...]) -> Path:
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        return path

    def _pair(self, table: Path, depth: int) -> bool:
        start = self.i
        names = self._key()
        if not names or not self._take("="):
            return False
        path = table
        for name in names:
            path = (*path, name)
            if path in self.values:
                self.repeats.append(Repeat(path=path, first=self.keys[path], again=start))
            self.keys.setdefault(path, start)
        self._skip_spaces()
        self.values.setdefault(path, self.i)
        return self._value(path, depth)

    def _key(self) -> tuple[str, ...]:
        names: list[str] = []
        start = self.i
        while True:
            if len(names) > _DEEPEST:
                self.too_deep = start if self.too_deep is None else self.too_deep
                return ()
            self._skip_spaces()
            name = self._name()
            if name is None:
                return ()
            names.append(name)
            self._skip_spaces()
            if not self._take("."):
                return tuple(names)

    def _name(self) -> str | None:
        start = self.i
        if self._peek() in ("'", '"'):
            return _unquoted(self.text[start : self.i]) if self._string() else None
        while self.i < len(self.text) and self.text[self.i] in _KEY_CHARACTERS:
            self.i += 1
        return self.text[start : self.i] or None

    def _value(self, path: Path, depth: int) -> bool:
        opening = self._peek()
        if depth > _DEEPEST or not opening:
            return False
        if opening in ("'", '"'):
            return self._string()
        if opening == "[":
            return self._array(path, depth + 1)
        if opening == "{":
            return self._inline(path, depth + 1)
        start = self.i
        while self.i < len(self.text) and self.text[self.i] not in _BARE_ENDS:
            self.i += 1
        return self.i > start

    def _array(self, path: Path, depth: int) -> bool:
        self.i += 1
        index = 0
        while self._skip_blank():
            if self._take("]"):
                return True
            item = (*path, index)
            self.keys.setdefault(item, self.i)
            self.values.setdefault(item, self.i)
            if not self._value(item, depth):
                return False
            index += 1
            self._skip_blank()
            if not self._take(",") and self._peek() != "]":
                return False
        return False

    def _inline(self, path: Path, depth: int) -> bool:
        self.i += 1
        while self._skip_spaces():
            if self._take("}"):
                return True
            if not self._pair(path, depth):
                return False
            self._skip_spaces()
            if not self._take(",") and self._peek() != "}":
                return False
        return False

    def _string(self) -> bool:
        quote = self.text[self.i]
        long = self.text.startswith(quote * 3, self.i)
        closing = quote * 3 if long else quote
        at = self.i + len(closing)
        while at < len(self.text):
            if self.text[at] == "\\" and quote == '"':
                at += 2
            elif self.text.startswith(closing, at):
                self.i = self._past_quotes(at + len(closing), quote) if long else at + 1
                return True
            elif self.text[at] == "\n" and not long:
                return False
            else:
                at += 1
        return False

    def _past_quotes(self, at: int, quote: str) -> int:
        most = at + 2
        while at < min(most, len(self.text)) and self.text[at] == quote:
            at += 1
        return at

    def _peek(self) -> str:
        return self.text[self.i] if self.i < len(self.text) else ""

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self.i += 1
        return True

    def _skip_spaces(self) -> bool:
        while self._peek() in (" ", "\t"):
            self.i += 1
        return self.i < len(self.text)

    def _skip_blank(self) -> bool:
        while self.i < len(self.text):
            if self.text[self.i] == "#":
                self._to_next_line()
            elif self.text[self.i] in " \t\r\n":
                self.i += 1
            else:
                return True
        return False

    def _to_next_line(self) -> None:
        end = self.text.find("\n", self.i)
        self.i = end + 1 if end >= 0 else len(self.text)


def _unquoted(literal: str) -> str:
    if literal.startswith("'") or "\\" not in literal:
        return literal[1:-1]
    try:
        return str(tomllib.loads(f"x = {literal}")["x"])
    except tomllib.TOMLDecodeError:
        return literal[1:-1]
