"""Findings in the order in which people want them: what decides first, the calm ones counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shipcall.report.words import ANSWERS, View, bounds_of, standard_error

_URGENCY = {"BREACH": 0, "OPEN": 1, "CLEAR": 2, "ABSENT": 3}


class Groups(NamedTuple):
    """The findings of a verdict by what they are for, each in the promised order."""

    checks: list[View]
    """Goals and guardrails on all units, and every goal."""
    slices: list[View]
    sanity: list[View]
    watch: list[View]


class Selection(NamedTuple):
    """Slices worth a line of their own, and what is said of the others."""

    shown: list[View]
    rest: dict[str, int]
    """Count of the slices without a line, by standing."""


class Crossing(NamedTuple):
    """The slices of one metric under two crossed columns."""

    metric: str
    columns: tuple[str, str]
    findings: list[View]


def grouped(findings: Iterable[View]) -> Groups:
    """Sort findings into checks, slices, sanity and watch."""
    groups = Groups([], [], [], [])
    for finding in findings:
        role = finding["role"]
        if role in ("sanity", "watch"):
            (groups.sanity if role == "sanity" else groups.watch).append(finding)
        elif finding.get("slice_pairs") and role != "goal":
            groups.slices.append(finding)
        else:
            groups.checks.append(finding)
    return groups


def closeness(finding: View) -> float:
    """Distance from the bar in standard errors, negative past it: small is urgent.

    Only for sorting. Absent findings come last, a count by its plain distance.
    """
    estimate = finding.get("estimate")
    if estimate is None:
        return float("inf")
    bar, value = finding.get("bar") or {}, estimate["value"]
    room = [value - bar["low"]] if bar.get("low") is not None else []
    room += [bar["high"] - value] if bar.get("high") is not None else []
    scale = 1.0 if estimate.get("census") else standard_error(estimate)
    return min(room, default=0.0) / (scale or 1.0)


def by_urgency(findings: Iterable[View], because: Sequence[str] = ()) -> list[View]:
    """Order findings: those that made the call, then by answer, then closest to the budget."""
    decided = set(because)

    def key(finding: View) -> tuple[bool, int, bool, float, str]:
        standing = _URGENCY[finding["standing"]]
        quiet = not finding.get("protected")
        place = finding["id"]
        return finding["id"] not in decided, standing, quiet, closeness(finding), place

    return sorted(findings, key=key)


def worst(slices: Sequence[View], because: Sequence[str] = (), count: int = 5) -> Selection:
    """Select the slices that get a line: what decided, every protected one, the worst `count`."""
    ordered = by_urgency(slices, because)
    decided = set(because)
    assessed = [f for f in ordered if f["standing"] != "ABSENT"][:count]
    named = {f["id"] for f in assessed}
    deciding = [f["id"] for f in ordered if f["id"] in decided]
    named |= set(deciding[: max(count, 20)]) | {f["id"] for f in ordered if f.get("protected")}
    rest = tally(f for f in ordered if f["id"] not in named)
    return Selection([f for f in ordered if f["id"] in named], dict(rest))


def tally(findings: Iterable[View]) -> list[tuple[str, int]]:
    """Count findings by standing, in the order pass, can't tell, fail, no data; zeros left out."""
    counts = Counter(f["standing"] for f in findings)
    return [(standing, counts[standing]) for standing in ANSWERS if counts[standing]]


def tally_text(findings: Iterable[View]) -> str:
    """Say the counts in words, "43 pass, 2 no data"; empty where there is nothing to count."""
    return ", ".join(f"{n:,} {ANSWERS[standing].word}" for standing, n in tally(findings))


def comparable(slices: Iterable[View]) -> list[list[View]]:
    """Group slices that can stand on one axis: same metric, estimand and bar."""
    groups: dict[tuple[object, ...], list[View]] = {}
    for finding in slices:
        key = (finding["metric"], finding["estimand"], *bounds_of(finding))
        groups.setdefault(key, []).append(finding)
    return list(groups.values())


def crossings(slices: Iterable[View]) -> list[Crossing]:
    """Find pairs of crossed slicing columns, one group per metric, sorted by name."""
    groups: dict[tuple[str, tuple[str, str]], list[View]] = {}
    for finding in slices:
        pairs = finding.get("slice_pairs") or []
        if len(pairs) == 2:
            columns = (pairs[0][0], pairs[1][0])
            groups.setdefault((finding["metric"], columns), []).append(finding)
    return [
        Crossing(metric, columns, groups[metric, columns]) for metric, columns in sorted(groups)
    ]
