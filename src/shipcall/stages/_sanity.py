"""Sanity: what the counts of a table say about whether it can be trusted."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from shipcall.core import Absent, Check, Finding, Measured, Reason
from shipcall.core.estimate import census
from shipcall.data.alike import MANY
from shipcall.data.facts import Facts
from shipcall.stats.pairs import paired_difference
from shipcall.stats.sample import Crosstab

Counted = tuple[Measured, str]
"""What was measured, and a sentence where something is wrong."""


def fact_finding(
    check: Check, facts: Facts, *, rare: Collection[str] = (), runs: int | None = None
) -> Finding:
    """Hold one count of a table against its bar.

    Args:
        check: A sanity check; its metric is a key of FACTS.
        facts: The counts of the table it is about.
        rare: Names of metrics of rare events: that none of them happened is an answer, with an
            exact bound, and not a sign of broken grading.
        runs: Graded runs that were promised of each unit and model, in a long table.
    """
    if facts.absent is not None:
        return Finding(check=check, measured=facts.absent)
    if facts.rows == 0:
        absent = Absent(reason=Reason.NO_ROWS, detail=f"{check.evidence} has no rows")
        return Finding(check=check, measured=absent)
    if check.metric == "found":
        measured, note = _found(check, facts, runs)
    else:
        constant = tuple(one for one in facts.constant if one[1] not in rare)
        measured, note = FACTS[check.metric](check, replace(facts, constant=constant))
    return Finding(check=check, measured=measured, note=note)


def _found(check: Check, facts: Facts, runs: int | None) -> Counted:
    units = facts.expected_units or facts.units
    shares, parts = [1.0], []
    for what, count, expected in (
        ("units", facts.units, facts.expected_units),
        ("rows", facts.rows, facts.expected_rows),
        ("graded runs", facts.pairs, None if runs is None else runs * units),
    ):
        if expected is not None:
            shares.append(min(count / expected, 1.0) if expected else 0.0)
            told = f"{count:,} of {expected:,} {what}"
            parts.append(told if expected else f"no {what} of a metric of this contract")
    share = min(shares)
    note = f"{', '.join(parts)} found" if share < check.bar.low else ""
    return census(share, "share found"), note


def _duplicates(_check: Check, facts: Facts) -> Counted:
    seen = facts.duplicates
    note = f"{seen.count:,} rows share their key, first {seen.example}" if seen.count else ""
    return census(float(seen.count), "rows that share a key"), note


def _lost(check: Check, facts: Facts) -> Counted:
    pairs = max(facts.pairs, 1)
    share = facts.lost_pairs.total / pairs
    if share <= check.bar.high:
        return census(share, "share of pairs lost"), ""
    why = [f"{count:,} {arm} {status}" for (arm, status), count in sorted(facts.errored.items())]
    why += [f"{count:,} only in {arm}" for arm, count in sorted(facts.unmatched.items()) if count]
    if facts.unlabelled:
        why.append(f"{facts.unlabelled:,} without a label")
    reasons = f" ({'; '.join(why)})" if why else ""
    return census(share, "share of pairs lost"), (
        f"{facts.lost_pairs.total:,} of {facts.pairs:,} pairs lost{reasons}"
    )


def _uneven_loss(check: Check, facts: Facts) -> Counted:
    """Exact paired difference of the shares of clusters in which each model lost more."""
    lost = facts.lost_clusters
    if lost.only_baseline == lost.only_candidate == 0:
        return census(0.0, "difference of shares lost"), ""
    table = Crosstab(
        both=lost.both,
        only_baseline=lost.only_baseline,
        only_candidate=lost.only_candidate,
        neither=facts.clusters - lost.total,
    )
    measured = paired_difference(table, check.tails)
    pairs = facts.lost_pairs
    note = (
        f"{pairs.only_baseline:,} pairs in {lost.only_baseline:,} clusters lost by the baseline "
        f"alone, {pairs.only_candidate:,} in {lost.only_candidate:,} by the candidate alone"
    )
    return measured, note


def _mispaired(_check: Check, facts: Facts) -> Counted:
    seen = facts.mispaired
    note = "" if facts.hashed else "no content hash: what can be seen was compared, not the content"
    if seen.count:
        note = (
            f"{seen.count:,} pairs do not have the same content for both models, "
            f"first {seen.example}"
        )
    return census(float(seen.count), "pairs with other content"), note


def _differing(_check: Check, facts: Facts) -> Counted:
    parts = [
        f"{one.column}: {', '.join(one.baseline)} for the baseline, "
        f"{', '.join(one.candidate)} for the candidate"
        for one in facts.differing
    ]
    return census(float(len(parts)), "columns that differ between the models"), "; ".join(parts)


def _constant(_check: Check, facts: Facts) -> Counted:
    """Count outputs of one value; the candidate's distance from the baseline is one of them.

    Two models with few different answers may agree in every row, and then `not_assessed` says so.
    """
    parts = [f"{arm}{f' ({metric})' if metric else ''}" for arm, metric in facts.constant]
    notes = [f"the same value on every row: {', '.join(parts)}"] if parts else []
    copied = facts.alike is not None and facts.alike >= MANY
    if copied:
        notes.append(
            "no row of the candidate differs from the baseline, as if one model stood there twice"
        )
    return census(float(len(parts) + copied), "outputs that never vary"), "; ".join(notes)


def _out_of_range(_check: Check, facts: Facts) -> Counted:
    seen = facts.out_of_range
    note = ""
    if seen.count:
        note = (
            f"{seen.count:,} grades outside the declared range, first {seen.example}; it may stand "
            "for a grade that could not be read"
        )
    return census(float(seen.count), "grades out of range"), note


FACTS: Mapping[str, Callable[[Check, Facts], Counted]] = {
    "duplicates": _duplicates,
    "lost": _lost,
    "uneven_loss": _uneven_loss,
    "mispaired": _mispaired,
    "differing": _differing,
    "constant": _constant,
    "out_of_range": _out_of_range,
}
