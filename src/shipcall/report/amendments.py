"""Amendments in words: what was changed, by whom, why, and the lines of the file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shipcall.report.text import clean_view
from shipcall.report.words import Mark, View, counted, moment, short_hash

MARKS: Mapping[str, Mark] = {
    "loosened": Mark("loosened", "\u25bc", "v", "fail"),
    "tightened": Mark("tightened", "\u25b2", "^", "pass"),
    "removed": Mark("removed", "\u2212", "-", "none"),
    "added": Mark("added", "+", "+", "none"),
    "neutral": Mark("changed", "\u25cb", "o", "none"),
}
"""Kind of a change -> how it is shown."""
SIGNS: Mapping[str, str] = {"same": " ", "gone": "-", "new": "+"}


def amendment_lines(view: View) -> list[str]:
    """Write the history of a contract for a terminal.

    Args:
        view: From `app.amendments.amendments_view`.
    """
    harmless = clean_view(view)
    seal, said = harmless["seal"], list[str]()
    if seal is None:
        return [f"{harmless['release']} is not sealed; nothing can be amended yet."]
    late = ", after evidence had been seen" if seal["after_evidence"] else ""
    said.append(f"sealed    {moment(seal['at'])}  {short_hash(seal['contract'])}{late}")
    for one in harmless["amendments"]:
        said += ["", *_amendment(one)]
    if harmless["pending"]:
        said += ["", *_pending(harmless["pending"])]
    return said


def summary_of(changes: Sequence[View], loosened: int) -> str:
    """Say how many changes there are, and that promises were loosened where they were."""
    what = counted(len(changes), "change")
    return f"{what}, {loosened} loosened" if loosened else what


def bare_sentence(change: View) -> str:
    """The sentence of a change without the word that its mark says already."""
    word, _, rest = str(change["sentence"]).partition(": ")
    return rest or word


def _amendment(one: Mapping[str, Any]) -> Iterator[str]:
    late = ", after evidence had been seen" if one["after_evidence"] else ""
    yield f"amended   {moment(one['at'])}  {short_hash(one['contract'])} by {one['by']}{late}"
    yield f"  why: {one['why']}"
    yield from _changed(one)


def _pending(one: Mapping[str, Any]) -> Iterator[str]:
    if one["faults"]:
        yield f"the file has {counted(len(one['faults']), 'fault')}: `shipcall check` lists them"
        return
    yield f"not amended yet: the file has {summary_of(one['changes'], one['loosened'])}"
    yield from _changed(one)


def _changed(one: Mapping[str, Any]) -> Iterator[str]:
    for change in one["changes"]:
        yield f"  {change['sentence']}"
    for line in one["lines"]:
        if line["kind"] == "gap":
            yield f"       … {counted(int(line['text']), 'line')}"
        else:
            number = line["new"] or line["old"]
            yield f"  {number:>4} {SIGNS[line['kind']]} {line['text']}"
