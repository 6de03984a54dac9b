"""Screen: the terminal that text is written for, and the table of findings on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shipcall.report.findings import comparable
from shipcall.report.strip import ASCII, UNICODE, Axis, axis_of_many, interval_strip
from shipcall.report.table import Cell, Column, Painter, fitted
from shipcall.report.text import display_width, isolated, wrapped
from shipcall.report.words import (
    View,
    interval_text,
    mark_of,
    name_of,
    several_metrics,
    units_text,
    value_text,
)

_STRIPS = (21, 17, 13)
_STAR = "* only has to be not refuted, so this does not hold the release"
_LEAST_NAME = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A terminal: how wide, and what it can show."""

    width: int
    colour: bool
    unicode: bool
    every_slice: bool = False

    @property
    def painter(self) -> Painter:
        """What puts colour on text."""
        return Painter(self.colour)

    def paint(self, text: str, tone: str, *, strong: bool = False) -> str:
        """Text in the colour of an answer, where colour was asked for."""
        painted = self.painter.paint(text, tone)
        return f"\x1b[1m{painted}" if strong and self.colour else painted

    def joined(self, parts: Iterable[str]) -> str:
        """Facts in one line, with a dot between them."""
        return (" \u00b7 " if self.unicode else " - ").join(part for part in parts if part)

    def flow(self, parts: Iterable[str]) -> list[str]:
        """Facts with a dot between them; a line breaks between facts only."""
        lines: list[str] = []
        for part in parts:
            longer = self.joined([lines[-1], part]) if lines else part
            if lines and display_width(longer) <= self.width:
                lines[-1] = longer
            else:
                lines += self.wrap(part)
        return lines

    def rule(self) -> str:
        """A line across the screen."""
        return ("\u2500" if self.unicode else "-") * self.width

    def wrap(self, text: str, *, width: int | None = None, indent: int = 0) -> list[str]:
        """Text in lines that fit; lines after the first are not indented further."""
        room = (width or self.width) - indent
        return [" " * indent + line for line in wrapped(text, max(room, 20))]

    def bullets(self, sentences: Iterable[str], *, width: int | None = None) -> list[str]:
        """One bullet for each sentence."""
        room = (width or self.width) - 2
        lines = []
        for sentence in sentences:
            first, *more = self.wrap(sentence, width=room)
            lines += [f"- {first}", *(f"  {line}" for line in more)]
        return lines

    def strip(self, finding: View, width: int, axis: Axis | None = None) -> str:
        """The picture of a finding."""
        return interval_strip(finding, width=width, unicode=self.unicode, axis=axis)

    def legend(self) -> list[str]:
        """What the characters of a strip mean."""
        g = UNICODE if self.unicode else ASCII
        sample = f"{g.ends[0]}{g.body}{g.estimate}{g.body}{g.ends[1]} interval with estimate"
        said = f"{sample}, {g.requirement} requirement, {g.forbidden} not allowed, {g.zero} zero"
        return self.wrap(said)

    def head(self, text: str, tone: str = "head") -> list[str]:
        """A heading."""
        return [self.paint(line, tone) for line in self.wrap(text)]


def finding_table(
    findings: Sequence[View], screen: Screen, *, heading: str, together: bool = False
) -> list[str]:
    """Write findings as a table.

    The needs stand in a column where there is room, below the name where there is not, and in
    no line where all are the same: then the caller says it once (`shared_need`). Where even
    that does not fit, every finding takes some lines of its own.

    Args:
        findings: Findings, or rows of a comparison.
        screen: Where they are written.
        heading: Title of the first column.
        together: Findings with the same metric and bar share one axis.
    """
    if not findings:
        return [f"no {heading} was promised"]
    axes = _axes(findings) if together else {}
    stars = screen.wrap(_STAR) if any(_starred(f) for f in findings) else []
    needs = not (together and shared_need(findings))
    lines = _in_columns(findings, screen, heading, axes) if needs else None
    lines = lines or _needs_below(findings, screen, heading, axes, needs=needs)
    if lines is None:
        lines = [line for f in findings for line in _stacked(f, screen, axes.get(id(f)))]
    return [*lines, *stars]


def shared_need(findings: Sequence[View]) -> str:
    """The promise that all findings have in common; empty where they have none."""
    texts = {needs_of(finding) for finding in findings}
    return texts.pop() if len(texts) == 1 else ""


_Axes = dict[int, Axis]


def _axes(findings: Sequence[View]) -> _Axes:
    groups = [(axis_of_many(group), group) for group in comparable(findings)]
    return {id(finding): axis for axis, group in groups for finding in group}


def _in_columns(
    findings: Sequence[View], screen: Screen, heading: str, axes: _Axes
) -> list[str] | None:
    columns = [Column(heading, least=24, whole=True), Column("needs"), *_COLUMNS]
    for width in _STRIPS[:2]:
        rows = [
            [Cell(name), Cell(needs_of(f)), *_cells(f, screen, width, axes)]
            for name, f in zip(_names(findings), findings, strict=True)
        ]
        blocks = fitted(columns, rows, screen.width, screen.painter)
        if blocks:
            return [line for block in blocks for line in block]
    return None


def _needs_below(
    findings: Sequence[View], screen: Screen, heading: str, axes: _Axes, *, needs: bool
) -> list[str] | None:
    columns = [Column(heading, least=_LEAST_NAME, whole=True), *_COLUMNS]
    for width in _STRIPS:
        rows = [
            [Cell(name), *_cells(f, screen, width, axes)]
            for name, f in zip(_names(findings), findings, strict=True)
        ]
        blocks = fitted(columns, rows, screen.width, screen.painter)
        if blocks:
            below = [[], *(_below(f, screen) if needs else [] for f in findings)]
            pairs = zip(blocks, below, strict=True)
            return [line for block, more in pairs for line in (*block, *more)]
    return None


def _below(finding: View, screen: Screen) -> list[str]:
    return [screen.paint(line, "mute") for line in screen.wrap(needs_of(finding), indent=2)]


_COLUMNS = [
    Column("estimate", right=True),
    Column("interval"),
    Column(""),
    Column("n", right=True),
    Column("answer"),
]


def _names(findings: Sequence[View]) -> list[str]:
    metric = several_metrics(findings)
    return [_name(finding, metric=metric) for finding in findings]


def _name(finding: View, *, metric: bool) -> str:
    protected = " (protected)" if finding.get("protected") else ""
    return isolated(name_of(finding, metric=metric)) + protected


def _cells(finding: View, screen: Screen, width: int, axes: _Axes) -> list[Cell]:
    mark = mark_of(finding)
    star = " *" if _starred(finding) else ""
    return [
        Cell(value_text(finding)),
        Cell(interval_text(finding)),
        Cell(screen.strip(finding, width, axes.get(id(finding))), mark.tone),
        Cell(units_text(finding)),
        Cell(mark.text(unicode=screen.unicode) + star, mark.tone),
    ]


def _starred(finding: View) -> bool:
    return finding.get("standing") == "OPEN" and finding["satisfied"] and finding["role"] != "watch"


def _stacked(finding: View, screen: Screen, axis: Axis | None) -> list[str]:
    mark = mark_of(finding)
    star = " *" if _starred(finding) else ""
    answer = screen.paint(mark.text(unicode=screen.unicode) + star, mark.tone)
    lines = [*screen.wrap(_name(finding, metric=True)), f"  {answer}"]
    lines += screen.wrap(f"needs {needs_of(finding)}; n {units_text(finding)}", indent=2)
    if finding.get("estimate") is None:
        return lines
    said = f"{value_text(finding)} {interval_text(finding)}"
    return [*lines, *screen.wrap(said, indent=2), f"  {screen.strip(finding, 21, axis)}"]


def needs_of(finding: View) -> str:
    """The promise in the contract's words."""
    bar = finding.get("bar")
    return bar["text"] if bar else "no bar"
