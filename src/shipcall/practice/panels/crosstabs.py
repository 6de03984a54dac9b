"""Crosstabs: how a person reads what two models made of the same items: shares, and their change.

Cells stand everywhere in one order: both right, only the baseline, only the candidate, neither.
"""

from collections.abc import Sequence

from shipcall.core import Absent, Measured, Tails
from shipcall.practice.laws import Floats
from shipcall.practice.panels.panel import Reading, Row
from shipcall.stats.pairs import score_high
from shipcall.stats.proportions import newcombe_difference, wilson
from shipcall.stats.sample import Crosstab

TAILS = Tails(0.025, 0.025)
"""Every interval on a panel is a 95 % one."""


def crosstab_of(cells: Floats) -> Crosstab:
    """Put four counted cells together."""
    both, only_baseline, only_candidate, neither = (int(cell) for cell in cells)
    return Crosstab(
        both=both, only_baseline=only_baseline, only_candidate=only_candidate, neither=neither
    )


def share_of(name: str, title: str, events: float, items: float) -> list[Reading]:
    """Read one share, with Wilson's interval; nothing where nothing was counted."""
    return reading_of(name, title, wilson(int(events), int(items), TAILS))


def reading_of(name: str, title: str, measured: Measured) -> list[Reading]:
    """Turn an estimate into a reading; no reading where there is no estimate."""
    if isinstance(measured, Absent):
        return []
    low, high = measured.low, measured.high
    value = measured.value
    return [Reading(name=name, title=title, value=value, low=low, high=high, unit="share")]


def paired_readings(table: Crosstab, ending: str = "") -> list[Reading]:
    """Read both shares and the paired change; `ending` names the slice, " topic=other"."""
    before, after = table.both + table.only_baseline, table.both + table.only_candidate
    return [
        *share_of(f"baseline{ending}", f"right under the baseline{ending}", before, table.n),
        *share_of(f"candidate{ending}", f"right under the candidate{ending}", after, table.n),
        *_paired_change(table, ending),
    ]


def _paired_change(table: Crosstab, ending: str) -> list[Reading]:
    """Tango's score interval: close to exact, and quick enough to be read thousands of times."""
    won, lost, n = table.only_candidate, table.only_baseline, table.n
    if n == 0:
        return []
    low, high = -score_high(lost, won, n, TAILS.low), score_high(won, lost, n, TAILS.high)
    title = f"change, item by item{ending}"
    name, value = f"change{ending}", (won - lost) / n
    return [Reading(name=name, title=title, value=value, low=low, high=high, unit="share")]


def apart_readings(before: float, after: float, items: float, ending: str = "") -> list[Reading]:
    """Read both shares and their change where nobody wrote down which items changed.

    The interval of the change is that of two sets of other items, which is wider than it need be.
    """
    counts = (int(before), int(items), int(after), int(items))
    return [
        *share_of(f"baseline{ending}", f"share under the baseline{ending}", before, items),
        *share_of(f"candidate{ending}", f"share under the candidate{ending}", after, items),
        *reading_of(
            f"change{ending}", f"change of the share{ending}", newcombe_difference(*counts, TAILS)
        ),
    ]


def row_of(where: str, items: float, readings: Sequence[Reading], **counts: int) -> Row:
    """Lay readings of one slice out as a row: shares, then the change with its interval."""
    by_name = {reading.name.partition(" ")[0]: reading for reading in readings}
    change = by_name.get("change")
    return {
        "slice": where,
        "items": int(items),
        "baseline": _value(by_name.get("baseline")),
        "candidate": _value(by_name.get("candidate")),
        **counts,
        "change": _value(change),
        "low": change.low if change else None,
        "high": change.high if change else None,
    }


def _value(reading: Reading | None) -> float | None:
    return None if reading is None else reading.value
