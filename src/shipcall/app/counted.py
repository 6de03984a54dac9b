"""Counted: what each count of the evidence is called on a screen, and what repairs it."""

from collections.abc import Mapping
from typing import NamedTuple


class Count(NamedTuple):
    """One count or share of the evidence itself."""

    title: str
    repair: str = ""
    """What to do where it is not as it should be."""
    unit: str = ""
    """`share` where it is a share of units or rows, `h` or `days`; else it is a number of them."""


_GATE = {
    "found": Count(
        "Evidence found",
        "bring the rows that were promised, or amend `expect` and say why.",
        unit="share",
    ),
    "duplicates": Count(
        "Duplicate rows",
        "remove the duplicates at their source; which of two rows is right is unknown.",
    ),
    "lost": Count(
        "Pairs lost", "run the lost rows again, or amend `max_missing` and say why.", unit="share"
    ),
    "uneven_loss": Count(
        "Loss of one model more than the other",
        "find out why one model loses more rows than the other, and run them again.",
        unit="share",
    ),
    "mispaired": Count("Pairs with other content", "run both models on the same content."),
    "differing": Count(
        "Scorer or eval set that differs",
        "grade both models with the same scorer on the same evaluation set.",
    ),
    "constant": Count("Output that never varies", "check the model's output: it never varies."),
    "out_of_range": Count(
        "Grades out of range",
        "declare what the odd values mean with `sentinels`, or correct the range.",
    ),
    "discovered": Count(
        "Bad slices nobody named",
        "look at them, and name their columns under [slices] before the next release is sealed.",
    ),
}
_ROLLOUT = {
    "found": Count("Units exposed", "log every first exposure of a unit in a stage."),
    "shares": Count(
        "Shares nobody promised", "serve the shares of the contract, or amend [rollout]."
    ),
    "bucketing": Count(
        "Rows of another bucketing",
        "deal every unit with the algorithm and the salt that the contract names.",
    ),
    "contract": Count(
        "Rows under another contract",
        "keep the exposures of each contract in files of their own.",
    ),
    "crossed": Count(
        "Units in both arms",
        "find out why a unit is dealt twice; a unit keeps its arm as long as the share grows.",
        unit="share",
    ),
    "misplaced": Count(
        "Units not where their bucket says",
        "compare the salt and the id that are logged with those that deal the units.",
        unit="share",
    ),
    "errored": Count(
        "Provider errors",
        "mend the provider: an error serves a default to everybody.",
        unit="share",
    ),
    "ratio": Count(
        "Sizes of the arms",
        "find where units of one arm get lost before you read any difference.",
    ),
    "duplicates": Count(
        "Duplicate outcomes",
        "remove the duplicates at their source; an event that is logged twice counts twice.",
    ),
    "out_of_range": Count("Outcomes out of range", "correct the values, or the declared range."),
    "lost": Count(
        "Units without an outcome",
        "log nothing as 0 where nothing happened, or declare `max_missing` and a range.",
        unit="share",
    ),
    "uneven_loss": Count(
        "Outcomes lost in one arm more than in the other",
        "find out why one arm loses more outcomes than the other.",
        unit="share",
    ),
    "moved": Count(
        "Units that moved within their window",
        "keep the arm of a unit until its window has closed.",
        unit="share",
    ),
    "stage.hours": Count("Time at this share", unit="h"),
    "stage.units": Count("Units at this share"),
}
_SHADOW = {
    "stage.pairs": Count("Pairs seen"),
    "stage.days": Count("Days seen"),
    "stage.weekdays": Count("Days of the week seen"),
    "stage.cover": Count("Pairs seen"),
    "stage.review": Count("Pairs read by a person"),
}
_COHORT = {
    "found": Count(
        "Units found", "bring the rows that were promised, or amend `expect`.", unit="share"
    ),
    "duplicates": Count(
        "Days of a unit that are there twice", "write one row for each unit and active day."
    ),
    "gaps": Count(
        "Days without any row", "load the days that are gone; that nobody came is not likely."
    ),
    "stale": Count(
        "Days behind",
        "load activity up to yesterday, or date the verdict with --as-of.",
        unit="days",
    ),
    "crossed": Count("Units in both arms", "find out why a unit changes its arm.", unit="share"),
    "unseen": Count(
        "Units exposed and not active that day",
        "log activity for everybody who was exposed; the exposure itself is a visit.",
        unit="share",
    ),
    "uneven_loss": Count(
        "Activity lost in one arm more than in the other",
        "find out why one arm loses more of its activity than the other.",
        unit="share",
    ),
    "constant": Count("Columns that never vary", "check the log: they never vary."),
}
COUNTS: Mapping[str, Mapping[str, Count]] = {
    "gate": _GATE,
    "shadow": _SHADOW,
    "rollout": _ROLLOUT,
    "cohort": _COHORT,
}
"""Stage -> name of a count -> what is said of it; a stage without its own reads as the gate."""


def count_of(stage: str, metric: str) -> Count | None:
    """Find what is said of a count.

    Args:
        stage: Stage of the check.
        metric: Name of the count; after a dot it may name the metric whose rows are counted.
    """
    known = {**_GATE, **COUNTS.get(stage, {})}
    return known.get(metric) or known.get(metric.partition(".")[0])
