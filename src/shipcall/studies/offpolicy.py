"""Off-policy study: what the log of one model says about two others, and how far it can be trusted.

The intervals of the three ways hold their level where rewards are rare and weights large; the
bootstrap beside them is what other tools print and is too narrow there.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from shipcall.core import Absent, Estimand, Estimate, Tails
from shipcall.stats.clusters import Clusters
from shipcall.stats.moments import pair_sample
from shipcall.stats.offpolicy import logged_estimate
from shipcall.stats.sample import Floats, Ints, Overlap, PairSample, Sample
from shipcall.stats.sensitivity import bootstrap_interval, plain_interval
from shipcall.studies.study import Cell, Chart, Column, Line, Mark, Point, Study, Table

TITLES = {
    "ips": "IPS",
    "snips": "SNIPS",
    "doubly_robust": "doubly robust",
}
"""Kind of metric -> what the row is called; the first that there is gives the answer."""
_ASKED = {
    "baseline": Estimand.BASELINE,
    "candidate": Estimand.CANDIDATE,
    "difference": Estimand.DIFFERENCE,
}
_NOTES = (
    (
        "The chances of the log have to be those with which it really chose; the mean weight is 1 "
        "where they are and nothing that a model does was impossible."
    ),
    (
        "The bootstrap draws the rewards that were seen; one that stayed away by luck it cannot "
        "draw, so its upper end is too low where rewards are rare."
    ),
)
_CUTS = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Quantiles of the weights at which they are cut for the picture."""


def offpolicy(
    ways: Mapping[str, Sample | Absent],
    chart: Chart | None,
    title: str,
    *,
    tails: Tails,
    rng: np.random.Generator,
) -> Study:
    """Put the ways of reading one log side by side, with what the weights say of themselves.

    Args:
        ways: Kind of metric -> its sample, with `influence`.
        chart: From `cut_chart`.
        title: Of the study.
        tails: One-sided error level of each end.
        rng: For the bootstrap.
    """
    known = {kind: sample for kind, sample in ways.items() if isinstance(sample, PairSample)}
    rows = [_row(TITLES[kind], ways[kind], tails) for kind in TITLES if kind in ways]
    if "ips" in known and isinstance(rows[0]["candidate"], Estimate):
        rows.append(_bootstrapped(known["ips"], tails, rng))
    overlaps = [sample.overlap for sample in known.values() if sample.overlap is not None]
    first = next(kind for kind in TITLES if kind in ways)
    return Study(
        name="offpolicy",
        title=title,
        sentence=_sentence(rows[0]["difference"], overlaps[:1]),
        tables=(_values(rows, TITLES[first]), *(_weights(overlap) for overlap in overlaps[:1])),
        charts=(chart,) if chart else (),
        notes=_NOTES,
    )


def _row(title: str, sample: Sample | Absent, tails: Tails) -> dict[str, Cell]:
    row: dict[str, Cell] = {"way": title}
    for name, estimand in _ASKED.items():
        if isinstance(sample, Absent):
            row[name] = sample
        elif isinstance(sample, PairSample):
            row[name] = logged_estimate(sample, estimand, tails)
    return row


def _bootstrapped(sample: PairSample, tails: Tails, rng: np.random.Generator) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"way": "IPS, bootstrap"}
    for name, estimand in _ASKED.items():
        cells[name] = bootstrap_interval(sample, estimand, tails, rng)
    return cells


def _values(rows: Sequence[Mapping[str, Cell]], first: str) -> Table:
    return Table(
        name="values",
        title=f"Mean reward of a choice, by way of reading the log; {first} answers",
        columns=(
            Column(name="way", title="way"),
            Column(name="baseline", title="baseline"),
            Column(name="candidate", title="candidate"),
            Column(name="difference", title="difference", difference=True),
        ),
        rows=tuple(rows),
    )


def _weights(overlap: Overlap) -> Table:
    return Table(
        name="weights",
        title="Weights: chance of the model over chance of the log",
        columns=(
            Column(name="model", title="model"),
            Column(name="choices", title="choices"),
            Column(name="effective", title="effective sample size"),
            Column(name="largest", title="largest weight"),
            Column(name="mean", title="mean weight, 1 if all is right"),
        ),
        rows=tuple(
            {
                "model": model,
                "choices": overlap.choices,
                "effective": round(weights.effective, 1),
                "largest": round(weights.largest, 4),
                "mean": round(weights.mean, 4),
            }
            for model, weights in zip(("baseline", "candidate"), overlap.weights, strict=True)
        ),
    )


def _sentence(difference: Cell, overlaps: Sequence[Overlap]) -> str:
    """The answer; a log that says too little gives none."""
    if not isinstance(difference, Estimate):
        why = difference if isinstance(difference, Absent) else None
        said = f"{why.reason.sentence} {why.detail}." if why else "Nothing was measured."
        return f"Can't tell: {said}"
    counted = ""
    if overlaps:
        worst = min(overlaps[0].weights, key=lambda weights: weights.effective)
        counted = (
            f" The log of {overlaps[0].choices:,} choices has an effective sample size of "
            f"{worst.effective:,.1f}, largest weight {worst.largest:.1f}."
        )
    ends = (
        f"{end:+.3g}".replace("-", "\N{MINUS SIGN}") for end in (difference.low, difference.high)
    )
    between = f"between {' and '.join(ends)} for each choice."
    if difference.low > 0:
        return f"The log says that the candidate brings more: {between}{counted}"
    if difference.high < 0:
        return f"The log says that the candidate brings less: {between}{counted}"
    return f"Can't tell which model brings more: the difference lies {between}{counted}"


def cut_chart(weight: Floats, reward: Floats, cluster: Ints, tails: Tails) -> Chart | None:
    """Draw the value of the candidate when its weights are cut: how much hangs on a few large ones.

    A value with cut weights is too low by what was cut off; one that falls with the last cuts
    rests on few choices. Intervals are Student's, for the picture only.

    Args:
        weight: Weights of the logged choices, shape (rows,).
        reward: Their rewards.
        cluster: Code of the cluster of each.
        tails: One-sided error level of each end.
    """
    clusters, one = Clusters.of(cluster), np.ones_like(weight)
    positive = weight[weight > 0]
    if not positive.size:
        return None
    points = []
    for cut in np.unique(np.quantile(positive, _CUTS)):
        value = np.minimum(weight, cut) * reward
        sample = pair_sample(value, one, value, one, clusters)
        measured = plain_interval(sample, Estimand.CANDIDATE, tails, df=sample.df)
        if isinstance(measured, Estimate):
            points.append(
                Point(x=float(cut), y=measured.value, low=measured.low, high=measured.high)
            )
    if len(points) < 2:
        return None
    return Chart(
        name="cuts",
        title="What the value rests on",
        says=(
            "Value of the candidate when weights above a limit are cut to it: from "
            f"{points[0].y:.3g} at {points[0].x:.3g} to {points[-1].y:.3g} with all weights."
        ),
        x_title="largest weight that is left",
        y_title="mean reward of a choice",
        x_log=True,
        lines=(Line(title="candidate", tone="candidate", points=tuple(points)),),
        marks=(Mark(x=points[-1].x, title="all weights"),),
    )
