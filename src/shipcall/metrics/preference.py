"""Metrics of comparisons: which of two answers raters prefer."""

from collections.abc import Mapping
from typing import Any

from shipcall.metrics.metric import Granularity, Metric, Options, Statistic

_FORMATS = ("preferences",)


def _won(t: Any, _options: Options) -> Mapping[str, Any]:
    """The candidate's share of each comparison, and whether it stood first."""
    return {"won": t.won, "first": t.first}


def _corrected(t: Any, options: Options) -> Mapping[str, Any]:
    """What people said of each item where they were asked, and what the judge said of it."""
    people = t.labelled.ifelse(t.human, 0.0)
    return {
        "labelled": t.labelled.cast("float64"),
        "chance": t.chance if options.column else t.judge * 0.0 + 1.0,
        "truth_baseline": t.labelled.ifelse(1.0 - t.human, 0.0),
        "truth_candidate": people,
        "machine_baseline": 1.0 - t.judge,
        "machine_candidate": t.judge,
    }


WIN_RATE = Metric(
    kind="win_rate",
    title="Win rate",
    doc="Share of comparisons that the candidate wins against the baseline, ties half; mean of "
    "the comparisons in which it stood first and of those in which it stood second, so that a "
    'habit of preferring one place cancels. Of the judge, or with `raters = "human"` of people. '
    "The baseline's rate is one less it: a difference of 10 points is 55 against 45. Comparisons "
    "of one item are one unit; exact where each item was shown once in an order and nobody "
    "called a tie. An invalid comparison, or one that stands twice, is lost and filled at its "
    "worst. No data where the same model always stood first, and with `judge_agreement` until "
    "Cohen's kappa of the judge with people is shown to reach it (lower end at level 0.05, items "
    "both compared, an invalid answer being a disagreement). Raters are taken as they are: other "
    "people, or another judge, may say otherwise. Not for a judge nobody compared with people.",
    formats=_FORMATS,
    statistic=Statistic.PREFERENCE,
    rows=_won,
    granularity=Granularity.COMPARISON,
    options=("raters", "judge_agreement"),
)

CORRECTED_WIN_RATE = Metric(
    kind="corrected_win_rate",
    title="Win rate, set right by people",
    doc="Mean over items of the share of people who prefer the candidate, ties half: people "
    "compare some items, a judge all of them, and what the judge gets wrong on the former is taken "
    "from the latter (prediction-powered, with the weight of the judge that varies least). Right "
    "on average whatever the judge is worth, if the items for people were chosen by lot, or with "
    "the chances in `column`; narrower than people alone where the judge follows them. No data "
    "with fewer than 40 units that people compared, where the same model always stood first for "
    "people, or where the judge's mean over their items lies 4 standard errors from its mean over "
    "all: then they were not chosen so. Items on which the judge gave no usable answer count as a "
    "tie of the judge; items on which people gave none are lost and filled at their worst. Not "
    "for small slices: the labels in the slice carry it. Angelopoulos, Duchi & Zrnic 2023 "
    "(PPI++).",
    formats=_FORMATS,
    statistic=Statistic.POWERED,
    rows=_corrected,
    granularity=Granularity.COMPARED,
    options=("column",),
)
