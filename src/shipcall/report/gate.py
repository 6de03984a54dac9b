"""Gate: what slices say together and what was discovered, as lines of text beside the checks."""

from collections.abc import Iterator, Sequence
from typing import Any

from shipcall.report.cohort import absent
from shipcall.report.shown import signed, size_text, told_as
from shipcall.report.table import Cell, Column, Painter, fitted
from shipcall.report.text import wrapped
from shipcall.report.words import View, counted, interval_text, value_text, whole

WIDTH = 76
MOST_CUTS = 6
MOST_SHRUNK = 3
_PLAIN = Painter(colour=False)
_COLUMNS = (
    Column("slice", least=24, whole=True),
    Column("n", right=True),
    Column("estimate", right=True),
    Column("interval"),
    Column("answer"),
)


def gate_lines(together: View) -> list[str]:
    """Write what slices say together; empty where the contract names no slice.

    Args:
        together: From `shown.read_together`.

    Returns:
        Lines of at most 80 columns.
    """
    cuts: Sequence[View] = together["slices"]
    if not cuts:
        return []
    lines = ["Slices read together; nothing of it is held against a bar or moves the call."]
    for cut in cuts[:MOST_CUTS]:
        title = f"slices by {'*'.join(cut['columns'])}: {cut['metric']}"
        lines += ["", title, *(f"  {line}" for line in _cut_lines(cut))]
    if len(cuts) > MOST_CUTS:
        lines += ["", f"{counted(len(cuts) - MOST_CUTS, 'more column')} with --json"]
    if together["discovered"]:
        found = _discovered_lines(together["discovered"], cuts[0]["unit"], cuts[0]["estimand"])
        lines += ["", "bad slices nobody named", *(f"  {line}" for line in found)]
    return lines


def cut_sentences(cut: View) -> list[str]:
    """Say what the slices of one column or cross say together, a sentence for each thing.

    Args:
        cut: From `shown.read_together`.
    """
    unit = cut["unit"]
    return [
        _spread_text(cut, unit),
        *_gap_texts(cut, unit),
        *_shrunk_text(cut, unit),
        *reversal_text(cut["reversal"], unit, cut["estimand"]),
    ]


def _cut_lines(cut: View) -> Iterator[str]:
    for sentence in cut_sentences(cut):
        yield from wrapped(sentence, WIDTH)


def _spread_text(cut: View, unit: str) -> str:
    spread = cut["spread"]
    if absent(spread):
        return f"How much the change differs between slices is not known: {spread['detail']}."
    size = size_text(spread, unit, cut["estimand"])
    return (
        f"Without the noise, the change differs between {counted(cut['together'], 'slice')} by a "
        f"standard deviation of {size}."
    )


def _gap_texts(cut: View, unit: str) -> Iterator[str]:
    gap = cut["gap"]
    told = [
        f"{name} {size_text(gap[key], unit, estimand)}"
        for key, name, estimand in (
            ("baseline", "baseline", "candidate"),
            ("candidate", "candidate", "candidate"),
            ("difference", "change", cut["estimand"]),
        )
        if not absent(gap[key])
    ]
    if told:
        yield f"Largest minus smallest slice: {', '.join(told)}. The values lean upwards."


def _shrunk_text(cut: View, unit: str) -> Iterator[str]:
    known = [one for one in cut["shrunk"] if not absent(one)]
    if not known:
        return
    lowest = sorted(known, key=lambda one: (one["value"], one["slice"]))
    ends = lowest[:MOST_SHRUNK] if len(known) > MOST_SHRUNK + 1 else lowest
    named = ", ".join(f"{one['slice']} {signed(one, unit, cut['estimand'])}" for one in ends)
    every = len(known) + cut.get("left", 0)
    left = f"; lowest {len(ends)} of {whole(every)}" if len(ends) < every else ""
    yield f"Pulled towards each other{left}: {named}."


def reversal_text(told: View, unit: str, estimand: str) -> Iterator[str]:
    """Name a reversal: the whole says one thing and every slice the other; nothing otherwise."""
    if absent(told) or not told["against"]:
        return
    whole_said = value_text(told_as(told["whole"], unit, estimand))
    if not told["every"]:
        return
    unknown = f" ({whole(told['unknown'])} without data)" if told["unknown"] else ""
    sure = "every interval says so" if told["shown"] else "not every interval excludes zero"
    yield (
        f"Reversal: {whole_said} for all units and the other sign in each of "
        f"{counted(told['slices'], 'slice')}{unknown}; {sure}. Ask which rows moved between slices."
    )


def _discovered_lines(told: View, unit: str, estimand: str) -> Iterator[str]:
    if absent(told):
        yield from wrapped(f"No data: {told['detail']}.", WIDTH)
        return
    yield from wrapped(discovered_sentence(told), WIDTH)
    if told["found"]:
        rows = [_discovered_row(one, unit, estimand) for one in told["found"]]
        table = fitted(_COLUMNS, rows, WIDTH, _PLAIN)
        plain = [wrapped("  ".join(cell.text for cell in row), WIDTH) for row in rows]
        yield from (line for row in table or plain for line in row)


def discovered_sentence(told: View) -> str:
    """Say what was searched for slices nobody named, and what the other half confirms."""
    left = told["unsearched"]
    unsearched = f" Not searched: {', '.join(left)}." if left else ""
    if told["lost"]:
        unsearched += f" {counted(told['lost'], 'row')} lost: nobody knows what they would show."
    text = (
        f"{counted(told['tried'], 'slice')} of {', '.join(told['columns'])} and their pairs were "
        f"searched on one half of the units.{unsearched}"
    )
    if not told["found"]:
        return f"{text} None looked worse than the named ones may."
    confirmed = sum(one["confirmed"] for one in told["found"])
    return (
        f"{text} {counted(len(told['found']), 'slice')} looked worse than the named ones may; the "
        f"other half, from which the estimates are, confirms {whole(confirmed)}."
    )


def _discovered_row(one: View, unit: str, estimand: str) -> list[Cell]:
    difference: dict[str, Any] = one["difference"]
    finding = told_as(difference, unit, estimand)
    return [
        Cell(one["slice"]),
        Cell(whole(difference["n"])),
        Cell(value_text(finding)),
        Cell("no data" if absent(difference) else interval_text(finding)),
        Cell("confirmed" if one["confirmed"] else "not confirmed"),
    ]
