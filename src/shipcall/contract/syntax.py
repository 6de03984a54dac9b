"""Syntax: from text to the plain data of TOML, with every line that cannot be read.

The reader of the standard library stops at the first error. Where the line at fault is one
`key = value` of its own, its value is set aside and reading goes on, so that one run names all
of them.
"""

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from shipcall.contract.faults import fault_at
from shipcall.contract.positions import Place, Positions, Repeat, dotted
from shipcall.core.errors import Fault

_MOST_ERRORS = 25
_LONGEST_RECOVERED = 100_000
_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")
_ONE_LINE = re.compile(r"^(\s*[\w.\-\"']+\s*=)(.*)$")
_SET_ASIDE = '""'
_YAML_LINE = re.compile(r"^(---|- |[\w-]+:(\s|$))")

_HINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"""=\s*("[^"]*|'[^']*)$"""), "close the text with the quote that opens it"),
    (re.compile(r"=\s*-?\d+,\d+"), "write 0.01, with a point; a comma starts the next item"),
    (re.compile(r"=\s*[+-]?(\.\d|\d+\.(\s|$))"), "write a digit on both sides of the point: 0.5"),
    (re.compile(r"=\s*[\d.]+\s*(%|pp)"), 'put amounts with a unit in quotes: "2%" or "1pp"'),
    (re.compile(r"=\s*[\d.]+[mhdw]\b"), 'put durations in quotes: "6h"'),
    (re.compile(r"=\s*(True|False|yes|no|on|off)\b", re.IGNORECASE), "write true or false"),
    (re.compile(r"=\s*(None|null|nil)\b", re.IGNORECASE), "leave the key out: no key, no value"),
    (re.compile(r"=\s*0\d"), "a number does not begin with 0; put names in quotes"),
    (re.compile(r"=\s*\d{1,4}[./]\d{1,2}[./]\d{1,4}"), "write dates as 2026-12-18, unquoted"),
    (re.compile("[\u201c\u201d\u2018\u2019]"), 'use straight quotes: "'),
    (re.compile(r"^\s*[\w.-]+\s*:"), "write key = value, with an equals sign"),
    (re.compile(r"=\s*(#|$)"), "write a value after the equals sign, or remove the key"),
    (re.compile(r"=\s*[A-Za-z]"), 'put text in quotes: key = "text"'),
    (re.compile(r"^\s*//"), "begin comments with #"),
    (re.compile(r"^\s*[\w.-]+\s*$"), "write key = value"),
)
_NO_HINT = "compare the line with a template: shipcall new ranker"


class Data(NamedTuple):
    """What could be read of a text, and what could not."""

    tables: dict[str, Any] | None
    """The tables; None where so little could be read that judging it would mislead."""
    faults: tuple[Fault, ...]
    unreadable: frozenset[int]
    """Lines whose value was set aside."""


def read_tables(text: str, positions: Positions, *, file: str) -> Data:
    """Read TOML to the end, with one fault for every line that cannot be read.

    Args:
        text: The file's text; line ends have to be single newlines.
        positions: Its places.
        file: Name of the file, for the faults.
    """
    reading = _Reading(file=file, text=text, positions=positions)
    while reading.goes_on():
        try:
            tables = tomllib.loads(reading.text)
        except RecursionError:
            reading.stop("nested too deeply", "write tables instead of values inside values")
        except ValueError as error:
            reading.note(error)
        else:
            return Data(tables, tuple(reading.faults), frozenset(reading.lines))
    return Data(None, tuple(reading.faults), frozenset(reading.lines))


def too_deep(positions: Positions, *, file: str) -> Fault | None:
    """The fault of a key that would keep any reader busy for minutes, or None."""
    if positions.too_deep is None:
        return None
    return fault_at(
        file,
        "E001",
        positions.at(positions.too_deep),
        seen="a key with dozens of parts",
        expected="TOML, tables within tables a few deep",
        fix=_NO_HINT,
    )


def foreign(text: str, *, file: str) -> Fault | None:
    """The fault of a file in another language, or None where it looks like TOML."""
    name = file.lower()
    first = next((line for line in text.splitlines() if line.strip()), "")
    if name.endswith((".yaml", ".yml")):
        return _foreign("YAML", file, first)
    if name.endswith(".json") or first.lstrip().startswith("{"):
        return _foreign("JSON", file, first)
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        lines = [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
        like = sum(bool(_YAML_LINE.match(line.strip())) for line in lines)
        if lines and like > len(lines) / 2:
            return _foreign("YAML", file, lines[0])
    return None


_WHY = {
    "YAML": "a YAML reader turns NO into false, 1e-3 into text and lets a repeated key win",
    "JSON": "JSON has no dates and no comments, and a contract is read by people",
}


def _foreign(language: str, file: str, line: str) -> Fault:
    return fault_at(
        file,
        "E003",
        None,
        seen=f"{language}: {line.strip()[:60]}",
        expected=f"a contract in TOML; {_WHY[language]}",
        fix="start from a template: shipcall new ranker | classifier | llm | regressor",
    )


@dataclass(slots=True)
class _Reading:
    file: str
    text: str
    positions: Positions
    faults: list[Fault] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    stopped: bool = False

    def goes_on(self) -> bool:
        return not self.stopped and len(self.faults) < _MOST_ERRORS

    def stop(self, seen: str, fix: str, place: Place | None = None) -> None:
        self.stopped = True
        self.faults.append(
            fault_at(self.file, "E001", place, seen=seen, expected="TOML", fix=fix),
        )

    def note(self, error: ValueError) -> None:
        """Report one syntax error, and set its line aside if that is safe."""
        place = _place(error, self.positions, self.lines)
        repeat = self._repeat_at(place.line)
        if repeat is not None:
            self._note_repeat(repeat)
            return
        began = self._began(place)
        seen, fix = _say(error), _hint(self.positions.line(place.line))
        if began.line < place.line:
            fix = "close what begins here: a bracket, a brace or a quote is missing"
            self.stop(f"a value that does not end: {seen}", fix, began)
        elif place.line in self.lines or len(self.text) > _LONGEST_RECOVERED:
            self.stop(seen, fix, place)
        else:
            self.faults.append(
                fault_at(self.file, "E001", place, seen=seen, expected="TOML", fix=fix),
            )
            self._set_aside(place.line, keep_key=True)

    def _began(self, place: Place) -> Place:
        """Where the statement begins that was left at this place without its end."""
        for lost in self.positions.lost:
            start, end = self.positions.at(lost.start), self.positions.at(lost.end)
            if start.line < place.line <= end.line:
                return start
        return place

    def _repeat_at(self, line: int) -> Repeat | None:
        at = self.positions.at
        repeats = (r for r in self.positions.repeats if at(r.again).line == line)
        return None if line in self.lines else next(repeats, None)

    def _note_repeat(self, repeat: Repeat) -> None:
        again, first = self.positions.at(repeat.again), self.positions.at(repeat.first)
        self.faults.append(
            fault_at(
                self.file,
                "E001",
                again,
                seen=f"{dotted(repeat.path)} a second time; the first is in line {first.line}",
                expected="every key and every table once",
                fix="keep one of the two; several checks are written [[check]]",
            )
        )
        self._set_aside(again.line, keep_key=first.line == again.line)

    def _set_aside(self, line: int, *, keep_key: bool) -> None:
        lines = self.text.split("\n")
        match = _ONE_LINE.match(lines[line - 1])
        if match is None or line in self.lines:
            self.stopped = True
            return
        self.lines.add(line)
        lines[line - 1] = f"{match[1]} {_SET_ASIDE}" if keep_key else ""
        self.text = "\n".join(lines)


def _place(error: ValueError, positions: Positions, known: set[int]) -> Place:
    last = len(positions.starts)
    match = _PLACE.search(str(error))
    if match is None:
        return _open_end(positions, known)
    line, column = min(int(match[1]), last), int(match[2])
    source = positions.at(positions.starts[line - 1]).source
    return Place(line=line, column=column, source=source)


def _open_end(positions: Positions, known: set[int]) -> Place:
    """Where a value without an end begins; the reader only says that the file is over."""
    places = [positions.at(lost.start) for lost in positions.lost]
    new = [place for place in places if place.line not in known]
    return new[0] if new else positions.at(positions.starts[-1])


def _say(error: ValueError) -> str:
    if not isinstance(error, tomllib.TOMLDecodeError):
        return "a number too long to read"
    return _PLACE.sub("", str(error)).strip()


def _hint(source: str) -> str:
    for pattern, hint in _HINTS:
        if pattern.search(source):
            return hint
    return _NO_HINT
